/* Merging: the appointments that a fork made or changed, compared with those of the engine it goes back into, as one
 * batch. */
#include "engine/runtime/reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_OF_NEW 40

struct merging {
    fig_engine *into;
    fig_engine *fork;
    fig_view view; /* of both */
    int64_t timeout_ns;
    fig_request *requests; /* NULL: they are only counted, */
    fig_request counted;   /* in here */
    uint64_t *fork_ids;
    char (*keys)[KEY_OF_NEW]; /* for new ones that want one and have none */
    char (*own_keys)[FIG_KEY_MAX + 1];
    char **notes;
    size_t count;
};

/* --- requests --- */

static fig_request *add(struct merging *merging, uint64_t fork_id, fig_request request)
{
    size_t place = merging->count++;
    if (merging->requests == NULL) return &merging->counted;
    request.now_s = merging->view.now_s;
    request.timeout_ns = merging->timeout_ns;
    merging->fork_ids[place] = fork_id;
    merging->requests[place] = request;
    return &merging->requests[place];
}

static void place_request(fig_request *request, const fig_appointment *appointment)
{
    request->barber_id = appointment->barber_id;
    request->service_id = appointment->service_id;
    request->start_s = appointment->start_s;
    request->end_s = appointment->end_s;
    request->buffer_before_s = appointment->buffer_before_s;
    request->buffer_after_s = appointment->buffer_after_s;
}

static const char *note_of(struct merging *merging, const fig_appointment *appointment)
{
    size_t size;
    char **note = &merging->notes[merging->count - 1];
    if (!appointment->has_note || (*note = malloc(FIG_NOTE_MAX + 1)) == NULL) return NULL;
    return fig_get_note(merging->fork, appointment->id, *note, FIG_NOTE_MAX + 1, &size) == FIG_OK ? *note : NULL;
}

/* What confirms it in the same batch finds it by its key. */
static const char *key_of(struct merging *merging, const fig_appointment *appointment)
{
    size_t place = merging->count - 1;
    if (appointment->key[0] != '\0') {
        memcpy(merging->own_keys[place], appointment->key, sizeof merging->own_keys[place]);
        return merging->own_keys[place];
    }
    if (appointment->status != FIG_CONFIRMED) return NULL;
    snprintf(merging->keys[place], KEY_OF_NEW, "fork %llu, %llu", (unsigned long long)merging->fork->fork_seq,
             (unsigned long long)appointment->id);
    return merging->keys[place];
}

/* One that has ended in the fork never was. */
static void merge_new(struct merging *merging, const fig_appointment *appointment)
{
    bool held = appointment->status == FIG_HELD;
    if (appointment->status > FIG_CONFIRMED) return;
    fig_request *request = add(merging, appointment->id, held ? fig_hold_default() : fig_book_default());
    bool confirmed = appointment->status == FIG_CONFIRMED;
    if (merging->requests != NULL) {
        place_request(request, appointment);
        request->client_id = appointment->client_id;
        request->pending = appointment->status == FIG_PENDING;
        request->ttl_s = held ? (uint32_t)(appointment->expires_s - merging->view.now_s) : 0;
        request->note = note_of(merging, appointment);
        request->key = key_of(merging, appointment);
    }
    const char *key = request->key;
    if (!confirmed) return;
    request = add(merging, appointment->id, fig_confirm_default());
    request->booking_key = key;
}

static bool is_elsewhere(const fig_appointment *a, const fig_appointment *b)
{
    return a->barber_id != b->barber_id || a->service_id != b->service_id || a->start_s != b->start_s ||
           a->end_s != b->end_s || a->buffer_before_s != b->buffer_before_s || a->buffer_after_s != b->buffer_after_s;
}

/* Changed since the fork was made: then the version that is asked for is one that it cannot have. */
static uint64_t version_asked(const struct merging *merging, const fig_appointment *is)
{
    return is->version <= merging->fork->fork_seq ? is->version : merging->fork->fork_seq;
}

static void merge_changed(struct merging *merging, const fig_appointment *was, const fig_appointment *wanted)
{
    bool moved = is_elsewhere(was, wanted), turned = was->status != wanted->status;
    if (moved) {
        fig_request *request = add(merging, wanted->id, fig_move_default());
        place_request(request, wanted);
        request->appointment_id = wanted->id;
        request->if_version = version_asked(merging, was);
    }
    if (!turned) return;
    fig_request *request = add(merging, wanted->id, fig_set_status_default());
    request->appointment_id = wanted->id;
    request->status = wanted->status;
    if (!moved) request->if_version = version_asked(merging, was);
}

/* --- what the fork changed --- */

static fig_status merge_appointment(struct merging *merging, const fig_appointment *appointment)
{
    if (appointment->version <= merging->fork->fork_seq) return FIG_OK;
    if (appointment->id >= merging->fork->fork_appointment_id) {
        merge_new(merging, appointment);
        return FIG_OK;
    }
    fig_appointment is = fig_appointment_default();
    fig_status status = fig_get_appointment(merging->into, &merging->view, appointment->id, &is);
    if (status == FIG_OK) merge_changed(merging, &is, appointment);
    return status;
}

static fig_status merge_each(struct merging *merging)
{
    fig_filter all = fig_filter_default();
    fig_cursor cursor = {{0}};
    merging->count = 0;
    for (;;) {
        fig_appointment page[64];
        size_t count = 0;
        for (size_t i = 0; i < 64; i++) page[i] = fig_appointment_default();
        fig_status status = fig_list(merging->fork, &merging->view, &all, &cursor, page, 64, &count);
        if (status != FIG_OK || count == 0) return status;
        for (size_t i = 0; i < count && status == FIG_OK; i++) status = merge_appointment(merging, &page[i]);
        if (status != FIG_OK) return status;
    }
}

/* --- the batch --- */

static bool make_room(struct merging *merging, size_t count)
{
    merging->requests = calloc(count, sizeof *merging->requests);
    merging->fork_ids = calloc(count, sizeof *merging->fork_ids);
    merging->keys = calloc(count, sizeof *merging->keys);
    merging->own_keys = calloc(count, sizeof *merging->own_keys);
    merging->notes = calloc(count, sizeof *merging->notes);
    return merging->requests && merging->fork_ids && merging->keys && merging->own_keys && merging->notes;
}

static void give_room_back(struct merging *merging, size_t count)
{
    for (size_t i = 0; merging->notes != NULL && i < count; i++) free(merging->notes[i]);
    free(merging->notes);
    free(merging->own_keys);
    free(merging->keys);
    free(merging->fork_ids);
    free(merging->requests);
}

static fig_status ask(struct merging *merging, fig_merged *list)
{
    size_t count = merging->count;
    fig_outcome *outcomes = calloc(count, sizeof *outcomes);
    if (outcomes == NULL) return FIG_NO_MEMORY;
    for (size_t i = 0; i < count; i++) outcomes[i] = list[i].outcome;
    fig_status status = fig_batch(merging->into, merging->requests, count, outcomes);
    for (size_t i = 0; i < count; i++) {
        list[i].fork_id = merging->fork_ids[i];
        list[i].operation = merging->requests[i].operation;
        list[i].outcome = outcomes[i];
    }
    free(outcomes);
    return status;
}

static fig_status merge(struct merging *merging, fig_merged *list, size_t capacity, size_t *count)
{
    fig_status status = merge_each(merging);
    if (status != FIG_OK) return status;
    size_t needed = *count = merging->count;
    if (needed == 0) return FIG_OK;
    if (needed > capacity || needed > FIG_BATCH_MAX) return FIG_INVALID;
    status = make_room(merging, needed) ? merge_each(merging) : FIG_NO_MEMORY;
    if (status == FIG_OK) status = ask(merging, list);
    give_room_back(merging, needed);
    return status;
}

fig_status fig_merge(fig_engine *engine, fig_engine *fork, int64_t now_s, int64_t timeout_ns, fig_merged *list,
                     size_t capacity, size_t *count)
{
    bool sound = engine != NULL && fork != NULL && engine != fork && fork->fork_appointment_id != 0 && count != NULL &&
                 timeout_ns >= 0 && (capacity == 0 || list != NULL);
    if (!sound) return FIG_INVALID;
    for (size_t i = 0; i < capacity; i++)
        if (list[i].struct_size != sizeof list[i]) return FIG_INVALID;
    struct merging merging = {.into = engine, .fork = fork, .view = fig_view_default(), .timeout_ns = timeout_ns};
    merging.view.now_s = now_s;
    return merge(&merging, list, capacity, count);
}
