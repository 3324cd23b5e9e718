#include "tools/text.h"

#include "engine/figaro.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* Bytes of the character that begins with this one; 0: none does. */
static size_t length_of(unsigned char first)
{
    if (first == 0 || (first >= 0x80 && first < 0xC2) || first > 0xF4) return 0;
    if (first < 0x80) return 1;
    return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

size_t text_next(const char *text, uint32_t *character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* shorter forms are not allowed */
    const unsigned char *byte = (const unsigned char *)text;
    size_t length = length_of(byte[0]);
    if (length == 0) return 0;
    uint32_t value = length == 1 ? byte[0] : byte[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((byte[i] & 0xC0) != 0x80) return 0;
        value = value << 6 | (byte[i] & 0x3F);
    }
    if (value < least[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return 0;
    *character = value;
    return length;
}

bool text_check(const char *text, size_t most, reason *why)
{
    size_t size = strlen(text);
    if (size == 0) return reason_set(why, "is empty");
    if (size > most) return reason_set(why, "has %zu bytes; at most %zu are kept", size, most);
    while (*text != '\0') {
        uint32_t character = 0;
        size_t length = text_next(text, &character);
        if (length == 0) return reason_set(why, "is not valid UTF-8");
        if (character < 0x20 || (character >= 0x7F && character < 0xA0))
            return reason_set(why, "holds a control character (U+%04X)", (unsigned)character);
        text += length;
    }
    return true;
}

int text_width_of(uint32_t character)
{
    int width = wcwidth((wchar_t)character);
    return width < 0 ? 1 : width; /* a locale that knows no UTF-8 has no opinion */
}

int text_width(const char *text)
{
    int width = 0;
    uint32_t character;
    for (size_t length; (length = text_next(text, &character)) > 0; text += length) width += text_width_of(character);
    return width;
}

bool text_is_decimal(const char *text) { return *text != '\0' && text[strspn(text, "0123456789")] == '\0'; }

bool text_number(const char *text, uint64_t least, uint64_t most, uint64_t *number, reason *why)
{
    const char *digits = text + (*text == '-');
    if (!text_is_decimal(digits)) return reason_set(why, "'%.64s' is not a whole number", text);
    errno = 0;
    unsigned long long value = strtoull(digits, NULL, 10);
    bool negative = digits != text && value != 0;
    if (negative || value < least)
        return reason_set(why, "%.64s is too small; %llu to %llu is allowed", text, (unsigned long long)least,
                          (unsigned long long)most);
    if (errno == ERANGE || value > most)
        return reason_set(why, "%.64s is too large; %llu to %llu is allowed", text, (unsigned long long)least,
                          (unsigned long long)most);
    *number = value;
    return true;
}

bool text_id(const char *text, uint64_t *id)
{
    reason ignored;
    return *text != '0' && text_is_decimal(text) && text_number(text, 1, INT64_MAX, id, &ignored);
}

char *text_to_note(const char *text)
{
    char *note = malloc(strlen(text) + 1);
    size_t used = 0;
    if (note == NULL) return NULL;
    for (size_t length = 1; *text != '\0'; text += length) {
        uint32_t character = 0;
        length = text_next(text, &character);
        bool bad = length == 0 || character < 0x20 || (character >= 0x7f && character < 0xa0);
        if (length == 0) length = 1;
        if (used + length > FIG_NOTE_MAX) break;
        if (bad) note[used] = ' ';
        if (!bad) memcpy(note + used, text, length);
        used += bad ? 1 : length;
    }
    note[used] = '\0';
    if (note[strspn(note, " ")] != '\0') return note;
    free(note);
    return NULL;
}
