/* An engine in memory with a barber or two, and the shortest way to say a request. */
#ifndef FIG_TESTS_FIXTURE_H
#define FIG_TESTS_FIXTURE_H

#include "engine/figaro.h"
#include "tests/support.h"

#include <criterion/criterion.h>

#define NOON      INT64_C(1767268800) /* 2026-01-01T12:00:00Z */
#define MINUTE    60
#define HOUR      3600
#define DAY       86400
#define BEFORE_IT (NOON - DAY) /* a now at which nothing of a test has happened */

enum { FIGARO = 1, BARTOLO = 2 };

/* In memory, with FIGARO and BARTOLO in shop 1, of whom nothing is said but their names. */
fig_engine *fixture_engine(void);
/* On a directory, made if missing, with the same two barbers when it is new. */
fig_engine *fixture_open(const char *directory);
void fixture_close(fig_engine *engine);

/* Requests, to be changed before they are made. */
fig_request a_booking(uint64_t barber_id, int64_t start_s, int64_t end_s);
fig_request a_hold(uint64_t barber_id, int64_t start_s, int64_t end_s, uint32_t ttl_s);
fig_request a_move(uint64_t appointment_id, int64_t start_s, int64_t end_s);
fig_request a_status(uint64_t appointment_id, fig_appointment_status status);
fig_request a_confirmation(uint64_t appointment_id);
fig_request a_window(fig_operation operation, uint64_t barber_id, int64_t start_s, int64_t end_s);

/* Makes a request, whatever it is. */
fig_outcome ask(fig_engine *engine, fig_request request);
/* The same, and it must come to that status. Returns the outcome. */
fig_outcome must(fig_engine *engine, fig_request request, fig_status status);
/* Books and returns the id. */
uint64_t booked(fig_engine *engine, uint64_t barber_id, int64_t start_s, int64_t end_s);
/* Changes fields of a barber or the shop; only those in `fields` count. */
fig_outcome declare_barber(fig_engine *engine, fig_barber barber);
fig_outcome declare_shop(fig_engine *engine, fig_shop shop);
void set_buffers(fig_engine *engine, fig_buffers buffers);

fig_view at(int64_t now_s); /* the newest version of all processes, at this now */
fig_appointment appointment_at(fig_engine *engine, uint64_t id, int64_t now_s);
bool is_free(fig_engine *engine, uint64_t barber_id, int64_t start_s, int64_t end_s, int64_t now_s);
fig_stats stats_of(fig_engine *engine);
void must_be_equal(const fig_stats *a, const fig_stats *b); /* version and digest */
void must_verify(const char *directory);                    /* every byte of it */

#define must_be(actual, status)                                                                                        \
    do {                                                                                                               \
        fig_status is_ = (actual);                                                                                     \
        cr_assert(is_ == (status), "%s: %s, not %s", #actual, fig_status_name(is_), fig_status_name(status));          \
    } while (0)

#endif
