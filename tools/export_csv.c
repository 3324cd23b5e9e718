#include "tools/export.h"
#include "tools/output.h"
#include "tools/rfc3339.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PAGE = 256 };

struct writing {
    const export_order *order;
    uint64_t rounded; /* whose buffers are no whole minutes */
};

/* Quoted where it has to be. */
static void put_field(const char *text)
{
    bool plain =
        strpbrk(text, ",\"\r\n") == NULL && text[0] != ' ' && text[strlen(text) > 0 ? strlen(text) - 1 : 0] != ' ';
    if (plain) {
        fputs(text, stdout);
        return;
    }
    putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"') putchar('"');
        putchar(*text);
    }
    putchar('"');
}

static void put_number(uint64_t number)
{
    if (number != 0) printf("%" PRIu64, number);
}

static void put_instant(int64_t instant_s)
{
    char text[RFC3339_SIZE];
    rfc3339_print(instant_s, text);
    fputs(text, stdout);
}

static fig_status put_note(const struct writing *writing, const fig_appointment *appointment)
{
    char note[FIG_NOTE_MAX + 1] = "";
    size_t size = 0;
    fig_status status = FIG_NOT_FOUND;
    if (appointment->has_note)
        status = fig_get_note(writing->order->at->engine, appointment->id, note, sizeof note, &size);
    if (status == FIG_OK) put_field(note);
    return status == FIG_NOT_FOUND ? FIG_OK : status;
}

static fig_status put_row(struct writing *writing, const fig_appointment *appointment)
{
    char barber[FIG_NAME_MAX + 1];
    output_barber_name(writing->order->at, appointment->barber_id, barber);
    put_field(barber);
    putchar(',');
    put_instant(appointment->start_s);
    putchar(',');
    put_instant(appointment->end_s);
    putchar(',');
    put_number(appointment->service_id);
    putchar(',');
    put_number(appointment->client_id);
    printf(",%s,", fig_appointment_status_name(appointment->status));
    if (appointment->expires_s != 0) put_instant(appointment->expires_s);
    printf(",%" PRIu32 ",%" PRIu32 ",", appointment->buffer_before_s / 60, appointment->buffer_after_s / 60);
    writing->rounded += appointment->buffer_before_s % 60 != 0 || appointment->buffer_after_s % 60 != 0;
    put_field(appointment->key);
    putchar(',');
    fig_status status = put_note(writing, appointment);
    fputs("\r\n", stdout);
    return status;
}

static fig_status put_rows(struct writing *writing)
{
    static fig_appointment page[PAGE];
    const export_order *order = writing->order;
    fig_cursor cursor = {{0}};
    for (size_t i = 0; i < PAGE; i++) page[i] = fig_appointment_default();
    for (;;) {
        size_t count = 0;
        fig_status status = fig_list(order->at->engine, &order->view, &order->filter, &cursor, page, PAGE, &count);
        if (status == FIG_NOT_FOUND || (status == FIG_OK && count == 0)) return FIG_OK;
        for (size_t i = 0; status == FIG_OK && i < count; i++)
            if ((order->statuses >> page[i].status & 1) != 0) status = put_row(writing, &page[i]);
        if (status != FIG_OK || ferror(stdout)) return status; /* output_finish() says so */
    }
}

int export_csv(const export_order *order)
{
    struct writing writing = {.order = order};
    fputs("barber,start,end,service,client,status,expires,before,after,key,note\r\n", stdout);
    fig_status status = put_rows(&writing);
    if (status != FIG_OK) return complain(output_exit_code(status), "%s", fig_status_text(status));
    if (writing.rounded > 0)
        complain(0, "%" PRIu64 " have buffers of no whole minutes, which were cut; jsonl has them", writing.rounded);
    return EXIT_DONE;
}
