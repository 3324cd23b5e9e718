#include "engine/core/wish.h"

#include "engine/core/decide.h"

/* --- what is wished for --- */

/* How a barber does a service; NULL: nothing was said. Offers ascend by service. */
static const fig_offer *offer_of(const struct version *version, const struct barber *barber, uint64_t service_id)
{
    const struct schedule *schedule = version_barber_schedule(version, barber->profile->id);
    size_t low = 0, high = schedule != NULL ? schedule->is.offer_count : 0;
    while (low < high) {
        size_t middle = (low + high) / 2;
        const fig_offer *offer = &schedule->is.offers[middle];
        if (offer->service_id == service_id) return offer;
        if (offer->service_id < service_id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static void fill(struct lengths *lengths, uint32_t duration_s, uint32_t before_s, uint32_t after_s)
{
    if (lengths->duration_s == 0) lengths->duration_s = duration_s;
    if (lengths->before_s == FIG_BUFFER_DEFAULT) lengths->before_s = before_s;
    if (lengths->after_s == FIG_BUFFER_DEFAULT) lengths->after_s = after_s;
}

static bool is_filled(const struct lengths *lengths)
{
    return lengths->duration_s != 0 && lengths->before_s != FIG_BUFFER_DEFAULT &&
           lengths->after_s != FIG_BUFFER_DEFAULT;
}

bool lengths_of(const struct version *version, const struct barber *barber, uint64_t service_id,
                struct lengths *lengths)
{
    if (service_id != 0 && !is_filled(lengths)) {
        const fig_offer *offer = offer_of(version, barber, service_id);
        const struct service *service = version_service(version, service_id);
        if (offer != NULL) fill(lengths, offer->duration_s, offer->buffer_before_s, offer->buffer_after_s);
        if (service != NULL)
            fill(lengths, service->is.duration_s, service->is.buffer_before_s, service->is.buffer_after_s);
    }
    fill(lengths, 0, 0, 0);
    return lengths->duration_s != 0;
}

enum wish_fault wish_of(const struct version *version, const struct barber *barber, int64_t now_s, uint64_t service_id,
                        uint64_t client_id, struct lengths asked, struct wish *wish)
{
    wish->version = version;
    wish->barber = barber;
    wish->lengths = asked;
    wish->now_s = now_s;
    wish->client_id = client_id;
    wish->service_id = service_id;
    wish->ignore_id = 0;
    wish->drafts = NULL;
    wish->draft_count = 0;
    if (!lengths_of(version, barber, service_id, &wish->lengths)) return WISH_NO_LENGTH;
    if (!barber->profile->active) return WISH_INACTIVE;
    if (!opening_of(version, barber, &wish->opening)) return WISH_NO_ZONE;
    wish->exclusive = wish->opening.shop != NULL && wish->opening.shop->buffers == FIG_BUFFERS_EXCLUSIVE;
    return WISH_SOUND;
}

/* --- what is in its way --- */

static bool is_drafted(const struct wish *wish, uint64_t id)
{
    for (size_t i = 0; i < wish->draft_count; i++)
        if (wish->drafts[i].fixed.id == id) return true;
    return false;
}

/* Adds an item that is in the way: the starts strictly between the two conflict with it. */
static void block(const struct wish *wish, const struct tree_item *item, struct blocked *blocked)
{
    const struct lengths *lengths = &wish->lengths;
    uint32_t left_s = conflict_distance(lengths->after_s, item->before_s, wish->exclusive);
    uint32_t right_s = conflict_distance(item->after_s, lengths->before_s, wish->exclusive);
    int64_t before_s = item->start_s - left_s - lengths->duration_s;
    int64_t after_s = item->start_s + item->duration_s + right_s;
    if (blocked->blocker_id == 0) blocked->blocker_id = item->id;
    if (before_s < blocked->last_before_s) blocked->last_before_s = before_s;
    if (after_s > blocked->first_after_s) blocked->first_after_s = after_s;
}

static void block_by_diary(const struct wish *wish, const struct probe *probe, const struct holds *holds,
                           struct blocked *blocked)
{
    const struct tree *diary = &wish->barber->diary;
    struct tree_cursor cursor;
    for (bool more = conflict_first(diary, probe, holds, &cursor); more;
         more = conflict_next(diary, probe, holds, &cursor)) {
        struct tree_item item = tree_at(&cursor);
        if (!is_drafted(wish, item.id)) block(wish, &item, blocked);
    }
}

static void block_by_drafts(const struct wish *wish, const struct probe *probe, struct blocked *blocked)
{
    for (size_t i = 0; i < wish->draft_count; i++) {
        const struct appointment *fixed = &wish->drafts[i].fixed;
        struct tree_item item = appointment_item(fixed);
        bool meant = fixed->barber_id == wish->barber->profile->id && fixed->id != wish->ignore_id;
        if (meant && appointment_blocks(fixed, wish->now_s) && conflict_pair(probe, &item)) block(wish, &item, blocked);
    }
}

bool wish_is_blocked(const struct wish *wish, int64_t start_s, struct blocked *blocked)
{
    struct probe probe = {
        .start_s = start_s,
        .end_s = start_s + wish->lengths.duration_s,
        .before_s = wish->lengths.before_s,
        .after_s = wish->lengths.after_s,
        .exclusive = wish->exclusive,
        .ignore_id = wish->ignore_id,
    };
    struct hold_view view = {wish->version, wish->now_s};
    struct holds holds = hold_view_holds(&view);
    if (wish->draft_count == 0 && !conflict_any(&wish->barber->diary, &probe, &holds)) return false;
    *blocked = (struct blocked){.last_before_s = start_s, .first_after_s = start_s};
    block_by_diary(wish, &probe, &holds, blocked);
    block_by_drafts(wish, &probe, blocked);
    return blocked->blocker_id != 0;
}

struct rule_question wish_question(const struct wish *wish, int64_t start_s)
{
    return (struct rule_question){
        .version = wish->version,
        .opening = &wish->opening,
        .now_s = wish->now_s,
        .client_id = wish->client_id,
        .service_id = wish->service_id,
        .start_s = start_s,
        .end_s = start_s + wish->lengths.duration_s,
        .ignore_id = wish->ignore_id,
        .drafts = wish->drafts,
        .draft_count = wish->draft_count,
    };
}

struct verdict wish_judge_open(const struct wish *wish, int64_t start_s)
{
    struct verdict verdict;
    struct rule_question question = wish_question(wish, start_s);
    struct blocked blocked;
    verdict.status = FIG_OK;
    if (!rules_pass(&question, &verdict.rule)) {
        verdict.status = FIG_RULE;
    } else if (wish_is_blocked(wish, start_s, &blocked)) {
        verdict.status = FIG_CONFLICT;
        verdict.blocker_id = blocked.blocker_id;
    }
    return verdict;
}

struct verdict wish_judge(const struct wish *wish, int64_t start_s)
{
    if (!open_time_covers(&wish->opening, start_s, start_s + wish->lengths.duration_s))
        return (struct verdict){.status = FIG_CLOSED};
    return wish_judge_open(wish, start_s);
}

bool wish_fits(const struct wish *wish, int64_t start_s) { return wish_judge(wish, start_s).status == FIG_OK; }
