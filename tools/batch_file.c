#include "tools/batch_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads a JSON value as the option of that name reads its text. */
static bool take_value(const argument *option, const json_t *value, reason *why)
{
    if (option->kind == ARGUMENT_NAMED && json_is_integer(value)) {
        if (json_integer_value(value) < 1) return reason_set(why, "must be a name, or a whole number from 1");
        option->named->id = (uint64_t)json_integer_value(value);
        return true;
    }
    bool numeric = option->kind == ARGUMENT_ID || option->kind == ARGUMENT_NUMBER || option->kind == ARGUMENT_LENGTH ||
                   option->kind == ARGUMENT_BUFFER;
    if (option->kind == ARGUMENT_FLAG) {
        if (!json_is_boolean(value)) return reason_set(why, "must be true or false");
        *option->flag = json_is_true(value);
        return true;
    }
    if (numeric != json_is_integer(value) || (!numeric && !json_is_string(value)))
        return reason_set(why, numeric ? "must be a whole number" : "must be a text");
    if (!numeric) return argument_take(option, json_string_value(value), why);
    char digits[24];
    snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return argument_take(option, digits, why);
}

static bool take_field(const argument *options, size_t count, const char *name, const json_t *value, reason *why)
{
    if (strcmp(name, "op") == 0 || json_is_null(value)) return true;
    for (size_t i = 0; i < count; i++) {
        /* names are the options', also in the form that JSON prefers: if_version */
        bool same = strcmp(options[i].name, name) == 0 ||
                    (strcmp(options[i].name, "if-version") == 0 && strcmp(name, "if_version") == 0);
        if (same) return take_value(&options[i], value, why) || reason_prefix(why, "%s: ", name);
    }
    return reason_set(why, "%s: unknown field", name);
}

static bool take_fields(const json_t *object, change *wanted, reason *why)
{
    argument options[ARGUMENTS_MAX];
    size_t count = change_options(wanted, true, options);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value) if (!take_field(options, count, name, value, why)) return false;
    if (wanted->any) return reason_set(why, "any: cannot be asked for in a batch; name the barber");
    const char *lacks = change_lacks(wanted);
    if (lacks != NULL) return reason_set(why, "%s: is missing", lacks);
    return change_check(wanted, why);
}

static bool take_object(const json_t *object, change *wanted, reason *why)
{
    change_kind kind;
    const char *op = json_string_value(json_object_get(object, "op"));
    if (!json_is_object(object)) return reason_set(why, "is no JSON object");
    if (op == NULL) return reason_set(why, "op: is missing; it is book, hold, confirm, cancel, move or status");
    if (!change_kind_of(op, &kind))
        return reason_set(why, "op: '%.32s' is none of book, hold, confirm, cancel, move, status", op);
    *wanted = change_default(kind);
    return take_fields(object, wanted, why);
}

bool batch_file_parse_line(const char *text, batch_member *member, reason *why)
{
    json_error_t error;
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (object == NULL) return reason_set(why, "column %d: %s", error.column, error.text);
    if (!take_object(object, &member->wanted, why)) {
        json_decref(object);
        return false;
    }
    member->object = object;
    return true;
}

static bool add_line(batch_file *batch, const char *text, uint64_t line, reason *why)
{
    if (text[strspn(text, " \t\r\n")] == '\0') return true;
    if (batch->count == FIG_BATCH_MAX) return reason_set(why, "a batch has at most %d members", FIG_BATCH_MAX);
    batch_member member = {.line = line};
    if (!batch_file_parse_line(text, &member, why)) return false;
    batch_member *grown = realloc(batch->members, (batch->count + 1) * sizeof *grown);
    if (grown == NULL) {
        json_decref(member.object);
        return reason_set(why, "out of memory");
    }
    batch->members = grown;
    grown[batch->count++] = member;
    return true;
}

static bool add_lines(batch_file *batch, FILE *file, reason *why)
{
    char *text = NULL;
    size_t room = 0;
    bool good = true;
    uint64_t line = 0;
    ssize_t length;
    while (good && (length = getline(&text, &room, file)) >= 0) {
        line++;
        good = strlen(text) == (size_t)length ? add_line(batch, text, line, why) : reason_set(why, "holds a NUL byte");
    }
    if (!good) reason_prefix(why, "%" PRIu64 ": ", line);
    if (good && ferror(file)) good = reason_set(why, " %s", strerror(errno));
    if (good && batch->count == 0) good = reason_set(why, " holds no request");
    free(text);
    return good;
}

bool batch_file_read(const char *path, batch_file *batch, reason *why)
{
    *batch = (batch_file){0};
    FILE *file = fopen(path, "re");
    if (file == NULL) return reason_set(why, "%s: %s", path, strerror(errno));
    bool good = add_lines(batch, file, why);
    fclose(file);
    if (good) return true;
    batch_file_free(batch);
    return reason_prefix(why, "%s:", path);
}

void batch_file_free(batch_file *batch)
{
    for (size_t i = 0; i < batch->count; i++) json_decref(batch->members[i].object);
    free(batch->members);
    *batch = (batch_file){0};
}
