/* A store that hangs or fails when told to: it stands between an engine and the store that the engine was opened with.
 * One at a time; call everything from the test's own thread, the engine may be used by any. */
#ifndef FIG_TESTS_SICK_STORE_H
#define FIG_TESTS_SICK_STORE_H

#include "engine/figaro.h"
#include "storage/store.h"

/* Takes the store's place. The engine must be at rest. */
void sick_store_put(fig_engine *engine);
/* From now on appends hang, until released; sick_store_wait() is back when one does. */
void sick_store_hang(void);
void sick_store_wait(void);
void sick_store_release(void);
/* The next `count` appends write nothing and say this. */
void sick_store_fail(unsigned count, enum store_status status);
/* The next append is made, or not, and cannot say which; nor can the next `count` attempts to settle it. */
void sick_store_doubt(bool made, unsigned count);
/* Appends that were asked for, since it was put. */
unsigned sick_store_appends(void);

#endif
