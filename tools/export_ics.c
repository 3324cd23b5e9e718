#include "tools/export.h"
#include "tools/output.h"
#include "tools/rfc3339.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    PAGE = 256,
    LINE_OCTETS = 75,                       /* a line is folded after so many, its end not counted */
    TEXT_MAX = 2 * FIG_NOTE_MAX + 64,       /* bytes of a property with its value escaped */
    STAMP_SIZE = sizeof "20260302T100000Z", /* of an instant in UTC */
};

struct writing {
    const export_order *order;
    uint64_t written, left_out;
};

/* ---- lines ---- */

/* How many bytes of the text fit in so much room, without cutting a character in two. */
static size_t fitting(const char *text, size_t room)
{
    size_t length = strlen(text);
    if (length <= room) return length;
    while (room > 0 && ((unsigned char)text[room] & 0xc0) == 0x80) room--;
    return room;
}

static void print_line(const char *text)
{
    size_t room = LINE_OCTETS;
    while (*text != '\0') {
        size_t count = fitting(text, room);
        if (room < LINE_OCTETS) putchar(' ');
        fwrite(text, 1, count, stdout);
        fputs("\r\n", stdout);
        text += count;
        room = LINE_OCTETS - 1; /* the blank that a folded line begins with counts */
    }
}

static void print_value(const char *name, const char *value)
{
    char line[TEXT_MAX + 32];
    snprintf(line, sizeof line, "%s:%s", name, value);
    print_line(line);
}

static void print_number(const char *name, uint64_t number)
{
    char value[24];
    snprintf(value, sizeof value, "%" PRIu64, number);
    print_value(name, value);
}

/* A value of the type TEXT: with a backslash before what would mean something else. */
static void print_text(const char *name, const char *value)
{
    char escaped[TEXT_MAX];
    size_t used = 0;
    for (; *value != '\0' && used < sizeof escaped - 3; value++) {
        if (strchr("\\,;", *value) != NULL) escaped[used++] = '\\';
        escaped[used++] = *value;
    }
    escaped[used] = '\0';
    print_value(name, escaped);
}

static void print_instant(const char *name, int64_t instant_s)
{
    char text[RFC3339_SIZE], stamp[STAMP_SIZE];
    size_t used = 0;
    rfc3339_print(instant_s, text);
    for (const char *c = text; *c != '\0'; c++)
        if (*c != '-' && *c != ':' && used < sizeof stamp - 1) stamp[used++] = *c;
    stamp[used] = '\0';
    print_value(name, stamp);
}

/* ---- events ---- */

/* What others are told of the status; NULL: nothing, since it is booked. */
static const char *status_of(fig_appointment_status status)
{
    switch (status) {
    case FIG_PENDING: return "TENTATIVE";
    case FIG_CONFIRMED:
    case FIG_COMPLETED: return "CONFIRMED";
    case FIG_CANCELLED:
    case FIG_NO_SHOW: return "CANCELLED";
    default: return NULL;
    }
}

/* "Cut, Rosina": what is done and for whom, as far as that has names. */
static void print_summary(const struct writing *to, const fig_appointment *appointment)
{
    char summary[2 * FIG_NAME_MAX + 4];
    fig_service service = fig_service_default();
    fig_client client = fig_client_default();
    fig_engine *engine = to->order->at->engine;
    if (appointment->service_id != 0) fig_get_service(engine, &to->order->view, appointment->service_id, &service);
    if (appointment->client_id != 0) fig_get_client(engine, &to->order->view, appointment->client_id, &client);
    bool both = service.name[0] != '\0' && client.name[0] != '\0';
    snprintf(summary, sizeof summary, "%s%s%s", service.name, both ? ", " : "", client.name);
    print_text("SUMMARY", summary[0] != '\0' ? summary : "Appointment");
}

static void print_note(const struct writing *to, const fig_appointment *appointment)
{
    char note[FIG_NOTE_MAX + 1];
    size_t size = 0;
    bool has = appointment->has_note &&
               fig_get_note(to->order->at->engine, appointment->id, note, sizeof note, &size) == FIG_OK;
    if (has) print_text("DESCRIPTION", note);
}

/* What a calendar has no word for, so that it reads back as it was. */
static void print_own(const fig_appointment *appointment)
{
    print_value("X-FIGARO-STATUS", fig_appointment_status_name(appointment->status));
    print_number("X-FIGARO-BUFFER-BEFORE", appointment->buffer_before_s);
    print_number("X-FIGARO-BUFFER-AFTER", appointment->buffer_after_s);
    if (appointment->client_id != 0) print_number("X-FIGARO-CLIENT", appointment->client_id);
    if (appointment->service_id != 0) print_number("X-FIGARO-SERVICE", appointment->service_id);
    if (appointment->key[0] != '\0') print_text("X-FIGARO-KEY", appointment->key);
}

static void print_event(struct writing *to, const fig_appointment *appointment)
{
    char uid[80];
    const char *status = status_of(appointment->status);
    snprintf(uid, sizeof uid, "%" PRIu64 "-%" PRId64 "@figaro", appointment->id, appointment->booked_s);
    print_line("BEGIN:VEVENT");
    print_value("UID", uid);
    print_instant("DTSTAMP", appointment->booked_s);
    print_instant("DTSTART", appointment->start_s);
    print_instant("DTEND", appointment->end_s);
    print_summary(to, appointment);
    print_note(to, appointment);
    if (status != NULL) print_value("STATUS", status);
    print_own(appointment);
    print_line("END:VEVENT");
    to->written++;
}

/* ---- calendars ---- */

static void begin_calendar(const fig_barber *barber)
{
    print_line("BEGIN:VCALENDAR");
    print_line("VERSION:2.0");
    print_line("PRODID:-//Figaro//figaro " FIG_VERSION "//EN");
    print_line("CALSCALE:GREGORIAN");
    if (barber != NULL) print_text("X-WR-CALNAME", barber->name);
    if (barber != NULL && barber->zone[0] != '\0') print_text("X-WR-TIMEZONE", barber->zone);
}

static bool is_kept(const fig_appointment *appointment)
{
    return appointment->status != FIG_HELD && appointment->status != FIG_EXPIRED;
}

/* The barber's calendar, begun with its first event. */
static fig_status write_barber(struct writing *to, const fig_barber *barber)
{
    static fig_appointment page[PAGE];
    fig_filter filter = to->order->filter;
    fig_cursor cursor = {{0}};
    bool begun = false;
    filter.barber_id = barber->id;
    for (size_t i = 0; i < PAGE; i++) page[i] = fig_appointment_default();
    for (;;) {
        size_t count = 0;
        fig_status status = fig_list(to->order->at->engine, &to->order->view, &filter, &cursor, page, PAGE, &count);
        if (status != FIG_OK) return status;
        if (count == 0 || ferror(stdout)) break;
        for (size_t i = 0; i < count; i++) {
            if ((to->order->statuses >> page[i].status & 1) == 0) continue;
            to->left_out += !is_kept(&page[i]);
            if (!is_kept(&page[i])) continue;
            if (!begun) begin_calendar(barber);
            begun = true;
            print_event(to, &page[i]);
        }
    }
    if (begun) print_line("END:VCALENDAR");
    return FIG_OK;
}

static fig_status write_barbers(struct writing *to)
{
    static fig_barber page[PAGE];
    fig_cursor cursor = {{0}};
    for (size_t i = 0; i < PAGE; i++) page[i] = fig_barber_default();
    for (;;) {
        size_t count = 0;
        fig_status status = fig_list_barbers(to->order->at->engine, &to->order->view, &cursor, page, PAGE, &count);
        for (size_t i = 0; status == FIG_OK && i < count; i++) {
            bool wanted = to->order->filter.barber_id == 0 || to->order->filter.barber_id == page[i].id;
            if (wanted) status = write_barber(to, &page[i]);
        }
        if (status != FIG_OK || count == 0) return status;
    }
}

int export_ics(const export_order *order)
{
    struct writing to = {.order = order};
    fig_status status = write_barbers(&to);
    if (status != FIG_OK) return complain(output_exit_code(status), "%s", fig_status_text(status));
    if (to.written == 0) { /* a file without any calendar would be none */
        begin_calendar(NULL);
        print_line("END:VCALENDAR");
    }
    if (to.left_out > 0)
        complain(0, "%" PRIu64 " hold%s left out: a calendar has no word for a time that is held", to.left_out,
                 to.left_out == 1 ? " is" : "s are");
    return EXIT_DONE;
}
