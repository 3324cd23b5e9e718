/* The text of a declaration's record, of what it says: so that it can be changed in words and restored. */
#include "engine/core/deciding.h"
#include "engine/core/record.h"

_Static_assert(FIG_RECORD_TEXT_MAX == DOCUMENT_BYTES_MAX, "a text is a document's bytes");

static size_t encode(const fig_record *record, uint8_t *bytes)
{
    switch (record->kind) {
    case FIG_RECORD_SERVICE: return document_encode_service(record->service, bytes);
    case FIG_RECORD_CLIENT: return document_encode_client(record->client, bytes);
    case FIG_RECORD_RULE: return document_encode_rule(record->rule, bytes);
    default: return document_encode_schedule(record->schedule, bytes);
    }
}

fig_status fig_record_write_text(fig_record *record, void *text, size_t capacity, fig_outcome *outcome)
{
    const char *fault = NULL;
    if (record == NULL || record->struct_size != sizeof *record || outcome == NULL) return FIG_INVALID;
    if (record->id == 0) return refuse(outcome, FIG_INVALID, "record.id", "a declaration has an id");
    if (text == NULL || capacity < FIG_RECORD_TEXT_MAX)
        return refuse(outcome, FIG_INVALID, "text", "a text may take 65536 bytes");
    fig_status status = validate_declared(record, outcome);
    if (status != FIG_OK) return status;
    struct document_declared declared = {.id = record->id, .kind = (uint8_t)document_kind_of(record), .bytes = text};
    declared.size = (uint32_t)encode(record, text);
    if (document_room(&declared, &fault) == 0) return refuse(outcome, FIG_INVALID, "record", fault);
    record->text = text;
    record->text_size = declared.size;
    if (record->kind == FIG_RECORD_CLIENT) note_hash(record->salt, text, declared.size, record->hash);
    return refuse(outcome, FIG_OK, NULL, NULL);
}
