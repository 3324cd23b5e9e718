#include "tools/reason.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool reason_set(reason *why, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(why->text, sizeof why->text, format, arguments);
    va_end(arguments);
    return false;
}

bool reason_prefix(reason *why, const char *format, ...)
{
    char rest[sizeof why->text];
    memcpy(rest, why->text, sizeof rest);

    va_list arguments;
    va_start(arguments, format);
    int used = vsnprintf(why->text, sizeof why->text, format, arguments);
    va_end(arguments);
    if (used >= 0 && (size_t)used < sizeof why->text)
        snprintf(why->text + used, sizeof why->text - (size_t)used, "%s", rest);
    return false;
}
