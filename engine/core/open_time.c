#include "engine/core/open_time.h"

static bool windows_cover(const struct tree *windows, int64_t start_s, int64_t end_s)
{
    int64_t covered_s = start_s;
    struct tree_cursor cursor;
    for (bool more = tree_first_overlap(windows, start_s, end_s, &cursor); more;
         more = tree_next_overlap(windows, start_s, end_s, &cursor)) {
        struct tree_item window = tree_at(&cursor);
        if (window.start_s > covered_s) return false;
        int64_t until_s = window.start_s + window.duration_s;
        if (until_s > covered_s) covered_s = until_s;
        if (covered_s >= end_s) return true;
    }
    return false;
}

bool opening_of(const struct version *version, const struct barber *barber, struct opening *opening)
{
    const struct barber_profile *profile = barber->profile;
    *opening = (struct opening){.barber = barber, .always = profile->open == FIG_OPEN_ALWAYS};
    opening->shop = version_shop(version, profile->shop_id);
    return true;
}

bool open_time_covers(const struct opening *opening, int64_t start_s, int64_t end_s)
{
    const struct barber *barber = opening->barber;
    struct tree_cursor cut;
    if (barber->cuts.count > 0 && tree_first_overlap(&barber->cuts, start_s, end_s, &cut)) return false;
    return opening->always || windows_cover(&barber->windows, start_s, end_s);
}
