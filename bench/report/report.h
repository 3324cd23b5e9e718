/* What is made of results.json. Each returns an exit status: 0, 1 when something got slower (compare), 2 when the file
 * cannot be used. */
#ifndef FIG_BENCH_REPORT_H
#define FIG_BENCH_REPORT_H

#include <jansson.h>
#include <stdio.h>

int report_table(const char *path);
int report_readme(const char *path);
int report_plots(const char *path, const char *directory);
int report_compare(const char *old_path, const char *new_path);

/* The same from results that were read, for those and for tests. */
void table_write(FILE *file, const json_t *results);
void readme_write(FILE *file, const json_t *results, const char *path);
int compare_write(FILE *file, const json_t *older, const json_t *newer);

#endif
