/* What is noted about a client. Only a declared client has flags: without one these rules ask nothing. */
#include "engine/core/ruling.h"

static bool flag(struct ruling *ruling, const struct client_profile *client, uint32_t bit, fig_rule_type type,
                 const char *reason)
{
    if ((client->flags & bit) == 0) return false;
    return ruling_break(ruling, (struct ruled){type, NULL}, starts_all(), reason);
}

bool rules_of_client(struct ruling *ruling)
{
    const struct rule_question *question = ruling->question;
    if (question->client_id == 0 || question->version->documents[DOCUMENT_CLIENT].count == 0) return false;
    const struct client_profile *client = version_client_profile(question->version, question->client_id);
    if (client == NULL || client->flags == 0) return false;
    return flag(ruling, client, FIG_CLIENT_BLOCKED, FIG_RULE_CLIENT_BLOCKED,
                "the client is blocked; unblock the client first") ||
           flag(ruling, client, FIG_CLIENT_AT_RISK, FIG_RULE_CLIENT_AT_RISK,
                "the client is flagged as at risk; clear the flag first") ||
           flag(ruling, client, FIG_CLIENT_PAYMENT_ISSUE, FIG_RULE_CLIENT_PAYMENT_ISSUE,
                "the client has a payment issue; settle it first");
}
