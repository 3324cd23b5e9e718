#include "tools/time_format.h"

#include "engine/figaro.h"

#include <string.h>
#include <strings.h>

/* Parts of a time, as bits for what a format gives. */
enum part {
    YEAR = 1,
    MONTH = 2,
    DAY = 4,
    YEAR_DAY = 8,
    HOUR = 16,
    HOUR_12 = 32,
    HALF = 64,
    MINUTE = 128,
    SECOND = 256,
    OFFSET = 512
};

struct parts {
    int year, month, day, year_day, hour, minute, second;
    int half; /* 0 AM, 1 PM */
    int offset_s;
    bool has_offset;
};

/* A conversion that is a number. */
struct number {
    char letter;
    enum part part;
    const char *name;
    int digits_min, digits_max, least, most;
};

static const struct number numbers[] = {
    {'Y', YEAR, "year", 4, 4, 1900, 2200}, {'y', YEAR, "year", 2, 2, 0, 99},
    {'m', MONTH, "month", 1, 2, 1, 12},    {'d', DAY, "day", 1, 2, 1, 31},
    {'e', DAY, "day", 1, 2, 1, 31},        {'j', YEAR_DAY, "day of the year", 1, 3, 1, 366},
    {'H', HOUR, "hour", 1, 2, 0, 23},      {'I', HOUR_12, "hour", 1, 2, 1, 12},
    {'M', MINUTE, "minute", 1, 2, 0, 59},  {'S', SECOND, "second", 1, 2, 0, 59},
};

static const struct number *number_of(char letter)
{
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i].letter == letter) return &numbers[i];
    return NULL;
}

/* What a conversion stands for that is made of others; NULL: it is not. */
static const char *expansion_of(char letter)
{
    switch (letter) {
    case 'T': return "%H:%M:%S";
    case 'R': return "%H:%M";
    case 'D': return "%m/%d/%y";
    case 'F': return "%Y-%m-%d";
    default: return NULL;
    }
}

static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/* ---- checking a format ---- */

static int other_part(char letter)
{
    return letter == 'b' || letter == 'B' ? MONTH : letter == 'p' ? HALF : letter == 'z' ? OFFSET : 0;
}

static bool gather(const char *format, int *parts, reason *why)
{
    for (; *format != '\0'; format++) {
        if (*format != '%') continue;
        char letter = *++format;
        const char *expansion = expansion_of(letter);
        const struct number *number = number_of(letter);
        int part = number != NULL ? (int)number->part : other_part(letter);
        if (letter == '\0') return reason_set(why, "ends in a lone %%; write %%%% for that character");
        if (expansion != NULL && !gather(expansion, parts, why)) return false;
        if (expansion != NULL || letter == '%' || letter == 'n' || letter == 't') continue;
        if (part == 0)
            return reason_set(why,
                              "%%%c is not understood; there are %%Y %%y %%m %%b %%B %%d %%e %%j %%H %%I %%p %%M %%S "
                              "%%z %%F %%D %%T %%R %%n %%t %%%%",
                              letter >= ' ' && letter < 0x7F ? letter : '?');
        if ((*parts & part) != 0) return reason_set(why, "%%%c gives a part that was given before", letter);
        *parts |= part;
    }
    return true;
}

static bool check_date_parts(int parts, reason *why)
{
    bool by_month = (parts & (MONTH | DAY)) != 0, by_day = (parts & YEAR_DAY) != 0;
    if ((parts & YEAR) == 0) return reason_set(why, "has no year (%%Y or %%y)");
    if (by_month && by_day) return reason_set(why, "has the day of the year (%%j) beside a month or a day");
    if (!by_day && (parts & MONTH) == 0) return reason_set(why, "has no month (%%m, %%b or %%B)");
    if (!by_day && (parts & DAY) == 0) return reason_set(why, "has no day (%%d or %%e)");
    return true;
}

bool time_format_check_date(const char *format, reason *why)
{
    int parts = 0;
    if (!gather(format, &parts, why) || !check_date_parts(parts, why)) return false;
    return (parts & OFFSET) == 0 || reason_set(why, "has a UTC offset (%%z), and a date has none");
}

bool time_format_check(const char *format, reason *why)
{
    int parts = 0;
    if (!gather(format, &parts, why) || !check_date_parts(parts, why)) return false;
    if ((parts & (HOUR | HOUR_12)) == 0) return reason_set(why, "has no hour (%%H, or %%I with %%p)");
    if ((parts & HOUR) != 0 && (parts & (HOUR_12 | HALF)) != 0)
        return reason_set(why, "has the hour of the day (%%H) beside %%I or %%p");
    if ((parts & HOUR_12) != 0 && (parts & HALF) == 0)
        return reason_set(why, "has an hour of twelve (%%I) but no AM or PM (%%p)");
    if ((parts & SECOND) != 0 && (parts & MINUTE) == 0)
        return reason_set(why, "has seconds (%%S) but no minutes (%%M)");
    return true;
}

/* ---- parsing by a format ---- */

static bool take_number(const struct number *number, const char **text, int *value, reason *why)
{
    int sum = 0, digits = 0;
    while (number->letter == 'e' && **text == ' ') ++*text;
    for (; digits < number->digits_max && **text >= '0' && **text <= '9'; digits++) sum = sum * 10 + *(*text)++ - '0';
    if (digits < number->digits_min) {
        if (digits == 0 && **text == '\0') return reason_set(why, "the %s is missing", number->name);
        *text -= digits;
        return reason_set(why, "the %s is no number of %d digit%s at '%.16s'", number->name, number->digits_min,
                          number->digits_min == 1 ? "" : "s", *text);
    }
    if (sum < number->least || sum > number->most)
        return reason_set(why, "the %s is %d, and %d to %d is allowed", number->name, sum, number->least, number->most);
    *value = number->letter == 'y' ? sum + (sum < 69 ? 2000 : 1900) : sum;
    return true;
}

static bool take_month_name(const char **text, int *month, reason *why)
{
    static const char *const names[] = {"January", "February", "March",     "April",   "May",      "June",
                                        "July",    "August",   "September", "October", "November", "December"};
    for (int i = 0; i < 12; i++) {
        size_t whole = strlen(names[i]);
        bool is_whole = strncasecmp(*text, names[i], whole) == 0;
        if (!is_whole && strncasecmp(*text, names[i], 3) != 0) continue;
        *text += is_whole ? whole : 3;
        *month = i + 1;
        return true;
    }
    return reason_set(why, "there is no month's name at '%.16s'", *text);
}

static bool take_half(const char **text, int *half, reason *why)
{
    bool am = strncasecmp(*text, "am", 2) == 0;
    if (!am && strncasecmp(*text, "pm", 2) != 0) return reason_set(why, "there is no AM or PM at '%.16s'", *text);
    *half = !am;
    *text += 2;
    return true;
}

static bool two_digits(const char *text, int *value)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') return false;
    *value = (text[0] - '0') * 10 + text[1] - '0';
    return true;
}

static bool take_offset(const char **text, struct parts *parts, reason *why)
{
    int hours, minutes = 0;
    parts->has_offset = true;
    if (**text == 'Z' || **text == 'z') {
        ++*text;
        return true;
    }
    bool west = **text == '-';
    if ((!west && **text != '+') || !two_digits(*text + 1, &hours))
        return reason_set(why, "there is no UTC offset at '%.16s'; it is written as Z, +01, +0100 or +01:00", *text);
    *text += 3;
    bool colon = **text == ':';
    if (two_digits(*text + colon, &minutes))
        *text += 2 + colon;
    else if (colon)
        return reason_set(why, "the UTC offset has no minutes at '%.16s'", *text);
    if (hours > 23 || minutes > 59) return reason_set(why, "there is no UTC offset %02d:%02d", hours, minutes);
    parts->offset_s = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
    return true;
}

static int *place_of(struct parts *parts, enum part part)
{
    switch (part) {
    case YEAR: return &parts->year;
    case MONTH: return &parts->month;
    case DAY: return &parts->day;
    case YEAR_DAY: return &parts->year_day;
    case MINUTE: return &parts->minute;
    case SECOND: return &parts->second;
    default: return &parts->hour;
    }
}

static bool take_literal(char expected, const char **text, reason *why)
{
    if (**text == expected) {
        ++*text;
        return true;
    }
    if (**text == '\0') return reason_set(why, "ends where '%c' belongs", expected);
    return reason_set(why, "has '%.16s' where '%c' belongs", *text, expected);
}

static void skip_space(const char **text)
{
    while (is_space(**text)) ++*text;
}

static bool take_format(const char *format, const char **text, struct parts *parts, reason *why);

static bool take_conversion(char letter, const char **text, struct parts *parts, reason *why)
{
    const struct number *number = number_of(letter);
    if (number != NULL) return take_number(number, text, place_of(parts, number->part), why);
    switch (letter) {
    case 'b':
    case 'B': return take_month_name(text, &parts->month, why);
    case 'p': return take_half(text, &parts->half, why);
    case 'z': return take_offset(text, parts, why);
    case 'n':
    case 't': skip_space(text); return true;
    case '%': return take_literal('%', text, why);
    default: return take_format(expansion_of(letter), text, parts, why);
    }
}

static bool take_format(const char *format, const char **text, struct parts *parts, reason *why)
{
    for (; *format != '\0'; format++) {
        if (is_space(*format))
            skip_space(text);
        else if (*format != '%' && !take_literal(*format, text, why))
            return false;
        else if (*format == '%' && !take_conversion(*++format, text, parts, why))
            return false;
    }
    return true;
}

static bool midnight_of(const struct parts *parts, int64_t *midnight_s, reason *why)
{
    int64_t next_s;
    if (parts->year_day == 0) return rfc3339_midnight_of(parts->year, parts->month, parts->day, midnight_s, why);
    if (!rfc3339_midnight_of(parts->year, 1, 1, midnight_s, why)) return false;
    if (!rfc3339_midnight_of(parts->year, 12, 31, &next_s, why)) return false;
    *midnight_s += (int64_t)(parts->year_day - 1) * DAY_SECONDS;
    return *midnight_s <= next_s || reason_set(why, "the year %d has no day %d", parts->year, parts->year_day);
}

bool time_format_parse(const char *format, const char *text, moment *at, reason *why)
{
    struct parts parts = {.half = -1};
    int64_t midnight_s;
    if (*text == '\0') return reason_set(why, "is empty");
    if (!take_format(format, &text, &parts, why)) return false;
    if (*text != '\0') return reason_set(why, "has '%.16s' after its end", text);
    if (!midnight_of(&parts, &midnight_s, why)) return false;
    int hour = parts.half < 0 ? parts.hour : parts.hour % 12 + 12 * parts.half;
    int64_t seconds = midnight_s + hour * 3600 + parts.minute * 60 + parts.second - parts.offset_s;
    if (parts.has_offset && (seconds < FIG_TIME_MIN || seconds > FIG_TIME_MAX))
        return reason_set(why, "lies outside 1900-01-01T00:00:00Z to 2200-01-01T00:00:00Z");
    *at = (moment){.is_local = !parts.has_offset, .seconds = seconds};
    return true;
}
