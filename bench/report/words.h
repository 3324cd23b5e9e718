/* Numbers as people read them: three digits that matter, and the unit. Each returns its buffer. */
#ifndef FIG_BENCH_WORDS_H
#define FIG_BENCH_WORDS_H

#include <stddef.h>

#define WORDS_MAX 64

char *words_time(char text[WORDS_MAX], double ns);     /* "241 ns", "3.02 µs", "30.4 ms", "1.22 s"; "-": none */
char *words_count(char text[WORDS_MAX], double count); /* "1,000,000" */
char *words_bytes(char text[WORDS_MAX], double bytes); /* "108 MB" */
char *words_ratio(char text[WORDS_MAX], double ratio); /* "12.6", "126,000": three digits that matter */
char *words_share(char text[WORDS_MAX], double share); /* 0.22 is "22 %" */

#endif
