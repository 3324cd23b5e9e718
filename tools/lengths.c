#include "tools/lengths.h"

#include "engine/figaro.h"
#include "tools/text.h"

#include <stdlib.h>
#include <string.h>

enum { NO_COLUMN = -1 };

struct columns {
    int service, minutes, id;
    size_t count;
};

static bool read_header(csv *file, struct columns *columns, reason *why)
{
    csv_result result = csv_next(file, why);
    if (result == CSV_BAD) return false;
    *columns = (struct columns){NO_COLUMN, NO_COLUMN, NO_COLUMN, 0};
    if (result == CSV_RECORD) columns->count = csv_field_count(file);
    for (size_t i = 0; i < columns->count; i++) {
        const char *name = csv_field(file, i);
        if (strcmp(name, "service") == 0) columns->service = (int)i;
        if (strcmp(name, "minutes") == 0) columns->minutes = (int)i;
        if (strcmp(name, "id") == 0) columns->id = (int)i;
    }
    if (columns->service != NO_COLUMN && columns->minutes != NO_COLUMN) return true;
    return reason_set(why, "%s:1: a file of lengths has the columns service,minutes", csv_name(file));
}

static bool read_row(const csv *file, const struct columns *columns, service_length *row, reason *why)
{
    uint64_t minutes;
    *row = (service_length){0};
    if (csv_field_count(file) != columns->count)
        return reason_set(why, "has %zu fields, the first line has %zu", csv_field_count(file), columns->count);
    const char *service = csv_field(file, (size_t)columns->service);
    if (!text_check(service, FIG_NAME_MAX, why)) return reason_prefix(why, "service: ");
    if (!text_number(csv_field(file, (size_t)columns->minutes), 1, FIG_DURATION_MAX / 60, &minutes, why))
        return reason_prefix(why, "minutes: ");
    const char *id = columns->id == NO_COLUMN ? "" : csv_field(file, (size_t)columns->id);
    if (*id != '\0' && !text_number(id, 1, INT64_MAX, &row->id, why)) return reason_prefix(why, "id: ");
    row->length_s = (int64_t)minutes * 60;
    row->service = strdup(service);
    return row->service != NULL || reason_set(why, "out of memory");
}

static bool add_row(const csv *file, const struct columns *columns, lengths *all, reason *why)
{
    service_length row;
    if (!read_row(file, columns, &row, why))
        return reason_prefix(why, "%s:%llu: ", csv_name(file), (unsigned long long)csv_line(file));
    service_length *grown = realloc(all->list, (all->count + 1) * sizeof *grown);
    if (grown == NULL) {
        free(row.service);
        return reason_set(why, "out of memory");
    }
    all->list = grown;
    grown[all->count++] = row;
    return true;
}

static int by_service(const void *a, const void *b)
{
    const service_length *x = a, *y = b;
    return strcmp(x->service, y->service);
}

static bool read_all(csv *file, lengths *all, reason *why)
{
    struct columns columns;
    csv_result result;
    if (!read_header(file, &columns, why)) return false;
    while ((result = csv_next(file, why)) == CSV_RECORD) {
        bool blank = csv_field_count(file) == 1 && csv_field(file, 0)[0] == '\0';
        if (!blank && !add_row(file, &columns, all, why)) return false;
    }
    if (result == CSV_BAD) return false;
    if (all->count > 0) qsort(all->list, all->count, sizeof *all->list, by_service);
    for (size_t i = 1; i < all->count; i++)
        if (by_service(&all->list[i - 1], &all->list[i]) == 0)
            return reason_set(why, "%s: service '%s' is there twice", csv_name(file), all->list[i].service);
    return true;
}

bool lengths_read(const char *path, lengths *all, reason *why)
{
    *all = (lengths){0};
    csv *file = csv_open(path, why);
    if (file == NULL) return false;
    bool good = read_all(file, all, why);
    csv_close(file);
    if (!good) lengths_free(all);
    return good;
}

void lengths_free(lengths *all)
{
    for (size_t i = 0; i < all->count; i++) free(all->list[i].service);
    free(all->list);
    *all = (lengths){0};
}

const service_length *lengths_find(const lengths *all, const char *service)
{
    size_t low = 0, high = all->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(all->list[middle].service, service);
        if (order == 0) return &all->list[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
