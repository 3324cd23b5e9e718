#include "tools/session.h"

#include "tools/crash.h"
#include "tools/output.h"
#include "tools/text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PAGE = 64 };

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
    bool is_named = strncmp(words, directory, strlen(directory)) == 0;
    return complain(output_exit_code(status), "%s%s%s%s", is_named ? "" : directory, is_named ? "" : ": ", words,
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

/* ---- what was known then ---- */

/* Which version was meant, and at which now it is looked at. */
static int place_in_time(const session *at, const char *as_of, uint64_t *version, int64_t *now_s)
{
    reason why;
    moment then;
    if (text_number(as_of, 1, INT64_MAX, version, &why)) {
        fig_journal *journal = NULL;
        fig_event event = fig_event_default();
        if (fig_journal_open(at->engine, *version, &journal) == FIG_OK && fig_journal_next(journal, &event) == FIG_OK)
            *now_s = event.now_s;
        fig_journal_close(journal);
        return EXIT_DONE;
    }
    if (!rfc3339_parse_moment(as_of, &then, &why))
        return complain(EXIT_USAGE, "--as-of: '%.64s' is neither a version nor an instant: %s", as_of, why.text);
    int code = session_instant(at, NULL, "as-of", then, now_s);
    if (code != EXIT_DONE) return code;
    fig_status status = fig_find_version(at->engine, *now_s, version);
    if (status == FIG_NOT_FOUND) return output_refusal(at, status, 0, "--as-of: nothing was known yet at %s", as_of);
    return status == FIG_OK ? EXIT_DONE : complain(output_exit_code(status), "--as-of: %s", fig_status_text(status));
}

static int look_back(session *at, const char *as_of)
{
    uint64_t version = 0;
    int64_t now_s = at->now_s;
    int code = place_in_time(at, as_of, &version, &now_s);
    if (code != EXIT_DONE) return code;
    fig_status status = fig_snapshot_open_at(at->engine, version, &at->snapshot);
    if (status == FIG_NOT_FOUND)
        return output_refusal(at, status, 0,
                              "--as-of: the journal has no version %s; `figaro stats DIR` says the newest", as_of);
    if (status != FIG_OK) return complain(output_exit_code(status), "--as-of: %s", fig_status_text(status));
    if (!at->now_given) at->now_s = now_s;
    return EXIT_DONE;
}

int session_open_as_of(session *at, const char *directory, const char *as_of)
{
    int code = session_open_to_read(at, directory);
    if (code != EXIT_DONE || as_of == NULL) return code;
    code = look_back(at, as_of);
    return code == EXIT_DONE ? code : session_close(at, code);
}

int session_open_to_write(session *at, const char *directory)
{
    fig_options options = session_options(at);
    return session_open(at, directory, &options);
}

int session_close(session *at, int exit_code)
{
    fig_snapshot_close(at->snapshot);
    at->snapshot = NULL;
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
    view.snapshot = at->snapshot;
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

/* The zone's bytes, which the caller frees; NULL when the store has none. */
static void *read_stored_zone(const session *at, const char *name, size_t *size)
{
    fig_view view = session_view(at);
    fig_zone_data data = fig_zone_data_default();
    for (size_t room = 1 << 14;; room = data.size) {
        data.into = malloc(room);
        data.capacity = room;
        if (data.into == NULL || fig_get_zone(at->engine, &view, name, &data) != FIG_OK) break;
        *size = data.size;
        if (data.size <= room) return data.into;
        free(data.into);
    }
    free(data.into);
    return NULL;
}

bool session_read_zone(const session *at, const char *name, local_zone *zone, reason *why)
{
    size_t size = 0;
    void *bytes = strcmp(name, "UTC") == 0 ? NULL : read_stored_zone(at, name, &size);
    if (bytes == NULL) return local_zone_open(name, zone, why);
    bool good = local_zone_read(name, bytes, size, zone, why);
    free(bytes);
    return good;
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
    return session_read_zone(at, name, zone, &why) ? EXIT_DONE : complain(EXIT_FAULT, "%s", why.text);
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

fig_status session_find_shop(const session *at, const char *name, uint64_t *id)
{
    fig_view view = session_view(at);
    fig_shop page[PAGE];
    fig_cursor cursor = {{0}};
    for (size_t i = 0; i < PAGE; i++) page[i] = fig_shop_default();
    for (;;) {
        size_t count = 0;
        fig_status status = fig_list_shops(at->engine, &view, &cursor, page, PAGE, &count);
        if (status != FIG_OK) return status;
        if (count == 0) return FIG_NOT_FOUND;
        for (size_t i = 0; i < count; i++) {
            if (strcmp(page[i].name, name) != 0) continue;
            *id = page[i].id;
            return FIG_OK;
        }
    }
}

/* A number, when no thing has that name. */
static int take_number(const session *at, const char *what, const char *text, uint64_t line, fig_status status,
                       uint64_t *id)
{
    reason ignored;
    if (status == FIG_OK) return EXIT_DONE;
    if (status == FIG_NOT_FOUND && text_number(text, 1, INT64_MAX, id, &ignored)) return EXIT_DONE;
    if (status == FIG_NAME_TAKEN)
        return output_refusal(at, status, line, "two %ss are named '%s'; give the id", what, text);
    if (status == FIG_NOT_FOUND || status == FIG_INVALID)
        return output_refusal(at, FIG_NOT_FOUND, line,
                              "no %s is named '%s', and it is no id; `figaro setup DIR FILE.json` declares them", what,
                              text);
    return output_refusal(at, status, line, "%s '%s': %s", what, text, fig_status_text(status));
}

int session_need_service(const session *at, const named *called, uint64_t line, uint64_t *id)
{
    fig_view view = session_view(at);
    fig_service service = fig_service_default();
    *id = called->id;
    if (called->text == NULL) return EXIT_DONE;
    fig_status status = fig_find_service(at->engine, &view, called->text, &service);
    if (status == FIG_OK) *id = service.id;
    return take_number(at, "service", called->text, line, status, id);
}

int session_need_client(const session *at, const named *called, uint64_t line, uint64_t *id)
{
    fig_view view = session_view(at);
    fig_client client = fig_client_default();
    *id = called->id;
    if (called->text == NULL) return EXIT_DONE;
    fig_status status = fig_find_client(at->engine, &view, called->text, &client);
    if (status == FIG_OK) *id = client.id;
    return take_number(at, "client", called->text, line, status, id);
}

int session_need_shop(const session *at, const named *called, uint64_t line, uint64_t *id)
{
    fig_view view = session_view(at);
    fig_shop shop = fig_shop_default();
    *id = called->id;
    if (called->text == NULL) return EXIT_DONE;
    int code = take_number(at, "shop", called->text, line, session_find_shop(at, called->text, id), id);
    if (code != EXIT_DONE) return code;
    fig_status status = fig_get_shop(at->engine, &view, *id, &shop);
    if (status == FIG_OK) return EXIT_DONE;
    return output_refusal(at, status, line, "no shop is named '%s' or has that id; `figaro setup` declares them",
                          called->text);
}
