/* Cuts of a schedule as instants. Dates are compared as numbers of days; those that come every year as month and day,
 * so that a range may reach over New Year, and 29 February comes in leap years alone. */
#include "engine/core/opening.h"

/* The run while it is gathered. */
struct gathering {
    const struct around *around;
    int64_t at_s;
    int64_t days[4]; /* those whose windows may cover the instant, or begin next: today's is days[2] */
    int keys[4];     /* their month and day, where there are yearly cuts */
    int64_t cut_until_s;
    int64_t next_s; /* no cut begins before, but at the instant or earlier */
};

/* Month and day as a number that orders them within the year. */
static int year_key(struct civil_date date) { return date.month * 32 + date.day; }
static int key_of_day(int64_t day) { return year_key(civil_date_of(day)); }

/* The day of a month and day in a year; 1 March for a 29 February that it does not have. */
static int64_t day_of_key(int key, int32_t year)
{
    struct civil_date date = {.year = year, .month = (uint8_t)(key / 32), .day = (uint8_t)(key % 32)};
    if (!civil_date_is_valid(date)) date = (struct civil_date){.year = year, .month = 3, .day = 1};
    return civil_days(date);
}

static void begins(struct gathering *run, int64_t at_s)
{
    if (at_s > run->at_s && at_s < run->next_s) run->next_s = at_s;
}

static void covers(struct gathering *run, int64_t until_s)
{
    if (until_s > run->cut_until_s) run->cut_until_s = until_s;
}

static void add_window(struct gathering *run, const fig_cut *cut, int64_t day)
{
    struct instants window;
    if (!around_window(run->around, day, cut->start_s, cut->end_s, &window)) return;
    if (window.start_s <= run->at_s)
        covers(run, window.end_s);
    else
        begins(run, window.start_s);
}

static void add_dated(struct gathering *run, const fig_cut *cut)
{
    int64_t today = run->days[2];
    if (cut->whole_days) {
        if (cut->to_day < today) return;
        if (cut->from_day > today)
            begins(run, around_starts(run->around, cut->from_day));
        else
            covers(run, around_starts(run->around, (int64_t)cut->to_day + 1));
        return;
    }
    if (cut->to_day < run->days[0]) return;
    for (int i = 0; i < 4; i++)
        if (cut->from_day <= run->days[i] && run->days[i] <= cut->to_day) add_window(run, cut, run->days[i]);
    int64_t later = cut->from_day > run->days[3] ? cut->from_day : run->days[3] + 1;
    if (later <= cut->to_day) begins(run, around_starts(run->around, later));
}

/* The range of a yearly cut. */
struct yearly {
    int from;
    int to;
};

static bool yearly_has(const struct yearly *yearly, int key)
{
    if (yearly->from <= yearly->to) return yearly->from <= key && key <= yearly->to;
    return key >= yearly->from || key <= yearly->to;
}

/* The first day after this one, whose key and year they are, on which a key comes. */
static int64_t day_of_next(int key, int today_key, int32_t year)
{
    return day_of_key(key, key > today_key ? year : year + 1);
}

/* The first day after the last one of the range. */
static int64_t day_after(const struct yearly *yearly, int today_key, int32_t year)
{
    int32_t last_year = yearly->to >= today_key ? year : year + 1;
    struct civil_date last = {last_year, (uint8_t)(yearly->to / 32), (uint8_t)(yearly->to % 32)};
    return civil_date_is_valid(last) ? civil_days(last) + 1 : day_of_key(yearly->to, last_year);
}

static void add_yearly(struct gathering *run, const fig_cut *cut)
{
    struct yearly yearly = {key_of_day(cut->from_day), key_of_day(cut->to_day)};
    int last = cut->whole_days ? 2 : 3;
    int32_t year = civil_date_of(run->days[last]).year;
    if (cut->whole_days && yearly_has(&yearly, run->keys[2]))
        covers(run, around_starts(run->around, day_after(&yearly, run->keys[2], year)));
    for (int i = 0; i < 4 && !cut->whole_days; i++)
        if (yearly_has(&yearly, run->keys[i])) add_window(run, cut, run->days[i]);
    if (!cut->whole_days && yearly_has(&yearly, key_of_day(run->days[3] + 1)))
        begins(run, around_starts(run->around, run->days[3] + 1));
    begins(run, around_starts(run->around, day_of_next(yearly.from, run->keys[last], year)));
}

static void gather_days(struct gathering *run, bool yearly)
{
    run->days[2] = run->around->today;
    run->days[1] = around_previous(run->around, run->days[2]);
    run->days[0] = around_previous(run->around, run->days[1]);
    run->days[3] = around_next(run->around, run->days[2]);
    for (int i = 0; i < 4 && yearly; i++) run->keys[i] = key_of_day(run->days[i]);
}

struct open_run cuts_run(const struct around *around, const struct schedule *schedule, int64_t at_s)
{
    struct gathering run = {.around = around, .at_s = at_s, .cut_until_s = at_s, .next_s = INT64_MAX};
    gather_days(&run, schedule->yearly_count > 0);
    for (size_t i = 0; i < schedule->is.cut_count; i++) {
        const fig_cut *cut = &schedule->is.cuts[i];
        if (cut->state != FIG_CUT_APPROVED) continue;
        if (cut->yearly)
            add_yearly(&run, cut);
        else
            add_dated(&run, cut);
    }
    if (run.cut_until_s > at_s) return (struct open_run){false, run.cut_until_s};
    return (struct open_run){true, run.next_s};
}
