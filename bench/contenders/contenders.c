#include "bench/contender.h"

#include <string.h>

const struct contender *const contenders[] = {
    &contender_figaro,
    &contender_sqlite_before,
    &contender_sqlite_after,
    &contender_sqlite_after_written,
    &contender_sqlite_best,
    &contender_postgresql_before,
    &contender_postgresql_after,
    &contender_postgresql_after_written,
    &contender_postgresql_best,
    &contender_postgresql_exclude,
    &contender_redis,
    NULL,
};

const struct contender *contender_by_name(const char *name)
{
    for (size_t i = 0; contenders[i] != NULL; i++)
        if (strcmp(contenders[i]->name, name) == 0) return contenders[i];
    return NULL;
}
