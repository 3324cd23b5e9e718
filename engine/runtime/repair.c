/* Repair: the journal and the tables each lead to the state. Whichever still does, and reaches further, goes into a new
 * store, frame by frame and record by record as they are. The damaged store is only read.
 *
 * The journal leads there when its frames follow each other from the first one on; the tables do when they give the
 * digest that the frame they stand at names, and lead on as far as frames follow that one. */
#include "engine/runtime/chain.h"
#include "engine/runtime/engine.h"
#include "engine/runtime/transplant.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct repair {
    struct store *from;
    struct store *to;
    struct nodes_allocator allocator;
    fig_repaired *told;
    fig_error *error;
    struct chain whole;  /* from the first frame that there is */
    struct chain behind; /* from the frame that the tables stand at */
    uint64_t tables_at;  /* 0: they lead to no state */
    uint64_t kept_from;  /* the first frame that the damaged store has kept; 1 when it cannot say */
    bool older;
    struct store_error said; /* by the store that is written */
};

static void tell(fig_repaired *told, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void tell(fig_repaired *told, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_line(told->text, sizeof told->text, format, arguments);
    va_end(arguments);
}

/* --- looking --- */

static void follow(struct repair *repair, uint64_t after, struct chain *chain)
{
    chain_follow(repair->from, &repair->allocator, after, chain);
    if (chain->cut) tell(repair->told, "%s", chain->fault);
}

static fig_status look_at_tables(struct repair *repair)
{
    fig_status status;
    fig_error said = fig_error_default();
    fig_options options = fig_options_default();
    options.read_only = true;
    options.no_metrics = true;
    struct fig_engine *engine = open_over(repair->from, &options, &status, &said);
    if (engine != NULL) {
        repair->tables_at = engine->checkpoint_frame;
        close_over(engine);
        return FIG_OK;
    }
    if (status == FIG_NO_MEMORY) return fail(repair->error, status, "%s", said.message);
    tell(repair->told, "tables: %s", said.message);
    return FIG_OK;
}

static fig_status look(struct repair *repair)
{
    struct store_facts facts;
    struct store_error said = {{0}};
    enum store_status known = repair->from->ops->facts(repair->from, &facts, &said);
    if (known != STORE_OK) tell(repair->told, "%s", said.message);
    repair->kept_from = known == STORE_OK ? facts.first : 1;
    repair->older = known == STORE_OK && facts.older;
    if (repair->older) tell(repair->told, "the newest state of the file cannot be had: this is the one before");
    follow(repair, 0, &repair->whole);
    fig_status status = look_at_tables(repair);
    if (status != FIG_OK || repair->tables_at == 0) return status;
    bool again = repair->whole.first <= repair->tables_at && repair->tables_at <= repair->whole.last;
    repair->behind = repair->whole;
    if (!again) follow(repair, repair->tables_at - 1, &repair->behind);
    if (repair->behind.first > repair->tables_at) repair->tables_at = 0;
    bool no_memory = repair->whole.no_memory || repair->behind.no_memory;
    return no_memory ? fail(repair->error, FIG_NO_MEMORY, "there is not enough memory") : FIG_OK;
}

/* --- deciding --- */

/* What the new store is made of. */
struct plan {
    uint64_t first;
    uint64_t last;
    uint64_t last_seq;
    bool tables;
    bool cut;
};

static bool make_plan(const struct repair *repair, struct plan *plan)
{
    const struct chain *whole = &repair->whole, *behind = &repair->behind;
    bool journal = whole->first == 1;
    if (repair->tables_at != 0 && (!journal || behind->last > whole->last)) {
        *plan = (struct plan){behind->first, behind->last, behind->last_seq, true, behind->cut};
        return true;
    }
    *plan = (struct plan){whole->first, whole->last, whole->last_seq, false, whole->cut};
    return journal;
}

/* --- writing --- */

static fig_status write_new(struct repair *repair, const struct plan *plan, const char *destination)
{
    struct store_options options = {.create = true, .exclusive = true, .first_frame = plan->first};
    enum store_status opened = store_open_directory(destination, &options, &repair->to, &repair->said);
    if (opened != STORE_OK) return fail_store(repair->error, opened, &repair->said);
    struct transplant copy = {repair->from, repair->to, plan->first, plan->last, plan->tables, &repair->allocator};
    enum store_status copied = transplant(&copy, &repair->said);
    fig_status status = copied == STORE_OK ? FIG_OK : fail_store(repair->error, copied, &repair->said);
    enum store_status closed = repair->to->ops->close(repair->to, deadline_in(FIG_TIMEOUT_NS));
    return status == FIG_OK && closed != STORE_OK ? fail_store(repair->error, closed, &repair->said) : status;
}

/* Opening it makes the tables, where it has none; then all of it is looked over. */
static fig_status finish(const char *destination, fig_error *error)
{
    fig_options options = fig_options_default();
    options.committer = FIG_COMMITTER_NONE;
    fig_engine *engine;
    fig_report report = fig_report_default();
    fig_status status = fig_open(destination, &options, &engine, error);
    if (status != FIG_OK) return status;
    status = fig_checkpoint(engine, error);
    fig_status closed = fig_close(engine);
    if (status != FIG_OK || closed != FIG_OK) return status != FIG_OK ? status : closed;
    return fig_verify(destination, NULL, &report, error);
}

static fig_status repair_store(struct repair *repair, const char *destination)
{
    struct plan plan;
    fig_status status = look(repair);
    if (status != FIG_OK) return status;
    if (!make_plan(repair, &plan))
        return fail(repair->error, FIG_CORRUPT,
                    "neither the journal nor the tables lead to a state any more: restore a backup");
    status = write_new(repair, &plan, destination);
    if (status != FIG_OK) return status;
    repair->told->first_frame = plan.first;
    repair->told->last_frame = plan.last;
    repair->told->version = plan.last_seq;
    repair->told->from_tables = plan.tables;
    repair->told->history_lost = plan.first > repair->kept_from;
    repair->told->newest_lost = plan.cut || repair->older;
    return finish(destination, repair->error);
}

fig_status fig_repair(const char *directory, const char *destination, fig_repaired *repaired, fig_error *error)
{
    fig_repaired unwanted = fig_repaired_default();
    if (directory == NULL || destination == NULL || !error_is_sound(error)) return FIG_INVALID;
    if (repaired != NULL && repaired->struct_size != sizeof *repaired) return FIG_INVALID;
    struct repair repair = {.allocator = system_allocator(), .told = &unwanted, .error = error};
    enum store_status opened = store_open_salvage(directory, &repair.from, &repair.said);
    if (opened != STORE_OK) return fail_store(error, opened, &repair.said);
    fig_status status = repair_store(&repair, destination);
    repair.from->ops->close(repair.from, 0);
    if (repaired != NULL) *repaired = unwanted;
    return status;
}
