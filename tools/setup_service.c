/* Services of a setup file. What they ask for of other services is kept as it was called until it is declared. */
#include "tools/setup_values.h"

#include <string.h>
#include <strings.h>

enum { YEARS_MAX = 200, TIMES_MAX = 1000, DAYS_MAX = FIG_DAY_MAX };

static bool read_id(const json_t *value, void *into, reason *why)
{
    setup_service *service = into;
    return setup_read_id(value, &service->service.id, why);
}

static bool read_name(const json_t *value, void *into, reason *why)
{
    setup_service *service = into;
    service->service.fields |= FIG_SERVICE_NAME;
    return setup_read_text(value, FIG_NAME_MAX, service->service.name, why);
}

static bool read_minutes(const json_t *value, void *into, reason *why)
{
    setup_service *service = into;
    service->service.fields |= FIG_SERVICE_DURATION;
    return setup_read_minutes(value, 0, FIG_DURATION_MAX, &service->service.duration_s, why);
}

static bool read_before(const json_t *value, void *into, reason *why)
{
    setup_service *service = into;
    service->service.fields |= FIG_SERVICE_BUFFER_BEFORE;
    return setup_read_minutes(value, 0, FIG_BUFFER_MAX, &service->service.buffer_before_s, why);
}

static bool read_after(const json_t *value, void *into, reason *why)
{
    setup_service *service = into;
    service->service.fields |= FIG_SERVICE_BUFFER_AFTER;
    return setup_read_minutes(value, 0, FIG_BUFFER_MAX, &service->service.buffer_after_s, why);
}

static bool read_active(const json_t *value, void *into, reason *why)
{
    setup_service *service = into;
    service->service.fields |= FIG_SERVICE_ACTIVE;
    return setup_read_boolean(value, &service->service.active, why);
}

static bool read_kind(const json_t *value, void *into, reason *why)
{
    setup_service *service = into;
    unsigned which = 0;
    service->service.fields |= FIG_SERVICE_KIND;
    if (!setup_read_word(value, SETUP_KINDS, &which, why)) return false;
    service->service.kind = (fig_service_kind)which;
    return true;
}

static bool read_min_advance(const json_t *value, void *into, reason *why)
{
    setup_service *service = into;
    service->service.fields |= FIG_SERVICE_MIN_ADVANCE;
    return setup_read_hours(value, FIG_DURATION_MAX, &service->service.min_advance_s, why);
}

static bool read_max_advance(const json_t *value, void *into, reason *why)
{
    setup_service *service = into;
    service->service.fields |= FIG_SERVICE_MAX_ADVANCE;
    return setup_read_number(value, 0, DAYS_MAX, &service->service.max_advance_days, why);
}

/* ---- "rules" of a service ---- */

static bool read_min_age(const json_t *value, void *into, reason *why)
{
    setup_service *service = into;
    service->service.fields |= FIG_SERVICE_MIN_AGE;
    return setup_read_number(value, 0, YEARS_MAX, &service->service.min_age, why);
}

static bool read_max_age(const json_t *value, void *into, reason *why)
{
    setup_service *service = into;
    service->service.fields |= FIG_SERVICE_MAX_AGE;
    return setup_read_number(value, 0, YEARS_MAX, &service->service.max_age, why);
}

static bool read_consultation(const json_t *value, void *into, reason *why)
{
    setup_service *service = into;
    service->service.fields |= FIG_SERVICE_CONSULTED;
    return setup_read_boolean(value, &service->service.consultation, why);
}

static bool read_patch_test(const json_t *value, void *into, reason *why)
{
    setup_service *service = into;
    service->service.fields |= FIG_SERVICE_PATCH_TESTED;
    return setup_read_hours(value, FIG_DURATION_MAX, &service->service.patch_test_s, why);
}

static bool read_max_per_day(const json_t *value, void *into, reason *why)
{
    setup_service *service = into;
    service->service.fields |= FIG_SERVICE_MAX_PER_DAY;
    return setup_read_number(value, 0, TIMES_MAX, &service->service.max_per_day, why);
}

static bool read_min_days(const json_t *value, void *into, reason *why)
{
    setup_service *service = into;
    service->service.fields |= FIG_SERVICE_MIN_DAYS;
    return setup_read_number(value, 0, DAYS_MAX, &service->service.min_days_between, why);
}

static bool read_blocked_days(const json_t *value, void *into, reason *why)
{
    setup_service *service = into;
    uint32_t days = 0;
    service->service.fields |= FIG_SERVICE_BLOCKED_DAYS;
    if (!setup_read_words(value, SETUP_DAYS, &days, why)) return false;
    service->service.blocked_days = (uint8_t)days;
    return true;
}

static bool read_requires(const json_t *value, void *into, reason *why)
{
    setup_service *service = into;
    service->has_requires = true;
    return setup_read_references(value, &service->requires, why);
}

static bool read_incompatible(const json_t *value, void *into, reason *why)
{
    setup_service *service = into;
    service->has_incompatible = true;
    return setup_read_references(value, &service->incompatible, why);
}

static bool read_rules(const json_t *value, void *into, reason *why)
{
    static const setup_field fields[] = {
        {"min_age", read_min_age},           {"max_age", read_max_age},
        {"consultation", read_consultation}, {"patch_test_hours", read_patch_test},
        {"max_per_day", read_max_per_day},   {"min_days_between", read_min_days},
        {"blocked_days", read_blocked_days}, {"requires", read_requires},
        {"incompatible", read_incompatible},
    };
    return setup_read_object(value, fields, sizeof fields / sizeof *fields, into, why);
}

/* ---- a service ---- */

static bool mentions(const char *name, const char *words)
{
    for (; *name != '\0'; name++)
        if (strncasecmp(name, words, strlen(words)) == 0) return true;
    return false;
}

/* A new service whose kind is left out is what its name says. */
static void guess_kind(setup_service *into)
{
    fig_service *service = &into->service;
    fig_service_kind kind = mentions(service->name, "patch test")     ? FIG_SERVICE_PATCH_TEST
                            : mentions(service->name, "consultation") ? FIG_SERVICE_CONSULTATION
                                                                      : FIG_SERVICE_PLAIN;
    if ((service->fields & FIG_SERVICE_KIND) != 0 || kind == FIG_SERVICE_PLAIN) return;
    into->kind_is_guessed = true;
    service->fields |= FIG_SERVICE_KIND;
    service->kind = kind;
}

bool setup_read_service(const json_t *object, void *into, reason *why)
{
    static const setup_field fields[] = {
        {"id", read_id},
        {"name", read_name},
        {"minutes", read_minutes},
        {"buffer_before_minutes", read_before},
        {"buffer_after_minutes", read_after},
        {"active", read_active},
        {"kind", read_kind},
        {"min_advance_hours", read_min_advance},
        {"max_advance_days", read_max_advance},
        {"rules", read_rules},
    };
    setup_service *service = into;
    service->service = fig_service_default();
    service->service.fields = 0;
    service->service.id = 0;
    if (!setup_read_object(object, fields, sizeof fields / sizeof *fields, service, why)) return false;
    if (service->service.id == 0 && service->service.name[0] == '\0')
        return reason_set(why, ".id: is missing, and so is the name");
    const fig_service *read = &service->service;
    if (read->min_age > 0 && read->max_age > 0 && read->min_age > read->max_age)
        return reason_set(why, ".rules.max_age: is below min_age");
    guess_kind(service);
    return true;
}
