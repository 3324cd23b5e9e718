/* Two copies of a state are in a store: the journal tells how it came to be, the tables what it was at their
 * checkpoint. Whichever reaches further makes the new store; the journal, where both do, for it brings the history
 * along. */
#include "tools/arguments.h"
#include "tools/checking.h"
#include "tools/commands.h"
#include "tools/copied.h"
#include "tools/output.h"
#include "tools/staging.h"

#include <inttypes.h>
#include <stdio.h>

static const char help[] = "usage: figaro repair SRC DIR [options]\n"
                           "\n"
                           "Makes the new store DIR of what is sound in the damaged store SRC, which is only read: of "
                           "the journal, as far as it\n"
                           "goes, or of the tables and the journal behind them, whichever knows more. Says what was "
                           "lost, if anything. No other\n"
                           "process may write to SRC meanwhile.\n"
                           "\n" COMMON_HELP "\n"
                           "examples:\n"
                           "  figaro verify shop\n"
                           "  figaro repair shop shop-repaired\n";

/* One way into the damaged store. */
struct way {
    session at; /* with the engine open, if there is one */
    bool open;
    uint64_t version, frame, behind; /* frames that could not be read */
    char why[512];                   /* it is not open */
};

static struct way try_way(const session *at, const char *directory, bool from_journal)
{
    struct way way = {.at = *at};
    fig_options options = session_options(at);
    fig_error error = fig_error_default();
    fig_stats stats = fig_stats_default();
    fig_metrics metrics = fig_metrics_default();
    options.read_only = options.salvage = true;
    options.from_journal = from_journal;
    fig_status status = fig_open(directory, &options, &way.at.engine, &error);
    way.open = status == FIG_OK;
    if (!way.open) snprintf(way.why, sizeof way.why, "%s", error.message);
    if (!way.open || fig_get_stats(way.at.engine, &stats) != FIG_OK) return way;
    if (fig_get_metrics(way.at.engine, &metrics) == FIG_OK) way.behind = metrics.frames_behind;
    way.version = stats.version;
    way.frame = stats.frame;
    return way;
}

/* ---- making the new store ---- */

static fig_status restore_records(fig_engine *from, fig_engine *into, int64_t now_s)
{
    fig_records *records = NULL;
    fig_record record = fig_record_default();
    fig_status status = fig_records_open(from, NULL, &records);
    while (status == FIG_OK) {
        fig_request request = fig_restore_default();
        fig_outcome outcome = fig_outcome_default();
        status = fig_records_next(records, &record);
        if (status != FIG_OK) break;
        request.now_s = now_s;
        request.record = &record;
        status = fig_restore(into, &request, &outcome);
    }
    fig_records_close(records);
    return status == FIG_NOT_FOUND ? FIG_OK : status;
}

static fig_status fill(const struct way *way, bool from_journal, fig_engine *into)
{
    fig_replay_options all = fig_replay_options_default();
    fig_replayed done = fig_replayed_default();
    if (!from_journal) return restore_records(way->at.engine, into, way->at.now_s);
    return fig_replay(into, way->at.engine, &all, &done, NULL);
}

static int make(const struct way *way, bool from_journal, const char *directory)
{
    session made = way->at;
    fig_options options = session_options(&made);
    options.create = options.bare = true;
    made.engine = NULL;
    int code = session_open(&made, directory, &options);
    if (code != EXIT_DONE) return code;
    fig_status status = fill(way, from_journal, made.engine);
    if (status != FIG_OK)
        code = complain(output_exit_code(status), "the new store could not be filled: %s", fig_status_text(status));
    return session_close(&made, code);
}

static int check(const session *at, const char *directory)
{
    static checking finding;
    int code = checking_run(at, directory, &finding);
    if (code == EXIT_DONE) code = checking_complain(directory, &finding);
    return code;
}

/* ---- the choice ---- */

static void tell(const session *at, const char *directory, const struct way *way, bool from_journal, const copied *told)
{
    if (at->json) {
        json_t *object = json_object();
        json_object_set_new(object, "store", json_string(directory));
        json_object_set_new(object, "from", json_string(from_journal ? "journal" : "tables"));
        json_object_set_new(object, "version", output_id(way->version));
        json_object_set_new(object, "lost_frames", output_id(way->behind));
        json_object_set_new(object, "lost_history", json_boolean(!from_journal));
        json_object_set_new(object, "appointments", output_id(told->appointments));
        output_object(object);
        return;
    }
    copied_print(at, "repaired in", directory, told);
    if (way->behind > 0)
        printf("lost: %" PRIu64 " frames behind frame %" PRIu64 " (version %" PRIu64 "), which cannot be read\n",
               way->behind, way->frame, way->version);
    if (!from_journal) puts("lost: the journal before that state; what was then is not known any more");
    if (way->behind == 0 && from_journal) puts("nothing was lost");
}

static int repair(const session *at, const struct way *way, bool from_journal, const char *directory)
{
    staging staged;
    copied told;
    int code = staging_begin(directory, &staged);
    if (code != EXIT_DONE) return code;
    code = make(way, from_journal, staged.path);
    if (code == EXIT_DONE) code = check(at, staged.path);
    if (code == EXIT_DONE) code = copied_look(at, staged.path, &told);
    if (code != EXIT_DONE) {
        staging_drop(&staged);
        return code;
    }
    code = staging_publish(&staged);
    if (code == EXIT_DONE) tell(at, directory, way, from_journal, &told);
    return code;
}

static int choose(const session *at, const char *source, const char *directory)
{
    struct way journal = try_way(at, source, true), tables = {.at = *at};
    if (!journal.open || journal.behind > 0 || journal.frame == 0) tables = try_way(at, source, false);
    bool from_tables = tables.open && tables.version > journal.version;
    int code;
    if (from_tables || (journal.open && journal.frame > 0))
        code = repair(at, from_tables ? &tables : &journal, !from_tables, directory);
    else
        code = complain(EXIT_FAULT, "neither the journal nor the tables of %s can be read: %s; restore a backup",
                        source, journal.why[0] != '\0' ? journal.why : tables.why);
    if (journal.open) code = session_close(&journal.at, code);
    return tables.open ? session_close(&tables.at, code) : code;
}

int command_repair(int argc, char **argv)
{
    session at = session_default();
    const char *operands[ARGUMENT_OPERANDS] = {NULL};
    const command_line line = {"repair", help, "SRC DIR", NULL, 0};
    int code = arguments_read(&line, argc, argv, &at, operands);
    return code != ARGUMENTS_GO ? code : choose(&at, operands[0], operands[1]);
}
