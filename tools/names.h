/* A set of names: a hash table of texts, open addressing. Adding and asking cost O(1); nothing is taken out.
 */
#ifndef FIG_TOOLS_NAMES_H
#define FIG_TOOLS_NAMES_H

#include <stdbool.h>
#include <stddef.h>

typedef struct names {
    char **slots; /* NULL: free */
    size_t count;
    size_t room; /* a power of two, at most half full */
} names;

bool names_has(const names *set, const char *name);
/* False when there is no memory. */
bool names_add(names *set, const char *name);
void names_free(names *set);

#endif
