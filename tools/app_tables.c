#include "tools/app_tables.h"

#include "tools/app_setup.h"
#include "tools/setup_file.h"
#include "tools/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- values ---- */

/* What is no UTF-8 becomes what no field takes. */
static void put_text(json_t *object, const char *field, const char *text)
{
    json_t *value = text != NULL ? json_string(text) : NULL;
    if (text != NULL) json_object_set_new(object, field, value != NULL ? value : json_true());
}

/* A number as such; anything else as the text that it is, so that it is judged where the field is read. */
static void put_number(json_t *object, const char *field, const char *text)
{
    reason ignored;
    uint64_t number;
    if (text == NULL) return;
    if (text_number(text, 0, INT64_MAX, &number, &ignored))
        json_object_set_new(object, field, json_integer((json_int_t)number));
    else
        put_text(object, field, text);
}

static bool is_true(const char *text, bool otherwise)
{
    if (text == NULL) return otherwise;
    return strcmp(text, "0") != 0 && strcmp(text, "false") != 0 && strcmp(text, "False") != 0;
}

/* "09:00:00.000000" without its fraction. */
static void put_clock(json_t *object, const char *field, const char *text)
{
    char clock[16];
    if (text == NULL) return;
    snprintf(clock, sizeof clock, "%.*s", (int)strcspn(text, "."), text);
    put_text(object, field, clock);
}

/* "2026-03-02" of a date, also of one with a time. */
static void put_date(json_t *object, const char *field, const char *text)
{
    char date[16];
    if (text == NULL) return;
    snprintf(date, sizeof date, "%.*s", (int)strcspn(text, "T "), text);
    put_text(object, field, date);
}

/* A value that is kept as JSON. */
static json_t *load_json(const char *text) { return text == NULL ? NULL : json_loads(text, JSON_DECODE_ANY, NULL); }

static void put_json(json_t *object, const char *field, const char *text)
{
    json_t *value = load_json(text);
    if (value != NULL)
        json_object_set_new(object, field, value);
    else
        put_text(object, field, text);
}

bool app_read_id(const char *text, const char *column, uint64_t *id, reason *why)
{
    if (text == NULL) return reason_set(why, "%s: is null", column);
    return text_number(text, 1, INT64_MAX, id, why) || reason_prefix(why, "%s: ", column);
}

/* Takes a name, made another one by the id where an earlier row has it. */
static void put_name(json_t *object, names *taken, const char *name, const char *what, int64_t id)
{
    char unique[2 * FIG_NAME_MAX];
    bool given = name != NULL && *name != '\0';
    if (given && !names_has(taken, name))
        snprintf(unique, sizeof unique, "%.*s", FIG_NAME_MAX, name);
    else if (given)
        snprintf(unique, sizeof unique, "%.100s (%" PRId64 ")", name, id);
    else
        snprintf(unique, sizeof unique, "%s %" PRId64, what, id);
    put_text(object, "name", unique);
    names_add(taken, unique); /* without memory, a name that is taken is found when all is declared */
}

/* ---- judging ---- */

/* Whether an object can be read as what a list of a setup file holds. The object stays the caller's. */
static bool judge(const char *list, json_t *object, reason *why)
{
    setup_file setup;
    json_t *root = json_pack("{s: [O]}", list, object);
    char *text = root != NULL ? json_dumps(root, JSON_COMPACT) : NULL;
    bool good = text != NULL ? setup_file_parse("", text, strlen(text), &setup, why)
                             : reason_set(why, "holds what is no UTF-8 text");
    if (good && setup.shop_count > 0 && (setup.shops[0].shop.fields & FIG_SHOP_ZONE) != 0) {
        local_zone zone;
        good = local_zone_open(setup.shops[0].shop.zone, &zone, why);
        local_zone_close(&zone);
        if (!good) setup_file_free(&setup);
    }
    if (good) setup_file_free(&setup);
    free(text);
    json_decref(root);
    if (good) return true;
    /* ": barbers[0].hours[1].start: ..." without what the row has nothing to do with */
    char *from = why->text + strspn(why->text, ": "), *colon = strstr(from, ": ");
    for (char *at = from; colon != NULL && at < colon; at++)
        if (at[0] == ']' && at[1] == '.') from = at + 2;
    memmove(why->text, from, strlen(from) + 1);
    return false;
}

/* Adds an object to a list when it can be read. Takes the object. */
static bool add(json_t *to, const char *list, json_t *object, reason *why)
{
    bool good = judge(list, object, why);
    if (good) json_array_append(to, object);
    json_decref(object);
    return good;
}

json_t *app_barber_of(struct app_reading *at, uint64_t id)
{
    char key[24], name[40];
    fig_view view = session_view(at->at);
    fig_barber stored = fig_barber_default();
    snprintf(key, sizeof key, "%" PRIu64, id);
    json_t *barber = json_object_get(at->barbers, key);
    if (barber != NULL) return barber;
    barber = json_object();
    json_object_set_new(barber, "id", json_integer((json_int_t)id));
    snprintf(name, sizeof name, "Barber %" PRIu64, id);
    bool known = fig_get_barber(at->at->engine, &view, id, &stored) == FIG_OK;
    if (!known) put_text(barber, "name", name);
    json_object_set_new(at->barbers, key, barber);
    return barber;
}

/* Whether a list of a barber can be read with one more element: what is said twice is the later row's fault. */
static bool judge_list(const char *list, const json_t *has, json_t *element, reason *why)
{
    json_t *longer = has != NULL ? json_copy((json_t *)has) : json_array();
    json_array_append(longer, element);
    json_t *alone = json_pack("{s:i, s:o}", "id", 1, list, longer);
    bool good = judge("barbers", alone, why);
    json_decref(alone);
    return good;
}

/* Adds an element to a list of a barber when it can be read. Takes the element. */
static bool add_to_barber(struct app_reading *at, const char *barber_id, const char *list, json_t *element, reason *why)
{
    uint64_t id = 0;
    bool good = app_read_id(barber_id, "barber_id", &id, why);
    const char *table = app_barber_table(at->app);
    if (good && table != NULL && !app_has_id(at->app, table, (int64_t)id))
        good = reason_set(why, "barber_id: %s has no row %" PRIu64, table, id);
    json_t *barber = good ? app_barber_of(at, id) : NULL, *has = json_object_get(barber, list);
    if (good && json_array_size(has) >= FIG_LIST_MAX)
        good = reason_set(why, "barber_id: barber %" PRIu64 " has %d of them already; no more are taken", id,
                          FIG_LIST_MAX);
    good = good && judge_list(list, has, element, why);
    if (good && has == NULL) json_object_set_new(barber, list, has = json_array());
    if (good) json_array_append(has, element);
    json_decref(element);
    return good;
}

/* ---- tables ---- */

static bool take_settings(struct app_reading *at, app_rows *row, reason *why)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    if (json_array_size(at->shops) > 0) return reason_set(why, "the shop has its settings already from an earlier row");
    json_t *shop = json_pack("{s:i}", "id", 1), *hours = json_array();
    const char *start = app_text(row, 5), *end = app_text(row, 6);
    put_text(shop, "zone", app_text(row, 0));
    put_number(shop, "lead_minutes", app_text(row, 1));
    put_number(shop, "horizon_days", app_text(row, 2));
    put_clock(shop, "same_day_cutoff", app_text(row, 3));
    put_number(shop, "grid_minutes", app_text(row, 4));
    json_object_set_new(shop, "same_day", json_boolean(is_true(app_text(row, 7), true)));
    for (size_t i = 0; start != NULL && end != NULL && i < 7; i++) {
        json_t *window = json_pack("{s:s}", "day", days[i]);
        put_clock(window, "start", start);
        put_clock(window, "end", end);
        json_array_append_new(hours, window);
    }
    if (json_array_size(hours) > 0) json_object_set_new(shop, "clip_to_hours", json_true());
    if (json_array_size(hours) > 0) json_object_set(shop, "hours", hours);
    json_decref(hours);
    return add(at->shops, "shops", shop, why);
}

static bool take_service(struct app_reading *at, app_rows *row, reason *why)
{
    char key[24];
    if (!app_check_id(row, why)) return reason_prefix(why, "id: ");
    snprintf(key, sizeof key, "%" PRId64, app_id(row));
    if (json_object_get(at->by_service, key) != NULL) return reason_set(why, "id: an earlier row has it");
    json_t *service = json_pack("{s:I}", "id", (json_int_t)app_id(row));
    put_name(service, &at->service_names, app_text(row, 0), "Service", app_id(row));
    put_number(service, "minutes", app_text(row, 1));
    put_number(service, "buffer_after_minutes", app_text(row, 2));
    put_number(service, "max_advance_days", app_text(row, 3));
    put_number(service, "min_advance_hours", app_text(row, 4));
    json_object_set_new(service, "active", json_boolean(is_true(app_text(row, 5), true)));
    if (!add(at->services, "services", service, why)) return false;
    json_object_set(at->by_service, key, json_array_get(at->services, json_array_size(at->services) - 1));
    return true;
}

/* The service of a row, which must be one of the file's. */
static json_t *service_of(struct app_reading *at, const char *text, reason *why)
{
    uint64_t id = 0;
    char key[24];
    if (!app_read_id(text, "service_id", &id, why)) return NULL;
    snprintf(key, sizeof key, "%" PRIu64, id);
    json_t *service = json_object_get(at->by_service, key);
    if (service == NULL) reason_set(why, "service_id: services has no row %" PRIu64 " that could be taken", id);
    return service;
}

static bool take_offer(struct app_reading *at, app_rows *row, reason *why)
{
    json_t *service = service_of(at, app_text(row, 1), why);
    if (service == NULL) return false;
    json_t *offer = json_object();
    json_object_set(offer, "id", json_object_get(service, "id"));
    put_number(offer, "minutes", app_text(row, 2));
    json_object_set_new(offer, "active", json_boolean(is_true(app_text(row, 3), true)));
    return add_to_barber(at, app_text(row, 0), "services", offer, why);
}

/* A list of days of the week, as names or as numbers from 0, Monday, in the words of a setup file. */
static json_t *days_of(const char *text)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    json_t *given = load_json(text), *list = json_array(), *day;
    size_t i;
    json_array_foreach(given, i, day)
    {
        char word[4] = "";
        bool number = json_is_integer(day) && json_integer_value(day) >= 0 && json_integer_value(day) < 7;
        if (json_is_string(day)) snprintf(word, sizeof word, "%.3s", json_string_value(day));
        for (char *c = word; *c != '\0'; c++)
            if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
        if (number) snprintf(word, sizeof word, "%s", days[json_integer_value(day)]);
        json_array_append_new(list, json_string(word));
    }
    json_decref(given);
    return list;
}

/* Lists of services tell them by their numbers. */
static bool check_numbers(const json_t *rules, const char *field, reason *why)
{
    size_t i;
    json_t *id;
    json_array_foreach(json_object_get(rules, field), i, id)
    {
        if (!json_is_integer(id)) return reason_set(why, "%s: must be a list of ids", field);
    }
    return true;
}

static json_t *service_rules(app_rows *row)
{
    json_t *rules = json_object();
    put_number(rules, "min_age", app_text(row, 1));
    put_number(rules, "max_age", app_text(row, 2));
    json_object_set_new(rules, "consultation", json_boolean(is_true(app_text(row, 3), false)));
    if (is_true(app_text(row, 4), false))
        put_number(rules, "patch_test_hours", app_text(row, 5) != NULL ? app_text(row, 5) : "48");
    put_number(rules, "max_per_day", app_text(row, 6));
    put_number(rules, "min_days_between", app_text(row, 7));
    if (app_text(row, 8) != NULL) json_object_set_new(rules, "blocked_days", days_of(app_text(row, 8)));
    put_json(rules, "requires", app_text(row, 9));
    put_json(rules, "incompatible", app_text(row, 10));
    return rules;
}

static bool take_service_rules(struct app_reading *at, app_rows *row, reason *why)
{
    json_t *service = service_of(at, app_text(row, 0), why);
    if (service == NULL) return false;
    if (!is_true(app_text(row, 11), true)) return reason_set(why, "is_active: is not active");
    if (json_object_get(service, "rules") != NULL)
        return reason_set(why, "service_id: an earlier row has the rules of this service");
    json_t *tried = json_copy(service), *rules = service_rules(row);
    json_object_set(tried, "rules", rules);
    bool good = judge("services", tried, why) && check_numbers(rules, "requires", why) &&
                check_numbers(rules, "incompatible", why);
    if (good) json_object_set(service, "rules", rules);
    json_decref(rules);
    json_decref(tried);
    return good;
}

static bool take_client(struct app_reading *at, app_rows *row, reason *why)
{
    char name[4 * FIG_NAME_MAX] = "", key[24];
    const char *first = app_text(row, 0), *last = app_text(row, 1), *whole = app_text(row, 2);
    if (!app_check_id(row, why)) return reason_prefix(why, "id: ");
    snprintf(key, sizeof key, "%" PRId64, app_id(row));
    if (names_has(&at->client_ids, key)) return reason_set(why, "id: an earlier row has it");
    if (!names_add(&at->client_ids, key)) return reason_set(why, "out of memory");
    json_t *client = json_pack("{s:I}", "id", (json_int_t)app_id(row));
    snprintf(name, sizeof name, "%.250s%s%.250s", first != NULL ? first : "", first != NULL && last != NULL ? " " : "",
             last != NULL ? last : "");
    if (name[0] == '\0' && whole != NULL) snprintf(name, sizeof name, "%.400s", whole);
    if (name[0] != '\0') put_text(client, "name", name);
    put_date(client, "born", app_text(row, 3));
    put_text(client, "type", app_text(row, 4));
    put_text(client, "status", app_text(row, 5));
    return add(at->clients, "clients", client, why);
}

static bool take_hours(struct app_reading *at, app_rows *row, reason *why)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    uint64_t day = 0;
    const char *text = app_text(row, 1);
    if (!is_true(app_text(row, 4), true)) return reason_set(why, "is_active: is not active");
    if (text == NULL) return reason_set(why, "day_of_week: is null");
    if (!text_number(text, 0, 6, &day, why)) return reason_prefix(why, "day_of_week: ");
    json_t *window = json_pack("{s:s}", "day", days[day]);
    put_clock(window, "start", app_text(row, 2));
    put_clock(window, "end", app_text(row, 3));
    return add_to_barber(at, app_text(row, 0), "hours", window, why);
}

static bool take_time_off(struct app_reading *at, app_rows *row, reason *why)
{
    json_t *off = json_object();
    put_date(off, "from", app_text(row, 1));
    put_date(off, "to", app_text(row, 2));
    put_clock(off, "start", app_text(row, 3));
    put_clock(off, "end", app_text(row, 4));
    put_text(off, "status", app_text(row, 5));
    return add_to_barber(at, app_text(row, 0), "time_off", off, why);
}

/* A day without times is meant whole: from midnight to the next. */
static bool take_special(struct app_reading *at, app_rows *row, reason *why)
{
    json_t *special = json_object();
    const char *start = app_text(row, 2), *end = app_text(row, 3);
    bool whole = start == NULL && end == NULL;
    put_date(special, "date", app_text(row, 1));
    put_clock(special, "start", whole ? "00:00" : start);
    put_clock(special, "end", whole ? "00:00" : end);
    put_text(special, "kind", app_text(row, 4));
    return add_to_barber(at, app_text(row, 0), "special", special, why);
}

/* Whom a rule is for. A rule for a barber or a service that the file does not have is for nobody. */
static bool check_ids(struct app_reading *at, const char *scope, const json_t *ids, reason *why)
{
    size_t i;
    json_t *id;
    bool barbers = strcmp(scope, "barber") == 0, services = strcmp(scope, "service") == 0;
    json_array_foreach((json_t *)ids, i, id)
    {
        char key[24];
        snprintf(key, sizeof key, "%" JSON_INTEGER_FORMAT, json_integer_value(id));
        if (barbers && json_object_get(at->barbers, key) == NULL)
            return reason_set(why, "barber_ids: nobody is barber %s", key);
        if (services && json_object_get(at->by_service, key) == NULL)
            return reason_set(why, "service_ids: services has no row %s that could be taken", key);
    }
    return true;
}

static bool take_rule(struct app_reading *at, app_rows *row, reason *why)
{
    static const char *const scopes[] = {"service", "barber", "client_type"};
    const char *scope = app_text(row, 3);
    if (app_text(row, 1) == NULL) return reason_set(why, "rule_type: is null");
    json_t *rule = json_object();
    if (scope == NULL) scope = "all";
    put_name(rule, &at->rule_names, app_text(row, 0), "Rule", app_id(row));
    put_text(rule, "type", app_text(row, 1));
    put_json(rule, "params", app_text(row, 2));
    put_text(rule, "applies_to", scope);
    for (size_t i = 0; i < 3; i++)
        if (strcmp(scope, scopes[i]) == 0) put_json(rule, "ids", app_text(row, 4 + i));
    put_json(rule, "priority", app_text(row, 7));
    json_object_set_new(rule, "active", json_boolean(is_true(app_text(row, 8), true)));
    if (check_ids(at, scope, json_object_get(rule, "ids"), why)) return add(at->rules, "rules", rule, why);
    json_decref(rule);
    return false;
}

void app_name_barber(struct app_reading *at, app_rows *row, bool all)
{
    char key[24], name[4 * FIG_NAME_MAX] = "";
    const char *whole = app_text(row, 0), *first = app_text(row, 1), *last = app_text(row, 2);
    reason ignored;
    snprintf(key, sizeof key, "%" PRId64, app_id(row));
    json_t *barber = json_object_get(at->barbers, key);
    if (barber == NULL && all && app_id(row) > 0) barber = app_barber_of(at, (uint64_t)app_id(row));
    if (barber == NULL) return;
    snprintf(name, sizeof name, "%.250s%s%.250s", first != NULL ? first : "", first != NULL && last != NULL ? " " : "",
             last != NULL ? last : "");
    json_t *tried = json_pack("{s:i}", "id", 1);
    put_text(tried, "name", whole != NULL && *whole != '\0' ? whole : name);
    if (judge("barbers", tried, &ignored)) json_object_set(barber, "name", json_object_get(tried, "name"));
    json_decref(tried);
}

const struct app_table app_tables[APP_TABLES] = {
    {"booking_settings",
     take_settings,
     {"timezone|business_timezone|time_zone", "min_lead_time_minutes", "max_advance_days", "same_day_cutoff_time",
      "slot_duration_minutes", "business_start_time|business_hours_start|opening_time",
      "business_end_time|business_hours_end|closing_time", "allow_same_day_booking"}},
    {"services",
     take_service,
     {"name|service_name", "duration_minutes", "buffer_time_minutes", "max_advance_booking_days",
      "min_advance_booking_hours", "is_active"}},
    {"clients", take_client, {"first_name", "last_name", "name|full_name", "date_of_birth", "customer_type", "status"}},
    {"barber_availability", take_hours, {"barber_id", "day_of_week", "start_time", "end_time", "is_active"}},
    {"barber_time_off", take_time_off, {"barber_id", "start_date", "end_date", "start_time", "end_time", "status"}},
    {"barber_special_availability", take_special, {"barber_id", "date", "start_time", "end_time", "availability_type"}},
    {"barber_services",
     take_offer,
     {"barber_id", "service_id", "custom_duration|custom_duration_minutes", "is_available"}},
    {"service_booking_rules",
     take_service_rules,
     {"service_id", "min_age", "max_age", "requires_consultation", "requires_patch_test", "patch_test_hours_before",
      "max_bookings_per_day", "min_days_between_bookings", "blocked_days_of_week", "required_service_ids",
      "incompatible_service_ids", "is_active"}},
    {"booking_rules",
     take_rule,
     {"rule_name", "rule_type", "rule_params", "applies_to", "service_ids", "barber_ids", "client_types", "priority",
      "is_active"}},
};
