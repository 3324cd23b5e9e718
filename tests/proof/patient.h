/* A store that is damaged and repaired, again and again. */
#ifndef FIG_TESTS_PATIENT_H
#define FIG_TESTS_PATIENT_H

#include "tests/engine/fixture.h"

struct patient {
    char root[SUPPORT_PATH], store[SUPPORT_PATH + 8], file[SUPPORT_PATH + 32], repaired[SUPPORT_PATH + 16];
    fig_stats stats;
    char *bytes;
    size_t size;
};

/* So many bookings before a checkpoint, and so many after it; every fifth with a note. */
struct patient patient_make(int before, int after);
/* The ith of them, or of more. */
fig_status patient_book(fig_engine *engine, int i);
/* Takes the store as it is now for what repairs are held against. */
void patient_look(struct patient *p);
void patient_end(struct patient *p);
/* Into p->repaired, where a repair before has left its own. */
fig_status patient_repair(struct patient *p, fig_repaired *repaired, fig_error *error);
fig_stats patient_stats(const struct patient *p);

#endif
