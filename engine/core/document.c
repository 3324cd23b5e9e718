/* Documents from bytes. Each kind is read by one function that runs twice: once to measure and to find what is wrong,
 * and once to fill a node; between the two only where lists go differs. */
#include "engine/core/document.h"

#include "engine/core/bytes.h"
#include "engine/core/document_format.h"
#include "engine/core/event.h"
#include "engine/core/limits.h"
#include "engine/core/text.h"

#include <string.h>

/* ---- where lists go ---- */

struct room {
    uint8_t *memory; /* NULL: only measured */
    size_t used;
};

static void *take_room(struct room *room, size_t bytes)
{
    size_t at = (room->used + 7) & ~(size_t)7;
    room->used = at + bytes;
    return room->memory != NULL ? room->memory + at : NULL;
}

/* ---- fields ---- */

static uint8_t take_below(struct reader *reader, uint8_t bound)
{
    uint8_t number = take_u8(reader);
    if (number >= bound) reader->failed = true;
    return number;
}

/* A text of at most `most` bytes, copied where it is wanted, with its NUL. */
static struct words take_text(struct reader *reader, size_t most)
{
    size_t size = take_u8(reader);
    const char *text = take_bytes(reader, size);
    if (text == NULL || size > most || !text_is_clean(text, size, false)) reader->failed = true;
    return (struct words){text, reader->failed ? 0 : size};
}

static const char *keep_text(struct room *room, struct words words)
{
    char *kept = take_room(room, words.size + 1);
    if (kept == NULL) return "";
    if (words.size > 0) memcpy(kept, words.text, words.size);
    kept[words.size] = '\0';
    return kept;
}

static void copy_text(char *to, struct words words)
{
    if (words.size > 0) memcpy(to, words.text, words.size);
    to[words.size] = '\0';
}

/* ---- lists: each element is read from a piece of its own, which must be greater than the one before ---- */

struct list {
    struct reader *from;
    const uint8_t *before; /* the last element's bytes */
    size_t element_size;
    size_t left;
    size_t count;
};

static struct list take_list(struct reader *reader, size_t element_size)
{
    size_t count = take_u16(reader);
    if (count > FIG_LIST_MAX) reader->failed = true;
    return (struct list){.from = reader,
                         .element_size = element_size,
                         .left = reader->failed ? 0 : count,
                         .count = reader->failed ? 0 : count};
}

/* The next element's bytes, while there are any. */
static bool next_element(struct list *list, struct reader *element)
{
    if (list->left == 0) return false;
    list->left--;
    const uint8_t *bytes = take_bytes(list->from, list->element_size);
    if (bytes == NULL) return false;
    if (list->before != NULL && memcmp(list->before, bytes, list->element_size) >= 0) list->from->failed = true;
    list->before = bytes;
    *element = (struct reader){.at = bytes, .end = bytes + list->element_size};
    return true;
}

static void take_weekly(struct reader *reader, struct room *room, fig_weekly **weekly, size_t *count)
{
    struct list list = take_list(reader, WEEKLY_BYTES);
    struct reader element;
    *count = list.count;
    *weekly = take_room(room, list.count * sizeof **weekly);
    for (size_t i = 0; next_element(&list, &element); i++) {
        fig_weekly read = {.weekday = take_below(&element, 7)};
        read.start_s = take_u32_ordered(&element);
        read.end_s = take_u32_ordered(&element);
        if (element.failed || !weekly_is_sound(&read)) reader->failed = true;
        if (*weekly != NULL) (*weekly)[i] = read;
    }
}

static void take_cuts(struct reader *reader, struct room *room, fig_cut **cuts, size_t *count)
{
    struct list list = take_list(reader, CUT_BYTES);
    struct reader element;
    *count = list.count;
    *cuts = take_room(room, list.count * sizeof **cuts);
    for (size_t i = 0; next_element(&list, &element); i++) {
        fig_cut read = {.yearly = take_flag(&element)};
        read.from_day = take_i32_ordered(&element);
        read.to_day = take_i32_ordered(&element);
        read.whole_days = take_flag(&element);
        read.start_s = take_u32_ordered(&element);
        read.end_s = take_u32_ordered(&element);
        read.kind = (fig_cut_kind)take_below(&element, FIG_CUT_HOLIDAY + 1);
        read.state = (fig_cut_state)take_below(&element, FIG_CUT_CANCELLED + 1);
        bool idle_clocks = read.whole_days && (read.start_s != 0 || read.end_s != 0);
        if (element.failed || idle_clocks || !cut_is_sound(&read)) reader->failed = true;
        if (*cuts != NULL) (*cuts)[i] = read;
    }
}

static void take_offers(struct reader *reader, struct room *room, fig_offer **offers, size_t *count)
{
    struct list list = take_list(reader, OFFER_BYTES);
    struct reader element;
    uint64_t last_id = 0;
    *count = list.count;
    *offers = take_room(room, list.count * sizeof **offers);
    for (size_t i = 0; next_element(&list, &element); i++) {
        fig_offer read = {.service_id = take_u64_ordered(&element)};
        read.duration_s = take_u32_ordered(&element);
        read.buffer_before_s = take_u32_ordered(&element);
        read.buffer_after_s = take_u32_ordered(&element);
        read.declined = take_flag(&element);
        if (element.failed || read.service_id == last_id || !offer_is_sound(&read)) reader->failed = true;
        last_id = read.service_id;
        if (*offers != NULL) (*offers)[i] = read;
    }
}

static void take_ids(struct reader *reader, struct room *room, uint64_t **ids, size_t *count)
{
    struct list list = take_list(reader, ID_BYTES);
    struct reader element;
    *count = list.count;
    *ids = take_room(room, list.count * sizeof **ids);
    for (size_t i = 0; next_element(&list, &element); i++) {
        uint64_t read = take_u64_ordered(&element);
        if (read == 0) reader->failed = true;
        if (*ids != NULL) (*ids)[i] = read;
    }
}

/* A client's type, with nothing but zeros behind it. */
static bool is_padded_name(const uint8_t padded[TYPE_BYTES])
{
    static const uint8_t zeros[TYPE_BYTES];
    const char *text = (const char *)padded;
    if (!text_is_name(text, FIG_TYPE_MAX)) return false;
    size_t size = strlen(text);
    return memcmp(padded + size, zeros, TYPE_BYTES - size) == 0;
}

static void take_types(struct reader *reader, struct room *room, char (**types)[TYPE_BYTES], size_t *count)
{
    struct list list = take_list(reader, TYPE_BYTES);
    struct reader element;
    *count = list.count;
    *types = take_room(room, list.count * sizeof **types);
    for (size_t i = 0; next_element(&list, &element); i++) {
        if (!is_padded_name(element.at)) reader->failed = true;
        if (*types != NULL) memcpy((*types)[i], element.at, TYPE_BYTES);
    }
}

/* ---- documents ---- */

static void read_schedule(struct reader *reader, struct room *room, struct schedule *schedule)
{
    fig_schedule *is = &schedule->is;
    *is = fig_schedule_default();
    is->fields = FIG_SCHEDULE_ALL;
    is->owner = schedule->document.kind == DOCUMENT_SHOP_SCHEDULE ? FIG_OWNER_SHOP : FIG_OWNER_BARBER;
    is->owner_id = schedule->document.id;
    is->clip_to_hours = take_flag(reader);
    is->same_day = take_flag(reader);
    is->rule_errors = (fig_rule_errors)take_below(reader, FIG_RULE_ERRORS_REJECT + 1);
    is->grid_s = take_u32(reader);
    is->lead_s = take_u32(reader);
    is->horizon_days = take_u32(reader);
    is->cutoff_s = take_u32(reader);
    take_weekly(reader, room, &is->weekly, &is->weekly_count);
    take_cuts(reader, room, &is->cuts, &is->cut_count);
    take_offers(reader, room, &is->offers, &is->offer_count);
    if (!schedule_is_sound(is)) reader->failed = true;
    schedule->yearly_count = 0;
    for (size_t i = 0; is->cuts != NULL && i < is->cut_count; i++) schedule->yearly_count += is->cuts[i].yearly;
    schedule->document.name = "";
}

static void read_service(struct reader *reader, struct room *room, struct service *service)
{
    fig_service *is = &service->is;
    struct words name = take_text(reader, FIG_NAME_MAX);
    *is = fig_service_default();
    is->fields = FIG_SERVICE_ALL;
    is->id = service->document.id;
    copy_text(is->name, name);
    is->duration_s = take_u32(reader);
    is->buffer_before_s = take_u32(reader);
    is->buffer_after_s = take_u32(reader);
    is->active = take_flag(reader);
    is->kind = (fig_service_kind)take_below(reader, FIG_SERVICE_PATCH_TEST + 1);
    is->min_advance_s = take_u32(reader);
    is->max_advance_days = take_u32(reader);
    is->min_age = take_u32(reader);
    is->max_age = take_u32(reader);
    is->consultation = take_flag(reader);
    is->patch_test_s = take_u32(reader);
    is->max_per_day = take_u32(reader);
    is->min_days_between = take_u32(reader);
    is->blocked_days = take_u8(reader);
    take_ids(reader, room, &is->required, &is->required_count);
    take_ids(reader, room, &is->incompatible, &is->incompatible_count);
    if (name.size == 0 || !service_is_sound(is)) reader->failed = true;
    service->document.name = is->name;
    service->document.name_size = (uint8_t)name.size;
}

static void read_client(struct reader *reader, struct room *room, struct client_profile *client)
{
    struct words name = take_text(reader, FIG_NAME_MAX);
    struct words type = take_text(reader, FIG_TYPE_MAX);
    client->born_day = (int32_t)take_u32(reader);
    client->flags = take_u32(reader);
    if (!born_is_sound(client->born_day) || client->flags >= 2 * FIG_CLIENT_PAYMENT_ISSUE) reader->failed = true;
    client->document.name = keep_text(room, name);
    client->document.name_size = (uint8_t)name.size;
    client->type = keep_text(room, type);
}

static void read_rule(struct reader *reader, struct room *room, struct rule *rule)
{
    fig_rule *is = &rule->is;
    struct words name = take_text(reader, FIG_NAME_MAX);
    *is = fig_rule_default();
    is->fields = FIG_RULE_ALL;
    is->id = rule->document.id;
    copy_text(is->name, name);
    is->type = (fig_rule_type)take_u8(reader);
    is->scope = (fig_scope)take_below(reader, FIG_SCOPE_BARBER + 1);
    is->priority = (int32_t)take_u32(reader);
    is->active = take_flag(reader);
    is->limit_s = take_u32(reader);
    is->limit_days = take_u32(reader);
    is->clock_s = take_u32(reader);
    take_weekly(reader, room, &is->weekly, &is->weekly_count);
    take_cuts(reader, room, &is->cuts, &is->cut_count);
    take_ids(reader, room, &is->ids, &is->id_count);
    take_types(reader, room, &is->client_types, &is->client_type_count);
    if (name.size == 0 || !rule_is_sound(is)) reader->failed = true;
    rule->document.name = is->name;
    rule->document.name_size = (uint8_t)name.size;
}

/* The file is checked when it is decoded, in the second run. */
static void read_zone(struct reader *reader, struct room *room, struct zone_document *zone)
{
    struct words name = take_text(reader, FIG_ZONE_MAX);
    size_t size = (size_t)(reader->end - reader->at);
    const uint8_t *file = take_bytes(reader, size);
    size_t memory_bytes = file != NULL ? zone_memory_bytes(file, size) : 0;
    if (name.size == 0 || size > ZONE_BYTES_MAX || memory_bytes == 0) reader->failed = true;
    zone->document.name = keep_text(room, name);
    zone->document.name_size = (uint8_t)name.size;
    zone->file = file;
    zone->file_size = size;
    struct zone *decoded = take_room(room, memory_bytes);
    if (decoded != NULL && zone_read(decoded, memory_bytes, file, size) != NULL) reader->failed = true;
    zone->zone = decoded;
}

/* ---- any of them ---- */

union any_document {
    struct document document;
    struct schedule schedule;
    struct service service;
    struct client_profile client;
    struct rule rule;
    struct zone_document zone;
};

static size_t head_bytes(uint8_t kind)
{
    static const size_t bytes[DOCUMENT_KINDS] = {
        [DOCUMENT_SHOP_SCHEDULE] = sizeof(struct schedule),
        [DOCUMENT_BARBER_SCHEDULE] = sizeof(struct schedule),
        [DOCUMENT_SERVICE] = sizeof(struct service),
        [DOCUMENT_CLIENT] = sizeof(struct client_profile),
        [DOCUMENT_RULE] = sizeof(struct rule),
        [DOCUMENT_ZONE] = sizeof(struct zone_document),
    };
    return bytes[kind];
}

static void read_kind(struct reader *reader, struct room *room, struct document *document)
{
    switch ((enum document_kind)document->kind) {
    case DOCUMENT_SHOP_SCHEDULE:
    case DOCUMENT_BARBER_SCHEDULE: read_schedule(reader, room, (struct schedule *)document); return;
    case DOCUMENT_SERVICE: read_service(reader, room, (struct service *)document); return;
    case DOCUMENT_CLIENT: read_client(reader, room, (struct client_profile *)document); return;
    case DOCUMENT_RULE: read_rule(reader, room, (struct rule *)document); return;
    case DOCUMENT_ZONE: read_zone(reader, room, (struct zone_document *)document); return;
    case DOCUMENT_KINDS: break;
    }
    reader->failed = true;
}

/* Of a client who was forgotten nothing is known. */
static void forget(struct document *document)
{
    struct client_profile *client = (struct client_profile *)document;
    document->name = client->type = "";
    document->name_size = 0;
    client->born_day = FIG_NO_DAY;
    client->flags = 0;
}

static bool read_document(const struct document_declared *declared, struct room *room, struct document *document)
{
    document->id = declared->id;
    document->kind = declared->kind;
    document->size = declared->size;
    if (declared->bytes == NULL) {
        forget(document);
        return declared->kind == DOCUMENT_CLIENT;
    }
    uint8_t *bytes = take_room(room, declared->size);
    if (bytes != NULL) memcpy(bytes, declared->bytes, declared->size);
    document->bytes = bytes;
    const uint8_t *from = bytes != NULL ? bytes : declared->bytes;
    struct reader reader = {.at = from, .end = from + declared->size};
    if (take_u8(&reader) != DOCUMENT_FORMAT) return false;
    read_kind(&reader, room, document);
    return !reader.failed && reader.at == reader.end;
}

struct words document_name(const struct document_declared *declared)
{
    if (declared->bytes == NULL || declared->kind <= DOCUMENT_BARBER_SCHEDULE) return (struct words){"", 0};
    struct reader reader = {.at = declared->bytes, .end = declared->bytes + declared->size};
    take_u8(&reader);
    struct words name = take_text(&reader, FIG_NAME_MAX);
    return reader.failed ? (struct words){"", 0} : name;
}

size_t document_room(const struct document_declared *declared, const char **fault)
{
    union any_document read = {0};
    if (declared->kind < DOCUMENT_KINDS && declared->id != 0 && declared->size <= DOCUMENT_BYTES_MAX) {
        struct room room = {.used = head_bytes(declared->kind)};
        if (read_document(declared, &room, &read.document) && room.used <= NODE_SIZE_MAX) return room.used;
    }
    *fault = "a declaration is malformed";
    return 0;
}

struct document *document_keep(void *memory, const struct document_declared *declared, uint64_t born, uint64_t version)
{
    struct document *document = memory;
    struct room room = {.memory = memory, .used = head_bytes(declared->kind)};
    memset(memory, 0, room.used);
    bool sound = read_document(declared, &room, document);
    document->born = born;
    document->version = version;
    document->node_bytes = (uint32_t)room.used;
    memcpy(document->salt, declared->salt, sizeof document->salt);
    memcpy(document->hash, declared->hash, sizeof document->hash);
    return sound ? document : NULL;
}
