#include "tools/ics_event.h"

#include "tools/ics_values.h"
#include "tools/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 8 }; /* components within components that are told apart; deeper ones are passed over */

typedef enum place { IN_OTHER, IN_CALENDAR, IN_EVENT, IN_ZONE, IN_OBSERVANCE } place;

struct reading {
    ics_file *file;
    place places[DEPTH_MAX];
    size_t depth; /* of the component that the line is in, also beyond DEPTH_MAX */
    bool no_memory, too_much;
    size_t event_room, zone_room, calendar_room;
};

/* ---- room ---- */

/* One more element at the end of a list that grows by doubling, zeroed; NULL: no memory. */
static void *extend(void *list_at, size_t *count, size_t *room, size_t size)
{
    char **list = list_at;
    if (*count == *room) {
        size_t wanted = *room == 0 ? 4 : *room * 2;
        char *grown = realloc(*list, wanted * size);
        if (grown == NULL) return NULL;
        *list = grown;
        *room = wanted;
    }
    void *element = *list + (*count)++ * size;
    memset(element, 0, size);
    return element;
}

/* Keeps the first text that is given. */
static bool keep_text(struct reading *at, char **into, const char *text)
{
    if (*into == NULL) *into = strdup(text);
    at->no_memory = at->no_memory || *into == NULL;
    return *into != NULL;
}

/* The file's own copy of a zone's name; NULL and a reason when there are too many. */
static const char *keep_tzid(struct reading *at, const char *name, reason *why)
{
    ics_file *file = at->file;
    for (size_t i = file->tzid_count; i-- > 0;)
        if (strcmp(file->tzids[i], name) == 0) return file->tzids[i];
    if (file->tzid_count == ICS_TZIDS_MAX) {
        reason_set(why, "the file names more than %d zones", ICS_TZIDS_MAX);
        return NULL;
    }
    char **grown = realloc(file->tzids, (file->tzid_count + 1) * sizeof *grown);
    char *copy = grown == NULL ? NULL : strdup(name);
    if (grown != NULL) file->tzids = grown;
    if (copy == NULL) {
        at->no_memory = true;
        reason_set(why, "out of memory");
        return NULL;
    }
    return file->tzids[file->tzid_count++] = copy;
}

/* ---- faults ---- */

/* Keeps the first fault of an event or a zone. */
static void note_fault(struct reading *at, ics_fault *fault, const ics_line *line, const reason *why)
{
    reason ignored;
    if (fault->line != 0) return;
    fault->line = line->number;
    snprintf(fault->field, sizeof fault->field, "%s", line->name);
    for (char *c = fault->field; *c != '\0'; c++)
        if (*c >= 'a' && *c <= 'z') *c = (char)(*c - 'a' + 'A');
    if (!text_check(fault->field, sizeof fault->field, &ignored)) snprintf(fault->field, sizeof fault->field, "VEVENT");
    keep_text(at, &fault->why, why->text);
}

/* ---- values of an event ---- */

static bool take_time(struct reading *at, const ics_line *line, ics_time *into, reason *why)
{
    if (into->form != ICS_NONE) return reason_set(why, "is given twice");
    ics_time read;
    if (!ics_read_time(line, line->value, &read, why)) return false;
    if (read.form == ICS_ZONED && (read.zone = keep_tzid(at, read.zone, why)) == NULL) return false;
    *into = read;
    return true;
}

static bool add_date(struct reading *at, const ics_line *line, ics_dates *dates, char *text, reason *why)
{
    ics_date read;
    if (!ics_read_date(line, text, &read, why)) return false;
    if (read.start.form == ICS_ZONED && (read.start.zone = keep_tzid(at, read.start.zone, why)) == NULL) return false;
    if (read.end.form == ICS_ZONED && (read.end.zone = keep_tzid(at, read.end.zone, why)) == NULL) return false;
    ics_date *date = extend(&dates->list, &dates->count, &dates->room, sizeof *date);
    if (date == NULL) {
        at->no_memory = true;
        return reason_set(why, "out of memory");
    }
    *date = read;
    return true;
}

/* A list of dates with commas between them. */
static bool take_dates(struct reading *at, const ics_line *line, ics_dates *dates, reason *why)
{
    if (*line->value == '\0') return true; /* some programs write a list of none so */
    for (char *text = line->value, *next; text != NULL; text = next) {
        next = strchr(text, ',');
        if (next != NULL) *next++ = '\0';
        if (!add_date(at, line, dates, text, why)) return false;
    }
    return true;
}

static bool take_rule(struct reading *at, const ics_line *line, ics_rules *rules, reason *why)
{
    enum { RULES_MAX = 16, RULE_MAX = 4096 };
    if (rules->count == RULES_MAX) return reason_set(why, "there are more than %d of them", RULES_MAX);
    if (strlen(line->value) > RULE_MAX) return reason_set(why, "is longer than %d bytes", RULE_MAX);
    if (rules->list == NULL) rules->list = calloc(RULES_MAX, sizeof *rules->list);
    if (rules->lines == NULL) rules->lines = calloc(RULES_MAX, sizeof *rules->lines);
    char *copy = rules->list == NULL || rules->lines == NULL ? NULL : strdup(line->value);
    if (copy == NULL) {
        at->no_memory = true;
        return reason_set(why, "out of memory");
    }
    rules->lines[rules->count] = line->number;
    rules->list[rules->count++] = copy;
    return true;
}

static bool take_status(ics_event *event, const char *value, reason *why)
{
    event->cancelled = ics_same(value, "CANCELLED");
    event->tentative = ics_same(value, "TENTATIVE");
    event->confirmed = ics_same(value, "CONFIRMED");
    return event->cancelled || event->tentative || event->confirmed ||
           reason_set(why, "'%.32s' is none of TENTATIVE, CONFIRMED, CANCELLED", value);
}

static bool take_transparency(ics_event *event, const char *value, reason *why)
{
    event->transparent = ics_same(value, "TRANSPARENT");
    return event->transparent || ics_same(value, "OPAQUE") ||
           reason_set(why, "'%.32s' is neither OPAQUE nor TRANSPARENT", value);
}

static bool take_text(struct reading *at, char **into, char *value, reason *why)
{
    ics_unescape(value);
    return keep_text(at, into, value) || reason_set(why, "out of memory");
}

/* ---- what an export of Figaro's says besides ---- */

static bool take_own_status(ics_own *own, const char *value, reason *why)
{
    bool known = fig_appointment_status_from_name(value, &own->status) == FIG_OK;
    bool can = known && own->status != FIG_HELD && own->status != FIG_EXPIRED;
    return can || reason_set(why, "'%.32s' is no status that is imported", value);
}

static bool take_seconds(const char *value, int64_t *seconds, reason *why)
{
    uint64_t number = 0;
    if (!text_number(value, 0, FIG_BUFFER_MAX, &number, why)) return false;
    *seconds = (int64_t)number;
    return true;
}

static bool take_own(ics_event *event, const char *name, char *value, reason *why)
{
    ics_own *own = &event->own;
    if (!own->given) *own = (ics_own){.given = true, .before_s = -1, .after_s = -1};
    if (ics_same(name, "STATUS")) return take_own_status(own, value, why);
    if (ics_same(name, "CLIENT")) return text_number(value, 1, INT64_MAX, &own->client_id, why);
    if (ics_same(name, "SERVICE")) return text_number(value, 1, INT64_MAX, &own->service_id, why);
    if (ics_same(name, "BUFFER-BEFORE")) return take_seconds(value, &own->before_s, why);
    if (ics_same(name, "BUFFER-AFTER")) return take_seconds(value, &own->after_s, why);
    if (!ics_same(name, "KEY")) return true;
    ics_unescape(value);
    if (!text_check(value, FIG_KEY_MAX, why)) return false;
    memcpy(own->key, value, strlen(value) + 1);
    return true;
}

/* ---- lines ---- */

static bool take_recurrence(struct reading *at, ics_event *event, const ics_line *line, reason *why)
{
    const char *range = ics_line_param(line, "RANGE");
    event->range = range != NULL && ics_same(range, "THISANDFUTURE");
    return take_time(at, line, &event->recurrence, why);
}

static bool take_event_line(struct reading *at, ics_event *event, const ics_line *line, reason *why)
{
    const char *name = line->name;
    static const char own[] = "X-FIGARO-";
    if (ics_same(name, "DTSTART")) return take_time(at, line, &event->start, why);
    if (ics_same(name, "DTEND")) return take_time(at, line, &event->end, why);
    if (ics_same(name, "DURATION")) return ics_read_length(line->value, &event->length, why);
    if (ics_same(name, "RECURRENCE-ID")) return take_recurrence(at, event, line, why);
    if (ics_same(name, "RRULE")) return take_rule(at, line, &event->rules, why);
    if (ics_same(name, "EXRULE")) return take_rule(at, line, &event->exclusions, why);
    if (ics_same(name, "RDATE")) return take_dates(at, line, &event->dates, why);
    if (ics_same(name, "EXDATE")) return take_dates(at, line, &event->exceptions, why);
    if (ics_same(name, "STATUS")) return take_status(event, line->value, why);
    if (ics_same(name, "TRANSP")) return take_transparency(event, line->value, why);
    if (ics_same(name, "SEQUENCE")) return text_number(line->value, 0, INT64_MAX, &event->sequence, why);
    if (ics_same(name, "UID")) return take_text(at, &event->uid, line->value, why);
    if (ics_same(name, "SUMMARY")) return take_text(at, &event->summary, line->value, why);
    if (ics_same(name, "DESCRIPTION")) return take_text(at, &event->description, line->value, why);
    char prefix[sizeof own];
    snprintf(prefix, sizeof prefix, "%s", name);
    return !ics_same(prefix, own) || take_own(event, name + sizeof own - 1, line->value, why);
}

static bool take_zone_line(struct reading *at, ics_vtimezone *zone, const ics_line *line)
{
    if (ics_same(line->name, "TZID")) return keep_text(at, &zone->tzid, line->value);
    if (ics_same(line->name, "X-LIC-LOCATION")) return keep_text(at, &zone->location, line->value);
    return true;
}

static bool take_observance_line(struct reading *at, ics_observance *part, const ics_line *line, reason *why)
{
    ics_time start;
    if (ics_same(line->name, "TZOFFSETFROM")) return part->has_from = ics_read_offset(line->value, &part->from_s, why);
    if (ics_same(line->name, "TZOFFSETTO")) return part->has_to = ics_read_offset(line->value, &part->to_s, why);
    if (ics_same(line->name, "RRULE")) return take_rule(at, line, &part->rules, why);
    if (ics_same(line->name, "RDATE")) return take_dates(at, line, &part->dates, why);
    if (!ics_same(line->name, "DTSTART")) return true;
    /* zones that "always" were so begin in 1601, before anything that is kept: a leap year after 1900 does as well */
    if (strlen(line->value) > 4 && strncmp(line->value, "1900", 4) < 0) memcpy(line->value, "1904", 4);
    if (!ics_read_time(line, line->value, &start, why)) return false;
    part->has_start = true;
    part->clock_s = start.clock_s;
    return true;
}

static ics_event *last_event(const struct reading *at) { return &at->file->events[at->file->event_count - 1]; }
static ics_vtimezone *last_zone(const struct reading *at) { return &at->file->zones[at->file->zone_count - 1]; }

static place here(const struct reading *at)
{
    return at->depth == 0 || at->depth > DEPTH_MAX ? IN_OTHER : at->places[at->depth - 1];
}

static void take_line(struct reading *at, const ics_line *line)
{
    reason why;
    ics_vtimezone *zone;
    ics_calendar *calendar;
    switch (here(at)) {
    case IN_CALENDAR:
        calendar = &at->file->calendars[at->file->calendar_count - 1];
        if (ics_same(line->name, "X-WR-CALNAME")) take_text(at, &calendar->name, line->value, &why);
        break;
    case IN_EVENT:
        if (!take_event_line(at, last_event(at), line, &why)) note_fault(at, &last_event(at)->fault, line, &why);
        break;
    case IN_ZONE: take_zone_line(at, last_zone(at), line); break;
    case IN_OBSERVANCE:
        zone = last_zone(at);
        if (!take_observance_line(at, &zone->parts[zone->count - 1], line, &why))
            note_fault(at, &zone->fault, line, &why);
        break;
    case IN_OTHER: break;
    }
}

/* ---- components ---- */

static bool begin_calendar(struct reading *at)
{
    ics_file *file = at->file;
    at->too_much = file->calendar_count == ICS_CALENDARS_MAX;
    return !at->too_much &&
           extend(&file->calendars, &file->calendar_count, &at->calendar_room, sizeof *file->calendars) != NULL;
}

static bool begin_event(struct reading *at, const ics_line *line)
{
    ics_file *file = at->file;
    reason why;
    at->too_much = file->event_count == ICS_EVENTS_MAX;
    bool outside = here(at) != IN_CALENDAR;
    if (at->too_much || (file->calendar_count == 0 && !begin_calendar(at))) return false;
    ics_event *event = extend(&file->events, &file->event_count, &at->event_room, sizeof *event);
    if (event == NULL) return false;
    event->line = line->number;
    event->calendar = file->calendar_count - 1;
    reason_set(&why, "stands outside of a VCALENDAR");
    if (outside) note_fault(at, &event->fault, line, &why);
    return true;
}

static bool begin_zone(struct reading *at, const ics_line *line)
{
    ics_file *file = at->file;
    at->too_much = file->zone_count == ICS_ZONES_MAX;
    if (at->too_much) return false;
    ics_vtimezone *zone = extend(&file->zones, &file->zone_count, &at->zone_room, sizeof *zone);
    if (zone == NULL) return false;
    zone->line = line->number;
    zone->calendar = file->calendar_count - 1;
    return true;
}

static bool begin_observance(struct reading *at, const ics_line *line)
{
    reason why;
    ics_vtimezone *zone = last_zone(at);
    reason_set(&why, "the zone has more than %d parts", ICS_OBSERVED_MAX);
    if (zone->count < ICS_OBSERVED_MAX) return extend(&zone->parts, &zone->count, &zone->room, sizeof *zone->parts);
    note_fault(at, &zone->fault, line, &why);
    return true;
}

static place place_of(const struct reading *at, const char *name)
{
    place in = here(at);
    if (ics_same(name, "VCALENDAR")) return IN_CALENDAR;
    if (ics_same(name, "VEVENT")) return IN_EVENT;
    if (ics_same(name, "VTIMEZONE") && in == IN_CALENDAR) return IN_ZONE;
    bool is_observance = ics_same(name, "STANDARD") || ics_same(name, "DAYLIGHT");
    return is_observance && in == IN_ZONE ? IN_OBSERVANCE : IN_OTHER;
}

/* A component that begins where none of its kind can means that the ones around it were never ended: they are, here. */
static void end_unclosed(struct reading *at, const ics_line *line)
{
    reason why;
    bool is_calendar = ics_same(line->value, "VCALENDAR");
    bool is_event = ics_same(line->value, "VEVENT") || ics_same(line->value, "VTIMEZONE");
    size_t depth = is_calendar ? 0 : 1;
    if ((!is_calendar && !is_event) || at->depth <= depth) return;
    for (size_t i = depth; i < at->depth && i < DEPTH_MAX; i++) {
        if (at->places[i] != IN_EVENT) continue;
        reason_set(&why, "the event that began on line %llu has no END", (unsigned long long)last_event(at)->line);
        note_fault(at, &last_event(at)->fault, line, &why);
    }
    at->depth = depth;
}

static bool begin(struct reading *at, const ics_line *line)
{
    bool good = true;
    end_unclosed(at, line);
    place is = place_of(at, line->value);
    if (is == IN_CALENDAR) good = begin_calendar(at);
    if (is == IN_EVENT) good = begin_event(at, line);
    if (is == IN_ZONE) good = begin_zone(at, line);
    if (is == IN_OBSERVANCE) good = begin_observance(at, line);
    if (at->depth < DEPTH_MAX) at->places[at->depth] = is;
    at->depth++;
    return good;
}

/* A line that is none costs the event that it stands in: what it said is not known. */
static void take_flaw(struct reading *at, const ics_line *line)
{
    reason why;
    reason_set(&why, "line %llu %s", (unsigned long long)line->number, line->flaw);
    if (here(at) == IN_EVENT) note_fault(at, &last_event(at)->fault, line, &why);
    if (here(at) == IN_ZONE || here(at) == IN_OBSERVANCE) note_fault(at, &last_zone(at)->fault, line, &why);
}

/* What is still open when the file ends. */
static void end_file(struct reading *at)
{
    reason why;
    ics_line line = {.name = (char[]){"END"}};
    for (size_t i = 0; i < at->depth && i < DEPTH_MAX; i++) {
        if (at->places[i] != IN_EVENT) continue;
        line.number = last_event(at)->line;
        reason_set(&why, "the file ends within the event");
        note_fault(at, &last_event(at)->fault, &line, &why);
    }
}

bool ics_file_read(ics_lines *lines, ics_file *file, reason *why)
{
    struct reading at = {.file = file};
    ics_line line;
    *file = (ics_file){0};
    while (!at.no_memory && ics_lines_next(lines, &line)) {
        if (line.flaw != NULL)
            take_flaw(&at, &line);
        else if (ics_same(line.name, "BEGIN"))
            at.no_memory = !begin(&at, &line);
        else if (ics_same(line.name, "END"))
            at.depth -= at.depth > 0;
        else
            take_line(&at, &line);
    }
    const char *name = ics_lines_name(lines);
    if (at.too_much)
        return reason_set(why, "%s: has more than %d events, %d calendars or %d zones", name, ICS_EVENTS_MAX,
                          ICS_CALENDARS_MAX, ICS_ZONES_MAX);
    if (at.no_memory) return reason_set(why, "%s: out of memory", name);
    end_file(&at);
    if (file->calendar_count > 0) return true;
    return reason_set(why, "%s: is no iCalendar file: it has no BEGIN:VCALENDAR", name);
}

/* ---- giving back ---- */

static void free_rules(ics_rules *rules)
{
    for (size_t i = 0; i < rules->count; i++) free(rules->list[i]);
    free(rules->list);
    free(rules->lines);
}

static void free_event(ics_event *event)
{
    free(event->fault.why);
    free(event->uid);
    free(event->summary);
    free(event->description);
    free(event->dates.list);
    free(event->exceptions.list);
    free_rules(&event->rules);
    free_rules(&event->exclusions);
}

static void free_zone(ics_vtimezone *zone)
{
    for (size_t i = 0; i < zone->count; i++) {
        free_rules(&zone->parts[i].rules);
        free(zone->parts[i].dates.list);
    }
    free(zone->fault.why);
    free(zone->parts);
    free(zone->tzid);
    free(zone->location);
}

void ics_file_free(ics_file *file)
{
    for (size_t i = 0; i < file->event_count; i++) free_event(&file->events[i]);
    for (size_t i = 0; i < file->zone_count; i++) free_zone(&file->zones[i]);
    for (size_t i = 0; i < file->calendar_count; i++) free(file->calendars[i].name);
    for (size_t i = 0; i < file->tzid_count; i++) free(file->tzids[i]);
    free(file->calendars);
    free(file->events);
    free(file->zones);
    free(file->tzids);
    *file = (ics_file){0};
}
