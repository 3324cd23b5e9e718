/* Records as JSON: what is declared is told in the words of a setup file and comes back byte for byte, whatever it is;
 * and what cannot be is refused by its name. Budget: 3 s. */
#include "tools/record_json.h"
#include "tests/core/any_declared.h"
#include "tests/proof/random_shop.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static uint8_t text[FIG_RECORD_TEXT_MAX];

static void write_text(fig_record *record)
{
    fig_outcome outcome = fig_outcome_default();
    fig_status status = fig_record_write_text(record, text, sizeof text, &outcome);
    cr_assert_eq(status, FIG_OK, "%s: %s", outcome.field, outcome.reason);
}

/* The object of a record is what it was made of, and comes back to the same. Free it. */
static char *there_and_back(const fig_record *record, const char *hint)
{
    reason why = {.text = ""};
    fig_record back;
    char *back_text = NULL;
    json_t *object = record_to_json(record);
    char *line = json_dumps(object, JSON_COMPACT);
    cr_assert(record_from_json(object, &back, &back_text, &why), "%s: %s: %s", hint, line, why.text);
    cr_assert_eq(back.kind, record->kind);
    cr_assert_eq(back.id, record->id);
    cr_assert_eq(back.version, record->version);
    cr_assert(back.kind != FIG_RECORD_SCHEDULE || back.owner == record->owner);
    cr_assert_eq(back.text_size, record->text_size, "%s: %s", hint, line);
    cr_assert_arr_eq(back.text, record->text, back.text_size, "%s: %s", hint, line);
    cr_assert_arr_eq(back.salt, record->salt, sizeof back.salt);
    cr_assert_arr_eq(back.hash, record->hash, sizeof back.hash);
    free(back_text);
    json_decref(object);
    return line;
}

/* ---- every field ---- */

static fig_record a_record(fig_record_kind kind)
{
    fig_record record = fig_record_default();
    record.kind = kind;
    record.id = 4;
    record.version = 9;
    return record;
}

static void expect_words(fig_record record, const char *words)
{
    write_text(&record);
    char *line = there_and_back(&record, "all");
    cr_expect_str_eq(line, words);
    free(line);
}

Test(record_json, tells_every_field_of_a_service)
{
    uint64_t required[] = {1, 2}, incompatible[] = {UINT64_MAX};
    fig_service is = fig_service_default();
    fig_record record = a_record(FIG_RECORD_SERVICE);
    record.service = &is;
    strcpy(is.name, "Cut");
    expect_words(record, "{\"service\":{\"id\":4,\"version\":9,\"name\":\"Cut\"}}");
    is.duration_s = 1800;
    is.buffer_before_s = 60;
    is.buffer_after_s = 90;
    is.active = false;
    is.kind = FIG_SERVICE_CONSULTATION;
    is.min_advance_s = 7200;
    is.max_advance_days = 60;
    is.min_age = 16;
    is.max_age = 99;
    is.consultation = true;
    is.patch_test_s = 5400;
    is.max_per_day = 2;
    is.min_days_between = 3;
    is.blocked_days = 0x41;
    is.required = required;
    is.required_count = 2;
    is.incompatible = incompatible;
    is.incompatible_count = 1;
    expect_words(record,
                 "{\"service\":{\"id\":4,\"version\":9,\"name\":\"Cut\",\"minutes\":30,\"buffer_before_minutes\":1,"
                 "\"buffer_after_s\":90,\"active\":false,\"kind\":\"consultation\",\"min_advance_hours\":2,"
                 "\"max_advance_days\":60,\"rules\":{\"min_age\":16,\"max_age\":99,\"consultation\":true,"
                 "\"patch_test_s\":5400,\"max_per_day\":2,\"min_days_between\":3,\"blocked_days\":[\"mon\",\"sun\"],"
                 "\"requires\":[1,2],\"incompatible\":[\"18446744073709551615\"]}}}");
}

Test(record_json, tells_every_field_of_a_client)
{
    fig_client is = fig_client_default();
    fig_record record = a_record(FIG_RECORD_CLIENT);
    record.client = &is;
    record.salt[0] = 0xab;
    expect_words(record, "{\"client\":{\"id\":4,\"version\":9,\"salt\":\"ab000000000000000000000000000000\"}}");
    strcpy(is.name, "Rosina");
    strcpy(is.type, "vip");
    is.born_day = 0;
    is.flags = FIG_CLIENT_BLOCKED | FIG_CLIENT_AT_RISK | FIG_CLIENT_PAYMENT_ISSUE;
    expect_words(
        record, "{\"client\":{\"id\":4,\"version\":9,\"salt\":\"ab000000000000000000000000000000\",\"name\":\"Rosina\","
                "\"born\":\"1970-01-01\",\"type\":\"vip\",\"flags\":[\"blocked\",\"at_risk\",\"payment_issue\"]}}");
}

Test(record_json, tells_every_field_of_a_schedule)
{
    fig_weekly weekly[] = {{0, 32400, 61201}, {6, 0, 86400}};
    fig_cut cuts[] = {
        {.kind = FIG_CUT_BLACKOUT, .from_day = 20666, .to_day = 20667, .whole_days = true},
        {.kind = FIG_CUT_TIME_OFF, .state = FIG_CUT_REQUESTED, .from_day = 1, .to_day = 1, .start_s = 0, .end_s = 60},
        {.kind = FIG_CUT_HOLIDAY, .yearly = true, .whole_days = true, .from_day = 11316, .to_day = 11316},
        {.kind = FIG_CUT_HOLIDAY, .yearly = true, .whole_days = true, .from_day = 11316, .to_day = 10958},
    };
    fig_offer offers[] = {{1, 2400, 0, FIG_BUFFER_DEFAULT, false}, {2, 0, 61, 600, true}};
    fig_schedule is = fig_schedule_default();
    fig_record record = a_record(FIG_RECORD_SCHEDULE);
    record.schedule = &is;
    record.owner = is.owner = FIG_OWNER_SHOP;
    expect_words(record, "{\"schedule\":{\"owner\":\"shop\",\"id\":4,\"version\":9}}");
    is.weekly = weekly;
    is.weekly_count = 2;
    is.cuts = cuts;
    is.cut_count = 4;
#define LISTS                                                                                                          \
    "\"hours\":[{\"day\":\"mon\",\"start\":\"09:00\",\"end\":\"17:00:01\"},"                                           \
    "{\"day\":\"sun\",\"start\":\"00:00\",\"end\":\"24:00\"}],"                                                        \
    "\"time_off\":[{\"from\":\"1970-01-02\",\"to\":\"1970-01-02\",\"start\":\"00:00\",\"end\":\"00:01\","              \
    "\"status\":\"requested\"}],"                                                                                      \
    "\"blackouts\":[{\"from\":\"2026-08-01\",\"to\":\"2026-08-02\"}],"                                                 \
    "\"holidays\":[\"12-25\",{\"from\":\"2000-12-25\",\"to\":\"2000-01-02\",\"yearly\":true}]"
    record.owner = is.owner = FIG_OWNER_BARBER;
    is.offers = offers;
    is.offer_count = 2;
    expect_words(record, "{\"schedule\":{\"owner\":\"barber\",\"id\":4,\"version\":9,"
                         "\"services\":[{\"id\":1,\"minutes\":40,\"buffer_before_minutes\":0},"
                         "{\"id\":2,\"buffer_before_s\":61,\"buffer_after_minutes\":10,\"active\":false}]," LISTS "}}");
    record.owner = is.owner = FIG_OWNER_SHOP;
    is.offer_count = 0;
    is.clip_to_hours = true;
    is.grid_s = 900;
    is.lead_s = 61;
    is.horizon_days = 90;
    is.same_day = false;
    is.cutoff_s = 0;
    is.rule_errors = FIG_RULE_ERRORS_REJECT;
    expect_words(record, "{\"schedule\":{\"owner\":\"shop\",\"id\":4,\"version\":9,\"clip_to_hours\":true,"
                         "\"grid_minutes\":15,\"lead_s\":61,\"horizon_days\":90,\"same_day\":false,"
                         "\"same_day_cutoff\":\"00:00\",\"on_rule_error\":\"reject\"," LISTS "}}");
}

Test(record_json, tells_every_type_of_rule)
{
    fig_weekly weekly = {4, 3600, 7200};
    fig_cut cuts[] = {
        {.kind = FIG_CUT_BLACKOUT, .whole_days = true, .from_day = 20666, .to_day = 20666},
        {.kind = FIG_CUT_HOLIDAY, .whole_days = true, .from_day = 20667, .to_day = 20667},
        {.kind = FIG_CUT_HOLIDAY, .yearly = true, .whole_days = true, .from_day = 11316, .to_day = 11316}};
    uint64_t ids[] = {7, 8};
    char types[][FIG_TYPE_MAX + 1] = {"new", "vip"};
    static const char *const params[] = {
        [FIG_RULE_MIN_ADVANCE] = "min_advance_booking\",\"params\":{\"min_hours\":2}",
        [FIG_RULE_MAX_ADVANCE] = "max_advance_booking\",\"params\":{\"max_days\":30}",
        [FIG_RULE_MIN_DURATION] = "min_duration\",\"params\":{\"min_minutes\":120}",
        [FIG_RULE_MAX_DURATION] = "max_duration\",\"params\":{\"max_minutes\":120}",
        [FIG_RULE_BLACKOUT_DATES] = "blackout_dates\",\"params\":{\"dates\":[\"2026-08-01\",{\"from\":\"2026-08-02\","
                                    "\"to\":\"2026-08-02\",\"kind\":\"holiday\"},{\"from\":\"2000-12-25\",\"to\":"
                                    "\"2000-12-25\",\"yearly\":true,\"kind\":\"holiday\"}]}",
        [FIG_RULE_HOLIDAYS] =
            "holiday_restrictions\",\"params\":{\"holidays\":[{\"from\":\"2026-08-01\",\"to\":\"2026-08-01\","
            "\"kind\":\"blackout\"},{\"from\":\"2026-08-02\",\"to\":\"2026-08-02\"},\"12-25\"]}",
        [FIG_RULE_SAME_DAY_CUTOFF] = "same_day_cutoff\",\"params\":{\"cutoff\":\"17:30\"}",
        [FIG_RULE_BUSINESS_HOURS] = "business_hours\",\"params\":{\"hours\":[{\"day\":\"fri\",\"start\":\"01:00\","
                                    "\"end\":\"02:00\"}]}",
        [FIG_RULE_CLIENT_OVERLAP] = "client_overlap\"",
    };
    static const char *const scopes[] = {
        [FIG_SCOPE_ALL] = "",
        [FIG_SCOPE_SHOP] = ",\"applies_to\":\"shop\",\"ids\":[7,8]",
        [FIG_SCOPE_CLIENT_TYPE] = ",\"applies_to\":\"client_type\",\"ids\":[\"new\",\"vip\"]",
        [FIG_SCOPE_SERVICE] = ",\"applies_to\":\"service\",\"ids\":[7,8]",
        [FIG_SCOPE_BARBER] = ",\"applies_to\":\"barber\",\"ids\":[7,8]",
    };
    for (int type = FIG_RULE_MIN_ADVANCE; type <= FIG_RULE_CLIENT_OVERLAP; type++) {
        bool limit = strstr(params[type], "min_hours") != NULL || strstr(params[type], "minutes") != NULL;
        bool dates = type == FIG_RULE_BLACKOUT_DATES || type == FIG_RULE_HOLIDAYS;
        fig_rule is = fig_rule_default();
        fig_record record = a_record(FIG_RECORD_RULE);
        char words[512];
        record.rule = &is;
        strcpy(is.name, "r");
        is.type = (fig_rule_type)type;
        is.scope = (fig_scope)(type % 5);
        is.priority = -type;
        is.active = false;
        is.limit_s = limit ? 7200 : 0;
        is.limit_days = type == FIG_RULE_MAX_ADVANCE ? 30 : 0;
        is.clock_s = type == FIG_RULE_SAME_DAY_CUTOFF ? 63000 : 0;
        is.weekly = &weekly;
        is.weekly_count = type == FIG_RULE_BUSINESS_HOURS;
        is.cuts = cuts;
        is.cut_count = dates ? 3 : 0;
        is.ids = ids;
        is.id_count = is.scope == FIG_SCOPE_ALL || is.scope == FIG_SCOPE_CLIENT_TYPE ? 0 : 2;
        is.client_types = types;
        is.client_type_count = is.scope == FIG_SCOPE_CLIENT_TYPE ? 2 : 0;
        support_format(words, sizeof words,
                       "{\"rule\":{\"id\":4,\"version\":9,\"name\":\"r\",\"type\":\"%s%s,\"priority\":%d,"
                       "\"active\":false}}",
                       params[type], scopes[is.scope], -type);
        expect_words(record, words);
    }
}

/* ---- what no export says ---- */

static void expect_no_record(const char *line, const char *words)
{
    reason why = {.text = ""};
    fig_record record;
    char *kept = NULL;
    json_t *object = json_loads(line, 0, NULL);
    cr_assert_not_null(object, "%s", line);
    cr_expect_not(record_from_json(object, &record, &kept, &why), "%s", line);
    cr_expect_str_eq(why.text, words, "%s", line);
    free(kept);
    json_decref(object);
}

/* Whichever comes first: the size is that of no text which is there. */
Test(record_json, a_text_is_there_or_forgotten)
{
    expect_no_record("{\"appointment\":{\"has_note\":true,\"note\":\"ab\",\"forgotten_size\":4000}}",
                     "appointment.forgotten_size: stands beside a text");
    expect_no_record("{\"appointment\":{\"has_note\":true,\"note\":\"\",\"forgotten_size\":4000}}",
                     "appointment.forgotten_size: stands beside a text");
    expect_no_record("{\"appointment\":{\"has_note\":true,\"forgotten_size\":4000,\"note\":\"ab\"}}",
                     "appointment.note: stands beside a forgotten_size");
    expect_no_record("{\"client\":{\"id\":1,\"declaration\":\"01\",\"forgotten_size\":4000}}",
                     "client.forgotten_size: stands beside a text");
    expect_no_record("{\"client\":{\"id\":1,\"forgotten_size\":4000,\"declaration\":\"01\"}}",
                     "client.declaration: stands beside a forgotten_size");
    expect_no_record("{\"client\":{\"id\":1,\"forgotten_size\":4000,\"type\":\"vip\"}}",
                     "client.type: there is no such field");
}

Test(record_json, a_declaration_has_fields_of_its_own_alone)
{
    expect_no_record("{\"service\":{\"id\":1,\"version\":2,\"owner\":\"shop\",\"name\":\"Cut\"}}",
                     "service.owner: there is no such field");
    expect_no_record("{\"rule\":{\"id\":1,\"owner\":\"shop\",\"declaration\":\"01\"}}",
                     "rule.owner: there is no such field");
    expect_no_record("{\"service\":{\"id\":1,\"salt\":\"ab000000000000000000000000000000\",\"name\":\"Cut\"}}",
                     "service.salt: there is no such field");
    expect_no_record("{\"rule\":{\"id\":1,\"forgotten_size\":3}}", "rule.forgotten_size: there is no such field");
}

/* ---- random ones ---- */

/* What a rule of this type and scope does not read is left, in one rule of four. True: it is there. */
static bool has_unread(struct support_random *random, fig_rule *rule)
{
    bool limit = rule->type == FIG_RULE_MIN_ADVANCE || rule->type == FIG_RULE_MIN_DURATION ||
                 rule->type == FIG_RULE_MAX_DURATION;
    bool dates = rule->type == FIG_RULE_BLACKOUT_DATES || rule->type == FIG_RULE_HOLIDAYS;
    bool types = rule->scope == FIG_SCOPE_CLIENT_TYPE;
    fig_rule plain = *rule;
    if (!limit) plain.limit_s = 0;
    if (rule->type != FIG_RULE_MAX_ADVANCE) plain.limit_days = 0;
    if (rule->type != FIG_RULE_SAME_DAY_CUTOFF) plain.clock_s = 0;
    if (rule->type != FIG_RULE_BUSINESS_HOURS) plain.weekly_count = 0;
    if (!dates) plain.cut_count = 0;
    if (types) plain.id_count = 0;
    if (!types) plain.client_type_count = 0;
    bool unread = plain.limit_s != rule->limit_s || plain.limit_days != rule->limit_days ||
                  plain.clock_s != rule->clock_s || plain.weekly_count != rule->weekly_count ||
                  plain.cut_count != rule->cut_count || plain.id_count != rule->id_count ||
                  plain.client_type_count != rule->client_type_count;
    if (support_chance(random, 25)) return unread;
    *rule = plain;
    return false;
}

/* A shop has no offers, and a barber no settings; else nothing says so. True: there are. */
static bool has_foreign(struct support_random *random, struct declared *made, bool of_shop)
{
    fig_schedule plain = fig_schedule_default(), *is = &made->schedule;
    if (support_chance(random, 25)) return of_shop ? is->offer_count > 0 : true;
    if (of_shop) {
        is->offer_count = 0;
        return false;
    }
    plain.weekly = is->weekly;
    plain.weekly_count = is->weekly_count;
    plain.cuts = is->cuts;
    plain.cut_count = is->cut_count;
    plain.offers = is->offers;
    plain.offer_count = is->offer_count;
    *is = plain;
    return false;
}

static fig_record record_of(struct declared *made)
{
    fig_record record = a_record(FIG_RECORD_SCHEDULE);
    if (made->kind == DOCUMENT_SERVICE) record.kind = FIG_RECORD_SERVICE;
    if (made->kind == DOCUMENT_CLIENT) record.kind = FIG_RECORD_CLIENT;
    if (made->kind == DOCUMENT_RULE) record.kind = FIG_RECORD_RULE;
    if (record.kind == FIG_RECORD_SCHEDULE)
        record.owner = made->kind == DOCUMENT_SHOP_SCHEDULE ? FIG_OWNER_SHOP : FIG_OWNER_BARBER;
    made->schedule.owner = record.owner;
    record.schedule = &made->schedule;
    record.service = &made->service;
    record.client = &made->client;
    record.rule = &made->rule;
    return record;
}

Test(record_json, tells_anything_in_words_or_else_in_digits, .timeout = 120)
{
    struct support_seeds seeds = support_seeds_of(0, 1);
    size_t in_digits = 0;
    for (uint64_t seed = seeds.first; seed < seeds.end; seed++) {
        char hint[40];
        struct declared made;
        struct support_random random = support_random_from(seed);
        support_format(hint, sizeof hint, "FIGARO_SEED=%lu", (unsigned long)seed);
        any_declared(&random, &made);
        bool digits = made.kind == DOCUMENT_RULE ? has_unread(&random, &made.rule)
                      : made.kind <= DOCUMENT_BARBER_SCHEDULE
                          ? has_foreign(&random, &made, made.kind == DOCUMENT_SHOP_SCHEDULE)
                          : false;
        fig_record record = record_of(&made);
        write_text(&record);
        char *line = there_and_back(&record, hint);
        cr_assert_eq(strstr(line, "\"declaration\"") != NULL, digits, "%s: %s", hint, line);
        in_digits += digits;
        free(line);
    }
    cr_assert(in_digits > 0 || seeds.end - seeds.first < 20, "nothing was told in digits");
}

static fig_engine *bare_engine(void)
{
    fig_options options = fig_options_default();
    options.in_memory = options.bare = true;
    fig_engine *engine = NULL;
    cr_assert_eq(fig_open(NULL, &options, &engine, NULL), FIG_OK);
    return engine;
}

static void restore(fig_engine *engine, const json_t *object, const char *hint)
{
    reason why;
    fig_record record;
    char *kept = NULL;
    fig_outcome outcome = fig_outcome_default();
    fig_request request = fig_restore_default();
    cr_assert(record_from_json(object, &record, &kept, &why), "%s: %s", hint, why.text);
    request.now_s = FIG_TIME_MIN;
    request.record = &record;
    cr_assert_eq(fig_restore(engine, &request, &outcome), FIG_OK, "%s: %s", hint, outcome.reason);
    free(kept);
}

Test(record_json, carries_any_world_over_in_words, .timeout = 120)
{
    struct support_seeds seeds = support_seeds_of(0, 10);
    for (uint64_t seed = seeds.first; seed < seeds.end; seed++) {
        char hint[40];
        fig_records *records = NULL;
        fig_record record = fig_record_default();
        fig_stats was = fig_stats_default(), is = fig_stats_default();
        struct random_shop world = random_shop_make(seed);
        fig_engine *other = bare_engine();
        support_format(hint, sizeof hint, "FIGARO_SEED=%lu", (unsigned long)seed);
        cr_assert_eq(fig_records_open(world.engine, NULL, &records), FIG_OK);
        while (fig_records_next(records, &record) == FIG_OK) {
            json_t *object = record_to_json(&record);
            const json_t *fields = json_object_iter_value(json_object_iter(object));
            bool digits = json_object_get(fields, "declaration") != NULL;
            cr_assert_eq(digits, record.kind == FIG_RECORD_ZONE, "%s: a record of kind %d", hint, (int)record.kind);
            restore(other, object, hint);
            json_decref(object);
        }
        fig_records_close(records);
        cr_assert_eq(fig_get_stats(world.engine, &was), FIG_OK);
        cr_assert_eq(fig_get_stats(other, &is), FIG_OK);
        cr_assert_arr_eq(was.digest, is.digest, sizeof was.digest, "%s: the digests differ", hint);
        fig_close(other);
        random_shop_close(&world);
    }
}

/* ---- what cannot be ---- */

#define SERVICE(fields)  "{\"service\":{\"id\":1,\"version\":2,\"name\":\"Cut\"," fields "}}"
#define RULE(fields)     "{\"rule\":{\"id\":1,\"version\":2,\"name\":\"r\"," fields "}}"
#define SCHEDULE(fields) "{\"schedule\":{\"owner\":\"shop\",\"id\":1,\"version\":2," fields "}}"
#define BARBERS(fields)  "{\"schedule\":{\"owner\":\"barber\",\"id\":1,\"version\":2," fields "}}"

Test(record_json, names_the_field_that_cannot_be)
{
    static const struct {
        const char *line, *why;
    } bad[] = {
        {"{\"service\":7}", "service: must be an object"},
        {"{\"service\":{\"version\":2,\"name\":\"Cut\"}}", "service.id: is missing"},
        {"{\"service\":{\"id\":1,\"version\":2}}", "service.name: a name has 1 to 128 bytes"},
        {SERVICE("\"hue\":1"), "service.hue: there is no such field"},
        {SERVICE("\"hash\":\"00\""), "service.hash: there is no such field"},
        {SERVICE("\"declaration\":\"00\",\"minutes\":1"), "service.minutes: there is no such field"},
        {SERVICE("\"minutes\":7.5"), "service.minutes: must be a whole number from 0 to 527040"},
        {SERVICE("\"minutes\":7,\"duration_s\":420"), "service.duration_s: stands beside minutes"},
        {SERVICE("\"duration_s\":31622401"), "service.duration_s: must be a whole number from 0 to 31622400"},
        {SERVICE("\"active\":1"), "service.active: must be true or false"},
        {SERVICE("\"kind\":\"cut\""), "service.kind: must be \"plain\", \"consultation\" or \"patch_test\""},
        {SERVICE("\"rules\":[]"), "service.rules: must be an object"},
        {SERVICE("\"rules\":{\"min_age\":201}"), "service.rules.min_age: must be a whole number from 0 to 200"},
        {SERVICE("\"rules\":{\"blocked_days\":[\"day\"]}"), "service.rules.blocked_days[0]: must be \"mon\""},
        {SERVICE("\"rules\":{\"requires\":[1,0]}"), "service.rules.requires[1]: must be a number above 0"},
        {"{\"client\":{\"id\":1,\"version\":2,\"born\":\"1990-02-30\"}}", "client.born: "},
        {"{\"client\":{\"id\":1,\"version\":2,\"type\":\"\"}}", "client.type: "},
        {"{\"client\":{\"id\":1,\"version\":2,\"flags\":[\"late\"]}}", "client.flags[0]: must be \"blocked\""},
        {RULE("\"priority\":1"), "rule.type: no rule of such a type"},
        {RULE("\"type\":\"lead\""), "rule.type: is no type of rule that can be declared"},
        {RULE("\"params\":{\"max_days\":1}"), "rule.params: stand without a type"},
        {RULE("\"type\":\"max_duration\",\"params\":{\"max_days\":1}"), "rule.params.max_days: there is no such field"},
        {RULE("\"type\":\"holiday_restrictions\",\"params\":{\"holidays\":[\"13-01\"]}"), "rule.params.holidays[0]: "},
        {RULE("\"type\":\"holiday_restrictions\",\"params\":{\"holidays\":[{\"to\":\"2026-01-01\"}]}"),
         "rule.params.holidays[0].from: is missing"},
        {RULE("\"type\":\"client_overlap\",\"applies_to\":\"client_type\",\"ids\":[1]"), "rule.ids[0]: must be a text"},
        {RULE("\"type\":\"client_overlap\",\"applies_to\":\"shop\",\"ids\":[\"Siviglia\"]"), "rule.ids[0]: must be a"},
        {"{\"schedule\":{\"id\":1,\"version\":2}}", "schedule.owner: is missing"},
        {"{\"schedule\":{\"owner\":\"shop\",\"version\":2}}", "schedule.id: is missing"},
        {SCHEDULE("\"grid_s\":59"), "schedule.grid_s: must be a whole number from 60 to 86400"},
        {SCHEDULE("\"services\":[]"), "schedule.services: there is no such field"},
        {BARBERS("\"grid_minutes\":30"), "schedule.grid_minutes: there is no such field"},
        {SCHEDULE("\"hours\":[{\"day\":\"mon\",\"start\":\"09:00\"}]"), "schedule.hours[0].end: is missing"},
        {SCHEDULE("\"same_day_cutoff\":\"25:00\""), "schedule.same_day_cutoff: '25:00'"},
        {SCHEDULE("\"blackouts\":[{\"from\":\"2026-01-02\",\"to\":\"2026-01-01\"}]"),
         "schedule.blackouts[0].to: is before from"},
        {SCHEDULE("\"time_off\":[{\"from\":\"2026-01-02\",\"kind\":\"x\"}]"), "schedule.time_off[0].kind: must be"},
        {BARBERS("\"services\":[{\"minutes\":1}]"), "schedule.services[0].id: is missing"},
        {BARBERS("\"services\":[{\"id\":1},{\"id\":1}]"), "schedule.services: each service once"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        reason why = {.text = ""};
        fig_record record;
        char *kept = NULL;
        json_t *object = json_loads(bad[i].line, 0, NULL);
        cr_assert_not_null(object, "%s", bad[i].line);
        cr_expect_not(record_from_json(object, &record, &kept, &why), "%s", bad[i].line);
        cr_expect(strncmp(why.text, bad[i].why, strlen(bad[i].why)) == 0, "%s\nsays  %s\nnot   %s", bad[i].line,
                  why.text, bad[i].why);
        free(kept);
        json_decref(object);
    }
}

/* Dates of a schedule are one list for the engine, and it is full at a thousand. */
Test(record_json, counts_the_cuts_of_all_lists)
{
    reason why = {.text = ""};
    fig_record record;
    char *kept = NULL;
    json_t *lists[2] = {json_array(), json_array()};
    for (int i = 0; i < 501; i++)
        for (int j = 0; j < 2; j++)
            json_array_append_new(lists[j],
                                  json_pack("{s:s, s:s, s:s}", "from", "2026-01-01", "start", "09:00", "end", "10:00"));
    json_t *object = json_pack("{s:{s:s, s:i, s:i, s:o, s:o}}", "schedule", "owner", "shop", "id", 1, "version", 2,
                               "blackouts", lists[0], "time_off", lists[1]);
    cr_expect_not(record_from_json(object, &record, &kept, &why));
    cr_expect(strstr(why.text, "schedule.time_off, blackouts and holidays: a list has at most 1000") == why.text, "%s",
              why.text);
    free(kept);
    json_decref(object);
}
