/* Records: all of them restored into a bare store give the same state, whatever its history was; and what cannot be
 * restored is refused by name and changes nothing. Budget: 3 s. */
#include "tests/engine/fixture.h"
#include "tests/proof/random_shop.h"

#include <string.h>

static fig_engine *bare_engine(void)
{
    fig_options options = fig_options_default();
    options.in_memory = true;
    options.bare = true;
    fig_engine *engine = NULL;
    must_be(fig_open(NULL, &options, &engine, NULL), FIG_OK);
    cr_assert_eq(stats_of(engine).shops, 0);
    return engine;
}

static fig_request a_restoration(const fig_record *record)
{
    fig_request request = fig_restore_default();
    request.now_s = BEFORE_IT;
    request.record = record;
    return request;
}

/* Each record in a request of its own. Returns how many. */
static int carry_over(fig_engine *from, const fig_snapshot *snapshot, fig_engine *to)
{
    fig_records *records = NULL;
    fig_record record = fig_record_default();
    int count = 0;
    must_be(fig_records_open(from, snapshot, &records), FIG_OK);
    for (;; count++) {
        fig_status status = fig_records_next(records, &record);
        if (status == FIG_NOT_FOUND) break;
        must_be(status, FIG_OK);
        must(to, a_restoration(&record), FIG_OK);
    }
    fig_records_close(records);
    return count;
}

static void expect_same_state(fig_engine *a, fig_engine *b)
{
    fig_stats left = stats_of(a), right = stats_of(b);
    cr_assert(memcmp(left.digest, right.digest, sizeof left.digest) == 0, "the digests differ");
    cr_assert_eq(left.appointments, right.appointments);
    cr_assert_eq(left.active, right.active);
    cr_assert_eq(left.windows, right.windows);
    cr_assert_eq(left.keys, right.keys);
    cr_assert_eq(left.unchecked, right.unchecked);
    cr_assert_geq(right.version, left.version);
}

/* ---- a history with something of everything ---- */

static void declare_client(fig_engine *engine, const char *name)
{
    fig_client client = fig_client_default();
    client.fields = FIG_CLIENT_NAME | FIG_CLIENT_TYPE | FIG_CLIENT_BORN;
    client.born_day = 7000;
    strcpy(client.name, name);
    strcpy(client.type, "vip");
    fig_request request = fig_declare_client_default();
    request.now_s = BEFORE_IT;
    request.client = &client;
    must(engine, request, FIG_OK);
}

static void declare_service(fig_engine *engine)
{
    fig_service service = fig_service_default();
    service.fields = FIG_SERVICE_NAME | FIG_SERVICE_DURATION | FIG_SERVICE_MAX_PER_DAY;
    service.duration_s = 1800;
    service.max_per_day = 900;
    strcpy(service.name, "Cut");
    fig_request request = fig_declare_service_default();
    request.now_s = BEFORE_IT;
    request.service = &service;
    must(engine, request, FIG_OK);
}

static void declare_hours(fig_engine *engine)
{
    fig_weekly weekly[7];
    for (uint8_t day = 0; day < 7; day++) weekly[day] = (fig_weekly){day, 0, 86400};
    fig_schedule schedule = fig_schedule_default();
    schedule.owner = FIG_OWNER_BARBER;
    schedule.owner_id = BARTOLO;
    schedule.fields = FIG_SCHEDULE_WEEKLY;
    schedule.weekly = weekly;
    schedule.weekly_count = 7;
    fig_request request = fig_declare_schedule_default();
    request.now_s = BEFORE_IT;
    request.schedule = &schedule;
    request.key = "hours";
    must(engine, request, FIG_OK);
}

static void declare_zone(fig_engine *engine)
{
    fig_shop shop = fig_shop_default();
    shop.id = 1;
    shop.fields = FIG_SHOP_ZONE;
    strcpy(shop.zone, "Europe/Madrid");
    declare_shop(engine, shop);
}

static void change_something(fig_engine *engine, struct support_random *random, int i)
{
    char key[24];
    int64_t start_s = NOON + support_between(random, 0, 400) * 15 * MINUTE;
    uint64_t id = 1 + support_below(random, stats_of(engine).appointments + 1);
    fig_request request;
    switch (support_below(random, 9)) {
    case 0: request = a_move(id, start_s, start_s + HOUR); break;
    case 1: request = a_status(id, FIG_CANCELLED); break;
    case 2: request = a_status(id, FIG_COMPLETED); break;
    case 3: request = a_window(FIG_OP_CLOSE_WINDOW, FIGARO, start_s, start_s + 2 * HOUR); break;
    case 4: request = a_hold(BARTOLO, start_s, start_s + HOUR, 600); break;
    default: request = a_booking(1 + support_below(random, 2), start_s, start_s + HOUR / 2); break;
    }
    support_format(key, sizeof key, "key %d", i);
    if (support_chance(random, 60)) request.key = key;
    if (request.operation == FIG_OP_BOOK && support_chance(random, 40)) request.note = "a note\nof two lines";
    if (request.operation == FIG_OP_BOOK) request.client_id = support_below(random, 3);
    if (request.operation == FIG_OP_BOOK) request.service_id = support_below(random, 2);
    request.now_s = BEFORE_IT + i * 100;
    ask(engine, request);
}

static void batch_something(fig_engine *engine, int64_t day)
{
    fig_request requests[2] = {a_booking(FIGARO, NOON + day * DAY, NOON + day * DAY + HOUR),
                               a_booking(BARTOLO, NOON + day * DAY, NOON + day * DAY + HOUR)};
    char key[24];
    support_format(key, sizeof key, "batch %d", (int)day);
    requests[0].key = key;
    fig_outcome outcomes[2] = {fig_outcome_default(), fig_outcome_default()};
    fig_batch(engine, requests, 2, outcomes);
}

static void live(fig_engine *engine, uint64_t seed)
{
    struct support_random random = support_random_from(seed);
    declare_zone(engine);
    declare_client(engine, "Rosina");
    declare_client(engine, "Rosina");
    declare_service(engine);
    declare_hours(engine);
    must(engine, a_window(FIG_OP_OPEN_WINDOW, FIGARO, NOON, NOON + 10 * DAY), FIG_OK);
    for (int i = 0; i < 250; i++) {
        change_something(engine, &random, i);
        if (i % 50 == 0) batch_something(engine, 3 + i / 50);
    }
}

Test(records, all_of_them_make_the_same_state, .timeout = 60)
{
    for (uint64_t seed = 1; seed <= 12; seed++) {
        fig_engine *engine = fixture_engine(), *other = bare_engine(), *third = bare_engine();
        live(engine, seed);
        cr_assert_gt(carry_over(engine, NULL, other), 50);
        expect_same_state(engine, other);
        carry_over(other, NULL, third);
        expect_same_state(engine, third);
        fixture_close(third);
        fixture_close(other);
        fixture_close(engine);
    }
}

/* Notes come from the tables then, and the restored store verifies and goes on after it was closed. */
Test(records, stores_on_the_disk_do_the_same)
{
    char top[SUPPORT_PATH], from[SUPPORT_PATH], to[SUPPORT_PATH];
    support_make_fast_directory(top);
    support_format(from, sizeof from, "%.400s/from", top);
    support_format(to, sizeof to, "%.400s/to", top);
    fig_engine *engine = fixture_open(from);
    live(engine, 77);
    must_be(fig_checkpoint(engine, NULL), FIG_OK);
    fixture_close(engine);
    engine = fixture_open(from);
    fig_options options = fig_options_default();
    options.create = options.bare = true;
    fig_engine *other = NULL;
    must_be(fig_open(to, &options, &other, NULL), FIG_OK);
    carry_over(engine, NULL, other);
    expect_same_state(engine, other);
    must_be(fig_checkpoint(other, NULL), FIG_OK);
    fixture_close(other);
    fig_report report = fig_report_default();
    must_be(fig_verify(to, NULL, &report, NULL), FIG_OK);
    other = fixture_open(to);
    expect_same_state(engine, other);
    booked(other, FIGARO, NOON + 9 * DAY, NOON + 9 * DAY + 1);
    fixture_close(other);
    fixture_close(engine);
    support_remove(top);
}

/* What a request was answered before, it is answered there. */
Test(records, keys_answer_as_they_did)
{
    fig_engine *engine = fixture_engine(), *other = bare_engine();
    fig_request book = a_booking(FIGARO, NOON, NOON + HOUR), move = a_move(1, NOON + DAY, NOON + DAY + HOUR);
    book.key = "b";
    move.key = "m";
    must(engine, book, FIG_OK);
    must(engine, move, FIG_OK);
    must(engine, a_status(1, FIG_CANCELLED), FIG_OK);
    carry_over(engine, NULL, other);
    fig_outcome first = must(engine, book, FIG_OK), again = must(other, book, FIG_OK);
    cr_assert(first.repeated && again.repeated);
    cr_assert_eq(first.version, again.version);
    cr_assert_eq(again.appointment.start_s, NOON);
    again = must(other, move, FIG_OK);
    cr_assert(again.repeated);
    cr_assert_eq(again.appointment.start_s, NOON + DAY);
    book.end_s++;
    must(other, book, FIG_KEY_REUSED);
    fixture_close(other);
    fixture_close(engine);
}

Test(records, a_snapshot_is_read_as_it_was)
{
    fig_engine *engine = fixture_engine(), *other = bare_engine();
    live(engine, 5);
    uint64_t version = stats_of(engine).version / 2;
    fig_snapshot *then = NULL;
    must_be(fig_snapshot_open_at(engine, version, &then), FIG_OK);
    carry_over(engine, then, other);
    fig_stats left = fig_stats_default(), right = stats_of(other);
    must_be(fig_get_snapshot_stats(then, &left), FIG_OK);
    cr_assert(memcmp(left.digest, right.digest, sizeof left.digest) == 0, "the digests differ");
    fig_snapshot_close(then);
    fixture_close(other);
    fixture_close(engine);
}

/* ---- texts ---- */

static uint8_t text[FIG_RECORD_TEXT_MAX];

/* What a declaration's record tells comes out as its text and its hash. */
static void write_again(const fig_record *record)
{
    fig_record again = *record;
    fig_outcome outcome = fig_outcome_default();
    outcome.field = outcome.reason = "of the call before";
    again.text = NULL;
    again.text_size = 0;
    memset(again.hash, 0, sizeof again.hash);
    must_be(fig_record_write_text(&again, text, sizeof text, &outcome), FIG_OK);
    cr_assert(outcome.status == FIG_OK && outcome.field == NULL && outcome.reason == NULL);
    cr_assert_eq(again.text, text);
    cr_assert_eq(again.text_size, record->text_size);
    cr_assert_arr_eq(text, record->text, record->text_size);
    cr_assert_arr_eq(again.hash, record->hash, sizeof again.hash);
}

Test(records, a_text_is_written_of_what_it_says, .timeout = 60)
{
    unsigned seen = 0;
    struct support_seeds seeds = support_seeds_of(0, 4);
    for (uint64_t seed = seeds.first; seed < seeds.end; seed++) {
        struct random_shop world = random_shop_make(seed);
        fig_records *records = NULL;
        fig_record record = fig_record_default();
        must_be(fig_records_open(world.engine, NULL, &records), FIG_OK);
        while (fig_records_next(records, &record) == FIG_OK) {
            bool tells =
                record.schedule != NULL || record.service != NULL || record.client != NULL || record.rule != NULL;
            bool should = record.kind >= FIG_RECORD_CLIENT && record.kind != FIG_RECORD_ZONE;
            cr_assert_eq(tells, should, "a record of kind %d", (int)record.kind);
            if (tells) write_again(&record);
            if (tells) seen |= 1u << record.kind;
        }
        fig_records_close(records);
        random_shop_close(&world);
    }
    if (seeds.end - seeds.first < 20) return; /* few worlds need not have one of each */
    cr_assert_eq(seen, 1u << FIG_RECORD_CLIENT | 1u << FIG_RECORD_SERVICE | 1u << FIG_RECORD_RULE |
                           1u << FIG_RECORD_SCHEDULE);
}

static void must_not_write(fig_record record, size_t capacity, const char *field)
{
    fig_outcome outcome = fig_outcome_default();
    fig_record before = record;
    must_be(fig_record_write_text(&record, text, capacity, &outcome), FIG_INVALID);
    cr_assert_str_eq(outcome.field, field);
    cr_assert_not_null(outcome.reason);
    cr_assert(memcmp(&record, &before, sizeof record) == 0, "the record was changed");
}

Test(records, no_text_is_written_of_what_cannot_be)
{
    static fig_weekly weekly = {7, 0, 1};
    static fig_cut cut = {.from_day = 2, .to_day = 1};
    static fig_offer twice[2] = {{.service_id = 1}, {.service_id = 1}};
    static uint64_t nobody;
    fig_service service = fig_service_default();
    fig_client client = fig_client_default();
    fig_rule rule = fig_rule_default();
    fig_schedule schedule = fig_schedule_default();
    fig_record record = fig_record_default();
    record.service = &service;
    record.client = &client;
    record.rule = &rule;
    record.schedule = &schedule;
    record.kind = FIG_RECORD_SERVICE;
    must_not_write(record, sizeof text, "record.id");
    record.id = 1;
    must_not_write(record, sizeof text - 1, "text");
    must_not_write(record, sizeof text, "service.name");
    strcpy(service.name, "Cut");
    service.max_advance_days = 366001;
    must_not_write(record, sizeof text, "service.max_advance_days");
    service.struct_size--;
    must_not_write(record, sizeof text, "service");
    record.service = NULL;
    must_not_write(record, sizeof text, "service");

    record.kind = FIG_RECORD_CLIENT;
    client.flags = 8;
    must_not_write(record, sizeof text, "client.flags");
    client.struct_size++;
    must_not_write(record, sizeof text, "client");

    record.kind = FIG_RECORD_RULE;
    strcpy(rule.name, "rule");
    must_not_write(record, sizeof text, "rule.type");
    rule.type = FIG_RULE_MAX_ADVANCE;
    rule.limit_s = FIG_DURATION_MAX + 1;
    must_not_write(record, sizeof text, "rule.limit_s");
    rule.limit_s = 0;
    rule.limit_days = 366001;
    must_not_write(record, sizeof text, "rule.limit_days");
    rule.limit_days = 0;
    rule.clock_s = 86401;
    must_not_write(record, sizeof text, "rule.clock_s");
    rule.clock_s = 0;
    rule.ids = &nobody;
    rule.id_count = 1;
    must_not_write(record, sizeof text, "rule.ids");
    rule.id_count = 0;
    rule.client_type_count = 1;
    must_not_write(record, sizeof text, "rule.client_types");
    rule.client_type_count = 0;
    rule.weekly = &weekly;
    rule.weekly_count = 1;
    must_not_write(record, sizeof text, "rule.weekly");
    rule.struct_size = 0;
    must_not_write(record, sizeof text, "rule");

    record.kind = FIG_RECORD_SCHEDULE;
    record.owner = schedule.owner = (fig_owner)77;
    must_not_write(record, sizeof text, "record.owner");
    record.owner = FIG_OWNER_BARBER;
    must_not_write(record, sizeof text, "schedule.owner");
    schedule.owner = FIG_OWNER_SHOP;
    must_not_write(record, sizeof text, "schedule.owner");
    schedule.owner = FIG_OWNER_BARBER;
    schedule.grid_s = 59;
    must_not_write(record, sizeof text, "schedule.grid_s");
    schedule.grid_s = 60;
    schedule.cuts = &cut;
    schedule.cut_count = 1;
    must_not_write(record, sizeof text, "schedule.cuts");
    schedule.cut_count = FIG_LIST_MAX + 1;
    must_not_write(record, sizeof text, "schedule.cuts");
    schedule.cut_count = 0;
    schedule.offers = twice;
    schedule.offer_count = 2;
    must_not_write(record, sizeof text, "schedule.offers");
    record.schedule = NULL;
    must_not_write(record, sizeof text, "schedule");
    record.kind = FIG_RECORD_ZONE;
    must_not_write(record, sizeof text, "record.kind");
    must_be(fig_record_write_text(NULL, text, sizeof text, NULL), FIG_INVALID);
}

/* ---- what is refused ---- */

static fig_record an_appointment(void)
{
    fig_record record = fig_record_default();
    record.kind = FIG_RECORD_APPOINTMENT;
    record.appointment.id = 5;
    record.appointment.barber_id = FIGARO;
    record.appointment.start_s = NOON;
    record.appointment.end_s = NOON + HOUR;
    record.appointment.booked_s = BEFORE_IT;
    record.appointment.status = FIG_SCHEDULED;
    record.appointment.version = 1000;
    record.first_status = FIG_SCHEDULED;
    record.booked_version = 900;
    return record;
}

static void refused(fig_engine *engine, fig_record record, fig_status status)
{
    fig_stats before = stats_of(engine);
    fig_outcome outcome = must(engine, a_restoration(&record), status);
    cr_assert_not_null(outcome.reason);
    fig_stats after = stats_of(engine);
    must_be_equal(&before, &after);
}

Test(records, what_cannot_be_is_refused_and_changes_nothing)
{
    fig_engine *engine = fixture_engine();
    fig_record record = an_appointment();
    must(engine, a_restoration(&record), FIG_OK);
    cr_assert_geq(stats_of(engine).version, 1000);
    cr_assert_eq(appointment_at(engine, 5, NOON).version, 1000);
    refused(engine, record, FIG_NAME_TAKEN);
    record.appointment.id = 6;
    refused(engine, record, FIG_CONFLICT);
    record.appointment.barber_id = 77;
    refused(engine, record, FIG_NOT_FOUND);
    record = an_appointment();
    record.appointment.id = 7;
    record.appointment.end_s = NOON;
    refused(engine, record, FIG_INVALID);
    record = an_appointment();
    record.appointment.id = 7;
    record.booked_version = 1001;
    refused(engine, record, FIG_INVALID);
    record = an_appointment();
    record.appointment.id = UINT64_MAX;
    record.appointment.barber_id = BARTOLO;
    refused(engine, record, FIG_INVALID);
    record = an_appointment();
    record.appointment.barber_id = BARTOLO;
    record.appointment.id = 8;
    record.appointment.has_note = true;
    record.text = "not what the hash is of";
    record.text_size = 23;
    refused(engine, record, FIG_INVALID);
    record = an_appointment();
    record.appointment.barber_id = BARTOLO;
    record.appointment.id = 9;
    record.appointment.version = (UINT64_C(1) << 62) + 1; /* the store could not go on from there for long */
    refused(engine, record, FIG_INVALID);
    record = fig_record_default();
    refused(engine, record, FIG_INVALID);
    fixture_close(engine);
}

Test(records, declarations_are_refused_alike)
{
    fig_engine *engine = fixture_engine();
    fig_record record = fig_record_default();
    record.kind = FIG_RECORD_SHOP;
    record.shop.id = 1;
    strcpy(record.shop.name, "Other");
    refused(engine, record, FIG_NAME_TAKEN);
    record.kind = FIG_RECORD_BARBER;
    record.barber.id = 9;
    record.barber.shop_id = 9;
    strcpy(record.barber.name, "Almaviva");
    refused(engine, record, FIG_NOT_FOUND);
    record.barber.shop_id = 1;
    strcpy(record.barber.name, "Figaro");
    refused(engine, record, FIG_NAME_TAKEN);
    record.kind = FIG_RECORD_SERVICE;
    record.id = 3;
    record.version = 4;
    record.text = "\1rubbish";
    record.text_size = 8;
    refused(engine, record, FIG_INVALID);
    record.kind = FIG_RECORD_KEY;
    strcpy(record.key, "figaro: first shop");
    record.operation = FIG_OP_DECLARE_SHOP;
    refused(engine, record, FIG_KEY_REUSED);
    record.kind = FIG_RECORD_WINDOW;
    record.barber_id = 77;
    refused(engine, record, FIG_NOT_FOUND);
    fixture_close(engine);
}

/* A committer's thread decides a copy of the request. */
Test(records, a_committer_takes_them_too)
{
    char path[SUPPORT_PATH];
    support_make_fast_directory(path);
    fig_engine *engine = fixture_engine();
    live(engine, 9);
    fig_options options = fig_options_default();
    options.create = options.bare = true;
    options.committer = FIG_COMMITTER_THREAD;
    fig_engine *other = NULL;
    must_be(fig_open(path, &options, &other, NULL), FIG_OK);
    carry_over(engine, NULL, other);
    expect_same_state(engine, other);
    fixture_close(other);
    fixture_close(engine);
    support_remove(path);
}
