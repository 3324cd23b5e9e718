#include "tools/import_row.h"

#include "tools/text.h"
#include "tools/time_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = FIG_NOTE_MAX + 64 }; /* bytes of a field, its columns joined; longer ones fit nowhere */

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

/* Joins a field's columns by spaces, blanks around the whole taken off. Without columns the value is empty. */
static bool read_value(const import_plan *plan, const csv *record, import_field field, char value[VALUE_MAX],
                       reason *why)
{
    const import_columns *columns = &plan->map.of[field];
    size_t used = 0;
    value[0] = '\0';
    for (size_t i = 0; i < columns->count; i++) {
        if (columns->indices[i] >= csv_field_count(record))
            return reason_set(why, "the row has no column %zu", columns->indices[i] + 1);
        const char *text = csv_field(record, columns->indices[i]);
        int length = snprintf(value + used, VALUE_MAX - used, "%s%s", i == 0 ? "" : " ", text);
        if (length < 0 || (size_t)length >= VALUE_MAX - used)
            return reason_set(why, "is longer than %d bytes", VALUE_MAX - 1);
        used += (size_t)length;
    }
    while (used > 0 && is_blank(value[used - 1])) value[--used] = '\0';
    size_t blanks = 0;
    while (is_blank(value[blanks])) blanks++;
    memmove(value, value + blanks, used - blanks + 1);
    return true;
}

/* Says which value is wrong, unless it is none; returns false. */
static bool quote_value(const char *value, reason *why)
{
    return *value != '\0' && reason_prefix(why, "'%.64s': ", value);
}

static bool read_moment(const import_plan *plan, const char *value, moment *at, reason *why)
{
    bool good = plan->time_format != NULL ? time_format_parse(plan->time_format, value, at, why)
                                          : rfc3339_parse_moment(value, at, why);
    return good || quote_value(value, why);
}

static bool read_date(const import_plan *plan, const char *value, int64_t *date_s, reason *why)
{
    moment at = {0};
    bool good = plan->time_format != NULL ? time_format_parse(plan->time_format, value, &at, why)
                                          : rfc3339_parse_date(value, &at.seconds, why);
    *date_s = rfc3339_midnight(at.seconds);
    return good || quote_value(value, why);
}

static bool read_minutes(const char *value, uint64_t least, int64_t most_s, int64_t *seconds, reason *why)
{
    uint64_t minutes;
    if (*value == '\0') return true;
    if (!text_number(value, least, (uint64_t)most_s / 60, &minutes, why)) return false;
    *seconds = (int64_t)minutes * 60;
    return true;
}

static bool read_status(const char *value, fig_appointment_status *status, reason *why)
{
    fig_appointment_status found = FIG_SCHEDULED;
    if (*value == '\0') return true;
    if (fig_appointment_status_from_name(value, &found) != FIG_OK)
        return reason_set(why,
                          "'%.32s' is none of scheduled, confirmed, completed, cancelled, no_show, pending, held, "
                          "expired",
                          value);
    *status = found;
    return true;
}

static bool read_text(const char *value, size_t most, char *into, reason *why)
{
    if (*value == '\0') return true;
    if (!text_check(value, most, why)) return false;
    memcpy(into, value, strlen(value) + 1);
    return true;
}

/* Of what is no hold it is not looked at: a column of that name may mean anything there. */
static bool read_expires(const import_plan *plan, const char *value, import_row *row, reason *why)
{
    if (!import_row_is_hold(row)) return true;
    row->has_expires = *value != '\0';
    if (row->has_expires) return read_moment(plan, value, &row->expires, why);
    return row->status == FIG_EXPIRED || reason_set(why, "is empty; a row that is held says until when");
}

/* The lengths know its id, else the store its name, else it is an id. */
static bool read_service(const import_plan *plan, const char *value, import_row *row, reason *why)
{
    if (*value == '\0') return true;
    const service_length *known = lengths_find(&plan->lengths, value);
    if (known != NULL) {
        row->service_id = known->id;
        if (!row->has_end && row->length_s < 0) row->length_s = known->length_s;
        if (known->id != 0) return true;
    }
    uint64_t id;
    bool has_length = plan->length_s >= 0 || row->has_end || row->length_s >= 0;
    row->service_unlisted = !plan->finding && plan->lengths.count > 0 && (known != NULL || !text_id(value, &id));
    if (row->service_unlisted && !has_length) return reason_set(why, "'%.64s' is not in the file of lengths", value);
    if (row->service_unlisted && !text_check(value, FIG_NAME_MAX, why)) return true; /* what is no name is none's */
    return read_text(value, FIG_NAME_MAX, row->service, why);
}

static bool read_barber(const import_plan *plan, const char *value, import_row *row, reason *why)
{
    const char *name = *value == '\0' && plan->barber != NULL ? plan->barber : value;
    if (*name == '\0') return reason_set(why, "is empty");
    return read_text(name, FIG_NAME_MAX, row->barber, why);
}

static bool read_note(const char *value, import_row *row, reason *why)
{
    if (*value == '\0') return true;
    if (!text_check(value, FIG_NOTE_MAX, why)) return false;
    row->note = strdup(value);
    return row->note != NULL || reason_set(why, "out of memory");
}

static bool take_value(const import_plan *plan, import_field field, const char *value, import_row *row, reason *why)
{
    switch (field) {
    case IMPORT_BARBER: return read_barber(plan, value, row, why);
    case IMPORT_START: return read_moment(plan, value, &row->start, why);
    case IMPORT_END: row->has_end = *value != '\0'; return !row->has_end || read_moment(plan, value, &row->end, why);
    case IMPORT_MINUTES: return read_minutes(value, 1, FIG_DURATION_MAX, &row->length_s, why);
    case IMPORT_SERVICE: return read_service(plan, value, row, why);
    case IMPORT_CLIENT: return read_text(value, FIG_NAME_MAX, row->client, why);
    case IMPORT_KEY: return read_text(value, FIG_KEY_MAX, row->key, why);
    case IMPORT_STATUS: return read_status(value, &row->status, why);
    case IMPORT_EXPIRES: return read_expires(plan, value, row, why);
    case IMPORT_BEFORE: return read_minutes(value, 0, FIG_BUFFER_MAX, &row->before_s, why);
    case IMPORT_AFTER: return read_minutes(value, 0, FIG_BUFFER_MAX, &row->after_s, why);
    case IMPORT_NOTE: return read_note(value, row, why);
    case IMPORT_DATE: return read_date(plan, value, &row->date_s, why);
    case IMPORT_FIELDS: break;
    }
    return false;
}

/* A row whose key could be read is told of by it, whatever else is wrong: so that comes first. The status says whether
 * the row expires. */
static const import_field order[IMPORT_FIELDS] = {
    IMPORT_KEY,    IMPORT_BARBER,  IMPORT_START,  IMPORT_END,   IMPORT_MINUTES, IMPORT_SERVICE, IMPORT_CLIENT,
    IMPORT_STATUS, IMPORT_EXPIRES, IMPORT_BEFORE, IMPORT_AFTER, IMPORT_NOTE,    IMPORT_DATE,
};

bool import_plan_reads(const import_plan *plan, import_field field)
{
    if (!plan->finding) return field != IMPORT_DATE;
    return plan->map.of[field].count > 0 || (field == IMPORT_BARBER && plan->barber != NULL);
}

bool import_row_read(const import_plan *plan, const csv *record, import_row *row, import_fault *fault)
{
    char value[VALUE_MAX];
    *row = (import_row){.line = csv_line(record), .length_s = -1, .before_s = -1, .after_s = -1};
    row->status = FIG_SCHEDULED;
    fault->field = NULL;
    if (plan->map.has_header && csv_field_count(record) != plan->map.field_count)
        return reason_set(&fault->why, "has %zu fields, the first line has %zu", csv_field_count(record),
                          plan->map.field_count);
    for (size_t i = 0; i < IMPORT_FIELDS; i++) {
        fault->field = import_field_name(order[i]);
        if (!import_plan_reads(plan, order[i])) continue;
        if (!read_value(plan, record, order[i], value, &fault->why)) return false;
        if (!take_value(plan, order[i], value, row, &fault->why)) return false;
    }
    if (!row->has_end && row->length_s < 0) row->length_s = plan->length_s;
    if (row->has_end || row->length_s > 0 || plan->finding) return true;
    fault->field = import_field_name(plan->map.of[IMPORT_END].count > 0 ? IMPORT_END : IMPORT_MINUTES);
    return reason_set(&fault->why, "nothing says how long it lasts");
}

void import_row_free(import_row *row)
{
    free(row->note);
    row->note = NULL;
}

bool import_row_takes_time(const import_row *row) { return row->status >= FIG_HELD && row->status <= FIG_CONFIRMED; }

bool import_row_is_hold(const import_row *row) { return row->status == FIG_HELD || row->status == FIG_EXPIRED; }

bool import_row_is_local(const import_row *row)
{
    bool end = row->has_end && row->end.is_local, expires = row->has_expires && row->expires.is_local;
    return !row->placed && (row->start.is_local || end || expires);
}

bool import_row_age(import_row *row, int64_t now_s, import_fault *fault)
{
    fault->field = import_field_name(IMPORT_EXPIRES);
    if (row->has_expires && row->expires_s <= FIG_TIME_MIN) /* it was held an instant before */
        return reason_set(&fault->why, "lies before 1900-01-01T00:00:01Z");
    row->over = row->has_expires && row->expires_s <= now_s;
    row->lapsed = row->status == FIG_HELD && row->over;
    if (row->lapsed) row->status = FIG_EXPIRED;
    if (row->status != FIG_HELD || row->expires_s - now_s <= FIG_HOLD_MAX) return true;
    return reason_set(&fault->why, "lies more than 366 days after now");
}

bool import_row_check_span(const import_row *row, const char *field, import_fault *fault)
{
    fault->field = field;
    if (row->end_s < row->start_s) return reason_set(&fault->why, "lies before the start");
    if (row->end_s == row->start_s)
        return reason_set(&fault->why, "is the start; an appointment lasts a second or more");
    if (row->end_s - row->start_s > FIG_DURATION_MAX)
        return reason_set(&fault->why, "lies more than 366 days after the start");
    return true;
}

bool import_row_place(import_row *row, const local_zone *zone, import_fault *fault)
{
    if (row->placed) return true;
    const char *end_field = import_field_name(row->has_end ? IMPORT_END : IMPORT_MINUTES);
    fault->field = import_field_name(IMPORT_START);
    if (!local_zone_instant(zone, row->start, &row->start_s, &fault->why)) return false;
    fault->field = end_field;
    moment end = row->has_end ? row->end : (moment){.seconds = row->start_s + row->length_s};
    if (!local_zone_instant(zone, end, &row->end_s, &fault->why)) return false;
    fault->field = import_field_name(IMPORT_EXPIRES);
    if (row->has_expires && !local_zone_instant(zone, row->expires, &row->expires_s, &fault->why)) return false;
    return import_row_check_span(row, end_field, fault);
}
