/* What the caller is told of an accepted request, once its events were applied. */
#include "engine/core/deciding.h"

#include <string.h>

/* Active appointments that a change of open time left outside of it; all of them when the barber became inactive. */
static void list_outside(const struct decision *decision, const struct version *version, const struct barber *barber,
                         fig_outcome *outcome)
{
    const struct affected *affected = &decision->affected;
    struct opening opening;
    struct tree_cursor cursor;
    if (!opening_of(version, barber, &opening)) return;
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

static bool is_in_zone(const struct version *version, const struct barber *barber, const char *zone)
{
    struct words name = words_of(zone), own = profile_as_declared(barber->profile).zone;
    const struct shop *shop = version_shop(version, barber->profile->shop_id);
    if (own.size == 0 && shop != NULL) own = shop_as_declared(shop).zone;
    return own.size == name.size && memcmp(own.text, name.text, own.size) == 0;
}

static void list_affected(const struct decision *decision, const struct version *version, fig_outcome *outcome)
{
    const struct affected *affected = &decision->affected;
    uint64_t id;
    void *found;
    if (affected->barber_id != 0)
        list_outside(decision, version, version_barber(version, affected->barber_id), outcome);
    if (affected->shop_id == 0 && affected->zone == NULL) return;
    for (uint64_t from = 0; radix_next(&version->barbers, from, &id, &found); from = id + 1) {
        const struct barber *barber = found;
        bool is_one = affected->zone != NULL ? is_in_zone(version, barber, affected->zone)
                                             : barber->profile->shop_id == affected->shop_id;
        if (is_one) list_outside(decision, version, barber, outcome);
        if (id == UINT64_MAX) break;
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
    if (outcomes[0].status == FIG_OK) list_affected(decision, version, &outcomes[0]);
}
