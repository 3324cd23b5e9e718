/* Any text to the parser of instants: what it takes must print and parse back to itself. */
#include "tools/rfc3339.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void round_trip(const char *text)
{
    char printed[RFC3339_SIZE];
    int64_t instant_s = 0, again_s = 0;
    reason why;
    if (!rfc3339_parse(text, &instant_s, &why)) return;
    rfc3339_print(instant_s, printed);
    if (!rfc3339_parse(printed, &again_s, &why) || again_s != instant_s) abort();
}

/* A moment that is no local time is what the stricter parser would take, or lacks its seconds or its T. */
static void check_moment(const char *text)
{
    moment at = {false, 0};
    int64_t instant_s = 0;
    reason why;
    bool taken = rfc3339_parse_moment(text, &at, &why), strictly = rfc3339_parse(text, &instant_s, &why);
    if (strictly && (!taken || at.is_local || at.seconds != instant_s)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    int64_t midnight_s;
    int32_t seconds;
    reason why;
    if (text == NULL) return 0;
    if (size > 0) memcpy(text, bytes, size);
    text[size] = '\0';
    round_trip(text);
    check_moment(text);
    if (rfc3339_parse_date(text, &midnight_s, &why) && rfc3339_midnight(midnight_s) != midnight_s) abort();
    if (rfc3339_parse_time(text, &seconds, &why) && (seconds <= -DAY_SECONDS || seconds >= 2 * DAY_SECONDS)) abort();
    free(text);
    return 0;
}
