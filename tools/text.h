/* UTF-8 text: what Figaro keeps, and how wide it is on a terminal. */
#ifndef FIG_TOOLS_TEXT_H
#define FIG_TOOLS_TEXT_H

#include "tools/reason.h"

#include <stddef.h>
#include <stdint.h>

/* True when the text has 1 to `most` bytes of UTF-8 without control characters. */
bool text_check(const char *text, size_t most, reason *why);

/* The text as a note: what cannot stand in one becomes a space, and what is too much is cut off. The caller's to free;
 * NULL: nothing is left, or no memory. */
char *text_to_note(const char *text);

/* Takes the next character. Returns its bytes, or 0 when they are no UTF-8 (or the text is over). */
size_t text_next(const char *text, uint32_t *character);

/* Columns that a character takes on a terminal: 0, 1 or 2. */
int text_width_of(uint32_t character);
int text_width(const char *text);

/* A decimal number without sign, spaces or anything else. */
bool text_number(const char *text, uint64_t least, uint64_t most, uint64_t *number, reason *why);
bool text_is_decimal(const char *text);
/* An id as it is printed, with no zero in front: "007" is a name. */
bool text_id(const char *text, uint64_t *id);

#endif
