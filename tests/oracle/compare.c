#include "tests/oracle/compare.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char words[1024];

__attribute__((format(printf, 1, 2))) static const char *differ(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    return words;
}

/* ---- appointments ---- */

static void print_appointment(char *text, size_t capacity, const fig_appointment *a)
{
    snprintf(text, capacity,
             "#%" PRIu64 " barber %" PRIu64 " client %" PRIu64 " service %" PRIu64 " [%" PRId64 ", %" PRId64
             ") -%u +%u %s expires %" PRId64 " booked %" PRId64 " version %" PRIu64 " note %d key '%s'",
             a->id, a->barber_id, a->client_id, a->service_id, a->start_s, a->end_s, a->buffer_before_s,
             a->buffer_after_s, a->id != 0 ? fig_appointment_status_name(a->status) : "-", a->expires_s, a->booked_s,
             a->version, a->has_note, a->key);
}

static bool same_appointment(const fig_appointment *a, const fig_appointment *b)
{
    return a->id == b->id && a->barber_id == b->barber_id && a->client_id == b->client_id &&
           a->service_id == b->service_id && a->start_s == b->start_s && a->end_s == b->end_s &&
           a->expires_s == b->expires_s && a->booked_s == b->booked_s && a->version == b->version &&
           a->buffer_before_s == b->buffer_before_s && a->buffer_after_s == b->buffer_after_s &&
           a->status == b->status && a->has_note == b->has_note && strcmp(a->key, b->key) == 0;
}

const char *compare_appointments(const char *where, const fig_appointment *is, const fig_appointment *due)
{
    if (same_appointment(is, due)) return NULL;
    char left[400], right[400];
    print_appointment(left, sizeof left, is);
    print_appointment(right, sizeof right, due);
    return differ("%s:\n  is  %s\n  due %s", where, left, right);
}

const char *compare_outcomes(const fig_outcome *engine, const fig_outcome *oracle)
{
    if (engine->status != oracle->status)
        return differ("engine says %s (%s: %s), oracle %s", fig_status_name(engine->status),
                      engine->field ? engine->field : "-", engine->reason ? engine->reason : "-",
                      fig_status_name(oracle->status));
    if (engine->repeated != oracle->repeated)
        return differ("repeated: engine %d, oracle %d", engine->repeated, oracle->repeated);
    if (engine->version != oracle->version)
        return differ("version: engine %" PRIu64 ", oracle %" PRIu64, engine->version, oracle->version);
    if (engine->status == FIG_OK && engine->barber_id != oracle->barber_id)
        return differ("barber: engine %" PRIu64 ", oracle %" PRIu64, engine->barber_id, oracle->barber_id);
    if (engine->status == FIG_INVALID && engine->field == NULL) return differ("an invalid field has no name");
    if (engine->status != FIG_OK && engine->reason == NULL) return differ("a refusal gives no reason");
    if (engine->others_count != oracle->others_count)
        return differ("others: engine %zu, oracle %zu", engine->others_count, oracle->others_count);
    for (size_t i = 0; i < engine->others_count && i < engine->others_capacity; i++) {
        const char *difference = compare_appointments("other", &engine->others[i], &oracle->others[i]);
        if (difference != NULL) return difference;
    }
    return compare_appointments("appointment", &engine->appointment, &oracle->appointment);
}

/* ---- lists ---- */

static fig_view view_of(const fig_snapshot *snapshot, int64_t now_s)
{
    fig_view view = fig_view_default();
    view.now_s = now_s;
    view.snapshot = snapshot;
    view.latest = snapshot == NULL;
    return view;
}

/* Pages through a list, a random number of appointments at a time; -1: the engine refused. */
static long list_in_pages(fig_engine *engine, const fig_view *view, const fig_filter *filter, fig_appointment *found,
                          size_t capacity, struct support_random *random)
{
    fig_cursor cursor = {{0}};
    size_t total = 0, count = 1;
    while (count > 0 && total <= capacity) {
        size_t page = 1 + support_below(random, 60);
        if (page > capacity + 1 - total) page = capacity + 1 - total;
        if (page == 0) break;
        if (fig_list(engine, view, filter, &cursor, found + total, page, &count) != FIG_OK) return -1;
        total += count;
    }
    return (long)total;
}

static const char *compare_list(fig_engine *engine, const fig_view *view, const struct oracle *oracle,
                                const fig_filter *filter, struct support_random *random)
{
    size_t capacity = oracle->appointment_count + 2;
    fig_appointment *found = calloc(capacity + 1, sizeof *found), *expected = calloc(capacity, sizeof *expected);
    long count = list_in_pages(engine, view, filter, found, capacity, random);
    size_t due = oracle_list(oracle, view->now_s, filter, expected, capacity);
    const char *difference = NULL;
    if (count != (long)due)
        difference = differ("list of barber %" PRIu64 " client %" PRIu64 " status %d active %d [%" PRId64 ", %" PRId64
                            ") now %" PRId64 ": engine %ld, oracle %zu",
                            filter->barber_id, filter->client_id, filter->status, filter->active, filter->from_s,
                            filter->to_s, view->now_s, count, due);
    for (size_t i = 0; i < due && difference == NULL; i++)
        difference = compare_appointments("list", &found[i], &expected[i]);
    free(found);
    free(expected);
    return difference;
}

static int64_t clamped(int64_t instant)
{
    return instant < FIG_TIME_MIN ? FIG_TIME_MIN : instant > FIG_TIME_MAX ? FIG_TIME_MAX : instant;
}

/* A span that begins or ends with an appointment as often as not. */
static void random_span(const struct oracle *oracle, int64_t now_s, struct support_random *random, int64_t *start_s,
                        int64_t *end_s)
{
    static const int64_t scales[] = {1, 60, 900, 86400, 604800, 31622400};
    int64_t start = now_s;
    if (oracle->appointment_count > 0) {
        const fig_appointment *a = &oracle->appointments[support_below(random, oracle->appointment_count)];
        start = support_chance(random, 50) ? a->start_s : a->end_s;
    }
    int64_t scale = scales[support_below(random, 6)];
    start = clamped(start + support_between(random, -2, 2) * scale / (int64_t)(1 + support_below(random, 3)));
    if (start >= FIG_TIME_MAX) start = FIG_TIME_MAX - 1;
    int64_t end = clamped(start + 1 + (int64_t)support_below(random, (uint64_t)scale));
    *start_s = start;
    *end_s = end;
}

static const char *compare_some_list(fig_engine *engine, const fig_view *view, const struct oracle *oracle,
                                     struct support_random *random)
{
    fig_filter filter = fig_filter_default();
    if (support_chance(random, 60)) random_span(oracle, view->now_s, random, &filter.from_s, &filter.to_s);
    if (support_chance(random, 50) && oracle->barber_count > 0)
        filter.barber_id = oracle->barbers[support_below(random, oracle->barber_count)].profile.id;
    if (support_chance(random, 30)) filter.client_id = 1 + support_below(random, 3);
    if (support_chance(random, 30)) filter.status = (fig_appointment_status)(1 + support_below(random, 8));
    filter.active = support_chance(random, 30);
    return compare_list(engine, view, oracle, &filter, random);
}

static const char *compare_lists(fig_engine *engine, const fig_view *view, const struct oracle *oracle,
                                 struct support_random *random)
{
    fig_filter filter = fig_filter_default();
    const char *difference = compare_list(engine, view, oracle, &filter, random);
    for (size_t i = 0; i < oracle->barber_count && difference == NULL; i++) {
        filter.barber_id = oracle->barbers[i].profile.id;
        difference = compare_list(engine, view, oracle, &filter, random);
    }
    filter.barber_id = 0;
    for (filter.client_id = 1; filter.client_id <= 3 && difference == NULL; filter.client_id++)
        difference = compare_list(engine, view, oracle, &filter, random);
    for (int i = 0; i < 6 && difference == NULL; i++) difference = compare_some_list(engine, view, oracle, random);
    return difference;
}

/* ---- look-ups ---- */

static const char *compare_lookups(fig_engine *engine, const fig_view *view, const struct oracle *oracle)
{
    for (size_t i = 0; i < oracle->appointment_count; i++) {
        fig_appointment found = fig_appointment_default(), due = oracle_show(&oracle->appointments[i], view->now_s);
        if (fig_get_appointment(engine, view, due.id, &found) != FIG_OK)
            return differ("appointment %" PRIu64 " is not found", due.id);
        const char *difference = compare_appointments("by id", &found, &due);
        if (difference != NULL) return difference;
        if (due.key[0] == '\0') continue;
        if (fig_find_appointment(engine, view, due.key, &found) != FIG_OK)
            return differ("appointment of key %s is not found", due.key);
        difference = compare_appointments("by key", &found, &due);
        if (difference != NULL) return difference;
    }
    fig_appointment none = fig_appointment_default();
    if (fig_get_appointment(engine, view, oracle->appointment_count + 1, &none) != FIG_NOT_FOUND ||
        fig_find_appointment(engine, view, "no such key", &none) != FIG_NOT_FOUND)
        return differ("an appointment is found that nobody made");
    return NULL;
}

/* ---- checks ---- */

const char *compare_check(fig_engine *engine, const fig_snapshot *snapshot, const struct oracle *oracle, int64_t now_s,
                          struct support_random *random)
{
    if (oracle->barber_count == 0) return NULL;
    fig_view view = view_of(snapshot, now_s);
    fig_span span = fig_span_default();
    span.barber_id = oracle->barbers[support_below(random, oracle->barber_count)].profile.id;
    random_span(oracle, now_s, random, &span.start_s, &span.end_s);
    if (support_chance(random, 30)) span.buffer_before_s = (uint32_t)support_below(random, FIG_BUFFER_MAX + 1);
    if (support_chance(random, 30)) span.buffer_after_s = (uint32_t)support_below(random, 7200);
    if (support_chance(random, 20)) span.ignore_id = 1 + support_below(random, oracle->appointment_count + 1);
    fig_appointment found[8], due[8];
    size_t count = 0, expected = oracle_check(oracle, now_s, &span, due, 8);
    fig_status listed = fig_check(engine, &view, &span, found, 8, &count);
    fig_status quick = fig_check(engine, &view, &span, NULL, 0, NULL);
    fig_status right = expected > 0 ? FIG_CONFLICT : FIG_OK;
    if (listed != right || quick != right || count != expected)
        return differ("check of barber %" PRIu64 " [%" PRId64 ", %" PRId64 ") -%u +%u ignoring %" PRIu64 " now %" PRId64
                      ": engine %s with list of %zu, %s without; oracle %zu",
                      span.barber_id, span.start_s, span.end_s, span.buffer_before_s, span.buffer_after_s,
                      span.ignore_id, now_s, fig_status_name(listed), count, fig_status_name(quick), expected);
    for (size_t i = 0; i < expected && i < 8; i++) {
        const char *difference = compare_appointments("check", &found[i], &due[i]);
        if (difference != NULL) return difference;
    }
    return NULL;
}

/* ---- barbers, shops, windows ---- */

static bool same_barber(const fig_barber *a, const fig_barber *b)
{
    return a->id == b->id && a->shop_id == b->shop_id && a->open == b->open && a->priority == b->priority &&
           a->active == b->active && strcmp(a->name, b->name) == 0 && strcmp(a->zone, b->zone) == 0;
}

static const char *compare_barbers(fig_engine *engine, const fig_view *view, const struct oracle *oracle)
{
    fig_cursor cursor = {{0}};
    fig_barber listed[3];
    size_t count = 0, total = 0;
    uint64_t last = 0;
    while (fig_list_barbers(engine, view, &cursor, listed, 3, &count) == FIG_OK && count > 0) {
        for (size_t i = 0; i < count; i++) {
            const struct oracle_barber *due = oracle_barber_of(oracle, listed[i].id);
            fig_barber got = fig_barber_default();
            if (due == NULL || listed[i].id <= last || !same_barber(&listed[i], &due->profile) ||
                fig_get_barber(engine, view, listed[i].id, &got) != FIG_OK || !same_barber(&got, &due->profile))
                return differ("barber %" PRIu64 " differs (open %d, active %d, shop %" PRIu64 ", '%s')", listed[i].id,
                              listed[i].open, listed[i].active, listed[i].shop_id, listed[i].name);
            if (due->profile.name[0] != '\0' &&
                (fig_find_barber(engine, view, due->profile.name, &got) != FIG_OK || !same_barber(&got, &due->profile)))
                return differ("barber %" PRIu64 " is not found by its name", listed[i].id);
            last = listed[i].id;
        }
        total += count;
    }
    return total == oracle->barber_count ? NULL
                                         : differ("barbers: engine %zu, oracle %zu", total, oracle->barber_count);
}

static const char *compare_shops(fig_engine *engine, const fig_view *view, const struct oracle *oracle)
{
    for (size_t i = 0; i < oracle->shop_count; i++) {
        const fig_shop *due = &oracle->shops[i];
        fig_shop got = fig_shop_default();
        if (fig_get_shop(engine, view, due->id, &got) != FIG_OK || got.id != due->id || got.buffers != due->buffers ||
            got.past != due->past || strcmp(got.name, due->name) != 0 || strcmp(got.zone, due->zone) != 0)
            return differ("shop %" PRIu64 " differs", due->id);
    }
    return NULL;
}

static int by_window(const void *left, const void *right)
{
    const fig_window *a = left, *b = right;
    if (a->kind != b->kind) return (int)a->kind - (int)b->kind;
    if (a->start_s != b->start_s) return a->start_s < b->start_s ? -1 : 1;
    if (a->end_s != b->end_s) return a->end_s < b->end_s ? -1 : 1;
    return a->declared_start_s < b->declared_start_s ? -1 : a->declared_start_s > b->declared_start_s;
}

static const char *compare_windows(fig_engine *engine, const fig_view *view, const struct oracle_barber *barber,
                                   int64_t from_s, int64_t to_s)
{
    fig_window found[256], due[256];
    size_t count = 1, total = 0, expected = 0;
    fig_cursor cursor = {{0}};
    for (size_t i = 0; i < barber->window_count && expected < 256; i++) {
        const fig_window *w = &barber->windows[i];
        if (w->start_s < to_s && from_s < w->end_s) due[expected++] = *w;
    }
    while (total < 250 && count > 0) {
        fig_status status =
            fig_list_windows(engine, view, barber->profile.id, from_s, to_s, &cursor, found + total, 5, &count);
        if (status != FIG_OK) return differ("windows: %s", fig_status_name(status));
        total += count;
    }
    for (size_t i = 1; i < total; i++)
        if (found[i].kind < found[i - 1].kind ||
            (found[i].kind == found[i - 1].kind && found[i].start_s < found[i - 1].start_s))
            return differ("windows of barber %" PRIu64 " are out of order", barber->profile.id);
    qsort(found, total, sizeof *found, by_window);
    qsort(due, expected, sizeof *due, by_window);
    for (size_t i = 0; i < total && i < expected; i++)
        if (by_window(&found[i], &due[i]) != 0)
            return differ("window of barber %" PRIu64 ": engine %d [%" PRId64 ", %" PRId64 ") from %" PRId64
                          ", oracle %d [%" PRId64 ", %" PRId64 ") from %" PRId64,
                          barber->profile.id, found[i].kind, found[i].start_s, found[i].end_s,
                          found[i].declared_start_s, due[i].kind, due[i].start_s, due[i].end_s,
                          due[i].declared_start_s);
    if (total != expected)
        return differ("windows of barber %" PRIu64 ": engine %zu, oracle %zu", barber->profile.id, total, expected);
    return NULL;
}

static const char *compare_all_windows(fig_engine *engine, const fig_view *view, const struct oracle *oracle,
                                       struct support_random *random)
{
    for (size_t i = 0; i < oracle->barber_count; i++) {
        int64_t from_s, to_s;
        random_span(oracle, view->now_s, random, &from_s, &to_s);
        const char *difference = compare_windows(engine, view, &oracle->barbers[i], FIG_TIME_MIN, FIG_TIME_MAX);
        if (difference == NULL) difference = compare_windows(engine, view, &oracle->barbers[i], from_s, to_s);
        if (difference != NULL) return difference;
    }
    return NULL;
}

/* ---- everything ---- */

static const char *compare_stats(fig_engine *engine, const struct oracle *oracle)
{
    fig_stats stats = fig_stats_default();
    if (fig_get_stats(engine, &stats) != FIG_OK) return differ("no statistics");
    uint64_t active = 0, windows = 0;
    for (size_t i = 0; i < oracle->appointment_count; i++) active += oracle->appointments[i].status <= FIG_CONFIRMED;
    for (size_t i = 0; i < oracle->barber_count; i++) windows += oracle->barbers[i].window_count;
    if (stats.version != oracle->seq || stats.appointments != oracle->appointment_count || stats.active != active ||
        stats.windows != windows || stats.barbers != oracle->barber_count || stats.shops != oracle->shop_count)
        return differ("stats, engine/oracle: version %" PRIu64 "/%" PRIu64 " appointments %" PRIu64
                      "/%zu active %" PRIu64 "/%" PRIu64 " windows %" PRIu64 "/%" PRIu64 " barbers %" PRIu64
                      "/%zu shops %" PRIu64 "/%zu",
                      stats.version, oracle->seq, stats.appointments, oracle->appointment_count, stats.active, active,
                      stats.windows, windows, stats.barbers, oracle->barber_count, stats.shops, oracle->shop_count);
    return NULL;
}

const char *compare_states(fig_engine *engine, const fig_snapshot *snapshot, const struct oracle *oracle, int64_t now_s,
                           struct support_random *random)
{
    fig_view view = view_of(snapshot, now_s);
    const char *difference = compare_lists(engine, &view, oracle, random);
    if (difference == NULL) difference = compare_lookups(engine, &view, oracle);
    if (difference == NULL) difference = compare_barbers(engine, &view, oracle);
    if (difference == NULL) difference = compare_shops(engine, &view, oracle);
    if (difference == NULL) difference = compare_all_windows(engine, &view, oracle, random);
    if (difference == NULL && snapshot == NULL) difference = compare_stats(engine, oracle);
    for (int i = 0; i < 10 && difference == NULL; i++)
        difference = compare_check(engine, snapshot, oracle, now_s, random);
    return difference;
}

const char *describe_request(const fig_request *r)
{
    static const char *const names[] = {"?",    "book",  "hold",    "confirm", "move",  "set_status",
                                        "open", "close", "windows", "shop",    "barber"};
    static char text[512];
    snprintf(text, sizeof text,
             "%s now %" PRId64 " key %s if_version %" PRIu64 " appointment %" PRIu64 "/%s barber %" PRIu64
             "/%s client %" PRIu64 " service %" PRIu64 " [%" PRId64 ", %" PRId64
             ") -%u +%u ttl %u pending %d status %d windows %zu",
             names[r->operation <= 10 ? r->operation : 0], r->now_s, r->key ? r->key : "-", r->if_version,
             r->appointment_id, r->booking_key ? r->booking_key : "-", r->barber_id,
             r->barber_name ? r->barber_name : "-", r->client_id, r->service_id, r->start_s, r->end_s,
             r->buffer_before_s, r->buffer_after_s, r->ttl_s, r->pending, r->status, r->window_count);
    return text;
}
