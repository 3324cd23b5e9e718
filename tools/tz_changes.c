#include "tools/tz_changes.h"

#include "tools/rfc3339.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 64, DAYS_AHEAD = 366 };

static const char *const weekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/* ---- instants: other clocks ---- */

#define CLOCK_SIZE 17 /* bytes of "2026-03-29T02:30" with its NUL */

static void print_clock(const local_zone *zone, int64_t instant_s, char text[CLOCK_SIZE])
{
    char whole[RFC3339_SIZE];
    rfc3339_print(local_zone_clock(zone, instant_s), whole);
    memcpy(text, whole, CLOCK_SIZE - 1);
    text[CLOCK_SIZE - 1] = '\0';
}

static bool clock_changes(const tz_zones *zones, int64_t instant_s)
{
    return local_zone_clock(&zones->was, instant_s) != local_zone_clock(&zones->becomes, instant_s);
}

/* An appointment or a dated window, as `kind` says: `what` is told, and how its start or, where that stays, its end is
 * seen. */
static void print_span(tz_zones *zones, const char *kind, const char *what, json_t *object, int64_t start_s,
                       int64_t end_s)
{
    char was[CLOCK_SIZE], becomes[CLOCK_SIZE];
    bool starts = clock_changes(zones, start_s);
    print_clock(&zones->was, starts ? start_s : end_s, was);
    print_clock(&zones->becomes, starts ? start_s : end_s, becomes);
    zones->count++;
    if (!zones->at->json) {
        printf("  %s: %s %s, becomes %s\n", what, starts ? "starts" : "ends", was, becomes);
        json_decref(object);
        return;
    }
    output_object(json_pack("{s:s, s:s, s:o, s:s, s:s}", "zone", zones->was.name, "edge", starts ? "start" : "end",
                            kind, object, "was", was, "becomes", becomes));
}

static int check_appointments(tz_zones *zones, const fig_barber *barber)
{
    static fig_appointment page[PAGE];
    fig_cursor cursor = {{0}};
    fig_filter filter = fig_filter_default();
    filter.barber_id = barber->id;
    filter.from_s = zones->at->now_s;
    filter.active = true;
    for (size_t i = 0; i < PAGE; i++) page[i] = fig_appointment_default();
    for (;;) {
        size_t count = 0;
        fig_status status = fig_list(zones->at->engine, &zones->view, &filter, &cursor, page, PAGE, &count);
        if (status != FIG_OK && status != FIG_NOT_FOUND)
            return complain(output_exit_code(status), "%s", fig_status_text(status));
        if (status == FIG_NOT_FOUND || count == 0) return EXIT_DONE;
        for (size_t i = 0; i < count; i++) {
            char what[FIG_NAME_MAX + 40];
            if (!clock_changes(zones, page[i].start_s) && !clock_changes(zones, page[i].end_s)) continue;
            snprintf(what, sizeof what, "#%" PRIu64 " of %s", page[i].id, barber->name);
            print_span(zones, "appointment", what, output_appointment_object(zones->at, &page[i]), page[i].start_s,
                       page[i].end_s);
        }
    }
}

static int check_windows(tz_zones *zones, const fig_barber *barber)
{
    static fig_window page[PAGE];
    fig_cursor cursor = {{0}};
    for (size_t i = 0; i < PAGE; i++) page[i] = fig_window_default();
    for (;;) {
        size_t count = 0;
        fig_status status = fig_list_windows(zones->at->engine, &zones->view, barber->id, zones->at->now_s,
                                             FIG_TIME_MAX, &cursor, page, PAGE, &count);
        if (status != FIG_OK && status != FIG_NOT_FOUND)
            return complain(output_exit_code(status), "%s", fig_status_text(status));
        if (status == FIG_NOT_FOUND || count == 0) return EXIT_DONE;
        for (size_t i = 0; i < count; i++) {
            char what[FIG_NAME_MAX + 40];
            const char *kind = page[i].kind == FIG_WINDOW_AVAILABLE ? "available" : "unavailable";
            if (!clock_changes(zones, page[i].start_s) && !clock_changes(zones, page[i].end_s)) continue;
            snprintf(what, sizeof what, "%s window of %s", kind, barber->name);
            json_t *object = json_pack("{s:s, s:s, s:o, s:o}", "barber", barber->name, "kind", kind, "start",
                                       output_instant(page[i].start_s), "end", output_instant(page[i].end_s));
            print_span(zones, "window", what, object, page[i].start_s, page[i].end_s);
        }
    }
}

/* ---- clocks: other instants ---- */

/* The dates on which something is at another instant. */
struct dates {
    int64_t first_s, last_s;
    unsigned count;
};

/* Whether a clock of a date (both as if in UTC) is another instant now. */
static bool instant_changes(const tz_zones *zones, int64_t clock_s)
{
    int64_t was_s = 0, becomes_s = 0;
    reason ignored;
    return local_zone_instant(&zones->was, (moment){true, clock_s}, &was_s, &ignored) &&
           local_zone_instant(&zones->becomes, (moment){true, clock_s}, &becomes_s, &ignored) && was_s != becomes_s;
}

/* Counts the date when the window [start, end) of it moves at either end. */
static void count_date(const tz_zones *zones, int64_t midnight_s, uint32_t start_s, uint32_t end_s, struct dates *dates)
{
    int64_t last_s = midnight_s + end_s + (end_s <= start_s ? DAY_SECONDS : 0);
    if (!instant_changes(zones, midnight_s + start_s) && !instant_changes(zones, last_s)) return;
    if (dates->count == 0) dates->first_s = midnight_s;
    dates->last_s = midnight_s;
    dates->count++;
}

static int64_t first_midnight(const tz_zones *zones)
{
    return rfc3339_midnight(local_zone_clock(&zones->was, zones->at->now_s));
}

static struct dates weekly_dates(const tz_zones *zones, const fig_weekly *weekly)
{
    struct dates dates = {0};
    int64_t first_s = first_midnight(zones);
    for (int day = 0; day < DAYS_AHEAD; day++) {
        int64_t midnight_s = first_s + (int64_t)day * DAY_SECONDS;
        if (rfc3339_weekday(midnight_s) == weekly->weekday)
            count_date(zones, midnight_s, weekly->start_s, weekly->end_s, &dates);
    }
    return dates;
}

/* Month and day alone, as a number that orders them. */
static int yearly_order(int64_t midnight_s)
{
    char date[DATE_SIZE];
    rfc3339_print_date(midnight_s, date);
    return ((date[5] - '0') * 10 + date[6] - '0') * 100 + (date[8] - '0') * 10 + date[9] - '0';
}

static bool cut_has_date(const fig_cut *cut, int64_t midnight_s)
{
    int64_t from_s = (int64_t)cut->from_day * DAY_SECONDS, to_s = (int64_t)cut->to_day * DAY_SECONDS;
    if (!cut->yearly) return from_s <= midnight_s && midnight_s <= to_s;
    int from = yearly_order(from_s), to = yearly_order(to_s), date = yearly_order(midnight_s);
    return from <= to ? from <= date && date <= to : date >= from || date <= to;
}

static struct dates cut_dates(const tz_zones *zones, const fig_cut *cut)
{
    struct dates dates = {0};
    int64_t first_s = first_midnight(zones);
    uint32_t start_s = cut->whole_days ? 0 : cut->start_s, end_s = cut->whole_days ? DAY_SECONDS : cut->end_s;
    for (int day = 0; cut->state == FIG_CUT_APPROVED && day < DAYS_AHEAD; day++) {
        int64_t midnight_s = first_s + (int64_t)day * DAY_SECONDS;
        if (cut_has_date(cut, midnight_s)) count_date(zones, midnight_s, start_s, end_s, &dates);
    }
    return dates;
}

/* "weekly window mon 09:00 - 17:00 of Figaro: at another instant on 31 dates, 2026-10-26 to 2027-03-22" */
static void print_dates(tz_zones *zones, const char *what, const char *owner, const struct dates *dates)
{
    char first[DATE_SIZE], last[DATE_SIZE];
    if (dates->count == 0) return;
    zones->count++;
    rfc3339_print_date(dates->first_s, first);
    rfc3339_print_date(dates->last_s, last);
    if (!zones->at->json && dates->count == 1)
        printf("  %s of %s: at another instant on 1 date, %s\n", what, owner, first);
    else if (!zones->at->json)
        printf("  %s of %s: at another instant on %u dates, %s to %s\n", what, owner, dates->count, first, last);
    if (!zones->at->json) return;
    output_object(json_pack("{s:s, s:s, s:s, s:I, s:s, s:s}", "zone", zones->was.name, "hours", what, "of", owner,
                            "dates", (json_int_t)dates->count, "first", first, "last", last));
}

static void print_weekly(tz_zones *zones, const char *owner, const fig_weekly *weekly)
{
    char what[80];
    struct dates dates = weekly_dates(zones, weekly);
    snprintf(what, sizeof what, "weekly window %s %02u:%02u - %02u:%02u", weekdays[weekly->weekday % 7],
             weekly->start_s / 3600, weekly->start_s / 60 % 60, weekly->end_s / 3600, weekly->end_s / 60 % 60);
    print_dates(zones, what, owner, &dates);
}

static void print_cut(tz_zones *zones, const char *owner, const fig_cut *cut)
{
    static const char *const kinds[] = {"time off", "blackout", "holiday"};
    char what[80], from[DATE_SIZE], to[DATE_SIZE];
    struct dates dates = cut_dates(zones, cut);
    rfc3339_print_date((int64_t)cut->from_day * DAY_SECONDS, from);
    rfc3339_print_date((int64_t)cut->to_day * DAY_SECONDS, to);
    const char *first = cut->yearly ? from + strlen("2026-") : from, *last = cut->yearly ? to + strlen("2026-") : to;
    if (cut->from_day == cut->to_day)
        snprintf(what, sizeof what, "%s %s", kinds[cut->kind % 3], first);
    else
        snprintf(what, sizeof what, "%s %s - %s", kinds[cut->kind % 3], first, last);
    print_dates(zones, what, owner, &dates);
}

static int check_schedule(tz_zones *zones, fig_owner owner, uint64_t id, const char *name)
{
    fig_weekly *weekly = calloc(FIG_LIST_MAX, sizeof *weekly);
    fig_cut *cuts = calloc(FIG_LIST_MAX, sizeof *cuts);
    fig_schedule schedule = fig_schedule_default();
    schedule.weekly = weekly;
    schedule.weekly_capacity = weekly == NULL ? 0 : FIG_LIST_MAX;
    schedule.cuts = cuts;
    schedule.cut_capacity = cuts == NULL ? 0 : FIG_LIST_MAX;
    fig_status status = weekly == NULL || cuts == NULL
                            ? FIG_NO_MEMORY
                            : fig_get_schedule(zones->at->engine, &zones->view, owner, id, &schedule);
    for (size_t i = 0; status == FIG_OK && i < schedule.weekly_count && i < FIG_LIST_MAX; i++)
        print_weekly(zones, name, &weekly[i]);
    for (size_t i = 0; status == FIG_OK && i < schedule.cut_count && i < FIG_LIST_MAX; i++)
        print_cut(zones, name, &cuts[i]);
    free(weekly);
    free(cuts);
    return status == FIG_OK ? EXIT_DONE : complain(output_exit_code(status), "%s", fig_status_text(status));
}

/* ---- everybody who is in the zone ---- */

static int check_shops(tz_zones *zones)
{
    fig_shop page[PAGE];
    fig_cursor cursor = {{0}};
    for (size_t i = 0; i < PAGE; i++) page[i] = fig_shop_default();
    for (;;) {
        size_t count = 0;
        fig_status status = fig_list_shops(zones->at->engine, &zones->view, &cursor, page, PAGE, &count);
        if (status == FIG_NOT_FOUND || (status == FIG_OK && count == 0)) return EXIT_DONE;
        if (status != FIG_OK) return complain(output_exit_code(status), "%s", fig_status_text(status));
        for (size_t i = 0; i < count; i++) {
            char name[FIG_NAME_MAX + 32];
            if (strcmp(page[i].zone, zones->was.name) != 0) continue;
            snprintf(name, sizeof name, "shop %" PRIu64 " %s", page[i].id, page[i].name);
            int code = check_schedule(zones, FIG_OWNER_SHOP, page[i].id, name);
            if (code != EXIT_DONE) return code;
        }
    }
}

static bool is_in_zone(const tz_zones *zones, const fig_barber *barber)
{
    fig_shop shop = fig_shop_default();
    if (barber->zone[0] != '\0') return strcmp(barber->zone, zones->was.name) == 0;
    return fig_get_shop(zones->at->engine, &zones->view, barber->shop_id, &shop) == FIG_OK &&
           strcmp(shop.zone, zones->was.name) == 0;
}

static int check_barber(tz_zones *zones, const fig_barber *barber)
{
    int code = check_appointments(zones, barber);
    if (code == EXIT_DONE) code = check_windows(zones, barber);
    return code != EXIT_DONE ? code : check_schedule(zones, FIG_OWNER_BARBER, barber->id, barber->name);
}

static int check_barbers(tz_zones *zones)
{
    fig_barber page[PAGE];
    fig_cursor cursor = {{0}};
    for (size_t i = 0; i < PAGE; i++) page[i] = fig_barber_default();
    for (;;) {
        size_t count = 0;
        fig_status status = fig_list_barbers(zones->at->engine, &zones->view, &cursor, page, PAGE, &count);
        if (status == FIG_NOT_FOUND || (status == FIG_OK && count == 0)) return EXIT_DONE;
        if (status != FIG_OK) return complain(output_exit_code(status), "%s", fig_status_text(status));
        for (size_t i = 0; i < count; i++) {
            int code = is_in_zone(zones, &page[i]) ? check_barber(zones, &page[i]) : EXIT_DONE;
            if (code != EXIT_DONE) return code;
        }
    }
}

int tz_print_changes(tz_zones *zones)
{
    int code = check_barbers(zones);
    return code != EXIT_DONE ? code : check_shops(zones);
}
