#include "tools/settings.h"

#include "tools/setup_apply.h"
#include "tools/setup_lookup.h"

#include <string.h>

/* What is new gets ids from here on, which the history does not come to. */
#define NEW_IDS (UINT64_C(1) << 48)

/* ---- what there is, and when ---- */

enum thing { SHOP, BARBER, SERVICE, CLIENT, RULE };

static bool has(const session *at, enum thing thing, uint64_t id)
{
    fig_view view = session_view(at);
    fig_shop shop = fig_shop_default();
    fig_barber barber = fig_barber_default();
    fig_service service = fig_service_default();
    fig_client client = fig_client_default();
    fig_rule rule = fig_rule_default();
    switch (thing) {
    case SHOP: return fig_get_shop(at->engine, &view, id, &shop) == FIG_OK;
    case BARBER: return fig_get_barber(at->engine, &view, id, &barber) == FIG_OK;
    case SERVICE: return fig_get_service(at->engine, &view, id, &service) == FIG_OK;
    case CLIENT: return fig_get_client(at->engine, &view, id, &client) == FIG_OK;
    case RULE: return fig_get_rule(at->engine, &view, id, &rule) == FIG_OK;
    }
    return false;
}

/* The history will declare it, and has not yet. */
static bool is_to_come(const settings *other, const session *trial, enum thing thing, uint64_t id)
{
    return has(other->source, thing, id) && !has(trial, thing, id);
}

static bool reference_is_to_come(const settings *other, const session *trial, setup_kind kind,
                                 const setup_reference *called)
{
    uint64_t id = 0;
    if (setup_resolve(other->source, kind, called, &id) != FIG_OK) return false; /* it is the file's own */
    enum thing thing = kind == SETUP_SHOP ? SHOP : kind == SETUP_BARBER ? BARBER : SERVICE;
    return is_to_come(other, trial, thing, id);
}

static bool any_is_to_come(const settings *other, const session *trial, setup_kind kind, const setup_references *called)
{
    for (size_t i = 0; i < called->count; i++)
        if (reference_is_to_come(other, trial, kind, &called->list[i])) return true;
    return false;
}

static setup_kind kind_of_rule(const fig_rule *rule)
{
    return rule->scope == FIG_SCOPE_SHOP ? SETUP_SHOP : rule->scope == FIG_SCOPE_BARBER ? SETUP_BARBER : SETUP_SERVICE;
}

/* ---- ids: the source's, else new ones, so that none is what the history gives to another ---- */

static void give_ids_to_shops_and_barbers(const session *source, setup_file *setup)
{
    fig_view view = session_view(source);
    for (size_t i = 0; i < setup->shop_count; i++) {
        fig_shop *shop = &setup->shops[i].shop;
        if (shop->id == 0 && session_find_shop(source, shop->name, &shop->id) != FIG_OK) shop->id = NEW_IDS + i;
    }
    for (size_t i = 0; i < setup->barber_count; i++) {
        fig_barber *barber = &setup->barbers[i].barber, found = fig_barber_default();
        if (barber->id != 0) continue;
        bool known = fig_find_barber(source->engine, &view, barber->name, &found) == FIG_OK;
        barber->id = known ? found.id : NEW_IDS + i;
    }
}

static void give_ids_to_documents(const session *source, setup_file *setup)
{
    fig_view view = session_view(source);
    for (size_t i = 0; i < setup->service_count; i++) {
        fig_service *service = &setup->services[i].service, found = fig_service_default();
        if (service->id != 0) continue;
        bool known = fig_find_service(source->engine, &view, service->name, &found) == FIG_OK;
        service->id = known ? found.id : NEW_IDS + i;
    }
    for (size_t i = 0; i < setup->client_count; i++) {
        fig_client *client = &setup->clients[i].client, found = fig_client_default();
        if (client->id != 0) continue;
        bool known = fig_find_client(source->engine, &view, client->name, &found) == FIG_OK;
        client->id = known ? found.id : NEW_IDS + i;
    }
    for (size_t i = 0; i < setup->rule_count; i++) {
        fig_rule *rule = &setup->rules[i].rule, found = fig_rule_default();
        if (rule->id != 0) continue;
        bool known = fig_find_rule(source->engine, &view, rule->name, &found) == FIG_OK;
        rule->id = known ? found.id : NEW_IDS + i;
    }
}

/* ---- what is due ---- */

static bool shop_is_due(const settings *other, const session *trial, const setup_file *setup, size_t i)
{
    uint64_t id = setup->shops[i].shop.id;
    return !is_to_come(other, trial, SHOP, id);
}

static bool service_is_due(const settings *other, const session *trial, const setup_file *setup, size_t i)
{
    const setup_service *service = &setup->services[i];
    uint64_t id = service->service.id;
    return !is_to_come(other, trial, SERVICE, id) && !any_is_to_come(other, trial, SETUP_SERVICE, &service->requires) &&
           !any_is_to_come(other, trial, SETUP_SERVICE, &service->incompatible);
}

static bool client_is_due(const settings *other, const session *trial, const setup_file *setup, size_t i)
{
    uint64_t id = setup->clients[i].client.id;
    return !is_to_come(other, trial, CLIENT, id);
}

static bool barber_is_due(const settings *other, const session *trial, const setup_file *setup, size_t i)
{
    const setup_barber *barber = &setup->barbers[i];
    uint64_t id = barber->barber.id;
    bool names_shop = (barber->barber.fields & FIG_BARBER_SHOP) != 0;
    return !is_to_come(other, trial, BARBER, id) &&
           !(names_shop && reference_is_to_come(other, trial, SETUP_SHOP, &barber->shop)) &&
           !any_is_to_come(other, trial, SETUP_SERVICE, &barber->offered);
}

static bool rule_is_due(const settings *other, const session *trial, const setup_file *setup, size_t i)
{
    const setup_rule *rule = &setup->rules[i];
    uint64_t id = rule->rule.id;
    return !is_to_come(other, trial, RULE, id) && !any_is_to_come(other, trial, kind_of_rule(&rule->rule), &rule->of);
}

typedef bool is_due(const settings *other, const session *trial, const setup_file *setup, size_t i);

/* Puts what is due in front and returns how many there are; the file still owns all. */
static size_t part(const settings *other, const session *trial, setup_file *setup, void *list, size_t count,
                   size_t size, is_due *due)
{
    unsigned char *at = list, kept[sizeof(setup_barber) + sizeof(setup_shop)];
    size_t front = 0;
    for (size_t i = 0; i < count; i++) {
        if (!due(other, trial, setup, i)) continue;
        memcpy(kept, at + i * size, size);
        memmove(at + (front + 1) * size, at + front * size, (i - front) * size);
        memcpy(at + front++ * size, kept, size);
    }
    return front;
}

_Static_assert(sizeof(setup_rule) <= sizeof(setup_barber) + sizeof(setup_shop), "any of them fits");
_Static_assert(sizeof(setup_service) <= sizeof(setup_barber) + sizeof(setup_shop), "any of them fits");
_Static_assert(sizeof(setup_client) <= sizeof(setup_barber) + sizeof(setup_shop), "any of them fits");

static void keep_due(const settings *other, const session *trial, setup_file *setup)
{
    setup->shop_count = part(other, trial, setup, setup->shops, setup->shop_count, sizeof *setup->shops, shop_is_due);
    setup->service_count =
        part(other, trial, setup, setup->services, setup->service_count, sizeof *setup->services, service_is_due);
    setup->client_count =
        part(other, trial, setup, setup->clients, setup->client_count, sizeof *setup->clients, client_is_due);
    setup->barber_count =
        part(other, trial, setup, setup->barbers, setup->barber_count, sizeof *setup->barbers, barber_is_due);
    setup->rule_count = part(other, trial, setup, setup->rules, setup->rule_count, sizeof *setup->rules, rule_is_due);
}

/* ---- laying ---- */

static int lay_file(const settings *other, struct trial *trial)
{
    setup_file setup;
    reason why;
    if (other->file == NULL) return EXIT_DONE;
    if (!setup_file_read(other->file, &setup, &why)) return complain(EXIT_USAGE, "%s", why.text);
    setup_file whole = setup; /* its counts: all of it is freed */
    give_ids_to_shops_and_barbers(other->source, &setup);
    give_ids_to_documents(other->source, &setup);
    keep_due(other, &trial->at, &setup);
    json_t *outside = json_array();
    int code = setup_apply(&trial->at, other->file, &setup, outside);
    json_decref(outside);
    setup_file_free(&whole);
    return code;
}

static int take_barber_out(const settings *other, struct trial *trial, int64_t now_s)
{
    fig_barber barber = fig_barber_default();
    trial_answer answer;
    if (other->without_id == 0 || !has(&trial->at, BARBER, other->without_id)) return EXIT_DONE;
    fig_request request = fig_declare_barber_default();
    request.now_s = now_s;
    barber.id = other->without_id;
    barber.fields = FIG_BARBER_ACTIVE;
    barber.active = false;
    request.barber = &barber;
    fig_status status = trial_set(trial, &request, &answer);
    return status == FIG_OK ? EXIT_DONE : complain(output_exit_code(status), "%s", fig_status_text(status));
}

int settings_lay(const settings *other, struct trial *trial, int64_t now_s)
{
    trial->at.now_s = now_s;
    int code = lay_file(other, trial);
    return code == EXIT_DONE ? take_barber_out(other, trial, now_s) : code;
}

int settings_check(settings *other, const char *file, const session *source)
{
    setup_file setup;
    reason why;
    *other = (settings){.file = file, .source = source};
    if (file == NULL) return EXIT_DONE;
    if (!setup_file_read(file, &setup, &why)) return complain(EXIT_USAGE, "%s", why.text);
    int code = setup_check_zones(file, &setup);
    if (code == EXIT_DONE && !setup_check_references(source, &setup, &why))
        code = complain(EXIT_USAGE, "%s: %s", file, why.text);
    other->has_clients = setup.client_count > 0;
    for (size_t i = 0; i < setup.barber_count; i++) other->has_windows |= setup.barbers[i].has_windows;
    setup_file_free(&setup);
    return code;
}

bool settings_are_touched(const settings *other, fig_operation operation)
{
    switch (operation) {
    case FIG_OP_DECLARE_SHOP:
    case FIG_OP_DECLARE_BARBER:
    case FIG_OP_DECLARE_SCHEDULE:
    case FIG_OP_DECLARE_SERVICE:
    case FIG_OP_DECLARE_RULE: return true;
    case FIG_OP_DECLARE_CLIENT: return other->has_clients;
    case FIG_OP_OPEN_WINDOW:
    case FIG_OP_CLOSE_WINDOW:
    case FIG_OP_DECLARE_WINDOWS: return other->has_windows;
    default: return false;
    }
}
