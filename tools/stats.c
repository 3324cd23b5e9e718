#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/digest.h"
#include "tools/output.h"

#include <inttypes.h>
#include <stdio.h>

static const char help[] =
    "usage: figaro stats DIR [--from-journal] [--metrics] [options]\n"
    "\n"
    "Prints the numbers of a store and the digest of its state: `live` counts the active appointments, "
    "`sha256` is over\n"
    "their `barber start end` lines, sorted. Two stores with the same digest hold the same appointments.\n"
    "\n"
    "  --from-journal       build the state from the journal alone, leaving the tables unread\n"
    "  --metrics            as OpenMetrics text, for a monitoring system; of calls, only those of this command count:\n"
    "                       a server serves its own with fig_write_metrics()\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro stats shop\n"
    "  figaro stats shop --from-journal --json\n"
    "  figaro stats shop --metrics > /var/lib/node_exporter/figaro.prom\n";

static void print_hex(const uint8_t digest[16], char text[33])
{
    for (size_t i = 0; i < 16; i++) snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

static void print_object(const fig_stats *stats, const live_digest *live)
{
    char digest[33];
    print_hex(stats->digest, digest);
    json_t *object = json_object();
    json_object_set_new(object, "version", output_id(stats->version));
    json_object_set_new(object, "live", output_id(live->live));
    json_object_set_new(object, "sha256", json_string(live->sha256));
    json_object_set_new(object, "digest", json_string(digest));
    json_object_set_new(object, "shops", output_id(stats->shops));
    json_object_set_new(object, "barbers", output_id(stats->barbers));
    json_object_set_new(object, "appointments", output_id(stats->appointments));
    json_object_set_new(object, "active", output_id(stats->active));
    json_object_set_new(object, "windows", output_id(stats->windows));
    json_object_set_new(object, "services", output_id(stats->services));
    json_object_set_new(object, "clients", output_id(stats->clients));
    json_object_set_new(object, "rules", output_id(stats->rules));
    json_object_set_new(object, "zones", output_id(stats->zones));
    json_object_set_new(object, "unchecked", output_id(stats->unchecked));
    json_object_set_new(object, "keys", output_id(stats->keys));
    json_object_set_new(object, "frame", output_id(stats->frame));
    json_object_set_new(object, "checkpoint_frame", output_id(stats->checkpoint_frame));
    json_object_set_new(object, "memory_bytes", output_id(stats->memory_bytes));
    json_object_set_new(object, "store_bytes", output_id(stats->store_bytes));
    json_object_set_new(object, "startup_ns", output_id(stats->startup_ns));
    json_object_set_new(object, "holder", stats->holder != 0 ? output_id(stats->holder) : json_null());
    output_object(object);
}

static void print_words(const fig_stats *stats, const live_digest *live)
{
    char digest[33];
    print_hex(stats->digest, digest);
    printf("version       %" PRIu64 "\n", stats->version);
    printf("live          %" PRIu64 "\n", live->live);
    printf("sha256        %s\n", live->sha256);
    printf("digest        %s\n", digest);
    printf("shops         %" PRIu64 "\n", stats->shops);
    printf("barbers       %" PRIu64 "\n", stats->barbers);
    printf("appointments  %" PRIu64 "\n", stats->appointments);
    printf("windows       %" PRIu64 "\n", stats->windows);
    printf("services      %" PRIu64 "\n", stats->services);
    printf("clients       %" PRIu64 "\n", stats->clients);
    printf("rules         %" PRIu64 "\n", stats->rules);
    printf("zones         %" PRIu64 "\n", stats->zones);
    printf("unchecked     %" PRIu64 "\n", stats->unchecked);
    printf("keys          %" PRIu64 "\n", stats->keys);
    printf("frames        %" PRIu64 ", tables at %" PRIu64 "\n", stats->frame, stats->checkpoint_frame);
    printf("memory        %.1f MiB\n", (double)stats->memory_bytes / (1 << 20));
    printf("store         %.1f MiB\n", (double)stats->store_bytes / (1 << 20));
    printf("opened in     %.1f ms\n", (double)stats->startup_ns / 1e6);
    if (stats->holder != 0) printf("turn          process %" PRIu32 " has the writers' turn\n", stats->holder);
}

static int run(const session *at)
{
    fig_stats stats = fig_stats_default();
    live_digest live = {0};
    fig_status status = fig_get_stats(at->engine, &stats);
    if (status == FIG_OK) status = live_digest_of(at->engine, NULL, &live);
    if (status != FIG_OK) return complain(output_exit_code(status), "%s", fig_status_text(status));
    if (at->json)
        print_object(&stats, &live);
    else
        print_words(&stats, &live);
    return EXIT_DONE;
}

static int print_metrics(const session *at)
{
    static char text[FIG_METRICS_TEXT_MAX];
    size_t size;
    fig_status status = fig_write_metrics(at->engine, text, sizeof text, &size);
    if (status != FIG_OK) return complain(output_exit_code(status), "%s", fig_status_text(status));
    fwrite(text, 1, size, stdout);
    return EXIT_DONE;
}

int command_stats(int argc, char **argv)
{
    session at = session_default();
    bool from_journal = false, metrics = false;
    const char *operands[ARGUMENT_OPERANDS] = {NULL};
    const argument options[] = {
        {"from-journal", ARGUMENT_FLAG, .flag = &from_journal},
        {"metrics", ARGUMENT_FLAG, .flag = &metrics},
    };
    const command_line line = {"stats", help, "DIR", options, sizeof options / sizeof *options};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;

    fig_options store = session_options(&at);
    store.read_only = true;
    store.from_journal = from_journal;
    code = session_open(&at, operands[0], &store);
    return code != EXIT_DONE ? code : session_close(&at, metrics ? print_metrics(&at) : run(&at));
}
