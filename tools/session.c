#include "tools/session.h"

#include "tools/crash.h"
#include "tools/output.h"
#include "tools/text.h"

#include <string.h>
#include <time.h>

session session_default(void) { return (session){.now_s = (int64_t)time(NULL)}; }

static void complain_of_engine(void *context, int level, const char *message)
{
    (void)context;
    if (level <= 4) complain(0, "%s", message);
}

fig_options session_options(const session *at)
{
    fig_options options = fig_options_default();
    options.now_s = at->now_s;
    options.log = complain_of_engine;
    options.committer = FIG_COMMITTER_NONE; /* a command does one thing after the other */
    return options;
}

/* What to do next, where the engine's own words do not say it. */
static const char *advice(fig_status status, const char *words)
{
    if (status == FIG_NOT_STORE && strstr(words, "create") != NULL) return "; `figaro init DIR` does that";
    if (status == FIG_CORRUPT) return "; `figaro verify DIR` says what is damaged";
    return "";
}

int session_complain(const char *directory, fig_status status, const fig_error *error)
{
    const char *words = error->message[0] != '\0' ? error->message : fig_status_text(status);
    bool named = strncmp(words, directory, strlen(directory)) == 0;
    return complain(output_exit_code(status), "%s%s%s%s", named ? "" : directory, named ? "" : ": ", words,
                    advice(status, words));
}

int session_open(session *at, const char *directory, const fig_options *options)
{
    fig_error error = fig_error_default();
    crash_watch(directory);
    fig_status status = fig_open(directory, options, &at->engine, &error);
    return status == FIG_OK ? EXIT_DONE : session_complain(directory, status, &error);
}

int session_open_to_read(session *at, const char *directory)
{
    fig_options options = session_options(at);
    options.read_only = true;
    return session_open(at, directory, &options);
}

int session_open_to_write(session *at, const char *directory)
{
    fig_options options = session_options(at);
    return session_open(at, directory, &options);
}

int session_close(session *at, int exit_code)
{
    fig_status status = fig_close(at->engine);
    at->engine = NULL;
    if (status == FIG_OK) return exit_code;
    complain(0, "closing the store: %s", fig_status_text(status));
    return exit_code == EXIT_DONE ? output_exit_code(status) : exit_code;
}

fig_view session_view(const session *at)
{
    fig_view view = fig_view_default();
    view.now_s = at->now_s;
    return view;
}

fig_status session_find_barber(const session *at, const char *text, fig_barber *barber)
{
    fig_view view = session_view(at);
    fig_status status = fig_find_barber(at->engine, &view, text, barber);
    uint64_t id;
    reason ignored;
    if (status != FIG_NOT_FOUND || !text_number(text, 1, UINT64_MAX, &id, &ignored)) return status;
    return fig_get_barber(at->engine, &view, id, barber);
}

int session_need_barber(const session *at, const char *text, uint64_t line, fig_barber *barber)
{
    fig_status status = session_find_barber(at, text, barber);
    if (status == FIG_OK) return EXIT_DONE;
    if (status == FIG_NOT_FOUND || status == FIG_INVALID)
        return output_refusal(at, FIG_NOT_FOUND, line,
                              "no barber is named '%s' or has that id; `figaro day DIR --all` shows them, "
                              "`figaro setup DIR FILE.json` declares them",
                              text);
    return output_refusal(at, status, line, "barber '%s': %s", text, fig_status_text(status));
}

int session_open_zone(const session *at, const fig_barber *barber, local_zone *zone)
{
    fig_view view = session_view(at);
    fig_shop shop = fig_shop_default();
    const char *name = barber != NULL ? barber->zone : "";
    if (*name == '\0') {
        fig_status status = fig_get_shop(at->engine, &view, barber != NULL ? barber->shop_id : 1, &shop);
        if (status != FIG_OK) return complain(output_exit_code(status), "the shop's zone: %s", fig_status_text(status));
        name = shop.zone;
    }
    reason why;
    return local_zone_open(name, zone, &why) ? EXIT_DONE : complain(EXIT_FAULT, "%s", why.text);
}

int session_instant(const session *at, const fig_barber *barber, const char *option, moment given, int64_t *instant_s)
{
    local_zone zone = {.name = "UTC"};
    reason why;
    int code = given.is_local ? session_open_zone(at, barber, &zone) : EXIT_DONE;
    if (code != EXIT_DONE) return code;
    if (!local_zone_instant(&zone, given, instant_s, &why)) code = complain(EXIT_USAGE, "--%s: %s", option, why.text);
    local_zone_close(&zone);
    return code;
}
