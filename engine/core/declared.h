/* Shops and barbers as they are kept and as they are declared: the same things with their names behind them in one
 * piece of memory, or as words somewhere else. */
#ifndef FIG_CORE_DECLARED_H
#define FIG_CORE_DECLARED_H

#include "engine/core/event.h"
#include "engine/core/version.h"

struct shop_declared shop_as_declared(const struct shop *shop);
struct barber_declared profile_as_declared(const struct barber_profile *profile);

/* The size of the node that keeps it, and the node. Reserve the size and a size class (64 bytes) before. */
size_t shop_size(const struct shop_declared *declared);
size_t profile_size(const struct barber_declared *declared);
struct shop *shop_keep(struct nodes *nodes, const struct shop_declared *declared);
struct barber_profile *profile_keep(struct nodes *nodes, const struct barber_declared *declared);

#endif
