#include "tools/record_json.h"

#include "tools/declared_json.h"
#include "tools/event_names.h"
#include "tools/output.h"
#include "tools/rfc3339.h"
#include "tools/text.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum kind {
    ID,        /* uint64_t: a number, or a text where JSON's are too small */
    TEXT,      /* char array */
    INSTANT,   /* int64_t */
    UNSIGNED,  /* uint32_t */
    SIGNED,    /* int32_t */
    FLAG,      /* bool */
    CHOICE,    /* an enumeration, by its names */
    HASH,      /* uint64_t: hexadecimal */
    SALT,      /* 16 bytes: hexadecimal */
    FIRST,     /* fig_first: an object */
    NOTE,      /* the record's text, as a text */
    BYTES,     /* the record's text, as hexadecimal */
    FORGOTTEN, /* the size of a text that is no more */
} kind;

typedef struct field {
    const char *name;
    kind kind;
    size_t offset, size;                /* in the record, or in its fig_first */
    const char *(*choice_name)(int of); /* NULL for a number that is none */
} field;

/* ---- names ---- */

static const char *one_of(const char *const *names, int count, int of)
{
    return of >= 0 && of < count ? names[of] : NULL;
}

#define NAMES(function, ...)                                                                                           \
    static const char *function(int of)                                                                                \
    {                                                                                                                  \
        static const char *const names[] = {__VA_ARGS__};                                                              \
        return one_of(names, (int)(sizeof names / sizeof *names), of);                                                 \
    }

NAMES(buffers_name, "shared", "exclusive")
NAMES(past_name, "allow", "refuse")
NAMES(open_name, "always", "hours")
NAMES(window_name, "available", "unavailable")
NAMES(owner_name, NULL, "shop", "barber")

static const char *status_name(int of) { return fig_appointment_status_name((fig_appointment_status)of); }

static const char *operation_name(int of)
{
    return of >= FIG_OP_BOOK && of <= FIG_OP_RESTORE ? event_operation_name((fig_operation)of) : NULL;
}

/* ---- the tables ---- */

#define AT(member)         offsetof(fig_record, member), sizeof(((fig_record *)0)->member), NULL
#define NAMED(member, how) offsetof(fig_record, member), sizeof(((fig_record *)0)->member), how
#define IN(member)         offsetof(fig_first, member), sizeof(((fig_first *)0)->member), NULL

static const field first_fields[] = {
    {"barber", ID, IN(barber_id)},
    {"service", ID, IN(service_id)},
    {"start", INSTANT, IN(start_s)},
    {"end", INSTANT, IN(end_s)},
    {"expires", INSTANT, IN(expires_s)},
    {"version", ID, IN(version)},
    {"buffer_before_s", UNSIGNED, IN(buffer_before_s)},
    {"buffer_after_s", UNSIGNED, IN(buffer_after_s)},
    {"status", CHOICE, offsetof(fig_first, status), sizeof(fig_appointment_status), status_name},
    {NULL, ID, 0, 0, NULL},
};

static const field shop_fields[] = {
    {"id", ID, AT(shop.id)},
    {"name", TEXT, AT(shop.name)},
    {"zone", TEXT, AT(shop.zone)},
    {"buffers", CHOICE, NAMED(shop.buffers, buffers_name)},
    {"past", CHOICE, NAMED(shop.past, past_name)},
    {NULL, ID, 0, 0, NULL},
};

static const field barber_fields[] = {
    {"id", ID, AT(barber.id)},
    {"name", TEXT, AT(barber.name)},
    {"shop", ID, AT(barber.shop_id)},
    {"zone", TEXT, AT(barber.zone)},
    {"active", FLAG, AT(barber.active)},
    {"open", CHOICE, NAMED(barber.open, open_name)},
    {"open_declared", FLAG, AT(open_declared)},
    {"priority", SIGNED, AT(barber.priority)},
    {NULL, ID, 0, 0, NULL},
};

static const field window_fields[] = {
    {"barber", ID, AT(barber_id)},
    {"kind", CHOICE, NAMED(window.kind, window_name)},
    {"start", INSTANT, AT(window.start_s)},
    {"end", INSTANT, AT(window.end_s)},
    {"declared_start", INSTANT, AT(window.declared_start_s)},
    {NULL, ID, 0, 0, NULL},
};

static const field appointment_fields[] = {
    {"id", ID, AT(appointment.id)},
    {"barber", ID, AT(appointment.barber_id)},
    {"client", ID, AT(appointment.client_id)},
    {"service", ID, AT(appointment.service_id)},
    {"start", INSTANT, AT(appointment.start_s)},
    {"end", INSTANT, AT(appointment.end_s)},
    {"status", CHOICE, NAMED(appointment.status, status_name)},
    {"expires", INSTANT, AT(appointment.expires_s)},
    {"buffer_before_s", UNSIGNED, AT(appointment.buffer_before_s)},
    {"buffer_after_s", UNSIGNED, AT(appointment.buffer_after_s)},
    {"unchecked", FLAG, AT(appointment.unchecked)},
    {"version", ID, AT(appointment.version)},
    {"booked", INSTANT, AT(appointment.booked_s)},
    {"booked_version", ID, AT(booked_version)},
    {"booked_status", CHOICE, NAMED(first_status, status_name)},
    {"by_batch", FLAG, AT(by_batch)},
    {"key", TEXT, AT(appointment.key)},
    {"content", HASH, AT(content)},
    {"first", FIRST, AT(first)},
    {"has_note", FLAG, AT(appointment.has_note)},
    {"note", NOTE, 0, 0, NULL},
    {"forgotten_size", FORGOTTEN, 0, 0, NULL},
    {"salt", SALT, AT(salt)},
    {"hash", SALT, AT(hash)},
    {NULL, ID, 0, 0, NULL},
};

static const field key_fields[] = {
    {"key", TEXT, AT(key)},      {"version", ID, AT(version)},
    {"at", INSTANT, AT(at_s)},   {"operation", CHOICE, NAMED(operation, operation_name)},
    {"about", ID, AT(id)},       {"content", HASH, AT(content)},
    {"first", FIRST, AT(first)}, {NULL, ID, 0, 0, NULL},
};

static const field document_fields[] = {
    {"owner", CHOICE, NAMED(owner, owner_name)},
    {"id", ID, AT(id)},
    {"name", TEXT, AT(name)},
    {"version", ID, AT(version)},
    {"declaration", BYTES, 0, 0, NULL},
    {"forgotten_size", FORGOTTEN, 0, 0, NULL},
    {"salt", SALT, AT(salt)},
    {"hash", SALT, AT(hash)},
    {NULL, ID, 0, 0, NULL},
};

/* The same of what is said in words: declared_json.c has the rest. */
static const field head_fields[] = {
    {"owner", CHOICE, NAMED(owner, owner_name)},
    {"id", ID, AT(id)},
    {"version", ID, AT(version)},
    {"salt", SALT, AT(salt)},
    {NULL, ID, 0, 0, NULL},
};

static const struct table {
    const char *name;
    fig_record_kind kind;
    const field *fields;
} tables[] = {
    {"shop", FIG_RECORD_SHOP, shop_fields},
    {"barber", FIG_RECORD_BARBER, barber_fields},
    {"window", FIG_RECORD_WINDOW, window_fields},
    {"appointment", FIG_RECORD_APPOINTMENT, appointment_fields},
    {"key", FIG_RECORD_KEY, key_fields},
    {"client", FIG_RECORD_CLIENT, document_fields},
    {"service", FIG_RECORD_SERVICE, document_fields},
    {"rule", FIG_RECORD_RULE, document_fields},
    {"zone", FIG_RECORD_ZONE, document_fields},
    {"schedule", FIG_RECORD_SCHEDULE, document_fields},
};

enum { TABLES = sizeof tables / sizeof *tables };

/* ---- writing ---- */

json_t *record_hex(const void *bytes, size_t size)
{
    const unsigned char *from = bytes;
    char *text = malloc(2 * size + 1);
    if (text == NULL) return NULL;
    for (size_t i = 0; i < size; i++) snprintf(text + 2 * i, 3, "%02x", from[i]);
    json_t *value = json_stringn(text, 2 * size);
    free(text);
    return value;
}

static json_t *write_fields(const field *fields, const void *from, const fig_record *record);

static bool is_zero(const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    while (size > 0 && at[size - 1] == 0) size--;
    return size == 0;
}

static json_t *write_hash(const void *at)
{
    uint64_t hash;
    memcpy(&hash, at, sizeof hash);
    return json_sprintf("%016llx", (unsigned long long)hash);
}

static json_t *write_choice(const field *of, const void *at)
{
    int value;
    memcpy(&value, at, sizeof value);
    const char *name = of->choice_name(value);
    return name != NULL ? json_string(name) : json_integer(value);
}

/* NULL: it is left out. */
static json_t *write_value(const field *of, const void *from, const fig_record *record)
{
    const char *at = (const char *)from + of->offset;
    bool has_text = record->text != NULL;
    switch (of->kind) {
    case NOTE: return has_text ? json_stringn(record->text, record->text_size) : NULL;
    case BYTES: return has_text ? record_hex(record->text, record->text_size) : NULL;
    case FORGOTTEN: return !has_text && record->text_size > 0 ? json_integer((json_int_t)record->text_size) : NULL;
    case TEXT: return *at != '\0' ? json_string(at) : NULL;
    default: break;
    }
    if (is_zero(at, of->size)) return NULL;
    switch (of->kind) {
    case ID: return output_id(*(const uint64_t *)(const void *)at);
    case INSTANT: return output_instant(*(const int64_t *)(const void *)at);
    case UNSIGNED: return json_integer(*(const uint32_t *)(const void *)at);
    case SIGNED: return json_integer(*(const int32_t *)(const void *)at);
    case FLAG: return json_true();
    case CHOICE: return write_choice(of, at);
    case HASH: return write_hash(at);
    case SALT: return record_hex(at, of->size);
    default: return write_fields(first_fields, at, record);
    }
}

static json_t *write_fields(const field *fields, const void *from, const fig_record *record)
{
    json_t *object = json_object();
    for (const field *of = fields; of->name != NULL; of++) {
        json_t *value = write_value(of, from, record);
        if (value != NULL) json_object_set_new(object, of->name, value);
    }
    return object;
}

static bool reads_back(const fig_record *record, const json_t *object);

/* A declaration in words, where they say all of it; else in the digits of its bytes. */
static json_t *write_document(const fig_record *record)
{
    json_t *object = write_fields(head_fields, record, record), *said = declared_to_json(record);
    bool good = said != NULL && json_object_update(object, said) == 0 && reads_back(record, object);
    json_decref(said);
    if (good) return object;
    json_decref(object);
    return write_fields(document_fields, record, record);
}

json_t *record_to_json(const fig_record *record)
{
    for (size_t i = 0; i < TABLES; i++) {
        if (tables[i].kind != record->kind) continue;
        bool declared = tables[i].fields == document_fields;
        return json_pack("{s:o}", tables[i].name,
                         declared ? write_document(record) : write_fields(tables[i].fields, record, record));
    }
    return NULL;
}

/* ---- reading ---- */

struct reading {
    fig_record *record;
    char **text;
};

static bool read_fields(const field *fields, const json_t *object, void *into, struct reading *reading, reason *why);

static int digit_of(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool record_read_hex(const json_t *value, void *bytes, size_t size, reason *why)
{
    unsigned char *into = bytes;
    if (!json_is_string(value) || json_string_length(value) != 2 * size)
        return reason_set(why, ": must be %zu hexadecimal digits", 2 * size);
    const char *text = json_string_value(value);
    for (size_t i = 0; i < size; i++) {
        int high = digit_of(text[2 * i]), low = digit_of(text[2 * i + 1]);
        if (high < 0 || low < 0) return reason_set(why, ": must be hexadecimal digits, in small letters");
        into[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

bool record_read_id(const json_t *value, void *into, reason *why)
{
    uint64_t id = 0;
    bool good = json_is_integer(value) && json_integer_value(value) > 0;
    if (good) id = (uint64_t)json_integer_value(value);
    if (!good && json_is_string(value)) good = text_number(json_string_value(value), 1, UINT64_MAX, &id, why);
    if (!good) return reason_set(why, ": must be a number above 0");
    memcpy(into, &id, sizeof id);
    return true;
}

static bool read_number(const json_t *value, int64_t least, int64_t most, int64_t *number, reason *why)
{
    *number = json_is_integer(value) ? json_integer_value(value) : 0;
    if (json_is_integer(value) && *number >= least && *number <= most) return true;
    return reason_set(why, ": must be a number from %lld to %lld", (long long)least, (long long)most);
}

static bool read_unsigned(const json_t *value, void *into, reason *why)
{
    int64_t number;
    if (!read_number(value, 0, UINT32_MAX, &number, why)) return false;
    uint32_t taken = (uint32_t)number;
    memcpy(into, &taken, sizeof taken);
    return true;
}

static bool read_signed(const json_t *value, void *into, reason *why)
{
    int64_t number;
    if (!read_number(value, INT32_MIN, INT32_MAX, &number, why)) return false;
    int32_t taken = (int32_t)number;
    memcpy(into, &taken, sizeof taken);
    return true;
}

static bool read_instant(const json_t *value, void *into, reason *why)
{
    int64_t instant_s;
    if (!json_is_string(value)) return reason_set(why, ": must be an instant such as 2026-03-02T10:00:00Z");
    if (!rfc3339_parse(json_string_value(value), &instant_s, why)) return reason_prefix(why, ": ");
    memcpy(into, &instant_s, sizeof instant_s);
    return true;
}

static bool read_text(const json_t *value, char *into, size_t size, reason *why)
{
    if (!json_is_string(value) || json_string_length(value) >= size)
        return reason_set(why, ": must be a text of at most %zu bytes", size - 1);
    memcpy(into, json_string_value(value), json_string_length(value) + 1);
    return true;
}

static bool read_choice(const field *of, const json_t *value, void *into, reason *why)
{
    for (int i = 0; json_is_string(value) && i < 32; i++) {
        const char *name = of->choice_name(i);
        if (name == NULL || strcmp(name, json_string_value(value)) != 0) continue;
        memcpy(into, &i, sizeof i);
        return true;
    }
    return reason_set(why, ": is none of the words that it may be");
}

static bool read_hash(const json_t *value, void *into, reason *why)
{
    unsigned char bytes[8];
    uint64_t hash = 0;
    if (!record_read_hex(value, bytes, sizeof bytes, why)) return false;
    for (size_t i = 0; i < sizeof bytes; i++) hash = hash << 8 | bytes[i];
    memcpy(into, &hash, sizeof hash);
    return true;
}

static bool keep_text(struct reading *reading, size_t size, reason *why)
{
    if (reading->record->text_size > 0) return reason_set(why, ": stands beside a forgotten_size");
    free(*reading->text);
    *reading->text = malloc(size + 1);
    if (*reading->text == NULL) return reason_set(why, ": out of memory");
    reading->record->text = *reading->text;
    reading->record->text_size = size;
    return true;
}

static bool read_note(const json_t *value, struct reading *reading, reason *why)
{
    if (!json_is_string(value) || json_string_length(value) > FIG_NOTE_MAX)
        return reason_set(why, ": must be a text of at most %d bytes", FIG_NOTE_MAX);
    if (!keep_text(reading, json_string_length(value), why)) return false;
    memcpy(*reading->text, json_string_value(value), json_string_length(value));
    return true;
}

static bool read_bytes(const json_t *value, struct reading *reading, reason *why)
{
    size_t size = json_is_string(value) ? json_string_length(value) / 2 : 0;
    if (size > FIG_RECORD_TEXT_MAX) return reason_set(why, ": is too long");
    return keep_text(reading, size, why) && record_read_hex(value, *reading->text, size, why);
}

static bool read_forgotten(const json_t *value, struct reading *reading, reason *why)
{
    int64_t size;
    if (reading->record->text != NULL) return reason_set(why, ": stands beside a text");
    if (!read_number(value, 1, FIG_NOTE_MAX, &size, why)) return false;
    reading->record->text_size = (size_t)size;
    return true;
}

static bool read_value(const field *of, const json_t *value, void *into, struct reading *reading, reason *why)
{
    char *at = (char *)into + of->offset;
    switch (of->kind) {
    case ID: return record_read_id(value, at, why);
    case TEXT: return read_text(value, at, of->size, why);
    case INSTANT: return read_instant(value, at, why);
    case UNSIGNED: return read_unsigned(value, at, why);
    case SIGNED: return read_signed(value, at, why);
    case FLAG:
        *(bool *)at = json_is_true(value);
        return json_is_boolean(value) || reason_set(why, ": must be true or false");
    case CHOICE: return read_choice(of, value, at, why);
    case HASH: return read_hash(value, at, why);
    case SALT: return record_read_hex(value, at, of->size, why);
    case FIRST: return read_fields(first_fields, value, at, reading, why);
    case NOTE: return read_note(value, reading, why);
    case BYTES: return read_bytes(value, reading, why);
    case FORGOTTEN: return read_forgotten(value, reading, why);
    }
    return false;
}

static const field *find_field(const field *fields, const char *name)
{
    while (fields->name != NULL && strcmp(fields->name, name) != 0) fields++;
    return fields->name != NULL ? fields : NULL;
}

static bool read_fields(const field *fields, const json_t *object, void *into, struct reading *reading, reason *why)
{
    const char *name;
    json_t *value;
    if (!json_is_object(object)) return reason_set(why, ": must be an object");
    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        const field *of = find_field(fields, name);
        if (of == NULL) return reason_set(why, ".%.64s: there is no such field", name);
        if (!read_value(of, value, into, reading, why)) return reason_prefix(why, ".%s", name);
    }
    return true;
}

/* What is declared in words: the fields that every declaration has are taken out, and what is left is what it says. */
static bool read_words(const json_t *object, struct reading *reading, reason *why)
{
    bool good = true;
    json_t *said = json_copy((json_t *)(uintptr_t)object);
    if (said == NULL) return reason_set(why, ": out of memory");
    for (const field *of = head_fields; good && of->name != NULL; of++) {
        const json_t *value = json_object_get(object, of->name);
        if (value == NULL) continue;
        good = read_value(of, value, reading->record, reading, why) || reason_prefix(why, ".%s", of->name);
        json_object_del(said, of->name);
    }
    bool lacks_owner = reading->record->kind == FIG_RECORD_SCHEDULE && reading->record->owner == 0;
    if (good && lacks_owner) good = reason_set(why, ".owner: is missing; it is shop or barber");
    if (good && reading->record->id == 0) good = reason_set(why, ".id: is missing");
    good = good && declared_from_json(said, reading->record, reading->text, why);
    json_decref(said);
    return good;
}

/* Of fields that not every declaration has. */
static bool has_its_own(const json_t *object, fig_record_kind of, reason *why)
{
    static const struct {
        const char *name;
        fig_record_kind kind;
    } owned[] = {
        {"owner", FIG_RECORD_SCHEDULE},
        {"salt", FIG_RECORD_CLIENT},
        {"hash", FIG_RECORD_CLIENT},
        {"forgotten_size", FIG_RECORD_CLIENT},
    };
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        if (owned[i].kind != of && json_object_get(object, owned[i].name) != NULL)
            return reason_set(why, ".%s: there is no such field", owned[i].name);
    return true;
}

static bool read_document(const json_t *object, struct reading *reading, reason *why)
{
    if (!has_its_own(object, reading->record->kind, why)) return false;
    bool in_words = json_is_object(object) && reading->record->kind != FIG_RECORD_ZONE &&
                    json_object_get(object, "declaration") == NULL && json_object_get(object, "forgotten_size") == NULL;
    return in_words ? read_words(object, reading, why)
                    : read_fields(document_fields, object, reading->record, reading, why);
}

static bool reads_back(const fig_record *record, const json_t *object)
{
    reason ignored;
    char *text = NULL;
    fig_record read = fig_record_default();
    struct reading reading = {&read, &text};
    read.kind = record->kind;
    bool same = read_document(object, &reading, &ignored) && read.text_size == record->text_size &&
                memcmp(read.text, record->text, read.text_size) == 0 &&
                memcmp(read.hash, record->hash, sizeof read.hash) == 0;
    free(text);
    return same;
}

bool record_from_json(const json_t *object, fig_record *record, char **text, reason *why)
{
    struct reading reading = {record, text};
    *record = fig_record_default();
    record->barber.active = false; /* left out means so */
    for (size_t i = 0; i < TABLES; i++) {
        const json_t *fields = json_object_get(object, tables[i].name);
        if (fields == NULL) continue;
        record->kind = tables[i].kind;
        if (json_object_size(object) != 1) return reason_set(why, "a line holds one thing");
        bool good = tables[i].fields == document_fields ? read_document(fields, &reading, why)
                                                        : read_fields(tables[i].fields, fields, record, &reading, why);
        return good || reason_prefix(why, "%s", tables[i].name);
    }
    return reason_set(why, "is none of the things that an export writes");
}
