/* Clients of a setup file. A status and a type say some of a client's flags in other words. */
#include "tools/setup_values.h"

#include <string.h>

static const uint32_t all_flags = FIG_CLIENT_BLOCKED | FIG_CLIENT_AT_RISK | FIG_CLIENT_PAYMENT_ISSUE;

/* What the fields say, until all are known. */
struct client {
    setup_client *into;
    bool has_status, has_flags;
    uint32_t status, flags;
};

static bool read_id(const json_t *value, void *into, reason *why)
{
    struct client *client = into;
    return setup_read_id(value, &client->into->client.id, why);
}

static bool read_name(const json_t *value, void *into, reason *why)
{
    struct client *client = into;
    client->into->client.fields |= FIG_CLIENT_NAME;
    return setup_read_text(value, FIG_NAME_MAX, client->into->client.name, why);
}

static bool read_born(const json_t *value, void *into, reason *why)
{
    struct client *client = into;
    client->into->client.fields |= FIG_CLIENT_BORN;
    client->into->client.born_day = FIG_NO_DAY;
    return json_is_null(value) || setup_read_date(value, &client->into->client.born_day, why);
}

static bool read_type(const json_t *value, void *into, reason *why)
{
    struct client *client = into;
    client->into->client.fields |= FIG_CLIENT_TYPE;
    return setup_read_text_or_none(value, FIG_TYPE_MAX, client->into->client.type, why);
}

static bool read_status(const json_t *value, void *into, reason *why)
{
    static const uint32_t means[] = {0, FIG_CLIENT_BLOCKED, FIG_CLIENT_AT_RISK};
    struct client *client = into;
    unsigned which = 0;
    if (!setup_read_word(value, "active|blocked|at_risk", &which, why)) return false;
    client->has_status = true;
    client->status = means[which];
    return true;
}

static bool read_flags(const json_t *value, void *into, reason *why)
{
    struct client *client = into;
    client->has_flags = true; /* the words are in the order of the bits */
    return setup_read_words(value, SETUP_CLIENT_FLAGS, &client->flags, why);
}

/* The flags replace all, a status the two that it tells of. A type only adds. */
static void settle_flags(const struct client *client)
{
    setup_client *into = client->into;
    bool typed = strcmp(into->client.type, "at_risk") == 0;
    if (client->has_flags) into->cleared = all_flags;
    if (client->has_status) into->cleared |= FIG_CLIENT_BLOCKED | FIG_CLIENT_AT_RISK;
    into->client.flags = client->status | client->flags | (typed ? FIG_CLIENT_AT_RISK : 0);
    if (client->has_flags || client->has_status || typed) into->client.fields |= FIG_CLIENT_FLAGS;
}

bool setup_read_client(const json_t *object, void *into, reason *why)
{
    static const setup_field fields[] = {
        {"id", read_id},     {"name", read_name},     {"born", read_born},
        {"type", read_type}, {"status", read_status}, {"flags", read_flags},
    };
    setup_client *read = into;
    struct client client = {.into = read};
    read->client = fig_client_default();
    read->client.fields = 0;
    read->client.id = 0;
    if (!setup_read_object(object, fields, sizeof fields / sizeof *fields, &client, why)) return false;
    if (read->client.id == 0 && read->client.name[0] == '\0')
        return reason_set(why, ".id: is missing, and so is the name");
    settle_flags(&client);
    return true;
}
