#include "tools/json_lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct json_lines {
    const char *path;
    gzFile file;
    uint64_t line;
    char *bytes; /* of one line, JSON_LINE_MAX + 2 */
};

json_lines *json_lines_open(const char *path, reason *why)
{
    json_lines *reader = calloc(1, sizeof *reader);
    if (reader != NULL) reader->bytes = malloc(JSON_LINE_MAX + 2);
    errno = ENOMEM;
    if (reader != NULL && reader->bytes != NULL) reader->file = gzopen(path, "rb");
    if (reader != NULL && reader->file != NULL) {
        reader->path = path;
        gzbuffer(reader->file, 1 << 17);
        return reader;
    }
    reason_set(why, "%s: %s", path, strerror(errno));
    json_lines_close(reader);
    return NULL;
}

void json_lines_close(json_lines *reader)
{
    if (reader == NULL) return;
    if (reader->file != NULL) gzclose(reader->file);
    free(reader->bytes);
    free(reader);
}

uint64_t json_lines_line(const json_lines *reader) { return reader->line; }

static json_lines_result bad(const json_lines *reader, const char *words, reason *why)
{
    reason_set(why, "%s:%" PRIu64 ": %s", reader->path, reader->line, words);
    return JSON_LINES_BAD;
}

/* At the end of what could be read: was that all? */
static json_lines_result end(const json_lines *reader, reason *why)
{
    int code = 0;
    const char *words = gzerror(reader->file, &code);
    return code == Z_OK || code == Z_STREAM_END ? JSON_LINES_END : bad(reader, words, why);
}

static bool is_blank(const char *text) { return text[strspn(text, " \t\r\n")] == '\0'; }

json_lines_result json_lines_next(json_lines *reader, json_t **object, reason *why)
{
    do {
        reader->line++;
        if (gzgets(reader->file, reader->bytes, JSON_LINE_MAX + 2) == NULL) return end(reader, why);
        if (strlen(reader->bytes) > JSON_LINE_MAX) return bad(reader, "the line is longer than 1 MiB", why);
    } while (is_blank(reader->bytes));
    json_error_t error;
    *object = json_loads(reader->bytes, JSON_REJECT_DUPLICATES, &error);
    if (*object == NULL) return bad(reader, error.text, why);
    if (json_is_object(*object)) return JSON_LINES_OBJECT;
    json_decref(*object);
    return bad(reader, "must be an object", why);
}
