#include "engine/runtime/copy.h"

#include "engine/core/document.h"

#include <stddef.h>
#include <string.h>

#define ZONE_COPY_MAX (1 << 20) /* far beyond any zone; more is refused unread */

void *copying_room(struct copying *copying, size_t size)
{
    size_t aligned = (size + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    void *room = copying->memory != NULL ? copying->memory + copying->size : NULL;
    copying->size += aligned;
    return room;
}

/* In place: *field points to the original, and then to the copy. */
static void copy_bytes(struct copying *copying, const void **field, size_t size)
{
    void *room = copying_room(copying, size);
    if (room == NULL) return;
    if (size > 0) memcpy(room, *field, size);
    *field = room;
}

#define COPY_FIELD(copying, field, size)                                                                               \
    do {                                                                                                               \
        const void *at_ = (field);                                                                                     \
        copy_bytes(copying, &at_, size);                                                                               \
        (field) = (void *)(uintptr_t)at_;                                                                              \
    } while (0)

static void copy_text(struct copying *copying, const char **text, size_t limit)
{
    if (*text == NULL) return;
    size_t size = strnlen(*text, limit + 1);
    char *room = copying_room(copying, size + 1);
    if (room == NULL) return;
    memcpy(room, *text, size);
    room[size] = '\0';
    *text = room;
}

#define COPY_LIST(copying, list, count, limit)                                                                         \
    do {                                                                                                               \
        if ((list) != NULL && (count) <= (limit)) COPY_FIELD(copying, list, (count) * sizeof *(list));                 \
    } while (0)

/* A struct of another size is not ours to read: its copy carries that size and nothing else. */
static void *copy_struct(struct copying *copying, const void *original, size_t size)
{
    size_t said;
    memcpy(&said, original, sizeof said);
    void *room = copying_room(copying, size);
    if (room == NULL) return NULL;
    memset(room, 0, size);
    memcpy(room, original, said == size ? size : sizeof said);
    return room;
}

/* The struct itself, to be gone through for its lists, whether or not there is a copy yet. */
#define COPY_DECLARED(copying, field, type, lists)                                                                     \
    do {                                                                                                               \
        if ((field) == NULL) break;                                                                                    \
        type *copied_ = copy_struct(copying, field, sizeof(type));                                                     \
        type counted_ = {0};                                                                                           \
        if ((field)->struct_size == sizeof(type)) {                                                                    \
            counted_ = *(field);                                                                                       \
            lists(copying, copied_ != NULL ? copied_ : &counted_);                                                     \
        }                                                                                                              \
        if (copied_ != NULL) (field) = copied_;                                                                        \
    } while (0)

static void no_lists(struct copying *copying, const void *declared)
{
    (void)copying;
    (void)declared;
}

static void schedule_lists(struct copying *copying, fig_schedule *schedule)
{
    if ((schedule->fields & FIG_SCHEDULE_WEEKLY) != 0)
        COPY_LIST(copying, schedule->weekly, schedule->weekly_count, FIG_LIST_MAX);
    if ((schedule->fields & FIG_SCHEDULE_CUTS) != 0)
        COPY_LIST(copying, schedule->cuts, schedule->cut_count, FIG_LIST_MAX);
    if ((schedule->fields & FIG_SCHEDULE_OFFERS) != 0)
        COPY_LIST(copying, schedule->offers, schedule->offer_count, FIG_LIST_MAX);
}

static void service_lists(struct copying *copying, fig_service *service)
{
    if ((service->fields & FIG_SERVICE_REQUIRED) != 0)
        COPY_LIST(copying, service->required, service->required_count, FIG_LIST_MAX);
    if ((service->fields & FIG_SERVICE_INCOMPATIBLE) != 0)
        COPY_LIST(copying, service->incompatible, service->incompatible_count, FIG_LIST_MAX);
}

static void rule_lists(struct copying *copying, fig_rule *rule)
{
    if ((rule->fields & FIG_RULE_TYPE) != 0 && rule->type == FIG_RULE_BUSINESS_HOURS)
        COPY_LIST(copying, rule->weekly, rule->weekly_count, FIG_LIST_MAX);
    if ((rule->fields & FIG_RULE_TYPE) != 0 &&
        (rule->type == FIG_RULE_BLACKOUT_DATES || rule->type == FIG_RULE_HOLIDAYS))
        COPY_LIST(copying, rule->cuts, rule->cut_count, FIG_LIST_MAX);
    if ((rule->fields & FIG_RULE_SCOPE) == 0) return;
    if (rule->scope == FIG_SCOPE_CLIENT_TYPE)
        COPY_LIST(copying, rule->client_types, rule->client_type_count, FIG_LIST_MAX);
    else if (rule->scope != FIG_SCOPE_ALL)
        COPY_LIST(copying, rule->ids, rule->id_count, FIG_LIST_MAX);
}

static void zone_lists(struct copying *copying, fig_zone_data *zone)
{
    if (zone->bytes != NULL && zone->size <= ZONE_COPY_MAX) COPY_FIELD(copying, zone->bytes, zone->size);
}

static void record_text(struct copying *copying, fig_record *record)
{
    if (record->text != NULL && record->text_size <= DOCUMENT_BYTES_MAX)
        COPY_FIELD(copying, record->text, record->text_size);
}

static void copy_declared(struct copying *copying, fig_request *request)
{
    switch (request->operation) {
    case FIG_OP_DECLARE_WINDOWS: COPY_LIST(copying, request->windows, request->window_count, FIG_WINDOWS_MAX); break;
    case FIG_OP_DECLARE_SHOP: COPY_DECLARED(copying, request->shop, fig_shop, no_lists); break;
    case FIG_OP_DECLARE_BARBER: COPY_DECLARED(copying, request->barber, fig_barber, no_lists); break;
    case FIG_OP_DECLARE_SCHEDULE: COPY_DECLARED(copying, request->schedule, fig_schedule, schedule_lists); break;
    case FIG_OP_DECLARE_SERVICE: COPY_DECLARED(copying, request->service, fig_service, service_lists); break;
    case FIG_OP_DECLARE_CLIENT: COPY_DECLARED(copying, request->client, fig_client, no_lists); break;
    case FIG_OP_DECLARE_RULE: COPY_DECLARED(copying, request->rule, fig_rule, rule_lists); break;
    case FIG_OP_DECLARE_ZONE: COPY_DECLARED(copying, request->zone, fig_zone_data, zone_lists); break;
    case FIG_OP_RESTORE: COPY_DECLARED(copying, request->record, struct fig_record, record_text); break;
    default: break;
    }
}

static void copy_texts(struct copying *copying, fig_request *request)
{
    copy_text(copying, &request->key, FIG_KEY_MAX);
    if (request->operation <= FIG_OP_HOLD) copy_text(copying, &request->note, FIG_NOTE_MAX);
    if (request->operation >= FIG_OP_CONFIRM && request->operation <= FIG_OP_SET_STATUS)
        copy_text(copying, &request->booking_key, FIG_KEY_MAX);
    if (request->operation <= FIG_OP_DECLARE_WINDOWS) copy_text(copying, &request->barber_name, FIG_NAME_MAX);
}

fig_request *copy_requests(struct copying *copying, const fig_request *requests, size_t count)
{
    fig_request *room = copying_room(copying, count * sizeof *room);
    for (size_t i = 0; i < count; i++) {
        fig_request request = {.struct_size = requests[i].struct_size};
        if (request.struct_size == sizeof request) {
            request = requests[i];
            copy_texts(copying, &request);
            copy_declared(copying, &request);
        }
        if (room != NULL) room[i] = request;
    }
    return room;
}
