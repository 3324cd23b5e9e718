/* What the bench asks of whatever keeps appointments: Figaro and the databases beside it, each behind this.
 *
 * A contender is opened in a directory of its own (a *base*), loaded once with a town, and asked through *sessions*: a
 * connection, or what stands for one. A session is used by one thread at a time, a base by any number of sessions.
 * Whoever measures knows nothing else of a contender. */
#ifndef FIG_BENCH_CONTENDER_H
#define FIG_BENCH_CONTENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CONTENDER_ERROR_MAX   512
#define CONTENDER_VERSION_MAX 128
#define CONTENDER_SLOTS_MAX   64
#define CONTENDER_MANY        64 /* sessions that any contender can have at once */

struct town;
struct audit;

struct request {
    uint64_t barber_id;
    uint64_t client_id;
    uint32_t service_id;
    int32_t day; /* of the start, counted from 1970-01-01; a Thursday */
    int64_t start_s;
    int64_t end_s;
    int64_t now_s;
};

enum answer {
    ANSWER_FREE,  /* it can be booked; it was booked */
    ANSWER_TAKEN, /* it cannot, it was not */
    ANSWER_FAILED /* there is no answer; contender_error() says why */
};

/* The slots of a day, in order, each free or not. */
struct day_marks {
    uint32_t count;
    bool free[CONTENDER_SLOTS_MAX];
};

struct sizes {
    uint64_t disk_bytes;
    uint64_t memory_bytes; /* of the engine in process, of a server with all its processes */
};

struct base {
    const struct contender *contender;
    char directory[512];
    uint64_t loaded_rows; /* what is booked beyond these can be taken back */
    int64_t startup_ns;   /* until the first question could be asked */
    char error[CONTENDER_ERROR_MAX];
};

struct session {
    struct base *base;
};

struct contender {
    const char *name;      /* in results and on the command line */
    const char *title;     /* for people */
    const char *base_name; /* contenders whose bases have one name share the base, */
    unsigned lane;         /* and book in lanes of their own: 0 or 1 */
    const char *settings;
    bool in_process;    /* else over a unix socket */
    bool works_on_copy; /* bookings cannot be taken back: measure on a copy of what was loaded */
    bool scans;         /* a check reads the whole table: give it few rounds */
    size_t sessions_max;
    int variant; /* the file's own */

    /* Opens the base, makes what is missing of it (a server is started). NULL: error says why. */
    struct base *(*open)(const struct contender *contender, const char *directory, char error[CONTENDER_ERROR_MAX]);
    bool (*load)(struct base *base, const struct town *town);
    struct session *(*connect)(struct base *base);
    void (*disconnect)(struct session *session);

    enum answer (*check)(struct session *session, const struct request *request);
    /* The slots of the request's day with its barber. */
    enum answer (*available)(struct session *session, const struct request *request, struct day_marks *marks);
    /* Checks and books in this contender's way; durable when it is back. *id names it for cancel and move. */
    enum answer (*book)(struct session *session, const struct request *request, uint64_t *id);
    enum answer (*cancel)(struct session *session, uint64_t id, int64_t now_s);
    /* Gives what is booked the request's barber and time, in this contender's way: in one step that ignores itself,
     * where it knows one. Taken: it is where it was. Its id stays. */
    enum answer (*move)(struct session *session, uint64_t id, const struct request *request);

    /* Tells the auditor every active appointment, read by other means than a check. */
    bool (*audit)(struct session *session, struct audit *audit);
    bool (*sizes)(struct session *session, struct sizes *sizes);
    /* The process that answers this session; 0: this one. */
    pid_t (*answering)(struct session *session);
    bool (*version)(struct session *session, char text[CONTENDER_VERSION_MAX]);
    /* Takes back what was booked beyond the loaded rows, by us or by a run that was stopped. NULL: it works on a copy.
     */
    bool (*take_back)(struct base *base);
    void (*close)(struct base *base);
};

extern const struct contender contender_figaro;
extern const struct contender contender_sqlite_before;
extern const struct contender contender_sqlite_after;
extern const struct contender contender_sqlite_after_written;
extern const struct contender contender_sqlite_best;
extern const struct contender contender_postgresql_before;
extern const struct contender contender_postgresql_after;
extern const struct contender contender_postgresql_after_written;
extern const struct contender contender_postgresql_best;
extern const struct contender contender_postgresql_exclude;
extern const struct contender contender_redis;

/* All of them, Figaro first; ends with NULL. */
extern const struct contender *const contenders[];
/* NULL: none has that name. */
const struct contender *contender_by_name(const char *name);

#endif
