#include "tests/oracle/again.h"

#include "tests/oracle/compare.h"
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENTRY_REQUESTS = 16, PAGE = 32 };

/* The requests of one entry, with copies of the texts that the journal keeps only until the next one. */
struct again {
    fig_engine *fresh;
    uint64_t version;
    fig_status due[ENTRY_REQUESTS];
    fig_request requests[ENTRY_REQUESTS];
    fig_outcome outcomes[ENTRY_REQUESTS];
    char keys[ENTRY_REQUESTS][FIG_KEY_MAX + 1];
    char notes[ENTRY_REQUESTS][FIG_NOTE_MAX + 1];
    size_t count;
    fig_shop shop;
    bool is_cut; /* what follows cannot be asked alike */
    char said[1024];
};

static void keep_texts(struct again *again, fig_request *request, size_t at)
{
    if (request->key != NULL) request->key = strcpy(again->keys[at], request->key);
    if (request->note != NULL) request->note = strcpy(again->notes[at], request->note);
}

/* A key's content tells fields that were left to defaults from those that were not: a hold that was refused when it was
 * asked for again by its key comes back with defaults, and the hold that it meant without. */
static bool is_reused(const struct again *again, size_t member)
{
    return again->requests[member].key != NULL && again->due[member] != FIG_OK &&
           again->outcomes[member].status == FIG_KEY_REUSED;
}

/* In a batch the first member at fault decides what is said of the others. */
static bool is_due(const struct again *again, size_t member)
{
    fig_status status = again->outcomes[member].status, due = again->due[member];
    if (status == due || is_reused(again, member)) return true;
    bool follows = false;
    for (size_t i = 0; i < again->count; i++) follows |= i != member && is_reused(again, i);
    return follows && due != FIG_OK && status == FIG_NOT_DONE;
}

static const char *ask_entry(struct again *again)
{
    if (again->count == 1)
        fig_write(again->fresh, again->requests, 1, again->outcomes);
    else if (again->count > 1)
        fig_batch(again->fresh, again->requests, again->count, again->outcomes);
    for (size_t i = 0; i < again->count; i++) {
        if (is_due(again, i)) continue;
        snprintf(again->said, sizeof again->said, "version %llu, asked again: %s, was %s\n  %s",
                 (unsigned long long)again->version, fig_status_name(again->outcomes[i].status),
                 fig_status_name(again->due[i]), describe_request(&again->requests[i]));
        return again->said;
    }
    again->count = 0;
    return NULL;
}

/* An entry that did nothing but keep its key, so that versions go on alike. */
static void keep_key_alone(struct again *again, const fig_event *event, fig_request *request)
{
    *request = fig_declare_shop_default();
    request->now_s = event->now_s;
    request->key = event->key;
    again->shop = fig_shop_default();
    again->shop.id = 1;
    request->shop = &again->shop;
}

/* A batch whose first member had a key and changed nothing: its key is not told, and is not reused then. */
static bool loses_its_key(const fig_event *event, const fig_request *request)
{
    return event->kind == FIG_EVENT_BOOKED && event->key[0] != '\0' &&
           (request->key == NULL || strcmp(request->key, event->key) != 0) && event->operation > FIG_OP_HOLD;
}

/* A hold that lapsed ends with the booking that takes its time, and is not asked for; in a batch it may have been. */
static bool may_have_been_asked(const fig_event *event, size_t asked)
{
    return event->kind == FIG_EVENT_STATUS && event->appointment.status == FIG_EXPIRED && asked > 0;
}

/* Declarations point to what the journal keeps: they are asked at once, each alone. */
static const char *take_event(struct again *again, fig_journal *journal, const fig_event *event)
{
    const char *difference = event->version != again->version ? ask_entry(again) : NULL;
    size_t at = again->count;
    if (difference != NULL) return difference;
    if (event->kind == FIG_EVENT_NONE)
        keep_key_alone(again, event, &again->requests[at]);
    else if (fig_journal_request(journal, &again->requests[at]) != FIG_OK) {
        again->is_cut |= may_have_been_asked(event, at);
        return NULL;
    }
    again->is_cut |= loses_its_key(event, &again->requests[at]);
    again->version = event->version;
    again->due[at] = event->kind == FIG_EVENT_REFUSED ? event->refusal : FIG_OK;
    again->outcomes[at] = fig_outcome_default();
    again->count++;
    keep_texts(again, &again->requests[at], at);
    return again->requests[at].operation > FIG_OP_SET_STATUS || again->count == ENTRY_REQUESTS ? ask_entry(again)
                                                                                               : NULL;
}

static const char *ask_all(struct again *again, fig_engine *engine)
{
    fig_journal *journal = NULL;
    const char *difference = NULL;
    if (fig_journal_open(engine, 1, &journal) != FIG_OK) return "the journal does not open";
    for (fig_event event = fig_event_default();
         difference == NULL && !again->is_cut && fig_journal_next(journal, &event) == FIG_OK;)
        difference = take_event(again, journal, &event);
    if (difference == NULL && !again->is_cut) difference = ask_entry(again);
    fig_journal_close(journal);
    return difference;
}

/* ---- what is there in the end ---- */

static size_t list_page(fig_engine *engine, fig_cursor *cursor, fig_appointment page[PAGE])
{
    fig_view view = fig_view_default();
    fig_filter filter = fig_filter_default();
    size_t count = 0;
    view.now_s = FIG_TIME_MIN;
    view.latest = true;
    for (size_t i = 0; i < PAGE; i++) page[i] = fig_appointment_default();
    return fig_list(engine, &view, &filter, cursor, page, PAGE, &count) == FIG_OK ? count : 0;
}

static const char *compare_lists(fig_engine *engine, fig_engine *fresh)
{
    fig_cursor cursors[2] = {{{0}}, {{0}}};
    fig_appointment pages[2][PAGE];
    for (;;) {
        size_t count = list_page(engine, &cursors[0], pages[0]);
        if (list_page(fresh, &cursors[1], pages[1]) != count)
            return "asked again, there are more or fewer appointments";
        if (count == 0) return NULL;
        for (size_t i = 0; i < count; i++) {
            const char *difference = compare_appointments("asked again", &pages[1][i], &pages[0][i]);
            if (difference != NULL) return difference;
        }
    }
}

static struct again *begin(void)
{
    fig_options options = fig_options_default();
    options.in_memory = options.bare = options.journal_refusals = true;
    struct again *again = calloc(1, sizeof *again);
    if (again == NULL || fig_open(NULL, &options, &again->fresh, NULL) != FIG_OK) abort();
    return again;
}

/* Keeps the words when the rest goes. */
static const char *end(struct again *again, const char *difference)
{
    static char said[1024];
    if (difference != NULL) difference = strcpy(said, difference);
    free(again);
    return difference;
}

const char *again_ask(fig_engine *engine, fig_engine **fresh)
{
    struct again *again = begin();
    *fresh = again->fresh;
    return end(again, ask_all(again, engine));
}

const char *again_compare(fig_engine *engine, bool *is_cut)
{
    struct again *again = begin();
    fig_engine *fresh = again->fresh;
    const char *difference = ask_all(again, engine);
    if (difference == NULL && !again->is_cut) difference = compare_lists(engine, fresh);
    *is_cut = again->is_cut;
    difference = end(again, difference);
    if (fig_close(fresh) != FIG_OK) abort();
    return difference;
}
