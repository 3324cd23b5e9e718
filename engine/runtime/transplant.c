#include "engine/runtime/transplant.h"

#include <string.h>

/* Records that one transaction takes. */
#define RECORDS_AT_ONCE 2048
#define BYTES_AT_ONCE   (1 << 20)

struct copying {
    const struct transplant *transplant;
    struct store_error *error;
    enum store_status written; /* what `to` said last */
    uint64_t tables_at;
    struct store_record *records;
    uint8_t *bytes;
    size_t count;
    size_t used;
};

/* --- frames --- */

static enum store_status copy_frame(void *context, uint64_t number, const void *bytes, size_t size)
{
    struct copying *copying = context;
    struct store *to = copying->transplant->to;
    if (number > copying->transplant->last) return STORE_STOPPED;
    copying->written = to->ops->append(to, number, bytes, size, INT64_MAX, copying->error);
    return copying->written == STORE_OK ? STORE_OK : STORE_STOPPED;
}

/* A store that is damaged may fail behind the last frame that is wanted. */
static enum store_status copy_frames(struct copying *copying)
{
    const struct transplant *transplant = copying->transplant;
    struct frame_sink sink = {copy_frame, copying};
    enum store_status walked =
        transplant->from->ops->since(transplant->from, transplant->first - 1, &sink, copying->error);
    bool through = transplant->to->ops->tip(transplant->to) == transplant->last;
    return walked == STORE_OK || walked == STORE_STOPPED || through ? copying->written : walked;
}

/* --- tables --- */

static bool write_records(struct copying *copying)
{
    struct store *to = copying->transplant->to;
    if (copying->count > 0)
        copying->written =
            to->ops->checkpoint(to, copying->tables_at, copying->records, copying->count, copying->error);
    copying->count = copying->used = 0;
    return copying->written == STORE_OK;
}

static enum store_status copy_record(void *context, const struct store_record *record)
{
    struct copying *copying = context;
    size_t more = record->key_size + record->value_size;
    bool full = copying->count == RECORDS_AT_ONCE || copying->used + more > BYTES_AT_ONCE;
    if (full && !write_records(copying)) return STORE_STOPPED;
    uint8_t *at = copying->bytes + copying->used;
    memcpy(at, record->key, record->key_size);
    memcpy(at + record->key_size, record->value, record->value_size);
    copying->records[copying->count++] = (struct store_record){.table = record->table,
                                                               .key_size = record->key_size,
                                                               .key = at,
                                                               .value = at + record->key_size,
                                                               .value_size = record->value_size};
    copying->used += more;
    return STORE_OK;
}

static enum store_status copy_tables(struct copying *copying)
{
    struct store *from = copying->transplant->from;
    struct record_sink sink = {copy_record, copying};
    enum store_status loaded = from->ops->load(from, 0, 1, &copying->tables_at, &sink, copying->error);
    if (loaded == STORE_OK) write_records(copying);
    return loaded == STORE_OK || loaded == STORE_STOPPED ? copying->written : loaded;
}

/* --- both --- */

static enum store_status copy_all(struct copying *copying)
{
    struct store *to = copying->transplant->to;
    enum store_status status = to->ops->begin(to, INT64_MAX, copying->error);
    if (status != STORE_OK) return status;
    status = copy_frames(copying);
    if (status == STORE_OK && copying->transplant->tables) status = copy_tables(copying);
    to->ops->end(to);
    return status;
}

enum store_status transplant(const struct transplant *transplant, struct store_error *error)
{
    const struct nodes_allocator *allocator = transplant->allocator;
    size_t list_bytes = RECORDS_AT_ONCE * sizeof(struct store_record);
    struct copying copying = {.transplant = transplant, .error = error, .written = STORE_OK};
    copying.records = allocator->allocate(allocator->context, list_bytes);
    copying.bytes = allocator->allocate(allocator->context, BYTES_AT_ONCE);
    enum store_status status = STORE_NO_MEMORY;
    if (copying.records != NULL && copying.bytes != NULL) status = copy_all(&copying);
    if (copying.bytes != NULL) allocator->release(allocator->context, copying.bytes, BYTES_AT_ONCE);
    if (copying.records != NULL) allocator->release(allocator->context, copying.records, list_bytes);
    return status;
}
