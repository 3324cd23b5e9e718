#include "bench/measure/stage.h"

#include "bench/figures.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Changes when a prepared base would look otherwise: old ones are made anew. */
#define PREPARED_FORMAT 1

bool stage_wants(const char *names, const struct contender *contender)
{
    size_t length = strlen(contender->name);
    for (const char *at = names; at != NULL; at = strchr(at, ',')) {
        if (*at == ',') at++;
        if (strncmp(at, contender->name, length) == 0 && (at[length] == ',' || at[length] == '\0')) return true;
    }
    return names == NULL;
}

/* ------------------------------------------------------------------ folders */

static bool run(const char *const arguments[])
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        execvp(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void stage_remove(const char *path)
{
    const char *const arguments[] = {"rm", "-rf", "--", path, NULL};
    run(arguments);
}

bool stage_make_folders(const char *path)
{
    const char *const arguments[] = {"mkdir", "-p", "--", path, NULL};
    return run(arguments);
}

static bool copy(const char *from, const char *to)
{
    const char *const arguments[] = {"cp", "-a", "--", from, to, NULL};
    return run(arguments);
}

static void name_folders(struct stage *stage, const char *directory, const struct town *town)
{
    snprintf(stage->prepared, sizeof stage->prepared, "%.300s/prepared/%llux%u", directory,
             (unsigned long long)town->rows, town->barbers);
    snprintf(stage->copies, sizeof stage->copies, "%.300s/run/%llux%u", directory, (unsigned long long)town->rows,
             town->barbers);
}

/* ------------------------------------------------------------------ preparing */

static void write_mark(char mark[128], const struct town *town)
{
    snprintf(mark, 128, "format %d seed %llu rows %llu barbers %u\n", PREPARED_FORMAT, (unsigned long long)town->seed,
             (unsigned long long)town->rows, town->barbers);
}

/* A base is ready when a file beside it says of which town. */
static bool is_ready(const char *path, const struct town *town)
{
    char name[600], said[128] = "", expected[128];
    snprintf(name, sizeof name, "%s.ready", path);
    FILE *file = fopen(name, "r");
    if (file == NULL) return false;
    bool good = fgets(said, sizeof said, file) != NULL;
    fclose(file);
    write_mark(expected, town);
    return good && strcmp(said, expected) == 0;
}

static bool say_ready(const char *path, const struct town *town)
{
    char name[600], mark[128];
    snprintf(name, sizeof name, "%s.ready", path);
    write_mark(mark, town);
    FILE *file = fopen(name, "w");
    if (file == NULL) return false;
    bool good = fputs(mark, file) >= 0;
    return fclose(file) == 0 && good;
}

static bool load_base(const struct contender *contender, const char *path, const struct town *town)
{
    char error[CONTENDER_ERROR_MAX] = "";
    struct base *base = contender->open(contender, path, error);
    if (base == NULL) {
        fprintf(stderr, "%s: %s\n", contender->title, error);
        return false;
    }
    bool good = contender->load(base, town);
    if (!good) fprintf(stderr, "%s: %s\n", contender->title, base->error);
    base->loaded_rows = town->rows;
    contender->close(base);
    return good;
}

/* SQLite wants its folder, the others make theirs. What a stopped run left is no base. */
static bool make_base(const struct stage *stage, const struct contender *contender, const struct town *town)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", stage->prepared, contender->base_name);
    if (is_ready(path, town)) return true;
    int64_t began_ns = clock_ns();
    fprintf(stderr, "preparing %s, %llu appointments of %u barbers ... ", contender->base_name,
            (unsigned long long)town->rows, town->barbers);
    stage_remove(path);
    bool good = (strncmp(contender->name, "sqlite", 6) != 0 || stage_make_folders(path)) &&
                load_base(contender, path, town) && say_ready(path, town);
    fprintf(stderr, "%s, %.1f s\n", good ? "done" : "FAILED", (double)(clock_ns() - began_ns) / 1e9);
    return good;
}

/* Databases that a stopped run left half loaded live in the one cluster: then all of it is made anew. */
static void drop_half_made_cluster(const struct stage *stage, const struct town *town)
{
    char path[512];
    bool ready = true;
    for (size_t i = 0; contenders[i] != NULL; i++) {
        if (strncmp(contenders[i]->name, "postgresql", 10) != 0) continue;
        snprintf(path, sizeof path, "%s/%s", stage->prepared, contenders[i]->base_name);
        ready &= is_ready(path, town);
    }
    if (ready) return;
    for (size_t i = 0; contenders[i] != NULL; i++) {
        if (strncmp(contenders[i]->name, "postgresql", 10) != 0) continue;
        snprintf(path, sizeof path, "%s/%s.ready", stage->prepared, contenders[i]->base_name);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/postgresql", stage->prepared);
    stage_remove(path);
}

bool stage_prepare(const char *directory, const struct town *town, const char *names)
{
    struct stage stage = {.count = 0};
    bool good = true;
    name_folders(&stage, directory, town);
    if (!stage_make_folders(stage.prepared)) return false;
    bool sql = false;
    for (size_t i = 0; contenders[i] != NULL; i++)
        sql |= stage_wants(names, contenders[i]) && strncmp(contenders[i]->name, "postgresql", 10) == 0;
    if (sql) drop_half_made_cluster(&stage, town);
    for (size_t i = 0; contenders[i] != NULL && good; i++)
        if (stage_wants(names, contenders[i]) || (sql && strncmp(contenders[i]->name, "postgresql", 10) == 0))
            good = make_base(&stage, contenders[i], town);
    return good;
}

/* ------------------------------------------------------------------ opening */

static struct base *open_prepared(const struct stage *stage, const struct contender *contender, uint64_t rows)
{
    char path[512], copied[512], error[CONTENDER_ERROR_MAX] = "";
    snprintf(path, sizeof path, "%s/%s", stage->prepared, contender->base_name);
    snprintf(copied, sizeof copied, "%s/%s", stage->copies, contender->base_name);
    struct base *base = NULL;
    if (contender->works_on_copy) stage_remove(copied);
    if (!contender->works_on_copy || copy(path, copied))
        base = contender->open(contender, contender->works_on_copy ? copied : path, error);
    if (base == NULL)
        fprintf(stderr, "%s: %s\n", contender->title, error);
    else
        base->loaded_rows = rows;
    return base;
}

/* At the end what was booked here; at the beginning what a stopped run left. */
static bool take_back(struct entrant *entrant)
{
    if (entrant->contender->take_back == NULL || entrant->contender->take_back(entrant->base)) return true;
    fprintf(stderr, "%s: %s\n", entrant->contender->title, entrant->base->error);
    return false;
}

static bool open_entrant(struct stage *stage, const struct contender *contender)
{
    struct entrant *entrant = &stage->entrants[stage->count];
    entrant->contender = contender;
    entrant->base = open_prepared(stage, contender, stage->truth.town.rows);
    if (entrant->base == NULL) return false;
    stage->count++;
    if (!take_back(entrant)) return false;
    entrant->session = contender->connect(entrant->base);
    if (entrant->session == NULL) fprintf(stderr, "%s: %s\n", contender->title, entrant->base->error);
    return entrant->session != NULL;
}

bool stage_open(struct stage *stage, const char *directory, const struct town *town, const char *names)
{
    memset(stage, 0, sizeof *stage);
    name_folders(stage, directory, town);
    bool good = stage_make_folders(stage->copies) && truth_make(&stage->truth, town);
    for (size_t i = 0; contenders[i] != NULL && good; i++)
        if (stage_wants(names, contenders[i])) good = open_entrant(stage, contenders[i]);
    sync(); /* what copying left to be written is not to be paid by who is measured */
    return good;
}

void stage_close(struct stage *stage)
{
    for (size_t i = 0; i < stage->count; i++) {
        struct entrant *entrant = &stage->entrants[i];
        if (entrant->session != NULL) entrant->contender->disconnect(entrant->session);
    }
    for (size_t i = 0; i < stage->count; i++) {
        take_back(&stage->entrants[i]);
        stage->entrants[i].contender->close(stage->entrants[i].base);
    }
    stage->count = 0;
    truth_free(&stage->truth);
    stage_remove(stage->copies);
}

struct entrant *stage_find(struct stage *stage, const char *name)
{
    for (size_t i = 0; i < stage->count; i++)
        if (strcmp(stage->entrants[i].contender->name, name) == 0) return &stage->entrants[i];
    return NULL;
}

struct request stage_fresh(const struct stage *stage, struct entrant *entrant)
{
    return truth_fresh(&stage->truth, entrant->contender->lane, atomic_fetch_add(&entrant->next_fresh, 1));
}

int64_t stage_start_ns(const char *directory, const struct town *town, const struct contender *contender)
{
    struct stage stage = {.count = 0};
    name_folders(&stage, directory, town);
    if (!stage_make_folders(stage.copies)) return -1;
    struct base *base = open_prepared(&stage, contender, town->rows);
    if (base == NULL) return -1;
    int64_t startup_ns = base->startup_ns;
    contender->close(base);
    return startup_ns;
}
