/* A damaged store can raise SIGBUS or SIGSEGV under the memory map. Then the command says so and ends with
 * exit 3. */
#ifndef FIG_TOOLS_CRASH_H
#define FIG_TOOLS_CRASH_H

/* Installs the handlers, but in sanitizer builds, which have better ones. */
void crash_install(void);

/* Takes them away again (in a child that is meant to die of its signal). */
void crash_uninstall(void);

/* Remembers which store is open, for the message. The text is kept, not copied. */
void crash_watch(const char *directory);

#endif
