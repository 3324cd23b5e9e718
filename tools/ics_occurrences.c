#include "tools/ics_rows.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- versions and overrides ---- */

/* By calendar and UID, masters first, then by the occurrence that they replace. */
static int compare_identity(const import_ics *rows, size_t a, size_t b)
{
    const ics_event *x = &rows->file.events[a], *y = &rows->file.events[b];
    if (x->calendar != y->calendar) return x->calendar < y->calendar ? -1 : 1;
    int order = strcmp(x->uid != NULL ? x->uid : "", y->uid != NULL ? y->uid : "");
    if (order != 0) return order;
    bool replaces = x->recurrence.form != ICS_NONE, other = y->recurrence.form != ICS_NONE;
    if (replaces != other) return replaces ? 1 : -1;
    int64_t one_s = rows->placed[a].recurrence_s, two_s = rows->placed[b].recurrence_s;
    return one_s < two_s ? -1 : one_s > two_s;
}

/* Of one identity the newest version first, then by place in the file. */
static int compare_events(const void *a, const void *b, void *of)
{
    const import_ics *rows = of;
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    int order = compare_identity(rows, x, y);
    if (order != 0) return order;
    uint64_t one = rows->file.events[x].sequence, two = rows->file.events[y].sequence;
    if (one != two) return one > two ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* Rejects what a newer version of the same event has replaced. Some programs give one UID to all events: those of one
 * version are events of their own. */
static void drop_old_versions(import_ics *rows, const size_t *sorted, size_t count)
{
    reason why;
    size_t newest = 0;
    for (size_t i = 1; i < count; i++) {
        ics_event *event = &rows->file.events[sorted[i]], *other = &rows->file.events[sorted[newest]];
        bool same = event->uid != NULL && compare_identity(rows, sorted[i], sorted[newest]) == 0;
        if (!same) newest = i;
        bool twin = same && event->sequence == other->sequence;
        if (twin) rows->placed[sorted[i]].is_shared = rows->placed[sorted[newest]].is_shared = true;
        if (!same || twin) continue;
        reason_set(&why, "line %" PRIu64 " has a newer version of this event (SEQUENCE %" PRIu64 ")", other->line,
                   other->sequence);
        ics_reject(rows, event, "SEQUENCE", &why);
    }
}

/* How an override stands to the occurrence of an event at an instant, in the order of the index. */
static int compare_override(const import_ics *rows, size_t index, const ics_event *event, int64_t start_s)
{
    const ics_event *other = &rows->file.events[index];
    if (other->calendar != event->calendar) return other->calendar < event->calendar ? -1 : 1;
    int order = strcmp(other->uid, event->uid);
    if (order != 0) return order;
    return rows->placed[index].recurrence_s < start_s ? -1 : rows->placed[index].recurrence_s > start_s;
}

/* Where in the index the overrides end that are for the occurrence at an instant or lie before it. */
static size_t overrides_until(const import_ics *rows, const ics_event *event, int64_t start_s)
{
    size_t low = 0, high = rows->override_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_override(rows, rows->overrides[middle], event, start_s) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Whether another event takes the place of the occurrence of this one at an instant. */
static bool is_replaced(const import_ics *rows, const ics_event *event, int64_t start_s)
{
    if (event->uid == NULL || event->recurrence.form != ICS_NONE) return false;
    size_t end = overrides_until(rows, event, start_s);
    return end > 0 && compare_override(rows, rows->overrides[end - 1], event, start_s) == 0;
}

static bool is_of_series(const ics_event *override, const ics_event *event)
{
    return override->calendar == event->calendar && strcmp(override->uid, event->uid) == 0;
}

/* The last event that says how a series goes on (RANGE=THISANDFUTURE) at an instant; else the series itself. */
static size_t event_at(const import_ics *rows, const ics_event *event, int64_t start_s)
{
    size_t own = (size_t)(event - rows->file.events),
           end = event->uid == NULL ? 0 : overrides_until(rows, event, start_s);
    bool same = end > 0 && is_of_series(&rows->file.events[rows->overrides[end - 1]], event);
    return same && rows->ranges[end - 1] > 0 ? rows->overrides[rows->ranges[end - 1] - 1] : own;
}

/* Notes for each override where the last one is that goes on. */
static bool index_ranges(import_ics *rows)
{
    rows->ranges = calloc(rows->override_count + 1, sizeof *rows->ranges);
    for (size_t i = 0; rows->ranges != NULL && i < rows->override_count; i++) {
        const ics_event *event = &rows->file.events[rows->overrides[i]];
        bool same = i > 0 && is_of_series(&rows->file.events[rows->overrides[i - 1]], event);
        rows->ranges[i] = event->range ? i + 1 : same ? rows->ranges[i - 1] : 0;
    }
    return rows->ranges != NULL;
}

bool ics_index_events(import_ics *rows)
{
    size_t count = 0;
    size_t *sorted = calloc(rows->file.event_count + 1, sizeof *sorted);
    if (sorted == NULL) return false;
    for (size_t i = 0; i < rows->file.event_count; i++)
        if (!rows->placed[i].is_rejected) sorted[count++] = i;
    qsort_r(sorted, count, sizeof *sorted, compare_events, rows);
    drop_old_versions(rows, sorted, count);
    for (size_t i = 0; i < count; i++) {
        const ics_event *event = &rows->file.events[sorted[i]];
        bool replaces =
            event->uid != NULL && event->recurrence.form != ICS_NONE && !rows->placed[sorted[i]].is_rejected;
        if (replaces) sorted[rows->override_count++] = sorted[i];
    }
    rows->overrides = sorted;
    return index_ranges(rows);
}

/* ---- recurrences ---- */

struct clock_place {
    import_ics *rows;
    const ics_event *event;
};

static int64_t clock_of_place(const void *place, int64_t instant_s)
{
    const struct clock_place *at = place;
    return ics_clock_at(at->rows, at->event, instant_s);
}

static bool add_occurrence(import_ics *rows, int64_t start_s, int64_t end_s)
{
    if (rows->occurrence_count == rows->occurrence_room) {
        size_t room = rows->occurrence_room == 0 ? 64 : rows->occurrence_room * 2;
        struct occurrence *grown = realloc(rows->occurrences, room * sizeof *grown);
        if (grown == NULL) return false;
        rows->occurrences = grown;
        rows->occurrence_room = room;
    }
    rows->occurrences[rows->occurrence_count++] = (struct occurrence){.start_s = start_s, .end_s = end_s};
    return true;
}

/* The instants at which rules recur. */
static bool expand(import_ics *rows, const ics_event *event, const ics_rules *rules, ics_clocks *instants, bool *cut,
                   reason *why)
{
    struct clock_place place = {rows, event};
    ics_clocks clocks = {0};
    ics_span span = {
        .start_s = event->start.clock_s,
        .to_s = ics_clock_at(rows, event, rows->to_s),
        .is_date = event->start.form == ICS_DATE,
        .clock_of = clock_of_place,
        .zone = &place,
    };
    bool good = true;
    for (size_t i = 0; good && i < rules->count; i++)
        good = ics_recur_expand(rules->list[i], &span, &rows->steps, &clocks, cut, why);
    for (size_t i = 0; good && i < clocks.count; i++) {
        ics_time at = event->start;
        int64_t instant_s;
        at.clock_s = clocks.list[i];
        if (!ics_instant_of(rows, event, &at, &instant_s, why)) continue; /* beyond what is kept */
        good = ics_clocks_add(instants, instant_s) || reason_set(why, "out of memory");
    }
    ics_clocks_free(&clocks);
    return good;
}

/* What is taken out again: instants, and for times that are told by a date the clock's midnights. */
struct exceptions {
    ics_clocks instants, dates;
};

static bool find_exceptions(import_ics *rows, const ics_event *event, struct exceptions *out, const char **field,
                            reason *why)
{
    *field = "EXDATE";
    for (size_t i = 0; i < event->exceptions.count; i++) {
        const ics_time *at = &event->exceptions.list[i].start;
        int64_t instant_s = at->clock_s;
        bool by_date = at->form == ICS_DATE && event->start.form != ICS_DATE;
        if (!by_date && !ics_instant_of(rows, event, at, &instant_s, why)) return false;
        if (!ics_clocks_add(by_date ? &out->dates : &out->instants, instant_s)) return reason_set(why, "out of memory");
    }
    *field = "EXRULE";
    if (!expand(rows, event, &event->exclusions, &out->instants, NULL, why)) return false;
    ics_clocks_sort(&out->instants);
    ics_clocks_sort(&out->dates);
    return true;
}

static bool is_excepted(import_ics *rows, const ics_event *event, const struct exceptions *out, int64_t start_s)
{
    if (ics_clocks_have(&out->instants, start_s)) return true;
    return out->dates.count > 0 && ics_clocks_have(&out->dates, rfc3339_midnight(ics_clock_at(rows, event, start_s)));
}

static bool add_dates(import_ics *rows, const ics_event *event, reason *why)
{
    for (size_t i = 0; i < event->dates.count; i++) {
        const ics_date *date = &event->dates.list[i];
        int64_t start_s, end_s = 0;
        if (!ics_instant_of(rows, event, &date->start, &start_s, why)) return false;
        if (date->end.form != ICS_NONE && !ics_instant_of(rows, event, &date->end, &end_s, why)) return false;
        if (date->length.given && !ics_end_after(rows, event, start_s, date->length, &end_s, why)) return false;
        if (!add_occurrence(rows, start_s, end_s)) return reason_set(why, "out of memory");
    }
    return true;
}

/* By start; one that has an end of its own goes before one that has not. */
static int compare_occurrences(const void *a, const void *b)
{
    const struct occurrence *x = a, *y = b;
    if (x->start_s != y->start_s) return x->start_s < y->start_s ? -1 : 1;
    return x->end_s > y->end_s ? -1 : x->end_s < y->end_s;
}

/* Puts an occurrence off as the event does that says how the series goes on from it: by as many days and hours of local
 * time as that one lies from the occurrence that it names. False when that is told to take up no time. */
static bool go_on(import_ics *rows, const ics_event *event, struct occurrence *at)
{
    reason ignored;
    at->name_s = at->start_s;
    at->event = event_at(rows, event, at->start_s);
    const ics_event *now = &rows->file.events[at->event];
    if (now == event) return true;
    ics_time start = now->start;
    int64_t put_off_s = start.clock_s - ics_clock_at(rows, now, rows->placed[at->event].recurrence_s);
    start.clock_s = ics_clock_at(rows, now, at->start_s) + put_off_s;
    at->end_s = 0;
    return !now->transparent && ics_instant_of(rows, now, &start, &at->start_s, &ignored);
}

/* Leaves those that are in the span, once each, and neither excepted nor replaced. */
static void sift(import_ics *rows, const ics_event *event, const struct exceptions *out)
{
    size_t kept = 0;
    int64_t last_s = INT64_MIN;
    struct occurrence *list = rows->occurrences;
    if (rows->occurrence_count > 0) qsort(list, rows->occurrence_count, sizeof *list, compare_occurrences);
    for (size_t i = 0; i < rows->occurrence_count; i++) {
        int64_t start_s = list[i].start_s;
        if (start_s == last_s || start_s < rows->from_s || start_s >= rows->to_s) continue;
        last_s = start_s;
        if (is_excepted(rows, event, out, start_s) || is_replaced(rows, event, start_s)) continue;
        list[kept] = list[i];
        kept += go_on(rows, event, &list[kept]);
    }
    rows->occurrence_count = kept;
}

static bool gather(import_ics *rows, const ics_event *event, const struct placed *placed, const char **field,
                   reason *why)
{
    ics_clocks instants = {0};
    struct exceptions out = {{0}, {0}};
    bool cut = false;
    *field = "RRULE";
    bool good = add_occurrence(rows, placed->start_s, 0) && expand(rows, event, &event->rules, &instants, &cut, why);
    for (size_t i = 0; good && i < instants.count; i++)
        good = add_occurrence(rows, instants.list[i], 0) || reason_set(why, "out of memory");
    if (good) *field = "RDATE";
    good = good && add_dates(rows, event, why) && find_exceptions(rows, event, &out, field, why);
    if (good) sift(rows, event, &out);
    if (good) rows->cut += cut;
    ics_clocks_free(&instants);
    ics_clocks_free(&out.instants);
    ics_clocks_free(&out.dates);
    return good;
}

bool ics_recurs(const ics_event *event)
{
    return event->recurrence.form == ICS_NONE && (event->rules.count > 0 || event->dates.count > 0);
}

bool ics_find_occurrences(import_ics *rows, ics_event *event, const struct placed *placed)
{
    const char *field;
    char from[RFC3339_SIZE], to[RFC3339_SIZE];
    reason why;
    rows->occurrence_count = rows->next_occurrence = 0;
    if (!ics_recurs(event)) {
        reason_set(&why, "another event of this file takes its place");
        if (is_replaced(rows, event, placed->start_s)) return ics_reject(rows, event, "UID", &why);
        reason_set(&why, "out of memory");
        if (!add_occurrence(rows, placed->start_s, 0)) return ics_reject(rows, event, "VEVENT", &why);
        rows->occurrences[0].name_s = placed->start_s;
        rows->occurrences[0].event = (size_t)(event - rows->file.events);
        return true;
    }
    if (!gather(rows, event, placed, &field, &why)) return ics_reject(rows, event, field, &why);
    if (rows->occurrence_count > 0) return true;
    rfc3339_print(rows->from_s, from);
    rfc3339_print(rows->to_s, to);
    reason_set(&why, "has no occurrence of its own from %s to %s", from, to);
    return ics_reject(rows, event, "RRULE", &why);
}
