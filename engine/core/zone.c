/* Time zones: reading TZif files and finding offsets. zone.h says what is promised.
 *
 * A file is a header and a block of 32-bit data (version 1), then from version 2 on a header and a block of
 * 64-bit data, and the footer between two newlines. A block's sizes follow from the six counts in its header, so
 * that it is measured first, compared once with the bytes that are left, and then read without looking back.
 *
 * The footer's rule is not spelled out into years. A year begins on one of seven weekdays and is leap or not, so
 * that fourteen pairs of numbers say when daylight time begins and ends in any year; Gregorian years repeat after
 * 400. An instant is held against its own year, the year before and the year after. Rules may also reach over New
 * Year, by up to eight days (167 hours and the offset); then the years beside those count too. */
#include "engine/core/zone.h"
#include "engine/core/bytes.h"

#include <string.h>

enum { DAY_S = 86400, HEADER_BYTES = 44, TYPE_BYTES = 6, TYPES_MAX = 256 };

/* ------------------------------------------------------------------ the file's parts */

struct header {
    uint8_t version; /* 0, or a digit */
    uint32_t ut_flags;
    uint32_t standard_flags;
    uint32_t leaps;
    uint32_t changes;
    uint32_t types;
    uint32_t characters;
};

struct block {
    uint32_t changes;
    uint32_t types;
    uint32_t characters;
    uint32_t leaps;
    size_t time_bytes;         /* 4 or 8 */
    const uint8_t *times;      /* changes of them, each of time_bytes */
    const uint8_t *kinds;      /* a type for each change */
    const uint8_t *type_bytes; /* types of TYPE_BYTES */
};

struct text {
    const char *at;
    const char *end;
};

struct file {
    struct block block;
    struct text footer; /* empty: none */
};

static uint64_t big_endian(const uint8_t *at, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++) value = value << 8 | at[i];
    return value;
}

static uint32_t take_count(struct reader *reader)
{
    const uint8_t *at = take_bytes(reader, 4);
    return at == NULL ? 0 : (uint32_t)big_endian(at, 4);
}

static const char *take_header(struct reader *reader, struct header *header)
{
    const uint8_t *magic = take_bytes(reader, 4);
    if (magic == NULL || memcmp(magic, "TZif", 4) != 0) return "not a TZif file: it does not begin with TZif";
    header->version = take_u8(reader);
    take_bytes(reader, 15);
    header->ut_flags = take_count(reader);
    header->standard_flags = take_count(reader);
    header->leaps = take_count(reader);
    header->changes = take_count(reader);
    header->types = take_count(reader);
    header->characters = take_count(reader);
    if (reader->failed) return "the file is cut off in a header";
    if (header->version != 0 && (header->version < '2' || header->version > '9'))
        return "the header's version is unknown";
    return NULL;
}

/* Takes as many items as a header counts, NULL when there are not as many. */
static const uint8_t *take_items(struct reader *reader, uint32_t count, size_t item_bytes)
{
    if (count > (size_t)(reader->end - reader->at) / item_bytes) reader->failed = true;
    return take_bytes(reader, count * item_bytes);
}

static const char *take_block(struct reader *reader, const struct header *header, size_t time_bytes,
                              struct block *block)
{
    *block = (struct block){
        .changes = header->changes,
        .types = header->types,
        .characters = header->characters,
        .leaps = header->leaps,
        .time_bytes = time_bytes,
    };
    block->times = take_items(reader, header->changes, time_bytes);
    block->kinds = take_items(reader, header->changes, 1);
    block->type_bytes = take_items(reader, header->types, TYPE_BYTES);
    take_items(reader, header->characters, 1);
    take_items(reader, header->leaps, time_bytes + 4);
    take_items(reader, header->standard_flags, 1);
    take_items(reader, header->ut_flags, 1);
    return reader->failed ? "the file is cut off in a block of data" : NULL;
}

static const char *take_footer(struct reader *reader, struct text *footer)
{
    size_t left = (size_t)(reader->end - reader->at);
    if (left == 0 || reader->at[0] != '\n') return "the file is cut off before its footer";
    const uint8_t *newline = memchr(reader->at + 1, '\n', left - 1);
    if (newline == NULL) return "the file is cut off in its footer";
    *footer = (struct text){(const char *)reader->at + 1, (const char *)newline};
    return NULL;
}

/* What does not show in the sizes of a block but in its numbers. */
static const char *check_counts(const struct header *header)
{
    if (header->types == 0 || header->types > TYPES_MAX) return "the file has no types, or more than 256";
    if (header->characters == 0) return "the file has no abbreviations";
    if (header->ut_flags != 0 && header->ut_flags != header->types)
        return "the file has neither no UT flags nor one for each type";
    if (header->standard_flags != 0 && header->standard_flags != header->types)
        return "the file has neither no standard time flags nor one for each type";
    if (header->leaps != 0)
        return "the file counts leap seconds, which Unix time does not: take the zone's file outside of right/";
    return NULL;
}

/* Finds the parts of a file and sees that they are all there. */
static const char *split(const void *bytes, size_t size, struct file *file)
{
    if (size == 0) return "the file is empty";
    struct reader reader = {.at = bytes, .end = (const uint8_t *)bytes + size};
    struct header header;
    *file = (struct file){.footer = {"", ""}};
    const char *fault = take_header(&reader, &header);
    if (fault == NULL) fault = take_block(&reader, &header, 4, &file->block);
    if (fault != NULL) return fault;
    if (header.version == 0) return check_counts(&header);

    fault = take_header(&reader, &header);
    if (fault == NULL) fault = take_block(&reader, &header, 8, &file->block);
    if (fault == NULL) fault = check_counts(&header);
    return fault != NULL ? fault : take_footer(&reader, &file->footer);
}

/* ------------------------------------------------------------------ the footer */

enum rule_form {
    RULE_JULIAN,  /* Jn: day 1 to 365, 29 February is never counted */
    RULE_ORDINAL, /* n: day 0 to 365 */
    RULE_WEEKDAY  /* Mm.w.d: the w-th weekday d of month m, the fifth being the last */
};

struct rule {
    enum rule_form form;
    int32_t day;
    int32_t month;
    int32_t week;
    int32_t weekday; /* 0 = Sunday */
    int32_t time_s;  /* local time of the change, before it */
};

struct footer {
    int32_t standard_s;
    int32_t daylight_s;
    bool yearly; /* there is daylight time, by the rules */
    struct rule begin;
    struct rule finish;
};

static bool take_character(struct text *text, char wanted)
{
    if (text->at == text->end || *text->at != wanted) return false;
    text->at++;
    return true;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* One to three digits, low to high. */
static bool take_number(struct text *text, int32_t low, int32_t high, int32_t *number)
{
    int32_t value = 0;
    int digits = 0;
    for (; digits < 3 && text->at < text->end && is_digit(*text->at); digits++)
        value = value * 10 + (*text->at++ - '0');
    *number = value;
    return digits > 0 && value >= low && value <= high;
}

/* Three letters or more; or between < and > letters, digits and signs. */
static bool take_name(struct text *text)
{
    bool quoted = take_character(text, '<');
    const char *first = text->at;
    while (text->at < text->end) {
        char c = *text->at;
        if (!is_letter(c) && !(quoted && (is_digit(c) || c == '+' || c == '-'))) break;
        text->at++;
    }
    return text->at - first >= 3 && (!quoted || take_character(text, '>'));
}

/* [+-]h[:mm[:ss]] in seconds */
static bool take_time(struct text *text, int32_t hours_max, int32_t *seconds)
{
    bool negative = take_character(text, '-');
    if (!negative) take_character(text, '+');
    int32_t hours, minutes = 0, rest = 0;
    if (!take_number(text, 0, hours_max, &hours)) return false;
    if (take_character(text, ':')) {
        if (!take_number(text, 0, 59, &minutes)) return false;
        if (take_character(text, ':') && !take_number(text, 0, 59, &rest)) return false;
    }
    int32_t length = hours * 3600 + minutes * 60 + rest;
    *seconds = negative ? -length : length;
    return true;
}

static bool take_rule(struct text *text, struct rule *rule)
{
    bool sound;
    *rule = (struct rule){.form = RULE_ORDINAL, .time_s = 2 * 3600};
    if (take_character(text, 'J')) {
        rule->form = RULE_JULIAN;
        sound = take_number(text, 1, 365, &rule->day);
    } else if (take_character(text, 'M')) {
        rule->form = RULE_WEEKDAY;
        sound = take_number(text, 1, 12, &rule->month) && take_character(text, '.') &&
                take_number(text, 1, 5, &rule->week) && take_character(text, '.') &&
                take_number(text, 0, 6, &rule->weekday);
    } else {
        sound = take_number(text, 0, 365, &rule->day);
    }
    if (sound && take_character(text, '/')) sound = take_time(text, 167, &rule->time_s);
    return sound;
}

/* POSIX counts offsets westward: what is added to local time for UTC. */
static bool take_offset(struct text *text, int32_t *offset_s)
{
    int32_t west_s;
    if (!take_time(text, 24, &west_s)) return false;
    *offset_s = -west_s;
    return true;
}

static bool take_rules(struct text *text, struct footer *footer)
{
    static const struct rule second_sunday_of_march = {RULE_WEEKDAY, 0, 3, 2, 0, 2 * 3600};
    static const struct rule first_sunday_of_november = {RULE_WEEKDAY, 0, 11, 1, 0, 2 * 3600};
    footer->begin = second_sunday_of_march;
    footer->finish = first_sunday_of_november;
    if (text->at == text->end) return true;
    return take_character(text, ',') && take_rule(text, &footer->begin) && take_character(text, ',') &&
           take_rule(text, &footer->finish) && text->at == text->end;
}

/* std offset [dst [offset] [,begin[/time],end[/time]]] */
static const char *read_footer(struct text text, struct footer *footer)
{
    *footer = (struct footer){.yearly = false};
    if (!take_name(&text)) return "the footer names no standard time";
    if (!take_offset(&text, &footer->standard_s)) return "the footer's offset is malformed";
    footer->daylight_s = footer->standard_s + 3600;
    if (text.at == text.end) return NULL;

    footer->yearly = true;
    if (!take_name(&text)) return "the footer's name of daylight time is malformed";
    if (text.at < text.end && *text.at != ',' && !take_offset(&text, &footer->daylight_s))
        return "the footer's offset of daylight time is malformed";
    return take_rules(&text, footer) ? NULL : "the footer's rules are malformed";
}

/* ------------------------------------------------------------------ kinds of years */

/* The days of a year before a month, 0 = January. */
static int32_t days_before_month(int32_t month, bool leap)
{
    static const int16_t days[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};
    return days[month] + (leap && month >= 2);
}

/* The day of the year that a rule means, 0 = 1 January, whose weekday is given. */
static int32_t rule_day(const struct rule *rule, int32_t first_weekday, bool leap)
{
    if (rule->form == RULE_ORDINAL) return rule->day;
    if (rule->form == RULE_JULIAN) return rule->day - 1 + (leap && rule->day >= 60);
    int32_t month = days_before_month(rule->month - 1, leap);
    int32_t end = days_before_month(rule->month, leap);
    int32_t day = month + (rule->weekday - (first_weekday + month) % 7 + 7) % 7 + (rule->week - 1) * 7;
    return day < end ? day : day - 7;
}

static void note_offset(struct zone *zone, int32_t offset_s)
{
    if (offset_s < zone->offset_min_s) zone->offset_min_s = offset_s;
    if (offset_s > zone->offset_max_s) zone->offset_max_s = offset_s;
}

static bool is_in_its_year(int32_t second) { return second >= 0 && second < 365 * DAY_S; }

static void set_rule(struct zone *zone, const struct footer *footer)
{
    zone->standard_s = footer->standard_s;
    zone->daylight_s = footer->daylight_s;
    note_offset(zone, footer->standard_s);
    note_offset(zone, footer->daylight_s);
    for (int32_t kind = 0; kind < 14; kind++) {
        int32_t begin = rule_day(&footer->begin, kind / 2, kind % 2 != 0);
        int32_t finish = rule_day(&footer->finish, kind / 2, kind % 2 != 0);
        zone->begin_s[kind] = begin * DAY_S + footer->begin.time_s - footer->standard_s;
        zone->finish_s[kind] = finish * DAY_S + footer->finish.time_s - footer->daylight_s;
    }
    zone->southern = zone->finish_s[0] < zone->begin_s[0];
    zone->years_around = 1;
    for (int32_t kind = 0; kind < 14; kind++)
        if (!is_in_its_year(zone->begin_s[kind]) || !is_in_its_year(zone->finish_s[kind])) zone->years_around = 2;
}

/* ------------------------------------------------------------------ reading */

static size_t memory_for(uint32_t changes)
{
    size_t used = sizeof(struct zone) + changes * (sizeof(int64_t) + sizeof(int32_t)) + sizeof(int32_t);
    return (used + 7) / 8 * 8;
}

size_t zone_memory_bytes(const void *bytes, size_t size)
{
    struct file file;
    return split(bytes, size, &file) == NULL ? memory_for(file.block.changes) : 0;
}

static const int32_t *offsets_of(const struct zone *zone)
{
    return (const int32_t *)(const void *)(zone->change_s + zone->changes);
}

static const char *read_types(const struct block *block, int32_t offsets[TYPES_MAX])
{
    for (uint32_t i = 0; i < block->types; i++) {
        const uint8_t *at = block->type_bytes + (size_t)i * TYPE_BYTES;
        int64_t offset_s = (int64_t)big_endian(at, 4);
        if (offset_s > INT32_MAX) offset_s -= INT64_C(1) << 32;
        if (offset_s < ZONE_OFFSET_MIN_S || offset_s > ZONE_OFFSET_MAX_S)
            return "a type's offset is not between -25 and 26 hours";
        if (at[4] > 1) return "a type's daylight flag is neither 0 nor 1";
        if (at[5] >= block->characters) return "a type's abbreviation lies outside of the file's";
        offsets[i] = (int32_t)offset_s;
    }
    return NULL;
}

static int64_t time_of(const struct block *block, uint32_t i)
{
    uint64_t bits = big_endian(block->times + i * block->time_bytes, block->time_bytes);
    if (block->time_bytes == 4 && bits > INT32_MAX) bits |= UINT64_C(0xffffffff) << 32;
    return (int64_t)bits;
}

static const char *read_changes(const struct block *block, const int32_t by_type[TYPES_MAX], struct zone *zone)
{
    int32_t *offsets = (int32_t *)(void *)(zone->change_s + block->changes);
    offsets[0] = by_type[0];
    zone->offset_min_s = zone->offset_max_s = offsets[0];
    for (uint32_t i = 0; i < block->changes; i++) {
        zone->change_s[i] = time_of(block, i);
        if (i > 0 && zone->change_s[i] <= zone->change_s[i - 1]) return "the transitions do not ascend";
        if (zone->change_s[i] == INT64_MAX) return "a transition lies at the end of time"; /* it means for ever here */
        if (block->kinds[i] >= block->types) return "a transition's type lies outside of the file's";
        offsets[i + 1] = by_type[block->kinds[i]];
        note_offset(zone, offsets[i + 1]);
    }
    return NULL;
}

/* What holds from the last change on: a rule, or one offset, which then takes the place of the last one. */
static const char *extend(struct zone *zone, struct text text)
{
    struct footer footer;
    if (text.at == text.end) return NULL;
    const char *fault = read_footer(text, &footer);
    if (fault != NULL) return fault;
    if (footer.yearly) {
        set_rule(zone, &footer);
        zone->rule_from_s = zone->changes > 0 ? zone->change_s[zone->changes - 1] : INT64_MIN;
    } else {
        int32_t *offsets = (int32_t *)(void *)(zone->change_s + zone->changes);
        offsets[zone->changes] = footer.standard_s;
        note_offset(zone, footer.standard_s);
    }
    return NULL;
}

const char *zone_read(struct zone *zone, size_t memory_bytes, const void *bytes, size_t size)
{
    struct file file;
    int32_t by_type[TYPES_MAX];
    const char *fault = split(bytes, size, &file);
    if (fault == NULL) fault = read_types(&file.block, by_type);
    if (fault != NULL) return fault;
    size_t needed = memory_for(file.block.changes);
    if (memory_bytes < needed) return "there is less memory than the zone needs";

    memset(zone, 0, needed); /* padding too, so that equal zones are equal bytes */
    zone->memory_bytes = needed;
    zone->changes = file.block.changes;
    zone->rule_from_s = INT64_MAX;
    fault = read_changes(&file.block, by_type, zone);
    return fault != NULL ? fault : extend(zone, file.footer);
}

/* ------------------------------------------------------------------ looking up */

/* Gregorian years repeat after 400: 146,097 days, whole weeks. Counted from 2000-01-01, a Saturday. */
enum { CYCLE_DAYS = 146097, CYCLE_YEARS = 400 };
#define CYCLE_S      ((int64_t)CYCLE_DAYS * DAY_S)
#define CYCLE_FROM_S INT64_C(946684800)

/* Days from 2000-01-01 to the 1 January of a year of the cycle, -2 to 402. */
static int32_t days_before_year(int32_t year)
{
    return year * 365 + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
}

static bool is_leap(int32_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

/* A year's daylight time, or in a southern zone its standard time, as seconds of the cycle. */
struct season {
    int64_t start_s;
    int64_t end_s;
};

/* `day` is the day of the cycle that the year begins with. */
static struct season season_of(const struct zone *zone, int32_t day, bool leap)
{
    int32_t weekday = (day + 7 * 105 + 6) % 7; /* 105 weeks: day may be the beginning of the year -2 */
    int32_t kind = weekday * 2 + leap;
    int64_t begin_s = (int64_t)day * DAY_S + zone->begin_s[kind];
    int64_t finish_s = (int64_t)day * DAY_S + zone->finish_s[kind];
    return zone->southern ? (struct season){finish_s, begin_s} : (struct season){begin_s, finish_s};
}

static int64_t add_saturated(int64_t instant_s, int64_t seconds)
{
    if (seconds < 0) return instant_s < INT64_MIN - seconds ? INT64_MIN : instant_s + seconds;
    return instant_s > INT64_MAX - seconds ? INT64_MAX : instant_s + seconds;
}

/* Brings a span's ends closer to an instant in it. */
static void narrow(struct zone_span *span, int64_t at_s, int64_t edge_s)
{
    if (edge_s <= at_s && edge_s > span->start_s) span->start_s = edge_s;
    if (edge_s > at_s && edge_s < span->end_s) span->end_s = edge_s;
}

/* The span that the rule gives an instant: the edges of the years around it that are next to it. */
static struct zone_span rule_span(const struct zone *zone, int64_t utc_s)
{
    int64_t at_s = (utc_s % CYCLE_S - CYCLE_FROM_S) % CYCLE_S;
    if (at_s < 0) at_s += CYCLE_S;
    int32_t today = (int32_t)(at_s / DAY_S);
    int32_t year = (int32_t)((int64_t)today * CYCLE_YEARS / CYCLE_DAYS); /* or one too many, or too few */
    if (days_before_year(year) > today)
        year--;
    else if (days_before_year(year + 1) <= today)
        year++;

    struct zone_span span = {.start_s = INT64_MIN, .end_s = INT64_MAX};
    bool inside = false;
    int32_t last = year + zone->years_around;
    year -= zone->years_around;
    for (int32_t day = days_before_year(year); year <= last; year++) {
        bool leap = is_leap(year + CYCLE_YEARS);
        struct season season = season_of(zone, day, leap);
        inside |= season.start_s <= at_s && at_s < season.end_s;
        narrow(&span, at_s, season.start_s);
        narrow(&span, at_s, season.end_s);
        day += 365 + leap;
    }
    span.start_s = add_saturated(utc_s, span.start_s - at_s);
    span.end_s = add_saturated(utc_s, span.end_s - at_s);
    span.offset_s = inside != (zone->southern != 0) ? zone->daylight_s : zone->standard_s;
    return span;
}

/* How many changes have happened by an instant. */
static uint32_t changes_by(const struct zone *zone, int64_t utc_s)
{
    const int64_t *from = zone->change_s;
    uint32_t count = zone->changes;
    while (count > 0) {
        uint32_t half = count - count / 2;
        from += from[half - 1] <= utc_s ? half : 0;
        count /= 2;
    }
    return (uint32_t)(from - zone->change_s);
}

static bool has_rule_at(const struct zone *zone, int64_t utc_s)
{
    return utc_s >= zone->rule_from_s && zone->rule_from_s < INT64_MAX;
}

struct zone_span zone_span_at(const struct zone *zone, int64_t utc_s)
{
    if (has_rule_at(zone, utc_s)) {
        struct zone_span span = rule_span(zone, utc_s);
        if (span.start_s < zone->rule_from_s) span.start_s = zone->rule_from_s;
        return span;
    }
    uint32_t place = changes_by(zone, utc_s);
    return (struct zone_span){
        .start_s = place > 0 ? zone->change_s[place - 1] : INT64_MIN,
        .end_s = place < zone->changes ? zone->change_s[place] : INT64_MAX,
        .offset_s = offsets_of(zone)[place],
    };
}

int32_t zone_offset_at(const struct zone *zone, int64_t utc_s)
{
    if (has_rule_at(zone, utc_s)) return rule_span(zone, utc_s).offset_s;
    return offsets_of(zone)[changes_by(zone, utc_s)];
}
