#include "bench/load/truth.h"

#include <stdlib.h>

static bool count_spans(struct truth *truth)
{
    struct town_walk walk;
    struct town_appointment of;
    truth->first = calloc((size_t)truth->town.barbers + 2, sizeof *truth->first);
    if (truth->first == NULL) return false;
    town_begin(&walk, &truth->town);
    while (town_next(&walk, &of)) {
        if (!of.active) continue;
        truth->first[of.barber_id + 1]++;
        truth->active++;
    }
    truth->end_day = walk.day + 1;
    for (size_t i = 1; i <= (size_t)truth->town.barbers + 1; i++) truth->first[i] += truth->first[i - 1];
    return true;
}

/* Rows come by day, so that a barber's spans come sorted. Each is put where its barber's last one ended. */
static bool fill_spans(struct truth *truth)
{
    struct town_walk walk;
    struct town_appointment of;
    size_t *at = calloc((size_t)truth->town.barbers + 1, sizeof *at);
    truth->spans = malloc((truth->active + 1) * sizeof *truth->spans);
    if (at != NULL && truth->spans != NULL) {
        town_begin(&walk, &truth->town);
        while (town_next(&walk, &of))
            if (of.active)
                truth->spans[truth->first[of.barber_id] + at[of.barber_id]++] =
                    (struct truth_span){of.start_s, of.end_s};
    }
    bool good = at != NULL && truth->spans != NULL;
    free(at);
    return good;
}

bool truth_make(struct truth *truth, const struct town *town)
{
    *truth = (struct truth){.town = *town};
    if (count_spans(truth) && fill_spans(truth)) return true;
    truth_free(truth);
    return false;
}

void truth_free(struct truth *truth)
{
    free(truth->first);
    free(truth->spans);
    truth->first = NULL;
    truth->spans = NULL;
}

/* Spans never overlap: if the last one that begins before the end is over by the start, all are. */
bool truth_taken(const struct truth *truth, uint64_t barber_id, int64_t start_s, int64_t end_s)
{
    size_t low = truth->first[barber_id], high = truth->first[barber_id + 1];
    size_t begin = low;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (truth->spans[middle].start_s < end_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low > begin && truth->spans[low - 1].end_s > start_s;
}

void truth_day(const struct truth *truth, uint64_t barber_id, int32_t day, struct day_marks *marks)
{
    marks->count = TOWN_SLOTS;
    for (int i = 0; i < TOWN_SLOTS; i++) {
        int64_t start_s = town_opening_s(day) + i * TOWN_GRID_S;
        marks->free[i] = !truth_taken(truth, barber_id, start_s, start_s + TOWN_GRID_S);
    }
}

struct request truth_draw(const struct truth *truth, struct draw *draw)
{
    int32_t day = TOWN_FIRST_DAY + (int32_t)draw_below(draw, (uint64_t)(truth->end_day - TOWN_FIRST_DAY));
    int64_t length_s = town_draw_length_s(draw);
    int64_t places = (TOWN_CLOSES_S - TOWN_OPENS_S - length_s) / 300 + 1;
    int64_t start_s = town_opening_s(day) + 300 * (int64_t)draw_below(draw, (uint64_t)places);
    return (struct request){.barber_id = 1 + draw_below(draw, truth->town.barbers),
                            .client_id = 1 + draw_below(draw, TOWN_CLIENTS),
                            .service_id = (uint32_t)(1 + draw_below(draw, TOWN_SERVICES)),
                            .day = day,
                            .start_s = start_s,
                            .end_s = start_s + length_s,
                            .now_s = town_opening_s(TOWN_FIRST_DAY) - TOWN_DAY_S};
}

struct request truth_fresh(const struct truth *truth, unsigned lane, uint64_t n)
{
    const uint64_t step = 2654435761u; /* a prime: it steps through all barbers, whatever their number */
    uint64_t round = n / truth->town.barbers * 2 + lane;
    int32_t day = truth->end_day + 1 + (int32_t)(round / TOWN_SLOTS);
    int64_t start_s = town_opening_s(day) + (int64_t)(round % TOWN_SLOTS) * TOWN_GRID_S;
    return (struct request){.barber_id = n % truth->town.barbers * step % truth->town.barbers + 1,
                            .client_id = 1 + n % TOWN_CLIENTS,
                            .service_id = (uint32_t)(1 + n % TOWN_SERVICES),
                            .day = day,
                            .start_s = start_s,
                            .end_s = start_s + TOWN_GRID_S,
                            .now_s = town_opening_s(TOWN_FIRST_DAY) - TOWN_DAY_S};
}
