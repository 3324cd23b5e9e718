/* Reading: checks, look-ups, notes. Checks and look-ups take no lock, allocate nothing and touch no disk, but where the
 * view asks for the latest; notes are read from the store. */
#include "engine/core/record.h"
#include "engine/core/text.h"
#include "engine/runtime/reading.h"

#include <string.h>

fig_status reading_begin_within(struct fig_engine *engine, const fig_view *view, int64_t timeout_ns,
                                struct reading *reading)
{
    if (engine == NULL || view == NULL || view->struct_size != sizeof *view) return FIG_INVALID;
    if (view->now_s < FIG_TIME_MIN || view->now_s > FIG_TIME_MAX || view->timeout_ns < 0) return FIG_INVALID;
    if (view->snapshot != NULL) {
        if (view->snapshot->engine != engine || view->latest) return FIG_INVALID;
        *reading = (struct reading){.version = view->snapshot->version};
        reading_count_from_here(engine, reading);
        return FIG_OK;
    }
    if (view->latest) {
        fig_status status = catch_up_latest(engine, view->timeout_ns > 0 ? view->timeout_ns : timeout_ns);
        if (status != FIG_OK) return status;
    }
    reading_begin_newest(engine, reading);
    reading_count_from_here(engine, reading);
    return FIG_OK;
}

/* --- checks --- */

static bool span_is_sound(const fig_span *span)
{
    return span != NULL && span->struct_size == sizeof *span && span->start_s >= FIG_TIME_MIN &&
           span->end_s <= FIG_TIME_MAX && span->end_s > span->start_s &&
           span->end_s - span->start_s <= FIG_DURATION_MAX && span->buffer_before_s <= FIG_BUFFER_MAX &&
           span->buffer_after_s <= FIG_BUFFER_MAX;
}

static size_t list_conflicts(const struct reading *reading, const struct tree *diary, const struct probe *probe,
                             const struct hold_view *holds, fig_appointment *conflicts, size_t capacity)
{
    size_t count = 0;
    struct tree_cursor cursor;
    struct holds blocking = hold_view_holds(holds);
    for (bool more = conflict_first(diary, probe, &blocking, &cursor); more;
         more = conflict_next(diary, probe, &blocking, &cursor)) {
        if (count < capacity)
            appointment_show(version_appointment(reading->version, tree_at(&cursor).id), holds->now_s,
                             &conflicts[count]);
        count++;
    }
    return count;
}

static fig_status check(const struct reading *reading, int64_t now_s, const fig_span *span, fig_appointment *conflicts,
                        size_t capacity, size_t *count)
{
    const struct barber *barber = version_barber(reading->version, span->barber_id);
    if (barber == NULL) return FIG_NOT_FOUND;
    bool buffered =
        span->buffer_before_s > 0 || span->buffer_after_s > 0; /* else the shop's rule makes no difference */
    struct probe probe = {
        .start_s = span->start_s,
        .end_s = span->end_s,
        .before_s = span->buffer_before_s,
        .after_s = span->buffer_after_s,
        .exclusive = buffered && barber_buffers_exclusive(reading->version, barber),
        .ignore_id = span->ignore_id,
    };
    struct hold_view holds = {reading->version, now_s};
    if (count == NULL) {
        struct holds blocking = hold_view_holds(&holds);
        return conflict_any(&barber->diary, &probe, &blocking) ? FIG_CONFLICT : FIG_OK;
    }
    *count = list_conflicts(reading, &barber->diary, &probe, &holds, conflicts, capacity);
    return *count > 0 ? FIG_CONFLICT : FIG_OK;
}

fig_status fig_check(fig_engine *engine, const fig_view *view, const fig_span *span, fig_appointment *conflicts,
                     size_t capacity, size_t *count)
{
    if (!span_is_sound(span) || (capacity > 0 && (conflicts == NULL || count == NULL))) return FIG_INVALID;
    struct reading reading;
    fig_status status = reading_begin_within(engine, view, FIG_CHECK_TIMEOUT_NS, &reading);
    if (status != FIG_OK) return status;
    status = check(&reading, view->now_s, span, conflicts, capacity, count);
    if (status == FIG_OK) reading.kind = FIG_READ_CHECK_FREE;
    if (status == FIG_CONFLICT) reading.kind = FIG_READ_CHECK_CONFLICT;
    reading_end(&reading);
    return status;
}

/* --- look-ups --- */

fig_status fig_get_appointment(fig_engine *engine, const fig_view *view, uint64_t id, fig_appointment *appointment)
{
    struct reading reading;
    if (appointment == NULL || appointment->struct_size != sizeof *appointment) return FIG_INVALID;
    fig_status status = reading_begin(engine, view, &reading);
    if (status != FIG_OK) return status;
    const struct appointment *found = version_appointment(reading.version, id);
    if (found != NULL) appointment_show(found, view->now_s, appointment);
    reading_end(&reading);
    return found != NULL ? FIG_OK : FIG_NOT_FOUND;
}

fig_status fig_find_appointment(fig_engine *engine, const fig_view *view, const char *key, fig_appointment *appointment)
{
    struct reading reading;
    if (appointment == NULL || appointment->struct_size != sizeof *appointment) return FIG_INVALID;
    if (!text_is_name(key, FIG_KEY_MAX)) return FIG_INVALID;
    fig_status status = reading_begin(engine, view, &reading);
    if (status != FIG_OK) return status;
    const struct appointment *found = version_key(reading.version, key, strlen(key), view->now_s).booking;
    if (found != NULL) appointment_show(found, view->now_s, appointment);
    reading_end(&reading);
    return found != NULL ? FIG_OK : FIG_NOT_FOUND;
}

fig_status fig_get_shop(fig_engine *engine, const fig_view *view, uint64_t id, fig_shop *shop)
{
    struct reading reading;
    if (shop == NULL || shop->struct_size != sizeof *shop) return FIG_INVALID;
    fig_status status = reading_begin(engine, view, &reading);
    if (status != FIG_OK) return status;
    const struct shop *found = version_shop(reading.version, id);
    if (found != NULL) shop_show(found, shop);
    reading_end(&reading);
    return found != NULL ? FIG_OK : FIG_NOT_FOUND;
}

fig_status fig_get_barber(fig_engine *engine, const fig_view *view, uint64_t id, fig_barber *barber)
{
    struct reading reading;
    if (barber == NULL || barber->struct_size != sizeof *barber) return FIG_INVALID;
    fig_status status = reading_begin(engine, view, &reading);
    if (status != FIG_OK) return status;
    const struct barber *found = version_barber(reading.version, id);
    if (found != NULL) barber_show(found, barber);
    reading_end(&reading);
    return found != NULL ? FIG_OK : FIG_NOT_FOUND;
}

fig_status fig_find_barber(fig_engine *engine, const fig_view *view, const char *name, fig_barber *barber)
{
    struct reading reading;
    if (barber == NULL || barber->struct_size != sizeof *barber || name == NULL) return FIG_INVALID;
    fig_status status = reading_begin(engine, view, &reading);
    if (status != FIG_OK) return status;
    const struct barber *found = version_barber_named(reading.version, name, strlen(name));
    if (found != NULL) barber_show(found, barber);
    reading_end(&reading);
    return found != NULL ? FIG_OK : FIG_NOT_FOUND;
}

/* --- notes --- */

struct note_wanted {
    char *buffer;
    size_t capacity;
    size_t size;
    fig_status status;
};

static void give_note(struct note_wanted *wanted, const char *text, size_t size)
{
    if (size + 1 > wanted->capacity) {
        wanted->status = FIG_INVALID;
        return;
    }
    memcpy(wanted->buffer, text, size);
    wanted->buffer[size] = '\0';
    wanted->size = size;
    wanted->status = FIG_OK;
}

static enum store_status take_note_record(void *context, const struct store_record *record)
{
    struct note_wanted *wanted = context;
    struct record_read read;
    const char *fault =
        record_read(record->table, record->key, record->key_size, record->value, record->value_size, &read);
    if (fault != NULL)
        wanted->status = FIG_CORRUPT;
    else if (read.is.note.taken.text != NULL)
        give_note(wanted, read.is.note.taken.text, read.is.note.taken.size);
    return STORE_OK;
}

fig_status fig_get_note(fig_engine *engine, uint64_t appointment_id, char *buffer, size_t capacity, size_t *size)
{
    if (engine == NULL || buffer == NULL || size == NULL) return FIG_INVALID;
    struct note_wanted wanted = {.buffer = buffer, .capacity = capacity, .status = FIG_NOT_FOUND};
    struct reading reading;
    reading_begin_newest(engine, &reading);
    const struct appointment *appointment = version_appointment(reading.version, appointment_id);
    bool has_note = appointment != NULL && (appointment->flags & APPOINTMENT_HAS_NOTE) != 0;
    const struct note *fresh = has_note ? version_note(reading.version, appointment_id) : NULL;
    if (fresh != NULL && !fresh->forgotten) give_note(&wanted, fresh->text, fresh->size);
    reading_end(&reading);
    if (has_note && fresh == NULL) {
        struct record key;
        record_of_note(&key, &(struct note_taken){.id = appointment_id}, 0);
        struct record_sink sink = {take_note_record, &wanted};
        struct store_error said = {{0}};
        struct store *store = store_of_notes(engine);
        enum store_status read = store->ops->read(store, TABLE_NOTES, record_key(&key), key.key_size, &sink, &said);
        if (read != STORE_OK) return status_of_store(read);
    }
    if (wanted.status == FIG_OK) *size = wanted.size;
    return wanted.status;
}
