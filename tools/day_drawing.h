/* A day drawn for the terminal: a row for each barber, time from left to right.
 *
 *  Monday 2 March 2026, UTC: 3 booked, 1 held
 *
 *           08:00   09:00   10:00   11:00   12:00   13:00   14:00
 *           ┬───────┬───────┬───────┬─▼─────┬───────┬───────┬
 *  Figaro   ░░░░░░░░▐#12▐09:30 #13██··      ░░░░░░░░▌#14▒▒▒▒┊   3:00
 *           ┊       ┊       ┊       ┊       ┊       ┊       ┊
 *  Susanna  ┊       ┊       ▐#20████┊       ┊       ┊       ┊   1:00
 *
 *           ▐██ booked  ▌▒▒ held  ··· buffer  ░░░ closed
 *
 * What stands at a row's end is how long it is booked. Clocks show the zone's time; a cell is as long as any other, so
 * that where clocks go back an hour stands there twice.
 *
 * Pure: values in, text out, so that a test can hold a picture against it. */
#ifndef FIG_TOOLS_DAY_DRAWING_H
#define FIG_TOOLS_DAY_DRAWING_H

#include "tools/local_zone.h"

#include <stddef.h>
#include <stdio.h>

typedef enum day_block_kind {
    DAY_BOOKED, /* pending, scheduled, confirmed */
    DAY_HELD,
    DAY_DONE /* completed, no_show: takes up no time any more */
} day_block_kind;

typedef struct day_block {
    int64_t start_s, end_s;
    uint32_t buffer_before_s, buffer_after_s;
    uint64_t id;
    day_block_kind kind;
} day_block;

typedef struct day_span {
    int64_t start_s, end_s;
} day_span;

typedef struct day_row {
    const char *name;
    bool by_hours;        /* opens at hours of its own: as much of the day is drawn as they need */
    const day_span *open; /* the open time, all else is closed */
    size_t open_count;
    const day_block *blocks; /* by start */
    size_t block_count;
} day_row;

typedef struct day_look {
    int columns; /* of the terminal */
    bool utf8;   /* else ASCII */
    bool colour;
    int64_t now_s; /* marked on the axis when it lies in what is drawn */
} day_look;

/* A date in a zone: 24 hours, or what clocks that change make of them. */
typedef struct day_axis {
    const local_zone *zone;
    int64_t start_s, end_s; /* the first instant of the date, and of the next one */
} day_axis;

/* Draws a day. Only as much of it is drawn as holds something. */
void day_draw(FILE *out, const day_axis *axis, const day_row *rows, size_t count, const day_look *look);

#endif
