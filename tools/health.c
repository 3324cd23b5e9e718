#include "tools/arguments.h"
#include "tools/commands.h"
#include "tools/findings.h"
#include "tools/output.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static const char help[] =
    "usage: figaro health DIR [--metrics FILE] [options]\n"
    "\n"
    "Looks at a store and says how it is and what to do: the room on its disk, how long a start takes and how far the\n"
    "tables are behind, whether a process that is stopped keeps others from writing. With the metrics that a server\n"
    "serves from fig_write_metrics(), at its traffic, too: success rate, timeouts, slow calls, the circuit breaker, "
    "the\n"
    "queue, the cache of slot lists. Changes nothing. Exit 0: nothing is bad; 1: something is; 3: the store cannot be "
    "used.\n"
    "\n"
    "  --metrics FILE       OpenMetrics text; - is standard input\n" COMMON_HELP "\n"
    "examples:\n"
    "  figaro health shop\n"
    "  curl -s http://localhost:9100/metrics | figaro health shop --metrics -\n"
    "  figaro health shop --json\n";

void findings_say(findings *found, finding_state state, const char *what, const char *advice, const char *format, ...)
{
    static const char *const names[] = {"ok", "warning", "bad"};
    char value[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    found->warnings += state == FINDING_WARNING;
    found->bad += state == FINDING_BAD;
    if (found->at->json) {
        json_t *object = json_pack("{s:s, s:s, s:s}", "check", what, "state", names[state], "value", value);
        if (state != FINDING_OK && advice != NULL) json_object_set_new(object, "advice", json_string(advice));
        output_object(object);
        return;
    }
    printf("%-7s  %-14s  %s\n", names[state], what, value);
    if (state != FINDING_OK && advice != NULL) printf("%-7s  %-14s  -> %s\n", "", "", advice);
}

static int run(const session *at, const char *directory, const openmetrics *metrics)
{
    findings found = {.at = at, .directory = directory};
    int code = health_of_store(&found);
    if (code != EXIT_DONE) return code;
    if (metrics != NULL) health_of_traffic(&found, metrics);
    if (at->json)
        output_object(json_pack("{s:b, s:o, s:o}", "healthy", found.bad == 0, "warnings", output_id(found.warnings),
                                "bad", output_id(found.bad)));
    else
        printf("%s: %" PRIu64 " bad, %" PRIu64 " warning%s\n", found.bad == 0 ? "healthy" : "not healthy", found.bad,
               found.warnings, found.warnings == 1 ? "" : "s");
    return found.bad == 0 ? EXIT_DONE : EXIT_REFUSED;
}

int command_health(int argc, char **argv)
{
    session at = session_default();
    const char *path = NULL;
    const char *operands[ARGUMENT_OPERANDS] = {NULL};
    const argument options[] = {{"metrics", ARGUMENT_TEXT, .text = &path}};
    const command_line line = {"health", help, "DIR", options, 1};
    int code = arguments_read(&line, argc, argv, &at, operands);
    if (code != ARGUMENTS_GO) return code;
    openmetrics metrics = {NULL};
    reason why;
    if (path != NULL && !openmetrics_read(path, &metrics, &why)) return complain(EXIT_USAGE, "%s: %s", path, why.text);
    code = session_open_to_read(&at, operands[0]);
    if (code == EXIT_DONE) code = session_close(&at, run(&at, operands[0], path != NULL ? &metrics : NULL));
    openmetrics_free(&metrics);
    return code;
}
