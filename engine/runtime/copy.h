/* A request copied in whole: with its texts, its lists and what it declares.
 *
 *   copy_requests    O(bytes). Once with no memory, to learn how much is needed, and once with it
 *
 * Only what the operation reads is followed. A copy fails the same checks as its original: texts are copied a little
 * beyond their limits, a struct of another size keeps that size, and of a list that is too long only the count. */
#ifndef FIG_RUNTIME_COPY_H
#define FIG_RUNTIME_COPY_H

#include "engine/figaro.h"

/* Memory that is handed out piece by piece; with none, pieces are only counted. */
struct copying {
    char *memory; /* NULL: only counting */
    size_t size;  /* handed out so far */
};

/* A piece, as aligned as malloc()'s; NULL while counting. */
void *copying_room(struct copying *copying, size_t size);
/* NULL while counting. */
fig_request *copy_requests(struct copying *copying, const fig_request *requests, size_t count);

#endif
