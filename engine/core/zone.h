/* A time zone: the offset from UTC at every instant, read from the bytes of a TZif file (RFC 9636).
 *
 *   zone_memory_bytes   how much memory a file's zone takes                         O(1)
 *   zone_read           the zone of a file, or what is wrong with the file          O(size)
 *   zone_offset_at      the offset at an instant                                    O(log transitions)
 *   zone_span_at        the same, with a span that it holds in                      O(log transitions)
 *
 * civil.h turns local time into instants by these.
 *
 * A zone is one piece of memory without pointers, never changed once it is read: it may be copied by memcpy() and
 * used by any number of threads. No environment, no files, no TZ: equal bytes make equal zones everywhere.
 *
 * What is read: versions 1 to 4 (and later ones, which have to keep what a reader of version 2 looks at); from
 * version 2 on the 64-bit data and the footer, a POSIX TZ string with every form of rule and, in any version,
 * times of -167 to 167 hours. A footer that names daylight time without a rule means the rule of the United
 * States (M3.2.0,M11.1.0), as it does to glibc. A file that counts leap seconds (those under right/) is refused:
 * its instants are not those of Unix time. Abbreviations and the daylight flag are checked and dropped, since
 * nothing here depends on them.
 *
 * Before the first transition the first type holds, as the RFC says (glibc takes the first type that is not
 * daylight time; no zone of tzdata tells the two apart). From the last transition on the footer holds; without
 * one, or with an empty one, the type of the last transition does. */
#ifndef FIG_CORE_ZONE_H
#define FIG_CORE_ZONE_H

#include <stddef.h>
#include <stdint.h>

/* Bounds of an offset, as the RFC has them. */
#define ZONE_OFFSET_MIN_S (-89999) /* more than -25 h */
#define ZONE_OFFSET_MAX_S 93599    /* less than 26 h */

/* Invariants: change_s ascends strictly; changes + 1 offsets follow it, the first of which holds before
 * change_s[0] and the next ones from their change on; offset_min_s <= every offset <= offset_max_s. A rule that
 * is there (rule_from_s < INT64_MAX) holds from rule_from_s on, which is the last change, or INT64_MIN when there
 * is none. A year's daylight time is [begin_s, finish_s) after its 1 January 00:00 UTC; in a southern zone that
 * is standard time's [finish_s, begin_s). */
struct zone {
    size_t memory_bytes; /* of the whole, from here on */
    uint32_t changes;
    int32_t offset_min_s; /* of all the zone's offsets */
    int32_t offset_max_s;
    int64_t rule_from_s; /* the footer's yearly rule holds from here on; INT64_MAX: there is none */
    int32_t standard_s;  /* the rule's offsets */
    int32_t daylight_s;
    int16_t southern;     /* in the rule's year daylight time ends before it begins */
    int16_t years_around; /* 1, or 2 if the rule reaches over New Year: where to look for a change next to an instant */
    int32_t begin_s[14];  /* by kind of year: weekday of 1 January (0 = Sunday) * 2 + leap */
    int32_t finish_s[14]; /* the same */
    int64_t change_s[];   /* instants; behind them, int32_t offsets */
};

/* Bytes of memory, aligned to 8, that zone_read() needs for this file. 0: the bytes are no zone at all, and
 * zone_read() says why. */
size_t zone_memory_bytes(const void *bytes, size_t size);

/* Reads a file's bytes into the memory_bytes at `zone`. NULL when done, else what is wrong, in static words; the
 * memory's content is then undefined. Never reads outside of the bytes, whatever they are. */
const char *zone_read(struct zone *zone, size_t memory_bytes, const void *bytes, size_t size);

/* Seconds to add to an instant for local time there, ZONE_OFFSET_MIN_S to ZONE_OFFSET_MAX_S. Any instant. */
int32_t zone_offset_at(const struct zone *zone, int64_t utc_s);

/* A span of time in which the offset stays the same. The spans on both sides may have the same one too. */
struct zone_span {
    int64_t start_s; /* INT64_MIN: since ever */
    int64_t end_s;   /* INT64_MAX: for ever */
    int32_t offset_s;
};

/* The span that an instant lies in. Any instant. Spans tile time: the next one is that at end_s. */
struct zone_span zone_span_at(const struct zone *zone, int64_t utc_s);

#endif
