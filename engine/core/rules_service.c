/* What a service asks. One that was never declared asks nothing; a barber may decline it all the same. */
#include "engine/core/ruling.h"

/* Offers ascend by service. */
static const fig_offer *offer_of(const struct schedule *own, uint64_t service_id)
{
    size_t low = 0, high = own->is.offer_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (own->is.offers[middle].service_id < service_id)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == own->is.offer_count || own->is.offers[low].service_id != service_id) return NULL;
    return &own->is.offers[low];
}

static bool inactive(struct ruling *ruling, const struct service *service)
{
    if (service == NULL || service->is.active) return false;
    return ruling_break(ruling, (struct ruled){FIG_RULE_SERVICE_INACTIVE, NULL}, starts_all(),
                        "the service is no longer offered; book another service");
}

static bool not_offered(struct ruling *ruling)
{
    const struct schedule *own = ruling->question->opening->own;
    const fig_offer *offer = own == NULL ? NULL : offer_of(own, ruling->question->service_id);
    if (offer == NULL || !offer->declined) return false;
    return ruling_break(ruling, (struct ruled){FIG_RULE_NOT_OFFERED, NULL}, starts_all(),
                        "the barber does not do this service; book another barber");
}

static bool blocked_day(struct ruling *ruling, const struct service *service)
{
    const struct ruled ruled = {FIG_RULE_BLOCKED_DAY, NULL};
    bool stop;
    if (service->is.blocked_days == 0) return false;
    if (ruling_lacks_dates(ruling, ruled, &stop)) return stop;
    if ((service->is.blocked_days >> civil_weekday(ruling->day) & 1) == 0) return false;
    bool every_day = service->is.blocked_days == 127;
    return ruling_break(ruling, ruled, every_day ? starts_all() : starts_of_day(ruling),
                        "the service is not done on that weekday; book another date");
}

static bool advance(struct ruling *ruling, const struct service *service)
{
    return rule_advance_min(ruling, (struct ruled){FIG_RULE_SERVICE_MIN_ADVANCE, NULL}, service->is.min_advance_s,
                            "book the service at least its advance time ahead") ||
           rule_advance_max(ruling, (struct ruled){FIG_RULE_SERVICE_MAX_ADVANCE, NULL}, service->is.max_advance_days,
                            "book the service fewer days ahead");
}

static bool asks(const fig_service *is)
{
    return !is->active || is->min_advance_s > 0 || is->max_advance_days > 0 || is->min_age > 0 || is->max_age > 0 ||
           is->consultation || is->patch_test_s > 0 || is->blocked_days != 0 || is->max_per_day > 0 ||
           is->min_days_between > 0 || is->required_count > 0 || is->incompatible_count > 0;
}

/* NULL: it was not declared, or asks nothing. */
static const struct service *find_service(const struct rule_question *question)
{
    if (question->version->documents[DOCUMENT_SERVICE].count == 0) return NULL;
    const struct service *service = version_service(question->version, question->service_id);
    return service != NULL && asks(&service->is) ? service : NULL;
}

static const struct service *service_of(const struct rule_question *question)
{
    struct rule_lookups *kept = question->lookups;
    if (kept == NULL) return find_service(question);
    if (!kept->service_found) kept->service = find_service(question);
    kept->service_found = true;
    return kept->service;
}

bool rules_of_service(struct ruling *ruling)
{
    if (ruling->question->service_id == 0) return false;
    const struct service *service = service_of(ruling->question);
    if (inactive(ruling, service) || not_offered(ruling)) return true;
    if (service == NULL) return false;
    return advance(ruling, service) || rules_of_age(ruling, service) || rules_of_preparation(ruling, service) ||
           blocked_day(ruling, service) || rules_of_frequency(ruling, service);
}
