/* Any bytes as a document of any kind: they are refused in words, or are the one form of what they declare, so that it
 * comes to the same bytes when it is written again; no read leaves the bytes. The first byte chooses the kind. */
#include "engine/core/version.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must(bool holds)
{
    if (!holds) abort();
}

static size_t encode(const struct document *document, uint8_t again[DOCUMENT_BYTES_MAX])
{
    const struct zone_document *zone = (const struct zone_document *)document;
    fig_client client;
    switch ((enum document_kind)document->kind) {
    case DOCUMENT_SERVICE: return document_encode_service(&((const struct service *)document)->is, again);
    case DOCUMENT_RULE: return document_encode_rule(&((const struct rule *)document)->is, again);
    case DOCUMENT_ZONE: return document_encode_zone(document->name, zone->file, zone->file_size, again);
    case DOCUMENT_CLIENT:
        client_show((const struct client_profile *)document, &client);
        return document_encode_client(&client, again);
    default: return document_encode_schedule(&((const struct schedule *)document)->is, again);
    }
}

static void keep(const struct document_declared *declared, size_t room)
{
    static uint8_t again[DOCUMENT_BYTES_MAX];
    void *memory = malloc(room); /* of the size that was told, so that a write beyond it is seen */
    if (memory == NULL) return;
    const struct document *kept = document_keep(memory, declared, 1, 2);
    must(kept != NULL || declared->kind == DOCUMENT_ZONE);
    if (kept != NULL) {
        struct words name = document_name(declared);
        must(name.size == kept->name_size && memcmp(name.text, kept->name, name.size) == 0);
        must(encode(kept, again) == declared->size && memcmp(again, declared->bytes, declared->size) == 0);
    }
    free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < 1 || size > DOCUMENT_BYTES_MAX) return 0;
    uint8_t *own = malloc(size - 1 + (size == 1)); /* so that a read beyond them is seen */
    if (own == NULL) return 0;
    memcpy(own, bytes + 1, size - 1);
    const struct document_declared declared = {
        .id = 7, .kind = bytes[0] % (DOCUMENT_KINDS + 1), .size = (uint32_t)size - 1, .bytes = own};
    const char *fault = NULL;
    size_t room = document_room(&declared, &fault);
    must((room == 0) == (fault != NULL));
    if (room > 0) keep(&declared, room);
    free(own);
    return 0;
}
