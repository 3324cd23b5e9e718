#include "tools/trial.h"

#include <stdlib.h>
#include <string.h>

#define DAY_S 86400

struct trial trial_default(void)
{
    return (struct trial){.at = session_default(), .as_was = session_default(), .new_id = UINT64_MAX};
}

void trial_free(struct trial *trial)
{
    id_map_free(&trial->ids);
    id_map_free(&trial->held_at);
    free(trial->held);
    free(trial->slots);
    free(trial->offers);
}

uint64_t trial_id(const struct trial *trial, uint64_t id)
{
    uint64_t mapped = id_map_get(&trial->ids, id);
    return mapped == 0 && id < trial->new_id ? id : mapped;
}

static fig_view view_at(int64_t now_s)
{
    fig_view view = fig_view_default();
    view.now_s = now_s;
    return view;
}

/* ---- asking ---- */

static void begin_answer(trial_answer *answer, trial_fate fate, fig_status status)
{
    *answer = (trial_answer){.fate = fate, .status = status, .made = fig_appointment_default()};
    for (size_t i = 0; i < TRIAL_RULES; i++) answer->rules[i] = fig_broken_rule_default();
}

static fig_outcome outcome_for(trial_answer *answer)
{
    fig_outcome outcome = fig_outcome_default();
    outcome.rules = answer->rules;
    outcome.rules_capacity = TRIAL_RULES;
    return outcome;
}

/* A fault, or FIG_OK: the answer is written. */
static fig_status conclude(trial_answer *answer, fig_status written, const fig_outcome *outcome)
{
    if (written >= FIG_BUSY) return written;
    if (outcome->status >= FIG_BUSY) return outcome->status;
    answer->status = outcome->status;
    answer->fate = outcome->status == FIG_OK ? TRIAL_KEPT : TRIAL_LOST;
    answer->rule_count = outcome->rules_count < TRIAL_RULES ? outcome->rules_count : TRIAL_RULES;
    answer->made = outcome->appointment;
    return FIG_OK;
}

static fig_status ask(const session *at, const fig_request *request, trial_answer *answer)
{
    fig_outcome outcome = outcome_for(answer);
    return conclude(answer, fig_write(at->engine, request, 1, &outcome), &outcome);
}

static fig_status keep_id(struct trial *trial, uint64_t id, const trial_answer *answer)
{
    if (id < trial->new_id || answer->made.id == 0) return FIG_OK;
    return id_map_set(&trial->ids, id, answer->made.id) ? FIG_OK : FIG_NO_MEMORY;
}

/* ---- what the settings say of lengths ---- */

struct usual {
    uint32_t duration_s, before_s, after_s; /* 0: nobody says */
};

static fig_offer *room_for_offers(struct trial *trial, size_t count)
{
    if (count > trial->offer_capacity) {
        fig_offer *longer = realloc(trial->offers, count * sizeof *longer);
        if (longer == NULL) return NULL;
        trial->offers = longer;
        trial->offer_capacity = count;
    }
    return trial->offers;
}

static const fig_offer *find_offer(struct trial *trial, const session *at, int64_t now_s, uint64_t barber_id,
                                   uint64_t service_id)
{
    fig_view view = view_at(now_s);
    fig_schedule schedule = fig_schedule_default();
    do {
        schedule.offers = room_for_offers(trial, schedule.offer_count);
        schedule.offer_capacity = trial->offer_capacity;
        if (schedule.offers == NULL && schedule.offer_count > 0) return NULL;
        if (fig_get_schedule(at->engine, &view, FIG_OWNER_BARBER, barber_id, &schedule) != FIG_OK) return NULL;
    } while (schedule.offer_count > schedule.offer_capacity);
    for (size_t i = 0; i < schedule.offer_count; i++)
        if (schedule.offers[i].service_id == service_id) return &schedule.offers[i];
    return NULL;
}

static struct usual usual_of(struct trial *trial, const session *at, const fig_request *request)
{
    fig_view view = view_at(request->now_s);
    fig_service service = fig_service_default();
    if (fig_get_service(at->engine, &view, request->service_id, &service) != FIG_OK) return (struct usual){0};
    struct usual usual = {service.duration_s, service.buffer_before_s, service.buffer_after_s};
    const fig_offer *offer = find_offer(trial, at, request->now_s, request->barber_id, request->service_id);
    if (offer == NULL) return usual;
    if (offer->duration_s != 0) usual.duration_s = offer->duration_s;
    if (offer->buffer_before_s != FIG_BUFFER_DEFAULT) usual.before_s = offer->buffer_before_s;
    if (offer->buffer_after_s != FIG_BUFFER_DEFAULT) usual.after_s = offer->buffer_after_s;
    return usual;
}

/* Which lengths of a request were those of the settings. */
struct usual_lengths {
    bool duration, before, after;
};

static void take_usual(struct usual_lengths which, struct usual is, fig_request *request)
{
    if (which.duration && is.duration_s != 0) request->end_s = request->start_s + is.duration_s;
    if (which.before) request->buffer_before_s = is.before_s;
    if (which.after) request->buffer_after_s = is.after_s;
}

/* What was as usual is as is usual now. */
static struct usual_lengths take_settings(struct trial *trial, fig_request *request)
{
    if (request->service_id == 0 || request->barber_id == 0) return (struct usual_lengths){0};
    struct usual was = usual_of(trial, &trial->as_was, request);
    struct usual_lengths which = {
        .duration = was.duration_s != 0 && request->end_s - request->start_s == (int64_t)was.duration_s,
        .before = request->buffer_before_s == was.before_s,
        .after = request->buffer_after_s == was.after_s,
    };
    take_usual(which, usual_of(trial, &trial->at, request), request);
    return which;
}

/* ---- lists of slots ---- */

static fig_wish wish_of(const fig_request *request)
{
    fig_wish wish = fig_wish_default();
    wish.barber_id = request->barber_id;
    wish.client_id = request->client_id;
    wish.service_id = request->service_id;
    wish.duration_s = request->end_s > request->start_s ? (uint32_t)(request->end_s - request->start_s) : 0;
    wish.buffer_before_s = request->buffer_before_s;
    wish.buffer_after_s = request->buffer_after_s;
    return wish;
}

/* The slots of a date; an empty list where there is none to be had. */
static fig_slots list_day(struct trial *trial, const session *at, const fig_wish *wish, int64_t now_s, int32_t day)
{
    fig_view view = view_at(now_s);
    fig_slots slots = fig_slots_default();
    slots.list = trial->slots;
    slots.capacity = trial->slot_capacity;
    for (;;) {
        if (fig_list_slots(at->engine, &view, wish, day, &slots) != FIG_OK) slots.count = 0;
        if (slots.count <= slots.capacity) return slots;
        fig_slot *longer = realloc(trial->slots, slots.count * sizeof *longer);
        if (longer == NULL) {
            slots.count = slots.capacity;
            return slots;
        }
        for (size_t i = trial->slot_capacity; i < slots.count; i++) longer[i] = fig_slot_default();
        trial->slots = slots.list = longer;
        trial->slot_capacity = slots.capacity = slots.count;
    }
}

static int32_t utc_day(int64_t instant_s)
{
    return (int32_t)((instant_s >= 0 ? instant_s : instant_s - (DAY_S - 1)) / DAY_S);
}

/* A slot's date is that of its zone, and of the window that it steps through: perhaps the one before. */
static bool is_listed(struct trial *trial, const session *at, const fig_request *request)
{
    static const int32_t near[] = {0, -1, 1, -2};
    fig_wish wish = wish_of(request);
    for (size_t i = 0; i < sizeof near / sizeof *near; i++) {
        fig_slots slots = list_day(trial, at, &wish, request->now_s, utc_day(request->start_s) + near[i]);
        for (size_t k = 0; k < slots.count; k++)
            if (slots.list[k].start_s == request->start_s) return true;
    }
    return false;
}

/* A move may take time that it has itself (`own`); nobody is sent into the past who did not ask for it. */
static bool would_do(const fig_slot *slot, const fig_request *request, bool own)
{
    bool is_own = own && slot->why == FIG_CONFLICT && slot->blocker_id == request->appointment_id;
    bool is_over = slot->start_s < request->now_s && request->start_s >= request->now_s;
    return (slot->available || is_own) && !is_over;
}

/* The nearest start that is listed and would do; of two the earlier one. */
static bool find_nearest(struct trial *trial, const fig_wish *wish, const fig_request *request, bool own,
                         fig_slot *nearest)
{
    int64_t best_s = trial->within_s + 1;
    for (int32_t day = utc_day(request->start_s) - 2; day <= utc_day(request->start_s) + 2; day++) {
        fig_slots slots = list_day(trial, &trial->at, wish, request->now_s, day);
        for (size_t i = 0; i < slots.count; i++) {
            int64_t far_s = llabs(slots.list[i].start_s - request->start_s);
            if (far_s >= best_s || !would_do(&slots.list[i], request, own)) continue;
            best_s = far_s;
            *nearest = slots.list[i];
        }
    }
    return best_s <= trial->within_s;
}

static bool is_open(const struct trial *trial, const fig_request *request)
{
    fig_view view = view_at(request->now_s);
    fig_barber barber = fig_barber_default();
    fig_open_span span;
    size_t count = 0;
    if (fig_get_barber(trial->at.engine, &view, request->barber_id, &barber) != FIG_OK || !barber.active) return false;
    return fig_list_open_time(trial->at.engine, &view, request->barber_id, request->start_s, request->end_s, &span, 1,
                              &count) == FIG_OK &&
           count == 1 && span.start_s <= request->start_s && span.end_s >= request->end_s;
}

/* Was it chosen from a list that shows it no more, though the barber is open then? */
static bool has_left_the_grid(struct trial *trial, const fig_request *was, const fig_request *request)
{
    bool is_chosen = was->barber_id != 0 && !was->as_recorded && was->end_s > was->start_s;
    return is_chosen && is_listed(trial, &trial->as_was, was) && !is_listed(trial, &trial->at, request) &&
           is_open(trial, request);
}

/* ---- placing ---- */

static uint64_t shop_of(const struct trial *trial, const fig_request *request)
{
    fig_view view = view_at(request->now_s);
    fig_barber barber = fig_barber_default();
    return fig_get_barber(trial->at.engine, &view, request->barber_id, &barber) == FIG_OK ? barber.shop_id : 0;
}

static fig_wish wish_of_any(const struct trial *trial, const fig_request *request, struct usual_lengths usual)
{
    fig_wish wish = wish_of(request);
    wish.any_shop_id = shop_of(trial, request);
    wish.barber_id = 0;
    if (usual.duration) wish.duration_s = 0;
    if (usual.before) wish.buffer_before_s = FIG_BUFFER_DEFAULT;
    if (usual.after) wish.buffer_after_s = FIG_BUFFER_DEFAULT;
    return wish;
}

/* What was placed is there: its id is kept, and what a hold came with. */
static fig_status keep_placed(struct trial *trial, const fig_request *placed, uint64_t id, const trial_answer *answer)
{
    fig_status status = keep_id(trial, id, answer);
    if (status != FIG_OK || placed->operation != FIG_OP_HOLD || id == 0) return status;
    if (trial->held_count == trial->held_capacity) {
        size_t capacity = trial->held_capacity == 0 ? 64 : 2 * trial->held_capacity;
        fig_request *longer = realloc(trial->held, capacity * sizeof *longer);
        if (longer == NULL) return FIG_NO_MEMORY;
        trial->held = longer;
        trial->held_capacity = capacity;
    }
    trial->held[trial->held_count++] = *placed;
    return id_map_set(&trial->held_at, id, trial->held_count) ? FIG_OK : FIG_NO_MEMORY;
}

static fig_status place_at(struct trial *trial, const fig_request *request, uint64_t id, const fig_slot *slot,
                           struct usual_lengths usual, trial_answer *answer)
{
    fig_request there = *request;
    bool is_other = slot->barber_id != request->barber_id;
    there.barber_id = slot->barber_id;
    there.start_s = slot->start_s;
    there.end_s = slot->end_s;
    if (is_other && request->service_id != 0) take_usual(usual, usual_of(trial, &trial->at, &there), &there);
    trial_answer asked;
    begin_answer(&asked, TRIAL_LOST, FIG_OK);
    fig_status status = ask(&trial->at, &there, &asked);
    if (status != FIG_OK || asked.fate != TRIAL_KEPT) return status;
    answer->made = asked.made;
    answer->fate = TRIAL_MOVED;
    return keep_placed(trial, &there, id, answer);
}

static fig_status place_elsewhere(struct trial *trial, const fig_request *request, uint64_t id,
                                  struct usual_lengths usual, trial_answer *answer)
{
    const fig_wish own = wish_of(request), any = wish_of_any(trial, request, usual);
    const struct {
        const fig_wish *wish;
        bool own;
    } ways[] = {{&own, true}, {&own, false}, {&any, false}};
    bool moves = request->operation == FIG_OP_MOVE;
    for (size_t i = moves ? 0 : 1; i < sizeof ways / sizeof *ways; i++) {
        fig_slot slot = fig_slot_default();
        if (!find_nearest(trial, ways[i].wish, request, ways[i].own, &slot)) continue;
        fig_status status = place_at(trial, request, id, &slot, usual, answer);
        if (status != FIG_OK || answer->fate == TRIAL_MOVED) return status;
    }
    return FIG_OK;
}

static bool has_booked(struct trial *trial, const fig_request *request, trial_answer *answer)
{
    fig_view view = view_at(request->now_s);
    return request->key != NULL && request->operation != FIG_OP_MOVE &&
           fig_find_appointment(trial->at.engine, &view, request->key, &answer->made) == FIG_OK;
}

static bool is_wish(fig_status status) { return status == FIG_CLOSED || status == FIG_RULE || status == FIG_CONFLICT; }

static fig_status place(struct trial *trial, const fig_request *was, uint64_t id, bool yields, trial_answer *answer)
{
    fig_request request = *was;
    struct usual_lengths usual = take_settings(trial, &request);
    answer->off_grid = has_left_the_grid(trial, was, &request);
    fig_status status = answer->off_grid ? FIG_OK : ask(&trial->at, &request, answer);
    if (status != FIG_OK) return status;
    if (answer->fate == TRIAL_KEPT) return keep_placed(trial, &request, id, answer);
    return yields && is_wish(answer->status) ? place_elsewhere(trial, &request, id, usual, answer) : FIG_OK;
}

static fig_status place_recorded(struct trial *trial, const fig_request *request, uint64_t id, trial_answer *answer)
{
    fig_status status = ask(&trial->at, request, answer);
    if (status != FIG_OK || answer->fate != TRIAL_KEPT) return status;
    answer->fate = TRIAL_RECORDED;
    return keep_id(trial, id, answer);
}

fig_status trial_place(struct trial *trial, const fig_request *was, uint64_t id, bool yields, trial_answer *answer)
{
    fig_request request = *was;
    bool moves = request.operation == FIG_OP_MOVE;
    begin_answer(answer, TRIAL_ANSWERED, FIG_OK);
    if (has_booked(trial, &request, answer)) return keep_id(trial, id, answer);
    begin_answer(answer, TRIAL_LOST, FIG_CLOSED);
    request.if_version = 0; /* versions are others here */
    if (moves) request.appointment_id = trial_id(trial, id);
    if (moves && request.appointment_id == 0) {
        answer->fate = TRIAL_WITHOUT;
        return FIG_OK;
    }
    if (request.as_recorded && !trial->judges_recorded) return place_recorded(trial, &request, id, answer);
    request.as_recorded = false;
    return place(trial, &request, id, yields, answer);
}

/* ---- other changes ---- */

/* A hold is renewed with what it came with here; one from before the trial with what it came with then. */
static void renew(const struct trial *trial, uint64_t id, fig_request *request)
{
    uint64_t place = id_map_get(&trial->held_at, id);
    request->appointment_id = 0;
    if (place == 0) return;
    fig_request placed = trial->held[place - 1];
    placed.now_s = request->now_s;
    placed.key = request->key;
    placed.note = request->note;
    placed.ttl_s = request->ttl_s;
    *request = placed;
}

static bool find_subject(const struct trial *trial, uint64_t id, fig_request *request)
{
    request->if_version = 0;
    request->appointment_id = trial_id(trial, id);
    if (request->appointment_id == 0) return false;
    if (request->operation == FIG_OP_HOLD) renew(trial, id, request);
    return true;
}

fig_status trial_change(struct trial *trial, const fig_request *was, uint64_t id, trial_answer *answer)
{
    fig_request request = *was;
    begin_answer(answer, TRIAL_WITHOUT, FIG_NOT_FOUND);
    return find_subject(trial, id, &request) ? ask(&trial->at, &request, answer) : FIG_OK;
}

/* ---- several at once ---- */

bool trial_books(const fig_request *request)
{
    return request->operation == FIG_OP_BOOK || (request->operation == FIG_OP_HOLD && request->appointment_id == 0);
}

/* Each has booked here before, as the wish of a batch that was refused then. */
static bool have_all_booked(struct trial *trial, const fig_request *requests, size_t count, trial_answer *answers)
{
    for (size_t i = 0; i < count; i++) {
        begin_answer(&answers[i], TRIAL_ANSWERED, FIG_OK);
        if (!trial_books(&requests[i]) || !has_booked(trial, &requests[i], &answers[i])) return false;
    }
    return true;
}

/* What an earlier member of the batch books is named by its key. */
static bool name_by_member(fig_request *requests, const uint64_t *ids, size_t member)
{
    for (size_t i = 0; i < member; i++) {
        if (ids[i] != ids[member] || !trial_books(&requests[i]) || requests[i].key == NULL) continue;
        requests[member].appointment_id = 0;
        requests[member].booking_key = requests[i].key;
        return true;
    }
    return false;
}

/* Without one of its appointments, or with one off the grid, a batch is not what it was: nothing of it is asked. */
static bool make_ready(struct trial *trial, fig_request *request, trial_answer *answer)
{
    fig_request was = *request;
    bool is_recorded = request->as_recorded && !trial->judges_recorded;
    request->if_version = 0;
    if (!is_recorded) request->as_recorded = was.as_recorded = false;
    if (is_recorded || (!trial_books(request) && request->operation != FIG_OP_MOVE)) return true;
    take_settings(trial, request);
    answer->off_grid = has_left_the_grid(trial, &was, request);
    if (answer->off_grid) answer->status = FIG_CLOSED;
    return !answer->off_grid;
}

static bool make_all_ready(struct trial *trial, fig_request *requests, const uint64_t *ids, size_t count,
                           trial_answer *answers)
{
    bool all = true;
    for (size_t i = 0; i < count; i++) {
        bool is_there =
            trial_books(&requests[i]) || name_by_member(requests, ids, i) || find_subject(trial, ids[i], &requests[i]);
        begin_answer(&answers[i], is_there ? TRIAL_LOST : TRIAL_WITHOUT, is_there ? FIG_NOT_DONE : FIG_NOT_FOUND);
        all = is_there && make_ready(trial, &requests[i], &answers[i]) && all;
    }
    return all;
}

static fig_status conclude_member(struct trial *trial, const fig_request *request, uint64_t id, fig_status written,
                                  const fig_outcome *outcome, trial_answer *answer)
{
    fig_status status = conclude(answer, written, outcome);
    if (status != FIG_OK || answer->fate != TRIAL_KEPT) return status;
    if (request->as_recorded) answer->fate = TRIAL_RECORDED;
    return keep_placed(trial, request, id, answer);
}

fig_status trial_batch(struct trial *trial, fig_request *requests, const uint64_t *ids, size_t count,
                       trial_answer *answers)
{
    fig_status status = FIG_OK;
    if (have_all_booked(trial, requests, count, answers)) {
        for (size_t i = 0; i < count && status == FIG_OK; i++) status = keep_id(trial, ids[i], &answers[i]);
        return status;
    }
    if (!make_all_ready(trial, requests, ids, count, answers)) return FIG_OK;
    fig_outcome *outcomes = malloc(count * sizeof *outcomes);
    if (outcomes == NULL) return FIG_NO_MEMORY;
    for (size_t i = 0; i < count; i++) outcomes[i] = outcome_for(&answers[i]);
    fig_status written = fig_batch(trial->at.engine, requests, count, outcomes);
    for (size_t i = 0; i < count && status == FIG_OK; i++)
        status = conclude_member(trial, &requests[i], ids[i], written, &outcomes[i], &answers[i]);
    free(outcomes);
    return status;
}

fig_status trial_declare(struct trial *trial, const fig_request *request, trial_answer *answer)
{
    begin_answer(answer, TRIAL_LOST, FIG_OK);
    fig_status status = ask(&trial->as_was, request, answer);
    return status == FIG_OK ? trial_set(trial, request, answer) : status;
}

fig_status trial_set(struct trial *trial, const fig_request *request, trial_answer *answer)
{
    begin_answer(answer, TRIAL_LOST, FIG_OK);
    return ask(&trial->at, request, answer);
}
