/* Every allocation fails once. A history is played again and again, and in the nth playing the nth allocation is
 * refused, once or from then on; what was refused must not have happened, reads must go on, and with memory back the
 * history must end as if nothing had been. Nothing taken from the allocator may be left at the end. Budget: 10 s. */
#include "tests/oracle/compare.h"
#include "tests/oracle/round.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 30 };

struct memory {
    _Atomic uint64_t calls;    /* a committer allocates beside its callers */
    _Atomic uint64_t fails_at; /* counted from 1; 0: never */
    _Atomic bool for_good;
    _Atomic uint64_t failures;
    _Atomic int64_t outstanding; /* bytes */
};

static void *take(void *context, size_t size)
{
    struct memory *memory = context;
    uint64_t call = ++memory->calls, fails_at = memory->fails_at;
    bool fails = fails_at != 0 && (call == fails_at || (memory->for_good && call > fails_at));
    memory->failures += fails;
    if (fails) return NULL;
    memory->outstanding += (int64_t)size;
    return malloc(size);
}

static void give_back(void *context, void *bytes, size_t size)
{
    ((struct memory *)context)->outstanding -= (int64_t)size;
    free(bytes);
}

struct playing {
    uint64_t seed;
    uint64_t n;
    struct memory memory;
    struct support_random random;
    struct requests requests;
    fig_engine *engine;
    struct oracle *oracle;
    char directory[SUPPORT_PATH]; /* "": in memory */
};

#define expect(p, condition, ...)                                                                                      \
    cr_assert(condition, "history %" PRIu64 ", allocation %" PRIu64 " %s: %s", (p)->seed, (p)->n,                      \
              (p)->memory.for_good ? "and all after it" : "alone", (__VA_ARGS__))

static fig_status open_engine(struct playing *p)
{
    fig_options options = fig_options_default();
    options.create = true;
    options.in_memory = p->directory[0] == '\0';
    options.now_s = FIG_TIME_MIN;
    options.checkpoint_records = 24; /* so that checkpoints are among what can fail */
    options.random_seed = p->seed;
    options.allocator = (fig_allocator){take, give_back, &p->memory};
    return fig_open(options.in_memory ? NULL : p->directory, &options, &p->engine, NULL);
}

/* Memory is back. */
static void relieve(struct playing *p) { p->memory.fails_at = 0; }

static void open_in_the_end(struct playing *p)
{
    fig_status status = open_engine(p);
    if (status == FIG_OK) return;
    expect(p, status == FIG_NO_MEMORY, fig_status_name(status));
    expect(p, p->memory.outstanding == 0, "a refused open keeps memory");
    relieve(p);
    status = open_engine(p);
    expect(p, status == FIG_OK, fig_status_name(status));
}

static void begin_oracle(struct playing *p)
{
    fig_view view = fig_view_default();
    fig_shop shop = fig_shop_default();
    fig_stats stats = fig_stats_default();
    view.now_s = 0;
    expect(p, fig_get_shop(p->engine, &view, 1, &shop) == FIG_OK, "no first shop");
    expect(p, fig_get_stats(p->engine, &stats) == FIG_OK, "no statistics");
    p->oracle = oracle_new(stats.version, &shop, FIG_TIME_MIN);
}

static void compare_now(struct playing *p)
{
    struct support_random aside = support_random_from(p->n); /* the history's own must go the same way every time */
    struct requests now = p->requests;
    now.random = &aside;
    const char *difference = compare_states(p->engine, NULL, p->oracle, requests_now(&now), &aside);
    expect(p, difference == NULL, difference);
}

/* A fault in the call, or in one of its requests. */
static bool ran_out(const struct round *round, fig_status returned)
{
    bool out = returned == FIG_NO_MEMORY;
    for (size_t i = 0; i < round->count; i++) out |= round->outcomes[i].status == FIG_NO_MEMORY;
    return out;
}

static void play_round(struct playing *p, enum round_way way)
{
    struct round *round = round_new(&p->requests, p->oracle, way);
    fig_status returned = round_ask(round, p->engine);
    if (ran_out(round, returned)) {
        expect(p, p->memory.failures > 0, "no memory, though none was refused");
        expect(p, returned == FIG_NO_MEMORY, "an outcome says that there was no memory, the call does not");
        compare_now(p); /* while memory is still short, where it is so for good */
        relieve(p);
        returned = round_ask(round, p->engine);
    }
    const char *difference = round_compare(round, returned, &p->oracle);
    expect(p, difference == NULL, difference);
    free(round);
}

static void declare_barbers(struct playing *p)
{
    static const uint64_t ids[] = {1, 2, 3, 700000000007};
    static const char *const names[] = {"Figaro", "Bartolo", "Rosina", "Basilio"};
    for (size_t i = 0; i < 4; i++) {
        fig_barber barber = fig_barber_default();
        barber.id = ids[i];
        barber.fields = FIG_BARBER_NAME;
        support_format(barber.name, sizeof barber.name, "%s", names[i]);
        fig_request request = fig_declare_barber_default();
        request.now_s = 0;
        request.barber = &barber;
        fig_outcome outcome = fig_outcome_default(), due = fig_outcome_default();
        if (fig_declare(p->engine, &request, &outcome) == FIG_NO_MEMORY) {
            relieve(p);
            fig_declare(p->engine, &request, &outcome);
        }
        oracle_request(&p->oracle, &request, &due);
        const char *difference = compare_outcomes(&outcome, &due);
        expect(p, difference == NULL, difference);
    }
}

/* Closed and opened, under the same shortage. */
static void reopen(struct playing *p)
{
    if (p->directory[0] == '\0') return;
    expect(p, fig_close(p->engine) == FIG_OK, "close");
    expect(p, p->memory.outstanding == 0, "memory is left after closing");
    open_in_the_end(p);
}

/* False when the history has fewer than n allocations: then nothing failed and all is proven. */
static bool play(uint64_t seed, uint64_t n, bool for_good, bool on_disk)
{
    struct playing *p = calloc(1, sizeof *p);
    cr_assert_not_null(p);
    p->seed = seed;
    p->n = n;
    p->memory = (struct memory){.fails_at = n, .for_good = for_good};
    p->random = support_random_from(seed);
    p->requests = requests_from(&p->random);
    if (on_disk) support_make_fast_directory(p->directory);
    open_in_the_end(p);
    begin_oracle(p);
    declare_barbers(p);
    for (unsigned i = 0; i < ROUNDS; i++) {
        play_round(p, (enum round_way)(i % 3));
        if (i == ROUNDS / 2) reopen(p);
    }
    compare_now(p);
    expect(p, fig_close(p->engine) == FIG_OK, "close");
    expect(p, p->memory.outstanding == 0, "memory is left after closing");
    bool failed = p->memory.failures > 0;
    if (on_disk) support_remove(p->directory);
    oracle_free(p->oracle);
    free(p);
    return failed;
}

static void play_every(uint64_t seed, bool for_good, bool on_disk)
{
    uint64_t n = 1;
    while (play(seed, n, for_good, on_disk)) n++;
    cr_assert_gt(n, 10, "the history allocates hardly anything");
    cr_log_info("%" PRIu64 " allocations", n - 1);
}

Test(allocation, every_one_fails_once)
{
    for (uint64_t seed = 1; seed <= 5; seed++) play_every(seed, false, false);
}

Test(allocation, all_fail_from_each_on)
{
    for (uint64_t seed = 6; seed <= 10; seed++) play_every(seed, true, false);
}

Test(allocation, every_one_fails_once_on_a_directory) { play_every(11, false, true); }

Test(allocation, all_fail_from_each_on_on_a_directory) { play_every(12, true, true); }

/* ---- declarations ---- */

enum { DECLARATIONS = 8 };

static fig_weekly weekly[] = {{0, 32400, 61200}, {4, 79200, 21600}};
static fig_cut cuts[] = {
    {.kind = FIG_CUT_HOLIDAY, .yearly = true, .whole_days = true, .from_day = 20447, .to_day = 20447}};
static fig_offer offers[] = {{1, 2400, FIG_BUFFER_DEFAULT, FIG_BUFFER_DEFAULT, false}};
static uint64_t ids[] = {2, 3};

static fig_schedule schedule_of(fig_owner owner)
{
    fig_schedule schedule = fig_schedule_default();
    schedule.owner = owner;
    schedule.owner_id = 1;
    schedule.fields = FIG_SCHEDULE_WEEKLY | FIG_SCHEDULE_CUTS;
    if (owner == FIG_OWNER_BARBER) schedule.fields |= FIG_SCHEDULE_OFFERS;
    schedule.weekly = weekly;
    schedule.weekly_count = 2;
    schedule.cuts = cuts;
    schedule.cut_count = 1;
    schedule.offers = offers;
    schedule.offer_count = 1;
    return schedule;
}

/* Of every kind that has documents; a zone enters with the shop, and once more by itself. */
static void make_declarations(fig_request requests[DECLARATIONS])
{
    static fig_shop shop;
    static fig_barber barber;
    static fig_schedule of_shop, of_barber;
    static fig_service service;
    static fig_client client;
    static fig_rule rule;
    static fig_zone_data zone;
    shop = fig_shop_default();
    shop.id = 1;
    shop.fields = FIG_SHOP_ZONE;
    strcpy(shop.zone, "Europe/Madrid");
    barber = fig_barber_default();
    barber.id = 1;
    barber.fields = FIG_BARBER_NAME;
    strcpy(barber.name, "Figaro");
    of_shop = schedule_of(FIG_OWNER_SHOP);
    of_barber = schedule_of(FIG_OWNER_BARBER);
    service = fig_service_default();
    service.id = 1;
    service.fields = FIG_SERVICE_NAME | FIG_SERVICE_DURATION | FIG_SERVICE_REQUIRED;
    strcpy(service.name, "Cut");
    service.duration_s = 1800;
    service.required = ids;
    service.required_count = 2;
    client = fig_client_default();
    client.id = 1;
    client.fields = FIG_CLIENT_NAME;
    strcpy(client.name, "Rosina");
    rule = fig_rule_default();
    rule.fields = FIG_RULE_NAME | FIG_RULE_TYPE;
    strcpy(rule.name, "hours");
    rule.type = FIG_RULE_BUSINESS_HOURS;
    rule.weekly = weekly;
    rule.weekly_count = 2;
    zone = fig_zone_data_default();
    strcpy(zone.name, "Europe/Lisbon");
    requests[0] = fig_declare_shop_default();
    requests[0].shop = &shop;
    requests[1] = fig_declare_barber_default();
    requests[1].barber = &barber;
    requests[2] = fig_declare_schedule_default();
    requests[2].schedule = &of_shop;
    requests[3] = fig_declare_schedule_default();
    requests[3].schedule = &of_barber;
    requests[4] = fig_declare_service_default();
    requests[4].service = &service;
    requests[5] = fig_declare_client_default();
    requests[5].client = &client;
    requests[6] = fig_declare_rule_default();
    requests[6].rule = &rule;
    requests[7] = fig_declare_zone_default();
    requests[7].zone = &zone;
}

static fig_stats stats_now(struct playing *p)
{
    fig_stats stats = fig_stats_default();
    expect(p, fig_get_stats(p->engine, &stats) == FIG_OK, "no statistics");
    return stats;
}

static unsigned declare_refusals; /* for want of memory */

static void declare_one(struct playing *p, fig_request *request)
{
    fig_outcome outcome = fig_outcome_default();
    fig_stats before = stats_now(p);
    request->now_s = 0;
    fig_status status = fig_declare(p->engine, request, &outcome);
    if (status == FIG_NO_MEMORY) {
        declare_refusals++;
        fig_stats after = stats_now(p);
        bool same = before.version == after.version && memcmp(before.digest, after.digest, sizeof after.digest) == 0;
        expect(p, same, "a refused declaration changed something");
        relieve(p);
        status = fig_declare(p->engine, request, &outcome);
    }
    expect(p, status == FIG_OK, fig_status_name(status));
}

static void checkpoint_now(struct playing *p)
{
    fig_status status = fig_checkpoint(p->engine, NULL);
    if (status == FIG_NO_MEMORY) relieve(p);
    if (status == FIG_NO_MEMORY) status = fig_checkpoint(p->engine, NULL);
    expect(p, status == FIG_OK, fig_status_name(status));
}

/* Everything is there as it was declared, once. */
static void must_be_declared(struct playing *p)
{
    fig_view view = fig_view_default();
    fig_schedule schedule = fig_schedule_default();
    fig_service service = fig_service_default();
    fig_client client = fig_client_default();
    fig_rule rule = fig_rule_default();
    fig_zone_data zone = fig_zone_data_default();
    fig_stats stats = stats_now(p);
    view.now_s = 0;
    bool counted = stats.services == 1 && stats.clients == 1 && stats.rules == 1 && stats.zones == 2;
    expect(p, counted, "a declaration is missing, or there twice");
    for (fig_owner owner = FIG_OWNER_SHOP; owner <= FIG_OWNER_BARBER; owner++) {
        expect(p, fig_get_schedule(p->engine, &view, owner, 1, &schedule) == FIG_OK, "a schedule is missing");
        expect(p, schedule.weekly_count == 2 && schedule.cut_count == 1, "a schedule lacks a list");
    }
    expect(p, schedule.offer_count == 1, "the barber's schedule lacks the offer");
    expect(p, fig_find_service(p->engine, &view, "Cut", &service) == FIG_OK && service.required_count == 2, "service");
    expect(p, fig_find_client(p->engine, &view, "Rosina", &client) == FIG_OK && client.id == 1, "client");
    expect(p, fig_find_rule(p->engine, &view, "hours", &rule) == FIG_OK && rule.weekly_count == 2, "rule");
    expect(p, fig_get_zone(p->engine, &view, "Europe/Lisbon", &zone) == FIG_OK && zone.size > 100, "zone");
}

static bool declare_all(uint64_t n, bool for_good, bool on_disk)
{
    fig_request requests[DECLARATIONS];
    struct playing *p = calloc(1, sizeof *p);
    cr_assert_not_null(p);
    p->n = n;
    p->seed = 1;
    p->memory = (struct memory){.fails_at = n, .for_good = for_good};
    if (on_disk) support_make_fast_directory(p->directory);
    open_in_the_end(p);
    make_declarations(requests);
    for (size_t i = 0; i < DECLARATIONS; i++) {
        declare_one(p, &requests[i]);
        if (i == DECLARATIONS / 2) checkpoint_now(p);
    }
    must_be_declared(p);
    reopen(p);
    must_be_declared(p);
    expect(p, fig_close(p->engine) == FIG_OK, "close");
    expect(p, p->memory.outstanding == 0, "memory is left after closing");
    bool failed = p->memory.failures > 0;
    if (on_disk) support_remove(p->directory);
    free(p);
    return failed;
}

static void declare_every(bool for_good, bool on_disk)
{
    uint64_t n = 1;
    while (declare_all(n, for_good, on_disk)) n++;
    cr_assert_gt(n, 10, "declarations allocate hardly anything");
    cr_assert(declare_refusals > 0, "no declaration was ever refused");
    cr_log_info("%" PRIu64 " allocations", n - 1);
}

Test(allocation, every_one_fails_once_while_declaring) { declare_every(false, false); }

Test(allocation, all_fail_from_each_on_while_declaring) { declare_every(true, false); }

Test(allocation, every_one_fails_once_while_declaring_on_a_directory) { declare_every(false, true); }
