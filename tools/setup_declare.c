#include "tools/setup_declare.h"

#include "tools/setup_lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OTHERS_ROOM = 4096, GROUP = 256 };

/* Clients that are declared in one commit: there may be many of them, and they leave no appointment outside. */
struct group {
    fig_client clients[GROUP];
    fig_request requests[GROUP];
    fig_outcome outcomes[GROUP];
    size_t indexes[GROUP]; /* where they stand in the file */
    size_t count;
};

/* One declaration as it is made ready and sent. */
struct declaration {
    const session *at;
    setup_file *setup;
    fig_request request;
    fig_service service; /* what a request points to, where that is not the file's own */
    fig_schedule schedule;
    fig_rule rule;
    uint64_t *ids[2]; /* of references */
    fig_cut *cuts;    /* FIG_LIST_MAX that are stored, then the file's */
    fig_appointment *others;
    struct group *group;
    uint64_t made; /* declarations so far */
};

/* A list of the file: how long it is, and the id that an element has, 0 for one by name. */
struct list {
    size_t (*count)(const setup_file *setup);
    uint64_t (*id)(const setup_file *setup, size_t index);
};

/* The declarations of one kind. prepare() makes the request of an element; its operation stays 0 where the file has
 * nothing to say there. */
struct step {
    const char *list; /* "shops", "barbers" */
    const char *part; /* ".special", or "" */
    const struct list *of;
    fig_status (*prepare)(struct declaration *declaration, size_t index);
};

static size_t shop_count(const setup_file *setup) { return setup->shop_count; }
static size_t service_count(const setup_file *setup) { return setup->service_count; }
static size_t client_count(const setup_file *setup) { return setup->client_count; }
static size_t barber_count(const setup_file *setup) { return setup->barber_count; }
static size_t rule_count(const setup_file *setup) { return setup->rule_count; }

static uint64_t shop_id(const setup_file *setup, size_t index) { return setup->shops[index].shop.id; }
static uint64_t service_id(const setup_file *setup, size_t index) { return setup->services[index].service.id; }
static uint64_t client_id(const setup_file *setup, size_t index) { return setup->clients[index].client.id; }
static uint64_t barber_id(const setup_file *setup, size_t index) { return setup->barbers[index].barber.id; }
static uint64_t rule_id(const setup_file *setup, size_t index) { return setup->rules[index].rule.id; }

static const struct list shops = {shop_count, shop_id};
static const struct list services = {service_count, service_id};
static const struct list clients = {client_count, client_id};
static const struct list barbers = {barber_count, barber_id};
static const struct list rules = {rule_count, rule_id};

static fig_status resolve_all(struct declaration *declaration, setup_kind kind, const setup_references *references,
                              size_t slot)
{
    free(declaration->ids[slot]);
    declaration->ids[slot] = calloc(references->count + 1, sizeof *declaration->ids[slot]);
    if (declaration->ids[slot] == NULL) return FIG_NO_MEMORY;
    for (size_t i = 0; i < references->count; i++) {
        fig_status status = setup_resolve(declaration->at, kind, &references->list[i], &declaration->ids[slot][i]);
        if (status != FIG_OK) return status;
    }
    return FIG_OK;
}

/* ---- shops ---- */

static fig_status prepare_shop(struct declaration *declaration, size_t index)
{
    declaration->request = fig_declare_shop_default();
    declaration->request.shop = &declaration->setup->shops[index].shop;
    return FIG_OK;
}

/* Blackouts and holidays are one list in the store: where the file gives one kind, the other is put to it. */
static fig_status keep_other_cuts(struct declaration *declaration, const setup_shop *shop)
{
    fig_view view = session_view(declaration->at);
    fig_schedule stored = fig_schedule_default();
    fig_cut_kind stays = shop->has_blackouts ? FIG_CUT_HOLIDAY : FIG_CUT_BLACKOUT;
    stored.cuts = declaration->cuts;
    stored.cut_capacity = FIG_LIST_MAX;
    fig_status status = fig_get_schedule(declaration->at->engine, &view, FIG_OWNER_SHOP, shop->shop.id, &stored);
    if (status != FIG_OK) return status;
    size_t count = 0;
    for (size_t i = 0; i < stored.cut_count; i++)
        if (declaration->cuts[i].kind == stays) declaration->cuts[count++] = declaration->cuts[i];
    if (shop->schedule.cut_count > 0)
        memcpy(declaration->cuts + count, shop->schedule.cuts, shop->schedule.cut_count * sizeof *shop->schedule.cuts);
    declaration->schedule.cuts = declaration->cuts;
    declaration->schedule.cut_count = count + shop->schedule.cut_count;
    return FIG_OK;
}

static fig_status prepare_shop_schedule(struct declaration *declaration, size_t index)
{
    const setup_shop *shop = &declaration->setup->shops[index];
    if (shop->schedule.fields == 0) return FIG_OK;
    declaration->request = fig_declare_schedule_default();
    declaration->schedule = shop->schedule;
    declaration->request.schedule = &declaration->schedule;
    return shop->has_blackouts == shop->has_holidays ? FIG_OK : keep_other_cuts(declaration, shop);
}

/* ---- services and clients ---- */

static bool is_stored(const struct declaration *declaration, const fig_service *service)
{
    fig_engine *engine = declaration->at->engine;
    fig_view view = session_view(declaration->at);
    fig_service stored = fig_service_default();
    fig_status status = service->id != 0 ? fig_get_service(engine, &view, service->id, &stored)
                                         : fig_find_service(engine, &view, service->name, &stored);
    return status == FIG_OK;
}

static fig_status prepare_service(struct declaration *declaration, size_t index)
{
    setup_service *from = &declaration->setup->services[index];
    if (from->kind_is_guessed && is_stored(declaration, &from->service))
        from->service.fields &= ~(uint32_t)FIG_SERVICE_KIND;
    declaration->request = fig_declare_service_default();
    declaration->request.service = &from->service;
    return FIG_OK;
}

/* What a service asks for of others, once all of them are declared. */
static fig_status prepare_service_lists(struct declaration *declaration, size_t index)
{
    const setup_service *from = &declaration->setup->services[index];
    fig_service *service = &declaration->service;
    if (!from->has_requires && !from->has_incompatible) return FIG_OK;
    *service = fig_service_default();
    service->id = from->service.id;
    memcpy(service->name, from->service.name, sizeof service->name);
    service->fields = (service->id == 0 ? (uint32_t)FIG_SERVICE_NAME : 0) |
                      (from->has_requires ? (uint32_t)FIG_SERVICE_REQUIRED : 0) |
                      (from->has_incompatible ? (uint32_t)FIG_SERVICE_INCOMPATIBLE : 0);
    fig_status status = resolve_all(declaration, SETUP_SERVICE, &from->requires, 0);
    if (status == FIG_OK) status = resolve_all(declaration, SETUP_SERVICE, &from->incompatible, 1);
    service->required = declaration->ids[0];
    service->required_count = from->requires.count;
    service->incompatible = declaration->ids[1];
    service->incompatible_count = from->incompatible.count;
    declaration->request = fig_declare_service_default();
    declaration->request.service = service;
    return status;
}

/* A flag that the file does not tell of stays, whatever said it. */
static fig_status prepare_client(struct declaration *declaration, size_t index)
{
    const setup_client *from = &declaration->setup->clients[index];
    fig_view view = session_view(declaration->at);
    fig_client stored = fig_client_default();
    fig_status status = from->client.id != 0
                            ? fig_get_client(declaration->at->engine, &view, from->client.id, &stored)
                            : fig_find_client(declaration->at->engine, &view, from->client.name, &stored);
    uint32_t kept = status == FIG_OK ? stored.flags & ~from->cleared : 0;
    fig_client *client = &declaration->group->clients[declaration->group->count];
    *client = from->client;
    declaration->request = fig_declare_client_default();
    declaration->request.client = client;
    client->flags |= kept;
    return status == FIG_NOT_FOUND || status == FIG_NAME_TAKEN ? FIG_OK : status;
}

/* ---- barbers ---- */

static fig_status prepare_barber(struct declaration *declaration, size_t index)
{
    setup_barber *barber = &declaration->setup->barbers[index];
    declaration->request = fig_declare_barber_default();
    declaration->request.barber = &barber->barber;
    if ((barber->barber.fields & FIG_BARBER_SHOP) == 0) return FIG_OK;
    return setup_resolve(declaration->at, SETUP_SHOP, &barber->shop, &barber->barber.shop_id);
}

static fig_status prepare_barber_schedule(struct declaration *declaration, size_t index)
{
    setup_barber *barber = &declaration->setup->barbers[index];
    fig_barber stored = fig_barber_default();
    if (barber->schedule.fields == 0) return FIG_OK;
    fig_status status = setup_stored_barber(declaration->at, &barber->barber, &stored);
    for (size_t i = 0; status == FIG_OK && i < barber->offered.count; i++)
        status = setup_resolve(declaration->at, SETUP_SERVICE, &barber->offered.list[i],
                               &barber->schedule.offers[i].service_id);
    declaration->request = fig_declare_schedule_default();
    declaration->schedule = barber->schedule;
    declaration->schedule.owner_id = stored.id;
    declaration->request.schedule = &declaration->schedule;
    return status;
}

static fig_status prepare_windows(struct declaration *declaration, size_t index)
{
    const setup_barber *barber = &declaration->setup->barbers[index];
    if (!barber->has_windows) return FIG_OK;
    declaration->request = fig_declare_windows_default();
    declaration->request.barber_id = barber->barber.id;
    declaration->request.barber_name = barber->barber.id == 0 ? barber->barber.name : NULL;
    declaration->request.windows = barber->windows;
    declaration->request.window_count = barber->window_count;
    return FIG_OK;
}

/* ---- rules ---- */

static fig_status prepare_rule(struct declaration *declaration, size_t index)
{
    const setup_rule *from = &declaration->setup->rules[index];
    setup_kind kind = from->rule.scope == FIG_SCOPE_SHOP      ? SETUP_SHOP
                      : from->rule.scope == FIG_SCOPE_SERVICE ? SETUP_SERVICE
                                                              : SETUP_BARBER;
    fig_status status = resolve_all(declaration, kind, &from->of, 0);
    declaration->rule = from->rule;
    declaration->rule.ids = declaration->ids[0];
    declaration->rule.id_count = from->of.count;
    declaration->request = fig_declare_rule_default();
    declaration->request.rule = &declaration->rule;
    return status;
}

/* ---- all of it ---- */

static int report_refusal(const session *at, const char *file, const struct step *step, size_t index,
                          const fig_outcome *outcome)
{
    const char *field = outcome->field != NULL ? outcome->field : "";
    const char *why = outcome->reason != NULL ? outcome->reason : fig_status_text(outcome->status);
    return output_refusal(at, outcome->status, 0, "%s: %s[%zu]%s%s%s: %s", file, step->list, index, step->part,
                          *field != '\0' ? ": " : "", field, why);
}

/* Appointments that a declaration left outside open time. */
static void report_outside(const session *at, const fig_outcome *outcome, json_t *outside)
{
    size_t shown = outcome->others_count < OTHERS_ROOM ? outcome->others_count : OTHERS_ROOM;
    if (shown == 0) return;
    if (at->json) {
        json_t *array = output_appointment_array(at, outcome->others, shown);
        json_array_extend(outside, array);
        json_decref(array);
        return;
    }
    printf("%zu appointment%s now outside open time:\n", outcome->others_count, shown == 1 ? "" : "s");
    for (size_t i = 0; i < shown; i++) output_appointment(at, &outcome->others[i], 0);
}

/* One declaration a commit but for clients, so that each can name the appointments that it left outside. */
static int declare(struct declaration *declaration, const char *file, const struct step *step, size_t index,
                   json_t *outside)
{
    fig_outcome outcome = fig_outcome_default();
    outcome.others = declaration->others;
    outcome.others_capacity = OTHERS_ROOM;
    for (size_t i = 0; i < OTHERS_ROOM; i++) declaration->others[i] = fig_appointment_default();
    declaration->request = (fig_request){0};
    fig_status status = step->prepare(declaration, index);
    if (status == FIG_OK && declaration->request.operation == 0) return EXIT_DONE;
    declaration->request.now_s = declaration->at->now_s;
    if (status == FIG_OK) status = fig_declare(declaration->at->engine, &declaration->request, &outcome);
    if (status != FIG_OK) {
        outcome.status = status;
        return report_refusal(declaration->at, file, step, index, &outcome);
    }
    declaration->made++;
    report_outside(declaration->at, &outcome, outside);
    return EXIT_DONE;
}

static int commit_group(struct declaration *declaration, const char *file, const struct step *step)
{
    struct group *group = declaration->group;
    int code = EXIT_DONE;
    fig_status status = fig_write(declaration->at->engine, group->requests, group->count, group->outcomes);
    for (size_t i = 0; i < group->count; i++) {
        fig_outcome *outcome = &group->outcomes[i];
        if (status != FIG_OK && outcome->status == FIG_OK) outcome->status = status;
        if (outcome->status == FIG_OK)
            declaration->made++;
        else if (code == EXIT_DONE)
            code = report_refusal(declaration->at, file, step, group->indexes[i], outcome);
    }
    group->count = 0;
    return code;
}

/* Puts a client into the group, and commits a full one. */
static int declare_client(struct declaration *declaration, const char *file, const struct step *step, size_t index)
{
    struct group *group = declaration->group;
    fig_outcome outcome = fig_outcome_default();
    outcome.status = step->prepare(declaration, index);
    if (outcome.status != FIG_OK) return report_refusal(declaration->at, file, step, index, &outcome);
    group->requests[group->count] = declaration->request;
    group->requests[group->count].now_s = declaration->at->now_s;
    group->outcomes[group->count] = fig_outcome_default();
    group->indexes[group->count++] = index;
    return group->count == GROUP ? commit_group(declaration, file, step) : EXIT_DONE;
}

/* Those that have ids come first: one by name, when it is new, gets a free id, and must not take one of theirs. */
static int take_step(struct declaration *declaration, const char *file, const struct step *step, bool with_ids,
                     json_t *outside)
{
    int code = EXIT_DONE;
    for (size_t i = 0; code == EXIT_DONE && i < step->of->count(declaration->setup); i++)
        if ((step->of->id(declaration->setup, i) != 0) == with_ids)
            code = step->of == &clients ? declare_client(declaration, file, step, i)
                                        : declare(declaration, file, step, i, outside);
    if (code == EXIT_DONE && declaration->group->count > 0) code = commit_group(declaration, file, step);
    return code;
}

static int declare_all(struct declaration *declaration, const char *file, json_t *outside)
{
    static const struct step steps[] = {
        {"shops", "", &shops, prepare_shop},
        {"services", "", &services, prepare_service},
        {"shops", "", &shops, prepare_shop_schedule},
        {"services", ".rules", &services, prepare_service_lists},
        {"clients", "", &clients, prepare_client},
        {"barbers", "", &barbers, prepare_barber},
        {"barbers", "", &barbers, prepare_barber_schedule},
        {"barbers", ".special", &barbers, prepare_windows},
        {"rules", "", &rules, prepare_rule},
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        int code = take_step(declaration, file, &steps[i], true, outside);
        if (code == EXIT_DONE) code = take_step(declaration, file, &steps[i], false, outside);
        if (code == EXIT_DONE) continue;
        if (declaration->made > 0)
            complain(0, "%zu other declarations were made; mend it and run again", (size_t)declaration->made);
        return code;
    }
    return EXIT_DONE;
}

int setup_declare(const session *at, const char *file, setup_file *setup, json_t *outside)
{
    struct declaration declaration = {.at = at, .setup = setup};
    declaration.others = calloc(OTHERS_ROOM, sizeof *declaration.others);
    declaration.cuts = calloc(2 * (size_t)FIG_LIST_MAX, sizeof *declaration.cuts);
    declaration.group = calloc(1, sizeof *declaration.group);
    bool has_room = declaration.others != NULL && declaration.cuts != NULL && declaration.group != NULL;
    int code = has_room ? declare_all(&declaration, file, outside) : complain(EXIT_FAULT, "out of memory");
    free(declaration.ids[0]);
    free(declaration.ids[1]);
    free(declaration.cuts);
    free(declaration.others);
    free(declaration.group);
    return code;
}
