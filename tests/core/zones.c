#include "tests/core/zones.h"
#include "storage/zoneinfo.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- the system's ---- */

static bool begins_as_zone(const char *path)
{
    char magic[4] = "";
    FILE *file = fopen(path, "rb");
    if (file == NULL) return false;
    bool is = fread(magic, 1, 4, file) == 4 && memcmp(magic, "TZif", 4) == 0;
    fclose(file);
    return is;
}

static void add(struct zones *zones, const char *name, const char *path)
{
    struct stat found;
    if (zones->count % 64 == 0) zones->entries = realloc(zones->entries, (zones->count + 64) * sizeof *zones->entries);
    cr_assert(zones->entries != NULL && lstat(path, &found) == 0);
    struct zones_entry *entry = &zones->entries[zones->count++];
    support_format(entry->name, sizeof entry->name, "%s", name);
    entry->link = S_ISLNK(found.st_mode);
}

static void walk(struct zones *zones, const char *under)
{
    char path[SUPPORT_PATH], name[SUPPORT_PATH];
    support_format(path, sizeof path, "%s/%s", ZONEINFO_DIRECTORY, under);
    DIR *directory = opendir(path);
    if (directory == NULL) return;
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        struct stat found;
        support_format(name, sizeof name, "%s%s", under, entry->d_name);
        support_format(path, sizeof path, "%s/%s", ZONEINFO_DIRECTORY, name);
        bool shunned = strcmp(name, "posix") == 0 || strcmp(name, "right") == 0 || strcmp(name, "localtime") == 0;
        if (entry->d_name[0] == '.' || shunned || stat(path, &found) != 0) continue;
        if (S_ISREG(found.st_mode) && begins_as_zone(path)) add(zones, name, path);
        if (S_ISDIR(found.st_mode)) {
            strcat(name, "/");
            walk(zones, name);
        }
    }
    closedir(directory);
}

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct zones_entry *)left)->name, ((const struct zones_entry *)right)->name);
}

struct zones zones_need(void)
{
    struct zones zones = {NULL, 0};
    walk(&zones, "");
    if (zones.count == 0) support_lack("needs tzdata under " ZONEINFO_DIRECTORY);
    qsort(zones.entries, zones.count, sizeof *zones.entries, by_name);
    return zones;
}

struct zone *zones_load(const char *name)
{
    static unsigned char bytes[ZONEINFO_FILE_MAX];
    size_t size;
    struct store_error error;
    const char *fault;
    if (zoneinfo_read(NULL, name, bytes, &size, &error) != STORE_OK) support_lack(error.message);
    struct zone *zone = zones_read(bytes, size, &fault);
    cr_assert(zone != NULL, "%s: %s", name, fault);
    return zone;
}

struct zone *zones_read(const void *bytes, size_t size, const char **fault)
{
    void *copy = malloc(size);
    if (size > 0) memcpy(copy, bytes, size);
    size_t needed = zone_memory_bytes(copy, size);
    struct zone *zone = needed > 0 ? malloc(needed) : NULL;
    *fault = zone_read(zone, needed, copy, size);
    if (*fault == NULL) {
        cr_assert(zone != NULL && zone->memory_bytes == needed);
    } else {
        cr_assert((*fault)[0] != '\0');
        free(zone);
        zone = NULL;
    }
    free(copy);
    return zone;
}

/* ---- made up ---- */

static void put(unsigned char **at, uint64_t value, size_t size)
{
    while (size-- > 0) *(*at)++ = (unsigned char)(value >> (8 * size));
}

static void put_block(unsigned char **at, char version, const int64_t *changes, const int32_t *offsets, size_t count,
                      size_t time_size)
{
    memcpy(*at, "TZif", 4);
    *at += 4;
    put(at, version == '0' ? 0 : (uint64_t)version, 1);
    for (int i = 0; i < 15; i++) put(at, 0, 1);
    for (int i = 0; i < 3; i++) put(at, 0, 4);
    put(at, count, 4);
    put(at, count + 1, 4);
    put(at, 4, 4);
    for (size_t i = 0; i < count; i++) put(at, (uint64_t)changes[i], time_size);
    for (size_t i = 0; i < count; i++) put(at, i + 1, 1);
    for (size_t i = 0; i <= count; i++) {
        put(at, (uint64_t)offsets[i], 4);
        put(at, 0, 2);
    }
    memcpy(*at, "ABC", 4);
    *at += 4;
}

void *zones_make(char version, const int64_t *changes, const int32_t *offsets, size_t count, const char *footer,
                 size_t *size)
{
    unsigned char *bytes = malloc(256 + count * 30 + (footer != NULL ? strlen(footer) : 0)), *at = bytes;
    cr_assert(bytes != NULL && count <= 255);
    put_block(&at, version, changes, offsets, version == '0' ? count : 0, 4);
    if (version != '0') put_block(&at, version, changes, offsets, count, 8);
    if (footer != NULL) at += sprintf((char *)at, "\n%s\n", footer);
    *size = (size_t)(at - bytes);
    return bytes;
}

struct zone *zones_posix(const char *footer)
{
    static const int32_t none = 0;
    const char *fault;
    size_t size;
    void *bytes = zones_make('3', NULL, &none, 0, footer, &size);
    struct zone *zone = zones_read(bytes, size, &fault);
    cr_assert(zone != NULL, "%s: %s", footer, fault);
    free(bytes);
    return zone;
}
