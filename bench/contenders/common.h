/* What contenders share: making bases and sessions, telling what went wrong, and the slots of a day. */
#ifndef FIG_BENCH_COMMON_H
#define FIG_BENCH_COMMON_H

#include "bench/contender.h"
#include "bench/load/town.h"

/* A zeroed struct of that size which begins with a base or a session. */
void *base_make(size_t size, const struct contender *contender, const char *directory);
void *session_make(size_t size, struct base *base);

/* Always false, so that a failing function can say `return base_fail(...)`. */
__attribute__((format(printf, 2, 3))) bool base_fail(struct base *base, const char *format, ...);

/* The slots of opening hours given in clocks, all taken as free. */
void marks_begin(struct day_marks *marks, int32_t opens_s, int32_t closes_s);
/* Something that is booked takes the slots that it meets; `day_s` is where the clocks begin. */
void marks_take(struct day_marks *marks, int64_t day_s, int32_t opens_s, int64_t start_s, int64_t end_s);

/* 0 Monday to 6 Sunday. */
int weekday_of(int32_t day);

/* "2026-01-05 09:30:00", as the report's application keeps times. */
#define TIME_TEXT 24
void time_write(char text[TIME_TEXT], int64_t at_s);
int64_t time_read(const char *text);
/* "09:30" */
int32_t clock_read(const char *text);

/* Bytes of all files below a directory. */
uint64_t directory_bytes(const char *directory);

#endif
