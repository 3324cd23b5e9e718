/* Figaro, embedded: durable, with its committer. */
#include "bench/contenders/figaro.h"
#include "bench/contenders/common.h"
#include "bench/figures.h"
#include "bench/load/audit.h"

#include <stdio.h>
#include <stdlib.h>

#define LOAD_ROWS 2048
#define PAGE      1000

struct figaro_base {
    struct base base;
    fig_engine *engine;
};

static fig_engine *engine_of(struct session *session) { return ((struct figaro_base *)session->base)->engine; }

static struct base *open_base(const struct contender *contender, const char *directory, char error[CONTENDER_ERROR_MAX])
{
    struct figaro_base *own = base_make(sizeof *own, contender, directory);
    if (own == NULL) return NULL;
    fig_options options = fig_options_default();
    options.create = true;
    fig_error said = fig_error_default();
    int64_t began_ns = clock_ns();
    if (fig_open(directory, &options, &own->engine, &said) != FIG_OK) {
        snprintf(error, CONTENDER_ERROR_MAX, "%s", said.message);
        free(own);
        return NULL;
    }
    own->base.startup_ns = clock_ns() - began_ns;
    return &own->base;
}

/* ------------------------------------------------------------------ loading */

struct loading {
    struct figaro_base *own;
    fig_request *requests;
    fig_outcome *outcomes;
    struct town_appointment rows[LOAD_ROWS];
    size_t count;
};

static bool write_all(struct loading *loading, size_t count)
{
    for (size_t i = 0; i < count; i++) loading->outcomes[i] = fig_outcome_default();
    if (count == 0) return true;
    fig_status status = fig_write(loading->own->engine, loading->requests, count, loading->outcomes);
    for (size_t i = 0; i < count && status == FIG_OK; i++) status = loading->outcomes[i].status;
    return status == FIG_OK || base_fail(&loading->own->base, "loading: %s", fig_status_text(status));
}

static fig_request booking_of(const struct town_appointment *row)
{
    fig_request request = fig_book_default();
    request.now_s = row->booked_s;
    request.barber_id = row->barber_id;
    request.client_id = row->client_id;
    request.service_id = row->service_id;
    request.start_s = row->start_s;
    request.end_s = row->end_s;
    return request;
}

static bool write_layer(struct loading *loading, bool active, size_t *count)
{
    *count = 0;
    for (size_t i = 0; i < loading->count; i++)
        if (loading->rows[i].active == active) loading->requests[(*count)++] = booking_of(&loading->rows[i]);
    return write_all(loading, *count);
}

/* What will be cancelled is booked first, and cancelled, before others take its time. */
static bool write_rows(struct loading *loading)
{
    size_t count;
    if (!write_layer(loading, false, &count)) return false;
    for (size_t i = 0; i < count; i++) {
        loading->requests[i] = fig_set_status_default();
        loading->requests[i].now_s = loading->outcomes[i].appointment.booked_s;
        loading->requests[i].appointment_id = loading->outcomes[i].appointment.id;
        loading->requests[i].status = FIG_CANCELLED;
    }
    return write_all(loading, count) && write_layer(loading, true, &count);
}

static void declare_hours(fig_request *request, fig_schedule *schedule, fig_weekly weekly[7], uint64_t barber_id)
{
    for (uint8_t day = 0; day < 7; day++) weekly[day] = (fig_weekly){day, TOWN_OPENS_S, TOWN_CLOSES_S};
    *schedule = fig_schedule_default();
    schedule->fields = FIG_SCHEDULE_WEEKLY;
    schedule->owner = FIG_OWNER_BARBER;
    schedule->owner_id = barber_id;
    schedule->weekly = weekly;
    schedule->weekly_count = 7;
    *request = fig_declare_schedule_default();
    request->now_s = town_opening_s(TOWN_FIRST_DAY);
    request->schedule = schedule;
}

static bool declare_barbers(struct loading *loading, const struct town *town)
{
    static fig_barber barbers[FIG_BATCH_MAX / 2];
    static fig_schedule schedules[FIG_BATCH_MAX / 2];
    static fig_weekly weekly[FIG_BATCH_MAX / 2][7];
    for (uint64_t done = 0; done < town->barbers;) {
        size_t count = 0, at = 0;
        for (; at < FIG_BATCH_MAX / 2 && done < town->barbers; at++) {
            barbers[at] = fig_barber_default();
            barbers[at].fields = FIG_BARBER_NAME;
            barbers[at].id = ++done;
            snprintf(barbers[at].name, sizeof barbers[at].name, "barber %05llu", (unsigned long long)done);
            loading->requests[count] = fig_declare_barber_default();
            loading->requests[count].now_s = town_opening_s(TOWN_FIRST_DAY);
            loading->requests[count++].barber = &barbers[at];
            if (!town->always_open) declare_hours(&loading->requests[count++], &schedules[at], weekly[at], done);
        }
        if (!write_all(loading, count)) return false;
    }
    return true;
}

static bool load_rows(struct loading *loading, const struct town *town)
{
    struct town_walk walk;
    town_begin(&walk, town);
    for (bool more = town->rows > 0; more;) {
        loading->count = 0;
        while (loading->count < LOAD_ROWS && (more = town_next(&walk, &loading->rows[loading->count])))
            loading->count++;
        if (!write_rows(loading)) return false;
    }
    return true;
}

static bool load(struct base *base, const struct town *town)
{
    struct loading *loading = calloc(1, sizeof *loading);
    if (loading == NULL) return base_fail(base, "no memory");
    loading->own = (struct figaro_base *)base;
    loading->requests = calloc(FIG_BATCH_MAX, sizeof *loading->requests);
    loading->outcomes = calloc(FIG_BATCH_MAX, sizeof *loading->outcomes);
    fig_error said = fig_error_default();
    bool good = loading->requests != NULL && loading->outcomes != NULL && declare_barbers(loading, town) &&
                load_rows(loading, town);
    if (good && fig_checkpoint(loading->own->engine, &said) != FIG_OK) good = base_fail(base, "%s", said.message);
    free(loading->requests);
    free(loading->outcomes);
    free(loading);
    return good;
}

/* ------------------------------------------------------------------ asking */

static struct session *connect_session(struct base *base) { return session_make(sizeof(struct session), base); }
static void disconnect(struct session *session) { free(session); }

static enum answer answer_of(struct session *session, fig_status status)
{
    if (status == FIG_OK) return ANSWER_FREE;
    if (status < FIG_INVALID) return ANSWER_TAKEN;
    base_fail(session->base, "%s", fig_status_text(status));
    return ANSWER_FAILED;
}

static enum answer check(struct session *session, const struct request *request)
{
    fig_view view = fig_view_default();
    fig_span span = fig_span_default();
    view.now_s = request->now_s;
    span.barber_id = request->barber_id;
    span.start_s = request->start_s;
    span.end_s = request->end_s;
    return answer_of(session, fig_check(engine_of(session), &view, &span, NULL, 0, NULL));
}

static enum answer available(struct session *session, const struct request *request, struct day_marks *marks)
{
    fig_slot list[CONTENDER_SLOTS_MAX];
    fig_slots slots = fig_slots_default();
    fig_view view = fig_view_default();
    fig_wish wish = fig_wish_default();
    slots.list = list;
    slots.capacity = CONTENDER_SLOTS_MAX;
    view.now_s = request->now_s;
    wish.barber_id = request->barber_id;
    wish.duration_s = TOWN_GRID_S;
    enum answer answer = answer_of(session, fig_list_slots(engine_of(session), &view, &wish, request->day, &slots));
    marks->count = 0;
    for (size_t i = 0; answer == ANSWER_FREE && i < slots.count && i < CONTENDER_SLOTS_MAX; i++)
        marks->free[marks->count++] = list[i].available;
    return answer;
}

static enum answer book(struct session *session, const struct request *request, uint64_t *id)
{
    fig_outcome outcome = fig_outcome_default();
    fig_request asked = fig_book_default();
    asked.now_s = request->now_s;
    asked.barber_id = request->barber_id;
    asked.client_id = request->client_id;
    asked.service_id = request->service_id;
    asked.start_s = request->start_s;
    asked.end_s = request->end_s;
    enum answer answer = answer_of(session, fig_book(engine_of(session), &asked, &outcome));
    *id = outcome.appointment.id;
    return answer;
}

static enum answer cancel(struct session *session, uint64_t id, int64_t now_s)
{
    fig_outcome outcome = fig_outcome_default();
    fig_request asked = fig_set_status_default();
    asked.now_s = now_s;
    asked.appointment_id = id;
    asked.status = FIG_CANCELLED;
    return answer_of(session, fig_set_status(engine_of(session), &asked, &outcome));
}

static enum answer move(struct session *session, uint64_t id, const struct request *request)
{
    fig_outcome outcome = fig_outcome_default();
    fig_request asked = fig_move_default();
    asked.now_s = request->now_s;
    asked.appointment_id = id;
    asked.barber_id = request->barber_id;
    asked.start_s = request->start_s;
    asked.end_s = request->end_s;
    return answer_of(session, fig_move(engine_of(session), &asked, &outcome));
}

/* ------------------------------------------------------------------ afterwards */

static bool audit(struct session *session, struct audit *audit)
{
    static fig_appointment page[PAGE];
    fig_view view = fig_view_default();
    fig_filter filter = fig_filter_default();
    fig_cursor cursor = {{0}};
    view.now_s = town_opening_s(TOWN_FIRST_DAY);
    filter.active = true;
    for (size_t count = 1; count > 0;) {
        for (size_t i = 0; i < PAGE; i++) page[i] = fig_appointment_default();
        if (fig_list(engine_of(session), &view, &filter, &cursor, page, PAGE, &count) != FIG_OK)
            return base_fail(session->base, "the list failed");
        for (size_t i = 0; i < count; i++) audit_add(audit, page[i].barber_id, page[i].start_s, page[i].end_s);
    }
    return !audit->failed;
}

static bool sizes(struct session *session, struct sizes *sizes)
{
    fig_stats stats = fig_stats_default();
    if (fig_get_stats(engine_of(session), &stats) != FIG_OK) return base_fail(session->base, "no stats");
    sizes->disk_bytes = directory_bytes(session->base->directory);
    sizes->memory_bytes = stats.memory_bytes;
    return true;
}

static pid_t answering(struct session *session)
{
    (void)session;
    return 0;
}

static bool version(struct session *session, char text[CONTENDER_VERSION_MAX])
{
    (void)session;
    snprintf(text, CONTENDER_VERSION_MAX, "Figaro %s", FIG_VERSION);
    return true;
}

static void close_base(struct base *base)
{
    fig_close(((struct figaro_base *)base)->engine);
    free(base);
}

fig_engine *figaro_engine(struct base *base) { return ((struct figaro_base *)base)->engine; }

const struct contender contender_figaro = {
    .name = "figaro",
    .title = "Figaro",
    .base_name = "figaro",
    .settings = "embedded, its default options: durable, a committer thread, LMDB's default sync; opening hours are "
                "judged with each booking",
    .in_process = true,
    .works_on_copy = true,
    .sessions_max = CONTENDER_MANY,
    .open = open_base,
    .load = load,
    .connect = connect_session,
    .disconnect = disconnect,
    .check = check,
    .available = available,
    .book = book,
    .cancel = cancel,
    .move = move,
    .audit = audit,
    .sizes = sizes,
    .answering = answering,
    .version = version,
    .close = close_base,
};
