#include "tools/import_loading.h"
#include "tools/output.h"

#include <stdlib.h>
#include <string.h>

enum { ASIDE_GROUP = 64 }; /* rows in a commit */

bool import_keep_aside(struct load *load, struct member *member)
{
    const fig_outcome *booked = &load->outcomes[member->book];
    bool met = booked->status == FIG_CONFLICT || booked->status == FIG_KEY_REUSED;
    bool known = booked->status == FIG_KEY_REUSED;
    bool wanted = known || !import_row_takes_time(&member->row) || load->order->overlaps == IMPORT_RECORD;
    if (!met || !wanted || member->row.key[0] == '\0') return false;
    if (load->aside_count == load->aside_room) {
        size_t room = load->aside_room == 0 ? 64 : load->aside_room * 2;
        struct aside *grown = realloc(load->aside, room * sizeof *grown);
        if (grown == NULL) return false;
        load->aside = grown;
        load->aside_room = room;
    }
    load->aside[load->aside_count++] = (struct aside){member->row, known};
    member->row.note = NULL;
    return true;
}

static void count_aside(struct load *load, const import_row *row, bool repeated)
{
    load->counts->accepted++;
    load->counts->repeated += repeated;
    if (row->lapsed && !repeated) import_say_lapsed(load, row);
    if (!import_row_takes_time(row) || repeated) return;
    load->counts->recorded++;
    import_say_recorded(load, row);
}

/* Whether an earlier run took a row: what is under its key says the same and, of one that was kept aside, takes up no
 * time. What became of a hold since then is its own affair. */
static bool was_taken(const struct load *load, const import_row *row)
{
    fig_view view = session_view(load->order->at);
    fig_engine *engine = load->order->at->engine;
    fig_appointment is = fig_appointment_default();
    fig_barber barber = fig_barber_default();
    if (fig_find_appointment(engine, &view, row->key, &is) != FIG_OK ||
        fig_get_barber(engine, &view, is.barber_id, &barber) != FIG_OK)
        return false;
    bool same = strcmp(barber.name, row->barber) == 0 && is.start_s == row->start_s && is.end_s == row->end_s &&
                is.client_id == row->client_id && is.service_id == row->service_id;
    return same && (import_row_is_hold(row) || (is.status > FIG_CONFIRMED && is.status != FIG_EXPIRED));
}

void import_settle_known(struct load *load, const import_row *row)
{
    fig_outcome outcome = fig_outcome_default();
    outcome.status = FIG_KEY_REUSED;
    if (was_taken(load, row))
        count_aside(load, row, true);
    else
        import_refuse(load, row, &outcome);
}

/* Whether the row is one of those before it once more. */
static bool is_among(const import_row *row, const import_row *const *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i]->key, row->key) == 0) return true;
    return false;
}

/* Counts a row that needs no booking: what is there already, or is booked with it. */
static bool settle_aside(struct load *load, const struct aside *aside, const import_row *const *booked, size_t count)
{
    const import_row *row = &aside->row;
    if (is_among(row, booked, count)) {
        count_aside(load, row, true);
        return true;
    }
    bool known = aside->known || (import_row_is_hold(row) && was_taken(load, row));
    if (known) import_settle_known(load, row);
    return known;
}

/* Books rows and takes them out of the way in one step, so that what holds their time does not matter: as what they say
 * they are, or where they overlap as cancelled. */
static fig_status book_aside(struct load *load, const struct aside *rows, size_t count)
{
    fig_request requests[2 * ASIDE_GROUP];
    fig_outcome outcomes[2 * ASIDE_GROUP];
    const import_row *booked[ASIDE_GROUP];
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const import_row *row = &rows[i].row;
        if (settle_aside(load, &rows[i], booked, kept)) continue;
        requests[2 * kept] = import_booking_of(load, row);
        requests[2 * kept].now_s = load->order->at->now_s; /* a hold that is over is held once more, and ended */
        requests[2 * kept + 1] = fig_set_status_default();
        requests[2 * kept + 1].now_s = load->order->at->now_s;
        requests[2 * kept + 1].booking_key = row->key;
        requests[2 * kept + 1].status = import_row_takes_time(row) ? FIG_CANCELLED : row->status;
        outcomes[2 * kept] = outcomes[2 * kept + 1] = fig_outcome_default();
        booked[kept++] = row;
    }
    fig_status status = kept > 0 ? fig_batch(load->order->at->engine, requests, 2 * kept, outcomes) : FIG_OK;
    if (status >= FIG_BUSY) return status;
    for (size_t i = 0; i < kept; i++) {
        const fig_outcome *fault = &outcomes[2 * i + (outcomes[2 * i].status == FIG_NOT_DONE)];
        if (status == FIG_OK) count_aside(load, booked[i], outcomes[2 * i].repeated);
        if (status != FIG_OK) import_refuse(load, booked[i], fault);
    }
    return FIG_OK;
}

/* What was kept aside, in groups that are the same when the import is run again. */
int import_commit_aside(struct load *load)
{
    for (size_t i = 0; i < load->aside_count; i += ASIDE_GROUP) {
        size_t left = load->aside_count - i;
        fig_status status = book_aside(load, load->aside + i, left < ASIDE_GROUP ? left : ASIDE_GROUP);
        if (status != FIG_OK) return import_end_by_fault(load, status);
    }
    return EXIT_DONE;
}

void import_drop_aside(struct load *load)
{
    for (size_t i = 0; i < load->aside_count; i++) import_row_free(&load->aside[i].row);
    free(load->aside);
}
