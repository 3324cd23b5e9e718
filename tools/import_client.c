#include "tools/import_client.h"

#include <string.h>

fig_status import_client_find(const session *at, import_row *row)
{
    fig_view view = session_view(at);
    fig_client client = fig_client_default();
    if (row->client[0] == '\0') return FIG_OK;
    fig_status status = fig_find_client(at->engine, &view, row->client, &client);
    if (status == FIG_OK) row->client_id = client.id;
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
