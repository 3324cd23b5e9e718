#include "tools/import_overlap.h"

#include <stdlib.h>

static uint64_t hash_of(const char *name)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (; *name != '\0'; name++) hash = (hash ^ (uint8_t)*name) * UINT64_C(1099511628211);
    return hash;
}

static bool make_room(import_overlaps *overlaps)
{
    if (overlaps->count < overlaps->room) return true;
    size_t room = overlaps->room == 0 ? 1024 : overlaps->room * 2;
    overlap_row *grown = realloc(overlaps->rows, room * sizeof *grown);
    if (grown == NULL) return false;
    overlaps->rows = grown;
    overlaps->room = room;
    return true;
}

bool import_overlaps_add(import_overlaps *overlaps, const import_row *row, bool exclusive)
{
    uint64_t number = overlaps->number_count++;
    bool repeated = row->key[0] != '\0' && names_has(&overlaps->keys, row->key);
    if (!import_row_takes_time(row) || repeated) return true;
    if (row->key[0] != '\0' && !names_add(&overlaps->keys, row->key)) return false;
    if (!make_room(overlaps)) return false;
    overlaps->rows[overlaps->count++] = (overlap_row){
        .barber = hash_of(row->barber),
        .number = number,
        .line = row->line,
        .start_s = row->start_s,
        .end_s = row->end_s,
        .before_s = row->before_s > 0 ? (uint32_t)row->before_s : 0,
        .after_s = row->after_s > 0 ? (uint32_t)row->after_s : 0,
        .exclusive = exclusive,
    };
    return true;
}

static int compare(const void *a, const void *b)
{
    const overlap_row *x = a, *y = b;
    if (x->barber != y->barber) return x->barber < y->barber ? -1 : 1;
    if (x->start_s != y->start_s) return x->start_s < y->start_s ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

/* Of two rows of one barber, the first of which starts no later. */
static bool meet(const overlap_row *first, const overlap_row *second)
{
    int64_t gap_s = second->start_s - first->end_s, after_s = first->after_s, before_s = second->before_s;
    if (first->exclusive || second->exclusive) return gap_s < after_s + before_s;
    return gap_s < (after_s > before_s ? after_s : before_s);
}

static void note(import_overlaps *overlaps, size_t row, size_t other)
{
    uint64_t *noted = &overlaps->others[overlaps->rows[row].number];
    if (*noted == 0) *noted = other + 1;
}

/* Each row against those before it: if it meets any, it meets the one that ends last, with its buffer or without. */
static void look_back(import_overlaps *overlaps)
{
    const overlap_row *rows = overlaps->rows;
    size_t last = 0, last_buffered = 0;
    for (size_t i = 1; i < overlaps->count; i++) {
        if (rows[i].barber != rows[last].barber) {
            last = last_buffered = i;
            continue;
        }
        if (meet(&rows[last], &rows[i])) note(overlaps, i, last);
        if (meet(&rows[last_buffered], &rows[i])) note(overlaps, i, last_buffered);
        if (rows[i].end_s > rows[last].end_s) last = i;
        if (rows[i].end_s + rows[i].after_s > rows[last_buffered].end_s + rows[last_buffered].after_s)
            last_buffered = i;
    }
}

/* Each row against those after it: the next one, and the one whose buffer begins first. */
static void look_ahead(import_overlaps *overlaps)
{
    const overlap_row *rows = overlaps->rows;
    size_t first = overlaps->count - 1;
    for (size_t i = overlaps->count - 1; i-- > 0;) {
        if (rows[i].barber != rows[i + 1].barber) {
            first = i;
            continue;
        }
        if (rows[i + 1].start_s - rows[i + 1].before_s < rows[first].start_s - rows[first].before_s ||
            rows[first].barber != rows[i].barber)
            first = i + 1;
        if (meet(&rows[i], &rows[i + 1])) note(overlaps, i, i + 1);
        if (meet(&rows[i], &rows[first])) note(overlaps, i, first);
    }
}

bool import_overlaps_find(import_overlaps *overlaps)
{
    overlaps->others = calloc(overlaps->number_count + 1, sizeof *overlaps->others);
    if (overlaps->others == NULL) return false;
    if (overlaps->count == 0) return true;
    qsort(overlaps->rows, overlaps->count, sizeof *overlaps->rows, compare);
    look_back(overlaps);
    look_ahead(overlaps);
    return true;
}

const overlap_row *import_overlaps_of(const import_overlaps *overlaps, uint64_t number)
{
    bool known = overlaps->others != NULL && number < overlaps->number_count;
    return known && overlaps->others[number] != 0 ? &overlaps->rows[overlaps->others[number] - 1] : NULL;
}

void import_overlaps_free(import_overlaps *overlaps)
{
    free(overlaps->rows);
    free(overlaps->others);
    names_free(&overlaps->keys);
    *overlaps = (import_overlaps){0};
}
