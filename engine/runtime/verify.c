/* Verify: the store's file page by page; the journal alone, every checksum, link and digest; the tables and what
 * follows them; and the two states against each other and against their own invariants. */
#include "engine/core/audit.h"
#include "engine/runtime/chain.h"
#include "engine/runtime/engine.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void report_line(fig_report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void report_line(fig_report *report, const char *format, ...)
{
    report->problems++;
    va_list arguments;
    va_start(arguments, format);
    add_line(report->text, sizeof report->text, format, arguments);
    va_end(arguments);
}

/* What is no damage, and ought to be known. */
static void remark(fig_report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void remark(fig_report *report, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_line(report->text, sizeof report->text, format, arguments);
    va_end(arguments);
}

static fig_status verify_pages(const char *directory, fig_report *report, fig_error *error)
{
    char text[sizeof report->text] = "";
    uint64_t problems = 0;
    struct store_error said = {{0}};
    enum store_status walked = store_verify_directory(directory, text, sizeof text, &problems, &said);
    if (walked == STORE_OK || walked == STORE_CORRUPT) {
        size_t used = strlen(report->text);
        snprintf(report->text + used, sizeof report->text - used, "%s", text);
        report->problems += problems;
        if (walked == STORE_CORRUPT && problems == 0) report_line(report, "%s", said.message);
        return FIG_OK;
    }
    return fail_store(error, walked, &said);
}

/* The invariants of a version. Notes that only the tables hold were added up as those were loaded: the tables of a
 * store in use move on, and another look at them would be at another state. */
static void audit_engine(struct fig_engine *engine, const char *whose, fig_report *report)
{
    struct audit_fault fault;
    if (audit_version(newest(engine), engine->table_notes, &fault)) return;
    report_line(report, "the state from the %s: %s (id %llu)", whose, fault.what, (unsigned long long)fault.id);
}

/* One way to the state. NULL when it leads nowhere; the report says why. */
static fig_engine *open_way(const char *directory, fig_options options, bool from_journal, fig_report *report,
                            fig_error *error, fig_status *status)
{
    fig_error said = fig_error_default();
    fig_engine *engine = NULL;
    options.from_journal = from_journal;
    *status = fig_open(directory, &options, &engine, &said);
    if (*status == FIG_OK) return engine;
    if (*status == FIG_CORRUPT) {
        report_line(report, "%s: %s", from_journal ? "journal" : "tables", said.message);
        *status = FIG_OK;
    } else if (error != NULL) {
        *error = said;
    }
    return NULL;
}

static void compare(fig_engine *from_journal, fig_engine *from_tables, fig_report *report)
{
    const struct version *a = newest(from_journal), *b = newest(from_tables);
    if (a->frame != b->frame) return; /* another process wrote between the two */
    if (!digest_equal(a->digest, b->digest))
        report_line(report, "the state from the tables is not that from the journal");
}

/* Of a journal whose first frames were dropped no state can be made: that its frames are sound and follow each other is
 * all that can be asked. *first: the first frame that is kept. */
static fig_status verify_chain(const char *directory, uint64_t *first, fig_report *report, fig_error *error)
{
    struct store_options look = {.read_only = true};
    struct store_facts facts;
    struct store *store;
    struct store_error said = {{0}};
    enum store_status status = store_open_directory(directory, &look, &store, &said);
    if (status != STORE_OK) return fail_store(error, status, &said);
    status = store->ops->facts(store, &facts, &said);
    *first = status == STORE_OK ? facts.first : 1;
    if (status == STORE_OK && facts.first > 1) {
        remark(report, "the history before frame %llu is not there", (unsigned long long)facts.first);
        struct nodes_allocator allocator = system_allocator();
        struct chain chain;
        chain_follow(store, &allocator, 0, &chain);
        if (chain.trimmed) chain_follow(store, &allocator, facts.first - 1, &chain);
        if (chain.no_memory) status = STORE_NO_MEMORY;
        if (chain.newer) {
            snprintf(said.message, sizeof said.message, "%s", chain.fault);
            status = STORE_NEWER;
        }
        if (chain.cut && !chain.no_memory) report_line(report, "journal: %s", chain.fault);
        report->frames = chain.frames;
        report->entries = chain.entries;
    }
    store->ops->close(store, deadline_in(FIG_TIMEOUT_NS));
    return status == STORE_OK ? FIG_OK : fail_store(error, status, &said);
}

static fig_status verify_tables(const char *directory, const fig_options *options, fig_engine *journal,
                                fig_report *report, fig_error *error)
{
    fig_status status;
    fig_engine *tables = open_way(directory, *options, false, report, error, &status);
    if (tables == NULL) return status;
    report->records = tables->records_read;
    audit_engine(tables, "tables", report);
    if (journal != NULL) compare(journal, tables, report);
    fig_close(tables);
    return status;
}

static fig_status verify_states(const char *directory, const fig_options *options, fig_report *report, fig_error *error)
{
    uint64_t first = 1;
    fig_status status = verify_chain(directory, &first, report, error);
    if (status != FIG_OK) return status;
    if (first > 1) return verify_tables(directory, options, NULL, report, error);
    fig_engine *journal = open_way(directory, *options, true, report, error, &status);
    if (status != FIG_OK) return status;
    if (journal != NULL) {
        report->frames = journal->frames_read;
        report->entries = journal->entries_read;
        audit_engine(journal, "journal", report);
    }
    status = verify_tables(directory, options, journal, report, error);
    fig_close(journal);
    return status;
}

fig_status fig_verify(const char *directory, const fig_options *options, fig_report *report, fig_error *error)
{
    if (directory == NULL || report == NULL || report->struct_size != sizeof *report) return FIG_INVALID;
    if (!error_is_sound(error)) return FIG_INVALID;
    fig_options chosen = options != NULL ? *options : fig_options_default();
    chosen.read_only = true;
    chosen.create = false;
    chosen.in_memory = false;
    *report = fig_report_default();
    fig_status status = verify_pages(directory, report, error);
    if (status != FIG_OK) return status;
    if (report->problems == 0) status = verify_states(directory, &chosen, report, error);
    if (status != FIG_OK) return status;
    if (report->problems == 0) return FIG_OK;
    bool one = report->problems == 1;
    return fail(error, FIG_CORRUPT, "%llu problem%s found in %s", (unsigned long long)report->problems,
                one ? " was" : "s were", directory);
}
