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

/* A row of a group, and the booking of the group that it is told of by. */
struct asked {
    const import_row *row;
    size_t booking;
    bool again; /* an earlier row of the group has asked for it */
};

static struct asked ask_for(const import_row *row, const struct asked *before, size_t count, size_t booking)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(before[i].row->key, row->key) == 0) return (struct asked){row, before[i].booking, true};
    return (struct asked){row, booking, false};
}

/* Books a row, and takes it out of the way as what it says it is, or where it overlaps as cancelled. */
static void write_aside(const struct load *load, const import_row *row, fig_request requests[2])
{
    requests[0] = import_booking_of(load, row);
    requests[0].now_s = load->order->at->now_s; /* a hold that is over is held once more, and ended */
    requests[1] = fig_set_status_default();
    requests[1].now_s = load->order->at->now_s;
    requests[1].booking_key = row->key;
    requests[1].status = import_row_takes_time(row) ? FIG_CANCELLED : row->status;
}

/* All in one step, so that what holds their time does not matter. */
static fig_status book_aside(struct load *load, const struct aside *rows, size_t count)
{
    fig_request requests[2 * ASIDE_GROUP];
    fig_outcome outcomes[2 * ASIDE_GROUP];
    struct asked asked[ASIDE_GROUP];
    size_t kept = 0, booked = 0;
    for (size_t i = 0; i < count; i++) {
        const import_row *row = &rows[i].row;
        bool known = rows[i].known || (import_row_is_hold(row) && was_taken(load, row));
        if (known) import_settle_known(load, row);
        if (known) continue;
        asked[kept] = ask_for(row, asked, kept, booked);
        if (asked[kept++].again) continue;
        write_aside(load, row, &requests[2 * booked]);
        outcomes[2 * booked] = outcomes[2 * booked + 1] = fig_outcome_default();
        booked++;
    }
    fig_status status = booked > 0 ? fig_batch(load->order->at->engine, requests, 2 * booked, outcomes) : FIG_OK;
    if (status >= FIG_BUSY) return status;
    for (size_t i = 0; i < kept; i++) {
        const fig_outcome *outcome = &outcomes[2 * asked[i].booking];
        if (status == FIG_OK) count_aside(load, asked[i].row, asked[i].again || outcome->repeated);
        if (status != FIG_OK) import_refuse(load, asked[i].row, outcome + (outcome->status == FIG_NOT_DONE));
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
