#include "tools/arguments.h"
#include "tools/ics_rows.h"
#include "tools/output.h"
#include "tools/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* What the command line says, else what the calendar is called, without blanks around it, else the file's name. False
 * when that can be nobody's. */
static bool find_name(const import_ics *rows, size_t index, char barber[FIG_NAME_MAX + 1], reason *why)
{
    char base[4096];
    const char *given = rows->file.calendars[index].name, *name = rows->order->barber;
    base_name(ics_lines_name(rows->lines), base, sizeof base);
    if (name == NULL && given != NULL) name = given + strspn(given, " ");
    if (name == NULL || *name == '\0') name = base;
    size_t length = strlen(name);
    while (length > 0 && name[length - 1] == ' ') length--;
    if (length > FIG_NAME_MAX) return reason_set(why, "is longer than %d bytes; give --barber", FIG_NAME_MAX);
    snprintf(barber, FIG_NAME_MAX + 1, "%.*s", (int)length, name);
    if (text_check(barber, FIG_NAME_MAX, why)) return true;
    barber[0] = '\0';
    return false;
}

static int open_diary(import_ics *rows, size_t index)
{
    const import_ics_order *order = rows->order;
    struct diary *diary = &rows->diaries[index];
    reason ignored;
    const char *name = diary->barber;
    find_name(rows, index, diary->barber, &ignored);
    if (order->zone != NULL) {
        diary->zone = *order->zone;
        return EXIT_DONE;
    }
    fig_view view = session_view(order->at);
    fig_barber barber = fig_barber_default();
    bool known = *name != '\0' && fig_find_barber(order->at->engine, &view, name, &barber) == FIG_OK;
    return session_open_zone(order->at, known ? &barber : NULL, &diary->zone);
}

/* ---- instants ---- */

/* The zone that a time is in: one of the file, or NULL for UTC and for those of the barber. */
static const ics_zone *zone_of(import_ics *rows, const ics_event *event, const ics_time *at)
{
    return at->form == ICS_ZONED ? ics_zone_find(&rows->zones, at->zone, event->calendar) : NULL;
}

bool ics_instant_of(import_ics *rows, const ics_event *event, const ics_time *at, int64_t *instant_s, reason *why)
{
    moment local = {.is_local = at->form != ICS_UTC, .seconds = at->clock_s};
    const local_zone *floating = &rows->diaries[event->calendar].zone;
    if (at->form != ICS_ZONED) return local_zone_instant(floating, local, instant_s, why);
    const ics_zone *zone = zone_of(rows, event, at);
    if (zone == NULL) return reason_set(why, "the file's times are in more than %d zones", ICS_ZONES_USED_MAX);
    if (!zone->good) return reason_set(why, "%.700s", zone->why.text);
    return ics_zone_instant(zone, at->clock_s, instant_s, why);
}

int64_t ics_clock_at(import_ics *rows, const ics_event *event, int64_t instant_s)
{
    const ics_zone *zone = zone_of(rows, event, &event->start);
    if (zone != NULL) return zone->good ? ics_zone_clock(zone, instant_s) : instant_s;
    bool utc = event->start.form == ICS_UTC;
    return utc ? instant_s : local_zone_clock(&rows->diaries[event->calendar].zone, instant_s);
}

/* ---- placing ---- */

bool ics_reject(const import_ics *rows, ics_event *event, const char *field, const reason *why)
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

bool ics_end_after(import_ics *rows, const ics_event *event, int64_t start_s, ics_length length, int64_t *end_s,
                   reason *why)
{
    ics_time at = event->start;
    at.clock_s = ics_clock_at(rows, event, start_s) + length.days * DAY_SECONDS;
    *end_s = start_s;
    if (length.days > 0 && !ics_instant_of(rows, event, &at, end_s, why)) return false;
    *end_s += length.seconds;
    return true;
}

ics_length ics_length_of(const import_ics *rows, const ics_event *event)
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
    ics_length length = ics_length_of(rows, event);
    if (length.given) return ics_end_after(rows, event, placed->start_s, length, &placed->end_s, why);
    if (event->end.form != ICS_NONE) return ics_instant_of(rows, event, &event->end, &placed->end_s, why);
    return reason_set(why, "nothing says how long it lasts; --minutes does for all such");
}

const char *ics_end_field(const ics_event *event) { return event->length.given ? "DURATION" : "DTEND"; }

static bool check_span(int64_t start_s, int64_t end_s, const char *field, import_fault *fault)
{
    import_row row = {.start_s = start_s, .end_s = end_s};
    return import_row_check_span(&row, field, fault);
}

static bool place_event(import_ics *rows, ics_event *event, struct placed *placed)
{
    reason why;
    import_fault fault;
    char barber[FIG_NAME_MAX + 1];
    placed->is_rejected = event->fault.line != 0;
    if (placed->is_rejected) return false;
    if (rows->diaries[event->calendar].barber[0] == '\0' && !find_name(rows, event->calendar, barber, &why))
        return ics_reject(rows, event, "X-WR-CALNAME", &why);
    reason_set(&why, "is missing");
    if (event->start.form == ICS_NONE) return ics_reject(rows, event, "DTSTART", &why);
    if (!ics_instant_of(rows, event, &event->start, &placed->start_s, &why))
        return ics_reject(rows, event, "DTSTART", &why);
    if (!find_end(rows, event, placed, &why)) return ics_reject(rows, event, ics_end_field(event), &why);
    if (!check_span(placed->start_s, placed->end_s, ics_end_field(event), &fault))
        return ics_reject(rows, event, fault.field, &fault.why);
    bool replaces = event->recurrence.form != ICS_NONE;
    if (replaces && !ics_instant_of(rows, event, &event->recurrence, &placed->recurrence_s, &why))
        return ics_reject(rows, event, "RECURRENCE-ID", &why);
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
        if (!ics_instant_of(rows, event, &event->dates.list[i].start, &at_s, &ignored)) continue;
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

/* ---- all of it ---- */

int import_ics_place(import_ics *rows, const import_ics_order *order)
{
    ics_file *file = &rows->file;
    rows->order = order;
    rows->steps = rows->steps_max = order->steps > 0 ? order->steps : ICS_STEPS_MAX;
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
    if (!ics_index_events(rows)) return complain(EXIT_FAULT, "out of memory");
    return find_span(rows);
}
