#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/tz_changes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYSTEM_ZONES "/usr/share/zoneinfo"

static const char help[] =
    "usage: figaro tz DIR [--apply] [--zones DIRECTORY] [options]\n"
    "\n"
    "A store keeps the data of the time zones that it names, so that every process reckons alike. This says which of\n"
    "them differ from the system's, and what the system's would change: appointments and dated windows stay at their\n"
    "instants, so that clocks show another time for them; weekly windows and days off follow the clocks (those of the\n"
    "next 366 days are told).\n"
    "\n"
    "  --apply              take the new data into the store; appointments that then lie outside open time are "
    "printed\n"
    "  --zones DIRECTORY    where the new data is (default: " SYSTEM_ZONES ")\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro tz shop\n"
    "  figaro tz shop --apply --json\n";

enum { FILE_MAX = 64 << 10, OTHERS_ROOM = 1024 };

struct options {
    const char *directory;
    bool apply;
};

/* The data of a zone, as the store has it or as a file does. */
struct data {
    unsigned char bytes[FILE_MAX];
    size_t size;
};

static int report_fault(fig_status status) { return complain(output_exit_code(status), "%s", fig_status_text(status)); }

static fig_status read_stored(const session *at, const char *name, struct data *data)
{
    fig_view view = session_view(at);
    fig_zone_data zone = fig_zone_data_default();
    zone.into = data->bytes;
    zone.capacity = sizeof data->bytes;
    fig_status status = fig_get_zone(at->engine, &view, name, &zone);
    data->size = zone.size;
    return status == FIG_OK && zone.size > sizeof data->bytes ? FIG_CORRUPT : status;
}

/* The file is opened as a zone first: that checks its name, and what it is. */
static bool read_file(const struct options *wanted, const char *name, struct data *data, reason *why)
{
    char path[4096];
    fig_zone *zone = NULL;
    fig_error error = fig_error_default();
    if (fig_zone_open(wanted->directory, name, &zone, &error) != FIG_OK) return reason_set(why, "%s", error.message);
    fig_zone_close(zone);
    snprintf(path, sizeof path, "%s/%s", wanted->directory, name);
    FILE *file = fopen(path, "rbe");
    if (file == NULL) return reason_set(why, "%.700s: %s", path, strerror(errno));
    data->size = fread(data->bytes, 1, sizeof data->bytes, file);
    bool good = !ferror(file) && data->size < sizeof data->bytes;
    fclose(file);
    return good || reason_set(why, "%.700s: cannot be read", path);
}

static void print_state(const session *at, const char *name, const char *state)
{
    if (at->json)
        output_object(json_pack("{s:s, s:s}", "zone", name, "state", state));
    else
        printf("%s: %s\n", name, state);
}

static void print_outside(const session *at, const fig_outcome *outcome)
{
    size_t shown = outcome->others_count < OTHERS_ROOM ? outcome->others_count : OTHERS_ROOM;
    if (shown == 0) return;
    if (at->json)
        output_object(json_pack("{s:o}", "outside", output_appointment_array(at, outcome->others, shown)));
    else
        printf("  %zu appointment%s now outside open time:\n", outcome->others_count, shown == 1 ? "" : "s");
    for (size_t i = 0; !at->json && i < shown; i++) output_appointment(at, &outcome->others[i], 0);
}

static int apply(const session *at, const char *name, const struct data *data)
{
    static fig_appointment others[OTHERS_ROOM];
    fig_zone_data zone = fig_zone_data_default();
    fig_request request = fig_declare_zone_default();
    fig_outcome outcome = fig_outcome_default();
    for (size_t i = 0; i < OTHERS_ROOM; i++) others[i] = fig_appointment_default();
    outcome.others = others;
    outcome.others_capacity = OTHERS_ROOM;
    snprintf(zone.name, sizeof zone.name, "%s", name);
    zone.bytes = data->bytes;
    zone.size = data->size;
    request.zone = &zone;
    request.now_s = at->now_s;
    fig_status status = fig_declare(at->engine, &request, &outcome);
    if (status != FIG_OK)
        return output_refusal(at, status, 0, "%s: %s", name,
                              outcome.reason != NULL ? outcome.reason : fig_status_text(status));
    print_state(at, name, "applied");
    print_outside(at, &outcome);
    return EXIT_DONE;
}

static int compare(const session *at, const char *name, const struct data *stored, const struct data *file)
{
    tz_zones zones = {.at = at, .view = session_view(at)};
    reason why;
    print_state(at, name, "differs");
    if (!local_zone_read(name, stored->bytes, stored->size, &zones.was, &why))
        return complain(EXIT_FAULT, "%s", why.text);
    bool good = local_zone_read(name, file->bytes, file->size, &zones.becomes, &why);
    int code = good ? tz_print_changes(&zones) : complain(EXIT_FAULT, "%s", why.text);
    if (code == EXIT_DONE && zones.count == 0 && !at->json)
        puts("  no appointment and no window to come is at another time by it");
    local_zone_close(&zones.was);
    local_zone_close(&zones.becomes);
    return code;
}

/* A zone that the system has no more is told of, and the others go on. */
static int check_zone(const session *at, const struct options *wanted, const char *name)
{
    static struct data stored, file;
    reason why;
    fig_status status = read_stored(at, name, &stored);
    if (status != FIG_OK) return report_fault(status);
    if (!read_file(wanted, name, &file, &why)) {
        print_state(at, name, "missing");
        return complain(EXIT_DONE, "%s", why.text);
    }
    if (stored.size == file.size && memcmp(stored.bytes, file.bytes, file.size) == 0) {
        print_state(at, name, "same");
        return EXIT_DONE;
    }
    int code = compare(at, name, &stored, &file);
    return code == EXIT_DONE && wanted->apply ? apply(at, name, &file) : code;
}

static int run(const session *at, const struct options *wanted)
{
    uint64_t ids[64];
    fig_view view = session_view(at);
    fig_cursor cursor = {{0}};
    for (;;) {
        size_t count = 0;
        fig_status status = fig_list_ids(at->engine, &view, FIG_KIND_ZONE, &cursor, ids, 64, &count);
        if (status == FIG_NOT_FOUND || (status == FIG_OK && count == 0)) return EXIT_DONE;
        if (status != FIG_OK) return report_fault(status);
        for (size_t i = 0; i < count; i++) {
            char name[FIG_ZONE_MAX + 1];
            status = fig_zone_name(at->engine, &view, ids[i], name);
            int code = status == FIG_OK ? check_zone(at, wanted, name) : report_fault(status);
            if (code != EXIT_DONE) return code;
        }
    }
}

int command_tz(int argc, char **argv)
{
    session at = session_default();
    struct options wanted = {.directory = SYSTEM_ZONES};
    const char *operands[ARGUMENT_OPERANDS] = {NULL};
    const argument options[] = {
        {"apply", ARGUMENT_FLAG, .flag = &wanted.apply},
        {"zones", ARGUMENT_TEXT, .text = &wanted.directory},
    };
    const command_line line = {"tz", help, "DIR", options, sizeof options / sizeof *options};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;
    code = wanted.apply ? session_open_to_write(&at, operands[0]) : session_open_to_read(&at, operands[0]);
    return code != EXIT_DONE ? code : session_close(&at, run(&at, &wanted));
}
