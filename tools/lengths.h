/* How long services last, for files that do not say it: a CSV file with the columns service and minutes, and if wanted
 * id, the service's number. */
#ifndef FIG_TOOLS_LENGTHS_H
#define FIG_TOOLS_LENGTHS_H

#include "tools/csv.h"

typedef struct service_length {
    char *service;
    int64_t length_s;
    uint64_t id; /* 0: none was given */
} service_length;

typedef struct lengths {
    service_length *list; /* by service */
    size_t count;
} lengths;

/* Reads a file. A reason names the file and the line; then nothing is to be freed. */
bool lengths_read(const char *path, lengths *all, reason *why);
void lengths_free(lengths *all);

/* NULL: the list does not have it. */
const service_length *lengths_find(const lengths *all, const char *service);

#endif
