/* Forgetting a client: its document loses its bytes, and the notes of its appointments that are in memory lose their
 * text. Salted hashes stand for both in every digest and checksum, so that the state's digest stays what it was. */
#include "engine/core/applying.h"

#include <string.h>

static bool forget_document(struct applying *applying, const struct document *was)
{
    struct document_declared nothing = {.id = was->id, .kind = was->kind, .size = was->size};
    memcpy(nothing.hash, was->hash, sizeof nothing.hash);
    const char *fault;
    size_t bytes = document_room(&nothing, &fault);
    if (!applying_reserve(applying, bytes + 64 + 3 * RADIX_RESERVE_BYTES)) return false;
    void *room = nodes_alloc(applying->nodes, bytes);
    struct document *is = document_keep(room, &nothing, nodes_generation(applying->nodes), was->version);
    if (was->name_size > 0)
        applying_leave_place(applying, &applying->version->document_names[DOCUMENT_CLIENT], was->name, was->name_size,
                             was);
    radix_put(applying->nodes, &applying->version->documents[DOCUMENT_CLIENT], is->id, is);
    nodes_retire(applying->nodes, (void *)(uintptr_t)was, was->node_bytes, was->born);
    return applying_changed(
        applying, (struct change){.table = RECORD_CLIENT, .kind = CHANGE_OF_DOCUMENT + DOCUMENT_CLIENT, .id = is->id});
}

/* A checkpoint writes it over the one that the tables may have. */
static bool forget_note(struct applying *applying, const struct note *was)
{
    if (!applying_reserve(applying, sizeof(struct note) + 1024 + RADIX_RESERVE_BYTES)) return false;
    struct note *is = nodes_alloc(applying->nodes, sizeof *is);
    *is = *was;
    is->born = nodes_generation(applying->nodes);
    is->frame = applying->frame;
    is->forgotten = true;
    memset(is->salt, 0, sizeof is->salt);
    radix_put(applying->nodes, &applying->version->notes, is->id, is);
    nodes_retire(applying->nodes, (void *)(uintptr_t)was, sizeof *was + was->size, was->born);
    return applying_changed(applying, (struct change){.table = RECORD_NOTE, .id = is->id});
}

static bool forget_notes(struct applying *applying, uint64_t client_id)
{
    uint64_t id;
    void *found;
    for (uint64_t from = 0; radix_next(&applying->version->notes, from, &id, &found); from = id + 1) {
        const struct note *note = found;
        const struct appointment *appointment = version_appointment(applying->version, id);
        if (note->forgotten || appointment == NULL || appointment->client_id != client_id) continue;
        if (!forget_note(applying, note)) return false;
    }
    return true;
}

bool apply_forgotten(struct applying *applying, const struct client_forgotten *forgotten)
{
    const struct document *document = version_document(applying->version, DOCUMENT_CLIENT, forgotten->id);
    if (document != NULL && document->bytes != NULL && !forget_document(applying, document)) return false;
    return forget_notes(applying, forgotten->id);
}
