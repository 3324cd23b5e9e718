/* A setup file: what a shop declares, as JSON. Nothing in it is ever passed over: a field that this version
 * does not understand is refused by its name, as are unknown fields and whatever is said twice. */
#ifndef FIG_TOOLS_SETUP_FILE_H
#define FIG_TOOLS_SETUP_FILE_H

#include "engine/figaro.h"
#include "tools/reason.h"

typedef struct setup_barber {
    fig_barber barber; /* with the bits of the fields that were given */
    bool has_windows;  /* "special" was given: it replaces what the barber has */
    fig_window *windows;
    size_t window_count;
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
void setup_file_free(setup_file *setup);

#endif
