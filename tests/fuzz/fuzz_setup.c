/* Any bytes as a setup file: what is taken must lie in the bounds that the engine is promised. */
#include "tools/setup_file.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_windows(const setup_barber *barber)
{
    for (size_t i = 0; i < barber->window_count; i++) {
        const fig_window *window = &barber->windows[i];
        if (window->start_s >= window->end_s || window->end_s - window->start_s > FIG_DURATION_MAX) abort();
        if (window->start_s < FIG_TIME_MIN || window->end_s > FIG_TIME_MAX) abort();
    }
}

static void check_weekly(const fig_weekly *weekly, size_t count)
{
    if (count > FIG_LIST_MAX) abort();
    for (size_t i = 0; i < count; i++)
        if (weekly[i].weekday > 6 || weekly[i].start_s >= 86400 || weekly[i].end_s > 86400) abort();
}

static void check_cuts(const fig_cut *cuts, size_t count)
{
    if (count > FIG_LIST_MAX) abort();
    for (size_t i = 0; i < count; i++) {
        if (cuts[i].from_day < FIG_DAY_MIN || cuts[i].to_day > FIG_DAY_MAX) abort();
        if (!cuts[i].yearly && cuts[i].to_day < cuts[i].from_day) abort();
        if (!cuts[i].whole_days && (cuts[i].start_s >= 86400 || cuts[i].end_s > 86400)) abort();
    }
}

static void check_references(const setup_references *references)
{
    if (references->count > FIG_LIST_MAX) abort();
    for (size_t i = 0; i < references->count; i++)
        if ((references->list[i].id == 0) == (references->list[i].name[0] == '\0')) abort();
}

static void check_schedule(const fig_schedule *schedule)
{
    check_weekly(schedule->weekly, schedule->weekly_count);
    check_cuts(schedule->cuts, schedule->cut_count);
    if (schedule->grid_s < FIG_GRID_MIN_S || schedule->grid_s > FIG_GRID_MAX_S) abort();
    if (schedule->cutoff_s > 86400 && schedule->cutoff_s != FIG_NO_CUTOFF) abort();
}

static void check_rule(const setup_rule *rule)
{
    check_weekly(rule->rule.weekly, rule->rule.weekly_count);
    check_cuts(rule->rule.cuts, rule->rule.cut_count);
    check_references(&rule->of);
    if ((rule->rule.fields & FIG_RULE_TYPE) != 0 && rule->rule.type > FIG_RULE_CLIENT_OVERLAP) abort();
}

static void check_all(const setup_file *setup)
{
    for (size_t i = 0; i < setup->shop_count; i++) check_schedule(&setup->shops[i].schedule);
    for (size_t i = 0; i < setup->service_count; i++) {
        check_references(&setup->services[i].requires);
        check_references(&setup->services[i].incompatible);
        if (setup->services[i].service.buffer_after_s > FIG_BUFFER_MAX) abort();
    }
    for (size_t i = 0; i < setup->barber_count; i++) {
        check_schedule(&setup->barbers[i].schedule);
        if (setup->barbers[i].offered.count != setup->barbers[i].schedule.offer_count) abort();
    }
    for (size_t i = 0; i < setup->rule_count; i++) check_rule(&setup->rules[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    setup_file setup;
    reason why;
    if (!setup_file_parse("fuzz.json", (const char *)bytes, size, &setup, &why)) {
        if (strncmp(why.text, "fuzz.json:", 10) != 0) abort(); /* every reason names the file */
        return 0;
    }
    for (size_t i = 0; i < setup.shop_count; i++)
        if (setup.shops[i].shop.id == 0) abort();
    check_all(&setup);
    local_zone utc = {.name = "UTC"};
    for (size_t i = 0; i < setup.barber_count; i++) {
        check_windows(&setup.barbers[i]);
        if (!setup_place_windows(&setup.barbers[i], &utc, &why)) abort();
        check_windows(&setup.barbers[i]);
    }
    setup_file_free(&setup);
    return 0;
}
