#include "tools/setup_lookup.h"

#include <inttypes.h>
#include <string.h>

static fig_status find_named(const session *at, setup_kind kind, const char *name, uint64_t *id)
{
    fig_view view = session_view(at);
    fig_status status = FIG_NOT_FOUND;
    fig_barber barber = fig_barber_default();
    fig_service service = fig_service_default();
    switch (kind) {
    case SETUP_SHOP: return session_find_shop(at, name, id);
    case SETUP_BARBER:
        status = fig_find_barber(at->engine, &view, name, &barber);
        if (status == FIG_OK) *id = barber.id;
        return status;
    case SETUP_SERVICE:
        status = fig_find_service(at->engine, &view, name, &service);
        if (status == FIG_OK) *id = service.id;
        return status;
    }
    return status;
}

static bool is_stored(const session *at, setup_kind kind, uint64_t id)
{
    fig_view view = session_view(at);
    fig_shop shop = fig_shop_default();
    fig_barber barber = fig_barber_default();
    if (kind == SETUP_SHOP) return fig_get_shop(at->engine, &view, id, &shop) == FIG_OK;
    return kind == SETUP_SERVICE || fig_get_barber(at->engine, &view, id, &barber) == FIG_OK;
}

fig_status setup_resolve(const session *at, setup_kind kind, const setup_reference *reference, uint64_t *id)
{
    if (reference->id == 0) return find_named(at, kind, reference->name, id);
    *id = reference->id;
    return FIG_OK;
}

/* Whether the file has a thing of that id, or of that name. One whose id is looked for may get another name by it. */
static bool in_file(const setup_file *setup, setup_kind kind, uint64_t id, const char *name)
{
    size_t count = kind == SETUP_SHOP      ? setup->shop_count
                   : kind == SETUP_SERVICE ? setup->service_count
                                           : setup->barber_count;
    for (size_t i = 0; i < count; i++) {
        const char *has = kind == SETUP_SHOP      ? setup->shops[i].shop.name
                          : kind == SETUP_SERVICE ? setup->services[i].service.name
                                                  : setup->barbers[i].barber.name;
        uint64_t is = kind == SETUP_SHOP      ? setup->shops[i].shop.id
                      : kind == SETUP_SERVICE ? setup->services[i].service.id
                                              : setup->barbers[i].barber.id;
        if (id != 0 ? is == id && (name == NULL || (*has != '\0' && strcmp(has, name) != 0)) : strcmp(has, name) == 0)
            return true;
    }
    return false;
}

bool setup_check_reference(const session *at, const setup_file *setup, setup_kind kind,
                           const setup_reference *reference, reason *why)
{
    static const char *const words[] = {"shop", "service", "barber"};
    uint64_t id = 0;
    if (reference->id != 0)
        return in_file(setup, kind, reference->id, NULL) || is_stored(at, kind, reference->id) ||
               reason_set(why, ": there is no %s %" PRIu64 ", in the file or in the store", words[kind], reference->id);
    if (in_file(setup, kind, 0, reference->name)) return true;
    bool stored = find_named(at, kind, reference->name, &id) == FIG_OK;
    if (stored && !in_file(setup, kind, id, reference->name)) return true;
    return reason_set(why, ": no %s is named '%s', in the file or in the store", words[kind], reference->name);
}

static bool check_all(const session *at, const setup_file *setup, setup_kind kind, const setup_references *references,
                      reason *why)
{
    for (size_t i = 0; i < references->count; i++)
        if (!setup_check_reference(at, setup, kind, &references->list[i], why)) return reason_prefix(why, "[%zu]", i);
    return true;
}

/* What is new needs what nothing stands in for: a service and a rule their name, and a rule its type. */
static bool check_new_service(const session *at, const fig_service *service, reason *why)
{
    fig_view view = session_view(at);
    fig_service stored = fig_service_default();
    return service->name[0] != '\0' || fig_get_service(at->engine, &view, service->id, &stored) == FIG_OK ||
           reason_set(why, ".name: is missing, and the store has no service %" PRIu64, service->id);
}

static bool check_new_rule(const session *at, const fig_rule *rule, reason *why)
{
    fig_view view = session_view(at);
    fig_rule stored = fig_rule_default();
    fig_status status = rule->id != 0 ? fig_get_rule(at->engine, &view, rule->id, &stored)
                                      : fig_find_rule(at->engine, &view, rule->name, &stored);
    if (status == FIG_OK) return true;
    if (rule->name[0] == '\0')
        return reason_set(why, ".name: is missing, and the store has no rule %" PRIu64, rule->id);
    return (rule->fields & FIG_RULE_TYPE) != 0 ||
           reason_set(why, ".type: is missing, and the store has no such rule yet");
}

static bool check_service(const session *at, const setup_file *setup, const setup_service *service, reason *why)
{
    if (!check_new_service(at, &service->service, why)) return false;
    if (!check_all(at, setup, SETUP_SERVICE, &service->requires, why)) return reason_prefix(why, ".rules.requires");
    return check_all(at, setup, SETUP_SERVICE, &service->incompatible, why) ||
           reason_prefix(why, ".rules.incompatible");
}

static bool check_barber(const session *at, const setup_file *setup, const setup_barber *barber, reason *why)
{
    bool has_shop = (barber->barber.fields & FIG_BARBER_SHOP) != 0;
    if (has_shop && !setup_check_reference(at, setup, SETUP_SHOP, &barber->shop, why))
        return reason_prefix(why, ".shop");
    return check_all(at, setup, SETUP_SERVICE, &barber->offered, why) || reason_prefix(why, ".services");
}

static bool check_rule(const session *at, const setup_file *setup, const setup_rule *rule, reason *why)
{
    setup_kind kind = rule->rule.scope == FIG_SCOPE_SHOP      ? SETUP_SHOP
                      : rule->rule.scope == FIG_SCOPE_SERVICE ? SETUP_SERVICE
                                                              : SETUP_BARBER;
    if (!check_all(at, setup, kind, &rule->of, why)) return reason_prefix(why, ".ids");
    return check_new_rule(at, &rule->rule, why);
}

bool setup_check_references(const session *at, const setup_file *setup, reason *why)
{
    for (size_t i = 0; i < setup->service_count; i++)
        if (!check_service(at, setup, &setup->services[i], why)) return reason_prefix(why, "services[%zu]", i);
    for (size_t i = 0; i < setup->barber_count; i++)
        if (!check_barber(at, setup, &setup->barbers[i], why)) return reason_prefix(why, "barbers[%zu]", i);
    for (size_t i = 0; i < setup->rule_count; i++)
        if (!check_rule(at, setup, &setup->rules[i], why)) return reason_prefix(why, "rules[%zu]", i);
    return true;
}

fig_status setup_stored_barber(const session *at, const fig_barber *declared, fig_barber *stored)
{
    fig_view view = session_view(at);
    return declared->id != 0 ? fig_get_barber(at->engine, &view, declared->id, stored)
                             : fig_find_barber(at->engine, &view, declared->name, stored);
}
