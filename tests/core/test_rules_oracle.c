/* Rules against their definitions, read word by word over plain arrays. Budget: 4 s. FIGARO_SEED replays.
 *
 * Every world is drawn anew: zones with gaps and folds at and around midnight and a skipped date, rules of every scope,
 * a client's history, drafts. The oracle evaluates one type of one start; it shares no code with the engine but civil
 * time. Starts and lengths are whole quarters of an hour, as windows and offsets are, so that looking at every quarter
 * looks at all. Of the span that a broken rule tells, starts are sampled: each must break the rule, too. */
#include "engine/core/civil.h"
#include "tests/core/rules_world.h"
#include "tests/support.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

enum {
    QUARTER = 900,
    LIST = 3,
    RULES = 12,
    CLIENT_TYPES = 2,
    HISTORY = 24,
    TYPES_END = FIG_RULE_CLIENT_PAYMENT_ISSUE + 1
};

enum ruling_word { PASSES, BREAKS, FAILS };

/* What the lists of a world are drawn into. */
static struct lists {
    fig_weekly weekly[LIST];
    fig_cut cuts[LIST];
    uint64_t ids[LIST];
    char types[CLIENT_TYPES][FIG_TYPE_MAX + 1];
} lists[RULES];
static uint64_t service_ids[2][LIST];
static fig_offer offers[LIST];
static struct rule *rules[RULES];
static size_t rule_count;
static struct support_random dice;
static uint64_t seed;
static int64_t base_s;

#define MUST(condition, type)                                                                                          \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            cr_assert_fail("%s: %s, replay with FIGARO_SEED=%" PRIu64, #condition, fig_rule_type_name(type), seed);    \
    } while (0)

static uint32_t below(uint64_t bound) { return (uint32_t)support_below(&dice, bound); }
static bool chance(unsigned percent) { return support_chance(&dice, percent); }
static int64_t quarter_near(int64_t quarters) { return base_s + QUARTER * support_between(&dice, -quarters, quarters); }

/* ------------------------------------------------------------------ the definitions */

static const struct client_profile *profile_of(const struct rule_question *question)
{
    return question->client_id == 0 ? NULL : version_client_profile(question->version, question->client_id);
}

static int64_t date(const struct rule_question *question, int64_t at_s)
{
    return civil_day_at(question->opening->zone, at_s);
}

static bool among(const uint64_t *ids, size_t count, uint64_t id)
{
    for (size_t i = 0; i < count; i++)
        if (ids[i] == id) return true;
    return false;
}

static bool has_type(const fig_rule *is, const struct client_profile *client)
{
    for (size_t i = 0; client != NULL && i < is->client_type_count; i++)
        if (strcmp(client->type, is->client_types[i]) == 0) return true;
    return false;
}

static bool in_scope(const fig_rule *is, const struct rule_question *question)
{
    if (is->scope == FIG_SCOPE_SHOP) return among(is->ids, is->id_count, WORLD_SHOP);
    if (is->scope == FIG_SCOPE_BARBER) return among(is->ids, is->id_count, WORLD_BARBER);
    if (is->scope == FIG_SCOPE_SERVICE) return among(is->ids, is->id_count, question->service_id);
    return is->scope == FIG_SCOPE_ALL || has_type(is, profile_of(question));
}

static bool outranks(const fig_rule *one, const fig_rule *other)
{
    if (one->scope != other->scope) return one->scope > other->scope;
    if (one->priority != other->priority) return one->priority > other->priority;
    return one->id < other->id;
}

static const struct rule *rule_of(const struct rule_question *question, fig_rule_type type)
{
    const struct rule *best = NULL;
    for (size_t i = 0; i < rule_count; i++) {
        const struct rule *rule = rules[i];
        if (rule->is.type != type || !rule->is.active || !in_scope(&rule->is, question)) continue;
        if (best == NULL || outranks(&rule->is, &best->is)) best = rule;
    }
    return best;
}

/* Does the window of a date have this instant? */
static bool window_has(const struct zone *zone, int64_t day, uint32_t start_s, uint32_t end_s, int64_t at_s)
{
    int64_t from_s, until_s, end_day = end_s <= start_s ? day + 1 : day;
    if (!civil_day_exists(zone, day)) return false;
    civil_to_utc(zone, day * DAY_S + start_s, CIVIL_FIRST, &from_s);
    civil_to_utc(zone, end_day * DAY_S + end_s, CIVIL_FIRST, &until_s);
    return from_s <= at_s && at_s < until_s;
}

/* A yearly one from its first month and day on, date by date through a leap year, until the last one. */
static bool cut_on(const fig_cut *cut, int64_t day)
{
    if (!cut->yearly) return cut->from_day <= day && day <= cut->to_day;
    struct civil_date at = civil_date_of(day), first = civil_date_of(cut->from_day), last = civil_date_of(cut->to_day);
    int64_t new_year = ruled_day(2024, 1, 1), from = ruled_day(2024, first.month, first.day) - new_year;
    for (int64_t n = 0; n < 366; n++) {
        struct civil_date then = civil_date_of(new_year + (from + n) % 366);
        if (then.month == at.month && then.day == at.day) return true;
        if (then.month == last.month && then.day == last.day) return false;
    }
    return false;
}

static bool cuts_have(const struct rule_question *question, const fig_rule *is)
{
    int64_t day = date(question, question->start_s);
    for (size_t i = 0; i < is->cut_count; i++) {
        const fig_cut *cut = &is->cuts[i];
        if (cut->state != FIG_CUT_APPROVED) continue;
        if (cut->whole_days && cut_on(cut, day)) return true;
        for (int64_t of = day - 5; !cut->whole_days && of <= day + 5; of++)
            if (cut_on(cut, of) && window_has(question->opening->zone, of, cut->start_s, cut->end_s, question->start_s))
                return true;
    }
    return false;
}

static bool hours_have(const struct rule_question *question, const fig_rule *is, int64_t at_s)
{
    int64_t day = date(question, at_s);
    for (int64_t of = day - 5; of <= day + 5; of++)
        for (size_t i = 0; i < is->weekly_count; i++)
            if (is->weekly[i].weekday == civil_weekday(of) &&
                window_has(question->opening->zone, of, is->weekly[i].start_s, is->weekly[i].end_s, at_s))
                return true;
    return false;
}

/* The nth appointment as the decision would leave it; NULL: it is not there, not the client's, or not to count. */
static const struct appointment *left(const struct rules_world *world, const struct rule_question *question, size_t n)
{
    const struct appointment *left =
        n < world->draft_count ? &world->drafts[n].fixed : world->appointments[n - world->draft_count];
    for (size_t i = 0; n >= world->draft_count && i < world->draft_count; i++)
        if (world->drafts[i].fixed.id == left->id) return NULL;
    return left->client_id == question->client_id && left->id != question->ignore_id ? left : NULL;
}

static bool is_active(const struct appointment *appointment, int64_t now_s)
{
    if (appointment->status == FIG_HELD) return now_s < appointment->expires_s;
    return appointment->status >= FIG_PENDING && appointment->status <= FIG_CONFIRMED;
}

static bool is_counted(const struct appointment *appointment, int64_t now_s)
{
    return is_active(appointment, now_s) || appointment->status == FIG_COMPLETED;
}

/* How many of the client's appointments the rule of this type looks for. `id`: the service that is required. */
static size_t found(const struct rules_world *world, const struct rule_question *question, fig_rule_type type,
                    const fig_service *service, uint64_t id)
{
    size_t count = 0;
    for (size_t n = 0; n < world->draft_count + world->appointment_count; n++) {
        const struct appointment *at = left(world, question, n);
        if (at == NULL) continue;
        int64_t end_s = at->start_s + at->duration_s, now_s = question->now_s, start_s = question->start_s;
        const struct service *done = version_service(question->version, at->service_id);
        bool completed = at->status == FIG_COMPLETED;
        fig_service_kind kind = done == NULL ? FIG_SERVICE_PLAIN : done->is.kind;
        bool same = at->service_id == question->service_id;
        int64_t apart = question->opening->zone == NULL ? 0 : date(question, at->start_s) - date(question, start_s);
        if (apart < 0) apart = -apart;
        switch ((int)type) {
        case FIG_RULE_CLIENT_OVERLAP:
            count += is_active(at, now_s) && at->start_s < question->end_s && start_s < end_s;
            break;
        case FIG_RULE_CONSULTATION: count += completed && kind == FIG_SERVICE_CONSULTATION && end_s <= start_s; break;
        case FIG_RULE_PATCH_TEST:
            count += completed && kind == FIG_SERVICE_PATCH_TEST && start_s - end_s >= service->patch_test_s;
            break;
        case FIG_RULE_REQUIRED_SERVICE: count += completed && at->service_id == id && end_s <= start_s; break;
        case FIG_RULE_MAX_PER_DAY: count += is_counted(at, now_s) && same && apart == 0; break;
        case FIG_RULE_MIN_DAYS_BETWEEN:
            count += is_counted(at, now_s) && same && apart < service->min_days_between;
            break;
        case FIG_RULE_INCOMPATIBLE_SERVICE:
            count += is_counted(at, now_s) && apart == 0 &&
                     among(service->incompatible, service->incompatible_count, at->service_id);
            break;
        }
    }
    return count;
}

/* Years by walking from birthday to birthday. */
static int64_t years_on(int64_t born_day, int64_t day)
{
    int64_t years = -1;
    struct civil_date birthday = civil_date_of(born_day);
    bool leap_born = birthday.month == 2 && birthday.day == 29;
    for (;; years++, birthday.year++) {
        struct civil_date had = birthday;
        if (leap_born && !civil_year_is_leap(had.year)) had = (struct civil_date){had.year, 3, 1};
        if (civil_days(had) > day) return years;
    }
}

static enum ruling_word word(bool broken) { return broken ? BREAKS : PASSES; }

static enum ruling_word is_late(const struct rule_question *question, uint32_t clock_s)
{
    if (clock_s == FIG_NO_CUTOFF) return PASSES;
    if (question->opening->zone == NULL) return FAILS;
    struct civil_time now = civil_time_of(civil_local_at(question->opening->zone, question->now_s));
    return word(date(question, question->start_s) == date(question, question->now_s) &&
                now.hour * 3600u + now.minute * 60u + now.second >= clock_s);
}

static enum ruling_word is_early(const struct rule_question *question, uint32_t limit_s)
{
    return word(limit_s > 0 && question->start_s - question->now_s < limit_s);
}

static enum ruling_word is_far(const struct rule_question *question, uint32_t days)
{
    if (days == 0) return PASSES;
    if (question->opening->zone == NULL) return FAILS;
    return word(date(question, question->start_s) - date(question, question->now_s) > days);
}

static enum ruling_word by_declared(const struct rules_world *world, const struct rule_question *question,
                                    fig_rule_type type)
{
    const struct rule *rule = rule_of(question, type);
    if (rule == NULL) return PASSES;
    const fig_rule *is = &rule->is;
    int64_t length_s = question->end_s - question->start_s;
    switch ((int)type) {
    case FIG_RULE_MIN_ADVANCE: return is_early(question, is->limit_s);
    case FIG_RULE_MAX_ADVANCE: return is_far(question, is->limit_days);
    case FIG_RULE_MIN_DURATION: return word(length_s < is->limit_s);
    case FIG_RULE_MAX_DURATION: return word(is->limit_s > 0 && length_s > is->limit_s);
    case FIG_RULE_SAME_DAY_CUTOFF: return is_late(question, is->clock_s);
    case FIG_RULE_CLIENT_OVERLAP:
        return question->client_id == 0 ? FAILS : word(found(world, question, type, NULL, 0) > 0);
    }
    if (type != FIG_RULE_BUSINESS_HOURS && is->cut_count == 0) return PASSES;
    if (question->opening->zone == NULL) return FAILS;
    if (type != FIG_RULE_BUSINESS_HOURS) return word(cuts_have(question, is));
    for (int64_t at_s = question->start_s; at_s < question->end_s; at_s += QUARTER)
        if (!hours_have(question, is, at_s)) return BREAKS;
    return PASSES;
}

static enum ruling_word by_shop(const struct rules_world *world, const struct rule_question *question,
                                fig_rule_type type)
{
    const fig_schedule *is = &world->shops.is;
    switch ((int)type) {
    case FIG_RULE_PAST: return word(world->shop->past == FIG_PAST_REFUSE && question->start_s < question->now_s);
    case FIG_RULE_LEAD: return is_early(question, is->lead_s);
    case FIG_RULE_HORIZON: return is_far(question, is->horizon_days);
    case FIG_RULE_CUTOFF: return is_late(question, is->cutoff_s);
    }
    if (is->same_day) return PASSES;
    if (question->opening->zone == NULL) return FAILS;
    return word(date(question, question->start_s) == date(question, question->now_s));
}

static enum ruling_word by_client(const struct rule_question *question, fig_rule_type type)
{
    const struct client_profile *client = profile_of(question);
    return word(client != NULL && (client->flags >> (type - FIG_RULE_CLIENT_BLOCKED) & 1) != 0);
}

static bool declined(const struct rules_world *world, uint64_t id)
{
    for (size_t i = 0; i < world->own.is.offer_count; i++)
        if (world->own.is.offers[i].service_id == id) return world->own.is.offers[i].declined;
    return false;
}

static enum ruling_word by_age(const struct rule_question *question, fig_rule_type type, uint32_t limit)
{
    const struct client_profile *client = profile_of(question);
    if (limit == 0) return PASSES;
    if (client == NULL || client->born_day == FIG_NO_DAY || question->opening->zone == NULL) return FAILS;
    int64_t years = years_on(client->born_day, date(question, question->start_s));
    return word(type == FIG_RULE_MIN_AGE ? years < limit : years > limit);
}

static bool lacks_required(const struct rules_world *world, const struct rule_question *question,
                           const fig_service *service)
{
    for (size_t i = 0; i < service->required_count; i++)
        if (found(world, question, FIG_RULE_REQUIRED_SERVICE, service, service->required[i]) == 0) return true;
    return false;
}

static enum ruling_word by_history(const struct rules_world *world, const struct rule_question *question,
                                   fig_rule_type type, const fig_service *service)
{
    bool known = question->client_id != 0, dated = known && question->opening->zone != NULL;
    size_t count = known ? found(world, question, type, service, 0) : 0;
    switch ((int)type) {
    case FIG_RULE_CONSULTATION: return !service->consultation ? PASSES : !known ? FAILS : word(count == 0);
    case FIG_RULE_PATCH_TEST: return service->patch_test_s == 0 ? PASSES : !known ? FAILS : word(count == 0);
    case FIG_RULE_MAX_PER_DAY:
        return service->max_per_day == 0 ? PASSES : !dated ? FAILS : word(count + 1 > service->max_per_day);
    case FIG_RULE_MIN_DAYS_BETWEEN: return service->min_days_between == 0 ? PASSES : !dated ? FAILS : word(count > 0);
    case FIG_RULE_INCOMPATIBLE_SERVICE:
        return service->incompatible_count == 0 ? PASSES : !dated ? FAILS : word(count > 0);
    }
    return service->required_count == 0 ? PASSES : !known ? FAILS : word(lacks_required(world, question, service));
}

static enum ruling_word by_service(const struct rules_world *world, const struct rule_question *question,
                                   fig_rule_type type)
{
    const struct service *declared = version_service(question->version, question->service_id);
    if (type == FIG_RULE_NOT_OFFERED) return word(declined(world, question->service_id));
    if (declared == NULL) return PASSES;
    const fig_service *service = &declared->is;
    switch ((int)type) {
    case FIG_RULE_SERVICE_INACTIVE: return word(!service->active);
    case FIG_RULE_SERVICE_MIN_ADVANCE: return is_early(question, service->min_advance_s);
    case FIG_RULE_SERVICE_MAX_ADVANCE: return is_far(question, service->max_advance_days);
    case FIG_RULE_MIN_AGE: return by_age(question, type, service->min_age);
    case FIG_RULE_MAX_AGE: return by_age(question, type, service->max_age);
    case FIG_RULE_BLOCKED_DAY:
        if (service->blocked_days == 0) return PASSES;
        if (question->opening->zone == NULL) return FAILS;
        return word((service->blocked_days & 1 << civil_weekday(date(question, question->start_s))) != 0);
    }
    return by_history(world, question, type, service);
}

static enum ruling_word by_definition(const struct rules_world *world, const struct rule_question *question,
                                      fig_rule_type type)
{
    if (type <= FIG_RULE_CLIENT_OVERLAP) return by_declared(world, question, type);
    if (type <= FIG_RULE_CUTOFF) return by_shop(world, question, type);
    return type < FIG_RULE_CLIENT_BLOCKED ? by_service(world, question, type) : by_client(question, type);
}

/* ------------------------------------------------------------------ worlds */

static uint32_t clock(void) { return QUARTER * below(97); }

static void draw_cut(fig_cut *cut)
{
    int32_t day = (int32_t)(base_s / DAY_S) + (int32_t)below(9) - 4;
    *cut = (fig_cut){.kind = FIG_CUT_BLACKOUT, .yearly = chance(30), .whole_days = chance(50)};
    cut->from_day = day;
    cut->to_day = day + (int32_t)below(4);
    if (cut->yearly && chance(20)) cut->from_day = ruled_day(2024, 2, 29);
    if (cut->yearly && chance(20)) cut->to_day = ruled_day(2024, 2, 29);
    cut->start_s = clock();
    cut->end_s = clock();
    if (chance(15)) cut->state = FIG_CUT_REQUESTED;
}

static void draw_weekly(fig_weekly weekly[LIST])
{
    for (int i = 0; i < LIST; i++) weekly[i] = (fig_weekly){0, clock(), clock()};
    if (chance(40)) weekly[0] = (fig_weekly){0, 0, 0};
    if (chance(30)) weekly[1].start_s = weekly[0].end_s % 86400;
    uint8_t day = (uint8_t)below(7);
    for (int i = 0; i < LIST && day < 7; i++, day = (uint8_t)(day + below(2))) weekly[i].weekday = day > 6 ? 6 : day;
    for (int i = 1; i < LIST; i++)
        if (weekly[i].weekday < weekly[i - 1].weekday) weekly[i].weekday = 6;
}

static void draw_scope(fig_rule *is, struct lists *into)
{
    is->scope = (fig_scope)below(5);
    uint64_t first = is->scope == FIG_SCOPE_SERVICE ? WORLD_SERVICE - 1 : is->scope == FIG_SCOPE_SHOP ? 2 : 6;
    is->ids = into->ids;
    for (uint64_t id = first; id < first + LIST; id++)
        if (chance(70)) into->ids[is->id_count++] = id;
    is->client_types = into->types;
    is->client_type_count = CLIENT_TYPES;
    support_format(into->types[0], sizeof into->types[0], "new");
    support_format(into->types[1], sizeof into->types[1], chance(50) ? "vip" : "returning");
}

static void draw_rule(struct rules_world *world, size_t n)
{
    struct lists *into = &lists[n];
    fig_rule is = {.type = (fig_rule_type)(1 + below(FIG_RULE_CLIENT_OVERLAP)), .priority = (int32_t)below(3) - 1};
    draw_scope(&is, into);
    is.limit_s = QUARTER * below(is.type == FIG_RULE_MIN_ADVANCE ? 200 : 12);
    is.limit_days = below(5);
    is.clock_s = chance(10) ? FIG_NO_CUTOFF : clock();
    is.cuts = into->cuts;
    is.cut_count = below(LIST + 1);
    for (int i = 0; i < LIST; i++) draw_cut(&into->cuts[i]);
    is.weekly = into->weekly;
    is.weekly_count = below(LIST + 1);
    draw_weekly(into->weekly);
    rules[n] = ruled_rule(world, n + 1, is);
    rules[n]->is.active = chance(90);
}

static void draw_service(struct rules_world *world, uint64_t id)
{
    fig_service is = {.kind = (fig_service_kind)below(3), .consultation = chance(30)};
    if (chance(30)) is.min_advance_s = QUARTER * below(200);
    if (chance(30)) is.max_advance_days = below(4);
    if (chance(30)) is.min_age = 18;
    if (chance(30)) is.max_age = 17 + below(3);
    if (chance(30)) is.patch_test_s = QUARTER * below(200);
    if (chance(30)) is.max_per_day = 1 + below(3);
    if (chance(30)) is.min_days_between = below(4);
    if (chance(30)) is.blocked_days = (uint8_t)below(128);
    if (id == WORLD_SERVICE) {
        is.required = service_ids[0];
        is.required_count = chance(30) ? 1 + below(2) : 0;
        is.incompatible = service_ids[1];
        is.incompatible_count = chance(40) ? 1 + below(LIST) : 0;
    }
    ruled_service(world, id, is)->is.active = chance(90);
}

static void draw_history(struct rules_world *world)
{
    for (uint32_t i = below(HISTORY); i > 0; i--) {
        uint64_t client = chance(80) ? WORLD_CLIENT : WORLD_CLIENT + 1;
        fig_appointment_status status = chance(40) ? FIG_COMPLETED : (fig_appointment_status)(1 + below(8));
        ruled_appointment(world, client, WORLD_SERVICE + below(5), quarter_near(96 * 4), QUARTER * (1 + below(20)),
                          status);
    }
    for (size_t i = 0; i < world->appointment_count; i++)
        if (chance(20) && world->draft_count < 8) {
            struct draft *draft = ruled_draft(world, i + 1);
            draft->fixed.start_s = quarter_near(96 * 4);
            draft->fixed.status = (uint8_t)(1 + below(8));
            draft->fixed.expires_s = world->now_s + (int64_t)below(3) - 1;
        }
    for (uint32_t i = chance(40) ? below(4) : 0; i > 0; i--) {
        struct draft *draft = ruled_draft(world, 0);
        draft->fixed.client_id = WORLD_CLIENT + below(2);
        draft->fixed.service_id = WORLD_SERVICE + below(5);
        draft->fixed.start_s = quarter_near(96 * 4);
        draft->fixed.duration_s = QUARTER * (1 + below(20));
    }
}

static void draw_shop(struct rules_world *world)
{
    fig_schedule *is = &world->shops.is;
    world->shop->past = chance(30) ? FIG_PAST_REFUSE : FIG_PAST_ALLOW;
    if (chance(30)) is->lead_s = QUARTER * below(200);
    if (chance(30)) is->horizon_days = below(4);
    if (chance(30)) is->same_day = false;
    if (chance(40)) is->cutoff_s = clock();
    if (chance(50)) is->rule_errors = FIG_RULE_ERRORS_REJECT;
    if (chance(10)) world->opening.zone = NULL;
    world->own.is.offers = offers;
    world->own.is.offer_count = LIST;
    for (uint32_t i = 0; i < LIST; i++)
        offers[i] = (fig_offer){.service_id = WORLD_SERVICE - 1 + i, .declined = chance(20)};
}

static void draw_client(struct rules_world *world)
{
    static const char *const types[] = {"new", "vip", "returning", ""};
    world->client_id = chance(10) ? 0 : WORLD_CLIENT;
    if (chance(20)) return;
    int32_t today = (int32_t)(base_s / DAY_S);
    struct civil_date date_then = civil_date_of(today + (int32_t)below(7) - 3);
    date_then.year -= 18;
    if (!civil_date_is_valid(date_then)) date_then.day = 28;
    int32_t born = chance(20) ? FIG_NO_DAY : (int32_t)civil_days(date_then);
    if (chance(10)) born = ruled_day(2008, 2, 29);
    ruled_client(world, WORLD_CLIENT, born, chance(30) ? below(8) : 0, types[below(4)]);
}

static struct rules_world *draw_world(void)
{
    static const struct {
        const char *zone;
        int year, month, day;
    } places[] = {
        {"America/New_York", 2026, 3, 8},    {"America/New_York", 2026, 11, 1},  {"Europe/Madrid", 2026, 10, 25},
        {"America/St_Johns", 2006, 10, 29},  {"America/St_Johns", 2006, 4, 2},   {"Pacific/Apia", 2011, 12, 30},
        {"Australia/Lord_Howe", 2026, 4, 5}, {"America/Sao_Paulo", 2018, 11, 4}, {"America/Sao_Paulo", 2018, 2, 18},
        {"Asia/Tokyo", 2026, 12, 31},        {"Asia/Kathmandu", 2026, 3, 1},     {"UTC", 2028, 2, 29}};
    size_t at = below(sizeof places / sizeof *places);
    struct rules_world *world = ruled_make(places[at].zone);
    base_s = ruled_day(places[at].year, places[at].month, places[at].day) * DAY_S;
    world->now_s = base_s + support_between(&dice, -3 * DAY_S, 3 * DAY_S);
    rule_count = below(RULES + 1);
    for (int i = 0; i < 2; i++)
        for (uint64_t n = 0; n < LIST; n++) service_ids[i][n] = WORLD_SERVICE + 1 + n;
    draw_shop(world);
    for (size_t i = 0; i < rule_count; i++) draw_rule(world, i);
    for (uint64_t id = WORLD_SERVICE; id < WORLD_SERVICE + 4; id++)
        if (chance(85)) draw_service(world, id);
    draw_client(world);
    draw_history(world);
    return world;
}

/* ------------------------------------------------------------------ the comparison */

static enum ruling_word told(const struct broken_rules *broken, fig_rule_type type)
{
    for (size_t i = 0; i < broken->count; i++)
        if (broken->list[i].type == type) return broken->list[i].failed ? FAILS : BREAKS;
    return PASSES;
}

static void must_break_at(const struct rules_world *world, const struct rule_question *question,
                          const struct broken_rule *rule, int64_t start_s)
{
    struct rule_question other = *question;
    struct broken_rules broken;
    if (start_s < FIG_TIME_MIN || start_s > FIG_TIME_MAX - DAY_S * 4) return;
    other.start_s = start_s;
    other.end_s = start_s + (question->end_s - question->start_s);
    rules_judge(&other, &broken);
    enum ruling_word expected = rule->failed ? FAILS : BREAKS;
    MUST(told(&broken, rule->type) == expected, rule->type);
    if (start_s % QUARTER == 0) MUST(by_definition(world, &other, rule->type) == expected, rule->type);
}

static void check_span(const struct rules_world *world, const struct rule_question *question,
                       const struct broken_rule *rule)
{
    MUST(rule->from_s <= question->start_s && question->start_s < rule->until_s, rule->type);
    int64_t from_s = rule->from_s > base_s - 9 * DAY_S ? rule->from_s : base_s - 9 * DAY_S;
    int64_t until_s = rule->until_s < base_s + 9 * DAY_S ? rule->until_s : base_s + 9 * DAY_S;
    if (until_s <= from_s) return;
    for (int i = 0; i < 4; i++) { /* the ends, near them, anywhere; and the quarters below */
        int64_t near_s = i == 0 ? 0 : support_between(&dice, 0, 2 * HOUR_S), length_s = until_s - from_s;
        if (near_s >= length_s) near_s = length_s - 1;
        int64_t sampled_s[] = {from_s + near_s, until_s - 1 - near_s, support_between(&dice, from_s, until_s - 1)};
        for (int n = 0; n < 3; n++) {
            must_break_at(world, question, rule, sampled_s[n]);
            if (sampled_s[n] - sampled_s[n] % QUARTER >= from_s)
                must_break_at(world, question, rule, sampled_s[n] - sampled_s[n] % QUARTER);
        }
    }
}

static unsigned seen[TYPES_END][3];

static void compare(const struct rules_world *world, const struct rule_question *question)
{
    struct broken_rules broken;
    struct broken_rule first;
    bool refused = false, rejects = world->shops.is.rule_errors == FIG_RULE_ERRORS_REJECT;
    rules_judge(question, &broken);
    for (int type = 1; type < TYPES_END; type++) {
        if (fig_rule_type_name((fig_rule_type)type) == NULL) continue;
        enum ruling_word expected = by_definition(world, question, (fig_rule_type)type);
        MUST(told(&broken, (fig_rule_type)type) == expected, (fig_rule_type)type);
        refused |= expected == BREAKS || (expected == FAILS && rejects);
        seen[type][expected]++;
    }
    for (size_t i = 0; i < broken.count; i++) {
        const struct broken_rule *rule = &broken.list[i];
        MUST(rule->type > FIG_RULE_CLIENT_OVERLAP || rule->rule == rule_of(question, rule->type), rule->type);
        check_span(world, question, rule);
    }
    MUST(broken.refused == refused && rules_pass(question, &first) == !refused, FIG_RULE_PAST);
    if (refused) MUST(told(&broken, first.type) == (first.failed ? FAILS : BREAKS), first.type);
}

static void run(uint64_t with_seed)
{
    seed = with_seed;
    dice = support_random_from(seed);
    struct rules_world *world = draw_world();
    for (int i = 0; i < 25; i++) {
        world->service_id = chance(80) ? WORLD_SERVICE : WORLD_SERVICE + below(6) - 1;
        world->ignore_id = chance(20) ? 1 + below(HISTORY) : 0;
        int64_t length_s = QUARTER * (1 + below(chance(15) ? 300 : 16));
        struct rule_question question = ruled_question(world, quarter_near(96 * 5), length_s);
        compare(world, &question);
    }
    ruled_free(world);
}

/* Of a thousand worlds and more, every rule was seen to pass and to break: else the worlds prove nothing. */
static void expect_all_seen(void)
{
    for (int type = 1; type < TYPES_END; type++) {
        if (fig_rule_type_name((fig_rule_type)type) == NULL) continue;
        cr_expect(seen[type][PASSES] > 100 && seen[type][BREAKS] > 100, "%s: %u passed, %u broke",
                  fig_rule_type_name((fig_rule_type)type), seen[type][PASSES], seen[type][BREAKS]);
    }
}

Test(rules_oracle, judges_as_the_definitions_say)
{
    struct support_seeds seeds = support_seeds_of(0, 1);
    for (uint64_t at = seeds.first; at < seeds.end; at++) run(at);
    if (seeds.end - seeds.first >= 1000) expect_all_seen();
}
