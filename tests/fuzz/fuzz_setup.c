/* Any bytes as a setup file: what is taken must lie in the bounds that the engine is promised. */
#include "tools/setup_file.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_windows(const setup_barber *barber)
{
    for (size_t i = 0; i < barber->window_count; i++) {
        const fig_window *window = &barber->windows[i];
        if (window->start_s >= window->end_s || window->end_s - window->start_s > FIG_DURATION_MAX) abort();
        if (window->start_s < FIG_TIME_MIN || window->end_s > FIG_TIME_MAX) abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    setup_file setup;
    reason why;
    if (!setup_file_parse("fuzz.json", (const char *)bytes, size, &setup, &why)) {
        if (strncmp(why.text, "fuzz.json:", 10) != 0) abort(); /* every reason names the file */
        return 0;
    }
    for (size_t i = 0; i < setup.shop_count; i++)
        if (setup.shops[i].id == 0) abort();
    local_zone utc = {.name = "UTC"};
    for (size_t i = 0; i < setup.barber_count; i++) {
        check_windows(&setup.barbers[i]);
        if (!setup_place_windows(&setup.barbers[i], &utc, &why)) abort();
        check_windows(&setup.barbers[i]);
    }
    setup_file_free(&setup);
    return 0;
}
