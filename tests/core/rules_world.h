/* A version made by hand, for the tests of rules: one barber of one shop, with documents and a history as a test wants
 * them. Lists are borrowed: they must outlive the world. */
#ifndef FIG_TESTS_CORE_RULES_WORLD_H
#define FIG_TESTS_CORE_RULES_WORLD_H

#include "engine/core/decide.h"
#include "engine/core/rules.h"

#define HOUR_S INT64_C(3600)
#define DAY_S  INT64_C(86400)

enum { WORLD_BARBER = 7, WORLD_SHOP = 3, WORLD_CLIENT = 50, WORLD_SERVICE = 20, WORLD_APPOINTMENTS_MAX = 256 };

struct rules_world {
    struct nodes *nodes;
    struct version version;
    struct shop *shop;
    struct barber_profile *profile;
    struct barber barber;
    struct schedule own;
    struct schedule shops;
    struct opening opening; /* of the barber, with both schedules */
    struct zone *zone;
    struct appointment *appointments[WORLD_APPOINTMENTS_MAX]; /* by id - 1 */
    size_t appointment_count;
    struct draft drafts[16];
    size_t draft_count;
    int64_t now_s;
    uint64_t client_id; /* that asks; WORLD_CLIENT at first */
    uint64_t service_id;
    uint64_t ignore_id;
};

/* An empty world in a zone of the system, "UTC" included; now is 2026-06-10T12:00:00Z, a Wednesday. */
struct rules_world *ruled_make(const char *zone_name);
void ruled_free(struct rules_world *world);

/* Documents, kept as they are given, but active. */
struct rule *ruled_rule(struct rules_world *world, uint64_t id, fig_rule is);
struct service *ruled_service(struct rules_world *world, uint64_t id, fig_service is);
void ruled_client(struct rules_world *world, uint64_t id, int32_t born_day, uint32_t flags, const char *type);

/* An appointment of the client (0: of none), in the client's tree; its id. */
uint64_t ruled_appointment(struct rules_world *world, uint64_t client_id, uint64_t service_id, int64_t start_s,
                           int64_t duration_s, fig_appointment_status status);
/* A draft of one that is there, or a new one of WORLD_CLIENT when id is 0. */
struct draft *ruled_draft(struct rules_world *world, uint64_t id);

struct rule_question ruled_question(const struct rules_world *world, int64_t start_s, int64_t duration_s);

/* The instant of a date and clock in the world's zone. */
int64_t ruled_at(const struct rules_world *world, int year, int month, int day, int hour, int minute);
int32_t ruled_day(int year, int month, int day);

#endif
