/* How the values of a setup file are read: objects by their fields, and texts, numbers, clocks, dates and lists.
 *
 * Reasons are put together from the inside out: a value says ": must be a text", its field puts ".name" in front, its
 * place in a list "[2]", and so on to the file. */
#ifndef FIG_TOOLS_SETUP_VALUES_H
#define FIG_TOOLS_SETUP_VALUES_H

#include "tools/setup_file.h"

#include <jansson.h>

/* Words in the order of what they mean. */
#define SETUP_DAYS         "mon|tue|wed|thu|fri|sat|sun"
#define SETUP_CUT_KINDS    "time_off|blackout|holiday"
#define SETUP_CUT_STATES   "approved|requested|cancelled"
#define SETUP_KINDS        "plain|consultation|patch_test"
#define SETUP_CLIENT_FLAGS "blocked|at_risk|payment_issue"
#define SETUP_RULE_ERRORS  "allow|reject"

/* How a field of an object is read. `into` is what the object is read into. */
typedef struct setup_field {
    const char *name;
    bool (*read)(const json_t *value, void *into, reason *why);
} setup_field;

bool setup_read_object(const json_t *object, const setup_field *fields, size_t count, void *into, reason *why);

/* 1 to `most` bytes; `into` has room for them and their NUL. */
bool setup_read_text(const json_t *value, size_t most, char *into, reason *why);
/* The same, or null for none. */
bool setup_read_text_or_none(const json_t *value, size_t most, char *into, reason *why);
bool setup_read_id(const json_t *value, uint64_t *id, reason *why);
bool setup_read_boolean(const json_t *value, bool *into, reason *why);
/* A whole number of a unit, told in seconds: 2 hours are 7200. */
bool setup_read_number(const json_t *value, uint32_t least, uint32_t most, uint32_t *number, reason *why);
bool setup_read_minutes(const json_t *value, uint32_t least_s, uint32_t most_s, uint32_t *seconds, reason *why);
bool setup_read_hours(const json_t *value, uint32_t most_s, uint32_t *seconds, reason *why);
bool setup_read_priority(const json_t *value, int32_t *priority, reason *why);

/* One of the words, which are parted by "|" ("allow|refuse"): which of them. */
bool setup_read_word(const json_t *value, const char *words, unsigned *which, reason *why);
/* A list of the words: bit i for the i-th. */
bool setup_read_words(const json_t *value, const char *words, uint32_t *bits, reason *why);

/* "17:00", also "24:00": seconds from midnight as clocks show them. */
bool setup_read_clock(const json_t *value, uint32_t *seconds, reason *why);
/* "2026-12-06": days from 1970-01-01. */
bool setup_read_date(const json_t *value, int32_t *day, reason *why);
/* "12-25": that date of a leap year. */
bool setup_read_yearly_date(const json_t *value, int32_t *day, reason *why);

/* A list of at most `most`: *list holds *count elements of `size` bytes, each read by `read`. The caller frees *list,
 * also when this fails; *count is what may hold something then. */
bool setup_read_list(const json_t *value, size_t most, size_t size, void **list, size_t *count,
                     bool (*read)(const json_t *value, void *into, reason *why), reason *why);

/* An id, or a name. */
bool setup_read_reference(const json_t *value, void *into, reason *why);
bool setup_read_references(const json_t *value, setup_references *references, reason *why);

/* [{"day", "start", "end"}] into weekly windows. */
bool setup_read_weekly(const json_t *value, fig_weekly **weekly, size_t *count, reason *why);

/* The cuts that a list tells, put behind those that are there. */
typedef struct setup_cuts {
    fig_cut *list;
    size_t count;
} setup_cuts;
/* The same by a reader of one, which puts a fig_cut into place. */
bool setup_read_cuts(const json_t *value, bool (*read)(const json_t *value, void *into, reason *why), setup_cuts *cuts,
                     reason *why);
bool setup_read_blackouts(const json_t *value, setup_cuts *cuts, reason *why);
bool setup_read_time_off(const json_t *value, setup_cuts *cuts, reason *why);
bool setup_read_holidays(const json_t *value, setup_cuts *cuts, reason *why);
bool setup_read_dates(const json_t *value, setup_cuts *cuts, reason *why);

/* One of them: all that can be said of a cut, of the kind that it has unless another is said; "12-25"; "2026-12-25". */
bool setup_read_cut(const json_t *value, fig_cut *into, reason *why);
bool setup_read_holiday(const json_t *value, void *into, reason *why);
bool setup_read_single_date(const json_t *value, void *into, reason *why);

/* Each kind of object, a file for each. */
bool setup_read_shop(const json_t *object, void *into, reason *why);
bool setup_read_barber(const json_t *object, void *into, reason *why);
bool setup_read_service(const json_t *object, void *into, reason *why);
bool setup_read_client(const json_t *object, void *into, reason *why);
bool setup_read_rule(const json_t *object, void *into, reason *why);
void setup_barber_free(setup_barber *barber);

#endif
