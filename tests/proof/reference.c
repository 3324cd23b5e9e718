#include "tests/proof/reference.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

enum { FIELD = 160 };

struct row {
    char at[FIELD], op[FIELD], barber[FIELD], key[FIELD];
    int64_t start_s, end_s;
};

struct span {
    char barber[FIELD];
    char key[FIELD]; /* of an appointment; "" of a window */
    int64_t start_s, end_s;
    bool gone;
};

struct spans {
    struct span *list;
    size_t count, capacity;
};

static uint64_t hashed(const char *barber, const char *key, bool over, int64_t start_s, int64_t end_s)
{
    char line[3 * FIELD];
    support_format(line, sizeof line, "%s|%s|%d|%lld|%lld", barber, key, over, (long long)start_s, (long long)end_s);
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (const char *at = line; *at != '\0'; at++) hash = (hash ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 29;
}

static uint64_t hash_of(const struct span *s) { return hashed(s->barber, s->key, s->gone, s->start_s, s->end_s); }

static struct span *add(struct spans *spans, struct span span, uint64_t *state)
{
    if (spans->count == spans->capacity) {
        spans->capacity = spans->capacity * 2 + 64;
        spans->list = realloc(spans->list, spans->capacity * sizeof span);
        cr_assert_not_null(spans->list);
    }
    *state += hash_of(&span);
    spans->list[spans->count] = span;
    return &spans->list[spans->count++];
}

/* The live appointment that a key booked. */
static struct span *booked_by(struct spans *spans, const char *key)
{
    for (size_t i = spans->count; i > 0; i--) /* a key is acted upon soon after it booked */
        if (!spans->list[i - 1].gone && strcmp(spans->list[i - 1].key, key) == 0) return &spans->list[i - 1];
    cr_assert_fail("no live appointment of key %s", key);
    return NULL;
}

static void close_windows(struct spans *windows, const struct row *row, uint64_t *state)
{
    for (size_t i = 0, end = windows->count; i < end; i++) {
        struct span left = windows->list[i], right = left;
        if (left.gone || strcmp(left.barber, row->barber) != 0) continue;
        if (left.start_s >= row->end_s || left.end_s <= row->start_s) continue;
        *state -= hash_of(&left);
        windows->list[i].gone = true;
        left.end_s = row->start_s;
        right.start_s = row->end_s;
        if (left.start_s < left.end_s) add(windows, left, state);
        if (right.start_s < right.end_s) add(windows, right, state);
    }
}

static void open_window(struct spans *windows, const struct span *span, uint64_t *state)
{
    for (size_t i = 0; i < windows->count; i++) {
        const struct span *w = &windows->list[i];
        if (!w->gone && w->start_s == span->start_s && w->end_s == span->end_s && strcmp(w->barber, span->barber) == 0)
            return;
    }
    add(windows, *span, state);
}

static void play(const struct row *row, struct spans *appointments, struct spans *windows, uint64_t *state)
{
    struct span span = {.start_s = row->start_s, .end_s = row->end_s};
    memcpy(span.barber, row->barber, sizeof span.barber);
    if (strcmp(row->op, "open") == 0) {
        open_window(windows, &span, state);
    } else if (strcmp(row->op, "close") == 0) {
        close_windows(windows, row, state);
    } else if (strcmp(row->op, "book") == 0) {
        memcpy(span.key, row->key, sizeof span.key);
        add(appointments, span, state);
    } else {
        struct span *old = booked_by(appointments, row->key);
        *state -= hash_of(old);
        if (strcmp(row->op, "cancel") == 0) {
            old->gone = true;
            *state += hash_of(old);
            return;
        }
        memcpy(span.key, old->key, sizeof span.key);
        *old = span;
        *state += hash_of(old);
    }
}

static int64_t instant(const char *text)
{
    struct tm parts = {0};
    if (*text == '\0') return 0;
    int year, month;
    cr_assert_eq(
        sscanf(text, "%d-%d-%dT%d:%d:%dZ", &year, &month, &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec),
        6, "not an instant: %s", text);
    parts.tm_year = year - 1900;
    parts.tm_mon = month - 1;
    return timegm(&parts);
}

static bool next_row(gzFile file, struct row *row)
{
    char line[4 * FIELD], start[FIELD], end[FIELD];
    if (gzgets(file, line, sizeof line) == NULL) return false;
    char *fields[] = {row->at, row->op, row->barber, row->key, start, end}, *at = line;
    memset(row, 0, sizeof *row);
    for (int i = 0; i < 6; i++) {
        size_t length = strcspn(at, ",\r\n");
        cr_assert_lt(length, FIELD);
        memcpy(fields[i], at, length);
        fields[i][length] = '\0';
        at += length + 1;
    }
    if (strcmp(row->op, "op") == 0) return true; /* the head */
    row->start_s = instant(start);
    row->end_s = instant(end);
    return true;
}

struct reference reference_of(const char *path)
{
    gzFile file = gzopen(path, "rb");
    cr_assert_not_null(file, "cannot read %s", path);
    struct spans appointments = {0}, windows = {0};
    struct reference made = {.states = calloc(1 << 20, sizeof *made.states)};
    struct row row;
    uint64_t state = 0;
    cr_assert(next_row(file, &row), "%s is empty", path); /* the head */
    while (next_row(file, &row)) {
        play(&row, &appointments, &windows, &state);
        cr_assert_lt(made.rows + 1, 1 << 20);
        made.states[++made.rows] = state;
    }
    for (size_t i = 0; i < appointments.count; i++) made.live += !appointments.list[i].gone;
    gzclose(file);
    free(appointments.list);
    free(windows.list);
    return made;
}

void reference_free(struct reference *reference) { free(reference->states); }

long reference_rows(const struct reference *reference, uint64_t state, size_t least, size_t most)
{
    for (size_t k = least; k <= most && k <= reference->rows; k++)
        if (reference->states[k] == state) return (long)k;
    return -1;
}

/* ---- the same of an engine ---- */

static uint64_t state_of_barber(fig_engine *engine, const fig_view *view, const fig_barber *barber)
{
    uint64_t state = 0;
    fig_filter filter = fig_filter_default();
    fig_cursor cursor = {{0}}, windows_cursor = {{0}};
    fig_appointment found[64];
    fig_window windows[64];
    size_t count = 1;
    filter.barber_id = barber->id;
    while (count > 0) {
        cr_assert_eq(fig_list(engine, view, &filter, &cursor, found, 64, &count), FIG_OK);
        for (size_t i = 0; i < count; i++)
            state +=
                hashed(barber->name, found[i].key, found[i].status == FIG_CANCELLED, found[i].start_s, found[i].end_s);
    }
    for (count = 1; count > 0;) {
        cr_assert_eq(fig_list_windows(engine, view, barber->id, FIG_TIME_MIN, FIG_TIME_MAX, &windows_cursor, windows,
                                      64, &count),
                     FIG_OK);
        for (size_t i = 0; i < count; i++)
            state += hashed(barber->name, "", false, windows[i].start_s, windows[i].end_s);
    }
    return state;
}

uint64_t reference_state(fig_engine *engine)
{
    fig_view view = fig_view_default();
    fig_cursor cursor = {{0}};
    fig_barber barbers[64];
    uint64_t state = 0;
    size_t count = 1;
    view.now_s = FIG_TIME_MIN;
    while (count > 0) {
        cr_assert_eq(fig_list_barbers(engine, &view, &cursor, barbers, 64, &count), FIG_OK);
        for (size_t i = 0; i < count; i++) state += state_of_barber(engine, &view, &barbers[i]);
    }
    return state;
}
