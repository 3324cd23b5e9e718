#include "tools/rfc3339.h"

#include "engine/figaro.h"

#include <stdio.h>
#include <string.h>

/* Days from 1970-01-01 to a date of the proleptic Gregorian calendar. Years are counted from March, so that
 * the leap day is the last of its year; 400 of them have 146097 days. */
static int64_t days_of(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct date {
    int64_t year;
    int month;
    int day;
};

/* The inverse of days_of(). */
static struct date date_of(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;
    int month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    return (struct date){
        .year = year_of_era + era * 400 + (month <= 2),
        .month = month,
        .day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1),
    };
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : days[month - 1];
}

/* Takes exactly `count` digits, or returns false and takes none. */
static bool take_digits(const char **text, int count, int *value)
{
    int sum = 0;
    for (int i = 0; i < count; i++) {
        char c = (*text)[i];
        if (c < '0' || c > '9') return false;
        sum = sum * 10 + (c - '0');
    }
    *text += count;
    *value = sum;
    return true;
}

static bool take_char(const char **text, char c)
{
    if (**text != c) return false;
    ++*text;
    return true;
}

static bool check_date(int year, int month, int day, reason *why)
{
    if (year < 1900 || year > 2200) return reason_set(why, "the year %04d is outside 1900 to 2200", year);
    if (month < 1 || month > 12) return reason_set(why, "there is no month %02d", month);
    if (day < 1 || day > days_in_month(year, month))
        return reason_set(why, "%04d-%02d has no day %02d", year, month, day);
    return true;
}

static bool take_date(const char **text, int64_t *days, reason *why)
{
    int year, month, day;
    if (!take_digits(text, 4, &year) || !take_char(text, '-') || !take_digits(text, 2, &month) ||
        !take_char(text, '-') || !take_digits(text, 2, &day))
        return reason_set(why, "does not begin with a date such as 2026-03-02");
    if (!check_date(year, month, day, why)) return false;
    *days = days_of(year, month, day);
    return true;
}

/* ".000" is nothing; ".5" is something that cannot be kept. */
static bool take_fraction(const char **text, reason *why)
{
    if (!take_char(text, '.')) return true;
    int digit;
    bool zero = true;
    const char *first = *text;
    while (take_digits(text, 1, &digit)) zero = zero && digit == 0;
    if (*text == first) return reason_set(why, "the decimal point has no digits after it");
    if (!zero) return reason_set(why, "fractions of a second are not kept; give whole seconds");
    return true;
}

static bool check_clock(int hour, int minute, int second, reason *why)
{
    if (hour > 23) return reason_set(why, "there is no hour %02d; the day ends with 00:00:00 of the next", hour);
    if (minute > 59) return reason_set(why, "there is no minute %02d", minute);
    if (second == 60) return reason_set(why, "a leap second has no instant of its own; use the second before or after");
    if (second > 59) return reason_set(why, "there is no second %02d", second);
    return true;
}

static bool take_clock(const char **text, bool seconds_required, int32_t *seconds, reason *why)
{
    int hour, minute, second = 0;
    if (!take_digits(text, 2, &hour) || !take_char(text, ':') || !take_digits(text, 2, &minute))
        return reason_set(why, "has no time of day such as 10:00:00");
    if (take_char(text, ':')) {
        if (!take_digits(text, 2, &second)) return reason_set(why, "seconds are two digits");
        if (!take_fraction(text, why)) return false;
    } else if (seconds_required) {
        return reason_set(why, "the seconds are missing; write the time as 10:00:00");
    }
    if (!check_clock(hour, minute, second, why)) return false;
    *seconds = hour * 3600 + minute * 60 + second;
    return true;
}

static bool take_offset(const char **text, int32_t *offset_s, reason *why)
{
    if (take_char(text, 'Z') || take_char(text, 'z')) {
        *offset_s = 0;
        return true;
    }
    bool west = **text == '-';
    int hour, minute;
    if (!west && **text != '+') {
        if (**text != '\0')
            return reason_set(why, "ends in '%.16s' where Z or an offset such as +01:00 belongs", *text);
        return reason_set(why, "has no UTC offset: end it with Z, or with an offset such as +01:00");
    }
    ++*text;
    if (!take_digits(text, 2, &hour) || !take_char(text, ':') || !take_digits(text, 2, &minute))
        return reason_set(why, "a UTC offset is written as +01:00");
    if (hour > 23 || minute > 59) return reason_set(why, "there is no UTC offset %02d:%02d", hour, minute);
    *offset_s = (hour * 3600 + minute * 60) * (west ? -1 : 1);
    return true;
}

static bool at_end(const char *text, reason *why)
{
    return *text == '\0' || reason_set(why, "has '%.16s' after its end", text);
}

bool rfc3339_parse(const char *text, int64_t *instant_s, reason *why)
{
    int64_t days;
    int32_t seconds, offset_s;
    if (*text == '\0') return reason_set(why, "is empty");
    if (!take_date(&text, &days, why)) return false;
    if (!take_char(&text, 'T') && !take_char(&text, 't'))
        return reason_set(why, *text == '\0' ? "has a date but no time; write 2026-03-02T10:00:00Z"
                                             : "has no 'T' between its date and its time");
    if (!take_clock(&text, true, &seconds, why) || !take_offset(&text, &offset_s, why) || !at_end(text, why))
        return false;

    int64_t instant = days * DAY_SECONDS + seconds - offset_s;
    if (instant < FIG_TIME_MIN || instant > FIG_TIME_MAX)
        return reason_set(why, "lies outside 1900-01-01T00:00:00Z to 2200-01-01T00:00:00Z");
    *instant_s = instant;
    return true;
}

bool rfc3339_parse_moment(const char *text, moment *at, reason *why)
{
    int64_t days;
    int32_t seconds, offset_s = 0;
    if (*text == '\0') return reason_set(why, "is empty");
    if (!take_date(&text, &days, why)) return false;
    if (!take_char(&text, 'T') && !take_char(&text, 't') && !take_char(&text, ' '))
        return reason_set(why, *text == '\0' ? "has a date but no time; write 2026-03-02T10:00"
                                             : "has no 'T' between its date and its time");
    if (!take_clock(&text, false, &seconds, why)) return false;
    bool is_local = *text == '\0';
    if (!is_local && (!take_offset(&text, &offset_s, why) || !at_end(text, why))) return false;
    int64_t given_s = days * DAY_SECONDS + seconds - offset_s;
    if (!is_local && (given_s < FIG_TIME_MIN || given_s > FIG_TIME_MAX))
        return reason_set(why, "lies outside 1900-01-01T00:00:00Z to 2200-01-01T00:00:00Z");
    *at = (moment){.is_local = is_local, .seconds = given_s};
    return true;
}

bool rfc3339_midnight_of(int year, int month, int day, int64_t *midnight_s, reason *why)
{
    if (!check_date(year, month, day, why)) return false;
    *midnight_s = days_of(year, month, day) * DAY_SECONDS;
    return true;
}

bool rfc3339_parse_date(const char *text, int64_t *midnight_s, reason *why)
{
    int64_t days;
    if (*text == '\0') return reason_set(why, "is empty");
    if (!take_date(&text, &days, why) || !at_end(text, why)) return false;
    if (days * DAY_SECONDS >= FIG_TIME_MAX) return reason_set(why, "lies outside 1900-01-01 to 2199-12-31");
    *midnight_s = days * DAY_SECONDS;
    return true;
}

bool rfc3339_parse_time(const char *text, int32_t *seconds, reason *why)
{
    int32_t clock, offset_s;
    if (*text == '\0') return reason_set(why, "is empty");
    if (!take_clock(&text, false, &clock, why) || !take_offset(&text, &offset_s, why) || !at_end(text, why))
        return false;
    *seconds = clock - offset_s;
    return true;
}

bool rfc3339_parse_clock(const char *text, int32_t *seconds, bool *is_local, reason *why)
{
    int32_t clock, offset_s = 0;
    if (*text == '\0') return reason_set(why, "is empty");
    if (!take_clock(&text, false, &clock, why)) return false;
    *is_local = *text == '\0';
    if (!*is_local && (!take_offset(&text, &offset_s, why) || !at_end(text, why))) return false;
    *seconds = clock - offset_s;
    return true;
}

int64_t rfc3339_midnight(int64_t instant_s)
{
    int64_t rest = instant_s % DAY_SECONDS;
    return instant_s - (rest < 0 ? rest + DAY_SECONDS : rest);
}

int rfc3339_weekday(int64_t instant_s)
{
    int64_t days = rfc3339_midnight(instant_s) / DAY_SECONDS; /* 1970-01-01 was a Thursday */
    return (int)(((days + 3) % 7 + 7) % 7);
}

/* Writes a number of `width` digits; bytes rather than snprintf(), which a digest of millions of lines would
 * feel. */
static char *put_digits(char *at, int64_t value, int width)
{
    for (int i = width - 1; i >= 0; i--, value /= 10) at[i] = (char)('0' + value % 10);
    return at + width;
}

void rfc3339_print_date(int64_t instant_s, char text[DATE_SIZE])
{
    struct date date = date_of(rfc3339_midnight(instant_s) / DAY_SECONDS);
    char *at = put_digits(text, date.year, 4);
    *at++ = '-';
    at = put_digits(at, date.month, 2);
    *at++ = '-';
    at = put_digits(at, date.day, 2);
    *at = '\0';
}

void rfc3339_print(int64_t instant_s, char text[RFC3339_SIZE])
{
    int64_t seconds = instant_s - rfc3339_midnight(instant_s);
    rfc3339_print_date(instant_s, text);
    char *at = text + DATE_SIZE - 1;
    *at++ = 'T';
    at = put_digits(at, seconds / 3600, 2);
    *at++ = ':';
    at = put_digits(at, seconds / 60 % 60, 2);
    *at++ = ':';
    at = put_digits(at, seconds % 60, 2);
    memcpy(at, "Z", 2);
}
