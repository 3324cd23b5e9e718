/* What a workload file leaves behind, row by row, by the shortest program that knows: for files whose every request is
 * valid. The state after each row is told apart by a number, a sum of hashes over appointments and open windows. */
#ifndef FIG_TESTS_REFERENCE_H
#define FIG_TESTS_REFERENCE_H

#include "engine/figaro.h"
#include "tests/support.h"

struct reference {
    size_t rows;
    uint64_t *states; /* states[k]: after the first k rows; rows + 1 of them */
    uint64_t live;    /* at the end */
};

/* Reads a .csv.gz of the data directory. reference_free() it. */
struct reference reference_of(const char *path);
void reference_free(struct reference *reference);

/* The same number for what an engine holds. */
uint64_t reference_state(fig_engine *engine);

/* The number of rows that leave this state, from `least` to `most`; -1: none does. */
long reference_rows(const struct reference *reference, uint64_t state, size_t least, size_t most);

#endif
