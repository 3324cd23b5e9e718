/* A batch file: one change a line, each a JSON object with "op" and the fields that the subcommand of that
 * name has as options. Blank lines are passed over. */
#ifndef FIG_TOOLS_BATCH_FILE_H
#define FIG_TOOLS_BATCH_FILE_H

#include "tools/change.h"

#include <jansson.h>

typedef struct batch_member {
    uint64_t line;
    change wanted; /* its texts are those of `object` */
    json_t *object;
} batch_member;

typedef struct batch_file {
    batch_member *members;
    size_t count;
} batch_file;

/* Reads a file. A reason names the file, the line and the field; then nothing is to be freed. */
bool batch_file_read(const char *path, batch_file *batch, reason *why);
void batch_file_free(batch_file *batch);

/* Reads one line. On success `member` owns the object. */
bool batch_file_parse_line(const char *text, batch_member *member, reason *why);

#endif
