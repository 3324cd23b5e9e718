#include "tests/tools/cluster.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PSQL SERVER_BIN "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"

static void make_folder(struct cluster *cluster)
{
    static const char rights[] = "local all reader scram-sha-256\nlocal all all trust\n";
    char data[SUPPORT_PATH], file[SUPPORT_PATH];
    support_make_fast_directory(cluster->root);
    cr_assert(server_folder(cluster->root) && server_sockets(&cluster->server));
    support_format(data, sizeof data, "%.400s/data", cluster->root);
    support_format(cluster->server.log, sizeof cluster->server.log, "%.400s/log", cluster->root);
    const char *const made[] = {SERVER_BIN "initdb", "-D",        data, "-U", "owner", "-A", "trust", "-E", "UTF8",
                                "--locale=C",        "--no-sync", NULL};
    cr_assert(server_run(made, cluster->server.log), "initdb failed; see %s", cluster->server.log);
    support_format(file, sizeof file, "%.400s/data/pg_hba.conf", cluster->root);
    support_write_file(file, rights, strlen(rights));
}

static bool answers(const struct cluster *cluster)
{
    struct support_child child =
        SUPPORT_RUN(SERVER_BIN "pg_isready", "-q", "-d", cluster_uri(cluster, "owner", "postgres"));
    bool good = child.exit_code == 0;
    support_free(&child);
    return good;
}

void cluster_open(struct cluster *cluster)
{
    char data[SUPPORT_PATH];
    if (access(SERVER_BIN "initdb", X_OK) != 0)
        support_lack("needs the server programs of PostgreSQL 15 (make test-deps)");
    memset(cluster, 0, sizeof *cluster);
    make_folder(cluster);
    support_format(data, sizeof data, "%.400s/data", cluster->root);
    const char *const arguments[] = {SERVER_BIN "postgres", "-D", data,        "-k", cluster->server.sockets, "-c",
                                     "listen_addresses=",   "-c", "fsync=off", "-c", "shared_buffers=16MB",   NULL};
    cr_assert(server_start(&cluster->server, arguments));
    for (int tries = 0; !answers(cluster); tries++) {
        cr_assert(tries < 300 && server_runs(&cluster->server), "the server does not start; see %s",
                  cluster->server.log);
        usleep(50000);
    }
    free(cluster_run(cluster, "postgres", "CREATE ROLE reader LOGIN PASSWORD 'sesame'"));
}

void cluster_close(struct cluster *cluster)
{
    server_stop(&cluster->server, SIGINT);
    support_remove(cluster->root);
}

const char *cluster_uri(const struct cluster *cluster, const char *user, const char *database)
{
    static char texts[4][SUPPORT_PATH];
    static unsigned turn;
    char *text = texts[turn++ % 4];
    support_format(text, SUPPORT_PATH, "postgresql://%s@/%s?host=%s", user, database, cluster->server.sockets);
    return text;
}

char *cluster_run(const struct cluster *cluster, const char *database, const char *statements)
{
    struct support_child child = SUPPORT_RUN(PSQL, "-c", statements, cluster_uri(cluster, "owner", database));
    cr_assert(child.exit_code == 0, "%s\n%s", child.err, statements);
    free(child.err);
    return child.out;
}

pid_t cluster_spawn(const struct cluster *cluster, const char *database, const char *statements)
{
    return support_spawn((const char *const[]){PSQL, "-c", statements, cluster_uri(cluster, "owner", database), NULL});
}

void cluster_make(const struct cluster *cluster, const char *database, const char *const statements[])
{
    char made[128];
    support_format(made, sizeof made, "CREATE DATABASE %s", database);
    free(cluster_run(cluster, "postgres", made));
    for (size_t i = 0; statements[i] != NULL; i++) free(cluster_run(cluster, database, statements[i]));
}
