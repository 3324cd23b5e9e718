/* Repair: the journal and the tables each lead to the state. Whichever still does, and reaches further, goes into a new
 * store, frame by frame and record by record as they are, with what was archived in an archive again. The damaged store
 * is only read.
 *
 * The journal leads there when its frames follow each other from the first one on; the tables do when they give the
 * digest that the frame they stand at names, and lead on as far as frames follow that one. Where the trees and indexes
 * do not lead to all frames, every byte of every file is searched for them: found.c. */
#include "engine/runtime/chain.h"
#include "engine/runtime/engine.h"
#include "engine/runtime/found.h"
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
    enum store_status known;  /* STORE_OK: the facts are */
    struct store_facts facts; /* as the trees have them */
    struct store_error said_of_facts;
    struct store_claims claims;
    bool searched; /* for frames; what was found is in use */
    struct found found;
    struct chain whole;      /* from the first frame that there is */
    struct chain behind;     /* the one in which the frame lies that the tables stand at */
    uint64_t tables_at;      /* 0: they lead to no state */
    struct store_error said; /* by a store */
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
    char home[STORE_HOME_MAX];
    if (!chain->cut || strstr(repair->told->text, chain->fault) != NULL) return;
    store_salvage_home(repair->from, chain->fault_at, home);
    if (chain->fault_at > 0)
        tell(repair->told, "%s: %s", home, chain->fault);
    else
        tell(repair->told, "%s", chain->fault);
}

/* The frame at which they stand; 0: they lead to no state, and *status and *said say why. */
static uint64_t load_tables_of(struct store *store, fig_status *status, fig_error *said)
{
    fig_options options = fig_options_default();
    options.read_only = true;
    options.no_metrics = true;
    struct fig_engine *engine = open_over(store, &options, status, said);
    if (engine == NULL) return 0;
    uint64_t at = engine->checkpoint_frame;
    close_over(engine);
    return at;
}

static bool tables_lead(void *context)
{
    fig_status status;
    return load_tables_of(context, &status, NULL) != 0;
}

static fig_status look_at_tables(struct repair *repair)
{
    fig_status status;
    fig_error said = fig_error_default();
    repair->tables_at = load_tables_of(repair->from, &status, &said);
    if (status == FIG_OK) return FIG_OK;
    if (status == FIG_NO_MEMORY || status == FIG_NEWER) return fail(repair->error, status, "%s", said.message);
    tell(repair->told, "tables: %s", said.message);
    return FIG_OK;
}

/* What only a newer program reads is not damaged, and none of it may be thrown away. */
static fig_status is_newer(const struct repair *repair, const struct chain *chain)
{
    return fail(repair->error, FIG_NEWER, "%s", chain->fault);
}

static fig_status no_memory(const struct repair *repair)
{
    return fail(repair->error, FIG_NO_MEMORY, "there is not enough memory");
}

static fig_status look_at_facts(struct repair *repair)
{
    repair->known = repair->from->ops->facts(repair->from, &repair->facts, &repair->said_of_facts);
    store_salvage_claims(repair->from, &repair->claims);
    if (repair->known == STORE_NEWER) return fail_store(repair->error, repair->known, &repair->said_of_facts);
    if (repair->known != STORE_OK) tell(repair->told, "%s", repair->said_of_facts.message);
    if (repair->claims.archive_unknown[0] != '\0') tell(repair->told, "%s", repair->claims.archive_unknown);
    bool older = repair->known == STORE_OK && repair->facts.older;
    if (older) tell(repair->told, "the newest state of the file cannot be had: this is the one before");
    return FIG_OK;
}

static void tell_what_was_found(struct repair *repair)
{
    const struct found *found = &repair->found;
    uint64_t unreadable = found->unreadable;
    if (unreadable > 0) tell(repair->told, "%llu bytes cannot be read", (unsigned long long)unreadable);
    if (found->count == 0)
        tell(repair->told, "every byte was searched for frames, and none was found");
    else
        tell(repair->told, "every byte was searched for frames: %zu were found, of %llu to %llu", found->count,
             (unsigned long long)found->places[0].number, (unsigned long long)found->places[found->count - 1].number);
}

static fig_status search(struct repair *repair)
{
    struct found_tables tables = {repair->claims.checkpoint, tables_lead, repair->from};
    enum store_status gathered = found_gather(repair->from, &repair->allocator, &tables, &repair->found, &repair->said);
    if (gathered == STORE_NO_MEMORY) return no_memory(repair);
    if (gathered != STORE_OK) return fail_store(repair->error, gathered, &repair->said);
    repair->searched = true;
    repair->told->found_frames = repair->found.count;
    tell_what_was_found(repair);
    follow(repair, 0, &repair->whole);
    return FIG_OK;
}

/* Frames may be missing at several places: from one gap to the next, until the chain has the frame that is wanted. */
static void follow_to_tables(struct repair *repair)
{
    repair->behind = repair->whole;
    while (repair->behind.first != 0 && repair->behind.last < repair->tables_at)
        follow(repair, repair->behind.last, &repair->behind);
    bool there = repair->behind.first != 0 && repair->behind.first <= repair->tables_at;
    if (!there) repair->tables_at = 0;
}

static fig_status look(struct repair *repair)
{
    fig_status status = look_at_facts(repair);
    if (status != FIG_OK) return status;
    follow(repair, 0, &repair->whole);
    if (repair->whole.newer) return is_newer(repair, &repair->whole);
    bool all = repair->known == STORE_OK && !repair->facts.older && !repair->whole.cut;
    if (!all && !repair->whole.no_memory) status = search(repair);
    if (status == FIG_OK) status = look_at_tables(repair);
    if (status != FIG_OK) return status;
    if (repair->tables_at != 0) follow_to_tables(repair);
    return repair->whole.no_memory || repair->behind.no_memory ? no_memory(repair) : FIG_OK;
}

/* --- deciding --- */

/* What the new store is made of. */
struct plan {
    uint64_t first;
    uint64_t archive_last; /* frames up to this one go into the archive; first - 1: none do */
    uint64_t last;
    uint64_t last_seq;
    bool tables;
};

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

/* A name alone is believed only of frames that the journal does not have. */
static uint64_t last_archived(const struct store_claims *claims)
{
    if (claims->first == 0) return claims->archive_last;
    uint64_t before = least(claims->archive_last, claims->first - 1);
    return claims->archive_sound > before ? claims->archive_sound : before;
}

/* Frames that were archived are again, but for what a start needs: the one that the tables stand at, and those behind
 * it. */
static uint64_t plan_archive(const struct repair *repair, const struct plan *plan)
{
    uint64_t last = least(last_archived(&repair->claims), plan->last - 1);
    if (plan->tables) last = least(last, repair->tables_at - 1);
    return last >= plan->first ? last : plan->first - 1;
}

static bool make_plan(const struct repair *repair, struct plan *plan)
{
    const struct chain *whole = &repair->whole, *behind = &repair->behind;
    bool journal = whole->first == 1;
    bool tables = repair->tables_at != 0 && (!journal || behind->last > whole->last);
    const struct chain *chain = tables ? behind : whole;
    if (!tables && !journal) return false;
    *plan = (struct plan){.first = chain->first, .last = chain->last, .last_seq = chain->last_seq, .tables = tables};
    plan->archive_last = plan_archive(repair, plan);
    return true;
}

/* The last frame that there was; 0: cannot be known. Of the journal's first, last and count two give the third, and
 * what is archived comes before its first. */
static uint64_t tip_of(const struct repair *repair)
{
    const struct store_claims *claims = &repair->claims;
    if (repair->known == STORE_OK) return repair->facts.older ? 0 : repair->facts.tip;
    if (claims->last > 0 || claims->counted == 0) return claims->last;
    if (claims->first > 0) return claims->first - 1 + claims->counted;
    if (claims->archive_last > 0) return claims->archive_last + claims->counted;
    return repair->whole.first > 0 ? repair->whole.first - 1 + claims->counted : 0;
}

static void tell_plan(const struct repair *repair, const struct plan *plan)
{
    fig_repaired *told = repair->told;
    uint64_t tip = tip_of(repair);
    told->first_frame = plan->first;
    told->archived_frame = plan->archive_last >= plan->first ? plan->archive_last : 0;
    told->last_frame = plan->last;
    told->version = plan->last_seq;
    told->from_tables = plan->tables;
    told->history_lost = plan->first > 1;
    told->newest_lost = repair->searched && (tip == 0 || plan->last < tip);
    if (repair->searched && tip != 0 && plan->last > tip)
        tell(told, "frames follow the %lluth, though the store counts no further: their commit may have failed",
             (unsigned long long)tip);
}

/* --- writing --- */

static enum store_status copy_into(struct repair *repair, const struct plan *plan)
{
    struct store *to = repair->to;
    enum store_status status = STORE_OK;
    if (plan->archive_last >= plan->first) status = to->ops->archive_from(to, repair->from, plan->first, &repair->said);
    struct transplant copy = {.from = repair->from,
                              .to = to,
                              .first = plan->archive_last + 1,
                              .last = plan->last,
                              .tables = plan->tables,
                              .allocator = &repair->allocator};
    return status == STORE_OK ? transplant(&copy, &repair->said) : status;
}

static fig_status write_new(struct repair *repair, const struct plan *plan, const char *destination)
{
    struct store_options options = {.create = true, .exclusive = true, .first_frame = plan->archive_last + 1};
    enum store_status opened = store_open_directory(destination, &options, &repair->to, &repair->said);
    if (opened != STORE_OK) return fail_store(repair->error, opened, &repair->said);
    enum store_status copied = copy_into(repair, plan);
    fig_status status = copied == STORE_OK ? FIG_OK : fail_store(repair->error, copied, &repair->said);
    enum store_status closed = repair->to->ops->close(repair->to, deadline_in(FIG_TIMEOUT_NS));
    return status == FIG_OK && closed != STORE_OK ? fail_store(repair->error, closed, &repair->said) : status;
}

/* Opening it makes the tables, where it has none; then all of it is looked over. Of a frame that was searched for, the
 * copy from before a text was forgotten may be all that was found: the text goes once more. */
static fig_status finish(const char *destination, bool tables, bool searched, fig_error *error)
{
    fig_options options = fig_options_default();
    options.committer = FIG_COMMITTER_NONE;
    options.from_journal = !tables;
    fig_engine *engine;
    fig_report report = fig_report_default();
    fig_status status = fig_open(destination, &options, &engine, error);
    if (status != FIG_OK) return status;
    status = fig_checkpoint(engine, error);
    if (status == FIG_OK && searched) status = forget_again(engine, error);
    fig_status closed = fig_close(engine);
    if (status != FIG_OK || closed != FIG_OK) return status != FIG_OK ? status : closed;
    return fig_verify(destination, NULL, &report, error);
}

/* Something else than a store has nothing to be repaired. */
static fig_status nothing_leads(const struct repair *repair)
{
    if (repair->known == STORE_NOT_STORE && repair->found.count == 0)
        return fail(repair->error, FIG_NOT_STORE, "%s", repair->said_of_facts.message);
    return fail(repair->error, FIG_CORRUPT,
                "neither the journal nor the tables lead to a state any more: restore a backup");
}

static fig_status repair_store(struct repair *repair, const char *destination)
{
    struct plan plan;
    fig_status status = look(repair);
    if (status != FIG_OK) return status;
    if (!make_plan(repair, &plan)) return nothing_leads(repair);
    status = write_new(repair, &plan, destination);
    if (status != FIG_OK) return status;
    tell_plan(repair, &plan);
    return finish(destination, plan.tables, repair->searched, repair->error);
}

fig_status fig_repair(const char *directory, const char *destination, fig_repaired *repaired, fig_error *error)
{
    fig_repaired unwanted = fig_repaired_default();
    if (directory == NULL || destination == NULL || !error_is_sound(error)) return FIG_INVALID;
    if (repaired != NULL && repaired->struct_size != sizeof *repaired) return FIG_INVALID;
    if (store_is_within(destination, directory))
        return fail(error, FIG_DENIED, "%s lies in %s, which is only read: name a directory elsewhere", destination,
                    directory);
    struct repair repair = {.allocator = system_allocator(), .told = &unwanted, .error = error};
    enum store_status opened = store_open_salvage(directory, &repair.from, &repair.said);
    if (opened != STORE_OK) return fail_store(error, opened, &repair.said);
    fig_status status = repair_store(&repair, destination);
    repair.from->ops->close(repair.from, 0);
    found_release(&repair.found);
    if (repaired != NULL) *repaired = unwanted;
    return status;
}
