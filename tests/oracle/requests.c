#include "tests/oracle/requests.h"

#include <string.h>

static const uint64_t barber_ids[] = {1, 2, 3, 700000000007};

struct requests requests_from(struct support_random *random)
{
    static const int64_t units[] = {1, 60, 900, 3600, 86400, 604800};
    int64_t unit = units[support_below(random, 6)];
    const int64_t bases[] = {FIG_TIME_MIN, -3 * unit, 1767225600, 1767225600, FIG_TIME_MAX - 36 * unit};
    return (struct requests){.random = random, .base_s = bases[support_below(random, 5)], .unit_s = unit};
}

void requests_tie(struct asked *asked)
{
    fig_request *r = &asked->request;
    r->key = asked->has_key ? asked->key : NULL;
    r->booking_key = asked->has_booking_key ? asked->booking_key : NULL;
    r->barber_name = asked->has_name ? asked->name : NULL;
    r->note = asked->has_note ? asked->note : NULL;
    r->windows = r->window_count > 0 ? asked->windows : NULL;
    r->shop = r->operation == FIG_OP_DECLARE_SHOP ? &asked->shop : NULL;
    r->barber = r->operation == FIG_OP_DECLARE_BARBER ? &asked->barber : NULL;
}

void requests_drop_key(struct asked *asked)
{
    asked->has_key = false;
    requests_tie(asked);
}

void requests_remember(struct requests *requests, const struct asked *asked)
{
    if (!asked->has_key) return;
    size_t place = requests->remembered_count++;
    if (place >= REQUESTS_REMEMBERED) place = support_below(requests->random, REQUESTS_REMEMBERED);
    requests->remembered[place] = *asked;
}

/* ---- instants and spans ---- */

static int64_t clamped(int64_t instant, int64_t low, int64_t high)
{
    return instant < low ? low : instant > high ? high : instant;
}

int64_t requests_now(struct requests *q)
{
    int64_t now = q->base_s + support_between(q->random, -20, 44) * q->unit_s + support_between(q->random, -1, 1);
    if (support_chance(q->random, 2)) now += 31 * 86400; /* keys are forgotten after 30 days */
    return clamped(now, FIG_TIME_MIN, FIG_TIME_MAX);
}

static void random_span(struct requests *q, int64_t *start_s, int64_t *end_s)
{
    int64_t units = support_between(q->random, 1, support_chance(q->random, 85) ? 4 : 24);
    int64_t start = q->base_s + support_between(q->random, 0, 35) * q->unit_s;
    if (support_chance(q->random, 5)) start += support_between(q->random, -1, 1);
    if (support_chance(q->random, 2)) units = FIG_DURATION_MAX / q->unit_s;
    int64_t length = clamped(units * q->unit_s, 1, FIG_DURATION_MAX);
    *start_s = clamped(start, FIG_TIME_MIN, FIG_TIME_MAX - 1);
    *end_s = clamped(*start_s + length, *start_s + 1, FIG_TIME_MAX);
}

static uint32_t random_buffer(struct requests *q)
{
    if (support_chance(q->random, 60)) return FIG_BUFFER_DEFAULT;
    if (support_chance(q->random, 4)) return FIG_BUFFER_MAX;
    return (uint32_t)clamped(support_between(q->random, 0, 2) * q->unit_s, 0, FIG_BUFFER_MAX);
}

/* ---- who ---- */

static uint64_t random_barber_id(struct requests *q) { return barber_ids[support_below(q->random, 4)]; }

static void name_barber(struct requests *q, const struct oracle *oracle, struct asked *asked)
{
    asked->request.barber_id = support_chance(q->random, 3) ? 99 : random_barber_id(q);
    const struct oracle_barber *barber = oracle_barber_of(oracle, asked->request.barber_id);
    if (barber == NULL || barber->profile.name[0] == '\0' || !support_chance(q->random, 15)) return;
    strcpy(asked->name, barber->profile.name);
    asked->has_name = true;
    asked->request.barber_id = 0;
}

static void name_appointment(struct requests *q, const struct oracle *oracle, struct asked *asked)
{
    uint64_t id = 1 + support_below(q->random, oracle->appointment_count + 1);
    const fig_appointment *a = oracle_appointment_of(oracle, id);
    asked->request.appointment_id = id;
    if (a != NULL && support_chance(q->random, 15)) {
        uint64_t off = support_chance(q->random, 30);
        asked->request.if_version = a->version > off ? a->version - off : 1;
    }
    if (a == NULL || a->key[0] == '\0' || !support_chance(q->random, 25)) return;
    strcpy(asked->booking_key, a->key);
    asked->has_booking_key = true;
    asked->request.appointment_id = 0;
}

/* ---- each operation ---- */

static void make_booking(struct requests *q, const struct oracle *oracle, struct asked *asked)
{
    fig_request *r = &asked->request;
    bool hold = support_chance(q->random, 30);
    *r = hold ? fig_hold_default() : fig_book_default();
    name_barber(q, oracle, asked);
    r->client_id = support_below(q->random, 4);
    r->service_id = support_below(q->random, 3);
    random_span(q, &r->start_s, &r->end_s);
    r->buffer_before_s = random_buffer(q);
    r->buffer_after_s = random_buffer(q);
    if (hold)
        r->ttl_s = (uint32_t)clamped(support_between(q->random, 1, 20) * q->unit_s, 1, FIG_HOLD_MAX);
    else
        r->pending = support_chance(q->random, 15);
    asked->has_note = support_chance(q->random, 10);
    strcpy(asked->note, "beard, too");
}

static void make_status(struct requests *q, const struct oracle *oracle, struct asked *asked)
{
    fig_request *r = &asked->request;
    if (support_chance(q->random, 35)) {
        *r = fig_confirm_default();
        if (support_chance(q->random, 30)) r->status = FIG_SCHEDULED;
    } else {
        static const fig_appointment_status often[] = {FIG_CANCELLED, FIG_CANCELLED, FIG_SCHEDULED, FIG_NO_SHOW};
        *r = fig_set_status_default();
        r->status = support_chance(q->random, 60) ? often[support_below(q->random, 4)]
                                                  : (fig_appointment_status)(1 + support_below(q->random, 8));
    }
    name_appointment(q, oracle, asked);
}

static void make_move(struct requests *q, const struct oracle *oracle, struct asked *asked)
{
    fig_request *r = &asked->request;
    *r = fig_move_default();
    name_appointment(q, oracle, asked);
    if (support_chance(q->random, 80)) random_span(q, &r->start_s, &r->end_s);
    if (support_chance(q->random, 30)) name_barber(q, oracle, asked);
    if (support_chance(q->random, 15)) r->service_id = 1 + support_below(q->random, 3);
    r->buffer_before_s = random_buffer(q);
    r->buffer_after_s = random_buffer(q);
}

static void make_windows(struct requests *q, const struct oracle *oracle, struct asked *asked)
{
    fig_request *r = &asked->request;
    uint64_t which = support_below(q->random, 10);
    *r = which < 5 ? fig_open_window_default() : which < 8 ? fig_close_window_default() : fig_declare_windows_default();
    name_barber(q, oracle, asked);
    if (which < 8) {
        random_span(q, &r->start_s, &r->end_s);
        if (which < 4) r->end_s = clamped(r->end_s + 20 * q->unit_s, r->start_s + 1, r->start_s + FIG_DURATION_MAX);
        if (r->end_s > FIG_TIME_MAX) r->end_s = FIG_TIME_MAX;
        return;
    }
    r->window_count = support_below(q->random, REQUESTS_WINDOWS);
    for (size_t i = 0; i < r->window_count; i++) {
        asked->windows[i] = fig_window_default();
        random_span(q, &asked->windows[i].start_s, &asked->windows[i].end_s);
        if (support_chance(q->random, 40)) asked->windows[i].kind = FIG_WINDOW_UNAVAILABLE;
        if (i > 0 && support_chance(q->random, 15)) asked->windows[i] = asked->windows[i - 1];
    }
}

static void make_shop(struct requests *q, struct asked *asked)
{
    asked->request = fig_declare_shop_default();
    asked->shop = fig_shop_default();
    asked->shop.id = 1 + support_below(q->random, 2);
    asked->shop.fields = (uint32_t)support_below(q->random, 16) & ~(uint32_t)FIG_SHOP_ZONE;
    asked->shop.buffers = support_chance(q->random, 40) ? FIG_BUFFERS_EXCLUSIVE : FIG_BUFFERS_SHARED;
    asked->shop.past = support_chance(q->random, 20) ? FIG_PAST_REFUSE : FIG_PAST_ALLOW;
    strcpy(asked->shop.name, support_chance(q->random, 50) ? "Siviglia" : "Bottega");
}

static void make_barber(struct requests *q, struct asked *asked)
{
    static const char *const names[] = {"Figaro", "Bartolo", "Rosina", "Basilio"};
    asked->request = fig_declare_barber_default();
    fig_barber *b = &asked->barber;
    *b = fig_barber_default();
    size_t which = support_below(q->random, 4);
    b->id = barber_ids[which];
    b->fields = (uint32_t)support_below(q->random, FIG_BARBER_ALL + 1) & ~(uint32_t)FIG_BARBER_ZONE;
    if (support_chance(q->random, 75)) b->fields |= FIG_BARBER_NAME;
    b->shop_id = support_chance(q->random, 80) ? 1 : 2;
    b->open = support_chance(q->random, 60) ? FIG_OPEN_ALWAYS : FIG_OPEN_HOURS;
    b->active = support_chance(q->random, 80);
    b->priority = (int32_t)support_between(q->random, -3, 3);
    strcpy(b->name, names[support_chance(q->random, 90) ? which : support_below(q->random, 4)]);
    if (!support_chance(q->random, 10) || !(b->fields & FIG_BARBER_NAME)) return;
    b->id = 0;
}

/* The same again at another time, or nearly the same under the same key. */
static void ask_again(struct requests *q, struct asked *asked)
{
    size_t known = q->remembered_count < REQUESTS_REMEMBERED ? q->remembered_count : REQUESTS_REMEMBERED;
    *asked = q->remembered[support_below(q->random, known)];
    fig_request *r = &asked->request;
    if (r->operation == FIG_OP_HOLD)
        r->ttl_s = (uint32_t)clamped(support_between(q->random, 1, 20) * q->unit_s, 1, FIG_HOLD_MAX);
    if (!support_chance(q->random, 25)) return;
    switch (r->operation) {
    case FIG_OP_BOOK:
    case FIG_OP_HOLD: r->client_id += 1; break;
    case FIG_OP_MOVE: r->buffer_after_s = r->buffer_after_s == 17 ? 18 : 17; break;
    case FIG_OP_SET_STATUS: r->status = r->status == FIG_CANCELLED ? FIG_NO_SHOW : FIG_CANCELLED; break;
    case FIG_OP_OPEN_WINDOW:
    case FIG_OP_CLOSE_WINDOW: random_span(q, &r->start_s, &r->end_s); break;
    default: break;
    }
}

static void spoil(struct requests *q, fig_request *r)
{
    switch (support_below(q->random, 5)) {
    case 0: r->now_s = FIG_TIME_MAX + 1; break;
    case 1: r->start_s = r->end_s = 5; break;
    case 2: r->end_s = r->start_s - 1; break;
    case 3: r->buffer_before_s = FIG_BUFFER_MAX + 1; break;
    default: r->end_s = r->start_s + FIG_DURATION_MAX + 1; break;
    }
}

static void make_any(struct requests *q, const struct oracle *oracle, bool member, struct asked *asked)
{
    uint64_t dice = support_below(q->random, member ? 75 : 100);
    if (dice < 38)
        make_booking(q, oracle, asked);
    else if (dice < 57)
        make_status(q, oracle, asked);
    else if (dice < 75)
        make_move(q, oracle, asked);
    else if (dice < 85)
        make_windows(q, oracle, asked);
    else if (dice < 89)
        make_shop(q, asked);
    else
        make_barber(q, asked);
}

void requests_make(struct requests *q, const struct oracle *oracle, bool member, struct asked *asked)
{
    memset(asked, 0, sizeof *asked);
    if (!member && q->remembered_count > 0 && support_chance(q->random, 10)) {
        ask_again(q, asked);
    } else {
        make_any(q, oracle, member, asked);
        asked->has_key = support_chance(q->random, 40);
        support_format(asked->key, sizeof asked->key, "key-%u", ++q->serial);
        if (support_chance(q->random, 3) && asked->request.operation <= FIG_OP_HOLD) spoil(q, &asked->request);
    }
    if (asked->request.now_s <= FIG_TIME_MAX) asked->request.now_s = requests_now(q);
    requests_tie(asked);
}
