#include "tests/core/any_declared.h"

#include <stdio.h>
#include <string.h>

static size_t some_weekly(struct support_random *random, fig_weekly *weekly)
{
    size_t count = support_below(random, LIST + 1);
    for (size_t i = 0; i < count; i++)
        weekly[i] = (fig_weekly){(uint8_t)support_below(random, 7), (uint32_t)support_below(random, 86400),
                                 (uint32_t)support_below(random, 86401)};
    return count;
}

static size_t some_cuts(struct support_random *random, fig_cut *cuts)
{
    size_t count = support_below(random, LIST + 1);
    for (size_t i = 0; i < count; i++) {
        cuts[i] = (fig_cut){.kind = (fig_cut_kind)support_below(random, 3),
                            .state = (fig_cut_state)support_below(random, 3),
                            .yearly = support_chance(random, 30),
                            .whole_days = support_chance(random, 50)};
        cuts[i].from_day = (int32_t)support_between(random, FIG_DAY_MIN, FIG_DAY_MAX - 400);
        cuts[i].to_day = cuts[i].from_day + (int32_t)support_below(random, 400);
        cuts[i].start_s = cuts[i].whole_days ? 0 : (uint32_t)support_below(random, 86400);
        cuts[i].end_s = cuts[i].whole_days ? 0 : (uint32_t)support_below(random, 86401);
    }
    return count;
}

static size_t some_ids(struct support_random *random, uint64_t *ids)
{
    size_t count = support_below(random, LIST + 1);
    for (size_t i = 0; i < count; i++) ids[i] = 1 + support_below(random, support_chance(random, 50) ? 9 : UINT64_MAX);
    return count;
}

static void make_schedule(struct support_random *random, struct declared *made)
{
    fig_schedule *is = &made->schedule;
    *is = fig_schedule_default();
    is->weekly = made->weekly;
    is->weekly_count = some_weekly(random, made->weekly);
    is->cuts = made->cuts;
    is->cut_count = some_cuts(random, made->cuts);
    is->offers = made->offers;
    is->offer_count = support_below(random, LIST + 1);
    for (size_t i = 0; i < is->offer_count; i++)
        made->offers[i] = (fig_offer){.service_id = 100 - i,
                                      .duration_s = (uint32_t)support_below(random, 9000),
                                      .buffer_before_s = FIG_BUFFER_DEFAULT,
                                      .buffer_after_s = (uint32_t)support_below(random, 900),
                                      .declined = support_chance(random, 20)};
    is->clip_to_hours = support_chance(random, 50);
    is->grid_s = (uint32_t)support_between(random, FIG_GRID_MIN_S, FIG_GRID_MAX_S);
    is->lead_s = (uint32_t)support_below(random, FIG_DURATION_MAX + 1);
    is->same_day = support_chance(random, 50);
    is->rule_errors = (fig_rule_errors)support_below(random, 2);
    is->horizon_days = (uint32_t)support_below(random, 400);
    is->cutoff_s = support_chance(random, 50) ? FIG_NO_CUTOFF : (uint32_t)support_below(random, 86401);
}

static void make_service(struct support_random *random, struct declared *made)
{
    fig_service *is = &made->service;
    *is = fig_service_default();
    snprintf(is->name, sizeof is->name, "service %d", (int)support_below(random, 1000));
    is->duration_s = (uint32_t)support_below(random, FIG_DURATION_MAX + 1);
    is->buffer_before_s = (uint32_t)support_below(random, 10) * 60;
    is->buffer_after_s = (uint32_t)support_below(random, FIG_BUFFER_MAX + 1);
    is->active = support_chance(random, 50);
    is->min_advance_s = (uint32_t)support_below(random, 50) * 3600;
    is->max_advance_days = (uint32_t)support_below(random, 366001);
    is->max_age = (uint32_t)support_below(random, 201);
    is->consultation = support_chance(random, 50);
    is->patch_test_s = (uint32_t)support_below(random, FIG_DURATION_MAX + 1);
    is->max_per_day = (uint32_t)support_below(random, 1 + (UINT64_C(1) << support_below(random, 33)));
    is->min_days_between = (uint32_t)support_below(random, 366001);
    is->kind = (fig_service_kind)support_below(random, 3);
    is->min_age = (uint32_t)support_below(random, 100);
    is->blocked_days = (uint8_t)support_below(random, 128);
    is->required = made->ids[0];
    is->required_count = some_ids(random, made->ids[0]);
    is->incompatible = made->ids[1];
    is->incompatible_count = some_ids(random, made->ids[1]);
}

static void make_client(struct support_random *random, struct declared *made)
{
    fig_client *is = &made->client;
    *is = fig_client_default();
    snprintf(is->name, sizeof is->name, "Zoë %d", (int)support_below(random, 1000));
    if (support_chance(random, 50)) snprintf(is->type, sizeof is->type, "vip");
    if (support_chance(random, 50)) is->born_day = (int32_t)support_between(random, FIG_DAY_MIN, 20000);
    is->flags = (uint32_t)support_below(random, 8);
}

static void make_rule(struct support_random *random, struct declared *made)
{
    fig_rule *is = &made->rule;
    *is = fig_rule_default();
    snprintf(is->name, sizeof is->name, "rule %d", (int)support_below(random, 1000));
    is->type = (fig_rule_type)(1 + support_below(random, 9));
    is->scope = (fig_scope)support_below(random, 5);
    is->priority = (int32_t)support_between(random, INT32_MIN, INT32_MAX);
    is->active = support_chance(random, 50);
    is->limit_days = (uint32_t)support_below(random, 366001);
    is->clock_s = (uint32_t)support_below(random, 86401);
    is->limit_s = (uint32_t)support_below(random, FIG_DURATION_MAX + 1);
    is->weekly = made->weekly;
    is->weekly_count = some_weekly(random, made->weekly);
    is->cuts = made->cuts;
    is->cut_count = some_cuts(random, made->cuts);
    is->ids = made->ids[0];
    is->id_count = some_ids(random, made->ids[0]);
    is->client_types = made->types;
    is->client_type_count = support_below(random, 4);
    for (size_t i = 0; i < is->client_type_count; i++)
        snprintf(made->types[i], sizeof made->types[i], "type %d", (int)support_below(random, 5));
}

void any_declared(struct support_random *random, struct declared *made)
{
    memset(made, 0, sizeof *made);
    made->kind = (enum document_kind)support_below(random, DOCUMENT_ZONE);
    make_schedule(random, made);
    make_service(random, made);
    make_client(random, made);
    make_rule(random, made);
}
