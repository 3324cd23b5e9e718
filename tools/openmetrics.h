/* Metrics as text, as fig_write_metrics() gives them to a monitoring system, read back. */
#ifndef FIG_TOOLS_OPENMETRICS_H
#define FIG_TOOLS_OPENMETRICS_H

#include "tools/reason.h"

#include <stddef.h>

typedef struct openmetrics {
    char *text; /* the samples, a line each */
} openmetrics;

/* Reads a file ("-": standard input) to its end, and checks each line. The reason names the line. */
bool openmetrics_read(const char *path, openmetrics *metrics, reason *why);
void openmetrics_free(openmetrics *metrics);

/* The sum of a metric's samples; with a label, of those that have it with this value. 0 when there are none. */
double openmetrics_sum(const openmetrics *metrics, const char *name, const char *label, const char *value);

#endif
