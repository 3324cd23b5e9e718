/* The client's age in full years on the date of the start. Who was born on 29 February has the birthday on 1 March in
 * common years. */
#include "engine/core/ruling.h"

/* Birthdays beyond are no dates that civil time knows: about 900,000 years. */
#define BORN_DAY_BOUND 328500000

static int64_t age_on(int64_t day, int64_t born_day)
{
    struct civil_date date = civil_date_of(day), born = civil_date_of(born_day);
    bool had_birthday = date.month > born.month || (date.month == born.month && date.day >= born.day);
    return (int64_t)date.year - born.year - !had_birthday;
}

/* The day on which one is so many years old; the end of time when it is beyond. */
static int64_t birthday(int64_t born_day, uint32_t years)
{
    struct civil_date born = civil_date_of(born_day);
    int64_t year = born.year + (int64_t)years;
    if (year > CIVIL_YEAR_MAX) return INT64_MAX;
    struct civil_date date = {(int32_t)year, born.month, born.day};
    if (!civil_date_is_valid(date)) date = (struct civil_date){(int32_t)year, 3, 1};
    return civil_days(date);
}

static bool lacks_birthday(struct ruling *ruling, struct ruled ruled, int64_t *born_day, bool *stop)
{
    if (ruling_lacks_client(ruling, ruled, stop) || ruling_lacks_dates(ruling, ruled, stop)) return true;
    const struct rule_question *question = ruling->question;
    const struct client_profile *client = version_client_profile(question->version, question->client_id);
    *born_day = client == NULL ? FIG_NO_DAY : client->born_day;
    if (*born_day >= -BORN_DAY_BOUND && *born_day <= BORN_DAY_BOUND) return false;
    *stop = ruling_fail(ruling, ruled, "the client's birthday is not known; declare it");
    return true;
}

static bool min_age(struct ruling *ruling, uint32_t years)
{
    const struct ruled ruled = {FIG_RULE_MIN_AGE, NULL};
    int64_t born_day;
    bool stop;
    if (years == 0) return false;
    if (lacks_birthday(ruling, ruled, &born_day, &stop)) return stop;
    if (age_on(ruling->day, born_day) >= years) return false;
    int64_t day = birthday(born_day, years);
    struct starts starts = day > FIG_DAY_MAX + 1 ? starts_all() : starts_before_day(ruling, day);
    return ruling_break(ruling, ruled, starts, "the client is too young on that date; book after the birthday");
}

static bool max_age(struct ruling *ruling, uint32_t years)
{
    const struct ruled ruled = {FIG_RULE_MAX_AGE, NULL};
    int64_t born_day;
    bool stop;
    if (years == 0) return false;
    if (lacks_birthday(ruling, ruled, &born_day, &stop)) return stop;
    if (age_on(ruling->day, born_day) <= years) return false;
    return ruling_break(ruling, ruled, starts_from_day(ruling, birthday(born_day, years + 1)),
                        "the client is too old for the service on that date; book another service");
}

bool rules_of_age(struct ruling *ruling, const struct service *service)
{
    return min_age(ruling, service->is.min_age) || max_age(ruling, service->is.max_age);
}
