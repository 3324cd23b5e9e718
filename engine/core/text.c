#include "engine/core/text.h"

#include <stdint.h>
#include <string.h>

/* The length of the sequence that begins here, 0 when it is malformed (overlong, surrogate, beyond U+10FFFF, cut). */
static size_t sequence_length(const uint8_t *at, size_t left)
{
    uint8_t lead = at[0];
    if (lead < 0x80) return 1;
    size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || length > left) return 0;
    for (size_t i = 1; i < length; i++)
        if ((at[i] & 0xC0) != 0x80) return 0;
    if (lead == 0xE0 && at[1] < 0xA0) return 0;
    if (lead == 0xED && at[1] > 0x9F) return 0;
    if (lead == 0xF0 && at[1] < 0x90) return 0;
    if (lead == 0xF4 && at[1] > 0x8F) return 0;
    return length;
}

/* C0, DEL and C1 (U+0080 to U+009F is C2 80 to C2 9F). */
static bool is_control(const uint8_t *at) { return at[0] < 0x20 || at[0] == 0x7F || (at[0] == 0xC2 && at[1] < 0xA0); }

bool text_is_clean(const char *text, size_t size, bool lines)
{
    const uint8_t *bytes = (const uint8_t *)text;
    for (size_t i = 0; i < size;) {
        size_t length = sequence_length(bytes + i, size - i);
        if (length == 0) return false;
        bool allowed = lines && (bytes[i] == '\n' || bytes[i] == '\t');
        if (is_control(bytes + i) && !allowed) return false;
        i += length;
    }
    return true;
}

bool text_is_name(const char *text, size_t max)
{
    if (text == NULL) return false;
    size_t size = strnlen(text, max + 1);
    return size >= 1 && size <= max && text_is_clean(text, size, false);
}
