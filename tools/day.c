#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/day_drawing.h"
#include "tools/output.h"
#include "tools/rfc3339.h"

#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const char help[] =
    "usage: figaro day DIR [--date D] [--barber B] [--all] [--ascii] [options]\n"
    "\n"
    "Draws the day of all barbers: booked and held times, buffers, and what is open and closed, in the\n"
    "time of the shop's zone, or of the barber's where one is given. A digit where a block begins says that so many\n"
    "begin within that cell.\n"
    "\n"
    "  --date D             the date, such as 2026-03-02 (default: that of --now)\n"
    "  --barber B           only this barber (exact name, else id)\n"
    "  --all                also barbers with nothing on that day\n"
    "  --ascii              no character beyond ASCII (as in a locale without UTF-8)\n" AS_OF_HELP COMMON_HELP "\n"
    "Colours appear on a terminal, unless NO_COLOR is set. COLUMNS gives the width where no terminal does.\n"
    "\n"
    "examples:\n"
    "  figaro day shop\n"
    "  figaro day shop --date 2026-03-02 --barber Figaro\n";

enum { PAGE = 64 };

struct day {
    const session *at;
    fig_view view;
    int64_t date_s; /* the date's midnight, as if in UTC */
    local_zone zone;
    day_axis axis;
    bool all;
    struct barber_day *barbers;
    size_t count, room;
};

/* One barber's day, as it is drawn and as it is printed. */
struct barber_day {
    fig_barber barber;
    fig_appointment *appointments;
    size_t appointment_count;
    day_block *blocks;
    day_span *open;
    size_t open_count;
};

/* The list with room for one more element, at its old place or a new one; NULL when there is no memory. */
static void *grow(void *list, size_t count, size_t size)
{
    if (count > 0 && (count & (count - 1)) != 0) return list; /* room goes by powers of two */
    return realloc(list, (count == 0 ? 1 : 2 * count) * size);
}

static void drop_barber(struct barber_day *day)
{
    free(day->appointments);
    free(day->blocks);
    free(day->open);
}

static day_block block_of(const fig_appointment *appointment)
{
    bool done = appointment->status == FIG_COMPLETED || appointment->status == FIG_NO_SHOW;
    return (day_block){
        .start_s = appointment->start_s,
        .end_s = appointment->end_s,
        .buffer_before_s = appointment->buffer_before_s,
        .buffer_after_s = appointment->buffer_after_s,
        .id = appointment->id,
        .kind = done                              ? DAY_DONE
                : appointment->status == FIG_HELD ? DAY_HELD
                                                  : DAY_BOOKED,
    };
}

static bool add_appointment(struct barber_day *day, const fig_appointment *appointment)
{
    size_t count = day->appointment_count;
    if (appointment->status == FIG_CANCELLED || appointment->status == FIG_EXPIRED) return true;
    fig_appointment *appointments = grow(day->appointments, count, sizeof *appointments);
    if (appointments == NULL) return false;
    day->appointments = appointments;
    day_block *blocks = grow(day->blocks, count, sizeof *blocks);
    if (blocks == NULL) return false;
    day->blocks = blocks;
    appointments[count] = *appointment;
    blocks[count] = block_of(appointment);
    day->appointment_count++;
    return true;
}

static bool add_open(struct barber_day *day, fig_open_span span)
{
    day_span *grown = grow(day->open, day->open_count, sizeof *grown);
    if (grown == NULL) return false;
    day->open = grown;
    grown[day->open_count++] = (day_span){span.start_s, span.end_s};
    return true;
}

/* Whether there is anything to see: that who is always open is so today as well is nothing. */
static bool is_empty(const struct barber_day *day)
{
    return day->appointment_count == 0 && (day->barber.open == FIG_OPEN_ALWAYS || day->open_count == 0);
}

static fig_status read_appointments(const struct day *day, struct barber_day *barber)
{
    fig_appointment page[PAGE];
    fig_cursor cursor = {{0}};
    fig_filter filter = fig_filter_default();
    filter.barber_id = barber->barber.id;
    filter.from_s = day->axis.start_s;
    filter.to_s = day->axis.end_s;
    for (size_t i = 0; i < PAGE; i++) page[i] = fig_appointment_default();
    for (;;) {
        size_t count = 0;
        fig_status status = fig_list(day->at->engine, &day->view, &filter, &cursor, page, PAGE, &count);
        if (status != FIG_OK || count == 0) return status;
        for (size_t i = 0; i < count; i++)
            if (!add_appointment(barber, &page[i])) return FIG_NO_MEMORY;
    }
}

/* A barber whose zone cannot be read is told of, and drawn as closed. */
static fig_status read_open_time(const struct day *day, struct barber_day *barber)
{
    fig_open_span page[PAGE];
    for (int64_t from_s = day->axis.start_s; from_s < day->axis.end_s;) {
        size_t count = 0;
        fig_status status = fig_list_open_time(day->at->engine, &day->view, barber->barber.id, from_s, day->axis.end_s,
                                               page, PAGE, &count);
        if (status == FIG_UNAVAILABLE) {
            complain(0, "%s: their zone cannot be read, so that nobody knows when they are open", barber->barber.name);
            return FIG_OK;
        }
        if (status != FIG_OK || count == 0) return status;
        if (count > PAGE) count = PAGE;
        for (size_t i = 0; i < count; i++)
            if (!add_open(barber, page[i])) return FIG_NO_MEMORY;
        from_s = page[count - 1].end_s;
    }
    return FIG_OK;
}

/* Adds a barber's day, when there is anything in it or everything is wanted. */
static fig_status add_barber(struct day *day, const fig_barber *barber)
{
    struct barber_day read = {.barber = *barber};
    fig_status status = read_appointments(day, &read);
    if (status == FIG_OK || status == FIG_NOT_FOUND) status = read_open_time(day, &read);
    if (status == FIG_NOT_FOUND) status = FIG_OK;
    struct barber_day *grown = NULL;
    if (status == FIG_OK && (day->all || !is_empty(&read))) {
        grown = grow(day->barbers, day->count, sizeof *grown);
        if (grown == NULL) status = FIG_NO_MEMORY;
    }
    if (grown == NULL) {
        drop_barber(&read);
        return status;
    }
    day->barbers = grown;
    grown[day->count++] = read;
    return status;
}

static fig_status add_barbers(struct day *day)
{
    fig_barber page[PAGE];
    fig_cursor cursor = {{0}};
    for (size_t i = 0; i < PAGE; i++) page[i] = fig_barber_default();
    for (;;) {
        size_t count = 0;
        fig_status status = fig_list_barbers(day->at->engine, &day->view, &cursor, page, PAGE, &count);
        if (status == FIG_NOT_FOUND || (status == FIG_OK && count == 0)) return FIG_OK;
        for (size_t i = 0; status == FIG_OK && i < count; i++) status = add_barber(day, &page[i]);
        if (status != FIG_OK) return status;
    }
}

/* ---- printing ---- */

static json_t *span_array(const day_span *spans, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_pack("{s:o, s:o}", "start", output_instant(spans[i].start_s), "end",
                                               output_instant(spans[i].end_s)));
    return array;
}

static void print_objects(const struct day *day)
{
    char date[DATE_SIZE];
    rfc3339_print_date(day->date_s, date);
    for (size_t i = 0; i < day->count; i++) {
        const struct barber_day *barber = &day->barbers[i];
        json_t *object = json_object();
        json_object_set_new(object, "date", json_string(date));
        json_object_set_new(object, "zone", json_string(day->zone.name));
        json_object_set_new(object, "barber", json_string(barber->barber.name));
        json_object_set_new(object, "id", output_id(barber->barber.id));
        json_object_set_new(object, "mode", json_string(barber->barber.open == FIG_OPEN_HOURS ? "hours" : "always"));
        json_object_set_new(object, "open", span_array(barber->open, barber->open_count));
        json_object_set_new(object, "appointments",
                            output_appointment_array(day->at, barber->appointments, barber->appointment_count));
        output_object(object);
    }
}

static int terminal_columns(void)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    int given = columns != NULL ? atoi(columns) : 0;
    return given > 0 && given < 10000 ? given : 100;
}

static day_look choose_look(const session *at, bool plain)
{
    const char *no_colour = getenv("NO_COLOR"), *terminal = getenv("TERM");
    bool dumb = terminal == NULL || strcmp(terminal, "dumb") == 0;
    return (day_look){
        .columns = terminal_columns(),
        .utf8 = !plain && strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
        .colour = isatty(STDOUT_FILENO) && !dumb && (no_colour == NULL || *no_colour == '\0'),
        .now_s = at->now_s,
    };
}

static int draw(const struct day *day, bool plain)
{
    char date[DATE_SIZE];
    day_look look = choose_look(day->at, plain);
    rfc3339_print_date(day->date_s, date);
    if (day->count == 0) {
        printf("nothing on %s (%s)%s\n", date, day->zone.name,
               day->all ? ": there are no barbers" : "; --all shows every barber");
        return EXIT_DONE;
    }
    day_row *rows = calloc(day->count, sizeof *rows);
    if (rows == NULL) return complain(EXIT_FAULT, "out of memory");
    for (size_t i = 0; i < day->count; i++) {
        const struct barber_day *barber = &day->barbers[i];
        rows[i] = (day_row){barber->barber.name, barber->barber.open == FIG_OPEN_HOURS,
                            barber->open,        barber->open_count,
                            barber->blocks,      barber->appointment_count};
    }
    day_draw(stdout, &day->axis, rows, day->count, &look);
    free(rows);
    return EXIT_DONE;
}

/* What instants the date has in the zone of a barber, or of shop 1. A zone that cannot be opened is told of, and the
 * day is drawn in UTC. */
static int choose_axis(struct day *day, const fig_barber *barber)
{
    reason why;
    if (session_open_zone(day->at, barber, &day->zone) != EXIT_DONE) day->zone = (local_zone){.name = "UTC"};
    if (day->date_s == ARGUMENT_NO_INSTANT)
        day->date_s = rfc3339_midnight(local_zone_clock(&day->zone, day->at->now_s));
    day->axis.zone = &day->zone;
    if (!local_zone_instant(&day->zone, (moment){true, day->date_s}, &day->axis.start_s, &why) ||
        !local_zone_instant(&day->zone, (moment){true, day->date_s + DAY_SECONDS}, &day->axis.end_s, &why))
        return complain(EXIT_USAGE, "--date: the day %s", why.text);
    return EXIT_DONE;
}

static int read_barbers(struct day *day, const fig_barber *only)
{
    fig_snapshot *snapshot = NULL;
    fig_status status = FIG_OK;
    if (day->at->snapshot == NULL) status = fig_snapshot_open(day->at->engine, &snapshot);
    day->view = session_view(day->at);
    if (snapshot != NULL) day->view.snapshot = snapshot;
    if (status == FIG_OK) status = only != NULL ? add_barber(day, only) : add_barbers(day);
    fig_snapshot_close(snapshot);
    return status == FIG_OK ? EXIT_DONE : complain(output_exit_code(status), "%s", fig_status_text(status));
}

static int show_day(struct day *day, const char *barber_name, bool plain)
{
    fig_barber barber = fig_barber_default();
    const fig_barber *only = barber_name != NULL ? &barber : NULL;
    int code = only == NULL ? EXIT_DONE : session_need_barber(day->at, barber_name, 0, &barber);
    if (only != NULL) day->all = true; /* who is asked for is shown */
    if (code == EXIT_DONE) code = choose_axis(day, only);
    if (code != EXIT_DONE) return code;
    if (day->axis.start_s == day->axis.end_s) { /* as 2011-12-30 in Pacific/Apia */
        char date[DATE_SIZE];
        rfc3339_print_date(day->date_s, date);
        return complain(EXIT_DONE, "%s had no %s: its clocks skipped that day", day->zone.name, date);
    }
    code = read_barbers(day, only);
    if (code == EXIT_DONE && day->at->json) print_objects(day);
    return code == EXIT_DONE && !day->at->json ? draw(day, plain) : code;
}

int command_day(int argc, char **argv)
{
    session at = session_default();
    struct day day = {.at = &at, .date_s = ARGUMENT_NO_INSTANT};
    const char *barber = NULL, *as_of = NULL, *operands[ARGUMENT_OPERANDS] = {NULL};
    bool plain = false;
    const argument options[] = {
        {"date", ARGUMENT_DATE, .seconds = &day.date_s}, {"barber", ARGUMENT_TEXT, .text = &barber},
        {"all", ARGUMENT_FLAG, .flag = &day.all},        {"ascii", ARGUMENT_FLAG, .flag = &plain},
        {"as-of", ARGUMENT_TEXT, .text = &as_of},
    };
    const command_line line = {"day", help, "DIR", options, sizeof options / sizeof *options};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;

    code = session_open_as_of(&at, operands[0], as_of);
    if (code != EXIT_DONE) return code;
    code = show_day(&day, barber, plain);
    for (size_t i = 0; i < day.count; i++) drop_barber(&day.barbers[i]);
    free(day.barbers);
    local_zone_close(&day.zone);
    return session_close(&at, code);
}
