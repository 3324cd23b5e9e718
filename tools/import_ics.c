#include "tools/import_ics.h"

#include "tools/ics_rows.h"
#include "tools/text.h"

#include <sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    free(rows->ranges);
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

static void give_key(const import_ics *rows, const ics_event *event, int64_t start_s, import_row *row)
{
    bool replaces = event->recurrence.form != ICS_NONE;
    size_t index = (size_t)(event - rows->file.events);
    if (event->own.key[0] != '\0')
        memcpy(row->key, event->own.key, sizeof row->key);
    else if (rows->order->keys && event->uid != NULL && event->uid[0] != '\0')
        make_key(event, replaces || ics_recurs(event) || rows->placed[index].is_shared,
                 replaces ? rows->placed[index].recurrence_s : start_s, row->key);
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
    const struct occurrence *at = &rows->occurrences[rows->next_occurrence++];
    const ics_event *event = &rows->file.events[at->event];
    const struct placed *placed = &rows->placed[at->event];
    ics_length length = ics_length_of(rows, event);
    begin_row(rows, event, row);
    row->line = rows->file.events[rows->event].line;
    row->start_s = at->start_s;
    row->end_s = at->end_s != 0 ? at->end_s : at->start_s + placed->end_s - placed->start_s;
    bool good =
        at->end_s != 0 || !length.given || ics_end_after(rows, event, at->start_s, length, &row->end_s, &fault->why);
    give_key(rows, &rows->file.events[rows->event], at->name_s, row);
    fault->field = ics_end_field(event);
    if (!good || !import_row_check_span(row, ics_end_field(event), fault)) return IMPORT_BAD;
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
        if (event->transparent && event->fault.line == 0) ics_reject(rows, event, "TRANSP", &why);
        bool good = event->fault.line == 0 && ics_find_occurrences(rows, event, &rows->placed[rows->event]);
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
    rows->steps = rows->steps_max;
    return true;
}

import_source import_ics_source(import_ics *rows)
{
    return (import_source){
        .name = ics_lines_name(rows->lines), .context = rows, .next = next, .share = share, .rewind = rewind_rows};
}
