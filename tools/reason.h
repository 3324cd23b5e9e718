/* Why something was refused, in words. Parsers fill one and return false; whoever called adds the place (an
 * option, a file and line) and prints it. */
#ifndef FIG_TOOLS_REASON_H
#define FIG_TOOLS_REASON_H

#include <stdbool.h>

typedef struct reason {
    char text[768];
} reason;

/* Writes the words and returns false, so that a parser can end with `return reason_set(why, ...)`. */
bool reason_set(reason *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts words in front of those that are there ("barbers[2].name: " ...); returns false. */
bool reason_prefix(reason *why, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
