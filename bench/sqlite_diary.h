/* The same diary in SQLite, as well as SQLite can be asked: in process, statements prepared once, an index that covers
 * each question, a connection that nobody shares, its pages in memory. What the question needs is read from the tables
 * in each question (hours, time off, service, rules): they may change at any time, as Figaro's may.
 *
 *   a day's slots    hours, time off, the appointment before the day and those of the day by one statement each; the
 *                    slots are marked in C, which is faster than any SQL that does it
 *   next free        a walk over each barber's appointments by the covering index, as far as the best start found
 *   book             judged and inserted within one transaction
 *
 * Appointments of one barber never conflict, so that the one before and the one after tell all (the *predecessor
 * query*: ORDER BY start_s DESC LIMIT 1). */
#ifndef FIG_BENCH_SQLITE_DIARY_H
#define FIG_BENCH_SQLITE_DIARY_H

#include "bench/slots_world.h"

struct diary;

/* In memory, or durable in a new file: a write-ahead log, synced at every commit. NULL: it could not be made. */
struct diary *diary_make(const char *path);
void diary_close(struct diary *diary);
const char *diary_message(const struct diary *diary);

/* Each is false when SQLite failed. */
bool diary_fill(struct diary *diary, const struct slots_world *world);
bool diary_fill_rules(struct diary *diary);

/* The slots of the world's service on a date with one barber, at most WORLD_SLOTS_MAX. Negative: SQLite failed. */
int diary_day(struct diary *diary, uint64_t barber_id, int32_t day, int64_t now_s, struct world_slot *slots);
/* The same, asking for the neighbours of each start by themselves. */
int diary_day_by_starts(struct diary *diary, uint64_t barber_id, int32_t day, int64_t now_s, struct world_slot *slots);
/* Of any barber of a shop (0: all): for each start the first who is free, else the first who is open. The worlds' grids
 * fall together: whoever is open at a start of somebody's grid has it on their own. */
int diary_any_day(struct diary *diary, uint64_t shop_id, int32_t day, int64_t now_s, struct world_slot *slots);

/* The earliest start of all barbers in [from_s, to_s - duration] for the world's service. False: none. For barbers who
 * are always open. */
bool diary_next_free(struct diary *diary, int64_t from_s, int64_t to_s, uint64_t *barber_id, int64_t *start_s);

bool diary_begin(struct diary *diary);
bool diary_commit(struct diary *diary);
/* Within a transaction: FIG_OK and it is inserted, or FIG_CLOSED, FIG_RULE, FIG_CONFLICT; FIG_IO: SQLite failed. */
fig_status diary_book(struct diary *diary, const struct world_booking *booking);

#endif
