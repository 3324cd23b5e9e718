/* Dates and times in a form that is told, as strptime(3) has it. Nothing here reads a locale, a clock or TZ: months are
 * named in English.
 *
 *   %Y year, four digits         %H hour, 0 to 23             %F  %Y-%m-%d
 *   %y year, two digits          %I hour, 1 to 12, with %p    %D  %m/%d/%y
 *      (69 to 99: 19..)          %p AM or PM                  %T  %H:%M:%S
 *   %m month, 1 to 12            %M minute                    %R  %H:%M
 *   %b %B month's name           %S second                    %n %t, a space: white space, or none
 *   %d %e day of the month       %z offset: Z, +01, +0100     %%  %
 *   %j day of the year              or +01:00
 *
 * Numbers may have leading zeros and may do without; names and AM are taken in either case. */
#ifndef FIG_TOOLS_TIME_FORMAT_H
#define FIG_TOOLS_TIME_FORMAT_H

#include "tools/rfc3339.h"

/* Whether a format tells a date and an hour, each part once. Others are not to be parsed by. */
bool time_format_check(const char *format, reason *why);

/* The same for a format that has to tell a date alone: an hour may be missing, an offset must be. */
bool time_format_check_date(const char *format, reason *why);

/* Local, unless the format has %z. The reason names the part that is wrong. */
bool time_format_parse(const char *format, const char *text, moment *at, reason *why);

#endif
