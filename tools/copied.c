#include "tools/copied.h"

#include "tools/output.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int copied_look(const session *at, const char *directory, copied *told)
{
    session opened = *at;
    fig_stats stats = fig_stats_default();
    int code = session_open_to_read(&opened, directory);
    if (code != EXIT_DONE) return code;
    fig_status status = fig_get_stats(opened.engine, &stats);
    if (status != FIG_OK) code = complain(output_exit_code(status), "%s: %s", directory, fig_status_text(status));
    *told = (copied){stats.version, stats.frame, stats.appointments, stats.store_bytes, {0}};
    memcpy(told->digest, stats.digest, sizeof told->digest);
    return session_close(&opened, code);
}

void copied_print(const session *at, const char *what, const char *directory, const copied *told)
{
    char digest[33];
    for (size_t i = 0; i < sizeof told->digest; i++) snprintf(digest + 2 * i, 3, "%02x", told->digest[i]);
    if (!at->json) {
        printf("%s %s: version %" PRIu64 ", %" PRIu64 " appointments, %.1f MiB, digest %s\n", what, directory,
               told->version, told->appointments, (double)told->bytes / (1 << 20), digest);
        return;
    }
    json_t *object = json_object();
    json_object_set_new(object, "store", json_string(directory));
    json_object_set_new(object, "version", output_id(told->version));
    json_object_set_new(object, "frame", output_id(told->frame));
    json_object_set_new(object, "appointments", output_id(told->appointments));
    json_object_set_new(object, "digest", json_string(digest));
    json_object_set_new(object, "bytes", output_id(told->bytes));
    output_object(object);
}
