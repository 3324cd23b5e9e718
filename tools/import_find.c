#include "tools/import_find.h"

#include "tools/import_client.h"
#include "tools/output.h"

#include <stdlib.h>
#include <string.h>

enum {
    PAGE = 64,
    OFFSET_MAX_S = 26 * 3600 /* local clocks differ from UTC by less */
};

int import_finder_open(import_finder *finder, const session *at, const import_plan *plan, const local_zone *zone)
{
    *finder = (import_finder){.at = *at, .plan = plan, .zone = zone};
    fig_status status = fig_snapshot_open(at->engine, &finder->at.snapshot);
    return status == FIG_OK ? EXIT_DONE : complain(output_exit_code(status), "%s", fig_status_text(status));
}

void import_finder_close(import_finder *finder)
{
    for (size_t i = 0; i < finder->zone_count; i++) local_zone_close(&finder->zones[i].zone);
    free(finder->zones);
    free(finder->list);
    fig_snapshot_close(finder->at.snapshot);
}

static bool has(const import_finder *finder, import_field field) { return import_plan_reads(finder->plan, field); }

static bool has_time(const import_finder *finder) { return has(finder, IMPORT_START) || has(finder, IMPORT_DATE); }

static import_found fail(import_finder *finder, fig_status status)
{
    finder->code = complain(output_exit_code(status), "%s", fig_status_text(status));
    return IMPORT_FOUND_FAULT;
}

/* ---- whose, what ---- */

static import_found name_fault(import_finder *finder, fig_status status, import_field field, const char *name,
                               import_fault *fault)
{
    const char *what = import_field_name(field);
    if (status == FIG_OK) return IMPORT_FOUND;
    fault->field = what;
    reason_set(&fault->why, status == FIG_NAME_TAKEN ? "two %ss are named '%.64s'" : "no %s is named '%.64s'", what,
               name);
    if (status == FIG_NAME_TAKEN) return IMPORT_FOUND_BAD;
    return status == FIG_NOT_FOUND ? IMPORT_FOUND_NOBODY : fail(finder, status);
}

/* Looks up what the row names: service, barber, client. The service comes first, as the others can be made. */
static import_found settle_names(import_finder *finder, import_row *row, uint64_t *barber_id, import_fault *fault)
{
    fig_barber barber = fig_barber_default();
    fig_status status = import_service_find(&finder->at, row);
    if (status != FIG_OK) return name_fault(finder, status, IMPORT_SERVICE, row->service, fault);
    bool by_barber = has(finder, IMPORT_BARBER);
    if (by_barber) status = import_barber_find(&finder->at, row, &barber);
    if (status != FIG_OK) return name_fault(finder, status, IMPORT_BARBER, row->barber, fault);
    *barber_id = by_barber ? barber.id : 0;
    return name_fault(finder, import_client_find(&finder->at, row), IMPORT_CLIENT, row->client, fault);
}

/* ---- when ---- */

/* The zone of a barber's local times; NULL: the code is set. */
static const local_zone *zone_of(import_finder *finder, uint64_t barber_id)
{
    if (finder->zone != NULL) return finder->zone;
    for (size_t i = 0; i < finder->zone_count; i++)
        if (finder->zones[i].barber_id == barber_id) return &finder->zones[i].zone;
    fig_view view = session_view(&finder->at);
    fig_barber barber = fig_barber_default();
    fig_status status = fig_get_barber(finder->at.engine, &view, barber_id, &barber);
    struct finder_zone *grown = realloc(finder->zones, (finder->zone_count + 1) * sizeof *grown);
    if (grown != NULL) finder->zones = grown;
    if (grown == NULL || status != FIG_OK) {
        fail(finder, grown == NULL ? FIG_NO_MEMORY : status);
        return NULL;
    }
    grown += finder->zone_count;
    grown->barber_id = barber_id;
    finder->code = session_open_zone(&finder->at, &barber, &grown->zone);
    if (finder->code != EXIT_DONE) return NULL;
    finder->zone_count++;
    return &grown->zone;
}

static import_found is_then(import_finder *finder, const import_row *row, const fig_appointment *is, bool *then,
                            import_fault *fault)
{
    static const local_zone utc = {.name = "UTC"};
    int64_t start_s;
    bool by_date = has(finder, IMPORT_DATE);
    *then = true;
    if (!has_time(finder)) return IMPORT_FOUND;
    const local_zone *zone = by_date || row->start.is_local ? zone_of(finder, is->barber_id) : &utc;
    if (zone == NULL) return IMPORT_FOUND_FAULT;
    if (by_date) {
        *then = rfc3339_midnight(local_zone_clock(zone, is->start_s)) == row->date_s;
        return IMPORT_FOUND;
    }
    fault->field = import_field_name(IMPORT_START);
    if (!local_zone_instant(zone, row->start, &start_s, &fault->why)) return IMPORT_FOUND_BAD;
    *then = is->start_s == start_s;
    return IMPORT_FOUND;
}

/* ---- which ---- */

static bool is_theirs(const import_finder *finder, const import_row *row, const fig_appointment *is, uint64_t barber_id)
{
    return is->status != FIG_EXPIRED && (!has(finder, IMPORT_BARBER) || is->barber_id == barber_id) &&
           (!has(finder, IMPORT_CLIENT) || is->client_id == row->client_id) &&
           (!has(finder, IMPORT_SERVICE) || is->service_id == row->service_id);
}

static import_found consider(import_finder *finder, const import_row *row, const fig_appointment *is,
                             uint64_t barber_id, import_fault *fault)
{
    bool then;
    if (!is_theirs(finder, row, is, barber_id)) return IMPORT_FOUND;
    import_found found = is_then(finder, row, is, &then, fault);
    if (found != IMPORT_FOUND || !then) return found;
    if (finder->count == finder->room) {
        size_t room = finder->room == 0 ? 16 : finder->room * 2;
        fig_appointment *grown = realloc(finder->list, room * sizeof *grown);
        if (grown == NULL) return fail(finder, FIG_NO_MEMORY);
        finder->list = grown;
        finder->room = room;
    }
    finder->list[finder->count++] = *is;
    return IMPORT_FOUND;
}

static import_found consider_list(import_finder *finder, const import_row *row, const fig_filter *filter,
                                  uint64_t barber_id, import_fault *fault)
{
    fig_appointment page[PAGE];
    fig_view view = session_view(&finder->at);
    fig_cursor cursor = {{0}};
    for (size_t i = 0; i < PAGE; i++) page[i] = fig_appointment_default();
    for (;;) {
        size_t count = 0;
        fig_status status = fig_list(finder->at.engine, &view, filter, &cursor, page, PAGE, &count);
        if (status != FIG_OK) return fail(finder, status);
        if (count == 0) return IMPORT_FOUND;
        for (size_t i = 0; i < count; i++) {
            import_found found = consider(finder, row, &page[i], barber_id, fault);
            if (found != IMPORT_FOUND) return found;
        }
    }
}

/* Of a time alone: the diaries of all barbers, of which each is ordered by time. */
static import_found consider_diaries(import_finder *finder, const import_row *row, fig_filter *filter,
                                     import_fault *fault)
{
    fig_barber page[PAGE];
    fig_view view = session_view(&finder->at);
    fig_cursor cursor = {{0}};
    for (size_t i = 0; i < PAGE; i++) page[i] = fig_barber_default();
    for (;;) {
        size_t count = 0;
        fig_status status = fig_list_barbers(finder->at.engine, &view, &cursor, page, PAGE, &count);
        if (status != FIG_OK) return fail(finder, status);
        if (count == 0) return IMPORT_FOUND;
        for (size_t i = 0; i < count; i++) {
            filter->barber_id = page[i].id;
            import_found found = consider_list(finder, row, filter, page[i].id, fault);
            if (found != IMPORT_FOUND) return found;
        }
    }
}

static import_found consider_key(import_finder *finder, const import_row *row, uint64_t barber_id, import_fault *fault)
{
    fig_view view = session_view(&finder->at);
    fig_appointment is = fig_appointment_default();
    fig_status status = fig_find_appointment(finder->at.engine, &view, row->key, &is);
    if (status == FIG_NOT_FOUND) return IMPORT_FOUND;
    return status == FIG_OK ? consider(finder, row, &is, barber_id, fault) : fail(finder, status);
}

import_found import_find(import_finder *finder, import_row *row, import_fault *fault)
{
    fig_filter filter = fig_filter_default();
    finder->count = 0;
    import_found found = settle_names(finder, row, &filter.barber_id, fault);
    if (found != IMPORT_FOUND) return found;
    if (row->key[0] != '\0') return consider_key(finder, row, filter.barber_id, fault);
    fault->field = import_field_name(IMPORT_KEY);
    if (!has_time(finder) && !has(finder, IMPORT_CLIENT)) {
        reason_set(&fault->why, "is empty, and nothing else says which appointment it is");
        return IMPORT_FOUND_BAD;
    }
    if (has_time(finder)) {
        int64_t from_s = has(finder, IMPORT_DATE) ? row->date_s : row->start.seconds;
        filter.from_s = from_s - OFFSET_MAX_S;
        filter.to_s = from_s + DAY_SECONDS + OFFSET_MAX_S;
    }
    if (filter.barber_id == 0 && has(finder, IMPORT_CLIENT)) filter.client_id = row->client_id;
    bool by_time = filter.barber_id == 0 && filter.client_id == 0 && has_time(finder);
    return by_time ? consider_diaries(finder, row, &filter, fault)
                   : consider_list(finder, row, &filter, filter.barber_id, fault);
}
