/* A version made by hand, for tests of what is asked of one: no journal, no requests. Beside it, what is open and what
 * fits by plain definitions, slow and simple: every window of every date near a day is written out as instants. */
#ifndef FIG_TESTS_CORE_WORLD_H
#define FIG_TESTS_CORE_WORLD_H

#include "engine/core/civil.h"
#include "engine/core/wish.h"
#include "tests/support.h"

enum { WORLD_ITEMS = 64, WORLD_SPANS = 4096 };

struct world {
    struct nodes *nodes;
    struct version version;
};

struct world *world_open(void);
void world_close(struct world *world);

/* Declares a zone of the system, once. "UTC" is there. */
const struct zone *world_zone(struct world *world, const char *name);
struct shop *world_shop(struct world *world, uint64_t id, const char *zone);
struct barber *world_barber(struct world *world, uint64_t id, uint64_t shop_id, const char *zone, fig_open_mode open);
/* Of a shop or barber; to be filled by the two below. */
struct schedule *world_schedule(struct world *world, enum document_kind kind, uint64_t id);
void world_weekly(struct schedule *schedule, int weekday, uint32_t start_s, uint32_t end_s);
void world_cut(struct schedule *schedule, fig_cut cut);
void world_window(struct world *world, struct barber *barber, fig_window_kind kind, int64_t start_s, int64_t end_s,
                  int64_t declared_s);
/* Returns its id. Expires: of a hold; else 0. */
uint64_t world_appointment(struct world *world, struct barber *barber, struct tree_item item, int64_t expires_s);

/* ---- by plain definitions ---- */

struct plain_spans {
    struct open_span list[WORLD_SPANS];
    size_t count;
};

/* What opens, clips and cuts a barber on the dates from `first` to `last`. */
struct plain {
    const struct world *world;
    const struct barber *barber;
    const struct schedule *own;
    const struct schedule *shops;
    const struct zone *zone;
    bool always;
    bool clips;
    struct plain_spans opens;
    struct plain_spans clip;
    struct plain_spans cuts;
    int64_t changes[2 * WORLD_SPANS]; /* where any of them begins or ends, ascending */
    size_t change_count;
};

/* Its size asks for one that is static. */
void plain_of(struct plain *plain, const struct opening *opening, int64_t first, int64_t last);
bool plain_is_open(const struct plain *plain, int64_t at_s);
bool plain_covers(const struct plain *plain, int64_t start_s, int64_t end_s);
int64_t plain_change(const struct plain *plain, int64_t at_s); /* when what is open changes next; INT64_MAX: never */
/* The starts on the grid of a date, ascending, each once. */
size_t plain_grid(const struct plain *plain, int64_t day, uint32_t step_s, int64_t *starts, size_t capacity);

/* The first item, by start and id, that conflicts with a wish; 0: none does. */
uint64_t plain_blocker(const struct wish *wish, int64_t start_s);
/* Whether a's barber comes before b's for a start. */
bool plain_precedes(const struct any_wish *any, const struct wish *a, const struct wish *b, int64_t start_s);
bool plain_fits(const struct plain *plain, const struct wish *wish, int64_t start_s);

/* ---- random worlds ---- */

/* The seed of the world under test, for whoever wants to replay it. */
extern uint64_t world_seed;
#define WORLD_CHECK(condition, ...)                                                                                    \
    do {                                                                                                               \
        if (!(condition)) world_fail(__FILE__, __LINE__, #condition, __VA_ARGS__);                                     \
    } while (0)
__attribute__((format(printf, 4, 5), noreturn)) void world_fail(const char *file, int line, const char *condition,
                                                                const char *format, ...);

/* A zone of the system and an instant near one of its changes, mostly. */
const char *world_random_zone(struct support_random *random, int64_t *near_s);
uint32_t world_random_clock(struct support_random *random);
/* A barber 1 of a shop 1, with everything, about a day. */
struct barber *world_random_barber(struct world *world, struct support_random *random, uint64_t id, const char *zone,
                                   int64_t day);
/* Mostly one that is valid; else with appointments that conflict. */
void world_random_diary(struct world *world, struct support_random *random, struct barber *barber, int64_t from_s,
                        int64_t to_s, size_t count);

#endif
