/* Declaring schedules, services, clients, rules and zones, and reading them back: what is left out stays, what changes
 * nothing makes no entry, names belong to one, and all of it outlives the process. Budget: 3 s. */
#include "tests/engine/shop_days.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static fig_service service_of(fig_engine *engine, uint64_t id)
{
    fig_view view = at(NOON);
    fig_service found = fig_service_default();
    must_be(fig_get_service(engine, &view, id, &found), FIG_OK);
    return found;
}

/* ---- partial, repeated, named ---- */

Test(declarations, leave_what_they_leave_out)
{
    fig_engine *engine = fixture_engine();
    uint64_t required = 9, read[2] = {0};
    fig_service service = a_service(5, "Colour", 90);
    service.min_age = 16;
    service.required = &required;
    service.required_count = 1;
    declare_service(engine, &service);
    fig_service later = fig_service_default();
    later.fields = FIG_SERVICE_NAME | FIG_SERVICE_DURATION;
    later.id = 5;
    snprintf(later.name, sizeof later.name, "Colours");
    later.duration_s = 100 * MINUTE;
    declare_service(engine, &later);
    fig_service found = fig_service_default();
    found.required = read;
    found.required_capacity = 2;
    fig_view view = at(NOON);
    must_be(fig_find_service(engine, &view, "Colours", &found), FIG_OK);
    cr_assert_eq(found.id, 5);
    cr_assert_eq(found.duration_s, 100 * MINUTE);
    cr_assert_eq(found.min_age, 16);
    cr_assert_eq(found.required_count, 1);
    cr_assert_eq(read[0], 9);
    must_be(fig_find_service(engine, &view, "Colour", &found), FIG_NOT_FOUND);
    fixture_close(engine);
}

Test(declarations, made_again_change_nothing)
{
    fig_engine *engine = fixture_engine();
    fig_service service = a_service(5, "Colour", 90);
    declare_service(engine, &service);
    open_daily(engine, FIGARO, 9, 17);
    fig_stats before = stats_of(engine);
    cr_assert_eq(declare_service(engine, &service).declared_id, 5);
    open_daily(engine, FIGARO, 9, 17);
    fig_stats after = stats_of(engine);
    must_be_equal(&before, &after);
    cr_assert_eq(after.services, 1);
    fixture_close(engine);
}

Test(declarations, give_ids_and_find_by_name)
{
    fig_engine *engine = fixture_engine();
    fig_service service = a_service(0, "Cut", 30);
    uint64_t id = declare_service(engine, &service).declared_id;
    cr_assert_eq(id, 1);
    service.duration_s = 40 * MINUTE;
    cr_assert_eq(declare_service(engine, &service).declared_id, id, "the same name is the same service");
    cr_assert_eq(service_of(engine, id).duration_s, 40 * MINUTE);
    fig_service other = a_service(7, "Cut", 30);
    fig_request request = fig_declare_service_default();
    request.now_s = BEFORE_IT;
    request.service = &other;
    must(engine, request, FIG_NAME_TAKEN);
    fixture_close(engine);
}

static fig_client client_named(uint64_t id, const char *name)
{
    fig_client client = fig_client_default();
    client.fields = FIG_CLIENT_ALL;
    client.id = id;
    snprintf(client.name, sizeof client.name, "%s", name);
    return client;
}

Test(declarations, of_clients_may_share_a_name)
{
    fig_engine *engine = fixture_engine();
    fig_client one = client_named(1, "Maria"), two = client_named(2, "Maria"), any = client_named(0, "Maria");
    fig_view view = at(NOON);
    fig_client found = fig_client_default();
    declare_client(engine, &one);
    must_be(fig_find_client(engine, &view, "Maria", &found), FIG_OK);
    declare_client(engine, &two);
    must_be(fig_find_client(engine, &view, "Maria", &found), FIG_NAME_TAKEN);
    fig_request request = fig_declare_client_default();
    request.now_s = BEFORE_IT;
    request.client = &any;
    must(engine, request, FIG_NAME_TAKEN);
    snprintf(one.name, sizeof one.name, "Marta");
    declare_client(engine, &one);
    must_be(fig_find_client(engine, &view, "Maria", &found), FIG_OK);
    cr_assert_eq(found.id, 2);
    fixture_close(engine);
}

/* ---- refused, by the field ---- */

static void must_name(fig_engine *engine, fig_request request, const char *field)
{
    fig_stats before = stats_of(engine);
    request.now_s = BEFORE_IT;
    fig_outcome outcome = ask(engine, request);
    cr_assert_eq(outcome.status, FIG_INVALID, "%s: %s", field, fig_status_name(outcome.status));
    cr_assert_str_eq(outcome.field, field);
    cr_assert_not_null(outcome.reason);
    fig_stats after = stats_of(engine);
    must_be_equal(&before, &after);
}

Test(declarations, that_make_no_sense_name_the_field)
{
    fig_engine *engine = fixture_engine();
    fig_request request = fig_declare_schedule_default();
    fig_schedule schedule = schedule_of(FIG_OWNER_BARBER, FIGARO, FIG_SCHEDULE_GRID);
    request.schedule = &schedule;
    must_name(engine, request, "schedule.fields");
    schedule = schedule_of(FIG_OWNER_SHOP, 1, FIG_SCHEDULE_GRID);
    schedule.grid_s = 59;
    must_name(engine, request, "schedule.grid_s");
    fig_weekly eighth = {7, 0, 1};
    schedule = schedule_of(FIG_OWNER_SHOP, 1, FIG_SCHEDULE_WEEKLY);
    schedule.weekly = &eighth;
    schedule.weekly_count = 1;
    must_name(engine, request, "schedule.weekly");
    schedule.weekly = NULL;
    must_name(engine, request, "schedule.weekly");
    fig_cut backwards = {.from_day = 10, .to_day = 9, .whole_days = true};
    schedule = schedule_of(FIG_OWNER_SHOP, 1, FIG_SCHEDULE_CUTS);
    schedule.cuts = &backwards;
    schedule.cut_count = 1;
    must_name(engine, request, "schedule.cuts");
    fig_offer twice[2] = {{.service_id = 3}, {.service_id = 3}};
    schedule = schedule_of(FIG_OWNER_BARBER, FIGARO, FIG_SCHEDULE_OFFERS);
    schedule.offers = twice;
    schedule.offer_count = 2;
    must_name(engine, request, "schedule.offers");
    fixture_close(engine);
}

Test(declarations, of_services_clients_and_rules_name_the_field)
{
    fig_engine *engine = fixture_engine();
    fig_request request = fig_declare_service_default();
    fig_service service = a_service(1, "Cut", 30);
    request.service = &service;
    service.buffer_after_s = FIG_BUFFER_MAX + 1;
    must_name(engine, request, "service.buffer_after_s");
    service = a_service(1, "", 30);
    must_name(engine, request, "service.name");
    service = a_service(1, "Cut", 30);
    service.blocked_days = 128;
    must_name(engine, request, "service.blocked_days");

    fig_client client = client_named(1, "Rosina");
    client.flags = 8;
    request = fig_declare_client_default();
    request.client = &client;
    must_name(engine, request, "client.flags");

    fig_rule rule = fig_rule_default();
    rule.fields = FIG_RULE_ALL;
    rule.id = 1;
    snprintf(rule.name, sizeof rule.name, "hours");
    rule.type = FIG_RULE_BUSINESS_HOURS;
    request = fig_declare_rule_default();
    request.rule = &rule;
    must_name(engine, request, "rule.weekly");
    rule.type = FIG_RULE_PAST;
    must_name(engine, request, "rule.type");
    rule.type = FIG_RULE_CLIENT_OVERLAP;
    rule.scope = FIG_SCOPE_SERVICE;
    must_name(engine, request, "rule.ids");
    fixture_close(engine);
}

Test(declarations, of_a_schedule_need_its_owner)
{
    fig_engine *engine = fixture_engine();
    fig_schedule schedule = schedule_of(FIG_OWNER_BARBER, 77, 0);
    declare_schedule(engine, &schedule, FIG_NOT_FOUND);
    schedule.owner = FIG_OWNER_SHOP;
    declare_schedule(engine, &schedule, FIG_NOT_FOUND);
    fixture_close(engine);
}

/* ---- what they do to open time ---- */

Test(declarations, of_a_first_weekly_window_make_hours)
{
    fig_engine *engine = fixture_engine();
    must(engine, a_booking(FIGARO, instant_in("UTC", 1, 5, 3, 0), instant_in("UTC", 1, 5, 4, 0)), FIG_OK);
    open_daily(engine, FIGARO, 9, 17);
    must(engine, a_booking(FIGARO, instant_in("UTC", 1, 6, 3, 0), instant_in("UTC", 1, 6, 4, 0)), FIG_CLOSED);
    fixture_close(engine);
}

Test(declarations, of_a_shop_list_what_they_leave_outside_of_every_barber)
{
    fig_engine *engine = fixture_engine();
    int64_t noon_s = instant_in("UTC", 1, 5, 12, 0);
    booked(engine, FIGARO, noon_s, noon_s + HOUR);
    booked(engine, BARTOLO, noon_s, noon_s + HOUR);
    booked(engine, BARTOLO, noon_s + DAY, noon_s + DAY + HOUR);
    fig_cut closed = {.kind = FIG_CUT_BLACKOUT, .from_day = day_of(1, 5), .to_day = day_of(1, 5), .whole_days = true};
    fig_schedule schedule = schedule_of(FIG_OWNER_SHOP, 1, FIG_SCHEDULE_CUTS);
    schedule.cuts = &closed;
    schedule.cut_count = 1;
    cr_assert_eq(declare_schedule(engine, &schedule, FIG_OK).others_count, 2);
    cr_assert_eq(stats_of(engine).active, 3, "and touch none");
    fixture_close(engine);
}

/* ---- zones ---- */

Test(declarations, of_a_zone_bring_its_data)
{
    fig_engine *engine = fixture_engine();
    set_zone(engine, "Europe/Madrid");
    cr_assert_eq(stats_of(engine).zones, 1);
    char bytes[16384];
    fig_zone_data zone = fig_zone_data_default();
    zone.into = bytes;
    zone.capacity = sizeof bytes;
    fig_view view = at(NOON);
    must_be(fig_get_zone(engine, &view, "Europe/Madrid", &zone), FIG_OK);
    size_t size;
    char *file = support_read_file("/usr/share/zoneinfo/Europe/Madrid", &size);
    cr_assert_eq(zone.size, size);
    cr_assert_arr_eq(bytes, file, size);
    free(file);
    must_be(fig_get_zone(engine, &view, "UTC", &zone), FIG_NOT_FOUND);
    fixture_close(engine);
}

Test(declarations, of_no_zone_are_refused)
{
    fig_engine *engine = fixture_engine();
    fig_shop shop = fig_shop_default();
    shop.id = 1;
    shop.fields = FIG_SHOP_ZONE;
    snprintf(shop.zone, sizeof shop.zone, "Mars/Olympus");
    fig_request request = fig_declare_shop_default();
    request.shop = &shop;
    must_name(engine, request, "shop.zone");
    fig_zone_data zone = fig_zone_data_default();
    snprintf(zone.name, sizeof zone.name, "Europe/Madrid");
    zone.bytes = "TZif, but no more of it";
    zone.size = 23;
    request = fig_declare_zone_default();
    request.zone = &zone;
    must_name(engine, request, "zone.bytes");
    fixture_close(engine);
}

/* A zone that is declared anew moves what goes by it: Madrid, with the data of New York. */
Test(declarations, of_new_zone_data_change_what_is_listed)
{
    fig_engine *engine = fixture_engine();
    set_zone(engine, "Europe/Madrid");
    open_daily(engine, FIGARO, 9, 17);
    fig_wish wish = wish_for(FIGARO, 60);
    int64_t there_s = instant_in("Europe/Madrid", 1, 5, 9, 0);
    cr_assert_eq(listed(engine, &wish, day_of(1, 5), BEFORE_IT, there_s), 'a');
    size_t size;
    char *file = support_read_file("/usr/share/zoneinfo/America/New_York", &size);
    fig_zone_data zone = fig_zone_data_default();
    snprintf(zone.name, sizeof zone.name, "Europe/Madrid");
    zone.bytes = file;
    zone.size = size;
    fig_request request = fig_declare_zone_default();
    request.now_s = BEFORE_IT;
    request.zone = &zone;
    must(engine, request, FIG_OK);
    free(file);
    cr_assert_eq(listed(engine, &wish, day_of(1, 5), BEFORE_IT, there_s), '-');
    cr_assert_eq(listed(engine, &wish, day_of(1, 5), BEFORE_IT, instant_in("America/New_York", 1, 5, 9, 0)), 'a');
    cr_assert_eq(stats_of(engine).zones, 1);
    fixture_close(engine);
}

/* ---- they last ---- */

static void declare_some_of_all(fig_engine *engine)
{
    fig_cut cuts[300];
    for (int i = 0; i < 300; i++) /* more than a record holds */
        cuts[i] = (fig_cut){.from_day = day_of(2, 1) + 2 * i, .to_day = day_of(2, 1) + 2 * i, .whole_days = true};
    set_zone(engine, "Australia/Lord_Howe");
    open_daily(engine, FIGARO, 9, 17);
    fig_schedule schedule = schedule_of(FIG_OWNER_SHOP, 1, FIG_SCHEDULE_CUTS);
    schedule.cuts = cuts;
    schedule.cut_count = 300;
    declare_schedule(engine, &schedule, FIG_OK);
    fig_service service = a_service(3, "Cut", 30);
    fig_client client = client_named(4, "Rosina");
    declare_service(engine, &service);
    declare_client(engine, &client);
    fig_rule rule = fig_rule_default();
    rule.fields = FIG_RULE_ALL;
    snprintf(rule.name, sizeof rule.name, "an hour ahead");
    rule.type = FIG_RULE_MIN_ADVANCE;
    rule.limit_s = HOUR;
    declare_rule(engine, &rule);
}

static fig_stats reopened(const char *directory, bool from_journal)
{
    fig_options options = fig_options_default();
    fig_error error = fig_error_default();
    fig_engine *engine = NULL;
    options.read_only = true;
    options.from_journal = from_journal;
    fig_status status = fig_open(directory, &options, &engine, &error);
    cr_assert_eq(status, FIG_OK, "%s", error.message);
    fig_stats stats = stats_of(engine);
    fixture_close(engine);
    return stats;
}

Test(declarations, outlive_the_process_by_tables_and_by_journal)
{
    char root[SUPPORT_PATH], directory[SUPPORT_PATH + 8];
    support_make_fast_directory(root);
    support_format(directory, sizeof directory, "%s/store", root);
    fig_engine *engine = fixture_open(directory);
    declare_some_of_all(engine);
    must_be(fig_checkpoint(engine, NULL), FIG_OK);
    fig_cut few = {.from_day = 1, .to_day = 1, .whole_days = true};
    fig_schedule schedule = schedule_of(FIG_OWNER_SHOP, 1, FIG_SCHEDULE_CUTS);
    schedule.cuts = &few;
    schedule.cut_count = 1; /* pieces that are in the tables are not needed any more */
    fig_stats before = stats_of(engine);
    declare_schedule(engine, &schedule, FIG_OK);
    must_be(fig_checkpoint(engine, NULL), FIG_OK);
    fig_stats after = stats_of(engine);
    fixture_close(engine);
    cr_assert(memcmp(before.digest, after.digest, sizeof after.digest) != 0);
    fig_stats by_tables = reopened(directory, false), by_journal = reopened(directory, true);
    must_be_equal(&after, &by_tables);
    must_be_equal(&after, &by_journal);
    cr_assert_eq(by_tables.services + by_tables.clients + by_tables.rules + by_tables.zones, 4);
    fig_report report = fig_report_default();
    fig_error error = fig_error_default();
    fig_status status = fig_verify(directory, NULL, &report, &error);
    cr_assert_eq(status, FIG_OK, "%s%s", report.text, error.message);
    support_remove(root);
}

/* ---- the journal tells of them ---- */

Test(declarations, are_told_by_the_journal)
{
    fig_engine *engine = fixture_engine();
    declare_some_of_all(engine);
    fig_journal *journal;
    fig_event event = fig_event_default();
    unsigned seen[FIG_EVENT_ZONE + 1] = {0};
    must_be(fig_journal_open(engine, 1, &journal), FIG_OK);
    while (fig_journal_next(journal, &event) == FIG_OK) {
        seen[event.kind]++;
        if (event.kind == FIG_EVENT_SERVICE) cr_assert_str_eq(event.name, "Cut");
        if (event.kind == FIG_EVENT_ZONE) cr_assert_str_eq(event.name, "Australia/Lord_Howe");
        if (event.kind == FIG_EVENT_CLIENT) cr_assert_eq(event.subject_id, 4);
    }
    fig_journal_close(journal);
    cr_assert_eq(seen[FIG_EVENT_SCHEDULE], 2);
    cr_assert_eq(seen[FIG_EVENT_SERVICE], 1);
    cr_assert_eq(seen[FIG_EVENT_CLIENT], 1);
    cr_assert_eq(seen[FIG_EVENT_RULE], 1);
    cr_assert_eq(seen[FIG_EVENT_ZONE], 1);
    fixture_close(engine);
}

/* ---- keys ---- */

Test(declarations, with_a_key_are_answered_again)
{
    fig_engine *engine = fixture_engine();
    fig_service service = a_service(0, "Cut", 30);
    fig_request request = fig_declare_service_default();
    request.now_s = BEFORE_IT;
    request.service = &service;
    request.key = "cut";
    uint64_t id = must(engine, request, FIG_OK).declared_id;
    fig_outcome again = must(engine, request, FIG_OK);
    cr_assert(again.repeated);
    cr_assert_eq(again.declared_id, id);
    service.duration_s += 60;
    must(engine, request, FIG_KEY_REUSED);
    fixture_close(engine);
}
