#include "tests/proof/patient.h"

#include <stdlib.h>
#include <unistd.h>

fig_status patient_book(fig_engine *engine, int i)
{
    char key[24];
    support_format(key, sizeof key, "order-%d", i);
    fig_request request = a_booking(i % 2 ? FIGARO : BARTOLO, NOON + i * HOUR, NOON + (i + 1) * HOUR);
    request.key = key;
    request.client_id = (uint64_t)i % 7;
    request.note = i % 5 ? NULL : "cut and beard; comes ten minutes late as a rule, and talks";
    return ask(engine, request).status;
}

struct patient patient_make(int before, int after)
{
    struct patient p = {.bytes = NULL};
    support_make_fast_directory(p.root);
    support_format(p.store, sizeof p.store, "%s/store", p.root);
    support_format(p.file, sizeof p.file, "%s/data.mdb", p.store);
    support_format(p.repaired, sizeof p.repaired, "%s/repaired", p.root);
    fig_engine *engine = fixture_open(p.store);
    for (int i = 0; i < before; i++) must_be(patient_book(engine, i), FIG_OK);
    must_be(fig_checkpoint(engine, NULL), FIG_OK);
    for (int i = before; i < before + after; i++) must_be(patient_book(engine, i), FIG_OK);
    fixture_close(engine);
    patient_look(&p);
    return p;
}

void patient_look(struct patient *p)
{
    fig_engine *engine = fixture_open(p->store);
    p->stats = stats_of(engine);
    fixture_close(engine);
    free(p->bytes);
    p->bytes = support_read_file(p->file, &p->size);
}

void patient_end(struct patient *p)
{
    free(p->bytes);
    support_remove(p->root);
}

fig_status patient_repair(struct patient *p, fig_repaired *repaired, fig_error *error)
{
    if (access(p->repaired, F_OK) == 0) support_remove(p->repaired);
    *repaired = fig_repaired_default();
    *error = fig_error_default();
    return fig_repair(p->store, p->repaired, repaired, error);
}

fig_stats patient_stats(const struct patient *p)
{
    fig_options options = fig_options_default();
    fig_engine *engine = NULL;
    options.read_only = true;
    must_be(fig_open(p->repaired, &options, &engine, NULL), FIG_OK);
    fig_stats stats = stats_of(engine);
    fixture_close(engine);
    return stats;
}
