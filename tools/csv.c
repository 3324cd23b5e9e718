#include "tools/csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

struct csv {
    const char *name;
    gzFile file; /* NULL: bytes */
    int64_t file_size;
    unsigned char *room; /* the file's next bytes, when there is a file */
    const unsigned char *bytes;
    size_t at, end; /* of what is in `bytes` */
    bool begun;
    bool broken; /* the file could not be read on */

    char *taken; /* the record's bytes as they stand in the file, for csv_recover() */
    size_t taken_size, taken_room;
    char *again; /* bytes that are to be read once more, before those of `bytes` */
    size_t again_at, again_size;

    uint64_t line;        /* that is being read */
    uint64_t record_line; /* that the record began on */
    char *text;           /* the record's fields, each with its NUL */
    size_t text_size, text_room;
    size_t starts[CSV_FIELDS_MAX];
    size_t count;
};

enum { ROOM = 1 << 16, NOTHING_LEFT = -1, READ_FAILED = -2 };

static csv *fail(csv *reader, reason *why, const char *name, const char *words)
{
    reason_set(why, "%s: %s", name, words);
    csv_close(reader);
    return NULL;
}

static csv *create(const char *name)
{
    csv *reader = calloc(1, sizeof *reader);
    if (reader == NULL) return NULL;
    reader->name = name;
    reader->line = 1;
    reader->text_room = 512;
    reader->text = malloc(reader->text_room);
    if (reader->text != NULL) return reader;
    free(reader);
    return NULL;
}

csv *csv_open_bytes(const char *name, const void *bytes, size_t size, reason *why)
{
    csv *reader = create(name);
    if (reader == NULL) return fail(NULL, why, name, "out of memory");
    reader->bytes = bytes;
    reader->end = size;
    return reader;
}

csv *csv_open(const char *path, reason *why)
{
    struct stat facts;
    if (stat(path, &facts) != 0) return fail(NULL, why, path, strerror(errno));
    if (S_ISDIR(facts.st_mode)) return fail(NULL, why, path, "is a directory, not a file");

    csv *reader = create(path);
    if (reader == NULL) return fail(NULL, why, path, "out of memory");
    reader->file_size = S_ISREG(facts.st_mode) ? (int64_t)facts.st_size : -1;
    reader->room = malloc(ROOM);
    if (reader->room == NULL) return fail(reader, why, path, "out of memory");
    reader->bytes = reader->room;
    errno = 0;
    reader->file = gzopen(path, "rbe");
    if (reader->file == NULL) return fail(reader, why, path, errno != 0 ? strerror(errno) : "out of memory");
    gzbuffer(reader->file, ROOM);
    return reader;
}

void csv_close(csv *reader)
{
    if (reader == NULL) return;
    if (reader->file != NULL) gzclose(reader->file);
    free(reader->room);
    free(reader->text);
    free(reader->taken);
    free(reader->again);
    free(reader);
}

static csv_result bad(const csv *reader, reason *why, const char *words)
{
    reason_set(why, "%s:%llu: %s", reader->name, (unsigned long long)reader->record_line, words);
    return CSV_BAD;
}

/* Says why the file could not be read on. */
static csv_result bad_file(csv *reader, reason *why)
{
    int number = Z_OK;
    const char *words = gzerror(reader->file, &number);
    reader->broken = true;
    if (number == Z_ERRNO) return bad(reader, why, strerror(errno));
    if (number == Z_BUF_ERROR) return bad(reader, why, "the .gz file ends in its middle");
    if (number == Z_DATA_ERROR) return bad(reader, why, "the .gz file is damaged");
    return bad(reader, why, words);
}

/* Fills the room. True when there are bytes to take; *outcome says what else it came to. */
static bool refill(csv *reader, int *outcome)
{
    *outcome = NOTHING_LEFT;
    if (reader->file == NULL) return false;
    int got = gzread(reader->file, reader->room, ROOM);
    int number = Z_OK;
    if (got <= 0) gzerror(reader->file, &number); /* a short .gz reads as 0 bytes and Z_BUF_ERROR */
    if (got < 0 || number < 0) *outcome = READ_FAILED;
    if (got <= 0) return false;
    reader->at = 0;
    reader->end = (size_t)got;
    return true;
}

/* The next byte without taking it, or NOTHING_LEFT, or READ_FAILED. */
static int peek(csv *reader)
{
    int outcome;
    if (reader->again_at < reader->again_size) return (unsigned char)reader->again[reader->again_at];
    if (reader->at == reader->end && !refill(reader, &outcome)) return outcome;
    return reader->bytes[reader->at];
}

/* Keeps a byte that was taken. Without memory for it a bad record can not be recovered from, which is all. */
static void keep(csv *reader, char byte)
{
    if (reader->taken_size == reader->taken_room) {
        size_t room = reader->taken_room == 0 ? 512 : reader->taken_room * 2;
        char *grown = realloc(reader->taken, room);
        if (grown == NULL) {
            reader->broken = true;
            return;
        }
        reader->taken = grown;
        reader->taken_room = room;
    }
    reader->taken[reader->taken_size++] = byte;
}

static int take(csv *reader)
{
    int byte = peek(reader);
    if (byte < 0) return byte;
    if (reader->again_at < reader->again_size)
        reader->again_at++;
    else
        reader->at++;
    if (byte == '\n') reader->line++;
    keep(reader, (char)byte);
    return byte;
}

static bool put(csv *reader, char byte)
{
    if (reader->text_size == reader->text_room) {
        if (reader->text_room >= CSV_RECORD_MAX) return false;
        char *grown = realloc(reader->text, reader->text_room * 2);
        if (grown == NULL) return false;
        reader->text = grown;
        reader->text_room *= 2;
    }
    reader->text[reader->text_size++] = byte;
    return true;
}

static csv_result too_long(const csv *reader, reason *why)
{
    return bad(reader, why, "the record is longer than 1 MiB; is a quote left open?");
}

/* What ended a field. */
enum ending { COMMA, LINE_END, FILE_END, BROKEN };

/* Takes what may follow a field: `byte` was already taken. */
static enum ending end_field(csv *reader, int byte, reason *why)
{
    if (byte == '\r' && peek(reader) == '\n') byte = take(reader);
    if (byte == ',') return COMMA;
    if (byte == '\n') return LINE_END;
    if (byte == NOTHING_LEFT) return FILE_END;
    if (byte == READ_FAILED)
        bad_file(reader, why);
    else
        bad(reader, why, "a closed quote must be followed by a comma or the line's end");
    return BROKEN;
}

static enum ending take_quoted(csv *reader, reason *why)
{
    for (;;) {
        int byte = take(reader);
        if (byte == '"') {
            if (peek(reader) != '"') return end_field(reader, take(reader), why);
            take(reader);
        } else if (byte <= 0) {
            if (byte == READ_FAILED)
                bad_file(reader, why);
            else
                bad(reader, why, byte == 0 ? "holds a NUL byte" : "a quote is still open at the file's end");
            return BROKEN;
        }
        if (!put(reader, (char)byte)) {
            too_long(reader, why);
            return BROKEN;
        }
    }
}

static enum ending take_plain(csv *reader, reason *why)
{
    for (;;) {
        int byte = take(reader);
        bool line_end = byte == '\n' || (byte == '\r' && peek(reader) == '\n');
        if (byte == ',' || line_end || byte == NOTHING_LEFT || byte == READ_FAILED) return end_field(reader, byte, why);
        if (byte == 0 || byte == '"' || byte == '\r') {
            bad(reader, why,
                byte == 0     ? "holds a NUL byte"
                : byte == '"' ? "a quote stands inside a field that does not begin with one"
                              : "a carriage return stands inside a line");
            return BROKEN;
        }
        if (!put(reader, (char)byte)) {
            too_long(reader, why);
            return BROKEN;
        }
    }
}

static void skip_byte_order_mark(csv *reader)
{
    reader->begun = true;
    if (peek(reader) == 0xEF && reader->end - reader->at >= 3 &&
        memcmp(reader->bytes + reader->at, "\xEF\xBB\xBF", 3) == 0)
        reader->at += 3;
}

csv_result csv_next(csv *reader, reason *why)
{
    if (!reader->begun) skip_byte_order_mark(reader);
    reader->record_line = reader->line;
    reader->text_size = reader->count = reader->taken_size = 0;

    int first = peek(reader);
    if (first == NOTHING_LEFT) return CSV_END;
    if (first == READ_FAILED) return bad_file(reader, why);
    enum ending ending = COMMA;
    while (ending == COMMA) {
        if (reader->count == CSV_FIELDS_MAX) return bad(reader, why, "has more than 256 fields");
        reader->starts[reader->count++] = reader->text_size;
        bool quoted = peek(reader) == '"';
        if (quoted) take(reader);
        ending = quoted ? take_quoted(reader, why) : take_plain(reader, why);
        if (ending == BROKEN) return CSV_BAD;
        if (!put(reader, '\0')) return too_long(reader, why);
    }
    return CSV_RECORD;
}

/* Puts bytes in front of those that are still to be read again: back where they came from, or into a new place. */
static bool put_back(csv *reader, const char *bytes, size_t size)
{
    size_t left = reader->again_size - reader->again_at;
    if (size == 0) return true;
    if (size <= reader->again_at && memcmp(reader->again + reader->again_at - size, bytes, size) == 0) {
        reader->again_at -= size;
        return true;
    }
    char *joined = malloc(size + left + 1);
    if (joined == NULL) return false;
    memcpy(joined, bytes, size);
    if (left > 0) memcpy(joined + size, reader->again + reader->again_at, left);
    free(reader->again);
    reader->again = joined;
    reader->again_at = 0;
    reader->again_size = size + left;
    return true;
}

bool csv_recover(csv *reader)
{
    if (reader->broken) return false;
    const char *newline = reader->taken_size == 0 ? NULL : memchr(reader->taken, '\n', reader->taken_size);
    if (newline == NULL) { /* still in the first line */
        for (int byte = 0; byte != '\n';) {
            reader->taken_size = 0;
            byte = take(reader);
            if (byte < 0) return byte == NOTHING_LEFT;
        }
        return true;
    }
    size_t first = (size_t)(newline - reader->taken) + 1;
    if (!put_back(reader, newline + 1, reader->taken_size - first)) return false;
    reader->line = reader->record_line + 1;
    return true;
}

size_t csv_field_count(const csv *reader) { return reader->count; }

const char *csv_field(const csv *reader, size_t index) { return reader->text + reader->starts[index]; }

uint64_t csv_line(const csv *reader) { return reader->record_line; }

const char *csv_name(const csv *reader) { return reader->name; }

double csv_share_read(const csv *reader)
{
    if (reader->file == NULL || reader->file_size <= 0) return -1;
    double share = (double)gzoffset(reader->file) / (double)reader->file_size;
    return share > 1 ? 1 : share;
}
