/* The committer: commits that are shared, callers who are back in time, requests that are the engine's own once they
 * are handed in. The store hangs where a test says so. Budget: eight seconds. */
#include "engine/runtime/copy.h"
#include "tests/engine/fixture.h"
#include "tests/engine/sick_store.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MILLISECOND INT64_C(1000000)
#define SECOND      INT64_C(1000000000)

static fig_options threaded(void)
{
    fig_options options = fig_options_default();
    options.in_memory = true;
    options.committer = FIG_COMMITTER_THREAD;
    return options;
}

static fig_engine *open_with(const char *directory, fig_options options)
{
    fig_engine *engine = NULL;
    fig_error error = fig_error_default();
    fig_status status = fig_open(directory, &options, &engine, &error);
    cr_assert(status == FIG_OK, "open: %s: %s", fig_status_name(status), error.message);
    fig_barber barber = fig_barber_default();
    barber.id = FIGARO;
    barber.fields = FIG_BARBER_NAME;
    strcpy(barber.name, "Figaro");
    declare_barber(engine, barber);
    return engine;
}

/* With a store between that can be made to hang. */
static fig_engine *open_sick(fig_options options)
{
    fig_engine *engine = open_with(NULL, options);
    sick_store_put(engine);
    return engine;
}

static int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND + now.tv_nsec;
}

static fig_request hour(int which, const char *key)
{
    fig_request request = a_booking(FIGARO, NOON + which * HOUR, NOON + (which + 1) * HOUR);
    request.key = key;
    return request;
}

/* ---- callers, each a thread ---- */

enum { CALLERS = 16 };

struct caller {
    fig_engine *engine;
    int which;
    int hour;
    int64_t timeout_ns;
    pthread_t thread;
    fig_outcome outcome;
    int64_t took_ns;
};

/* What is passed in is gone as soon as the call is back. */
static void *call(void *argument)
{
    struct caller *caller = argument;
    char *key = malloc(32);
    fig_request *request = malloc(sizeof *request);
    support_format(key, 32, "caller %d", caller->which);
    *request = hour(caller->hour, key);
    request->timeout_ns = caller->timeout_ns;
    caller->outcome = fig_outcome_default();
    int64_t began_ns = clock_ns();
    fig_book(caller->engine, request, &caller->outcome);
    caller->took_ns = clock_ns() - began_ns;
    memset(key, 'x', 31);
    memset(request, 'x', sizeof *request);
    free(key);
    free(request);
    return NULL;
}

static void start_callers(struct caller *callers, fig_engine *engine, int from, int to, int64_t timeout_ns)
{
    for (int i = from; i < to; i++) {
        callers[i] = (struct caller){.engine = engine, .which = i, .hour = i, .timeout_ns = timeout_ns};
        cr_assert_eq(pthread_create(&callers[i].thread, NULL, call, &callers[i]), 0);
    }
}

static void join_callers(struct caller *callers, int from, int to)
{
    for (int i = from; i < to; i++) pthread_join(callers[i].thread, NULL);
}

/* Until as many requests wait as are meant to: those who sleep in their calls cannot say so themselves. */
static void let_them_queue(void) { usleep(100000); }

Test(committer, those_who_come_meanwhile_share_a_frame)
{
    struct caller callers[CALLERS];
    fig_engine *engine = open_sick(threaded());
    uint64_t before = stats_of(engine).frame;
    sick_store_hang();
    start_callers(callers, engine, 0, 1, 10 * SECOND);
    sick_store_wait();
    start_callers(callers, engine, 1, CALLERS, 10 * SECOND);
    let_them_queue();
    sick_store_release();
    join_callers(callers, 0, CALLERS);
    for (int i = 0; i < CALLERS; i++) must_be(callers[i].outcome.status, FIG_OK);
    fig_stats after = stats_of(engine);
    cr_assert_eq(after.active, CALLERS);
    cr_assert_leq(after.frame - before, 3, "%d bookings took %lu frames", CALLERS,
                  (unsigned long)(after.frame - before));
    cr_assert_eq(sick_store_appends(), after.frame - before);
    fixture_close(engine);
}

/* Each gets its own answer, though they are decided one after the other in one frame. */
Test(committer, one_frame_has_a_winner_and_losers)
{
    struct caller callers[CALLERS];
    fig_engine *engine = open_sick(threaded());
    sick_store_hang();
    start_callers(callers, engine, 0, 1, 10 * SECOND);
    sick_store_wait();
    for (int i = 1; i < CALLERS; i++) {
        callers[i] = (struct caller){.engine = engine, .which = i, .hour = 50, .timeout_ns = 10 * SECOND};
        cr_assert_eq(pthread_create(&callers[i].thread, NULL, call, &callers[i]), 0);
    }
    let_them_queue();
    sick_store_release();
    join_callers(callers, 0, CALLERS);
    int won = 0;
    for (int i = 1; i < CALLERS; i++) {
        won += callers[i].outcome.status == FIG_OK;
        if (callers[i].outcome.status != FIG_OK) must_be(callers[i].outcome.status, FIG_CONFLICT);
    }
    cr_assert_eq(won, 1);
    cr_assert_eq(stats_of(engine).active, 2);
    fixture_close(engine);
}

/* ---- a disk that hangs ---- */

static bool key_is_known(fig_engine *engine, int which)
{
    char key[32];
    fig_view view = at(NOON);
    fig_appointment found = fig_appointment_default();
    support_format(key, sizeof key, "caller %d", which);
    return fig_find_appointment(engine, &view, key, &found) == FIG_OK;
}

/* With what is true: who was taken may have booked, who was not has not and will not have. */
static void check_callers(fig_engine *engine, struct caller *callers)
{
    for (int i = 0; i < CALLERS; i++) {
        char key[32];
        support_format(key, sizeof key, "caller %d", i);
        bool known = key_is_known(engine, i);
        cr_expect_eq(known, callers[i].outcome.status == FIG_UNKNOWN, "caller %d was told %s", i,
                     fig_status_name(callers[i].outcome.status));
        fig_outcome again = must(engine, hour(i, key), FIG_OK);
        cr_expect_eq(again.repeated, known, "caller %d, again", i);
    }
}

Test(committer, a_disk_that_hangs_holds_no_caller)
{
    struct caller callers[CALLERS];
    fig_engine *engine = open_sick(threaded());
    sick_store_hang();
    start_callers(callers, engine, 0, 1, SECOND);
    sick_store_wait();
    start_callers(callers, engine, 1, CALLERS, SECOND);
    int64_t began_ns = clock_ns();
    for (int i = 0; i < 1000; i++) cr_assert(is_free(engine, FIGARO, NOON + i * HOUR, NOON + (i + 1) * HOUR, NOON));
    cr_expect_lt(clock_ns() - began_ns, SECOND / 2, "reads waited");
    join_callers(callers, 0, CALLERS);
    int unknown = 0;
    for (int i = 0; i < CALLERS; i++) {
        fig_status status = callers[i].outcome.status;
        cr_expect(status == FIG_BUSY || status == FIG_UNKNOWN, "%s", fig_status_name(status));
        cr_expect_geq(callers[i].took_ns, SECOND - MILLISECOND);
        cr_expect_lt(callers[i].took_ns, 1400 * MILLISECOND, "a call with 1 s took %ld ms",
                     (long)(callers[i].took_ns / MILLISECOND));
        unknown += status == FIG_UNKNOWN;
    }
    cr_assert_eq(unknown, 1, "%d are unknown, and one was taken", unknown);
    cr_assert_eq(sick_store_appends(), 1);
    sick_store_release();
    booked(engine, FIGARO, NOON - HOUR, NOON); /* behind whatever was under way */
    check_callers(engine, callers);
    cr_assert_eq(stats_of(engine).active, CALLERS + 1);
    fixture_close(engine);
}

Test(committer, closing_has_a_deadline_and_can_be_tried_again)
{
    fig_options options = threaded();
    options.close_timeout_ns = 150 * MILLISECOND;
    fig_engine *engine = open_sick(options);
    fig_request request = hour(0, "under way");
    sick_store_hang();
    must_be(fig_submit(engine, &request, NULL), FIG_OK);
    sick_store_wait();
    int64_t began_ns = clock_ns();
    must_be(fig_close(engine), FIG_BUSY);
    int64_t took_ns = clock_ns() - began_ns;
    cr_expect(took_ns >= 149 * MILLISECOND && took_ns < SECOND, "closing took %ld ms", (long)(took_ns / MILLISECOND));
    sick_store_release();
    must(engine, hour(0, "other"), FIG_CONFLICT); /* it goes on as before */
    must_be(fig_close(engine), FIG_OK);
}

Test(committer, what_was_submitted_is_done_before_it_closes)
{
    char directory[SUPPORT_PATH];
    support_make_fast_directory(directory);
    fig_options options = fig_options_default();
    options.create = true;
    fig_engine *engine = open_with(directory, options);
    for (int i = 0; i < 50; i++) {
        fig_request request = hour(i, NULL);
        must_be(fig_submit(engine, &request, NULL), FIG_OK);
    }
    must_be(fig_close(engine), FIG_OK);
    engine = fixture_open(directory);
    cr_assert_eq(stats_of(engine).active, 50);
    fixture_close(engine);
    support_remove(directory);
}

/* ---- bounds ---- */

Test(committer, a_full_queue_waits_until_the_deadline)
{
    fig_options options = threaded();
    options.queue_requests = 3;
    fig_engine *engine = open_sick(options);
    struct caller callers[CALLERS];
    sick_store_hang();
    start_callers(callers, engine, 0, 1, 10 * SECOND);
    sick_store_wait();
    start_callers(callers, engine, 1, 4, 10 * SECOND);
    let_them_queue();
    fig_request request = hour(10, NULL);
    int64_t began_ns = clock_ns();
    must_be(fig_submit(engine, &request, NULL), FIG_BUSY);
    cr_expect_lt(clock_ns() - began_ns, SECOND / 4, "fig_submit() waited");
    start_callers(callers, engine, 4, 5, 100 * MILLISECOND);
    join_callers(callers, 4, 5);
    must_be(callers[4].outcome.status, FIG_BUSY);
    start_callers(callers, engine, 5, 6, 10 * SECOND); /* this one gets in when there is room */
    let_them_queue();
    sick_store_release();
    join_callers(callers, 0, 4);
    join_callers(callers, 5, 6);
    must_be(callers[5].outcome.status, FIG_OK);
    cr_assert_eq(stats_of(engine).active, 5);
    fixture_close(engine);
}

Test(committer, a_queue_is_bounded_by_bytes_too)
{
    fig_options options = threaded();
    options.queue_bytes = 8192;
    fig_engine *engine = open_sick(options);
    char note[FIG_NOTE_MAX + 1];
    memset(note, 'n', FIG_NOTE_MAX);
    note[FIG_NOTE_MAX] = '\0';
    sick_store_hang();
    fig_request request = hour(0, NULL);
    must_be(fig_submit(engine, &request, NULL), FIG_OK);
    sick_store_wait();
    request = hour(1, NULL);
    request.note = note;
    must_be(fig_submit(engine, &request, NULL), FIG_OK);
    request = hour(2, NULL);
    request.note = note;
    must_be(fig_submit(engine, &request, NULL), FIG_BUSY);
    sick_store_release();
    must(engine, hour(2, NULL), FIG_OK);
    cr_assert_eq(stats_of(engine).active, 3);
    fixture_close(engine);
}

/* ---- submit and complete ---- */

static bool is_readable(int fd, int milliseconds)
{
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    return poll(&waiting, 1, milliseconds) == 1;
}

static size_t complete(fig_engine *engine, fig_completion *completions, size_t capacity)
{
    size_t count = SIZE_MAX;
    for (size_t i = 0; i < capacity; i++) completions[i].struct_size = sizeof *completions;
    must_be(fig_complete(engine, completions, capacity, &count), FIG_OK);
    cr_assert_leq(count, capacity);
    return count;
}

Test(committer, an_event_loop_is_told_of_each_once)
{
    enum { EACH = 300 };
    fig_engine *engine = open_with(NULL, threaded());
    bool told[EACH] = {false};
    int fd = -1;
    must_be(fig_completion_fd(engine, &fd), FIG_OK);
    cr_assert_not(is_readable(fd, 0));
    for (uint64_t i = 0; i < EACH; i++) {
        fig_request request = hour((int)i / 3, NULL); /* of three, one wins */
        fig_ticket ticket = fig_ticket_default();
        ticket.user = i;
        ticket.others_capacity = 2;
        must_be(fig_submit(engine, &request, &ticket), FIG_OK);
    }
    fig_completion completions[7];
    fig_appointment others[7];
    for (size_t i = 0; i < 7; i++) completions[i] = fig_completion_default();
    for (size_t done = 0; done < EACH;) {
        cr_assert(is_readable(fd, 5000), "nothing comes after %zu", done);
        for (size_t i = 0; i < 7; i++) {
            completions[i].outcome.others = &others[i];
            completions[i].outcome.others_capacity = 1;
        }
        size_t count = complete(engine, completions, 7);
        for (size_t i = 0; i < count; i++, done++) {
            const fig_completion *completion = &completions[i];
            cr_assert_not(told[completion->user], "%lu is told of twice", (unsigned long)completion->user);
            told[completion->user] = true;
            must_be(completion->outcome.status, completion->user % 3 == 0 ? FIG_OK : FIG_CONFLICT);
            cr_assert_eq(completion->outcome.others, &others[i]);
            if (completion->user % 3 == 0) continue;
            cr_assert_eq(completion->outcome.others_count, 1);
            cr_assert_eq(others[i].start_s, NOON + (int64_t)(completion->user / 3) * HOUR);
        }
    }
    cr_assert_eq(complete(engine, completions, 7), 0);
    cr_assert_not(is_readable(fd, 0));
    fixture_close(engine);
}

Test(committer, an_event_loop_is_told_in_time_when_the_disk_hangs)
{
    fig_engine *engine = open_sick(threaded());
    fig_completion completions[4];
    for (size_t i = 0; i < 4; i++) completions[i] = fig_completion_default();
    int fd = -1;
    must_be(fig_completion_fd(engine, &fd), FIG_OK);
    sick_store_hang();
    for (uint64_t i = 0; i < 2; i++) {
        fig_ticket ticket = fig_ticket_default();
        fig_request request = hour((int)i, i == 0 ? "first" : "second");
        ticket.user = i;
        request.timeout_ns = 300 * MILLISECOND;
        must_be(fig_submit(engine, &request, &ticket), FIG_OK);
        sick_store_wait(); /* the first is taken before the second comes */
    }
    cr_assert_not(is_readable(fd, 100));
    cr_assert(is_readable(fd, 1000), "the deadline passed in silence");
    size_t count = 0;
    while (count < 2) count += complete(engine, completions + count, 4 - count);
    for (size_t i = 0; i < 2; i++)
        must_be(completions[i].outcome.status, completions[i].user == 0 ? FIG_UNKNOWN : FIG_BUSY);
    cr_assert_not(is_readable(fd, 0));
    sick_store_release();
    cr_assert(must(engine, hour(0, "first"), FIG_OK).repeated);
    cr_assert_not(must(engine, hour(1, "second"), FIG_OK).repeated);
    cr_assert_eq(complete(engine, completions, 4), 0, "told of twice");
    fixture_close(engine);
}

Test(committer, submitting_wants_a_committer)
{
    fig_engine *engine = fixture_engine();
    fig_request request = hour(0, NULL);
    fig_completion completion = fig_completion_default();
    size_t count = 7;
    int fd = -7;
    must_be(fig_submit(engine, &request, NULL), FIG_INVALID);
    must_be(fig_complete(engine, &completion, 1, &count), FIG_INVALID);
    must_be(fig_completion_fd(engine, &fd), FIG_INVALID);
    cr_assert(count == 7 && fd == -7, "an out parameter was touched");
    fixture_close(engine);
    engine = open_with(NULL, threaded());
    fig_ticket ticket = fig_ticket_default();
    ticket.others_capacity = FIG_TICKET_LIST_MAX + 1;
    must_be(fig_submit(engine, &request, &ticket), FIG_INVALID);
    ticket.struct_size = 0;
    must_be(fig_submit(engine, &request, &ticket), FIG_INVALID);
    must_be(fig_submit(engine, NULL, NULL), FIG_INVALID);
    request.start_s = FIG_TIME_MAX + 1; /* the engine's answer, not the call's */
    must_be(fig_submit(engine, &request, NULL), FIG_OK);
    while (complete(engine, &completion, 1) == 0) usleep(1000);
    must_be(completion.outcome.status, FIG_INVALID);
    cr_assert_str_eq(completion.outcome.field, "start_s");
    fixture_close(engine);
}

/* ---- forks ---- */

Test(committer, a_child_is_refused_at_once)
{
    fig_engine *engine = open_with(NULL, threaded());
    for (int i = 0; i < 20; i++) {
        booked(engine, FIGARO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
        pid_t pid = fork();
        if (pid == 0) {
            fig_request request = hour(i + 1, NULL);
            bool right = ask(engine, request).status == FIG_FORKED &&
                         fig_submit(engine, &request, NULL) == FIG_FORKED && fig_checkpoint(engine, NULL) == FIG_FORKED;
            _exit(right ? 0 : 1);
        }
        int status = 0;
        cr_assert_eq(waitpid(pid, &status, 0), pid);
        cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    fixture_close(engine);
}

/* ---- copies ---- */

/* Two counts of the same: what counting says is what copying takes. */
static fig_request *copy_of(const fig_request *request, void **memory)
{
    struct copying copying = {0};
    copy_requests(&copying, request, 1);
    size_t size = copying.size;
    *memory = copying.memory = malloc(size);
    copying.size = 0;
    fig_request *copy = copy_requests(&copying, request, 1);
    cr_assert_eq(copying.size, size);
    return copy;
}

Test(committer, a_copy_has_texts_of_its_own)
{
    char key[] = "a key", name[] = "Figaro", note[] = "bring the guitar";
    void *memory;
    fig_request request = fig_book_default();
    request.key = key;
    request.barber_name = name;
    request.note = note;
    request.start_s = NOON;
    request.shop = (const fig_shop *)(uintptr_t)8; /* not read by this operation, and not followed */
    fig_request *copy = copy_of(&request, &memory);
    key[0] = name[0] = note[0] = '?';
    cr_expect_str_eq(copy->key, "a key");
    cr_expect_str_eq(copy->barber_name, "Figaro");
    cr_expect_str_eq(copy->note, "bring the guitar");
    cr_expect_eq(copy->start_s, NOON);
    free(memory);
}

Test(committer, a_copy_of_a_text_that_is_too_long_is_too_long)
{
    char key[1000];
    void *memory;
    memset(key, 'k', sizeof key - 1);
    key[sizeof key - 1] = '\0';
    fig_request request = hour(0, key);
    fig_request *copy = copy_of(&request, &memory);
    cr_expect_eq(strlen(copy->key), FIG_KEY_MAX + 1);
    free(memory);
}

Test(committer, a_copy_has_lists_of_its_own)
{
    void *memory;
    fig_window windows[2] = {fig_window_default(), fig_window_default()};
    windows[1].start_s = NOON;
    fig_request request = fig_declare_windows_default();
    request.windows = windows;
    request.window_count = 2;
    fig_request *copy = copy_of(&request, &memory);
    windows[1].start_s = 0;
    cr_expect_eq(copy->windows[1].start_s, NOON);
    free(memory);
    request.window_count = SIZE_MAX / sizeof *windows; /* refused by its count, unread */
    copy = copy_of(&request, &memory);
    cr_expect_eq(copy->window_count, request.window_count);
    free(memory);

    fig_weekly weekly[3] = {{0, 32400, 61200}, {1, 32400, 61200}, {6, 0, 86400}};
    fig_cut cuts[1] = {{.from_day = 20000, .to_day = 20001}};
    fig_offer offers[1] = {{.service_id = 9, .duration_s = 60}};
    fig_schedule schedule = fig_schedule_default();
    schedule.fields = FIG_SCHEDULE_WEEKLY | FIG_SCHEDULE_CUTS | FIG_SCHEDULE_OFFERS;
    schedule.weekly = weekly, schedule.weekly_count = 3;
    schedule.cuts = cuts, schedule.cut_count = 1;
    schedule.offers = offers, schedule.offer_count = 1;
    request = fig_declare_schedule_default();
    request.schedule = &schedule;
    copy = copy_of(&request, &memory);
    weekly[2].weekday = 0, cuts[0].from_day = 0, offers[0].service_id = 0, schedule.weekly = NULL;
    cr_expect_eq(copy->schedule->weekly[2].weekday, 6);
    cr_expect_eq(copy->schedule->cuts[0].from_day, 20000);
    cr_expect_eq(copy->schedule->offers[0].service_id, 9);
    free(memory);
}

Test(committer, a_copy_has_what_is_declared)
{
    void *memory;
    uint64_t ids[2] = {3, 4};
    char types[2][FIG_TYPE_MAX + 1] = {"new", "vip"};
    fig_service service = fig_service_default();
    service.fields = FIG_SERVICE_REQUIRED;
    service.required = ids, service.required_count = 2;
    service.incompatible = (uint64_t *)(uintptr_t)8, service.incompatible_count = 2; /* left over; no field says so */
    fig_request request = fig_declare_service_default();
    request.service = &service;
    fig_request *copy = copy_of(&request, &memory);
    ids[1] = 0;
    cr_expect_eq(copy->service->required[1], 4);
    free(memory);

    fig_rule rule = fig_rule_default();
    rule.fields = FIG_RULE_SCOPE;
    rule.scope = FIG_SCOPE_CLIENT_TYPE;
    rule.client_types = types, rule.client_type_count = 2;
    request = fig_declare_rule_default();
    request.rule = &rule;
    copy = copy_of(&request, &memory);
    strcpy(types[1], "old");
    cr_expect_str_eq(copy->rule->client_types[1], "vip");
    free(memory);

    char bytes[] = "TZif";
    fig_zone_data zone = fig_zone_data_default();
    zone.bytes = bytes, zone.size = 4;
    request = fig_declare_zone_default();
    request.zone = &zone;
    copy = copy_of(&request, &memory);
    bytes[0] = '?';
    cr_expect_eq(memcmp(copy->zone->bytes, "TZif", 4), 0);
    free(memory);

    fig_client client = fig_client_default();
    strcpy(client.name, "Almaviva");
    request = fig_declare_client_default();
    request.client = &client;
    copy = copy_of(&request, &memory);
    client.name[0] = '?';
    cr_expect_str_eq(copy->client->name, "Almaviva");
    free(memory);
}

/* An older header's struct is shorter: only its size may be read. */
Test(committer, a_struct_of_another_size_stays_one)
{
    void *memory;
    size_t *older = malloc(sizeof *older);
    *older = sizeof *older;
    fig_request request = fig_declare_shop_default();
    request.shop = (const fig_shop *)(const void *)older;
    fig_request *copy = copy_of(&request, &memory);
    cr_expect_eq(copy->shop->struct_size, sizeof *older);
    free(memory);
    copy = copy_of((const fig_request *)(const void *)older, &memory);
    cr_expect_eq(copy->struct_size, sizeof *older);
    free(memory);
    free(older);
}
