#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/event_names.h"
#include "tools/output.h"
#include "tools/rfc3339.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static const char help[] = "usage: figaro journal DIR [--from V] [--follow] [options]\n"
                           "\n"
                           "Prints the journal, one event a line, in the order in which the changes were made.\n"
                           "\n"
                           "  --from V             begin with version V (default 1)\n"
                           "  --follow             go on printing as others write, until interrupted\n" COMMON_HELP "\n"
                           "examples:\n"
                           "  figaro journal shop --from 100\n"
                           "  figaro journal shop --follow --json\n";

enum { POLL_MS = 100 };

static bool is_about_windows(fig_event_kind kind)
{
    return kind == FIG_EVENT_OPENED || kind == FIG_EVENT_CLOSED || kind == FIG_EVENT_WINDOWS_CLEARED;
}

static bool is_about_appointment(fig_event_kind kind)
{
    return kind == FIG_EVENT_BOOKED || kind == FIG_EVENT_MOVED || kind == FIG_EVENT_STATUS ||
           kind == FIG_EVENT_RESTORED;
}

static bool is_document(fig_event_kind kind) { return kind >= FIG_EVENT_SCHEDULE && kind <= FIG_EVENT_FORGOTTEN; }

static const char *window_kind_name(const fig_window *window)
{
    return window->kind == FIG_WINDOW_UNAVAILABLE ? "unavailable" : "available";
}

/* The name that the barber has now. */
static void find_name(const session *at, uint64_t id, char name[FIG_NAME_MAX + 1])
{
    fig_view view = session_view(at);
    fig_barber barber = fig_barber_default();
    if (fig_get_barber(at->engine, &view, id, &barber) == FIG_OK)
        snprintf(name, FIG_NAME_MAX + 1, "%s", barber.name);
    else
        snprintf(name, FIG_NAME_MAX + 1, "%" PRIu64, id);
}

static json_t *shop_object(const fig_shop *shop)
{
    return json_pack("{s:o, s:s, s:s, s:s, s:s}", "id", output_id(shop->id), "name", shop->name, "zone", shop->zone,
                     "buffers", shop->buffers == FIG_BUFFERS_EXCLUSIVE ? "exclusive" : "shared", "past",
                     shop->past == FIG_PAST_REFUSE ? "refuse" : "allow");
}

static json_t *barber_object(const fig_barber *barber)
{
    return json_pack("{s:o, s:s, s:o, s:s, s:b, s:s, s:i}", "id", output_id(barber->id), "name", barber->name, "shop",
                     output_id(barber->shop_id), "zone", barber->zone, "active", barber->active, "open",
                     barber->open == FIG_OPEN_HOURS ? "hours" : "always", "priority", (int)barber->priority);
}

static void put_windows(const session *at, const fig_event *event, json_t *object)
{
    char name[FIG_NAME_MAX + 1];
    find_name(at, event->barber_id, name);
    json_object_set_new(object, "barber", json_string(name));
    if (event->kind == FIG_EVENT_WINDOWS_CLEARED) return;
    json_object_set_new(object, "start", output_instant(event->window.start_s));
    json_object_set_new(object, "end", output_instant(event->window.end_s));
    json_object_set_new(object, "kind", json_string(window_kind_name(&event->window)));
}

/* The appointment, as far as the event tells of it: a move leaves its status out, a status everything else. */
static json_t *appointment_object(const session *at, const fig_event *event)
{
    static const char *const unmoved[] = {"barber",          "service",        "start", "end",
                                          "buffer_before_s", "buffer_after_s", NULL};
    json_t *object = output_appointment_object(at, &event->appointment);
    if (event->kind == FIG_EVENT_MOVED) json_object_del(object, "status");
    for (size_t i = 0; event->kind == FIG_EVENT_STATUS && unmoved[i] != NULL; i++) json_object_del(object, unmoved[i]);
    return object;
}

/* What was declared: a schedule by whose it is, anything else by its id and name. */
static void put_document(const fig_event *event, json_t *object)
{
    if (event->kind == FIG_EVENT_SCHEDULE)
        json_object_set_new(object, "owner", json_string(event->owner == FIG_OWNER_SHOP ? "shop" : "barber"));
    json_object_set_new(object, "id", output_id(event->subject_id));
    if (event->name[0] != '\0') json_object_set_new(object, "name", json_string(event->name));
}

static void print_document(const fig_event *event)
{
    const char *owner = event->kind != FIG_EVENT_SCHEDULE ? "" : event->owner == FIG_OWNER_SHOP ? "shop " : "barber ";
    printf("%s%" PRIu64 "%s%s\n", owner, event->subject_id, event->name[0] != '\0' ? "  " : "", event->name);
}

/* What was asked: as an appointment, without what only one that is there has. Times and barber are those that were
 * named. */
static void put_refused(const session *at, const fig_event *event, json_t *object)
{
    const fig_appointment *asked = &event->appointment;
    char name[FIG_NAME_MAX + 1];
    json_object_set_new(object, "refusal", json_string(fig_status_name(event->refusal)));
    json_object_set_new(object, "asked", json_string(event_operation_name(event->asked_operation)));
    if (asked->id != 0) json_object_set_new(object, "appointment", output_id(asked->id));
    if (asked->status != 0)
        json_object_set_new(object, "status", json_string(fig_appointment_status_name(asked->status)));
    if (asked->client_id != 0) json_object_set_new(object, "client", output_id(asked->client_id));
    if (asked->service_id != 0) json_object_set_new(object, "service", output_id(asked->service_id));
    if (asked->barber_id != 0) find_name(at, asked->barber_id, name);
    if (asked->barber_id != 0) json_object_set_new(object, "barber", json_string(name));
    if (asked->start_s == 0 && asked->end_s == 0) return;
    json_object_set_new(object, "start", output_instant(asked->start_s));
    json_object_set_new(object, "end", asked->end_s != 0 ? output_instant(asked->end_s) : json_null());
}

static void print_refused(const session *at, const fig_event *event)
{
    const fig_appointment *asked = &event->appointment;
    char name[FIG_NAME_MAX + 1], start[RFC3339_SIZE];
    printf("%s, %s", event_operation_name(event->asked_operation), fig_status_name(event->refusal));
    if (asked->id != 0) printf("  #%" PRIu64, asked->id);
    if (asked->barber_id != 0) find_name(at, asked->barber_id, name);
    bool has_time = asked->start_s != 0 || asked->end_s != 0;
    if (has_time || asked->barber_id != 0) printf("  %s", asked->barber_id != 0 ? name : "any");
    rfc3339_print(asked->start_s, start);
    if (has_time) printf("  %s", start);
    putchar('\n');
}

static void print_object(const session *at, const fig_event *event)
{
    json_t *object = json_object();
    json_object_set_new(object, "frame", output_id(event->frame));
    json_object_set_new(object, "version", output_id(event->version));
    json_object_set_new(object, "now", output_instant(event->now_s));
    json_object_set_new(object, "operation", json_string(event_operation_name(event->operation)));
    json_object_set_new(object, "event", json_string(event_kind_name(event->kind)));
    json_object_set_new(object, "key", event->key[0] == '\0' ? json_null() : json_string(event->key));
    if (is_about_appointment(event->kind)) json_object_set_new(object, "appointment", appointment_object(at, event));
    if (event->kind == FIG_EVENT_STATUS)
        json_object_set_new(object, "previous_status",
                            json_string(fig_appointment_status_name(event->previous_status)));
    if (is_about_windows(event->kind)) put_windows(at, event, object);
    if (event->kind == FIG_EVENT_SHOP) json_object_set_new(object, "shop", shop_object(&event->shop));
    if (event->kind == FIG_EVENT_BARBER) json_object_set_new(object, "barber", barber_object(&event->barber));
    if (is_document(event->kind)) put_document(event, object);
    if (event->kind == FIG_EVENT_REFUSED) put_refused(at, event, object);
    output_object(object);
}

static void print_window(const session *at, const fig_event *event)
{
    char name[FIG_NAME_MAX + 1], start[RFC3339_SIZE], end[RFC3339_SIZE];
    find_name(at, event->barber_id, name);
    rfc3339_print(event->window.start_s, start);
    rfc3339_print(event->window.end_s, end);
    if (event->kind == FIG_EVENT_WINDOWS_CLEARED)
        printf("%s\n", name);
    else
        printf("%s  %s - %s  %s\n", name, start, end, window_kind_name(&event->window));
}

static void print_moved(const session *at, const fig_appointment *appointment)
{
    char name[FIG_NAME_MAX + 1], start[RFC3339_SIZE], end[RFC3339_SIZE];
    find_name(at, appointment->barber_id, name);
    rfc3339_print(appointment->start_s, start);
    rfc3339_print(appointment->end_s, end);
    printf("#%" PRIu64 "  %s  %s - %s\n", appointment->id, name, start, end);
}

static void print_status(const fig_event *event)
{
    char expires[RFC3339_SIZE];
    printf("#%" PRIu64 "  %s, was %s", event->appointment.id, fig_appointment_status_name(event->appointment.status),
           fig_appointment_status_name(event->previous_status));
    if (event->appointment.status == FIG_HELD) {
        rfc3339_print(event->appointment.expires_s, expires);
        printf(", until %s", expires);
    }
    putchar('\n');
}

static void print_words(const session *at, const fig_event *event)
{
    char now[RFC3339_SIZE];
    rfc3339_print(event->now_s, now);
    printf("%" PRIu64 "  %s  %-8s  ", event->version, now, event_kind_name(event->kind));
    if (event->kind == FIG_EVENT_BOOKED || event->kind == FIG_EVENT_RESTORED)
        output_appointment(at, &event->appointment, 0);
    else if (event->kind == FIG_EVENT_MOVED)
        print_moved(at, &event->appointment);
    else if (event->kind == FIG_EVENT_STATUS)
        print_status(event);
    else if (is_about_windows(event->kind))
        print_window(at, event);
    else if (event->kind == FIG_EVENT_SHOP)
        printf("%" PRIu64 "  %s  %s\n", event->shop.id, event->shop.name, event->shop.zone);
    else if (event->kind == FIG_EVENT_BARBER)
        printf("%" PRIu64 "  %s  %s, %s\n", event->barber.id, event->barber.name,
               event->barber.active ? "active" : "inactive",
               event->barber.open == FIG_OPEN_HOURS ? "open by hours" : "open always");
    else if (is_document(event->kind))
        print_document(event);
    else if (event->kind == FIG_EVENT_REFUSED)
        print_refused(at, event);
    else
        printf("key %s\n", event->key);
}

/* Prints what there is from *next on, and moves *next past it. */
static fig_status print_from(const session *at, uint64_t *next)
{
    fig_journal *journal = NULL;
    fig_status status = fig_journal_open(at->engine, *next, &journal);
    if (status != FIG_OK) return status;
    for (;;) {
        fig_event event = fig_event_default();
        status = fig_journal_next(journal, &event);
        if (status != FIG_OK || ferror(stdout)) break;
        if (at->json)
            print_object(at, &event);
        else
            print_words(at, &event);
        *next = event.version + 1;
    }
    fig_journal_close(journal);
    return status;
}

/* Takes in what other processes have committed. */
static fig_status catch_up(const session *at)
{
    fig_view view = session_view(at);
    fig_barber barber = fig_barber_default();
    fig_cursor cursor = {{0}};
    size_t count = 0;
    view.latest = true;
    return fig_list_barbers(at->engine, &view, &cursor, &barber, 1, &count);
}

static int run(const session *at, uint64_t from, bool follow)
{
    const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
    for (;;) {
        fig_status status = print_from(at, &from);
        if (status == FIG_OK || ferror(stdout) || fflush(stdout) != 0) return EXIT_DONE; /* output_finish() says so */
        if (status == FIG_NOT_FOUND && !follow) return EXIT_DONE;
        if (status == FIG_NOT_FOUND) {
            nanosleep(&pause, NULL);
            status = catch_up(at);
        }
        if (status != FIG_OK && status != FIG_NOT_FOUND)
            return complain(output_exit_code(status), "%s", fig_status_text(status));
    }
}

int command_journal(int argc, char **argv)
{
    session at = session_default();
    uint64_t from = 1;
    bool follow = false;
    const char *operands[ARGUMENT_OPERANDS] = {NULL};
    const argument options[] = {
        {"from", ARGUMENT_NUMBER, .number = &from, .least = 1, .most = INT64_MAX},
        {"follow", ARGUMENT_FLAG, .flag = &follow},
    };
    const command_line line = {"journal", help, "DIR", options, sizeof options / sizeof *options};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;

    code = session_open_to_read(&at, operands[0]);
    return code != EXIT_DONE ? code : session_close(&at, run(&at, from, follow));
}
