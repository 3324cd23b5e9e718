#include "bench/contenders/common.h"

#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

void *base_make(size_t size, const struct contender *contender, const char *directory)
{
    struct base *base = calloc(1, size);
    if (base == NULL) return NULL;
    base->contender = contender;
    snprintf(base->directory, sizeof base->directory, "%s", directory);
    return base;
}

void *session_make(size_t size, struct base *base)
{
    struct session *session = calloc(1, size);
    if (session != NULL) session->base = base;
    return session;
}

bool base_fail(struct base *base, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(base->error, sizeof base->error, format, arguments);
    va_end(arguments);
    return false;
}

void marks_begin(struct day_marks *marks, int32_t opens_s, int32_t closes_s)
{
    marks->count = 0;
    for (int32_t at_s = opens_s; at_s + TOWN_GRID_S <= closes_s && marks->count < CONTENDER_SLOTS_MAX;
         at_s += TOWN_GRID_S)
        marks->free[marks->count++] = true;
}

void marks_take(struct day_marks *marks, int64_t day_s, int32_t opens_s, int64_t start_s, int64_t end_s)
{
    for (uint32_t i = 0; i < marks->count; i++) {
        int64_t slot_s = day_s + opens_s + (int64_t)i * TOWN_GRID_S;
        if (start_s < slot_s + TOWN_GRID_S && slot_s < end_s) marks->free[i] = false;
    }
}

int weekday_of(int32_t day) { return (day + 3) % 7; }

void time_write(char text[TIME_TEXT], int64_t at_s)
{
    time_t at = at_s;
    struct tm fields;
    gmtime_r(&at, &fields);
    strftime(text, TIME_TEXT, "%Y-%m-%d %H:%M:%S", &fields);
}

static int digits(const char *text, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++) value = value * 10 + (text[i] - '0');
    return value;
}

/* Days from 1970-01-01 to a date of the Gregorian calendar, counted in years that begin in March. */
static int64_t days_to(int year, int month, int day)
{
    if (month <= 2) year--;
    int64_t era = year / 400, of_era = year % 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t time_read(const char *text)
{
    int64_t day = days_to(digits(text, 4), digits(text + 5, 2), digits(text + 8, 2));
    return day * TOWN_DAY_S + digits(text + 11, 2) * 3600 + digits(text + 14, 2) * 60 + digits(text + 17, 2);
}

int32_t clock_read(const char *text) { return digits(text, 2) * 3600 + digits(text + 3, 2) * 60; }

static uint64_t counted_bytes; /* nftw() has no context; sizes are asked for by one thread */

static int count_file(const char *path, const struct stat *facts, int type, struct FTW *place)
{
    (void)path;
    (void)place;
    if (type == FTW_F) counted_bytes += (uint64_t)facts->st_blocks * 512;
    return 0;
}

uint64_t directory_bytes(const char *directory)
{
    counted_bytes = 0;
    nftw(directory, count_file, 16, FTW_PHYS);
    return counted_bytes;
}
