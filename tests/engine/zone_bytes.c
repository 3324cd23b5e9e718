/* A zone read from bytes is the zone that its file is. */
#include "tests/support.h"

#include "engine/figaro.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static unsigned char *read_madrid(size_t *size)
{
    return (unsigned char *)support_read_file("/usr/share/zoneinfo/Europe/Madrid", size);
}

Test(zone_bytes, mean_what_the_file_means)
{
    size_t size;
    unsigned char *bytes = read_madrid(&size);
    fig_zone *read = NULL, *opened = NULL;
    cr_assert_eq(fig_zone_read(bytes, size, &read, NULL), FIG_OK);
    free(bytes); /* they are not needed afterwards */
    cr_assert_eq(fig_zone_open(NULL, "Europe/Madrid", &opened, NULL), FIG_OK);
    for (int64_t instant_s = FIG_TIME_MIN; instant_s < FIG_TIME_MAX; instant_s += 10 * 86400 + 1234) {
        fig_local a, b;
        int32_t a_s = 0, b_s = 1;
        cr_assert_eq(fig_zone_to_local(read, instant_s, &a, &a_s), FIG_OK);
        cr_assert_eq(fig_zone_to_local(opened, instant_s, &b, &b_s), FIG_OK);
        cr_assert_eq(a_s, b_s, "%lld", (long long)instant_s);
    }
    fig_zone_close(read);
    fig_zone_close(opened);
}

Test(zone_bytes, that_are_none_are_refused)
{
    size_t size;
    unsigned char *bytes = read_madrid(&size);
    fig_zone *zone = NULL;
    fig_error error = fig_error_default();
    for (size_t cut = 0; cut < size; cut += 7)
        cr_expect_neq(fig_zone_read(bytes, cut, &zone, NULL), FIG_OK, "%zu", cut);
    cr_expect_eq(fig_zone_read("no zone at all", 14, &zone, &error), FIG_CORRUPT);
    cr_expect(strstr(error.message, "the bytes are no zone") != NULL, "%s", error.message);
    cr_expect_eq(fig_zone_read(NULL, 0, &zone, &error), FIG_INVALID);
    cr_expect_eq(fig_zone_read(bytes, size, NULL, &error), FIG_INVALID);
    cr_expect_null(zone);
    error.struct_size = 1;
    cr_expect_eq(fig_zone_read(bytes, size, &zone, &error), FIG_INVALID);
    free(bytes);
}
