#include "tools/ics_lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>

struct ics_lines {
    char *name;
    char *bytes;
    size_t size, at;
    uint64_t number; /* of the line at `at` */
    char *text;      /* the line, unfolded */
    size_t room;
};

/* ---- opening ---- */

static ics_lines *make(const char *name)
{
    ics_lines *lines = calloc(1, sizeof *lines);
    if (lines == NULL) return NULL;
    lines->name = strdup(name);
    lines->number = 1;
    if (lines->name != NULL) return lines;
    free(lines);
    return NULL;
}

/* What went wrong as the file was read; false. */
static bool say_failure(gzFile file, reason *why)
{
    int number = Z_OK;
    const char *words = gzerror(file, &number);
    if (number == Z_ERRNO) return reason_set(why, "%s", strerror(errno));
    if (number == Z_BUF_ERROR) return reason_set(why, "the .gz file ends in its middle");
    return reason_set(why, "the .gz file is damaged: %s", words);
}

static bool grow(ics_lines *lines, size_t room)
{
    char *grown = realloc(lines->bytes, room);
    if (grown == NULL) return false;
    lines->bytes = grown;
    return true;
}

static bool read_all(ics_lines *lines, gzFile file, reason *why)
{
    for (size_t room = 1 << 16;; room *= 2) {
        if (!grow(lines, room)) return reason_set(why, "out of memory");
        int got;
        while (lines->size < room &&
               (got = gzread(file, lines->bytes + lines->size, (unsigned)(room - lines->size))) != 0) {
            if (got < 0) return say_failure(file, why);
            lines->size += (size_t)got;
        }
        int number = Z_OK;
        gzerror(file, &number);
        if (lines->size < room && number != Z_OK && number != Z_STREAM_END) return say_failure(file, why);
        if (lines->size < room) return true;
        if (room >= ICS_FILE_MAX) return reason_set(why, "is larger than %u MiB", ICS_FILE_MAX >> 20);
    }
}

ics_lines *ics_lines_open(const char *path, reason *why)
{
    gzFile file = gzopen(path, "rbe");
    ics_lines *lines = file != NULL ? make(path) : NULL;
    bool good = lines != NULL && read_all(lines, file, why);
    if (file == NULL) reason_set(why, "%s", errno != 0 ? strerror(errno) : "out of memory");
    if (file != NULL && lines == NULL) reason_set(why, "out of memory");
    if (file != NULL) gzclose(file);
    if (good) return lines;
    ics_lines_close(lines);
    reason_prefix(why, "%s: ", path);
    return NULL;
}

ics_lines *ics_lines_open_bytes(const char *name, const void *bytes, size_t size, reason *why)
{
    ics_lines *lines = make(name);
    if (lines != NULL) lines->bytes = malloc(size + 1);
    if (lines == NULL || lines->bytes == NULL) {
        ics_lines_close(lines);
        reason_set(why, "out of memory");
        return NULL;
    }
    if (size > 0) memcpy(lines->bytes, bytes, size);
    lines->size = size;
    return lines;
}

void ics_lines_close(ics_lines *lines)
{
    if (lines == NULL) return;
    free(lines->name);
    free(lines->bytes);
    free(lines->text);
    free(lines);
}

const char *ics_lines_name(const ics_lines *lines) { return lines->name; }

/* ---- unfolding ---- */

/* The bytes from `at` to the line's end, without it. */
static size_t physical_length(const ics_lines *lines, bool *ended)
{
    const char *from = lines->bytes + lines->at;
    const char *end = memchr(from, '\n', lines->size - lines->at);
    *ended = end != NULL;
    size_t length = end != NULL ? (size_t)(end - from) : lines->size - lines->at;
    return length;
}

static bool make_room(ics_lines *lines, size_t room)
{
    if (room <= lines->room) return true;
    char *grown = realloc(lines->text, 2 * room);
    if (grown == NULL) return false;
    lines->text = grown;
    lines->room = 2 * room;
    return true;
}

static bool goes_on(const ics_lines *lines)
{
    return lines->at < lines->size && (lines->bytes[lines->at] == ' ' || lines->bytes[lines->at] == '\t');
}

/* Puts the physical line at `at` behind what there is of the unfolded one. */
static void append(ics_lines *lines, size_t skip, size_t *used, const char **flaw)
{
    bool ended;
    size_t length = physical_length(lines, &ended);
    const char *from = lines->bytes + lines->at + skip;
    size_t count = length - skip;
    if (count > 0 && from[count - 1] == '\r') count--;
    if (*used + count > ICS_LINE_MAX) {
        *flaw = "the line is longer than 1 MiB";
    } else if (!make_room(lines, *used + count + 1)) {
        *flaw = "out of memory";
    } else {
        if (count > 0) memcpy(lines->text + *used, from, count);
        *used += count;
    }
    lines->at += length + ended;
    lines->number += ended;
}

/* Joins a line with those that go on with it. What is too long is passed over, and *flaw says so. */
static size_t unfold(ics_lines *lines, const char **flaw)
{
    size_t used = 0;
    append(lines, goes_on(lines), &used, flaw);
    while (goes_on(lines)) append(lines, 1, &used, flaw);
    if (lines->text == NULL) return 0;
    lines->text[used] = '\0';
    if (*flaw == NULL && memchr(lines->text, '\0', used) != NULL) *flaw = "holds a NUL byte";
    return used;
}

/* ---- splitting ---- */

bool ics_same(const char *a, const char *b) { return strcasecmp(a, b) == 0; }

/* The first of the marks that stands outside of quotes; the text's end when there is none. */
static char *find_mark(char *text, const char *marks)
{
    bool quoted = false;
    for (; *text != '\0'; text++) {
        if (*text == '"') quoted = !quoted;
        if (!quoted && strchr(marks, *text) != NULL) break;
    }
    return text;
}

/* Cuts the text at the mark and returns what follows; NULL: the mark is not there. */
static char *cut(char *text, const char *marks)
{
    char *mark = find_mark(text, marks);
    if (*mark == '\0') return NULL;
    *mark = '\0';
    return mark + 1;
}

static void take_param(ics_line *line, char *param)
{
    char *value = cut(param, "=");
    if (value == NULL || line->param_count == ICS_PARAMS_MAX) return;
    cut(value, ",");
    size_t length = strlen(value);
    if (length >= 2 && value[0] == '"' && value[length - 1] == '"') {
        value[length - 1] = '\0';
        value++;
    }
    line->params[line->param_count++] = (struct ics_param){.name = param, .value = value};
}

static void split(ics_line *line, char *text)
{
    char *value = cut(text, ":");
    line->name = text;
    line->value = value != NULL ? value : text + strlen(text);
    for (char *param = cut(text, ";"); param != NULL;) {
        char *next = cut(param, ";");
        take_param(line, param);
        param = next;
    }
    if (*text == '\0' || value == NULL) line->flaw = "is no content line (a name, a colon, a value)";
}

bool ics_lines_next(ics_lines *lines, ics_line *line)
{
    static char nothing[] = "";
    while (lines->at < lines->size) {
        *line = (ics_line){.number = lines->number, .name = nothing, .value = nothing};
        bool first = lines->at == 0;
        size_t size = unfold(lines, &line->flaw);
        if (line->flaw == NULL && size == 0) continue;
        char *text = lines->text;
        if (line->flaw == NULL && first && strncmp(text, "\xEF\xBB\xBF", 3) == 0) text += 3;
        if (line->flaw == NULL) split(line, text);
        return true;
    }
    return false;
}

const char *ics_line_param(const ics_line *line, const char *name)
{
    for (size_t i = 0; i < line->param_count; i++)
        if (ics_same(line->params[i].name, name)) return line->params[i].value;
    return NULL;
}

void ics_unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        if (*from != '\\' || from[1] == '\0') {
            *to++ = *from;
            continue;
        }
        from++;
        *to++ = *from == 'n' || *from == 'N' ? ' ' : *from;
    }
    *to = '\0';
}
