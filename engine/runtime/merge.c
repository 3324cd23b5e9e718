/* Merging a fork: what its journal touched, as the difference between what it began with and what it came to, in one
 * batch of requests. */
#include "engine/core/grow.h"
#include "engine/core/status.h"
#include "engine/runtime/reading.h"

#include <stdlib.h>
#include <string.h>

struct merging {
    struct fig_engine *fork;
    const struct version *base, *is;
    int64_t now_s;
    uint64_t *ids; /* of the appointments that were touched */
    size_t id_count, id_capacity;
    fig_merged *members;
    size_t capacity, count;
    fig_request *requests; /* `capacity` of each, NULL: they are only counted */
    fig_outcome *outcomes;
    char (*keys)[FIG_KEY_MAX + 1];
    char (*notes)[FIG_NOTE_MAX + 1];
    fig_error *error;
};

/* ---- what was touched ---- */

static int compare_ids(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static bool note_id(struct merging *merging, uint64_t id)
{
    uint64_t *ids =
        grow(&merging->fork->allocator, merging->ids, merging->id_count, 1, &merging->id_capacity, sizeof *ids);
    if (ids == NULL) return false;
    merging->ids = ids;
    ids[merging->id_count++] = id;
    return true;
}

static void keep_each_once(struct merging *merging)
{
    size_t kept = 0;
    if (merging->id_count > 0) qsort(merging->ids, merging->id_count, sizeof *merging->ids, compare_ids);
    for (size_t i = 0; i < merging->id_count; i++)
        if (kept == 0 || merging->ids[kept - 1] != merging->ids[i]) merging->ids[kept++] = merging->ids[i];
    merging->id_count = kept;
}

static fig_status take_event(struct merging *merging, const fig_event *event)
{
    bool of_appointment =
        event->kind == FIG_EVENT_BOOKED || event->kind == FIG_EVENT_MOVED || event->kind == FIG_EVENT_STATUS;
    if (event->kind == FIG_EVENT_NONE || event->kind == FIG_EVENT_REFUSED) return FIG_OK;
    if (!of_appointment)
        return fail(
            merging->error, FIG_INVALID,
            "version %llu of the fork declared or restored something; only appointments are merged: declare it in "
            "the engine itself",
            (unsigned long long)event->version);
    if (note_id(merging, event->appointment.id)) return FIG_OK;
    return fail(merging->error, FIG_NO_MEMORY, "there is not enough memory");
}

static fig_status find_touched(struct merging *merging)
{
    fig_journal *journal = NULL;
    fig_status status = fig_journal_open(merging->fork, merging->base->seq + 1, &journal);
    while (status == FIG_OK) {
        fig_event event = fig_event_default();
        status = fig_journal_next(journal, &event);
        if (status == FIG_OK) status = take_event(merging, &event);
    }
    fig_journal_close(journal);
    keep_each_once(merging);
    return status == FIG_NOT_FOUND ? FIG_OK : status;
}

/* ---- requests ---- */

/* The next request, with the texts of the appointment; NULL: it is only counted. */
static fig_request *add_request(struct merging *merging, const struct appointment *is, fig_operation operation,
                                fig_request request)
{
    size_t at = merging->count++;
    if (merging->requests == NULL || at >= merging->capacity) return NULL;
    request.now_s = merging->now_s;
    merging->members[at].appointment_id = is->id;
    merging->members[at].operation = operation;
    merging->outcomes[at] = merging->members[at].outcome;
    memcpy(merging->keys[at], appointment_key(is), is->key_size);
    merging->keys[at][is->key_size] = '\0';
    merging->requests[at] = request;
    return &merging->requests[at];
}

static void add_note(struct merging *merging, const struct appointment *is, fig_request *request)
{
    char *note = merging->notes[request - merging->requests];
    size_t size;
    bool has_note = (is->flags & APPOINTMENT_HAS_NOTE) != 0;
    if (has_note && fig_get_note(merging->fork, is->id, note, FIG_NOTE_MAX + 1, &size) == FIG_OK) request->note = note;
}

static void add_booking(struct merging *merging, const struct appointment *is)
{
    bool held = is->status == FIG_HELD;
    if (!status_is_active((fig_appointment_status)is->status) || (held && is->expires_s <= merging->now_s)) return;
    fig_request *book =
        add_request(merging, is, held ? FIG_OP_HOLD : FIG_OP_BOOK, held ? fig_hold_default() : fig_book_default());
    if (book != NULL) {
        book->barber_id = is->barber_id;
        book->client_id = is->client_id;
        book->service_id = is->service_id;
        book->start_s = is->start_s;
        book->end_s = is->start_s + is->duration_s;
        book->buffer_before_s = is->before_s;
        book->buffer_after_s = is->after_s;
        book->pending = is->status == FIG_PENDING;
        if (held) book->ttl_s = (uint32_t)(is->expires_s - merging->now_s);
        if (is->key_size > 0) book->key = merging->keys[book - merging->requests];
        add_note(merging, is, book);
    }
    if (is->status != FIG_CONFIRMED || is->key_size == 0) return;
    fig_request *confirm = add_request(merging, is, FIG_OP_SET_STATUS, fig_set_status_default());
    if (confirm == NULL) return;
    confirm->booking_key = merging->keys[confirm - merging->requests];
    confirm->status = FIG_CONFIRMED;
}

static bool is_moved(const struct appointment *was, const struct appointment *is)
{
    return was->barber_id != is->barber_id || was->service_id != is->service_id || was->start_s != is->start_s ||
           was->duration_s != is->duration_s || was->before_s != is->before_s || was->after_s != is->after_s;
}

static void add_changes(struct merging *merging, const struct appointment *was, const struct appointment *is)
{
    fig_request *move = is_moved(was, is) ? add_request(merging, is, FIG_OP_MOVE, fig_move_default()) : NULL;
    if (move != NULL) {
        move->appointment_id = is->id;
        move->if_version = was->version;
        move->barber_id = is->barber_id;
        move->service_id = is->service_id;
        move->start_s = is->start_s;
        move->end_s = is->start_s + is->duration_s;
        move->buffer_before_s = is->before_s;
        move->buffer_after_s = is->after_s;
    }
    fig_request *change =
        was->status != is->status ? add_request(merging, is, FIG_OP_SET_STATUS, fig_set_status_default()) : NULL;
    if (change == NULL) return;
    change->appointment_id = is->id;
    change->if_version = was->version;
    change->status = (fig_appointment_status)is->status;
}

static void make_requests(struct merging *merging)
{
    merging->count = 0;
    for (size_t i = 0; i < merging->id_count; i++) {
        const struct appointment *was = version_appointment(merging->base, merging->ids[i]);
        const struct appointment *is = version_appointment(merging->is, merging->ids[i]);
        if (was != NULL)
            add_changes(merging, was, is);
        else
            add_booking(merging, is);
    }
}

/* ---- the batch ---- */

static size_t room_bytes(size_t count)
{
    return count * (sizeof(fig_request) + sizeof(fig_outcome) + FIG_KEY_MAX + 1 + FIG_NOTE_MAX + 1);
}

static void lay_out(struct merging *merging, void *room, size_t count)
{
    merging->requests = room;
    merging->outcomes = (fig_outcome *)(void *)(merging->requests + count);
    merging->keys = (char(*)[FIG_KEY_MAX + 1])(void *)(merging->outcomes + count);
    merging->notes = (char(*)[FIG_NOTE_MAX + 1])(void *)(merging->keys + count);
}

static fig_status run_batch(struct merging *merging, size_t count)
{
    const struct nodes_allocator *allocator = &merging->fork->allocator;
    void *room = allocator->allocate(allocator->context, room_bytes(count));
    if (room == NULL) return fail(merging->error, FIG_NO_MEMORY, "there is not enough memory");
    lay_out(merging, room, count);
    make_requests(merging);
    fig_status status = fig_batch(merging->fork->base->engine, merging->requests, count, merging->outcomes);
    for (size_t i = 0; i < count; i++) merging->members[i].outcome = merging->outcomes[i];
    allocator->release(allocator->context, room, room_bytes(count));
    return status == FIG_OK ? FIG_OK : fail(merging->error, status, "%s", fig_status_text(status));
}

static bool members_are_sound(const fig_merged *members, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (members[i].struct_size != sizeof *members) return false;
    return true;
}

static fig_status merge(struct merging *merging, size_t *count)
{
    fig_status status = find_touched(merging);
    if (status != FIG_OK) return status;
    make_requests(merging);
    size_t wanted = *count = merging->count;
    if (wanted == 0) return FIG_OK;
    if (wanted > FIG_BATCH_MAX)
        return fail(merging->error, FIG_INVALID, "the fork has %zu changes, and a batch takes 4096", wanted);
    if (wanted > merging->capacity || !members_are_sound(merging->members, wanted))
        return fail(merging->error, FIG_INVALID, "there must be room for %zu members, from fig_merged_default()",
                    wanted);
    return run_batch(merging, wanted);
}

fig_status fig_merge(fig_engine *fork, int64_t now_s, fig_merged *members, size_t capacity, size_t *count,
                     fig_error *error)
{
    if (fork == NULL || count == NULL || (members == NULL && capacity > 0) || !error_is_sound(error))
        return FIG_INVALID;
    if (fork->base == NULL) return fail(error, FIG_INVALID, "the engine is no fork");
    if (now_s < FIG_TIME_MIN || now_s > FIG_TIME_MAX) return fail(error, FIG_INVALID, "now is out of range");
    struct reading reading;
    reading_begin_newest(fork, &reading);
    struct merging merging = {
        .fork = fork,
        .base = fork->base->version,
        .is = reading.version,
        .now_s = now_s,
        .members = members,
        .capacity = capacity,
        .error = error,
    };
    fig_status status = merge(&merging, count);
    reading_end(&reading);
    grow_release(&fork->allocator, merging.ids, &merging.id_capacity, sizeof *merging.ids);
    return status;
}
