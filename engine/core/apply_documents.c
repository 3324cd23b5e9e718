/* Schedules, services, clients, rules, zones: a document takes the place of the one before. */
#include "engine/core/applying.h"

static bool piece_changed(struct applying *applying, const struct document *document, uint32_t piece)
{
    return applying_changed(applying, (struct change){.table = document_table((enum document_kind)document->kind),
                                                      .kind = CHANGE_OF_DOCUMENT + document->kind,
                                                      .id = document->id,
                                                      .start_s = piece});
}

static void subtract(struct applying *applying, const struct document *was)
{
    struct record record;
    for (uint32_t piece = 0; piece < document_pieces(was); piece++) {
        record_of_document(&record, was, piece);
        applying_subtract(applying, &record);
    }
}

static void add(struct applying *applying, const struct document *is)
{
    struct record record;
    for (uint32_t piece = 0; piece < document_pieces(is); piece++) {
        record_of_document(&record, is, piece);
        applying_add(applying, &record);
    }
}

/* Pieces that are no more changed, too: a checkpoint deletes them. */
static bool note_changes(struct applying *applying, const struct document *was, const struct document *is)
{
    uint32_t count = document_pieces(is);
    if (was != NULL && document_pieces(was) > count) count = document_pieces(was);
    for (uint32_t piece = 0; piece < count; piece++)
        if (!piece_changed(applying, is, piece)) return false;
    return true;
}

/* Those without a name are found by their id alone. */
static void name_it(struct applying *applying, const struct document *was, const struct document *is)
{
    struct radix *names = &applying->version->document_names[is->kind];
    bool had = was != NULL && was->name_size > 0;
    struct words old = had ? (struct words){was->name, was->name_size} : (struct words){0};
    if (is->name_size > 0)
        applying_rename(applying, names, old, had ? was : NULL, (struct words){is->name, is->name_size}, is);
    else if (had)
        applying_leave_place(applying, names, old.text, old.size, was);
}

bool apply_document(struct applying *applying, const struct document_declared *declared)
{
    struct version *version = applying->version;
    const char *fault;
    size_t bytes = document_room(declared, &fault);
    if (!applying_reserve(applying, bytes + 64 + 3 * RADIX_RESERVE_BYTES)) return false;
    void *room = nodes_alloc(applying->nodes, bytes);
    uint64_t seq = declared->version != 0 ? declared->version : applying->seq;
    struct document *is = document_keep(room, declared, nodes_generation(applying->nodes), seq);
    if (is == NULL) {
        applying->broken = true;
        return false;
    }
    const struct document *was = version_document(version, (enum document_kind)is->kind, is->id);
    name_it(applying, was, is);
    radix_put(applying->nodes, &version->documents[is->kind], is->id, is);
    if (was != NULL) subtract(applying, was);
    add(applying, is);
    if (is->id >= version->next_document_id[is->kind]) version->next_document_id[is->kind] = is->id + 1;
    bool noted = note_changes(applying, was, is);
    if (was != NULL) nodes_retire(applying->nodes, (void *)(uintptr_t)was, was->node_bytes, was->born);
    return noted;
}
