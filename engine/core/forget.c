/* Forgetting a client. Whether there is anything left to forget is not asked: notes that only the tables have are not
 * known here. */
#include "engine/core/apply.h"
#include "engine/core/deciding.h"

fig_status decide_forget(struct decision *decision, const fig_request *request, fig_outcome *outcome)
{
    if (!client_is_known(decision->base, request->client_id))
        return refuse(outcome, FIG_NOT_FOUND, "client_id", "no such client was declared, and none has an appointment");
    struct event *event = decision_event(decision, EVENT_FORGOTTEN);
    if (event == NULL) return refuse(outcome, FIG_NO_MEMORY, NULL, NULL);
    event->is.forgotten.id = request->client_id;
    outcome->declared_id = request->client_id;
    return FIG_OK;
}
