#include "tools/setup_file.h"

#include "tools/setup_values.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* The ids and names of a list whose elements have `id` and `name` where the offsets say. */
static bool check_list(const void *list, size_t count, size_t size, size_t id_at, size_t name_at, reason *why)
{
    struct said *said = calloc(count + 1, sizeof *said);
    if (said == NULL) return reason_set(why, ": out of memory");
    for (size_t i = 0; i < count; i++) {
        const char *element = (const char *)list + i * size;
        memcpy(&said[i].id, element + id_at, sizeof said[i].id);
        said[i].name = element + name_at;
        said[i].index = i;
    }
    bool good = check_said(said, count, why);
    free(said);
    return good;
}

/* Two clients may have one name, as long as both have an id. */
static bool check_clients(const setup_file *setup, reason *why)
{
    struct said *said = calloc(setup->client_count + 1, sizeof *said);
    if (said == NULL) return reason_set(why, ": out of memory");
    for (size_t i = 0; i < setup->client_count; i++) {
        const fig_client *client = &setup->clients[i].client;
        said[i] = (struct said){client->id, client->id == 0 ? client->name : "", i};
    }
    bool good = check_said(said, setup->client_count, why);
    free(said);
    return good;
}

/* ---- the file ---- */

#define CHECK_LIST(list, count, type, thing, why)                                                                      \
    check_list(list, count, sizeof(type), offsetof(type, thing.id), offsetof(type, thing.name), why)

static bool read_shops(const json_t *value, void *into, reason *why)
{
    setup_file *setup = into;
    return setup_read_list(value, SIZE_MAX, sizeof *setup->shops, (void **)&setup->shops, &setup->shop_count,
                           setup_read_shop, why) &&
           CHECK_LIST(setup->shops, setup->shop_count, setup_shop, shop, why);
}

static bool read_services(const json_t *value, void *into, reason *why)
{
    setup_file *setup = into;
    return setup_read_list(value, SIZE_MAX, sizeof *setup->services, (void **)&setup->services, &setup->service_count,
                           setup_read_service, why) &&
           CHECK_LIST(setup->services, setup->service_count, setup_service, service, why);
}

static bool read_clients(const json_t *value, void *into, reason *why)
{
    setup_file *setup = into;
    return setup_read_list(value, SIZE_MAX, sizeof *setup->clients, (void **)&setup->clients, &setup->client_count,
                           setup_read_client, why) &&
           check_clients(setup, why);
}

static bool read_barbers(const json_t *value, void *into, reason *why)
{
    setup_file *setup = into;
    return setup_read_list(value, SIZE_MAX, sizeof *setup->barbers, (void **)&setup->barbers, &setup->barber_count,
                           setup_read_barber, why) &&
           CHECK_LIST(setup->barbers, setup->barber_count, setup_barber, barber, why);
}

static bool read_rules(const json_t *value, void *into, reason *why)
{
    setup_file *setup = into;
    return setup_read_list(value, SIZE_MAX, sizeof *setup->rules, (void **)&setup->rules, &setup->rule_count,
                           setup_read_rule, why) &&
           CHECK_LIST(setup->rules, setup->rule_count, setup_rule, rule, why);
}

static bool read_root(const json_t *root, setup_file *setup, reason *why)
{
    static const setup_field fields[] = {
        {"shops", read_shops},     {"barbers", read_barbers}, {"services", read_services},
        {"clients", read_clients}, {"rules", read_rules},
    };
    return setup_read_object(root, fields, sizeof fields / sizeof *fields, setup, why);
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

void setup_file_free(setup_file *setup)
{
    for (size_t i = 0; i < setup->shop_count; i++) {
        free(setup->shops[i].schedule.weekly);
        free(setup->shops[i].schedule.cuts);
    }
    for (size_t i = 0; i < setup->service_count; i++) {
        free(setup->services[i].requires.list);
        free(setup->services[i].incompatible.list);
    }
    for (size_t i = 0; i < setup->barber_count; i++) setup_barber_free(&setup->barbers[i]);
    for (size_t i = 0; i < setup->rule_count; i++) {
        free(setup->rules[i].rule.weekly);
        free(setup->rules[i].rule.cuts);
        free(setup->rules[i].rule.client_types);
        free(setup->rules[i].of.list);
    }
    free(setup->shops);
    free(setup->services);
    free(setup->clients);
    free(setup->barbers);
    free(setup->rules);
    *setup = (setup_file){0};
}
