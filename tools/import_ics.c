#include "tools/import_ics.h"

#include "tools/arguments.h"
#include "tools/ics_recur.h"
#include "tools/ics_zone.h"
#include "tools/output.h"
#include "tools/text.h"

#include <inttypes.h>
#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A calendar of the file: whose it is, and where its floating times are. */
struct diary {
    char barber[FIG_NAME_MAX + 1];
    local_zone zone;
};

/* An event in its zone. */
struct placed {
    int64_t start_s, end_s; /* of the first occurrence */
    int64_t recurrence_s;   /* the occurrence that it replaces */
    bool is_rejected;
};

struct occurrence {
    int64_t start_s;
    int64_t end_s; /* 0: as long as the first one */
};

struct import_ics {
    ics_lines *lines;
    ics_file file;
    ics_zones zones;
    int64_t steps;
    const import_ics_order *order;
    struct diary *diaries;
    struct placed *placed;
    size_t *overrides; /* events that replace an occurrence, by calendar, UID and instant */
    size_t override_count;
    int64_t from_s, to_s;

    size_t next_event; /* the reading of rows */
    size_t event;      /* that the occurrences are of */
    struct occurrence *occurrences;
    size_t occurrence_count, occurrence_room, next_occurrence;
    size_t cut; /* recurrences that go on after the span */
};

/* ---- reading ---- */

import_ics *import_ics_read(ics_lines *lines, reason *why)
{
    import_ics *rows = calloc(1, sizeof *rows);
    if (rows == NULL) {
        reason_set(why, "out of memory");
        ics_lines_close(lines);
        return NULL;
    }
    rows->lines = lines;
    if (ics_file_read(lines, &rows->file, why)) return rows;
    import_ics_close(rows);
    return NULL;
}

void import_ics_close(import_ics *rows)
{
    if (rows == NULL) return;
    for (size_t i = 0; rows->diaries != NULL && i < rows->file.calendar_count; i++)
        if (rows->order->zone == NULL) local_zone_close(&rows->diaries[i].zone);
    ics_zones_free(&rows->zones);
    free(rows->diaries);
    free(rows->placed);
    free(rows->overrides);
    free(rows->occurrences);
    ics_file_free(&rows->file);
    ics_lines_close(rows->lines);
    free(rows);
}

size_t import_ics_events(const import_ics *rows) { return rows->file.event_count; }

size_t import_ics_cut(const import_ics *rows, int64_t *to_s)
{
    *to_s = rows->to_s;
    return rows->cut;
}

/* ---- whose it is ---- */

/* The file's name without directory, .gz and .ics. */
static void base_name(const char *path, char *name, size_t room)
{
    static const char *const ends[] = {".gz", ".ics"};
    const char *slash = strrchr(path, '/');
    snprintf(name, room, "%s", slash != NULL ? slash + 1 : path);
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(name), end = strlen(ends[i]);
        if (length > end && ics_same(name + length - end, ends[i])) name[length - end] = '\0';
    }
}

static int open_diary(import_ics *rows, size_t index)
{
    const import_ics_order *order = rows->order;
    struct diary *diary = &rows->diaries[index];
    char base[4096];
    reason why;
    const char *name = order->barber;
    if (name == NULL) name = rows->file.calendars[index].name;
    base_name(ics_lines_name(rows->lines), base, sizeof base);
    if (name == NULL || name[strspn(name, " ")] == '\0') name = base;
    if (!text_check(name, FIG_NAME_MAX, &why))
        return complain(EXIT_USAGE, "%s: the calendar's name cannot be a barber's: %s; give --barber",
                        ics_lines_name(rows->lines), why.text);
    memcpy(diary->barber, name, strlen(name) + 1);
    if (order->zone != NULL) {
        diary->zone = *order->zone;
        return EXIT_DONE;
    }
    fig_view view = session_view(order->at);
    fig_barber barber = fig_barber_default();
    bool known = fig_find_barber(order->at->engine, &view, name, &barber) == FIG_OK;
    return session_open_zone(order->at, known ? &barber : NULL, &diary->zone);
}

/* ---- instants ---- */

/* The zone that a time is in: one of the file, or NULL for UTC and for those of the barber. */
static const ics_zone *zone_of(import_ics *rows, const ics_event *event, const ics_time *at)
{
    return at->form == ICS_ZONED ? ics_zone_find(&rows->zones, at->zone, event->calendar) : NULL;
}

static bool instant_of(import_ics *rows, const ics_event *event, const ics_time *at, int64_t *instant_s, reason *why)
{
    moment local = {.is_local = at->form != ICS_UTC, .seconds = at->clock_s};
    const local_zone *floating = &rows->diaries[event->calendar].zone;
    if (at->form != ICS_ZONED) return local_zone_instant(floating, local, instant_s, why);
    const ics_zone *zone = zone_of(rows, event, at);
    if (zone == NULL) return reason_set(why, "the file's times are in more than %d zones", ICS_ZONES_USED_MAX);
    if (!zone->good) return reason_set(why, "%.700s", zone->why.text);
    return ics_zone_instant(zone, at->clock_s, instant_s, why);
}

/* What the clock that an event's start is told by shows at an instant. */
static int64_t clock_of(import_ics *rows, const ics_event *event, int64_t instant_s)
{
    const ics_zone *zone = zone_of(rows, event, &event->start);
    if (zone != NULL) return zone->good ? ics_zone_clock(zone, instant_s) : instant_s;
    bool utc = event->start.form == ICS_UTC;
    return utc ? instant_s : local_zone_clock(&rows->diaries[event->calendar].zone, instant_s);
}

struct clock_place {
    import_ics *rows;
    const ics_event *event;
};

static int64_t clock_of_place(const void *place, int64_t instant_s)
{
    const struct clock_place *at = place;
    return clock_of(at->rows, at->event, instant_s);
}

/* ---- placing ---- */

static bool reject(const import_ics *rows, ics_event *event, const char *field, const reason *why)
{
    size_t index = (size_t)(event - rows->file.events);
    rows->placed[index].is_rejected = true;
    if (event->fault.line == 0) {
        event->fault.line = event->line;
        snprintf(event->fault.field, sizeof event->fault.field, "%s", field);
        event->fault.why = strdup(why->text);
    }
    return false;
}

/* The end of an occurrence that lasts so many days of the calendar and so many seconds. */
static bool end_after(import_ics *rows, const ics_event *event, int64_t start_s, ics_length length, int64_t *end_s,
                      reason *why)
{
    ics_time at = event->start;
    at.clock_s = clock_of(rows, event, start_s) + length.days * DAY_SECONDS;
    *end_s = start_s;
    if (length.days > 0 && !instant_of(rows, event, &at, end_s, why)) return false;
    *end_s += length.seconds;
    return true;
}

/* How long an event lasts that is told by lengths and not by an end; given is false when it is told by its end. */
static ics_length length_of(const import_ics *rows, const ics_event *event)
{
    ics_length length = event->length;
    bool is_date = event->start.form == ICS_DATE;
    if (length.given) return length;
    if (event->end.form == ICS_DATE)
        length = (ics_length){.given = true, .days = (event->end.clock_s - event->start.clock_s) / DAY_SECONDS};
    if (event->end.form != ICS_NONE) return length;
    if (is_date) return (ics_length){.given = true, .days = 1};
    return (ics_length){.given = rows->order->length_s > 0, .seconds = rows->order->length_s};
}

static bool find_end(import_ics *rows, const ics_event *event, struct placed *placed, reason *why)
{
    if (event->end.form != ICS_NONE && event->length.given) return reason_set(why, "DTEND and DURATION are both given");
    bool mixed = (event->end.form == ICS_DATE) != (event->start.form == ICS_DATE);
    if (event->end.form != ICS_NONE && mixed)
        return reason_set(why, "one of DTSTART and DTEND is a date, the other a time");
    ics_length length = length_of(rows, event);
    if (length.given) return end_after(rows, event, placed->start_s, length, &placed->end_s, why);
    if (event->end.form != ICS_NONE) return instant_of(rows, event, &event->end, &placed->end_s, why);
    return reason_set(why, "nothing says how long it lasts; --minutes does for all such");
}

static const char *end_field(const ics_event *event) { return event->length.given ? "DURATION" : "DTEND"; }

static bool check_span(int64_t start_s, int64_t end_s, const char *field, import_fault *fault)
{
    import_row row = {.start_s = start_s, .end_s = end_s};
    return import_row_check_span(&row, field, fault);
}

static bool place_event(import_ics *rows, ics_event *event, struct placed *placed)
{
    reason why;
    import_fault fault;
    placed->is_rejected = event->fault.line != 0;
    if (placed->is_rejected) return false;
    reason_set(&why, "is missing");
    if (event->start.form == ICS_NONE) return reject(rows, event, "DTSTART", &why);
    if (!instant_of(rows, event, &event->start, &placed->start_s, &why)) return reject(rows, event, "DTSTART", &why);
    if (!find_end(rows, event, placed, &why)) return reject(rows, event, end_field(event), &why);
    if (!check_span(placed->start_s, placed->end_s, end_field(event), &fault))
        return reject(rows, event, fault.field, &fault.why);
    bool replaces = event->recurrence.form != ICS_NONE;
    if (replaces && !instant_of(rows, event, &event->recurrence, &placed->recurrence_s, &why))
        return reject(rows, event, "RECURRENCE-ID", &why);
    reason_set(&why, "RANGE=THISANDFUTURE is not taken: this occurrence and those after it stay as the series says");
    if (replaces && event->range) return reject(rows, event, "RECURRENCE-ID", &why);
    return true;
}

/* Widens the span of the file's dates. */
static void widen(import_ics *rows, const ics_event *event, const struct placed *placed)
{
    int64_t at_s;
    reason ignored;
    if (placed->start_s < rows->from_s) rows->from_s = placed->start_s;
    if (placed->end_s > rows->to_s) rows->to_s = placed->end_s;
    if (event->recurrence.form != ICS_NONE && placed->recurrence_s > rows->to_s) rows->to_s = placed->recurrence_s;
    for (size_t i = 0; i < event->dates.count; i++) {
        if (!instant_of(rows, event, &event->dates.list[i].start, &at_s, &ignored)) continue;
        if (at_s > rows->to_s) rows->to_s = at_s;
        if (at_s < rows->from_s) rows->from_s = at_s;
    }
}

/* The same date of the next year; of a 29 February the day before. */
static int64_t year_after(int64_t instant_s)
{
    char date[DATE_SIZE];
    int64_t midnight_s;
    reason ignored;
    rfc3339_print_date(instant_s, date);
    int year = atoi(date) + 1, month = atoi(date + 5), day = atoi(date + 8);
    if (!rfc3339_midnight_of(year, month, day, &midnight_s, &ignored) &&
        !rfc3339_midnight_of(year, month, day - 1, &midnight_s, &ignored))
        return FIG_TIME_MAX;
    return midnight_s + instant_s - rfc3339_midnight(instant_s);
}

/* From the first start to a year after the last date, unless the command line says otherwise. */
static int find_span(import_ics *rows)
{
    const import_ics_order *order = rows->order;
    const local_zone *zone = &rows->diaries[0].zone;
    reason why;
    if (rows->from_s > rows->to_s) rows->from_s = rows->to_s = 0; /* no event could be placed */
    rows->to_s = year_after(rows->to_s);
    if (rows->to_s > FIG_TIME_MAX) rows->to_s = FIG_TIME_MAX;
    if (argument_given(order->from) && !local_zone_instant(zone, order->from, &rows->from_s, &why))
        return complain(EXIT_USAGE, "--from: %s", why.text);
    if (argument_given(order->to) && !local_zone_instant(zone, order->to, &rows->to_s, &why))
        return complain(EXIT_USAGE, "--to: %s", why.text);
    if (rows->from_s < rows->to_s) return EXIT_DONE;
    return complain(EXIT_USAGE, "--to: must be later than --from (see `figaro import --help`)");
}

/* ---- versions and overrides ---- */

static const import_ics *sorting; /* qsort hands nothing through; a command has one thread */

/* By calendar and UID, masters first, then by the occurrence that they replace. */
static int compare_identity(size_t a, size_t b)
{
    const ics_event *x = &sorting->file.events[a], *y = &sorting->file.events[b];
    if (x->calendar != y->calendar) return x->calendar < y->calendar ? -1 : 1;
    int order = strcmp(x->uid != NULL ? x->uid : "", y->uid != NULL ? y->uid : "");
    if (order != 0) return order;
    bool replaces = x->recurrence.form != ICS_NONE, other = y->recurrence.form != ICS_NONE;
    if (replaces != other) return replaces ? 1 : -1;
    int64_t one_s = sorting->placed[a].recurrence_s, two_s = sorting->placed[b].recurrence_s;
    return one_s < two_s ? -1 : one_s > two_s;
}

/* Of one identity the newest version first, then by place in the file. */
static int compare_events(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    int order = compare_identity(x, y);
    if (order != 0) return order;
    uint64_t one = sorting->file.events[x].sequence, two = sorting->file.events[y].sequence;
    if (one != two) return one > two ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* Rejects what a newer version of the same event has replaced. */
static void drop_old_versions(import_ics *rows, const size_t *sorted, size_t count)
{
    reason why;
    size_t newest = 0;
    for (size_t i = 1; i < count; i++) {
        ics_event *event = &rows->file.events[sorted[i]], *other = &rows->file.events[sorted[newest]];
        bool same = event->uid != NULL && compare_identity(sorted[i], sorted[newest]) == 0;
        if (!same) newest = i;
        if (!same || event->sequence == other->sequence) continue;
        reason_set(&why, "line %" PRIu64 " has a newer version of this event (SEQUENCE %" PRIu64 ")", other->line,
                   other->sequence);
        reject(rows, event, "SEQUENCE", &why);
    }
}

static bool index_events(import_ics *rows)
{
    size_t count = 0;
    size_t *sorted = calloc(rows->file.event_count + 1, sizeof *sorted);
    if (sorted == NULL) return false;
    for (size_t i = 0; i < rows->file.event_count; i++)
        if (!rows->placed[i].is_rejected) sorted[count++] = i;
    sorting = rows;
    qsort(sorted, count, sizeof *sorted, compare_events);
    drop_old_versions(rows, sorted, count);
    for (size_t i = 0; i < count; i++) {
        const ics_event *event = &rows->file.events[sorted[i]];
        bool replaces =
            event->uid != NULL && event->recurrence.form != ICS_NONE && !rows->placed[sorted[i]].is_rejected;
        if (replaces) sorted[rows->override_count++] = sorted[i];
    }
    rows->overrides = sorted;
    return true;
}

/* Whether another event takes the place of the occurrence of this one at an instant. */
static bool is_replaced(const import_ics *rows, const ics_event *event, int64_t start_s)
{
    size_t low = 0, high = rows->override_count;
    if (event->uid == NULL || event->recurrence.form != ICS_NONE) return false;
    while (low < high) {
        size_t middle = low + (high - low) / 2, index = rows->overrides[middle];
        const ics_event *other = &rows->file.events[index];
        int order = other->calendar != event->calendar ? (other->calendar < event->calendar ? -1 : 1)
                                                       : strcmp(other->uid, event->uid);
        if (order == 0)
            order = rows->placed[index].recurrence_s < start_s ? -1 : rows->placed[index].recurrence_s > start_s;
        if (order == 0) return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static int64_t steps_of(const import_ics_order *order) { return order->steps > 0 ? order->steps : ICS_STEPS_MAX; }

int import_ics_place(import_ics *rows, const import_ics_order *order)
{
    ics_file *file = &rows->file;
    rows->order = order;
    rows->steps = steps_of(order);
    rows->zones = (ics_zones){.at = order->at, .file = file, .steps = &rows->steps};
    rows->diaries = calloc(file->calendar_count, sizeof *rows->diaries);
    rows->placed = calloc(file->event_count + 1, sizeof *rows->placed);
    if (rows->diaries == NULL || rows->placed == NULL) return complain(EXIT_FAULT, "out of memory");
    for (size_t i = 0; i < file->calendar_count; i++) {
        int code = open_diary(rows, i);
        if (code != EXIT_DONE) return code;
    }
    rows->from_s = INT64_MAX;
    rows->to_s = INT64_MIN;
    for (size_t i = 0; i < file->event_count; i++)
        if (place_event(rows, &file->events[i], &rows->placed[i])) widen(rows, &file->events[i], &rows->placed[i]);
    if (!index_events(rows)) return complain(EXIT_FAULT, "out of memory");
    return find_span(rows);
}

/* ---- recurrences ---- */

static bool add_occurrence(import_ics *rows, int64_t start_s, int64_t end_s)
{
    if (rows->occurrence_count == rows->occurrence_room) {
        size_t room = rows->occurrence_room == 0 ? 64 : rows->occurrence_room * 2;
        struct occurrence *grown = realloc(rows->occurrences, room * sizeof *grown);
        if (grown == NULL) return false;
        rows->occurrences = grown;
        rows->occurrence_room = room;
    }
    rows->occurrences[rows->occurrence_count++] = (struct occurrence){start_s, end_s};
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
        .to_s = clock_of(rows, event, rows->to_s),
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
        if (!instant_of(rows, event, &at, &instant_s, why)) continue; /* beyond what is kept */
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
        if (!by_date && !instant_of(rows, event, at, &instant_s, why)) return false;
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
    return out->dates.count > 0 && ics_clocks_have(&out->dates, rfc3339_midnight(clock_of(rows, event, start_s)));
}

static bool add_dates(import_ics *rows, const ics_event *event, reason *why)
{
    for (size_t i = 0; i < event->dates.count; i++) {
        const ics_date *date = &event->dates.list[i];
        int64_t start_s, end_s = 0;
        if (!instant_of(rows, event, &date->start, &start_s, why)) return false;
        if (date->end.form != ICS_NONE && !instant_of(rows, event, &date->end, &end_s, why)) return false;
        if (date->length.given && !end_after(rows, event, start_s, date->length, &end_s, why)) return false;
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
        if (!is_excepted(rows, event, out, start_s) && !is_replaced(rows, event, start_s)) list[kept++] = list[i];
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

static bool recurs(const ics_event *event)
{
    return event->recurrence.form == ICS_NONE && (event->rules.count > 0 || event->dates.count > 0);
}

static bool find_occurrences(import_ics *rows, ics_event *event, const struct placed *placed)
{
    const char *field;
    char from[RFC3339_SIZE], to[RFC3339_SIZE];
    reason why;
    rows->occurrence_count = rows->next_occurrence = 0;
    if (!recurs(event)) {
        reason_set(&why, "another event of this file takes its place");
        if (is_replaced(rows, event, placed->start_s)) return reject(rows, event, "UID", &why);
        reason_set(&why, "out of memory");
        return add_occurrence(rows, placed->start_s, 0) || reject(rows, event, "VEVENT", &why);
    }
    if (!gather(rows, event, placed, &field, &why)) return reject(rows, event, field, &why);
    if (rows->occurrence_count > 0) return true;
    rfc3339_print(rows->from_s, from);
    rfc3339_print(rows->to_s, to);
    reason_set(&why, "has no occurrence of its own from %s to %s", from, to);
    return reject(rows, event, "RRULE", &why);
}

/* ---- rows ---- */

/* The UID, with the instant of the occurrence where there are several; of one that does not fit, its hash. */
static void make_key(const ics_event *event, bool several, int64_t instant_s, char key[FIG_KEY_MAX + 1])
{
    enum { SUFFIX = 1 + RFC3339_SIZE };
    char suffix[SUFFIX] = "", stem[FIG_KEY_MAX + 1];
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256_CTX hash;
    reason ignored;
    size_t size = 0;
    if (several) {
        suffix[0] = '#';
        rfc3339_print(instant_s, suffix + 1);
    }
    if (text_check(event->uid, FIG_KEY_MAX - strlen(suffix), &ignored)) {
        size = (size_t)snprintf(stem, sizeof stem, "%s", event->uid);
    } else {
        SHA256Init(&hash);
        SHA256Update(&hash, (const uint8_t *)event->uid, strlen(event->uid));
        SHA256Final(digest, &hash);
        size = (size_t)snprintf(stem, sizeof stem, "uid-");
        for (int i = 0; i < 16; i++) size += (size_t)snprintf(stem + size, sizeof stem - size, "%02x", digest[i]);
    }
    memcpy(key, stem, size);
    memcpy(key + size, suffix, strlen(suffix) + 1);
}

static bool give_key(const import_ics *rows, const ics_event *event, int64_t start_s, import_row *row)
{
    bool replaces = event->recurrence.form != ICS_NONE;
    size_t index = (size_t)(event - rows->file.events);
    if (event->own.key[0] != '\0')
        memcpy(row->key, event->own.key, sizeof row->key);
    else if (rows->order->keys && event->uid != NULL && event->uid[0] != '\0')
        make_key(event, replaces || recurs(event), replaces ? rows->placed[index].recurrence_s : start_s, row->key);
    return true;
}

static char *note_of(const ics_event *event)
{
    const char *text = event->own.given ? event->description : event->summary;
    return text == NULL ? NULL : text_to_note(text);
}

static fig_appointment_status status_of(const ics_event *event)
{
    if (event->own.status != 0) return event->own.status;
    if (event->cancelled) return FIG_CANCELLED;
    if (event->tentative) return FIG_PENDING;
    return event->confirmed ? FIG_CONFIRMED : FIG_SCHEDULED;
}

static void begin_row(const import_ics *rows, const ics_event *event, import_row *row)
{
    *row = (import_row){.line = event->line, .placed = true, .has_end = true, .before_s = -1, .after_s = -1};
    memcpy(row->barber, rows->diaries[event->calendar].barber, sizeof row->barber);
    row->status = status_of(event);
    if (!event->own.given) return;
    row->client_id = event->own.client_id;
    row->service_id = event->own.service_id;
    row->before_s = event->own.before_s;
    row->after_s = event->own.after_s;
}

static import_step reject_event(const import_ics *rows, const ics_event *event, import_row *row, import_fault *fault)
{
    begin_row(rows, event, row);
    row->line = event->fault.line;
    fault->field = event->fault.field;
    reason_set(&fault->why, "%s", event->fault.why != NULL ? event->fault.why : "out of memory");
    if (event->uid != NULL && text_check(event->uid, FIG_KEY_MAX, &(reason){""}))
        memcpy(row->key, event->uid, strlen(event->uid) + 1);
    return IMPORT_BAD;
}

static import_step take_occurrence(import_ics *rows, import_row *row, import_fault *fault)
{
    const ics_event *event = &rows->file.events[rows->event];
    const struct placed *placed = &rows->placed[rows->event];
    const struct occurrence *at = &rows->occurrences[rows->next_occurrence++];
    ics_length length = length_of(rows, event);
    begin_row(rows, event, row);
    row->start_s = at->start_s;
    row->end_s = at->end_s != 0 ? at->end_s : at->start_s + placed->end_s - placed->start_s;
    bool good =
        at->end_s != 0 || !length.given || end_after(rows, event, at->start_s, length, &row->end_s, &fault->why);
    give_key(rows, event, at->start_s, row);
    fault->field = end_field(event);
    if (!good || !import_row_check_span(row, end_field(event), fault)) return IMPORT_BAD;
    if (row->end_s > FIG_TIME_MAX) {
        reason_set(&fault->why, "lies after 2200-01-01T00:00:00Z");
        return IMPORT_BAD;
    }
    row->note = note_of(event);
    return IMPORT_ROW;
}

static import_step next(void *context, import_row *row, import_fault *fault)
{
    import_ics *rows = context;
    reason why;
    while (rows->next_occurrence == rows->occurrence_count) {
        if (rows->next_event == rows->file.event_count) return IMPORT_OVER;
        rows->event = rows->next_event++;
        ics_event *event = &rows->file.events[rows->event];
        reason_set(&why, "is TRANSPARENT: it takes up no time");
        if (event->transparent && event->fault.line == 0) reject(rows, event, "TRANSP", &why);
        bool good = event->fault.line == 0 && find_occurrences(rows, event, &rows->placed[rows->event]);
        if (!good) rows->occurrence_count = rows->next_occurrence = 0;
        if (!good) return reject_event(rows, event, row, fault);
    }
    return take_occurrence(rows, row, fault);
}

static double share(void *context)
{
    const import_ics *rows = context;
    return rows->file.event_count == 0 ? 1 : (double)rows->next_event / (double)rows->file.event_count;
}

static bool rewind_rows(import_source *source, reason *why)
{
    import_ics *rows = source->context;
    (void)why;
    rows->next_event = rows->occurrence_count = rows->next_occurrence = rows->cut = 0;
    rows->steps = steps_of(rows->order);
    return true;
}

import_source import_ics_source(import_ics *rows)
{
    return (import_source){
        .name = ics_lines_name(rows->lines), .context = rows, .next = next, .share = share, .rewind = rewind_rows};
}
