#include "tools/digest.h"

#include "tools/rfc3339.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 256 };

/* ---- lines ---- */

static void hash_text(digest_lines *lines, const char *text)
{
    SHA256_Update(&lines->hash, (const uint8_t *)text, strlen(text));
}

static void print_hex(const uint8_t *bytes, size_t size, char *text)
{
    for (size_t i = 0; i < size; i++) snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

void digest_begin(digest_lines *lines)
{
    SHA256_Init(&lines->hash);
    lines->live = 0;
}

void digest_add(digest_lines *lines, const char *barber, int64_t start_s, int64_t end_s)
{
    char start[RFC3339_SIZE], end[RFC3339_SIZE];
    rfc3339_print(start_s, start);
    rfc3339_print(end_s, end);
    if (lines->live++ > 0) hash_text(lines, "\n");
    hash_text(lines, barber);
    hash_text(lines, " ");
    hash_text(lines, start);
    hash_text(lines, " ");
    hash_text(lines, end);
}

void digest_end(digest_lines *lines, live_digest *digest)
{
    uint8_t bytes[SHA256_DIGEST_LENGTH];
    SHA256_Final(bytes, &lines->hash);
    print_hex(bytes, sizeof bytes, digest->sha256);
    digest->live = lines->live;
}

/* ---- a snapshot's ---- */

struct name {
    uint64_t id;
    char text[FIG_NAME_MAX + 1];
};

struct span {
    int64_t start_s, end_s;
};

struct walk {
    fig_engine *engine;
    fig_view view;
    digest_lines lines;
    struct name *names;
    size_t name_count;
    struct span *spans; /* of one barber */
    size_t span_count, span_room;
};

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct name *)a)->text, ((const struct name *)b)->text); /* bytes, as unsigned char */
}

static int by_time(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    if (x->start_s != y->start_s) return x->start_s < y->start_s ? -1 : 1;
    return (x->end_s > y->end_s) - (x->end_s < y->end_s);
}

static fig_status list_names(struct walk *walk)
{
    fig_barber page[PAGE];
    fig_cursor cursor = {{0}};
    for (;;) {
        size_t count = 0;
        for (size_t i = 0; i < PAGE; i++) page[i] = fig_barber_default();
        fig_status status = fig_list_barbers(walk->engine, &walk->view, &cursor, page, PAGE, &count);
        if (status != FIG_OK || count == 0) break;
        struct name *grown = realloc(walk->names, (walk->name_count + count) * sizeof *grown);
        if (grown == NULL) return FIG_NO_MEMORY;
        walk->names = grown;
        for (size_t i = 0; i < count; i++) {
            grown[walk->name_count].id = page[i].id;
            memcpy(grown[walk->name_count++].text, page[i].name, sizeof page[i].name);
        }
    }
    if (walk->name_count > 0) qsort(walk->names, walk->name_count, sizeof *walk->names, by_text);
    return FIG_OK;
}

static bool add_span(struct walk *walk, int64_t start_s, int64_t end_s)
{
    if (walk->span_count == walk->span_room) {
        size_t room = walk->span_room == 0 ? PAGE : walk->span_room * 2;
        struct span *grown = realloc(walk->spans, room * sizeof *grown);
        if (grown == NULL) return false;
        walk->spans = grown;
        walk->span_room = room;
    }
    walk->spans[walk->span_count++] = (struct span){start_s, end_s};
    return true;
}

static fig_status list_spans(struct walk *walk, uint64_t barber_id)
{
    fig_appointment page[PAGE];
    fig_filter filter = fig_filter_default();
    fig_cursor cursor = {{0}};
    filter.barber_id = barber_id;
    filter.active = true;
    for (size_t i = 0; i < PAGE; i++) page[i] = fig_appointment_default();
    walk->span_count = 0;
    for (;;) {
        size_t count = 0;
        fig_status status = fig_list(walk->engine, &walk->view, &filter, &cursor, page, PAGE, &count);
        if (status != FIG_OK) return status;
        if (count == 0) return FIG_OK;
        for (size_t i = 0; i < count; i++)
            if (!add_span(walk, page[i].start_s, page[i].end_s)) return FIG_NO_MEMORY;
    }
}

static void hash_spans(struct walk *walk, const char *name)
{
    if (walk->span_count > 0) qsort(walk->spans, walk->span_count, sizeof *walk->spans, by_time);
    for (size_t i = 0; i < walk->span_count; i++)
        digest_add(&walk->lines, name, walk->spans[i].start_s, walk->spans[i].end_s);
}

static fig_status hash_barbers(struct walk *walk)
{
    fig_status status = list_names(walk);
    for (size_t i = 0; status == FIG_OK && i < walk->name_count; i++) {
        status = list_spans(walk, walk->names[i].id);
        if (status == FIG_OK) hash_spans(walk, walk->names[i].text);
    }
    return status;
}

static fig_status digest_at(fig_engine *engine, const fig_snapshot *snapshot, live_digest *digest)
{
    struct walk walk = {.engine = engine, .view = fig_view_default()};
    walk.view.snapshot = snapshot;
    walk.view.now_s = FIG_TIME_MIN; /* before every expiry: the journaled state alone counts */
    digest_begin(&walk.lines);
    fig_status status = hash_barbers(&walk);
    if (status == FIG_OK) digest_end(&walk.lines, digest);
    free(walk.spans);
    free(walk.names);
    return status;
}

fig_status live_digest_of(fig_engine *engine, const fig_snapshot *snapshot, live_digest *digest)
{
    fig_snapshot *newest = NULL;
    if (snapshot != NULL) return digest_at(engine, snapshot, digest);
    fig_status status = fig_snapshot_open(engine, &newest);
    if (status != FIG_OK) return status;
    status = digest_at(engine, newest, digest);
    fig_snapshot_close(newest);
    return status;
}
