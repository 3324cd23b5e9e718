/* What text may be: UTF-8, well formed, without control characters. */
#ifndef FIG_CORE_TEXT_H
#define FIG_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* size bytes of well-formed UTF-8 without control characters. Line feeds and tabs pass when `lines`. O(size). */
bool text_is_clean(const char *text, size_t size, bool lines);

/* 1 to max bytes, clean, ended by NUL within them. NULL is not. */
bool text_is_name(const char *text, size_t max);

#endif
