#include "tools/setup_apply.h"

#include "tools/setup_lookup.h"

#include <string.h>

/* ---- zones ---- */

static int check_zone(const char *file, const char *list, size_t index, const char *name)
{
    local_zone zone;
    reason why;
    if (!local_zone_open(name, &zone, &why))
        return complain(EXIT_USAGE, "%s: %s[%zu].zone: %s", file, list, index, why.text);
    local_zone_close(&zone);
    return EXIT_DONE;
}

int setup_check_zones(const char *file, const setup_file *setup)
{
    int code = EXIT_DONE;
    for (size_t i = 0; code == EXIT_DONE && i < setup->shop_count; i++)
        if ((setup->shops[i].shop.fields & FIG_SHOP_ZONE) != 0)
            code = check_zone(file, "shops", i, setup->shops[i].shop.zone);
    for (size_t i = 0; code == EXIT_DONE && i < setup->barber_count; i++)
        if (setup->barbers[i].barber.zone[0] != '\0') /* none is the shop's */
            code = check_zone(file, "barbers", i, setup->barbers[i].barber.zone);
    return code;
}

/* The zone that a shop will have: what the file says of it, else the store, else that of a new one. */
static void shop_zone(const session *at, const setup_file *setup, const setup_reference *called,
                      char name[FIG_ZONE_MAX + 1])
{
    fig_view view = session_view(at);
    fig_shop shop = fig_shop_default();
    uint64_t id = 0;
    bool known =
        setup_resolve(at, SETUP_SHOP, called, &id) == FIG_OK && fig_get_shop(at->engine, &view, id, &shop) == FIG_OK;
    memcpy(name, known ? shop.zone : "UTC", known ? sizeof shop.zone : sizeof "UTC");
    for (size_t i = 0; i < setup->shop_count; i++) {
        const fig_shop *declared = &setup->shops[i].shop;
        bool same = id != 0 ? declared->id == id : strcmp(declared->name, called->name) == 0;
        if (same && (declared->fields & FIG_SHOP_ZONE) != 0) memcpy(name, declared->zone, sizeof declared->zone);
    }
}

/* The zone that a barber will be in: their own, else the shop's. */
static void barber_zone(const session *at, const setup_file *setup, const setup_barber *barber,
                        char name[FIG_ZONE_MAX + 1])
{
    fig_barber stored = fig_barber_default();
    bool known = setup_stored_barber(at, &barber->barber, &stored) == FIG_OK;
    bool says_zone = (barber->barber.fields & FIG_BARBER_ZONE) != 0;
    bool says_shop = (barber->barber.fields & FIG_BARBER_SHOP) != 0;
    const char *own = says_zone ? barber->barber.zone : known ? stored.zone : "";
    setup_reference shop = says_shop ? barber->shop : (setup_reference){.id = known ? stored.shop_id : 1};
    shop_zone(at, setup, &shop, name);
    if (*own != '\0') memcpy(name, own, strlen(own) + 1);
}

/* Special days without an offset are in the zone that the barber will be in when all of the file is declared. */
static int place_windows(const session *at, const char *file, setup_file *setup)
{
    for (size_t i = 0; i < setup->barber_count; i++) {
        setup_barber *barber = &setup->barbers[i];
        char name[FIG_ZONE_MAX + 1];
        local_zone zone;
        reason why;
        if (barber->local_count == 0) continue;
        barber_zone(at, setup, barber, name);
        if (!session_read_zone(at, name, &zone, &why))
            return complain(EXIT_FAULT, "%s: barbers[%zu].special: %s", file, i, why.text);
        bool placed = setup_place_windows(barber, &zone, &why);
        local_zone_close(&zone);
        if (!placed) return complain(EXIT_USAGE, "%s: barbers[%zu].special%s", file, i, why.text);
    }
    return EXIT_DONE;
}

int setup_apply(const session *at, const char *file, setup_file *setup, json_t *outside)
{
    reason why;
    if (!setup_check_references(at, setup, &why)) return complain(EXIT_USAGE, "%s: %s", file, why.text);
    int code = place_windows(at, file, setup);
    return code == EXIT_DONE ? setup_declare(at, file, setup, outside) : code;
}
