/* Shops, barbers, notes and keys: what is declared or kept beside the appointments. Documents have a file of their
 * own. */
#include "engine/core/applying.h"
#include "engine/core/declared.h"

#include <string.h>

bool apply_shop(struct applying *applying, const struct shop_declared *declared)
{
    struct version *version = applying->version;
    if (!applying_reserve(applying, shop_size(declared) + 64 + 3 * RADIX_RESERVE_BYTES)) return false;
    const struct shop *was = version_shop(version, declared->id);
    struct shop_declared old = {0};
    if (was != NULL) old = shop_as_declared(was);
    struct shop *is = shop_keep(applying->nodes, declared);
    applying_rename(applying, &version->shop_names, old.name, was, declared->name, is);
    radix_put(applying->nodes, &version->shops, is->id, is);

    struct record record;
    if (was != NULL) {
        record_of_shop(&record, was);
        applying_subtract(applying, &record);
        nodes_retire(applying->nodes, (void *)(uintptr_t)was, shop_size(&old), was->born);
    }
    record_of_shop(&record, is);
    applying_add(applying, &record);
    if (is->id >= version->next_shop_id) version->next_shop_id = is->id + 1;
    return applying_changed(applying, (struct change){.table = RECORD_SHOP, .id = is->id});
}

bool apply_barber(struct applying *applying, const struct barber_declared *declared)
{
    struct version *version = applying->version;
    if (!applying_reserve(applying, profile_size(declared) + 64 + BARBER_RESERVE_BYTES + 2 * RADIX_RESERVE_BYTES))
        return false;
    struct barber *barber = applying_barber(applying, declared->id);
    const struct barber_profile *was = barber->profile;
    struct barber_declared old = {0};
    if (was != NULL) old = profile_as_declared(was);
    struct barber_profile *is = profile_keep(applying->nodes, declared);
    barber->profile = is;
    applying_rename(applying, &version->names, old.name, was, declared->name, is);

    struct record record;
    record_of_barber(&record, is);
    applying_add(applying, &record);
    if (was != NULL) {
        record_of_barber(&record, was);
        applying_subtract(applying, &record);
        nodes_retire(applying->nodes, (void *)(uintptr_t)was, profile_size(&old), was->born);
    }
    if (is->id >= version->next_barber_id) version->next_barber_id = is->id + 1;
    return applying_changed(applying, (struct change){.table = RECORD_BARBER, .id = is->id});
}

bool apply_note(struct applying *applying, const struct note_taken *taken)
{
    struct record record;
    uint64_t version = taken->version != 0 ? taken->version : applying->seq;
    record_of_note(&record, taken, version);
    applying_add(applying, &record);
    size_t text_size = taken->text != NULL ? taken->size : 0;
    if (!applying_reserve(applying, sizeof(struct note) + text_size + 1024 + RADIX_RESERVE_BYTES)) return false;
    struct note *note = nodes_alloc(applying->nodes, sizeof *note + text_size);
    *note = (struct note){
        .born = nodes_generation(applying->nodes),
        .id = taken->id,
        .version = version,
        .frame = applying->frame,
        .size = taken->size,
        .forgotten = taken->text == NULL,
    };
    memcpy(note->salt, taken->salt, sizeof note->salt);
    memcpy(note->hash, taken->hash, sizeof note->hash);
    if (text_size > 0) memcpy(note->text, taken->text, text_size);
    radix_put(applying->nodes, &applying->version->notes, note->id, note);
    return applying_changed(applying, (struct change){.table = RECORD_NOTE, .id = note->id});
}

static size_t note_bytes(const struct note *note) { return sizeof *note + (note->forgotten ? 0 : note->size); }

bool apply_drop_notes(struct applying *applying, uint64_t frame)
{
    struct radix *notes = &applying->version->notes;
    uint64_t id;
    void *found;
    for (uint64_t from = 0; radix_next(notes, from, &id, &found); from = id + 1) {
        struct note *note = found;
        if (note->frame > frame) continue;
        if (!applying_reserve(applying, RADIX_RESERVE_BYTES)) return false;
        radix_remove(applying->nodes, notes, id);
        nodes_retire(applying->nodes, note, note_bytes(note), note->born);
    }
    return true;
}

static size_t kept_bytes(const struct kept_key *kept) { return sizeof *kept + kept->key_size; }

static bool forget_key(struct applying *applying, struct kept_key *kept)
{
    struct version *version = applying->version;
    if (!applying_reserve(applying, 2 * RADIX_RESERVE_BYTES)) return false;
    struct record record;
    record_of_kept_key(&record, kept);
    applying_subtract(applying, &record);
    applying_leave_place(applying, &version->keys, kept->key, kept->key_size, kept);
    radix_remove(applying->nodes, &version->kept, kept->version);
    uint64_t seq = kept->version;
    nodes_retire(applying->nodes, kept, kept_bytes(kept), kept->born);
    return applying_changed(applying, (struct change){.table = RECORD_KEPT_KEY, .id = seq});
}

#define KEYS_LOOKED_AT 8
#define KEYS_FORGOTTEN 2

/* Keys past their life leave two at a time: as fast as they come, and a clock that jumps cannot take them all. Some
 * more are looked at, so that a few of clocks far ahead do not keep the others for ever. */
static bool forget_old_keys(struct applying *applying)
{
    uint64_t seq, from = 0;
    void *found;
    int forgotten = 0;
    for (int i = 0; i < KEYS_LOOKED_AT && forgotten < KEYS_FORGOTTEN; i++, from = seq + 1) {
        if (!radix_next(&applying->version->kept, from, &seq, &found)) return true;
        struct kept_key *kept = found;
        if (applying->now_s < kept->at_s + KEPT_KEY_LIFE_S) continue;
        if (!forget_key(applying, kept)) return false;
        forgotten++;
    }
    return true;
}

/* A key past its life that comes again: the old one must go, however young the others are. */
bool applying_forget_key(struct applying *applying, struct words key)
{
    for (uint64_t n = 0;; n++) {
        void *place = radix_get(&applying->version->keys, text_place(applying->version, key.text, key.size, n));
        if (place == NULL) return true;
        if (place == PLACE_GRAVE || place_is_id(place)) continue;
        struct kept_key *kept = place;
        if (kept->key_size != key.size || memcmp(kept->key, key.text, key.size) != 0) continue;
        return forget_key(applying, kept);
    }
}

static struct image image_of(const struct appointment *appointment)
{
    struct image none = {0};
    if (appointment == NULL) return none;
    return (struct image){
        .barber_id = appointment->barber_id,
        .service_id = appointment->service_id,
        .start_s = appointment->start_s,
        .expires_s = appointment->expires_s,
        .version = appointment->version,
        .duration_s = appointment->duration_s,
        .before_s = appointment->before_s,
        .after_s = appointment->after_s,
        .status = appointment->status,
    };
}

static bool is_about_appointment(uint8_t operation)
{
    return operation >= FIG_OP_BOOK && operation <= FIG_OP_SET_STATUS;
}

bool apply_key_restored(struct applying *applying, const struct kept_key *fixed, struct words key)
{
    struct version *version = applying->version;
    size_t size = sizeof(struct kept_key) + key.size;
    if (!applying_reserve(applying, size + 64 + 2 * RADIX_RESERVE_BYTES)) return false;
    struct kept_key *kept = nodes_alloc(applying->nodes, size);
    *kept = *fixed;
    kept->born = nodes_generation(applying->nodes);
    kept->key_size = (uint8_t)key.size;
    memcpy(kept->key, key.text, key.size);
    struct record record;
    record_of_kept_key(&record, kept);
    applying_add(applying, &record);
    applying_place(applying, &version->keys, kept->key, kept->key_size, kept);
    radix_put(applying->nodes, &version->kept, kept->version, kept);
    return applying_changed(applying, (struct change){.table = RECORD_KEPT_KEY, .id = kept->version});
}

bool apply_key(struct applying *applying, const struct key_kept *taken)
{
    if (!forget_old_keys(applying) || !applying_forget_key(applying, taken->key)) return false;
    const struct appointment *subject =
        is_about_appointment(taken->operation) ? version_appointment(applying->version, taken->subject_id) : NULL;
    const struct kept_key kept = {
        .version = applying->seq,
        .at_s = applying->now_s,
        .content = taken->content,
        .subject_id = taken->subject_id,
        .image = image_of(subject),
        .operation = taken->operation,
    };
    return apply_key_restored(applying, &kept, taken->key);
}
