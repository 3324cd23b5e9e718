#include "tools/openmetrics.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (16 << 20)

static const char name_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:";

/* ---- reading ---- */

static bool read_all(FILE *file, openmetrics *metrics, reason *why)
{
    size_t room = 64 << 10, size = 0;
    for (;;) {
        char *text = realloc(metrics->text, room + 1);
        if (text == NULL) return reason_set(why, "there is not enough memory");
        metrics->text = text;
        size += fread(text + size, 1, room - size, file);
        text[size] = '\0';
        if (ferror(file)) return reason_set(why, "%s", strerror(errno));
        if (strlen(text) != size) return reason_set(why, "holds a NUL: it is no text");
        if (size < room) return true;
        if (room >= TEXT_MAX) return reason_set(why, "is larger than %d MiB", TEXT_MAX >> 20);
        room *= 2;
    }
}

/* Behind the labels, if there are any; NULL: they do not end. */
static const char *skip_labels(const char *at)
{
    if (*at != '{') return at;
    bool quoted = false;
    for (at++; *at != '\0' && *at != '\n'; at++) {
        if (quoted && *at == '\\' && at[1] != '\0' && at[1] != '\n')
            at++;
        else if (*at == '"')
            quoted = !quoted;
        else if (*at == '}' && !quoted)
            return at + 1;
    }
    return NULL;
}

/* Behind the value. NULL: there is none. */
static const char *read_value(const char *at, double *value)
{
    char *end;
    if (*at != ' ') return NULL;
    *value = strtod(at + 1, &end);
    return end > at + 1 && (*end == '\0' || *end == '\n' || *end == ' ') ? end : NULL;
}

static bool check_line(const char *line, reason *why)
{
    double value;
    if (*line == '#' || *line == '\n' || *line == '\0') return true;
    size_t name = strspn(line, name_characters);
    if (name == 0) return reason_set(why, "a line is a name, labels in braces, and a value");
    const char *at = skip_labels(line + name);
    if (at == NULL) return reason_set(why, "the labels of %.*s do not end", (int)(name < 200 ? name : 200), line);
    if (read_value(at, &value) == NULL)
        return reason_set(why, "%.*s has no value", (int)(name < 200 ? name : 200), line);
    return true;
}

static const char *next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end != NULL ? end + 1 : line + strlen(line);
}

static bool check_lines(const openmetrics *metrics, reason *why)
{
    uint64_t number = 1;
    bool any = false;
    for (const char *line = metrics->text; *line != '\0'; line = next_line(line), number++) {
        if (!check_line(line, why)) return reason_prefix(why, "line %llu: ", (unsigned long long)number);
        any = any || strncmp(line, "figaro_", 7) == 0;
    }
    return any || reason_set(why, "holds no metrics of Figaro: give what a server serves from fig_write_metrics()");
}

bool openmetrics_read(const char *path, openmetrics *metrics, reason *why)
{
    *metrics = (openmetrics){NULL};
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "re");
    if (file == NULL) return reason_set(why, "%s", strerror(errno));
    bool good = read_all(file, metrics, why) && check_lines(metrics, why);
    if (!standard) fclose(file);
    if (!good) openmetrics_free(metrics);
    return good;
}

void openmetrics_free(openmetrics *metrics)
{
    free(metrics->text);
    metrics->text = NULL;
}

/* ---- asking ---- */

/* Names of labels are not quoted, so that `name="value"` stands for itself between a brace or comma and another. */
static bool has_label(const char *labels, const char *end, const char *label, const char *value)
{
    size_t label_size = strlen(label), value_size = strlen(value);
    for (const char *at = labels + 1; at < end; at++) {
        bool begins = at[-1] == '{' || at[-1] == ',';
        if (!begins || strncmp(at, label, label_size) != 0 || strncmp(at + label_size, "=\"", 2) != 0) continue;
        const char *given = at + label_size + 2;
        if (strncmp(given, value, value_size) == 0 && given[value_size] == '"') return true;
    }
    return false;
}

double openmetrics_sum(const openmetrics *metrics, const char *name, const char *label, const char *value)
{
    double sum = 0, one;
    size_t size = strlen(name);
    for (const char *line = metrics->text; *line != '\0'; line = next_line(line)) {
        if (strncmp(line, name, size) != 0 || strspn(line, name_characters) != size) continue;
        const char *labels = line + size, *at = skip_labels(labels);
        if (at == NULL || (label != NULL && !has_label(labels, at, label, value))) continue;
        if (read_value(at, &one) != NULL) sum += one;
    }
    return sum;
}
