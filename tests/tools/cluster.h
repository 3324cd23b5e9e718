/* A PostgreSQL server of a test's own, on a unix socket in a temporary folder; it ends with the test, whatever becomes
 * of that. Where the server's programs are not installed the test is skipped, or fails under CI=true. */
#ifndef FIG_TESTS_CLUSTER_H
#define FIG_TESTS_CLUSTER_H

#include "bench/contenders/server.h"
#include "tests/support.h"

struct cluster {
    char root[SUPPORT_PATH];
    struct server server;
};

/* Everybody is let in but the role `reader`, whose password is `sesame`. */
void cluster_open(struct cluster *cluster);
void cluster_close(struct cluster *cluster);

/* "postgresql://USER@/DATABASE?host=..."; it lasts for four calls. */
const char *cluster_uri(const struct cluster *cluster, const char *user, const char *database);

/* Makes a database, in which these statements, up to NULL, are run. */
void cluster_make(const struct cluster *cluster, const char *database, const char *const statements[]);
/* Runs statements; what they answer, as text without a frame, is the caller's to free. */
char *cluster_run(const struct cluster *cluster, const char *database, const char *statements);
/* The same, not waited for. */
pid_t cluster_spawn(const struct cluster *cluster, const char *database, const char *statements);

#define CLUSTER_MAKE(cluster, database, ...) cluster_make(cluster, database, (const char *const[]){__VA_ARGS__, NULL})

#endif
