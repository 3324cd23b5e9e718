#include "tools/import_client.h"

#include "tools/text.h"

#include <string.h>

/* What no name is may be an id: of what, and whether of anything, is not asked. */
static fig_status settle_id(fig_status status, const char *text, uint64_t *id)
{
    return status == FIG_NOT_FOUND && text_id(text, id) ? FIG_OK : status;
}

fig_status import_client_find(const session *at, import_row *row)
{
    fig_view view = session_view(at);
    fig_client client = fig_client_default();
    if (row->client[0] == '\0') return FIG_OK;
    fig_status status = fig_find_client(at->engine, &view, row->client, &client);
    if (status == FIG_OK) row->client_id = client.id;
    return settle_id(status, row->client, &row->client_id);
}

fig_status import_service_find(const session *at, import_row *row)
{
    fig_view view = session_view(at);
    fig_service service = fig_service_default();
    if (row->service[0] == '\0') return FIG_OK;
    fig_status status = fig_find_service(at->engine, &view, row->service, &service);
    if (status == FIG_OK) row->service_id = service.id;
    return row->service_unlisted ? status : settle_id(status, row->service, &row->service_id);
}

fig_status import_barber_find(const session *at, import_row *row, fig_barber *barber)
{
    uint64_t id;
    fig_view view = session_view(at);
    fig_status status = fig_find_barber(at->engine, &view, row->barber, barber);
    if (status != FIG_NOT_FOUND || !text_id(row->barber, &id)) return status;
    status = fig_get_barber(at->engine, &view, id, barber);
    if (status == FIG_OK) memcpy(row->barber, barber->name, sizeof row->barber);
    return status;
}

fig_status import_client_declare(const session *at, import_row *row)
{
    fig_client client = fig_client_default();
    fig_request declare = fig_declare_client_default();
    fig_outcome outcome = fig_outcome_default();
    client.fields = FIG_CLIENT_NAME;
    memcpy(client.name, row->client, sizeof client.name);
    declare.now_s = at->now_s;
    declare.client = &client;
    fig_status status = fig_declare(at->engine, &declare, &outcome);
    if (status == FIG_OK) row->client_id = outcome.declared_id;
    return status;
}
