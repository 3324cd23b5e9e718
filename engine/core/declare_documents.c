/* Declaring what has documents: schedules, services, clients, rules. What is left out stays as it is, or takes its
 * default when the thing is new; what comes to the same bytes as before changes nothing. */
#include "engine/core/deciding.h"
#include "engine/core/record.h"

#include <string.h>

/* --- documents of any kind --- */

uint8_t *decision_bytes(struct decision *decision)
{
    if (decision->document_bytes == NULL)
        decision->document_bytes = decision->allocator->allocate(decision->allocator->context, DOCUMENT_BYTES_MAX);
    if (decision->document_bytes == NULL) decision->no_memory = true;
    return decision->document_bytes;
}

/* A client's bytes are private: a salted hash stands for them. One salt a decision is drawn, for the one client. */
static void hash_bytes(const struct decision *decision, struct document_declared *declared)
{
    memcpy(declared->salt, decision->salt, sizeof declared->salt);
    note_hash(declared->salt, (const char *)declared->bytes, declared->size, declared->hash);
}

fig_status declare_document(struct decision *decision, enum document_kind kind, uint64_t id, size_t size,
                            const char *field, fig_outcome *outcome)
{
    struct document_declared declared = {
        .id = id, .kind = (uint8_t)kind, .size = (uint32_t)size, .bytes = decision->document_bytes};
    const struct document *there = version_document(decision->base, kind, id);
    outcome->declared_id = id;
    if (there != NULL && there->size == size && there->bytes != NULL && memcmp(there->bytes, declared.bytes, size) == 0)
        return FIG_OK;
    const char *fault;
    if (document_room(&declared, &fault) == 0) return refuse(outcome, FIG_INVALID, field, fault);
    if (kind == DOCUMENT_CLIENT) hash_bytes(decision, &declared);
    struct event *event = decision_event(decision, EVENT_DOCUMENT);
    if (event == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    event->is.document = declared;
    return FIG_OK;
}

/* What a declaration is about: by its id, else by its name, else new. */
struct meant {
    uint64_t id; /* 0: new, and no id was given */
    const struct document *there;
};

static struct meant document_meant(const struct decision *decision, enum document_kind kind, uint64_t id,
                                   const char *name)
{
    struct words words = words_of(name);
    struct meant meant = {.id = id};
    meant.there = id != 0 ? version_document(decision->base, kind, id)
                          : version_document_named(decision->base, kind, words.text, words.size);
    if (meant.there != NULL) meant.id = meant.there->id;
    return meant;
}

/* Another one that has the name already. */
static bool is_name_taken(const struct decision *decision, enum document_kind kind, const struct meant *meant,
                          const char *name)
{
    struct words words = words_of(name);
    const struct document *namesake = version_document_named(decision->base, kind, words.text, words.size);
    return namesake != NULL && namesake != meant->there;
}

static uint64_t id_to_give(const struct decision *decision, enum document_kind kind, const struct meant *meant)
{
    return meant->id != 0 ? meant->id : decision->base->next_document_id[kind];
}

static fig_status no_id(fig_outcome *outcome, const char *field)
{
    return refuse(outcome, FIG_INVALID, field, "no free id is left; give one");
}

/* --- schedules --- */

static fig_schedule schedule_as_asked(const fig_schedule *asked, fig_schedule is)
{
    uint32_t given = asked->fields;
    if ((given & FIG_SCHEDULE_WEEKLY) != 0) is.weekly = asked->weekly;
    if ((given & FIG_SCHEDULE_WEEKLY) != 0) is.weekly_count = asked->weekly_count;
    if ((given & FIG_SCHEDULE_CUTS) != 0) is.cuts = asked->cuts;
    if ((given & FIG_SCHEDULE_CUTS) != 0) is.cut_count = asked->cut_count;
    if ((given & FIG_SCHEDULE_OFFERS) != 0) is.offers = asked->offers;
    if ((given & FIG_SCHEDULE_OFFERS) != 0) is.offer_count = asked->offer_count;
    if ((given & FIG_SCHEDULE_CLIP) != 0) is.clip_to_hours = asked->clip_to_hours;
    if ((given & FIG_SCHEDULE_GRID) != 0) is.grid_s = asked->grid_s;
    if ((given & FIG_SCHEDULE_LEAD) != 0) is.lead_s = asked->lead_s;
    if ((given & FIG_SCHEDULE_HORIZON) != 0) is.horizon_days = asked->horizon_days;
    if ((given & FIG_SCHEDULE_SAME_DAY) != 0) is.same_day = asked->same_day;
    if ((given & FIG_SCHEDULE_CUTOFF) != 0) is.cutoff_s = asked->cutoff_s;
    if ((given & FIG_SCHEDULE_RULE_ERRORS) != 0) is.rule_errors = asked->rule_errors;
    return is;
}

/* The first weekly window of a barber of whom nothing was said yet makes them keep hours. */
static fig_status begin_hours(struct decision *decision, const struct barber *barber, const fig_schedule *is,
                              fig_outcome *outcome)
{
    if (barber == NULL || barber->profile->open_declared || is->weekly_count == 0) return FIG_OK;
    struct event *event = decision_event(decision, EVENT_BARBER);
    if (event == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    event->is.barber = profile_as_declared(barber->profile);
    event->is.barber.open = FIG_OPEN_HOURS;
    event->is.barber.open_declared = 1;
    return FIG_OK;
}

static fig_status find_owner(const struct decision *decision, const fig_schedule *asked, const struct barber **barber,
                             fig_outcome *outcome)
{
    *barber = NULL;
    if (asked->owner == FIG_OWNER_BARBER) {
        *barber = version_barber(decision->base, asked->owner_id);
        outcome->barber_id = asked->owner_id;
        if (*barber != NULL) return FIG_OK;
        return refuse(outcome, FIG_NOT_FOUND, "schedule.owner_id", "there is no such barber; declare it first");
    }
    if (version_shop(decision->base, asked->owner_id) != NULL) return FIG_OK;
    return refuse(outcome, FIG_NOT_FOUND, "schedule.owner_id", "there is no such shop; declare it first");
}

fig_status decide_schedule(struct decision *decision, const fig_request *request, fig_outcome *outcome)
{
    const fig_schedule *asked = request->schedule;
    const struct barber *barber;
    fig_status status = find_owner(decision, asked, &barber, outcome);
    if (status != FIG_OK) return status;
    enum document_kind kind = barber != NULL ? DOCUMENT_BARBER_SCHEDULE : DOCUMENT_SHOP_SCHEDULE;
    const struct schedule *there = (const struct schedule *)version_document(decision->base, kind, asked->owner_id);
    fig_schedule is = schedule_as_asked(asked, there != NULL ? there->is : fig_schedule_default());
    uint8_t *bytes = decision_bytes(decision);
    if (bytes == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    size_t size = document_encode_schedule(&is, bytes);
    status = declare_document(decision, kind, asked->owner_id, size, "schedule", outcome);
    if (status == FIG_OK) status = begin_hours(decision, barber, &is, outcome);
    outcome->declared_id = asked->owner_id;
    if (status != FIG_OK || decision->event_count == 0) return status;
    decision->affected = (struct affected){.from_s = decision->now_s, .to_s = FIG_TIME_MAX};
    if (barber != NULL)
        decision->affected.barber_id = asked->owner_id;
    else
        decision->affected.shop_id = asked->owner_id;
    return FIG_OK;
}

/* --- services --- */

static fig_service service_as_asked(const fig_service *asked, fig_service is)
{
    uint32_t given = asked->fields;
    if ((given & FIG_SERVICE_NAME) != 0) memcpy(is.name, asked->name, sizeof is.name);
    if ((given & FIG_SERVICE_DURATION) != 0) is.duration_s = asked->duration_s;
    if ((given & FIG_SERVICE_BUFFER_BEFORE) != 0) is.buffer_before_s = asked->buffer_before_s;
    if ((given & FIG_SERVICE_BUFFER_AFTER) != 0) is.buffer_after_s = asked->buffer_after_s;
    if ((given & FIG_SERVICE_ACTIVE) != 0) is.active = asked->active;
    if ((given & FIG_SERVICE_KIND) != 0) is.kind = asked->kind;
    if ((given & FIG_SERVICE_MIN_ADVANCE) != 0) is.min_advance_s = asked->min_advance_s;
    if ((given & FIG_SERVICE_MAX_ADVANCE) != 0) is.max_advance_days = asked->max_advance_days;
    if ((given & FIG_SERVICE_MIN_AGE) != 0) is.min_age = asked->min_age;
    if ((given & FIG_SERVICE_MAX_AGE) != 0) is.max_age = asked->max_age;
    if ((given & FIG_SERVICE_CONSULTED) != 0) is.consultation = asked->consultation;
    if ((given & FIG_SERVICE_PATCH_TESTED) != 0) is.patch_test_s = asked->patch_test_s;
    if ((given & FIG_SERVICE_MAX_PER_DAY) != 0) is.max_per_day = asked->max_per_day;
    if ((given & FIG_SERVICE_MIN_DAYS) != 0) is.min_days_between = asked->min_days_between;
    if ((given & FIG_SERVICE_BLOCKED_DAYS) != 0) is.blocked_days = asked->blocked_days;
    if ((given & FIG_SERVICE_REQUIRED) != 0) is.required = asked->required;
    if ((given & FIG_SERVICE_REQUIRED) != 0) is.required_count = asked->required_count;
    if ((given & FIG_SERVICE_INCOMPATIBLE) != 0) is.incompatible = asked->incompatible;
    if ((given & FIG_SERVICE_INCOMPATIBLE) != 0) is.incompatible_count = asked->incompatible_count;
    return is;
}

fig_status decide_service(struct decision *decision, const fig_request *request, fig_outcome *outcome)
{
    const fig_service *asked = request->service;
    struct meant meant = document_meant(decision, DOCUMENT_SERVICE, asked->id, asked->name);
    const struct service *there = (const struct service *)meant.there;
    fig_service is = service_as_asked(asked, there != NULL ? there->is : fig_service_default());
    is.id = id_to_give(decision, DOCUMENT_SERVICE, &meant);
    if (is.id == 0) return no_id(outcome, "service.id");
    if (is.name[0] == '\0') return refuse(outcome, FIG_INVALID, "service.name", "a new service needs a name");
    if (is_name_taken(decision, DOCUMENT_SERVICE, &meant, is.name))
        return refuse(outcome, FIG_NAME_TAKEN, "service.name", "another service has this name");
    uint8_t *bytes = decision_bytes(decision);
    if (bytes == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    size_t size = document_encode_service(&is, bytes);
    return declare_document(decision, DOCUMENT_SERVICE, is.id, size, "service", outcome);
}

/* --- clients --- */

static fig_client client_as_asked(const fig_client *asked, fig_client is)
{
    uint32_t given = asked->fields;
    if ((given & FIG_CLIENT_NAME) != 0) memcpy(is.name, asked->name, sizeof is.name);
    if ((given & FIG_CLIENT_BORN) != 0) is.born_day = asked->born_day;
    if ((given & FIG_CLIENT_TYPE) != 0) memcpy(is.type, asked->type, sizeof is.type);
    if ((given & FIG_CLIENT_FLAGS) != 0) is.flags = asked->flags;
    return is;
}

fig_status decide_client(struct decision *decision, const fig_request *request, fig_outcome *outcome)
{
    const fig_client *asked = request->client;
    struct words name = words_of(asked->name);
    if (asked->id == 0 && version_name_is_shared(decision->base, DOCUMENT_CLIENT, name.text, name.size))
        return refuse(outcome, FIG_NAME_TAKEN, "client.name", "several clients have this name; give the id");
    struct meant meant = document_meant(decision, DOCUMENT_CLIENT, asked->id, asked->name);
    fig_client is = fig_client_default();
    if (meant.there != NULL) client_show((const struct client_profile *)meant.there, &is);
    is = client_as_asked(asked, is);
    is.id = id_to_give(decision, DOCUMENT_CLIENT, &meant);
    if (is.id == 0) return no_id(outcome, "client.id");
    uint8_t *bytes = decision_bytes(decision);
    if (bytes == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    return declare_document(decision, DOCUMENT_CLIENT, is.id, document_encode_client(&is, bytes), "client", outcome);
}

/* --- rules --- */

/* Of what a type does not read nothing is kept. */
static void take_parameters(const fig_rule *asked, fig_rule *is)
{
    bool limit = asked->type == FIG_RULE_MIN_ADVANCE || asked->type == FIG_RULE_MIN_DURATION ||
                 asked->type == FIG_RULE_MAX_DURATION;
    bool cuts = asked->type == FIG_RULE_BLACKOUT_DATES || asked->type == FIG_RULE_HOLIDAYS;
    is->type = asked->type;
    is->limit_s = limit ? asked->limit_s : 0;
    is->limit_days = asked->type == FIG_RULE_MAX_ADVANCE ? asked->limit_days : 0;
    is->clock_s = asked->type == FIG_RULE_SAME_DAY_CUTOFF ? asked->clock_s : 0;
    is->weekly = asked->weekly;
    is->weekly_count = asked->type == FIG_RULE_BUSINESS_HOURS ? asked->weekly_count : 0;
    is->cuts = asked->cuts;
    is->cut_count = cuts ? asked->cut_count : 0;
}

static void take_scope(const fig_rule *asked, fig_rule *is)
{
    bool by_type = asked->scope == FIG_SCOPE_CLIENT_TYPE;
    is->scope = asked->scope;
    is->ids = asked->ids;
    is->id_count = asked->scope != FIG_SCOPE_ALL && !by_type ? asked->id_count : 0;
    is->client_types = asked->client_types;
    is->client_type_count = by_type ? asked->client_type_count : 0;
}

static fig_rule rule_as_asked(const fig_rule *asked, fig_rule is)
{
    uint32_t given = asked->fields;
    if ((given & FIG_RULE_NAME) != 0) memcpy(is.name, asked->name, sizeof is.name);
    if ((given & FIG_RULE_TYPE) != 0) take_parameters(asked, &is);
    if ((given & FIG_RULE_SCOPE) != 0) take_scope(asked, &is);
    if ((given & FIG_RULE_PRIORITY) != 0) is.priority = asked->priority;
    if ((given & FIG_RULE_ACTIVE) != 0) is.active = asked->active;
    return is;
}

fig_status decide_rule(struct decision *decision, const fig_request *request, fig_outcome *outcome)
{
    const fig_rule *asked = request->rule;
    struct meant meant = document_meant(decision, DOCUMENT_RULE, asked->id, asked->name);
    const struct rule *there = (const struct rule *)meant.there;
    fig_rule is = rule_as_asked(asked, there != NULL ? there->is : fig_rule_default());
    is.id = id_to_give(decision, DOCUMENT_RULE, &meant);
    if (is.id == 0) return no_id(outcome, "rule.id");
    if (is.name[0] == '\0') return refuse(outcome, FIG_INVALID, "rule.name", "a new rule needs a name");
    if (is.type == 0) return refuse(outcome, FIG_INVALID, "rule.type", "a new rule needs a type");
    if (is_name_taken(decision, DOCUMENT_RULE, &meant, is.name))
        return refuse(outcome, FIG_NAME_TAKEN, "rule.name", "another rule has this name");
    uint8_t *bytes = decision_bytes(decision);
    if (bytes == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    return declare_document(decision, DOCUMENT_RULE, is.id, document_encode_rule(&is, bytes), "rule", outcome);
}
