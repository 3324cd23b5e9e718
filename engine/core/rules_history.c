/* What a client has had and is to have: their tree of appointments, which has those of every status, and the drafts of
 * the decision under way, which stand for what they draft.
 *
 *   most rules     O(log n + appointments around the date)
 *   consultation, patch test, required services
 *                  O(the client's appointments) until one is found
 *
 * An appointment is looked at before its draft is looked for: few are of interest, and drafts have no order. The one
 * that is moved, ignore_id, is neither found in the tree nor among the drafts. */
#include "engine/core/decide.h"
#include "engine/core/ruling.h"

/* What is looked for. Dates are those of the barber who is asked, whoever did or does the other appointment. */
struct wanted {
    const struct ruling *ruling;
    int64_t from_s; /* starts in [from_s, to_s) */
    int64_t to_s;
    bool (*is)(const struct wanted *wanted, const struct appointment *appointment);
    uint64_t service_id;
    fig_service_kind kind;
    const struct service *service; /* that has a list of ids */
    int64_t first_day;             /* dates in [first_day, last_day] */
    int64_t last_day;
};

/* --- the walk --- */

static bool has_draft(const struct rule_question *question, uint64_t id)
{
    for (size_t i = 0; i < question->draft_count; i++)
        if (question->drafts[i].fixed.id == id) return true;
    return false;
}

static bool wanted_is(const struct wanted *wanted, const struct appointment *appointment)
{
    const struct rule_question *question = wanted->ruling->question;
    return appointment->id != question->ignore_id && appointment->start_s >= wanted->from_s &&
           appointment->start_s < wanted->to_s && wanted->is(wanted, appointment);
}

/* A place in the walk: first the drafts, then the tree. */
struct walk {
    size_t next_draft;
    bool in_tree;
    struct tree_cursor cursor;
};

static const struct appointment *next_drafted(const struct wanted *wanted, struct walk *walk)
{
    const struct rule_question *question = wanted->ruling->question;
    while (walk->next_draft < question->draft_count) {
        const struct appointment *drafted = &question->drafts[walk->next_draft++].fixed;
        if (drafted->client_id == question->client_id && wanted_is(wanted, drafted)) return drafted;
    }
    return NULL;
}

static bool step(const struct wanted *wanted, const struct tree *tree, struct walk *walk)
{
    if (walk->in_tree) return tree_next(tree, &walk->cursor);
    walk->in_tree = true;
    return tree_ceiling(tree, wanted->from_s, &walk->cursor);
}

static const struct appointment *next_wanted(const struct wanted *wanted, struct walk *walk)
{
    const struct rule_question *question = wanted->ruling->question;
    if (!walk->in_tree) {
        const struct appointment *drafted = next_drafted(wanted, walk);
        if (drafted != NULL) return drafted;
    }
    const struct client *client = version_client(question->version, question->client_id);
    if (client == NULL) return NULL;
    while (step(wanted, &client->appointments, walk)) {
        struct tree_item item = tree_at(&walk->cursor);
        if (item.start_s >= wanted->to_s) return NULL;
        const struct appointment *kept = version_appointment(question->version, item.id);
        if (kept != NULL && wanted_is(wanted, kept) && !has_draft(question, kept->id)) return kept;
    }
    return NULL;
}

/* How many there are, at most `enough`. */
static size_t count_wanted(const struct wanted *wanted, size_t enough)
{
    struct walk walk = {0};
    size_t count = 0;
    while (count < enough && next_wanted(wanted, &walk) != NULL) count++;
    return count;
}

static int64_t end_of(const struct appointment *appointment) { return appointment->start_s + appointment->duration_s; }

/* --- what a client must have had --- */

static bool is_completed(const struct appointment *appointment) { return appointment->status == FIG_COMPLETED; }

static bool is_completed_kind(const struct wanted *wanted, const struct appointment *appointment)
{
    if (!is_completed(appointment) || appointment->service_id == 0) return false;
    const struct service *service = version_service(wanted->ruling->question->version, appointment->service_id);
    return service != NULL && service->is.kind == wanted->kind;
}

static bool is_completed_service(const struct wanted *wanted, const struct appointment *appointment)
{
    return is_completed(appointment) && appointment->service_id == wanted->service_id;
}

/* Whether one ended at least `before_s` before the start. If not, *until_s is when a start would have one. */
static bool has_had(const struct wanted *wanted, uint32_t before_s, int64_t *until_s)
{
    struct walk walk = {0};
    const struct appointment *had;
    *until_s = FIG_TIME_MAX + 1;
    while ((had = next_wanted(wanted, &walk)) != NULL) {
        int64_t from_s = end_of(had) + (int64_t)before_s;
        if (from_s <= wanted->ruling->question->start_s) return true;
        if (from_s < *until_s) *until_s = from_s;
    }
    return false;
}

static struct wanted ever(const struct ruling *ruling,
                          bool (*is)(const struct wanted *wanted, const struct appointment *appointment))
{
    return (struct wanted){.ruling = ruling, .from_s = FIG_TIME_MIN, .to_s = FIG_TIME_MAX + 1, .is = is};
}

static bool prepared(struct ruling *ruling, struct ruled ruled, fig_service_kind kind, uint32_t before_s,
                     const char *reason)
{
    int64_t until_s;
    bool stop;
    if (ruling_lacks_client(ruling, ruled, &stop)) return stop;
    struct wanted wanted = ever(ruling, is_completed_kind);
    wanted.kind = kind;
    if (has_had(&wanted, before_s, &until_s)) return false;
    return ruling_break(ruling, ruled, (struct starts){FIG_TIME_MIN, until_s}, reason);
}

bool rules_of_preparation(struct ruling *ruling, const struct service *service)
{
    if (service->is.consultation && prepared(ruling, (struct ruled){FIG_RULE_CONSULTATION, NULL},
                                             FIG_SERVICE_CONSULTATION, 0, "complete a consultation first"))
        return true;
    return service->is.patch_test_s > 0 &&
           prepared(ruling, (struct ruled){FIG_RULE_PATCH_TEST, NULL}, FIG_SERVICE_PATCH_TEST, service->is.patch_test_s,
                    "complete a patch test long enough before the start");
}

static bool required(struct ruling *ruling, const struct service *service)
{
    const struct ruled ruled = {FIG_RULE_REQUIRED_SERVICE, NULL};
    bool stop;
    if (service->is.required_count == 0) return false;
    if (ruling_lacks_client(ruling, ruled, &stop)) return stop;
    struct wanted wanted = ever(ruling, is_completed_service);
    for (size_t i = 0; i < service->is.required_count; i++) {
        int64_t until_s;
        wanted.service_id = service->is.required[i];
        if (has_had(&wanted, 0, &until_s)) continue;
        return ruling_break(ruling, ruled, (struct starts){FIG_TIME_MIN, until_s},
                            "complete the services that this one requires first");
    }
    return false;
}

/* --- what a client must not have around that date --- */

/* It takes place or took place, as far as is known. */
static bool counts(const struct wanted *wanted, const struct appointment *appointment)
{
    return is_completed(appointment) || appointment_blocks(appointment, wanted->ruling->question->now_s);
}

static bool is_dated(const struct wanted *wanted, const struct appointment *appointment)
{
    int64_t day = civil_day_at(wanted->ruling->question->opening->zone, appointment->start_s);
    return day >= wanted->first_day && day <= wanted->last_day;
}

static bool is_of_service(const struct wanted *wanted, const struct appointment *appointment)
{
    return appointment->service_id == wanted->service_id && counts(wanted, appointment) &&
           is_dated(wanted, appointment);
}

static bool is_incompatible(const struct wanted *wanted, const struct appointment *appointment)
{
    const fig_service *service = &wanted->service->is;
    for (size_t i = 0; i < service->incompatible_count; i++)
        if (service->incompatible[i] == appointment->service_id)
            return counts(wanted, appointment) && is_dated(wanted, appointment);
    return false;
}

/* Around the date, at most `days` away. The instants are those that can have these dates at any of the zone's offsets;
 * is_dated() looks closely. */
static struct wanted around(const struct ruling *ruling, int64_t days,
                            bool (*is)(const struct wanted *wanted, const struct appointment *appointment))
{
    const struct zone *zone = ruling->question->opening->zone;
    int64_t first_day = ruling->day - days, last_day = ruling->day + days;
    return (struct wanted){
        .ruling = ruling,
        .from_s = first_day * CIVIL_DAY_S - zone->offset_max_s,
        .to_s = (last_day + 1) * CIVIL_DAY_S - zone->offset_min_s,
        .is = is,
        .service_id = ruling->question->service_id,
        .first_day = first_day,
        .last_day = last_day,
    };
}

static bool max_per_day(struct ruling *ruling, const struct service *service)
{
    const struct ruled ruled = {FIG_RULE_MAX_PER_DAY, NULL};
    bool stop;
    if (service->is.max_per_day == 0) return false;
    if (ruling_lacks_client(ruling, ruled, &stop) || ruling_lacks_dates(ruling, ruled, &stop)) return stop;
    struct wanted wanted = around(ruling, 0, is_of_service);
    if (count_wanted(&wanted, service->is.max_per_day) < service->is.max_per_day) return false;
    return ruling_break(ruling, ruled, starts_of_day(ruling),
                        "the client has this service as often as allowed on that date; book another date");
}

static bool min_days_between(struct ruling *ruling, const struct service *service)
{
    const struct ruled ruled = {FIG_RULE_MIN_DAYS_BETWEEN, NULL};
    bool stop;
    if (service->is.min_days_between == 0) return false;
    if (ruling_lacks_client(ruling, ruled, &stop) || ruling_lacks_dates(ruling, ruled, &stop)) return stop;
    int64_t days = (int64_t)service->is.min_days_between - 1;
    struct wanted wanted = around(ruling, days, is_of_service);
    struct walk walk = {0};
    const struct appointment *near = next_wanted(&wanted, &walk);
    if (near == NULL) return false;
    int64_t day = civil_day_at(ruling->question->opening->zone, near->start_s);
    return ruling_break(ruling, ruled, starts_of_days(ruling, day - days, day + days),
                        "the client has this service within too few days; book a date further away");
}

static bool incompatible(struct ruling *ruling, const struct service *service)
{
    const struct ruled ruled = {FIG_RULE_INCOMPATIBLE_SERVICE, NULL};
    bool stop;
    if (service->is.incompatible_count == 0) return false;
    if (ruling_lacks_client(ruling, ruled, &stop) || ruling_lacks_dates(ruling, ruled, &stop)) return stop;
    struct wanted wanted = around(ruling, 0, is_incompatible);
    wanted.service = service;
    if (count_wanted(&wanted, 1) == 0) return false;
    return ruling_break(ruling, ruled, starts_of_day(ruling),
                        "the client has a service on that date that this one does not go with; book another date");
}

bool rules_of_frequency(struct ruling *ruling, const struct service *service)
{
    return max_per_day(ruling, service) || min_days_between(ruling, service) || required(ruling, service) ||
           incompatible(ruling, service);
}

/* --- a client in two chairs --- */

static bool is_in_the_way(const struct rule_question *question, const struct appointment *appointment)
{
    return appointment->id != question->ignore_id && appointment_blocks(appointment, question->now_s) &&
           appointment->start_s < question->end_s && end_of(appointment) > question->start_s;
}

static const struct appointment *drafted_in_the_way(const struct rule_question *question)
{
    for (size_t i = 0; i < question->draft_count; i++) {
        const struct appointment *drafted = &question->drafts[i].fixed;
        if (drafted->client_id == question->client_id && is_in_the_way(question, drafted)) return drafted;
    }
    return NULL;
}

static const struct appointment *in_the_way(const struct rule_question *question)
{
    const struct appointment *drafted = drafted_in_the_way(question);
    const struct client *client = version_client(question->version, question->client_id);
    if (drafted != NULL || client == NULL) return drafted;
    struct tree_cursor at;
    const struct tree *tree = &client->appointments;
    for (bool more = tree_first_overlap(tree, question->start_s, question->end_s, &at); more;
         more = tree_next_overlap(tree, question->start_s, question->end_s, &at)) {
        const struct appointment *kept = version_appointment(question->version, tree_at(&at).id);
        if (kept != NULL && is_in_the_way(question, kept) && !has_draft(question, kept->id)) return kept;
    }
    return NULL;
}

bool rule_client_overlap(struct ruling *ruling, struct ruled ruled)
{
    bool stop;
    if (ruling_lacks_client(ruling, ruled, &stop)) return stop;
    const struct rule_question *question = ruling->question;
    const struct appointment *other = in_the_way(question);
    if (other == NULL) return false;
    int64_t length_s = question->end_s - question->start_s;
    return ruling_break(ruling, ruled, (struct starts){other->start_s - length_s + 1, end_of(other)},
                        "the client has another appointment then; book a time beside it");
}
