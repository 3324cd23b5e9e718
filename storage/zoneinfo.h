/* Where a zone's rules come from: its TZif file in the system's time zone database, as bytes. What they mean is for
 * others to say. No TZ, no TZDIR, no cache: each call reads the file. */
#ifndef FIG_STORAGE_ZONEINFO_H
#define FIG_STORAGE_ZONEINFO_H

#include "storage/store.h"

#define ZONEINFO_DIRECTORY "/usr/share/zoneinfo"
#define ZONEINFO_NAME_MAX  63         /* bytes of a zone's name */
#define ZONEINFO_FILE_MAX  (64 << 10) /* bytes of a file; the largest known one has 4 KiB */

/* Whether a name may be looked for: 1 to ZONEINFO_NAME_MAX bytes of visible ASCII, parts between single slashes,
 * none of them "." or "..". "Europe/Madrid", "Etc/GMT+1". */
bool zoneinfo_name_is_sound(const char *name);

/* Reads the file of a zone by its IANA name from a directory (NULL: ZONEINFO_DIRECTORY) into
 * bytes[ZONEINFO_FILE_MAX], *size of them. Symbolic links are followed, since tzdata is full of them, as long as
 * they end within the directory.
 *
 * STORE_INVALID the name is none; STORE_NOT_FOUND there is no such zone (but perhaps a directory), or no database;
 * STORE_DENIED no permission, or a link out of the directory; STORE_CORRUPT empty or too large; STORE_IO. The words
 * name the path and say what to do. Costs some system calls. */
enum store_status zoneinfo_read(const char *directory, const char *name, void *bytes, size_t *size,
                                struct store_error *error);

#endif
