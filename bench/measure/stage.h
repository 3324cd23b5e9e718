/* A stage: contenders with their bases open, all loaded with one town. Bases are prepared once and kept. */
#ifndef FIG_BENCH_STAGE_H
#define FIG_BENCH_STAGE_H

#include "bench/contender.h"
#include "bench/load/truth.h"

#include <jansson.h>
#include <stdatomic.h>

#define STAGE_MAX 16

struct entrant {
    const struct contender *contender;
    struct base *base;
    struct session *session;     /* the main thread's */
    _Atomic uint64_t next_fresh; /* which of truth_fresh()'s is next */
};

struct stage {
    struct truth truth;
    char prepared[400]; /* the folder of the town's prepared bases */
    char copies[400];
    struct entrant entrants[STAGE_MAX];
    size_t count;
};

/* Which contenders take part: names with commas between them; NULL: all. */
bool stage_wants(const char *names, const struct contender *contender);

/* Makes the bases that are not there, with progress on standard error. False: one could not be made. */
bool stage_prepare(const char *directory, const struct town *town, const char *names);
/* Opens the prepared bases of those named. stage_close() in any case. */
bool stage_open(struct stage *stage, const char *directory, const struct town *town, const char *names);
void stage_close(struct stage *stage);

struct entrant *stage_find(struct stage *stage, const char *name); /* NULL: does not take part */
struct request stage_fresh(const struct stage *stage, struct entrant *entrant);

/* Opens the contender's prepared base and closes it again; what it took until it could be asked. Negative: it failed.
 */
int64_t stage_start_ns(const char *directory, const struct town *town, const struct contender *contender);

/* Folders, for others too. */
bool stage_make_folders(const char *path);
void stage_remove(const char *path);

#endif
