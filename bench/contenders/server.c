#include "bench/contenders/server.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void nap_ms(int ms)
{
    struct timespec some = {ms / 1000, ms % 1000 * 1000000L};
    nanosleep(&some, NULL);
}

/* Whom servers run as. NULL: as we are. */
static const struct passwd *unprivileged(void)
{
    if (geteuid() != 0) return NULL;
    const struct passwd *user = getpwnam("postgres");
    return user != NULL ? user : getpwnam("nobody");
}

bool server_folder(const char *path)
{
    const struct passwd *user = unprivileged();
    if (mkdir(path, 0700) != 0 && errno != EEXIST) return false;
    return user == NULL || chown(path, user->pw_uid, user->pw_gid) == 0;
}

bool server_sockets(struct server *server)
{
    const struct passwd *user = unprivileged();
    snprintf(server->sockets, sizeof server->sockets, "/tmp/figaro-sockets-XXXXXX");
    return mkdtemp(server->sockets) != NULL &&
           (user == NULL || chown(server->sockets, user->pw_uid, user->pw_gid) == 0);
}

/* In the child: becomes the program, as the unprivileged user. */
static void become(const char *const arguments[], const char *log)
{
    const struct passwd *user = unprivileged();
    int words = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644), nothing = open("/dev/null", O_RDONLY);
    if (words < 0 || nothing < 0) _exit(126);
    dup2(nothing, 0);
    dup2(words, 1);
    dup2(words, 2);
    if (user != NULL && (setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGINT); /* after the change of user, which clears it */
    if (chdir("/") != 0) _exit(126);
    execv(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(127);
}

bool server_run(const char *const arguments[], const char *log)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) become(arguments, log);
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool server_start(struct server *server, const char *const arguments[])
{
    server->pid = fork();
    if (server->pid == 0) become(arguments, server->log);
    return server->pid > 0;
}

bool server_runs(const struct server *server)
{
    int status;
    return server->pid > 0 && waitpid(server->pid, &status, WNOHANG) == 0;
}

static void remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2) unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder != NULL) closedir(folder);
    rmdir(path);
}

void server_stop(struct server *server, int signal)
{
    if (server->pid > 0 && kill(server->pid, signal) == 0) {
        for (int tenths = 0; tenths < 300 && server_runs(server); tenths++) nap_ms(100);
        if (kill(server->pid, 0) == 0 && server_runs(server)) kill(server->pid, SIGKILL);
        waitpid(server->pid, NULL, 0);
    }
    server->pid = 0;
    if (server->sockets[0] != '\0') remove_folder(server->sockets);
}

static pid_t parent_of(pid_t pid)
{
    char path[64], line[512];
    int parent = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) return 0;
    if (fgets(line, sizeof line, file) != NULL && strrchr(line, ')') != NULL)
        sscanf(strrchr(line, ')') + 1, " %*c %d", &parent);
    fclose(file);
    return parent;
}

/* The proportional share: a page that n processes share counts as an nth for each. */
static uint64_t share_bytes(pid_t pid)
{
    char path[64], line[256];
    unsigned long long kib = 0;
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) return 0;
    while (fgets(line, sizeof line, file) != NULL && sscanf(line, "Pss: %llu kB", &kib) != 1) continue;
    fclose(file);
    return kib * 1024;
}

uint64_t server_memory_bytes(const struct server *server)
{
    uint64_t bytes = share_bytes(server->pid);
    DIR *processes = opendir("/proc");
    for (struct dirent *entry; processes != NULL && (entry = readdir(processes)) != NULL;) {
        pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
        if (pid > 0 && parent_of(pid) == server->pid) bytes += share_bytes(pid);
    }
    if (processes != NULL) closedir(processes);
    return bytes;
}
