/* Records put back as they were in another store, with the versions that they had there. None of those is above that of
 * the entry: what comes later has a later version, here too. */
#include "engine/core/applying.h"

static const char *read_restored(const struct record_restored *restored, struct record_read *read)
{
    return record_read(restored->table, restored->key.text, restored->key.size, restored->value.text,
                       restored->value.size, read);
}

/* --- do they fit? --- */

static bool key_is_free(const struct version *version, struct words key)
{
    if (key.size == 0) return true;
    struct key_match match = version_key(version, key.text, key.size, FIG_TIME_MIN);
    return match.booking == NULL && match.kept == NULL;
}

static bool window_fits(const struct version *version, const struct record_read *read)
{
    const struct barber *barber = version_barber(version, read->is.window.barber_id);
    if (barber == NULL) return false;
    const struct tree *tree = read->is.window.kind == FIG_WINDOW_AVAILABLE ? &barber->windows : &barber->cuts;
    struct tree_item there;
    return !tree_find(tree, read->is.window.item.start_s, read->is.window.item.id, &there);
}

static bool appointment_fits(const struct applying *applying, const struct record_read *read)
{
    const struct appointment *fixed = &read->is.appointment.fixed;
    return fixed->version <= applying->seq && fixed->booked_version <= fixed->version && fixed->booked_version > 0 &&
           version_barber(applying->version, fixed->barber_id) != NULL &&
           version_appointment(applying->version, fixed->id) == NULL &&
           key_is_free(applying->version, read->is.appointment.key);
}

static bool kept_key_fits(const struct applying *applying, const struct record_read *read)
{
    uint64_t version = read->is.kept.version;
    bool is_about = read->is.kept.image.barber_id != 0;
    if (is_about && version_appointment(applying->version, read->is.kept.key.subject_id) == NULL) return false;
    return version <= applying->seq && version > 0 && radix_get(&applying->version->kept, version) == NULL &&
           key_is_free(applying->version, read->is.kept.key.key);
}

bool record_fits(const struct applying *applying, const struct record_restored *restored)
{
    struct record_read read;
    if (read_restored(restored, &read) != NULL) return false;
    switch (restored->table) {
    case RECORD_WINDOW: return window_fits(applying->version, &read);
    case RECORD_APPOINTMENT: return appointment_fits(applying, &read);
    case RECORD_KEPT_KEY: return kept_key_fits(applying, &read);
    default: return false;
    }
}

/* --- applying --- */

static bool apply_kept_key(struct applying *applying, const struct record_read *read)
{
    const struct kept_key fixed = {
        .version = read->is.kept.version,
        .at_s = read->is.kept.at_s,
        .content = read->is.kept.key.content,
        .subject_id = read->is.kept.key.subject_id,
        .image = read->is.kept.image,
        .operation = read->is.kept.key.operation,
    };
    return apply_key_restored(applying, &fixed, read->is.kept.key.key);
}

bool apply_record(struct applying *applying, const struct record_restored *restored)
{
    struct record_read read;
    if (read_restored(restored, &read) != NULL) return false; /* record_fits() has looked */
    switch (restored->table) {
    case RECORD_WINDOW:
        return apply_window_restored(applying, read.is.window.barber_id, read.is.window.kind, &read.is.window.item);
    case RECORD_APPOINTMENT:
        return apply_appointment_restored(applying, &read.is.appointment.fixed, read.is.appointment.key,
                                          &read.is.appointment.image);
    default: return apply_kept_key(applying, &read);
    }
}
