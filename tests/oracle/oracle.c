/* The rules in the order they are asked: field validity, key, not found, version, status, closed, conflict. */
#include "tests/oracle/oracle.h"

#include <stdlib.h>
#include <string.h>

#define KEY_LIFE_S (30 * 86400)

/* ---- arrays ---- */

static void *copy_of(const void *items, size_t count, size_t size)
{
    void *copy = malloc(count * size + 1);
    if (copy == NULL) abort();
    if (count > 0) memcpy(copy, items, count * size);
    return copy;
}

/* Room for one more at the end. */
static void *grown(void *items, size_t count, size_t size)
{
    void *more = realloc(items, (count + 1) * size);
    if (more == NULL) abort();
    return more;
}

struct oracle *oracle_new(uint64_t seq, const fig_shop *first_shop, int64_t made_s)
{
    struct oracle *o = calloc(1, sizeof *o);
    if (o == NULL) abort();
    o->shops = copy_of(first_shop, 1, sizeof *first_shop);
    o->shop_count = 1;
    struct oracle_key key = {.key = "figaro: first shop", .at_s = made_s, .first = {.version = seq}};
    o->keys = copy_of(&key, 1, sizeof key);
    o->key_count = 1;
    o->seq = seq;
    return o;
}

struct oracle *oracle_copy(const struct oracle *o)
{
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

void oracle_free(struct oracle *o)
{
    if (o == NULL) return;
    for (size_t i = 0; i < o->barber_count; i++) free(o->barbers[i].windows);
    free(o->barbers);
    free(o->appointments);
    free(o->shops);
    free(o->keys);
    free(o);
}

/* ---- finding ---- */

struct oracle_barber *oracle_barber_of(const struct oracle *o, uint64_t id)
{
    for (size_t i = 0; i < o->barber_count; i++)
        if (o->barbers[i].profile.id == id) return &o->barbers[i];
    return NULL;
}

static struct oracle_barber *barber_named(const struct oracle *o, const char *name)
{
    for (size_t i = 0; i < o->barber_count; i++)
        if (strcmp(o->barbers[i].profile.name, name) == 0) return &o->barbers[i];
    return NULL;
}

static fig_shop *shop_of(const struct oracle *o, uint64_t id)
{
    for (size_t i = 0; i < o->shop_count; i++)
        if (o->shops[i].id == id) return &o->shops[i];
    return NULL;
}

fig_appointment *oracle_appointment_of(const struct oracle *o, uint64_t id)
{
    return id >= 1 && id <= o->appointment_count ? &o->appointments[id - 1] : NULL;
}

fig_appointment *oracle_booked_by(const struct oracle *o, const char *key)
{
    for (size_t i = 0; i < o->appointment_count; i++)
        if (strcmp(o->appointments[i].key, key) == 0) return &o->appointments[i];
    return NULL;
}

static struct oracle_key *key_place(const struct oracle *o, const char *key)
{
    for (size_t i = 0; i < o->key_count; i++)
        if (strcmp(o->keys[i].key, key) == 0) return &o->keys[i];
    return NULL;
}

/* The key, unless its time is up; a booking's is remembered for good. */
static struct oracle_key *key_of(const struct oracle *o, const char *key, int64_t now_s)
{
    struct oracle_key *known = key != NULL ? key_place(o, key) : NULL;
    if (known == NULL || (known->booked_id == 0 && now_s - known->at_s >= KEY_LIFE_S)) return NULL;
    return known;
}

/* ---- the predicate ---- */

static bool is_active(fig_appointment_status status) { return status >= FIG_HELD && status <= FIG_CONFIRMED; }

static bool is_lapsed(const fig_appointment *a, int64_t now_s)
{
    return a->status == FIG_HELD && now_s >= a->expires_s;
}

static bool blocks(const fig_appointment *a, int64_t now_s) { return is_active(a->status) && !is_lapsed(a, now_s); }

static bool meet(int64_t from, int64_t to, int64_t other_from, int64_t other_to)
{
    return from < other_to && other_from < to;
}

static bool exclusive_at(const struct oracle *o, uint64_t barber_id)
{
    return shop_of(o, oracle_barber_of(o, barber_id)->profile.shop_id)->buffers == FIG_BUFFERS_EXCLUSIVE;
}

static bool conflict(const fig_appointment *a, const fig_appointment *b, bool exclusive)
{
    int64_t a_from = a->start_s - a->buffer_before_s, a_to = a->end_s + a->buffer_after_s;
    int64_t b_from = b->start_s - b->buffer_before_s, b_to = b->end_s + b->buffer_after_s;
    if (exclusive) return meet(a_from, a_to, b_from, b_to);
    return meet(a->start_s, a->end_s, b_from, b_to) || meet(b->start_s, b->end_s, a_from, a_to);
}

static bool in_the_way(const struct oracle *o, const fig_appointment *a, const fig_appointment *other)
{
    return other->id != a->id && other->barber_id == a->barber_id && is_active(other->status) &&
           conflict(a, other, exclusive_at(o, a->barber_id));
}

static int by_start(const void *left, const void *right)
{
    const fig_appointment *a = left, *b = right;
    if (a->start_s != b->start_s) return a->start_s < b->start_s ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

fig_appointment oracle_show(const fig_appointment *appointment, int64_t now_s)
{
    fig_appointment shown = *appointment;
    if (is_lapsed(appointment, now_s)) shown.status = FIG_EXPIRED;
    return shown;
}

/* Sorts what was gathered and hands over as much as there is room for. */
static size_t deliver(fig_appointment *gathered, size_t count, bool sort, fig_appointment *found, size_t capacity)
{
    if (sort) qsort(gathered, count, sizeof *gathered, by_start);
    for (size_t i = 0; i < count && i < capacity; i++) found[i] = gathered[i];
    free(gathered);
    return count;
}

static size_t blockers_of(const struct oracle *o, const fig_appointment *a, int64_t now_s, fig_appointment *found,
                          size_t capacity)
{
    fig_appointment *gathered = copy_of(o->appointments, o->appointment_count, sizeof *gathered);
    size_t count = 0;
    for (size_t i = 0; i < o->appointment_count; i++) {
        const fig_appointment *other = &o->appointments[i];
        if (in_the_way(o, a, other) && blocks(other, now_s)) gathered[count++] = oracle_show(other, now_s);
    }
    return deliver(gathered, count, true, found, capacity);
}

size_t oracle_check(const struct oracle *o, int64_t now_s, const fig_span *span, fig_appointment *found,
                    size_t capacity)
{
    fig_appointment asked = {.id = span->ignore_id,
                             .barber_id = span->barber_id,
                             .start_s = span->start_s,
                             .end_s = span->end_s,
                             .buffer_before_s = span->buffer_before_s,
                             .buffer_after_s = span->buffer_after_s};
    return blockers_of(o, &asked, now_s, found, capacity);
}

bool oracle_sound(const struct oracle *o)
{
    for (size_t i = 0; i < o->appointment_count; i++)
        for (size_t j = i + 1; j < o->appointment_count; j++) {
            const fig_appointment *a = &o->appointments[i], *b = &o->appointments[j];
            if (a->barber_id == b->barber_id && is_active(a->status) && is_active(b->status) && conflict(a, b, false))
                return false;
        }
    return true;
}

size_t oracle_list(const struct oracle *o, int64_t now_s, const fig_filter *filter, fig_appointment *found,
                   size_t capacity)
{
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

struct affected {
    uint64_t barber_id; /* 0: none */
    int64_t from_s;
    int64_t to_s;
    bool all;
};

static bool covered(const struct oracle_barber *b, int64_t start_s, int64_t end_s)
{
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

static bool is_open(const struct oracle_barber *b, const fig_appointment *a)
{
    for (size_t i = 0; i < b->window_count; i++) {
        const fig_window *w = &b->windows[i];
        if (w->kind == FIG_WINDOW_UNAVAILABLE && meet(w->start_s, w->end_s, a->start_s, a->end_s)) return false;
    }
    return b->profile.open == FIG_OPEN_ALWAYS || covered(b, a->start_s, a->end_s);
}

/* Of two with one start, declared from one instant, the longer says it all. */
static void add_window(struct oracle_barber *b, fig_window window)
{
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

static void declare_window(struct oracle_barber *b, fig_window window)
{
    window.declared_start_s = window.start_s;
    add_window(b, window);
    if (window.kind != FIG_WINDOW_AVAILABLE || b->open_declared) return;
    b->profile.open = FIG_OPEN_HOURS;
    b->open_declared = true;
}

static void close_span(struct oracle_barber *b, int64_t start_s, int64_t end_s)
{
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

/* What a change of open time in a span is answered with: active appointments outside open time, or all of them. */
static size_t stranded(const struct oracle *o, const struct oracle_barber *b, int64_t now_s, const struct affected *in,
                       fig_appointment *found, size_t capacity)
{
    fig_appointment *gathered = copy_of(o->appointments, o->appointment_count, sizeof *gathered);
    size_t count = 0;
    for (size_t i = 0; i < o->appointment_count; i++) {
        const fig_appointment *a = &o->appointments[i];
        if (a->barber_id != b->profile.id || !blocks(a, now_s)) continue;
        if (meet(a->start_s, a->end_s, in->from_s, in->to_s) && (in->all || !is_open(b, a))) gathered[count++] = *a;
    }
    return deliver(gathered, count, true, found, capacity);
}

/* ---- validity ---- */

static bool in_time(int64_t t) { return t >= FIG_TIME_MIN && t <= FIG_TIME_MAX; }

static bool is_span(int64_t start_s, int64_t end_s)
{
    return in_time(start_s) && in_time(end_s) && start_s < end_s && end_s - start_s <= FIG_DURATION_MAX;
}

static bool is_buffer(uint32_t buffer_s) { return buffer_s == FIG_BUFFER_DEFAULT || buffer_s <= FIG_BUFFER_MAX; }

static bool names_appointment(const fig_request *r) { return r->appointment_id != 0 || r->booking_key != NULL; }

static bool names_barber(const fig_request *r) { return r->barber_id != 0 || r->barber_name != NULL; }

static bool valid_windows(const fig_request *r)
{
    for (size_t i = 0; i < r->window_count; i++)
        if (!is_span(r->windows[i].start_s, r->windows[i].end_s)) return false;
    return true;
}

static bool valid_life(const fig_request *r)
{
    return r->ttl_s >= 1 && r->ttl_s <= FIG_HOLD_MAX && r->now_s + r->ttl_s <= FIG_TIME_MAX;
}

/* Its length would be the service's, of which nothing is said in these histories. */
static bool leaves_end_out(const fig_request *r) { return r->end_s == 0 && r->start_s >= 0 && r->service_id != 0; }

static bool is_valid(const fig_request *r)
{
    if (!in_time(r->now_s)) return false;
    bool buffers = is_buffer(r->buffer_before_s) && is_buffer(r->buffer_after_s);
    bool span = is_span(r->start_s, r->end_s);
    bool bookable = span || (leaves_end_out(r) && in_time(r->start_s));
    switch (r->operation) {
    case FIG_OP_BOOK: return names_barber(r) && bookable && buffers;
    case FIG_OP_HOLD: return names_barber(r) && bookable && buffers && valid_life(r);
    case FIG_OP_CONFIRM: return names_appointment(r) && (r->status == FIG_SCHEDULED || r->status == FIG_CONFIRMED);
    case FIG_OP_MOVE: return names_appointment(r) && buffers && (span || (r->start_s == 0 && r->end_s == 0));
    case FIG_OP_SET_STATUS: return names_appointment(r) && r->status >= FIG_HELD && r->status <= FIG_EXPIRED;
    case FIG_OP_OPEN_WINDOW:
    case FIG_OP_CLOSE_WINDOW: return names_barber(r) && span;
    case FIG_OP_DECLARE_WINDOWS: return names_barber(r) && valid_windows(r);
    case FIG_OP_DECLARE_SHOP: return r->shop != NULL && r->shop->id != 0;
    case FIG_OP_DECLARE_BARBER: return r->barber != NULL && (r->barber->id != 0 || r->barber->name[0] != '\0');
    default: break; /* the rest has its own property test */
    }
    return false;
}

/* ---- content of a request: all but now, ttl, key and timeout ---- */

static uint64_t mixed(uint64_t hash, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) hash = (hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t mixed_number(uint64_t hash, uint64_t number) { return mixed(hash, &number, sizeof number); }

static uint64_t mixed_text(uint64_t hash, const char *text)
{
    return text == NULL ? mixed_number(hash, 1) : mixed(mixed_number(hash, 2), text, strlen(text) + 1);
}

static uint64_t mixed_request(uint64_t hash, const fig_request *r)
{
    uint64_t numbers[] = {r->operation,       r->if_version,     r->appointment_id,    r->barber_id,
                          r->client_id,       r->service_id,     (uint64_t)r->start_s, (uint64_t)r->end_s,
                          r->buffer_before_s, r->buffer_after_s, r->pending,           r->status,
                          r->window_count};
    hash = mixed(hash, numbers, sizeof numbers);
    hash = mixed_text(mixed_text(mixed_text(hash, r->booking_key), r->barber_name), r->note);
    for (size_t i = 0; i < r->window_count; i++) {
        hash = mixed_number(mixed_number(hash, (uint64_t)r->windows[i].start_s), (uint64_t)r->windows[i].end_s);
        hash = mixed_number(hash, r->windows[i].kind);
    }
    if (r->shop != NULL) hash = mixed(hash, r->shop, sizeof *r->shop);
    if (r->barber != NULL) hash = mixed(hash, r->barber, sizeof *r->barber);
    return hash;
}

static uint64_t content_of(const fig_request *requests, size_t count)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < count; i++) hash = mixed_request(hash, &requests[i]);
    return hash;
}

/* ---- a trial: some requests, drafted on a copy of everything, then judged ---- */

struct touched {
    uint64_t id;
    size_t member; /* the last to touch it */
    bool judged;   /* other appointments may be in its way */
    bool placed;   /* its barber or time is new: it must lie in open time, too */
    bool changed;
};

struct trial {
    const struct oracle *base;
    struct oracle *o;
    const fig_request *requests;
    fig_outcome *outcomes;
    size_t count;
    struct touched touched[FIG_BATCH_MAX];
    size_t touched_count;
    uint64_t shown[FIG_BATCH_MAX]; /* by member: the appointment that its outcome shows, 0: none */
    struct affected affected;
    bool changed; /* there is something to write down */
};

static struct touched *touch(struct trial *t, uint64_t id, size_t member)
{
    t->shown[member] = id;
    struct touched *place = t->touched;
    while (place < t->touched + t->touched_count && place->id != id) place++;
    if (place == t->touched + t->touched_count) {
        t->touched_count++;
        *place = (struct touched){.id = id};
    }
    place->member = member;
    return place;
}

static void mark(struct trial *t, struct touched *touched, bool judged, bool placed)
{
    touched->changed = t->changed = true;
    touched->judged |= judged;
    touched->placed |= placed;
}

static fig_status find_barber(struct trial *t, size_t member, struct oracle_barber **barber)
{
    const fig_request *r = &t->requests[member];
    *barber = r->barber_id != 0 ? oracle_barber_of(t->o, r->barber_id) : barber_named(t->o, r->barber_name);
    if (*barber == NULL) return FIG_NOT_FOUND;
    t->outcomes[member].barber_id = (*barber)->profile.id;
    return FIG_OK;
}

static uint32_t buffer_or(uint32_t asked, uint32_t otherwise)
{
    return asked == FIG_BUFFER_DEFAULT ? otherwise : asked;
}

static fig_status try_book(struct trial *t, size_t member)
{
    const fig_request *r = &t->requests[member];
    struct oracle_barber *barber;
    fig_status found = find_barber(t, member, &barber);
    if (found != FIG_OK) return found;
    if (leaves_end_out(r)) return FIG_INVALID;
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
    mark(t, touch(t, a->id, member), true, true);
    return FIG_OK;
}

/* A hold asked for again: alive it lives longer, lapsed it is judged again. */
static fig_status try_hold_again(struct trial *t, size_t member, fig_appointment *a)
{
    const fig_request *r = &t->requests[member];
    int64_t expires_s = r->now_s + r->ttl_s;
    bool lapsed = is_lapsed(a, r->now_s);
    touch(t, a->id, member);
    if (r->if_version != 0 && r->if_version != a->version) return FIG_STALE;
    t->outcomes[member].barber_id = a->barber_id;
    if (a->status != FIG_HELD) return FIG_ILLEGAL_STATUS; /* by another member of the batch */
    if (a->expires_s == expires_s) return FIG_OK;
    a->expires_s = expires_s;
    mark(t, touch(t, a->id, member), lapsed, lapsed);
    return FIG_OK;
}

static bool may_become(fig_appointment_status from, fig_appointment_status to)
{
    switch (from) {
    case FIG_HELD: return to == FIG_SCHEDULED || to == FIG_CONFIRMED || to == FIG_CANCELLED || to == FIG_EXPIRED;
    case FIG_PENDING: return to == FIG_SCHEDULED || to == FIG_CONFIRMED || to == FIG_CANCELLED;
    case FIG_SCHEDULED: return to == FIG_CONFIRMED || to == FIG_COMPLETED || to == FIG_CANCELLED || to == FIG_NO_SHOW;
    case FIG_CONFIRMED: return to == FIG_COMPLETED || to == FIG_CANCELLED || to == FIG_NO_SHOW;
    case FIG_COMPLETED: return to == FIG_NO_SHOW;
    case FIG_NO_SHOW: return to == FIG_COMPLETED || to == FIG_SCHEDULED;
    case FIG_CANCELLED: return to == FIG_SCHEDULED;
    case FIG_EXPIRED: return false;
    }
    return false;
}

/* The appointment that a request names, at the version that it demands. */
static fig_status find_appointment(struct trial *t, size_t member, fig_appointment **found)
{
    const fig_request *r = &t->requests[member];
    fig_appointment *a = r->appointment_id != 0 ? oracle_appointment_of(t->o, r->appointment_id)
                                                : oracle_booked_by(t->o, r->booking_key);
    if (a == NULL) return FIG_NOT_FOUND;
    t->outcomes[member].barber_id = a->barber_id;
    touch(t, a->id, member);
    if (r->if_version != 0 && a->version != r->if_version) return FIG_STALE;
    *found = a;
    return FIG_OK;
}

static fig_status try_status(struct trial *t, size_t member)
{
    const fig_request *r = &t->requests[member];
    fig_appointment *a;
    fig_status found = find_appointment(t, member, &a);
    if (found != FIG_OK) return found;
    if (is_lapsed(a, r->now_s) && r->status != FIG_EXPIRED) return FIG_ILLEGAL_STATUS;
    if (r->operation == FIG_OP_CONFIRM && !is_active(a->status)) return FIG_ILLEGAL_STATUS;
    if (!may_become(a->status, r->status)) return FIG_ILLEGAL_STATUS;
    bool again = !is_active(a->status) && is_active(r->status);
    mark(t, touch(t, a->id, member), again, again);
    a->status = r->status;
    a->expires_s = 0;
    return FIG_OK;
}

static bool has_moved(const fig_appointment *a, const fig_appointment *b)
{
    return a->barber_id != b->barber_id || a->start_s != b->start_s || a->end_s != b->end_s;
}

static bool has_other_buffers(const fig_appointment *a, const fig_appointment *b)
{
    return a->buffer_before_s != b->buffer_before_s || a->buffer_after_s != b->buffer_after_s;
}

static fig_status try_move(struct trial *t, size_t member)
{
    const fig_request *r = &t->requests[member];
    struct oracle_barber *barber;
    fig_appointment *a;
    fig_status found = find_appointment(t, member, &a);
    if (found != FIG_OK) return found;
    if (!blocks(a, r->now_s)) return FIG_ILLEGAL_STATUS;
    fig_appointment before = *a;
    if (names_barber(r)) {
        found = find_barber(t, member, &barber);
        if (found != FIG_OK) return found;
        a->barber_id = barber->profile.id;
    }
    if (r->service_id != 0) a->service_id = r->service_id;
    if (r->start_s != 0 || r->end_s != 0) {
        a->start_s = r->start_s;
        a->end_s = r->end_s;
    }
    a->buffer_before_s = buffer_or(r->buffer_before_s, a->buffer_before_s);
    a->buffer_after_s = buffer_or(r->buffer_after_s, a->buffer_after_s);
    bool placed = has_moved(a, &before) || a->service_id != before.service_id;
    bool judged = placed || has_other_buffers(a, &before);
    if (judged) mark(t, touch(t, a->id, member), judged, placed);
    return FIG_OK;
}

static bool has_window(const struct oracle_barber *b, const fig_window *window)
{
    for (size_t i = 0; i < b->window_count; i++) {
        const fig_window *w = &b->windows[i];
        if (w->kind == window->kind && w->start_s == window->start_s && w->end_s == window->end_s &&
            w->declared_start_s == window->declared_start_s)
            return true;
    }
    return false;
}

static bool same_windows(const struct oracle_barber *a, const struct oracle_barber *b)
{
    for (size_t i = 0; i < a->window_count; i++)
        if (!has_window(b, &a->windows[i])) return false;
    return a->window_count == b->window_count && a->open_declared == b->open_declared;
}

/* A list that says the same in other words is written down again: one of another length, or not in order. */
static bool is_rewritten(const struct oracle_barber *before, const fig_request *r)
{
    int64_t last_start_s[2] = {INT64_MIN, INT64_MIN};
    for (size_t i = 0; i < r->window_count; i++) {
        const fig_window *w = &r->windows[i];
        if (w->start_s <= last_start_s[w->kind]) return true;
        last_start_s[w->kind] = w->start_s;
    }
    return r->window_count != before->window_count || (before->window_count > 0 && !before->open_declared);
}

static fig_status try_windows(struct trial *t)
{
    const fig_request *r = &t->requests[0];
    struct oracle_barber *b;
    fig_status found = find_barber(t, 0, &b);
    if (found != FIG_OK) return found;
    struct oracle_barber before = *b;
    before.windows = copy_of(b->windows, b->window_count, sizeof *b->windows);
    fig_window window = fig_window_default();
    window.start_s = r->start_s;
    window.end_s = r->end_s;
    t->affected = (struct affected){b->profile.id, r->start_s, r->end_s, false};
    if (r->operation == FIG_OP_OPEN_WINDOW) declare_window(b, window);
    if (r->operation == FIG_OP_CLOSE_WINDOW) close_span(b, r->start_s, r->end_s);
    if (r->operation == FIG_OP_DECLARE_WINDOWS) {
        b->window_count = 0;
        for (size_t i = 0; i < r->window_count; i++) declare_window(b, r->windows[i]);
    }
    if (r->operation == FIG_OP_DECLARE_WINDOWS || before.open_declared != b->open_declared)
        t->affected = (struct affected){b->profile.id, r->now_s, FIG_TIME_MAX, false};
    t->changed = !same_windows(&before, b) || (r->operation == FIG_OP_DECLARE_WINDOWS && is_rewritten(&before, r));
    free(before.windows);
    return FIG_OK;
}

static fig_status try_shop(struct trial *t)
{
    const fig_shop *asked = t->requests[0].shop;
    fig_shop *there = shop_of(t->o, asked->id), is = fig_shop_default();
    is.id = asked->id;
    strcpy(is.zone, "UTC");
    if (there != NULL) is = *there;
    if (asked->fields & FIG_SHOP_NAME) strcpy(is.name, asked->name);
    if (asked->fields & FIG_SHOP_ZONE) strcpy(is.zone, asked->zone);
    if (asked->fields & FIG_SHOP_BUFFERS) is.buffers = asked->buffers;
    if (asked->fields & FIG_SHOP_PAST) is.past = asked->past;
    if (is.name[0] == '\0') return FIG_INVALID;
    for (size_t i = 0; i < t->o->shop_count; i++)
        if (t->o->shops[i].id != is.id && strcmp(t->o->shops[i].name, is.name) == 0) return FIG_NAME_TAKEN;
    t->changed = there == NULL || strcmp(there->name, is.name) != 0 || strcmp(there->zone, is.zone) != 0 ||
                 there->buffers != is.buffers || there->past != is.past;
    if (there == NULL) {
        t->o->shops = grown(t->o->shops, t->o->shop_count, sizeof is);
        there = &t->o->shops[t->o->shop_count++];
    }
    *there = is;
    return FIG_OK;
}

static uint64_t next_barber_id(const struct oracle *o)
{
    uint64_t largest = 0;
    for (size_t i = 0; i < o->barber_count; i++)
        if (o->barbers[i].profile.id > largest) largest = o->barbers[i].profile.id;
    return largest + 1;
}

static bool same_profile(const fig_barber *a, const fig_barber *b)
{
    return a->shop_id == b->shop_id && a->open == b->open && a->priority == b->priority && a->active == b->active &&
           strcmp(a->name, b->name) == 0 && strcmp(a->zone, b->zone) == 0;
}

static fig_status try_barber(struct trial *t)
{
    const fig_barber *asked = t->requests[0].barber;
    struct oracle_barber *there = asked->id != 0 ? oracle_barber_of(t->o, asked->id) : barber_named(t->o, asked->name);
    struct oracle_barber was = {.profile = fig_barber_default()};
    was.profile.id = asked->id != 0 ? asked->id : next_barber_id(t->o);
    was.profile.shop_id = 1;
    if (there != NULL) was = *there;
    struct oracle_barber is = was;
    if (asked->fields & FIG_BARBER_NAME) strcpy(is.profile.name, asked->name);
    if (asked->fields & FIG_BARBER_SHOP) is.profile.shop_id = asked->shop_id;
    if (asked->fields & FIG_BARBER_ZONE) strcpy(is.profile.zone, asked->zone);
    if (asked->fields & FIG_BARBER_ACTIVE) is.profile.active = asked->active;
    if (asked->fields & FIG_BARBER_PRIORITY) is.profile.priority = asked->priority;
    if (asked->fields & FIG_BARBER_OPEN) {
        is.profile.open = asked->open;
        is.open_declared = true;
    }
    if (is.profile.name[0] == '\0') return FIG_INVALID;
    struct oracle_barber *namesake = barber_named(t->o, is.profile.name);
    if (namesake != NULL && namesake != there) return FIG_NAME_TAKEN;
    if (shop_of(t->o, is.profile.shop_id) == NULL) return FIG_NOT_FOUND;
    t->outcomes[0].barber_id = is.profile.id;
    bool retired = there != NULL && was.profile.active && !is.profile.active;
    bool other_hours = was.profile.open != is.profile.open || was.profile.shop_id != is.profile.shop_id ||
                       strcmp(was.profile.zone, is.profile.zone) != 0;
    if (retired || (there != NULL && other_hours))
        t->affected = (struct affected){is.profile.id, t->requests[0].now_s, FIG_TIME_MAX, retired};
    t->changed = there == NULL || !same_profile(&was.profile, &is.profile) || was.open_declared != is.open_declared;
    if (there == NULL) {
        t->o->barbers = grown(t->o->barbers, t->o->barber_count, sizeof is);
        there = &t->o->barbers[t->o->barber_count++];
    }
    *there = is;
    return FIG_OK;
}

static fig_status try_operation(struct trial *t, size_t member)
{
    switch (t->requests[member].operation) {
    case FIG_OP_BOOK:
    case FIG_OP_HOLD: return try_book(t, member);
    case FIG_OP_CONFIRM:
    case FIG_OP_SET_STATUS: return try_status(t, member);
    case FIG_OP_MOVE: return try_move(t, member);
    case FIG_OP_OPEN_WINDOW:
    case FIG_OP_CLOSE_WINDOW:
    case FIG_OP_DECLARE_WINDOWS: return try_windows(t);
    case FIG_OP_DECLARE_SHOP: return try_shop(t);
    case FIG_OP_DECLARE_BARBER: return try_barber(t);
    default: break;
    }
    return FIG_INVALID;
}

/* ---- judgement ---- */

static fig_status judge(const struct trial *t, const struct touched *touched)
{
    const fig_appointment *a = oracle_appointment_of(t->o, touched->id);
    const struct oracle_barber *barber = oracle_barber_of(t->o, a->barber_id);
    int64_t now_s = t->requests[0].now_s;
    fig_outcome *outcome = &t->outcomes[touched->member];
    outcome->others_count = blockers_of(t->o, a, now_s, outcome->others, outcome->others_capacity);
    if (touched->placed && (!barber->profile.active || !is_open(barber, a))) return FIG_CLOSED;
    if (touched->placed && shop_of(t->o, barber->profile.shop_id)->past == FIG_PAST_REFUSE && a->start_s < now_s)
        return FIG_RULE;
    return outcome->others_count > 0 ? FIG_CONFLICT : FIG_OK;
}

/* Judged is what is to block time in the state that all members leave. */
static bool is_to_be_judged(const struct trial *t, const struct touched *touched)
{
    return touched->judged && blocks(oracle_appointment_of(t->o, touched->id), t->requests[0].now_s);
}

static void judge_all(struct trial *t)
{
    for (size_t i = 0; i < t->touched_count; i++) {
        const struct touched *touched = &t->touched[i];
        if (!is_to_be_judged(t, touched)) continue;
        fig_status status = judge(t, touched);
        if (status != FIG_OK) t->outcomes[touched->member].status = status;
    }
}

/* A lapsed hold that something was placed over is over for good, whatever the next request's clock says. */
static void end_lapsed_holds(struct trial *t, const fig_appointment *placed)
{
    for (size_t i = 0; i < t->o->appointment_count; i++) {
        fig_appointment *hold = &t->o->appointments[i];
        if (!in_the_way(t->o, placed, hold) || !is_lapsed(hold, t->requests[0].now_s)) continue;
        hold->status = FIG_EXPIRED;
        hold->expires_s = 0;
        hold->version = t->o->seq;
    }
}

static bool books(const fig_request *r) { return r->operation == FIG_OP_BOOK || r->operation == FIG_OP_HOLD; }

/* The oldest kept key that is younger than `than`, NULL: there is none. */
static struct oracle_key *next_kept(struct oracle *o, uint64_t than)
{
    struct oracle_key *next = NULL;
    for (size_t i = 0; i < o->key_count; i++) {
        struct oracle_key *known = &o->keys[i];
        if (known->booked_id != 0 || known->first.version <= than) continue;
        if (next == NULL || known->first.version < next->first.version) next = known;
    }
    return next;
}

/* With each key that is kept, the eight oldest are looked at and up to two whose time is up are let go. */
static void forget_old_keys(struct oracle *o, int64_t now_s)
{
    uint64_t seen = 0;
    for (int looked = 0, forgotten = 0; looked < 8 && forgotten < 2; looked++) {
        struct oracle_key *oldest = next_kept(o, seen);
        if (oldest == NULL) return;
        seen = oldest->first.version;
        if (now_s - oldest->at_s < KEY_LIFE_S) continue;
        *oldest = o->keys[--o->key_count];
        forgotten++;
    }
}

static void remember(struct trial *t, size_t member, uint64_t content)
{
    const fig_request *r = &t->requests[member];
    struct oracle *o = t->o;
    if (!books(r)) forget_old_keys(o, r->now_s);
    struct oracle_key *kept = key_place(o, r->key);
    if (kept == NULL) {
        o->keys = grown(o->keys, o->key_count, sizeof *o->keys);
        kept = &o->keys[o->key_count++];
    }
    *kept = (struct oracle_key){.content = content, .at_s = r->now_s, .first = t->outcomes[member]};
    strcpy(kept->key, r->key);
    if (books(r)) kept->booked_id = t->shown[member];
}

/* Which members' keys are new: renewing a hold is not asking for the first time. */
static bool is_new_key(const struct trial *t, size_t member)
{
    const fig_request *r = &t->requests[member];
    return r->key != NULL && key_of(t->o, r->key, r->now_s) == NULL;
}

/* Accepted: the copy takes the place of what was before, at the next version if anything changed. */
static void settle(struct trial *t, struct oracle **oracle)
{
    bool affects = t->changed; /* its key alone changes no open time */
    for (size_t i = 0; i < t->count; i++) t->changed |= is_new_key(t, i);
    t->o->seq += t->changed;
    for (size_t i = 0; i < t->touched_count; i++) {
        fig_appointment *a = oracle_appointment_of(t->o, t->touched[i].id);
        if (is_to_be_judged(t, &t->touched[i])) end_lapsed_holds(t, a);
        if (t->touched[i].changed) a->version = t->o->seq;
    }
    for (size_t i = 0; i < t->count; i++) {
        t->outcomes[i].version = t->o->seq;
        if (t->shown[i] == 0) continue;
        t->outcomes[i].appointment = *oracle_appointment_of(t->o, t->shown[i]);
        t->outcomes[i].barber_id = t->outcomes[i].appointment.barber_id;
    }
    for (size_t i = 0; i < t->count; i++)
        if (is_new_key(t, i))
            remember(t, i, i == 0 ? content_of(t->requests, t->count) : content_of(&t->requests[i], 1));
    if (affects && t->affected.barber_id != 0) {
        fig_outcome *out = &t->outcomes[0];
        out->others_count = stranded(t->o, oracle_barber_of(t->o, t->affected.barber_id), t->requests[0].now_s,
                                     &t->affected, out->others, out->others_capacity);
    }
    oracle_free(*oracle);
    *oracle = t->o;
}

/* ---- keys ---- */

static void answer_again(const struct oracle_key *known, fig_outcome *outcome)
{
    outcome->repeated = true;
    outcome->version = known->first.version;
    outcome->barber_id = known->first.barber_id;
    outcome->appointment = known->first.appointment;
}

enum key_says { KEY_GO_ON, KEY_RENEW, KEY_STOP };

/* Whether the key decides; KEY_STOP with FIG_OK: the first outcome is written. */
static enum key_says ask_key(const struct trial *t, size_t member, uint64_t content, fig_status *status)
{
    const fig_request *r = &t->requests[member];
    const struct oracle_key *known = key_of(t->o, r->key, r->now_s);
    if (known == NULL) return KEY_GO_ON;
    *status = FIG_KEY_REUSED;
    if (known->content != content) return KEY_STOP;
    if (r->operation == FIG_OP_HOLD) {
        const fig_appointment *hold = oracle_appointment_of(t->base, known->booked_id);
        if (hold->status == FIG_HELD) return KEY_RENEW;
        *status = FIG_ILLEGAL_STATUS;
        if (hold->status == FIG_CANCELLED || hold->status == FIG_EXPIRED) return KEY_STOP;
    }
    *status = FIG_OK;
    answer_again(known, &t->outcomes[member]);
    return KEY_STOP;
}

/* ---- requests and batches ---- */

static struct trial *new_trial(const struct oracle *oracle, const fig_request *requests, size_t count,
                               fig_outcome *outcomes)
{
    struct trial *t = calloc(1, sizeof *t);
    if (t == NULL) abort();
    t->base = oracle;
    t->o = oracle_copy(oracle);
    t->requests = requests;
    t->outcomes = outcomes;
    t->count = count;
    for (size_t i = 0; i < count; i++) {
        fig_outcome fresh = fig_outcome_default();
        fresh.others = outcomes[i].others;
        fresh.others_capacity = outcomes[i].others_capacity;
        fresh.version = oracle->seq;
        outcomes[i] = fresh;
    }
    return t;
}

static void refuse(struct trial *t, size_t member, fig_status status)
{
    fig_outcome *outcome = &t->outcomes[member];
    outcome->status = status;
    outcome->repeated = false;
    outcome->appointment = fig_appointment_default();
    bool judged = status == FIG_CONFLICT || status == FIG_CLOSED || status == FIG_RULE;
    if (!judged) outcome->others_count = 0;
}

/* The first fault, FIG_OK: there is none. With a fault every member is refused. */
static fig_status first_fault(struct trial *t, uint64_t seq)
{
    fig_status first = FIG_OK;
    for (size_t i = 0; i < t->count && (first == FIG_OK || first == FIG_NOT_DONE); i++) first = t->outcomes[i].status;
    for (size_t i = 0; i < t->count && first != FIG_OK; i++) {
        refuse(t, i, t->outcomes[i].status == FIG_OK ? FIG_NOT_DONE : t->outcomes[i].status);
        t->outcomes[i].version = seq;
    }
    return first;
}

/* Keeps the copy when there is no fault, throws it away otherwise. */
static fig_status conclude(struct trial *t, struct oracle **oracle, bool decided)
{
    fig_status status = first_fault(t, (*oracle)->seq);
    bool refused = status != FIG_OK && status <= FIG_NOT_DONE && t->requests[0].operation <= FIG_OP_SET_STATUS;
    if (status == FIG_OK && !decided)
        settle(t, oracle);
    else
        oracle_free(t->o);
    if (refused && (*oracle)->journals_refusals) (*oracle)->seq++;
    free(t);
    return status;
}

void oracle_request(struct oracle **oracle, const fig_request *request, fig_outcome *outcome)
{
    struct trial *t = new_trial(*oracle, request, 1, outcome);
    enum key_says key = KEY_STOP;
    outcome->status = is_valid(request) ? FIG_OK : FIG_INVALID;
    if (outcome->status == FIG_OK) key = ask_key(t, 0, content_of(request, 1), &outcome->status);
    if (key == KEY_RENEW)
        outcome->status =
            try_hold_again(t, 0, oracle_appointment_of(t->o, key_of(t->o, request->key, request->now_s)->booked_id));
    if (key == KEY_GO_ON) outcome->status = try_operation(t, 0);
    if (key != KEY_STOP && outcome->status == FIG_OK) judge_all(t);
    conclude(t, oracle, key == KEY_STOP);
}

static bool valid_member(const fig_request *requests, size_t member)
{
    const fig_request *r = &requests[member];
    return is_valid(r) && r->operation <= FIG_OP_SET_STATUS && r->now_s == requests[0].now_s &&
           (member == 0 || r->key == NULL || books(r));
}

static bool key_is_taken_within(const struct trial *t, size_t member)
{
    for (size_t i = 0; i < member; i++)
        if (t->requests[i].key != NULL && strcmp(t->requests[i].key, t->requests[member].key) == 0) return true;
    return false;
}

static fig_status try_member(struct trial *t, size_t member)
{
    const fig_request *r = &t->requests[member];
    fig_status status = FIG_OK;
    if (member == 0 || r->key == NULL) return try_operation(t, member);
    if (key_is_taken_within(t, member)) return FIG_KEY_REUSED;
    switch (ask_key(t, member, content_of(r, 1), &status)) {
    case KEY_STOP: return status == FIG_OK ? FIG_KEY_REUSED : status;
    case KEY_RENEW:
        return try_hold_again(t, member, oracle_appointment_of(t->o, key_of(t->o, r->key, r->now_s)->booked_id));
    case KEY_GO_ON: break;
    }
    return try_operation(t, member);
}

/* A batch asked again is answered as it was, each member by what became of it then. */
static bool batch_key_decides(struct trial *t)
{
    const struct oracle_key *known = key_of(t->o, t->requests[0].key, t->requests[0].now_s);
    if (known == NULL) return false;
    if (known->content != content_of(t->requests, t->count)) {
        t->outcomes[0].status = FIG_KEY_REUSED;
        return true;
    }
    for (size_t i = 0; i < t->count; i++) {
        t->outcomes[i].repeated = true;
        t->outcomes[i].version = known->first.version;
    }
    answer_again(known, &t->outcomes[0]);
    return true;
}

fig_status oracle_batch(struct oracle **oracle, const fig_request *requests, size_t count, fig_outcome *outcomes)
{
    struct trial *t = new_trial(*oracle, requests, count, outcomes);
    for (size_t i = 0; i < count; i++) outcomes[i].status = valid_member(requests, i) ? FIG_OK : FIG_INVALID;
    bool decided = first_fault(t, t->o->seq) != FIG_OK || batch_key_decides(t);
    for (size_t i = 0; i < count && !decided; i++) outcomes[i].status = try_member(t, i);
    if (!decided && first_fault(t, (*oracle)->seq) == FIG_OK) judge_all(t);
    return conclude(t, oracle, decided);
}
