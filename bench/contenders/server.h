/* A database server of our own: started for one bench or test, as an unprivileged user, on a unix socket in a temporary
 * folder that nobody else can enter, and stopped by its process id. It ends with us, whatever happens to us. */
#ifndef FIG_BENCH_SERVER_H
#define FIG_BENCH_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Where Debian puts the programs of PostgreSQL's server. */
#define SERVER_BIN "/usr/lib/postgresql/15/bin/"

struct server {
    pid_t pid;
    char sockets[64]; /* the folder with its socket */
    char log[600];    /* what it says */
};

/* Makes a folder (its parents exist) that belongs to the user that servers run as: us, or "postgres" or "nobody" when
 * we are root. It may exist. */
bool server_folder(const char *path);
/* A new folder for sockets. */
bool server_sockets(struct server *server);

/* Runs a program as that user to its end; its words go to `log`. False: it failed. */
bool server_run(const char *const arguments[], const char *log);
/* Starts it and does not wait. */
bool server_start(struct server *server, const char *const arguments[]);
bool server_runs(const struct server *server);
/* Asks it to end with this signal, and after 30 s ends it. The folder for sockets is removed. */
void server_stop(struct server *server, int signal);

/* The memory of the server and its children, shared pages counted once. */
uint64_t server_memory_bytes(const struct server *server);

#endif
