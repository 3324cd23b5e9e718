#include "bench/bookings.h"

#include <stdio.h>
#include <stdlib.h>

#define FIRST_SLOT_S INT64_C(1767225600) /* 2026-01-01T00:00:00Z */
#define SLOT_S       1800

bool bookings_begin(struct bookings *bookings, fig_engine *engine, uint64_t barbers, uint64_t total)
{
    *bookings = (struct bookings){.barbers = barbers, .total = total};
    bookings->keys = malloc(FIG_BATCH_MAX * sizeof *bookings->keys);
    fig_barber barber = fig_barber_default();
    barber.fields = FIG_BARBER_NAME;
    fig_request request = fig_declare_barber_default();
    request.now_s = FIRST_SLOT_S;
    request.barber = &barber;
    fig_outcome outcome = fig_outcome_default();
    for (uint64_t i = 0; i < barbers && bookings->keys != NULL; i++) {
        snprintf(barber.name, sizeof barber.name, "barber %05llu", (unsigned long long)i + 1);
        if (fig_declare(engine, &request, &outcome) != FIG_OK) return false;
    }
    return bookings->keys != NULL;
}

void bookings_end(struct bookings *bookings) { free(bookings->keys); }

/* The nth booking takes place number (n * step mod total): step and total have no common factor, so every place is
 * taken once, and neighbours in time are far apart in the order of booking. */
static uint64_t place(const struct bookings *bookings, uint64_t n)
{
    const uint64_t step = 2654435761u; /* a prime */
    return n * step % bookings->total; /* n < 2^32: no overflow */
}

void bookings_next(struct bookings *bookings, fig_request *requests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t n = bookings->made++;
        uint64_t slot = place(bookings, n);
        requests[i] = fig_book_default();
        requests[i].now_s = FIRST_SLOT_S;
        requests[i].barber_id = slot % bookings->barbers + 1;
        requests[i].start_s = FIRST_SLOT_S + (int64_t)(slot / bookings->barbers) * SLOT_S;
        requests[i].end_s = requests[i].start_s + SLOT_S;
        snprintf(bookings->keys[i], sizeof bookings->keys[i], "k%015llx", (unsigned long long)n);
        requests[i].key = bookings->keys[i];
    }
}

bool bookings_fill(struct bookings *bookings, fig_engine *engine, uint64_t count)
{
    fig_request *requests = malloc(FIG_BATCH_MAX * sizeof *requests);
    fig_outcome *outcomes = malloc(FIG_BATCH_MAX * sizeof *outcomes);
    bool good = requests != NULL && outcomes != NULL;
    for (uint64_t done = 0; done < count && good;) {
        size_t now = count - done < FIG_BATCH_MAX ? (size_t)(count - done) : FIG_BATCH_MAX;
        bookings_next(bookings, requests, now);
        for (size_t i = 0; i < now; i++) outcomes[i] = fig_outcome_default();
        good = fig_write(engine, requests, now, outcomes) == FIG_OK;
        for (size_t i = 0; i < now && good; i++) good = outcomes[i].status == FIG_OK;
        done += now;
    }
    free(requests);
    free(outcomes);
    return good;
}
