/* Travelling in time: versions that are no longer in memory, built anew. The journal tells of each entry, so a version
 * is what the entries up to it come to: from an empty state, or from the tables where those stand at or before it. All
 * of it is one generation of nodes of its own, so that nothing is copied on the way. */
#include "engine/runtime/reading.h"

struct travel {
    struct fig_engine *engine;
    struct nodes *nodes;
    struct version *version;
    uint64_t to; /* the seq to stop at */
    struct frame_reader reader;
    fig_error *error;
    fig_status status;
};

static fig_status no_memory(fig_error *error) { return fail(error, FIG_NO_MEMORY, "there is not enough memory"); }

static fig_status broken(const struct travel *travel, uint64_t number, const char *fault)
{
    return fail(travel->error, status_of_frame(fault), "frame %llu: %s", (unsigned long long)number, fault);
}

/* Up to the last entry that is wanted. After a whole frame the state has to be what the frame says. */
static fig_status apply_frame(struct travel *travel, const struct frame_head *head)
{
    struct applying applying = {.nodes = travel->nodes,
                                .allocator = &travel->engine->allocator,
                                .version = travel->version,
                                .frame = head->number};
    struct entry entry;
    const char *fault = NULL;
    enum frame_status read;
    while ((read = frame_next(&travel->reader, &entry, &fault)) == FRAME_OK && entry.seq <= travel->to) {
        enum apply_status applied = apply_entry(&applying, &entry);
        if (applied == APPLY_NO_MEMORY) return no_memory(travel->error);
        if (applied == APPLY_BROKEN) return broken(travel, head->number, "an entry does not fit the state before it");
    }
    if (read == FRAME_NO_MEMORY) return no_memory(travel->error);
    if (read == FRAME_BROKEN) return broken(travel, head->number, fault);
    if (read == FRAME_OK) return FIG_OK; /* cut within */
    if (!digest_equal(travel->version->digest, head->state))
        return broken(travel, head->number, "the state after it has another digest than it says");
    travel->version->frame = head->number;
    travel->version->chain = head->hash;
    return FIG_OK;
}

static enum store_status take_frame(void *context, uint64_t number, const void *bytes, size_t size)
{
    struct travel *travel = context;
    struct frame_head head;
    const char *fault = frame_reopen(&travel->reader, bytes, size, &head);
    if (fault == NULL && head.number != number) fault = "it carries another number";
    if (fault == NULL && !digest_equal(head.before, travel->version->chain))
        fault = "it does not follow from the frame before";
    travel->status = fault != NULL ? broken(travel, number, fault) : apply_frame(travel, &head);
    bool more = travel->status == FIG_OK && travel->version->frame == number && travel->version->seq < travel->to;
    return more ? STORE_OK : STORE_STOPPED;
}

static fig_status walk_journal(struct travel *travel)
{
    struct store *store = travel->engine->store;
    struct frame_sink sink = {take_frame, travel};
    struct store_error said = {{0}};
    enum store_status walked = store->ops->since(store, travel->version->frame, &sink, &said);
    if (walked == STORE_OK || walked == STORE_STOPPED) return travel->status;
    if (walked != STORE_NOT_FOUND) return fail_store(travel->error, walked, &said);
    return fail(travel->error, FIG_NOT_FOUND, "the journal does not reach back so far: older frames were trimmed");
}

/* --- from where --- */

static enum store_status take_last_seq(void *context, uint64_t number, const void *bytes, size_t size)
{
    static const struct nodes_allocator none;
    struct frame_head head;
    struct frame_reader reader;
    (void)number;
    if (frame_open(&reader, &none, bytes, size, &head) == NULL) *(uint64_t *)context = frame_last_seq(&reader);
    return STORE_STOPPED;
}

/* They do when they stand at or before the version. */
static bool tables_help(struct fig_engine *engine, uint64_t seq)
{
    struct store *store = engine->store;
    struct store_facts facts;
    struct store_error said = {{0}};
    uint64_t last_seq = UINT64_MAX;
    struct frame_sink sink = {take_last_seq, &last_seq};
    if (engine->options.from_journal || store->ops->facts(store, &facts, &said) != STORE_OK) return false;
    if (facts.checkpoint == 0) return false;
    return store->ops->since(store, facts.checkpoint - 1, &sink, &said) == STORE_STOPPED && last_seq <= seq;
}

static uint64_t hash_seed(struct fig_engine *engine)
{
    struct reading reading;
    reading_begin_newest(engine, &reading);
    uint64_t seed = reading.version->hash_seed;
    reading_end(&reading);
    return seed;
}

static fig_status begin_at(struct travel *travel, bool from_tables)
{
    struct fig_engine *engine = travel->engine;
    travel->nodes = nodes_create(&engine->allocator);
    if (travel->nodes == NULL) return no_memory(travel->error);
    nodes_begin(travel->nodes);
    if (!nodes_reserve(travel->nodes, sizeof(struct version) + 64)) return no_memory(travel->error);
    travel->version = nodes_alloc(travel->nodes, sizeof *travel->version);
    struct version_room room = {travel->nodes, travel->version, hash_seed(engine)};
    struct loaded loaded;
    return load_version(engine, &room, from_tables, &loaded, travel->error);
}

static fig_status go(struct travel *travel, bool from_tables)
{
    fig_status status = begin_at(travel, from_tables);
    if (status == FIG_OK && travel->version->seq < travel->to) status = walk_journal(travel);
    frame_reader_release(&travel->reader);
    if (status == FIG_OK)
        nodes_publish(travel->nodes);
    else if (travel->nodes != NULL)
        nodes_destroy(travel->nodes);
    return status;
}

fig_status rebuild_version(struct fig_engine *engine, uint64_t seq, struct nodes **nodes,
                           const struct version **version, fig_error *error)
{
    struct travel travel = {.engine = engine, .to = seq, .error = error};
    if (engine->base != NULL) return fail(error, FIG_NOT_FOUND, "a fork keeps no versions but those that are held");
    travel.reader.allocator = &engine->allocator;
    bool from_tables = tables_help(engine, seq);
    fig_status status = go(&travel, from_tables);
    if (status == FIG_OK && travel.version->seq > seq) { /* the tables were moved on meanwhile */
        nodes_destroy(travel.nodes);
        status = go(&travel, false);
    }
    if (status != FIG_OK) return status;
    *nodes = travel.nodes;
    *version = travel.version;
    return FIG_OK;
}

/* --- which version an instant was at --- */

struct search {
    int64_t at_s;
    uint64_t found; /* 0: none yet */
    struct frame_reader reader;
    fig_status status;
};

static enum store_status look_for_instant(void *context, uint64_t number, const void *bytes, size_t size)
{
    struct search *search = context;
    struct frame_head head;
    struct entry entry;
    const char *fault;
    (void)number;
    fault = frame_reopen(&search->reader, bytes, size, &head);
    if (fault != NULL) {
        search->status = status_of_frame(fault);
        return STORE_STOPPED;
    }
    enum frame_status read;
    while ((read = frame_next(&search->reader, &entry, &fault)) == FRAME_OK)
        if (entry.now_s <= search->at_s) search->found = entry.seq;
    search->status = read == FRAME_END ? FIG_OK : read == FRAME_NO_MEMORY ? FIG_NO_MEMORY : FIG_CORRUPT;
    return search->status == FIG_OK ? STORE_OK : STORE_STOPPED;
}

fig_status fig_find_version(fig_engine *engine, int64_t at_s, uint64_t *version)
{
    if (engine == NULL || version == NULL || at_s < FIG_TIME_MIN || at_s > FIG_TIME_MAX) return FIG_INVALID;
    fig_status status = catch_up_latest(engine, FIG_TIMEOUT_NS);
    if (status != FIG_OK) return status;
    struct store *store = engine->store;
    struct store_facts facts;
    struct store_error said = {{0}};
    enum store_status walked = store->ops->facts(store, &facts, &said);
    struct search search = {.at_s = at_s};
    search.reader.allocator = &engine->allocator;
    struct frame_sink sink = {look_for_instant, &search};
    if (walked == STORE_OK) walked = store->ops->since(store, facts.first - 1, &sink, &said);
    frame_reader_release(&search.reader);
    if (walked != STORE_OK && walked != STORE_STOPPED) return status_of_store(walked);
    if (search.status != FIG_OK) return search.status;
    if (search.found == 0) return FIG_NOT_FOUND;
    *version = search.found;
    return FIG_OK;
}
