/* A setup file: what a shop declares, as JSON. Nothing in it is ever passed over: a field that this version
 * does not understand is refused by its name, as are unknown fields and whatever is said twice. */
#ifndef FIG_TOOLS_SETUP_FILE_H
#define FIG_TOOLS_SETUP_FILE_H

#include "engine/figaro.h"
#include "tools/local_zone.h"

typedef struct setup_barber {
    fig_barber barber; /* with the bits of the fields that were given */
    bool has_windows;  /* "special" was given: it replaces what the barber has */
    fig_window *windows;
    size_t window_count;
    bool *is_local; /* of each window: its times are those of clocks (as if in UTC) until setup_place_windows() */
    size_t local_count;
} setup_barber;

typedef struct setup_file {
    fig_shop *shops;
    size_t shop_count;
    setup_barber *barbers;
    size_t barber_count;
} setup_file;

/* Reads a file. A reason names the file, the path to the field ("barbers[2].special[0].start") and what is
 * wrong; then nothing is to be freed. */
bool setup_file_read(const char *path, setup_file *setup, reason *why);
bool setup_file_parse(const char *name, const char *bytes, size_t size, setup_file *setup, reason *why);

/* Puts the windows that were given without an offset into the barber's zone; those that are empty there are dropped. A
 * reason begins with the window's place, "[2]". */
bool setup_place_windows(setup_barber *barber, const local_zone *zone, reason *why);
void setup_file_free(setup_file *setup);

#endif
