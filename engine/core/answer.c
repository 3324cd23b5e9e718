/* What the caller is told of an accepted request, once its events were applied. */
#include "engine/core/deciding.h"

#include "engine/core/open_time.h"

/* Active appointments that a change of open time left outside of it; all of them when the barber became inactive. */
static void list_affected(const struct decision *decision, const struct version *version, fig_outcome *outcome)
{
    const struct affected *affected = &decision->affected;
    const struct barber *barber = version_barber(version, affected->barber_id);
    struct opening opening;
    if (!opening_of(version, barber, &opening)) return;
    struct tree_cursor cursor;
    for (bool more = tree_first_overlap(&barber->diary, affected->from_s, affected->to_s, &cursor); more;
         more = tree_next_overlap(&barber->diary, affected->from_s, affected->to_s, &cursor)) {
        struct tree_item item = tree_at(&cursor);
        int64_t end_s = item.start_s + item.duration_s;
        if (end_s <= affected->from_s || item.start_s >= affected->to_s) continue;
        if (!affected->all && open_time_covers(&opening, item.start_s, end_s)) continue;
        const struct appointment *appointment = version_appointment(version, item.id);
        if (!appointment_blocks(appointment, decision->now_s)) continue;
        fig_appointment shown;
        appointment_show(appointment, decision->now_s, &shown);
        outcome_list(outcome, &shown);
    }
}

void decide_answer(const struct decision *decision, const struct version *version, fig_outcome *outcomes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fig_outcome *outcome = &outcomes[i];
        if (outcome->status != FIG_OK || outcome->repeated) continue;
        outcome->version = version->seq;
        if (outcome->appointment.id == 0) continue;
        appointment_show(version_appointment(version, outcome->appointment.id), decision->now_s, &outcome->appointment);
        outcome->barber_id = outcome->appointment.barber_id;
    }
    if (decision->affected.barber_id != 0 && outcomes[0].status == FIG_OK)
        list_affected(decision, version, &outcomes[0]);
}
