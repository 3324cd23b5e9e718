/* A version made by hand, for tests of what is asked of one: no journal, no requests. Beside it, what is open and what
 * fits by plain definitions, slow and simple: every window of every date near a day is written out as instants. */
#ifndef FIG_TESTS_CORE_SALON_H
#define FIG_TESTS_CORE_SALON_H

#include "engine/core/civil.h"
#include "engine/core/wish.h"
#include "tests/support.h"

enum { SALON_ITEMS = 64, SALON_SPANS = 4096 };

struct salon {
    struct nodes *nodes;
    struct version version;
};

struct salon *salon_open(void);
void salon_close(struct salon *salon);

/* Declares a zone of the system, once. "UTC" is there. */
const struct zone *salon_zone(struct salon *salon, const char *name);
struct shop *salon_shop(struct salon *salon, uint64_t id, const char *zone);
struct barber *salon_barber(struct salon *salon, uint64_t id, uint64_t shop_id, const char *zone, fig_open_mode open);
/* Of a shop or barber; to be filled by the two below. */
struct schedule *salon_schedule(struct salon *salon, enum document_kind kind, uint64_t id);
void salon_weekly(struct schedule *schedule, int weekday, uint32_t start_s, uint32_t end_s);
void salon_cut(struct schedule *schedule, fig_cut cut);
void salon_window(struct salon *salon, struct barber *barber, fig_window_kind kind, int64_t start_s, int64_t end_s,
                  int64_t declared_s);
/* Returns its id. Expires: of a hold; else 0. */
uint64_t salon_appointment(struct salon *salon, struct barber *barber, struct tree_item item, int64_t expires_s);

/* ---- by plain definitions ---- */

struct plain_spans {
    struct open_span list[SALON_SPANS];
    size_t count;
};

/* What opens, clips and cuts a barber on the dates from `first` to `last`. */
struct plain {
    const struct salon *salon;
    const struct barber *barber;
    const struct schedule *own;
    const struct schedule *shops;
    const struct zone *zone;
    bool always;
    bool clips;
    struct plain_spans opens;
    struct plain_spans clip;
    struct plain_spans cuts;
    int64_t changes[2 * SALON_SPANS]; /* where any of them begins or ends, ascending */
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

/* ---- random salons ---- */

/* The seed of the salon under test, for whoever wants to replay it. */
extern uint64_t salon_seed;
#define SALON_CHECK(condition, ...)                                                                                    \
    do {                                                                                                               \
        if (!(condition)) salon_fail(__FILE__, __LINE__, #condition, __VA_ARGS__);                                     \
    } while (0)
__attribute__((format(printf, 4, 5), noreturn)) void salon_fail(const char *file, int line, const char *condition,
                                                                const char *format, ...);

/* A zone of the system and an instant near one of its changes, mostly. */
const char *salon_random_zone(struct support_random *random, int64_t *near_s);
uint32_t salon_random_clock(struct support_random *random);
/* A barber 1 of a shop 1, with everything, about a day. */
struct barber *salon_random_barber(struct salon *salon, struct support_random *random, uint64_t id, const char *zone,
                                   int64_t day);
/* Mostly one that is valid; else with appointments that conflict. */
void salon_random_diary(struct salon *salon, struct support_random *random, struct barber *barber, int64_t from_s,
                        int64_t to_s, size_t count);

#endif
