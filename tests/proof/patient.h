/* A store that is damaged and repaired, again and again. */
#ifndef FIG_TESTS_PATIENT_H
#define FIG_TESTS_PATIENT_H

#include "storage/pages.h"
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
fig_repaired patient_must_be_repaired(struct patient *p);
fig_stats patient_stats(const struct patient *p);

/* One of the trees of its file, as the newest state has it; fd is to be closed. */
enum { PATIENT_PAGE = 4096 };
struct patient_tree {
    struct pages pages;
    struct page_tree tree;
};
struct patient_tree patient_tree(const struct patient *p, const char *name);
void patient_destroy_page(const struct patient_tree *tree, uint64_t number);
void patient_break_tables(const struct patient *p); /* their roots */
/* In every copy of them that its file has. Returns how many there were. */
size_t patient_destroy_frames(struct patient *p, uint64_t first, uint64_t last);

#endif
