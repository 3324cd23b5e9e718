/* Reasons are put together from the inside out: a value says ": must be a text", its field puts ".name" in
 * front, its place in a list "[2]", and so on to the file. */
#include "tools/setup_file.h"

#include "tools/rfc3339.h"
#include "tools/text.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How a field of an object is read. `into` is what the object is read into. */
struct field {
    const char *name;
    bool (*read)(const json_t *value, void *into, reason *why); /* NULL: belongs to the form, not understood yet */
};

static bool read_object(const json_t *object, const struct field *fields, size_t count, void *into, reason *why)
{
    const char *name;
    json_t *value;
    if (!json_is_object(object)) return reason_set(why, ": must be an object {...}");
    json_object_foreach((json_t *)object, name, value)
    {
        size_t i = 0;
        while (i < count && strcmp(fields[i].name, name) != 0) i++;
        if (i == count) return reason_set(why, ".%.64s: unknown field", name);
        if (fields[i].read == NULL)
            return reason_set(why, ".%s: this version of figaro does not understand this field yet; leave it out",
                              name);
        if (!fields[i].read(value, into, why)) return reason_prefix(why, ".%s", name);
    }
    return true;
}

/* ---- values ---- */

static bool read_text(const json_t *value, size_t most, char *into, reason *why)
{
    reason inner;
    if (!json_is_string(value)) return reason_set(why, ": must be a text");
    if (!text_check(json_string_value(value), most, &inner)) return reason_set(why, ": %.700s", inner.text);
    memcpy(into, json_string_value(value), json_string_length(value) + 1);
    return true;
}

static bool read_id(const json_t *value, uint64_t *id, reason *why)
{
    if (!json_is_integer(value) || json_integer_value(value) < 1)
        return reason_set(why, ": must be a whole number from 1");
    *id = (uint64_t)json_integer_value(value);
    return true;
}

/* One of two words: *second says which. */
static bool read_choice(const json_t *value, const char *first_word, const char *second_word, bool *second, reason *why)
{
    const char *word = json_string_value(value);
    if (word == NULL || (strcmp(word, first_word) != 0 && strcmp(word, second_word) != 0))
        return reason_set(why, ": must be \"%s\" or \"%s\"", first_word, second_word);
    *second = strcmp(word, second_word) == 0;
    return true;
}

/* ---- shops ---- */

static bool read_shop_id(const json_t *value, void *into, reason *why)
{
    fig_shop *shop = into;
    return read_id(value, &shop->id, why);
}

static bool read_shop_name(const json_t *value, void *into, reason *why)
{
    fig_shop *shop = into;
    shop->fields |= FIG_SHOP_NAME;
    return read_text(value, FIG_NAME_MAX, shop->name, why);
}

static bool read_shop_zone(const json_t *value, void *into, reason *why)
{
    fig_shop *shop = into;
    shop->fields |= FIG_SHOP_ZONE;
    return read_text(value, FIG_ZONE_MAX, shop->zone, why);
}

static bool read_shop_buffers(const json_t *value, void *into, reason *why)
{
    fig_shop *shop = into;
    bool exclusive = false;
    if (!read_choice(value, "shared", "exclusive", &exclusive, why)) return false;
    shop->fields |= FIG_SHOP_BUFFERS;
    shop->buffers = exclusive ? FIG_BUFFERS_EXCLUSIVE : FIG_BUFFERS_SHARED;
    return true;
}

static bool read_shop_past(const json_t *value, void *into, reason *why)
{
    fig_shop *shop = into;
    bool refuse = false;
    if (!read_choice(value, "allow", "refuse", &refuse, why)) return false;
    shop->fields |= FIG_SHOP_PAST;
    shop->past = refuse ? FIG_PAST_REFUSE : FIG_PAST_ALLOW;
    return true;
}

static bool read_shop(const json_t *object, fig_shop *shop, reason *why)
{
    static const struct field fields[] = {
        {"id", read_shop_id},     {"name", read_shop_name}, {"zone", read_shop_zone}, {"buffers", read_shop_buffers},
        {"past", read_shop_past}, {"hours", NULL},          {"clip_to_hours", NULL},  {"grid_minutes", NULL},
        {"lead_minutes", NULL},   {"horizon_days", NULL},   {"same_day", NULL},       {"same_day_cutoff", NULL},
        {"on_rule_error", NULL},  {"blackouts", NULL},      {"holidays", NULL},
    };
    *shop = fig_shop_default();
    shop->fields = 0;
    if (!read_object(object, fields, sizeof fields / sizeof *fields, shop, why)) return false;
    return shop->id != 0 || reason_set(why, ".id: is missing");
}

/* ---- special days ---- */

/* A special day's fields as they are read; they make a window only together. */
struct special {
    int64_t midnight_s;
    int32_t start_s, end_s; /* from the date's midnight: in UTC, or where they have no offset that of the zone */
    bool start_is_local, end_is_local;
    bool has_date, has_start, has_end, has_kind;
    bool unavailable;
};

static bool read_special_date(const json_t *value, void *into, reason *why)
{
    struct special *special = into;
    reason inner;
    special->has_date = true;
    if (!json_is_string(value)) return reason_set(why, ": must be a text such as \"2026-12-06\"");
    return rfc3339_parse_date(json_string_value(value), &special->midnight_s, &inner) ||
           reason_set(why, ": %.700s", inner.text);
}

static bool read_time(const json_t *value, int32_t *seconds, bool *is_local, reason *why)
{
    reason inner;
    if (!json_is_string(value)) return reason_set(why, ": must be a text such as \"10:00\" or \"10:00+01:00\"");
    const char *text = json_string_value(value);
    return rfc3339_parse_clock(text, seconds, is_local, &inner) ||
           reason_set(why, ": '%.32s' %.650s", text, inner.text);
}

static bool read_special_start(const json_t *value, void *into, reason *why)
{
    struct special *special = into;
    special->has_start = true;
    return read_time(value, &special->start_s, &special->start_is_local, why);
}

static bool read_special_end(const json_t *value, void *into, reason *why)
{
    struct special *special = into;
    special->has_end = true;
    return read_time(value, &special->end_s, &special->end_is_local, why);
}

static bool read_special_kind(const json_t *value, void *into, reason *why)
{
    struct special *special = into;
    special->has_kind = true;
    return read_choice(value, "available", "unavailable", &special->unavailable, why);
}

static bool read_special(const json_t *object, fig_window *window, bool *is_local, reason *why)
{
    static const struct field fields[] = {
        {"date", read_special_date},
        {"start", read_special_start},
        {"end", read_special_end},
        {"kind", read_special_kind},
    };
    struct special special = {0};
    if (!read_object(object, fields, sizeof fields / sizeof *fields, &special, why)) return false;
    const char *lacks = !special.has_date    ? "date"
                        : !special.has_start ? "start"
                        : !special.has_end   ? "end"
                        : !special.has_kind  ? "kind"
                                             : NULL;
    if (lacks != NULL) return reason_set(why, ".%s: is missing", lacks);
    if (special.start_is_local != special.end_is_local)
        return reason_set(why, ".%s: has no UTC offset and the other time has one; give both one, or neither",
                          special.start_is_local ? "start" : "end");

    *is_local = special.start_is_local;
    *window = fig_window_default();
    window->kind = special.unavailable ? FIG_WINDOW_UNAVAILABLE : FIG_WINDOW_AVAILABLE;
    window->start_s = special.midnight_s + special.start_s;
    window->end_s = special.midnight_s + special.end_s;
    if (window->end_s <= window->start_s) window->end_s += DAY_SECONDS; /* runs past midnight */
    if (window->start_s < FIG_TIME_MIN || window->end_s > FIG_TIME_MAX)
        return reason_set(why, ": lies outside 1900-01-01T00:00:00Z to 2200-01-01T00:00:00Z");
    return true;
}

/* ---- barbers ---- */

static bool read_barber_id(const json_t *value, void *into, reason *why)
{
    setup_barber *barber = into;
    return read_id(value, &barber->barber.id, why);
}

static bool read_barber_name(const json_t *value, void *into, reason *why)
{
    setup_barber *barber = into;
    barber->barber.fields |= FIG_BARBER_NAME;
    return read_text(value, FIG_NAME_MAX, barber->barber.name, why);
}

static bool read_barber_shop(const json_t *value, void *into, reason *why)
{
    setup_barber *barber = into;
    barber->barber.fields |= FIG_BARBER_SHOP;
    return read_id(value, &barber->barber.shop_id, why);
}

static bool read_barber_zone(const json_t *value, void *into, reason *why)
{
    setup_barber *barber = into;
    barber->barber.fields |= FIG_BARBER_ZONE;
    return read_text(value, FIG_ZONE_MAX, barber->barber.zone, why);
}

static bool read_barber_active(const json_t *value, void *into, reason *why)
{
    setup_barber *barber = into;
    if (!json_is_boolean(value)) return reason_set(why, ": must be true or false");
    barber->barber.fields |= FIG_BARBER_ACTIVE;
    barber->barber.active = json_is_true(value);
    return true;
}

static bool read_barber_open(const json_t *value, void *into, reason *why)
{
    setup_barber *barber = into;
    bool hours = false;
    if (!read_choice(value, "always", "hours", &hours, why)) return false;
    barber->barber.fields |= FIG_BARBER_OPEN;
    barber->barber.open = hours ? FIG_OPEN_HOURS : FIG_OPEN_ALWAYS;
    return true;
}

static bool read_barber_priority(const json_t *value, void *into, reason *why)
{
    setup_barber *barber = into;
    json_int_t priority = json_integer_value(value);
    if (!json_is_integer(value) || priority < INT32_MIN || priority > INT32_MAX)
        return reason_set(why, ": must be a whole number of 32 bits");
    barber->barber.fields |= FIG_BARBER_PRIORITY;
    barber->barber.priority = (int32_t)priority;
    return true;
}

static bool read_barber_special(const json_t *value, void *into, reason *why)
{
    setup_barber *barber = into;
    size_t count = json_array_size(value);
    if (!json_is_array(value)) return reason_set(why, ": must be a list [...]");
    if (count > FIG_WINDOWS_MAX)
        return reason_set(why, ": has %zu windows; at most %d are kept", count, FIG_WINDOWS_MAX);
    barber->has_windows = true;
    barber->windows = calloc(count + 1, sizeof *barber->windows);
    barber->is_local = calloc(count + 1, sizeof *barber->is_local);
    if (barber->windows == NULL || barber->is_local == NULL) return reason_set(why, ": out of memory");
    for (; barber->window_count < count; barber->window_count++) {
        size_t i = barber->window_count;
        if (!read_special(json_array_get(value, i), &barber->windows[i], &barber->is_local[i], why))
            return reason_prefix(why, "[%zu]", i);
        barber->local_count += barber->is_local[i];
    }
    return true;
}

static bool read_barber(const json_t *object, setup_barber *barber, reason *why)
{
    static const struct field fields[] = {
        {"id", read_barber_id},
        {"name", read_barber_name},
        {"shop", read_barber_shop},
        {"zone", read_barber_zone},
        {"active", read_barber_active},
        {"open", read_barber_open},
        {"priority", read_barber_priority},
        {"special", read_barber_special},
        {"hours", NULL},
        {"time_off", NULL},
        {"services", NULL},
    };
    barber->barber = fig_barber_default();
    barber->barber.fields = 0;
    barber->barber.id = 0;
    if (!read_object(object, fields, sizeof fields / sizeof *fields, barber, why)) return false;
    if (barber->barber.id == 0 && barber->barber.name[0] == '\0')
        return reason_set(why, ".id: is missing, and so is the name");
    return true;
}

/* ---- what is said twice ---- */

/* An id or a name, and where in its list it stands. */
struct said {
    uint64_t id;
    const char *name;
    size_t index;
};

static int by_id(const void *a, const void *b)
{
    const struct said *x = a, *y = b;
    if (x->id != y->id) return x->id < y->id ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static int by_name(const void *a, const void *b)
{
    const struct said *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

/* Ids of 0 and empty names were not given and are not compared. */
static bool check_said(struct said *said, size_t count, reason *why)
{
    if (count > 0) qsort(said, count, sizeof *said, by_id);
    for (size_t i = 1; i < count; i++)
        if (said[i].id != 0 && said[i].id == said[i - 1].id)
            return reason_set(why, "[%zu].id: %" PRIu64 " is also the id of [%zu]", said[i].index, said[i].id,
                              said[i - 1].index);
    if (count > 0) qsort(said, count, sizeof *said, by_name);
    for (size_t i = 1; i < count; i++)
        if (said[i].name[0] != '\0' && strcmp(said[i].name, said[i - 1].name) == 0)
            return reason_set(why, "[%zu].name: '%s' is also the name of [%zu]", said[i].index, said[i].name,
                              said[i - 1].index);
    return true;
}

static bool check_shops(const setup_file *setup, reason *why)
{
    struct said *said = calloc(setup->shop_count + 1, sizeof *said);
    if (said == NULL) return reason_set(why, ": out of memory");
    for (size_t i = 0; i < setup->shop_count; i++) said[i] = (struct said){setup->shops[i].id, setup->shops[i].name, i};
    bool good = check_said(said, setup->shop_count, why);
    free(said);
    return good;
}

static bool check_barbers(const setup_file *setup, reason *why)
{
    struct said *said = calloc(setup->barber_count + 1, sizeof *said);
    if (said == NULL) return reason_set(why, ": out of memory");
    for (size_t i = 0; i < setup->barber_count; i++)
        said[i] = (struct said){setup->barbers[i].barber.id, setup->barbers[i].barber.name, i};
    bool good = check_said(said, setup->barber_count, why);
    free(said);
    return good;
}

/* ---- the file ---- */

static bool read_shops(const json_t *value, void *into, reason *why)
{
    setup_file *setup = into;
    size_t count = json_array_size(value);
    if (!json_is_array(value)) return reason_set(why, ": must be a list [...]");
    setup->shops = calloc(count + 1, sizeof *setup->shops);
    if (setup->shops == NULL) return reason_set(why, ": out of memory");
    for (size_t i = 0; i < count; i++, setup->shop_count++)
        if (!read_shop(json_array_get(value, i), &setup->shops[i], why)) return reason_prefix(why, "[%zu]", i);
    return check_shops(setup, why);
}

static bool read_barbers(const json_t *value, void *into, reason *why)
{
    setup_file *setup = into;
    size_t count = json_array_size(value);
    if (!json_is_array(value)) return reason_set(why, ": must be a list [...]");
    setup->barbers = calloc(count + 1, sizeof *setup->barbers);
    if (setup->barbers == NULL) return reason_set(why, ": out of memory");
    for (size_t i = 0; i < count; i++) {
        setup->barber_count++; /* counted first: what a bad one has taken is to be freed too */
        if (!read_barber(json_array_get(value, i), &setup->barbers[i], why)) return reason_prefix(why, "[%zu]", i);
    }
    return check_barbers(setup, why);
}

static bool read_root(const json_t *root, setup_file *setup, reason *why)
{
    static const struct field fields[] = {
        {"shops", read_shops}, {"barbers", read_barbers}, {"services", NULL}, {"clients", NULL}, {"rules", NULL},
    };
    return read_object(root, fields, sizeof fields / sizeof *fields, setup, why);
}

bool setup_file_parse(const char *name, const char *bytes, size_t size, setup_file *setup, reason *why)
{
    json_error_t error;
    *setup = (setup_file){0};
    json_t *root = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) return reason_set(why, "%s:%d:%d: %s", name, error.line, error.column, error.text);
    bool good = read_root(root, setup, why);
    json_decref(root);
    if (good) return true;
    setup_file_free(setup);
    /* the path begins with a field: no dot in front of that */
    reason inner = *why;
    return reason_set(why, "%.200s: %.560s", name, inner.text + strspn(inner.text, ".: "));
}

static bool read_bytes(FILE *file, char **bytes, size_t *size)
{
    size_t room = 0;
    *bytes = NULL;
    for (*size = 0;;) {
        if (*size == room) {
            room = room == 0 ? 1 << 16 : room * 2;
            char *grown = realloc(*bytes, room);
            if (grown == NULL) return false;
            *bytes = grown;
        }
        size_t got = fread(*bytes + *size, 1, room - *size, file);
        *size += got;
        if (got == 0) return !ferror(file);
    }
}

bool setup_file_read(const char *path, setup_file *setup, reason *why)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) return reason_set(why, "%s: %s", path, strerror(errno));
    char *bytes;
    size_t size;
    errno = 0;
    bool good = read_bytes(file, &bytes, &size);
    if (!good) reason_set(why, "%s: %s", path, errno != 0 ? strerror(errno) : "cannot be read");
    fclose(file);
    good = good && setup_file_parse(path, bytes, size, setup, why);
    free(bytes);
    return good;
}

static bool place_window(fig_window *window, const local_zone *zone, reason *why)
{
    reason inner;
    if (!local_zone_instant(zone, (moment){true, window->start_s}, &window->start_s, &inner))
        return reason_set(why, ".start: %.700s", inner.text);
    if (!local_zone_instant(zone, (moment){true, window->end_s}, &window->end_s, &inner))
        return reason_set(why, ".end: %.700s", inner.text);
    return true;
}

bool setup_place_windows(setup_barber *barber, const local_zone *zone, reason *why)
{
    size_t kept = 0;
    for (size_t i = 0; i < barber->window_count; i++) {
        fig_window window = barber->windows[i];
        if (barber->is_local[i] && !place_window(&window, zone, why)) return reason_prefix(why, "[%zu]", i);
        barber->is_local[i] = false;
        if (window.start_s < window.end_s) barber->windows[kept++] = window; /* clocks may skip the whole of it */
    }
    barber->window_count = kept;
    barber->local_count = 0;
    return true;
}

void setup_file_free(setup_file *setup)
{
    for (size_t i = 0; i < setup->barber_count; i++) {
        free(setup->barbers[i].windows);
        free(setup->barbers[i].is_local);
    }
    free(setup->barbers);
    free(setup->shops);
    *setup = (setup_file){0};
}
