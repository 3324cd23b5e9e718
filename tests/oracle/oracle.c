/* The rules in the order they are asked: field validity, key, not found, version, status, closed, conflict. */
#include "tests/oracle/oracle.h"

#include <stdlib.h>
#include <string.h>

#define KEY_LIFE_S (30 * 86400)

/* ---- arrays ---- */

static void *copy_of(const void *items, size_t count, size_t size) {
    void *copy = malloc(count * size + 1);
    if (copy == NULL) abort();
    if (count > 0) memcpy(copy, items, count * size);
    return copy;
}

/* Room for one more at the end. */
static void *grown(void *items, size_t count, size_t size) {
    void *more = realloc(items, (count + 1) * size);
    if (more == NULL) abort();
    return more;
}

struct oracle *oracle_new(uint64_t seq) {
    struct oracle *o = calloc(1, sizeof *o);
    if (o == NULL) abort();
    fig_shop shop = fig_shop_default();
    shop.id = 1;
    strcpy(shop.zone, "UTC");
    o->shops = copy_of(&shop, 1, sizeof shop);
    o->shop_count = 1;
    o->seq = seq;
    return o;
}

struct oracle *oracle_copy(const struct oracle *o) {
    struct oracle *copy = copy_of(o, 1, sizeof *o);
    copy->appointments = copy_of(o->appointments, o->appointment_count, sizeof *o->appointments);
    copy->shops = copy_of(o->shops, o->shop_count, sizeof *o->shops);
    copy->keys = copy_of(o->keys, o->key_count, sizeof *o->keys);
    copy->barbers = copy_of(o->barbers, o->barber_count, sizeof *o->barbers);
    for (size_t i = 0; i < o->barber_count; i++)
        copy->barbers[i].windows =
            copy_of(o->barbers[i].windows, o->barbers[i].window_count, sizeof *o->barbers[i].windows);
    return copy;
}

void oracle_free(struct oracle *o) {
    if (o == NULL) return;
    for (size_t i = 0; i < o->barber_count; i++) free(o->barbers[i].windows);
    free(o->barbers);
    free(o->appointments);
    free(o->shops);
    free(o->keys);
    free(o);
}

/* ---- finding ---- */

struct oracle_barber *oracle_barber_of(const struct oracle *o, uint64_t id) {
    for (size_t i = 0; i < o->barber_count; i++)
        if (o->barbers[i].profile.id == id) return &o->barbers[i];
    return NULL;
}

static struct oracle_barber *barber_named(const struct oracle *o, const char *name) {
    for (size_t i = 0; i < o->barber_count; i++)
        if (strcmp(o->barbers[i].profile.name, name) == 0) return &o->barbers[i];
    return NULL;
}

static fig_shop *shop_of(const struct oracle *o, uint64_t id) {
    for (size_t i = 0; i < o->shop_count; i++)
        if (o->shops[i].id == id) return &o->shops[i];
    return NULL;
}

fig_appointment *oracle_appointment_of(const struct oracle *o, uint64_t id) {
    return id >= 1 && id <= o->appointment_count ? &o->appointments[id - 1] : NULL;
}

fig_appointment *oracle_booked_by(const struct oracle *o, const char *key) {
    for (size_t i = 0; i < o->key_count; i++)
        if (o->keys[i].booked_id != 0 && strcmp(o->keys[i].key, key) == 0)
            return oracle_appointment_of(o, o->keys[i].booked_id);
    return NULL;
}

static struct oracle_key *key_of(const struct oracle *o, const char *key, int64_t now_s) {
    for (size_t i = 0; i < o->key_count; i++) {
        struct oracle_key *known = &o->keys[i];
        if (strcmp(known->key, key) != 0) continue;
        if (known->booked_id != 0 || now_s - known->at_s < KEY_LIFE_S) return known;
    }
    return NULL;
}

/* ---- the predicate ---- */

static bool is_active(fig_appointment_status status) { return status >= FIG_HELD && status <= FIG_CONFIRMED; }

static bool is_lapsed(const fig_appointment *a, int64_t now_s) {
    return a->status == FIG_HELD && now_s >= a->expires_s;
}

static bool blocks(const fig_appointment *a, int64_t now_s) { return is_active(a->status) && !is_lapsed(a, now_s); }

static bool meet(int64_t from, int64_t to, int64_t other_from, int64_t other_to) {
    return from < other_to && other_from < to;
}

static bool exclusive_at(const struct oracle *o, uint64_t barber_id) {
    return shop_of(o, oracle_barber_of(o, barber_id)->profile.shop_id)->buffers == FIG_BUFFERS_EXCLUSIVE;
}

static bool conflict(const fig_appointment *a, const fig_appointment *b, bool exclusive) {
    int64_t a_from = a->start_s - a->buffer_before_s, a_to = a->end_s + a->buffer_after_s;
    int64_t b_from = b->start_s - b->buffer_before_s, b_to = b->end_s + b->buffer_after_s;
    if (exclusive) return meet(a_from, a_to, b_from, b_to);
    return meet(a->start_s, a->end_s, b_from, b_to) || meet(b->start_s, b->end_s, a_from, a_to);
}

static bool in_the_way(const struct oracle *o, const fig_appointment *a, const fig_appointment *other) {
    return other->id != a->id && other->barber_id == a->barber_id && is_active(other->status) &&
           conflict(a, other, exclusive_at(o, a->barber_id));
}

static int by_start(const void *left, const void *right) {
    const fig_appointment *a = left, *b = right;
    if (a->start_s != b->start_s) return a->start_s < b->start_s ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

fig_appointment oracle_show(const fig_appointment *appointment, int64_t now_s) {
    fig_appointment shown = *appointment;
    if (is_lapsed(appointment, now_s)) shown.status = FIG_EXPIRED;
    return shown;
}

/* Sorts what was gathered and hands over as much as there is room for. */
static size_t deliver(fig_appointment *gathered, size_t count, bool sort, fig_appointment *found, size_t capacity) {
    if (sort) qsort(gathered, count, sizeof *gathered, by_start);
    for (size_t i = 0; i < count && i < capacity; i++) found[i] = gathered[i];
    free(gathered);
    return count;
}

static size_t blockers_of(const struct oracle *o, const fig_appointment *a, int64_t now_s, fig_appointment *found,
                          size_t capacity) {
    fig_appointment *gathered = copy_of(o->appointments, o->appointment_count, sizeof *gathered);
    size_t count = 0;
    for (size_t i = 0; i < o->appointment_count; i++) {
        const fig_appointment *other = &o->appointments[i];
        if (in_the_way(o, a, other) && blocks(other, now_s)) gathered[count++] = oracle_show(other, now_s);
    }
    return deliver(gathered, count, true, found, capacity);
}

size_t oracle_check(const struct oracle *o, int64_t now_s, const fig_span *span, fig_appointment *found,
                    size_t capacity) {
    fig_appointment asked = {.id = span->ignore_id, .barber_id = span->barber_id, .start_s = span->start_s,
                             .end_s = span->end_s, .buffer_before_s = span->buffer_before_s,
                             .buffer_after_s = span->buffer_after_s};
    return blockers_of(o, &asked, now_s, found, capacity);
}

bool oracle_sound(const struct oracle *o) {
    for (size_t i = 0; i < o->appointment_count; i++)
        for (size_t j = i + 1; j < o->appointment_count; j++) {
            const fig_appointment *a = &o->appointments[i], *b = &o->appointments[j];
            if (a->barber_id == b->barber_id && is_active(a->status) && is_active(b->status) && conflict(a, b, false))
                return false;
        }
    return true;
}

size_t oracle_list(const struct oracle *o, int64_t now_s, const fig_filter *filter, fig_appointment *found,
                   size_t capacity) {
    fig_appointment *gathered = copy_of(o->appointments, o->appointment_count, sizeof *gathered);
    size_t count = 0;
    for (size_t i = 0; i < o->appointment_count; i++) {
        fig_appointment a = oracle_show(&o->appointments[i], now_s);
        if (filter->barber_id != 0 && a.barber_id != filter->barber_id) continue;
        if (filter->client_id != 0 && a.client_id != filter->client_id) continue;
        if (filter->status != 0 && a.status != filter->status) continue;
        if (filter->active && !is_active(a.status)) continue;
        if (meet(a.start_s, a.end_s, filter->from_s, filter->to_s)) gathered[count++] = a;
    }
    return deliver(gathered, count, filter->barber_id != 0 || filter->client_id != 0, found, capacity);
}

/* ---- open time ---- */

static bool covered(const struct oracle_barber *b, int64_t start_s, int64_t end_s) {
    while (start_s < end_s) {
        int64_t reach = start_s;
        for (size_t i = 0; i < b->window_count; i++) {
            const fig_window *w = &b->windows[i];
            if (w->kind == FIG_WINDOW_AVAILABLE && w->start_s <= start_s && w->end_s > reach) reach = w->end_s;
        }
        if (reach == start_s) return false;
        start_s = reach;
    }
    return true;
}

static bool is_open(const struct oracle_barber *b, const fig_appointment *a) {
    for (size_t i = 0; i < b->window_count; i++) {
        const fig_window *w = &b->windows[i];
        if (w->kind == FIG_WINDOW_UNAVAILABLE && meet(w->start_s, w->end_s, a->start_s, a->end_s)) return false;
    }
    return b->profile.open == FIG_OPEN_ALWAYS || covered(b, a->start_s, a->end_s);
}

/* Of two with one start, declared from one instant, the longer says it all. */
static void add_window(struct oracle_barber *b, fig_window window) {
    for (size_t i = 0; i < b->window_count; i++) {
        fig_window *w = &b->windows[i];
        if (w->kind != window.kind || w->start_s != window.start_s || w->declared_start_s != window.declared_start_s)
            continue;
        if (w->end_s < window.end_s) w->end_s = window.end_s;
        return;
    }
    b->windows = grown(b->windows, b->window_count, sizeof window);
    b->windows[b->window_count++] = window;
}

static void declare_window(struct oracle_barber *b, fig_window window) {
    window.declared_start_s = window.start_s;
    add_window(b, window);
    if (window.kind != FIG_WINDOW_AVAILABLE || b->open_declared) return;
    b->profile.open = FIG_OPEN_HOURS;
    b->open_declared = true;
}

static void close_span(struct oracle_barber *b, int64_t start_s, int64_t end_s) {
    fig_window *before = b->windows;
    size_t count = b->window_count;
    b->windows = NULL;
    b->window_count = 0;
    for (size_t i = 0; i < count; i++) {
        fig_window left = before[i], right = before[i];
        bool cut = left.kind == FIG_WINDOW_AVAILABLE && meet(left.start_s, left.end_s, start_s, end_s);
        if (cut) left.end_s = start_s;
        if (left.start_s < left.end_s) add_window(b, left);
        right.start_s = end_s;
        if (cut && right.start_s < right.end_s) add_window(b, right);
    }
    free(before);
}

/* What is still to come and now lies outside open time. */
static size_t stranded(const struct oracle *o, const struct oracle_barber *b, int64_t now_s, fig_appointment *found,
                       size_t capacity) {
    fig_appointment *gathered = copy_of(o->appointments, o->appointment_count, sizeof *gathered);
    size_t count = 0;
    for (size_t i = 0; i < o->appointment_count; i++) {
        const fig_appointment *a = &o->appointments[i];
        if (a->barber_id == b->profile.id && blocks(a, now_s) && !is_open(b, a)) gathered[count++] = *a;
    }
    return deliver(gathered, count, true, found, capacity);
}

/* ---- validity ---- */

static bool in_time(int64_t t) { return t >= FIG_TIME_MIN && t <= FIG_TIME_MAX; }

static bool is_span(int64_t start_s, int64_t end_s) {
    return in_time(start_s) && in_time(end_s) && start_s < end_s && end_s - start_s <= FIG_DURATION_MAX;
}

static bool is_buffer(uint32_t buffer_s) { return buffer_s == FIG_BUFFER_DEFAULT || buffer_s <= FIG_BUFFER_MAX; }

static bool names_appointment(const fig_request *r) { return r->appointment_id != 0 || r->booking_key != NULL; }

static bool names_barber(const fig_request *r) { return r->barber_id != 0 || r->barber_name != NULL; }

static bool valid_windows(const fig_request *r) {
    for (size_t i = 0; i < r->window_count; i++)
        if (!is_span(r->windows[i].start_s, r->windows[i].end_s)) return false;
    return true;
}

static bool valid_life(const fig_request *r) {
    return r->ttl_s >= 1 && r->ttl_s <= FIG_HOLD_MAX && r->now_s + r->ttl_s <= FIG_TIME_MAX;
}

static bool is_valid(const fig_request *r) {
    if (!in_time(r->now_s)) return false;
    bool buffers = is_buffer(r->buffer_before_s) && is_buffer(r->buffer_after_s);
    bool span = is_span(r->start_s, r->end_s);
    switch (r->operation) {
    case FIG_OP_BOOK: return names_barber(r) && span && buffers;
    case FIG_OP_HOLD: return names_barber(r) && span && buffers && valid_life(r);
    case FIG_OP_CONFIRM:
        return names_appointment(r) && (r->status == FIG_SCHEDULED || r->status == FIG_CONFIRMED);
    case FIG_OP_MOVE: return names_appointment(r) && buffers && (span || (r->start_s == 0 && r->end_s == 0));
    case FIG_OP_SET_STATUS: return names_appointment(r) && r->status >= FIG_HELD && r->status <= FIG_EXPIRED;
    case FIG_OP_OPEN_WINDOW:
    case FIG_OP_CLOSE_WINDOW: return names_barber(r) && span;
    case FIG_OP_DECLARE_WINDOWS: return names_barber(r) && valid_windows(r);
    case FIG_OP_DECLARE_SHOP: return r->shop != NULL && r->shop->id != 0;
    case FIG_OP_DECLARE_BARBER: return r->barber != NULL && (r->barber->id != 0 || r->barber->name[0] != '\0');
    }
    return false;
}

/* ---- content of a request: all but now, ttl, key and timeout ---- */

static uint64_t mixed(uint64_t hash, const void *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) hash = (hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t mixed_number(uint64_t hash, uint64_t number) { return mixed(hash, &number, sizeof number); }

static uint64_t mixed_text(uint64_t hash, const char *text) {
    return text == NULL ? mixed_number(hash, 1) : mixed(mixed_number(hash, 2), text, strlen(text) + 1);
}

static uint64_t content_of(const struct oracle *o, const fig_request *r) {
    const struct oracle_barber *named = r->barber_name != NULL ? barber_named(o, r->barber_name) : NULL;
    uint64_t numbers[] = {r->operation,
                          r->if_version,
                          r->appointment_id,
                          named != NULL ? named->profile.id : r->barber_id,
                          r->client_id,
                          r->service_id,
                          (uint64_t)r->start_s,
                          (uint64_t)r->end_s,
                          r->buffer_before_s,
                          r->buffer_after_s,
                          r->pending,
                          r->status};
    uint64_t hash = mixed(UINT64_C(0xcbf29ce484222325), numbers, sizeof numbers);
    hash = mixed_text(mixed_text(hash, r->booking_key), r->note);
    for (size_t i = 0; i < r->window_count; i++) {
        hash = mixed_number(mixed_number(hash, (uint64_t)r->windows[i].start_s), (uint64_t)r->windows[i].end_s);
        hash = mixed_number(hash, r->windows[i].kind);
    }
    if (r->shop != NULL) hash = mixed(hash, r->shop, sizeof *r->shop);
    if (r->barber != NULL) hash = mixed(hash, r->barber, sizeof *r->barber);
    return hash;
}

/* ---- one request, tried on a copy ---- */

/* What a request is about to do, before the predicate is asked. */
struct trial {
    struct oracle *o;
    const fig_request *request;
    fig_outcome *outcome;
    uint64_t placed_id;      /* to be judged: booked, moved, held again, called back; 0: none */
    uint64_t touched_id;     /* the appointment that the outcome shows, 0: none */
    bool unchanged;          /* accepted, but there is nothing to write down */
};

static fig_status find_barber(struct trial *t, struct oracle_barber **barber) {
    const fig_request *r = t->request;
    *barber = r->barber_id != 0 ? oracle_barber_of(t->o, r->barber_id) : barber_named(t->o, r->barber_name);
    if (*barber == NULL) return FIG_NOT_FOUND;
    t->outcome->barber_id = (*barber)->profile.id;
    return FIG_OK;
}

static uint32_t buffer_or(uint32_t asked, uint32_t otherwise) {
    return asked == FIG_BUFFER_DEFAULT ? otherwise : asked;
}

static fig_status try_book(struct trial *t) {
    const fig_request *r = t->request;
    struct oracle_barber *barber;
    fig_status found = find_barber(t, &barber);
    if (found != FIG_OK) return found;
    bool hold = r->operation == FIG_OP_HOLD;
    t->o->appointments = grown(t->o->appointments, t->o->appointment_count, sizeof *t->o->appointments);
    fig_appointment *a = &t->o->appointments[t->o->appointment_count++];
    *a = fig_appointment_default();
    a->id = t->o->appointment_count;
    a->barber_id = barber->profile.id;
    a->client_id = r->client_id;
    a->service_id = r->service_id;
    a->start_s = r->start_s;
    a->end_s = r->end_s;
    a->buffer_before_s = buffer_or(r->buffer_before_s, 0);
    a->buffer_after_s = buffer_or(r->buffer_after_s, 0);
    a->booked_s = r->now_s;
    a->expires_s = hold ? r->now_s + r->ttl_s : 0;
    a->status = hold ? FIG_HELD : r->pending ? FIG_PENDING : FIG_SCHEDULED;
    a->has_note = r->note != NULL && r->note[0] != '\0';
    if (r->key != NULL) strcpy(a->key, r->key);
    t->placed_id = a->id;
    t->touched_id = a->id;
    return FIG_OK;
}

/* A hold asked for again: alive it lives longer, lapsed it is judged again. */
static fig_status try_hold_again(struct trial *t, fig_appointment *a) {
    bool lapsed = is_lapsed(a, t->request->now_s);
    a->expires_s = t->request->now_s + t->request->ttl_s;
    t->placed_id = lapsed ? a->id : 0;
    t->touched_id = a->id;
    t->outcome->barber_id = a->barber_id;
    return FIG_OK;
}

static bool may_become(fig_appointment_status from, fig_appointment_status to) {
    switch (from) {
    case FIG_HELD: return to == FIG_SCHEDULED || to == FIG_CONFIRMED || to == FIG_CANCELLED || to == FIG_EXPIRED;
    case FIG_PENDING: return to == FIG_SCHEDULED || to == FIG_CONFIRMED || to == FIG_CANCELLED;
    case FIG_SCHEDULED:
        return to == FIG_CONFIRMED || to == FIG_COMPLETED || to == FIG_CANCELLED || to == FIG_NO_SHOW;
    case FIG_CONFIRMED: return to == FIG_COMPLETED || to == FIG_CANCELLED || to == FIG_NO_SHOW;
    case FIG_COMPLETED: return to == FIG_NO_SHOW;
    case FIG_NO_SHOW: return to == FIG_COMPLETED || to == FIG_SCHEDULED;
    case FIG_CANCELLED: return to == FIG_SCHEDULED;
    case FIG_EXPIRED: return false;
    }
    return false;
}

/* The appointment that a request names, at the version that it demands, and not a hold that is over. */
static fig_status find_appointment(struct trial *t, fig_appointment **found) {
    const fig_request *r = t->request;
    fig_appointment *a =
        r->appointment_id != 0 ? oracle_appointment_of(t->o, r->appointment_id) : oracle_booked_by(t->o, r->booking_key);
    if (a == NULL) return FIG_NOT_FOUND;
    t->outcome->barber_id = a->barber_id;
    if (r->if_version != 0 && a->version != r->if_version) return FIG_STALE;
    if (is_lapsed(a, r->now_s)) return FIG_ILLEGAL_STATUS;
    t->touched_id = a->id;
    *found = a;
    return FIG_OK;
}

static fig_status try_status(struct trial *t) {
    fig_appointment *a;
    fig_status found = find_appointment(t, &a);
    if (found != FIG_OK) return found;
    fig_appointment_status to = t->request->status;
    if (!may_become(a->status, to)) return FIG_ILLEGAL_STATUS;
    if (t->request->operation == FIG_OP_CONFIRM && !is_active(a->status)) return FIG_ILLEGAL_STATUS;
    if (!is_active(a->status) && is_active(to)) t->placed_id = a->id;
    a->status = to;
    a->expires_s = 0;
    return FIG_OK;
}

static fig_status try_move(struct trial *t) {
    const fig_request *r = t->request;
    struct oracle_barber *barber;
    fig_appointment *a;
    fig_status found = find_appointment(t, &a);
    if (found != FIG_OK) return found;
    if (names_barber(r)) {
        found = find_barber(t, &barber);
        if (found != FIG_OK) return found;
        a->barber_id = barber->profile.id;
    }
    if (!is_active(a->status)) return FIG_ILLEGAL_STATUS;
    if (r->service_id != 0) a->service_id = r->service_id;
    if (r->start_s != 0 || r->end_s != 0) {
        a->start_s = r->start_s;
        a->end_s = r->end_s;
    }
    a->buffer_before_s = buffer_or(r->buffer_before_s, a->buffer_before_s);
    a->buffer_after_s = buffer_or(r->buffer_after_s, a->buffer_after_s);
    t->placed_id = a->id;
    return FIG_OK;
}

static fig_status try_windows(struct trial *t) {
    const fig_request *r = t->request;
    struct oracle_barber *b;
    fig_status found = find_barber(t, &b);
    if (found != FIG_OK) return found;
    fig_window window = fig_window_default();
    window.start_s = r->start_s;
    window.end_s = r->end_s;
    if (r->operation == FIG_OP_OPEN_WINDOW) declare_window(b, window);
    if (r->operation == FIG_OP_CLOSE_WINDOW) close_span(b, r->start_s, r->end_s);
    if (r->operation == FIG_OP_DECLARE_WINDOWS) {
        b->window_count = 0;
        for (size_t i = 0; i < r->window_count; i++) declare_window(b, r->windows[i]);
    }
    t->outcome->others_count =
        stranded(t->o, b, r->now_s, t->outcome->others, t->outcome->others_capacity);
    return FIG_OK;
}

static fig_status try_shop(struct trial *t) {
    const fig_shop *asked = t->request->shop;
    fig_shop *shop = shop_of(t->o, asked->id);
    for (size_t i = 0; i < t->o->shop_count && (asked->fields & FIG_SHOP_NAME); i++)
        if (t->o->shops[i].id != asked->id && asked->name[0] != '\0' && strcmp(t->o->shops[i].name, asked->name) == 0)
            return FIG_NAME_TAKEN;
    if (shop == NULL) {
        t->o->shops = grown(t->o->shops, t->o->shop_count, sizeof *shop);
        shop = &t->o->shops[t->o->shop_count++];
        *shop = fig_shop_default();
        shop->id = asked->id;
        strcpy(shop->zone, "UTC");
    }
    if (asked->fields & FIG_SHOP_NAME) strcpy(shop->name, asked->name);
    if (asked->fields & FIG_SHOP_ZONE) strcpy(shop->zone, asked->zone);
    if (asked->fields & FIG_SHOP_BUFFERS) shop->buffers = asked->buffers;
    if (asked->fields & FIG_SHOP_PAST) shop->past = asked->past;
    return FIG_OK;
}

static struct oracle_barber *new_barber(struct oracle *o, uint64_t id) {
    uint64_t largest = 0;
    for (size_t i = 0; i < o->barber_count; i++)
        if (o->barbers[i].profile.id > largest) largest = o->barbers[i].profile.id;
    o->barbers = grown(o->barbers, o->barber_count, sizeof *o->barbers);
    struct oracle_barber *b = &o->barbers[o->barber_count++];
    *b = (struct oracle_barber){.profile = fig_barber_default()};
    b->profile.id = id != 0 ? id : largest + 1;
    b->profile.shop_id = 1;
    b->profile.active = true;
    return b;
}

static fig_status try_barber(struct trial *t) {
    const fig_barber *asked = t->request->barber;
    struct oracle_barber *namesake = (asked->fields & FIG_BARBER_NAME) ? barber_named(t->o, asked->name) : NULL;
    struct oracle_barber *b = asked->id != 0 ? oracle_barber_of(t->o, asked->id) : namesake;
    if ((asked->fields & FIG_BARBER_SHOP) && shop_of(t->o, asked->shop_id) == NULL) return FIG_NOT_FOUND;
    if (namesake != NULL && namesake != b) return FIG_NAME_TAKEN;
    if (b == NULL) b = new_barber(t->o, asked->id);
    fig_barber *profile = &b->profile;
    if (asked->fields & FIG_BARBER_NAME) strcpy(profile->name, asked->name);
    if (asked->fields & FIG_BARBER_SHOP) profile->shop_id = asked->shop_id;
    if (asked->fields & FIG_BARBER_ZONE) strcpy(profile->zone, asked->zone);
    if (asked->fields & FIG_BARBER_ACTIVE) profile->active = asked->active;
    if (asked->fields & FIG_BARBER_PRIORITY) profile->priority = asked->priority;
    if (asked->fields & FIG_BARBER_OPEN) {
        profile->open = asked->open;
        b->open_declared = true;
    }
    t->outcome->barber_id = profile->id;
    return FIG_OK;
}

static fig_status try_operation(struct trial *t) {
    switch (t->request->operation) {
    case FIG_OP_BOOK:
    case FIG_OP_HOLD: return try_book(t);
    case FIG_OP_CONFIRM:
    case FIG_OP_SET_STATUS: return try_status(t);
    case FIG_OP_MOVE: return try_move(t);
    case FIG_OP_OPEN_WINDOW:
    case FIG_OP_CLOSE_WINDOW:
    case FIG_OP_DECLARE_WINDOWS: return try_windows(t);
    case FIG_OP_DECLARE_SHOP: return try_shop(t);
    case FIG_OP_DECLARE_BARBER: return try_barber(t);
    }
    return FIG_INVALID;
}

/* ---- judgement ---- */

static fig_status judge(struct trial *t) {
    const fig_appointment *a = oracle_appointment_of(t->o, t->placed_id);
    const struct oracle_barber *barber = oracle_barber_of(t->o, a->barber_id);
    int64_t now_s = t->request->now_s;
    if (!barber->profile.active || !is_open(barber, a)) return FIG_CLOSED;
    if (shop_of(t->o, barber->profile.shop_id)->past == FIG_PAST_REFUSE && a->start_s < now_s) return FIG_RULE;
    fig_outcome *outcome = t->outcome;
    outcome->others_count = blockers_of(t->o, a, now_s, outcome->others, outcome->others_capacity);
    return outcome->others_count > 0 ? FIG_CONFLICT : FIG_OK;
}

/* A lapsed hold that something was placed over is over for good, whatever the next request's clock says. */
static void end_lapsed_holds(struct trial *t, uint64_t seq) {
    const fig_appointment *placed = oracle_appointment_of(t->o, t->placed_id);
    for (size_t i = 0; i < t->o->appointment_count; i++) {
        fig_appointment *hold = &t->o->appointments[i];
        if (!in_the_way(t->o, placed, hold) || !is_lapsed(hold, t->request->now_s)) continue;
        hold->status = FIG_EXPIRED;
        hold->version = seq;
    }
}

static void settle(struct trial *t, uint64_t seq) {
    fig_outcome *outcome = t->outcome;
    if (t->placed_id != 0) end_lapsed_holds(t, seq);
    outcome->status = FIG_OK;
    outcome->version = seq;
    if (t->touched_id == 0) return;
    fig_appointment *a = oracle_appointment_of(t->o, t->touched_id);
    a->version = seq;
    outcome->appointment = *a;
}

static void remember(struct oracle *o, const struct trial *t, uint64_t content) {
    if (t->request->key == NULL) return;
    o->keys = grown(o->keys, o->key_count, sizeof *o->keys);
    struct oracle_key *kept = &o->keys[o->key_count++];
    *kept = (struct oracle_key){.content = content, .at_s = t->request->now_s, .first = *t->outcome};
    strcpy(kept->key, t->request->key);
    kept->first.others = NULL;
    kept->first.others_count = kept->first.others_capacity = 0;
    if (t->request->operation == FIG_OP_BOOK || t->request->operation == FIG_OP_HOLD) kept->booked_id = t->touched_id;
}

static void refuse(const struct oracle *o, fig_outcome *outcome, fig_status status) {
    outcome->status = status;
    outcome->version = o->seq;
    outcome->appointment = fig_appointment_default();
}

static void answer_again(const struct oracle_key *known, fig_outcome *outcome) {
    outcome->status = FIG_OK;
    outcome->repeated = true;
    outcome->version = known->first.version;
    outcome->barber_id = known->first.barber_id;
    outcome->appointment = known->first.appointment;
}

/* True when the key alone decides. A hold's key asks for more life: then *renewed is the hold. */
static bool key_decides(struct trial *t, uint64_t content, fig_appointment **renewed, fig_status *status) {
    const fig_request *r = t->request;
    struct oracle_key *known = r->key != NULL ? key_of(t->o, r->key, r->now_s) : NULL;
    if (known == NULL) return false;
    *status = FIG_KEY_REUSED;
    if (known->content != content) return true;
    *status = FIG_OK;
    if (r->operation == FIG_OP_HOLD) {
        fig_appointment *hold = oracle_appointment_of(t->o, known->booked_id);
        if (hold->status == FIG_HELD) return *renewed = hold, false;
        *status = FIG_ILLEGAL_STATUS;
        if (hold->status == FIG_CANCELLED || hold->status == FIG_EXPIRED) return true;
        *status = FIG_OK;
    }
    answer_again(known, t->outcome);
    return true;
}

static struct trial trial_of(struct oracle *o, const fig_request *request, fig_outcome *outcome) {
    fig_outcome fresh = fig_outcome_default();
    fresh.others = outcome->others;
    fresh.others_capacity = outcome->others_capacity;
    *outcome = fresh;
    return (struct trial){.o = o, .request = request, .outcome = outcome};
}

void oracle_request(struct oracle **oracle, const fig_request *request, fig_outcome *outcome) {
    struct oracle *tried = oracle_copy(*oracle);
    struct trial t = trial_of(tried, request, outcome);
    fig_appointment *renewed = NULL;
    fig_status status = is_valid(request) ? FIG_OK : FIG_INVALID;
    uint64_t content = status == FIG_OK ? content_of(tried, request) : 0;
    bool decided = status != FIG_OK || key_decides(&t, content, &renewed, &status);
    if (!decided) status = renewed != NULL ? try_hold_again(&t, renewed) : try_operation(&t);
    if (!decided && status == FIG_OK && t.placed_id != 0) status = judge(&t);
    if (status != FIG_OK) refuse(*oracle, outcome, status);
    if (!decided && status == FIG_OK) {
        settle(&t, tried->seq += 1);
        if (renewed == NULL) remember(tried, &t, content);
        struct oracle *before = *oracle;
        *oracle = tried;
        tried = before;
    }
    oracle_free(tried);
}
