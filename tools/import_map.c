#include "tools/import_map.h"

#include "tools/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const field_names[IMPORT_FIELDS] = {
    "barber", "start",   "end",    "minutes", "service", "client", "key",
    "status", "expires", "before", "after",   "note",    "date",
};

const char *import_field_name(import_field field) { return field_names[field]; }

/* ---- the text ---- */

static bool find_field(const char *name, import_field *field, reason *why)
{
    for (size_t i = 0; i < IMPORT_FIELDS; i++) {
        if (strcmp(name, field_names[i]) != 0) continue;
        *field = (import_field)i;
        return true;
    }
    return reason_set(why,
                      "'%.64s' is no field; there are barber, start, end, minutes, service, client, key, status, "
                      "expires, before, after, note, date",
                      name);
}

/* Ends the name that begins here with a NUL, backslashes taken out, and says what ended it: , + = or NUL. */
static char end_name(char **at)
{
    char *from = *at, *to = *at;
    for (; *from != '\0' && strchr(",+=", *from) == NULL; from++) {
        if (*from == '\\' && from[1] != '\0') from++;
        *to++ = *from;
    }
    char ended_by = *from;
    *at = ended_by == '\0' ? from : from + 1;
    *to = '\0';
    return ended_by;
}

static bool take_columns(char **at, const char *field, import_columns *columns, char *ended_by, reason *why)
{
    do {
        if (columns->count == IMPORT_COLUMNS_MAX)
            return reason_set(why, "%s: is joined of more than %d columns", field, IMPORT_COLUMNS_MAX);
        const char *name = *at;
        *ended_by = end_name(at);
        if (*name == '\0') return reason_set(why, "%s: a column's name is missing", field);
        columns->names[columns->count++] = name;
    } while (*ended_by == '+');
    return *ended_by != '=' || reason_set(why, "%s: has a second '='; write \\= for one in a name", field);
}

static bool take_fields(char *at, import_map *map, reason *why)
{
    for (char ended_by = ','; ended_by == ',';) {
        import_field field = IMPORT_FIELDS;
        const char *name = at;
        if (end_name(&at) != '=') return reason_set(why, "'%.64s' has no '='; write field=Column", name);
        if (!find_field(name, &field, why)) return false;
        if (map->of[field].count > 0) return reason_set(why, "%s: is given twice", name);
        if (!take_columns(&at, name, &map->of[field], &ended_by, why)) return false;
    }
    if (map->of[IMPORT_END].count > 0 && map->of[IMPORT_MINUTES].count > 0)
        return reason_set(why, "minutes: is given beside end; one of them says how long a row lasts");
    return true;
}

bool import_map_parse(const char *text, import_map *map, reason *why)
{
    *map = (import_map){0};
    if (text == NULL) return true;
    map->text = strdup(text);
    if (map->text == NULL) return reason_set(why, "out of memory");
    return take_fields(map->text, map, why);
}

void import_map_free(import_map *map)
{
    free(map->text);
    *map = (import_map){0};
}

/* ---- the file ---- */

/* How many columns of the first record have that name, and the first of them. */
static size_t find_column(const csv *first, const char *name, size_t *index)
{
    size_t found = 0;
    for (size_t i = csv_field_count(first); i-- > 0;) {
        if (strcmp(csv_field(first, i), name) != 0) continue;
        *index = i;
        found++;
    }
    return found;
}

static bool is_column_number(const char *name)
{
    uint64_t number;
    reason ignored;
    return text_number(name, 1, CSV_FIELDS_MAX, &number, &ignored) && *name != '-';
}

/* Whether every column is a number that is no name in the first record. */
static bool lacks_header(const import_map *map, const csv *first)
{
    size_t index;
    if (map->text == NULL) return false;
    for (size_t field = 0; field < IMPORT_FIELDS; field++)
        for (size_t i = 0; i < map->of[field].count; i++)
            if (!is_column_number(map->of[field].names[i]) || find_column(first, map->of[field].names[i], &index) > 0)
                return false;
    return true;
}

/* The header's names, as many as fit. */
static void list_names(const csv *first, char *text, size_t room)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < csv_field_count(first) && used < room; i++) {
        int length = snprintf(text + used, room - used, "%s%s", i == 0 ? "" : ", ", csv_field(first, i));
        used += length < 0 ? 0 : (size_t)length;
    }
}

static bool bind_column(const csv *first, const char *field, const char *name, size_t *index, reason *why)
{
    char names[400];
    size_t found = find_column(first, name, index);
    if (found == 1) return true;
    if (found > 1) return reason_set(why, "%s: the header has %zu columns '%.64s'", field, found, name);
    list_names(first, names, sizeof names);
    return reason_set(why, "%s: the header has no column '%.64s'; it has %s", field, name, names);
}

/* Nothing was said: a column is a field's if it has the field's name. */
static bool bind_own_names(import_map *map, const csv *first, reason *why)
{
    size_t index;
    for (size_t field = 0; field < IMPORT_FIELDS; field++) {
        if (find_column(first, field_names[field], &index) == 0) continue;
        map->of[field] = (import_columns){.count = 1, .names = {field_names[field]}};
        if (!bind_column(first, field_names[field], field_names[field], &map->of[field].indices[0], why)) return false;
    }
    if (map->of[IMPORT_END].count > 0) map->of[IMPORT_MINUTES].count = 0; /* both are there: they say the same */
    return true;
}

bool import_map_bind(import_map *map, const csv *first, reason *why)
{
    map->has_header = !lacks_header(map, first);
    map->field_count = map->has_header ? csv_field_count(first) : 0;
    if (map->text == NULL) return bind_own_names(map, first, why);
    for (size_t field = 0; field < IMPORT_FIELDS; field++) {
        import_columns *columns = &map->of[field];
        for (size_t i = 0; i < columns->count; i++) {
            if (!map->has_header)
                columns->indices[i] = (size_t)strtoul(columns->names[i], NULL, 10) - 1;
            else if (!bind_column(first, field_names[field], columns->names[i], &columns->indices[i], why))
                return false;
        }
    }
    return true;
}
