#include "bench/figures.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS_MAX 1000

struct summary {
    double median;
    double least;
    double most;
};

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static struct summary summarize(const double *samples, size_t count)
{
    double sorted[ROUNDS_MAX];
    if (count == 0) return (struct summary){0, 0, 0};
    memcpy(sorted, samples, count * sizeof *samples);
    qsort(sorted, count, sizeof *sorted, compare);
    double median = count % 2 != 0 ? sorted[count / 2] : (sorted[count / 2 - 1] + sorted[count / 2]) / 2;
    return (struct summary){median, sorted[0], sorted[count - 1]};
}

int64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t thread_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void figures_begin(struct figures *figures, FILE *json, FILE *table)
{
    *figures = (struct figures){.json = json, .table = table};
    fprintf(json, "[");
    fprintf(table, "%-58s %12s %-14s %21s %12s %7s  %s\n", "", "median", "unit", "spread", "against", "ratio", "aim");
}

void figures_end(struct figures *figures)
{
    fprintf(figures->json, "\n]\n");
    if (figures->missed > 0) fprintf(figures->table, "\n%zu aims missed\n", figures->missed);
}

static void write_json(struct figures *figures, const struct figure *figure, struct summary own, struct summary other,
                       struct summary ratio, int met)
{
    FILE *json = figures->json;
    fprintf(json, "%s\n  {\"name\":\"%s\",\"unit\":\"%s\",\"rounds\":%zu,\"median\":%.6g,\"min\":%.6g,\"max\":%.6g",
            figures->count > 0 ? "," : "", figure->name, figure->unit, figure->count, own.median, own.least, own.most);
    if (figure->baseline != NULL)
        fprintf(
            json,
            ",\"baseline\":\"%s\",\"baseline_median\":%.6g,\"ratio_median\":%.4g,\"ratio_min\":%.4g,\"ratio_max\":%.4g",
            figure->baseline, other.median, ratio.median, ratio.least, ratio.most);
    if (figure->aim > 0)
        fprintf(json, ",\"aim\":\"%s %.4g\",\"met\":%s", figure->aim_is_least ? ">=" : "<=", figure->aim,
                met ? "true" : "false");
    fprintf(json, "}");
    fflush(json);
}

static void write_row(struct figures *figures, const struct figure *figure, struct summary own, struct summary other,
                      struct summary ratio, int met)
{
    FILE *table = figures->table;
    fprintf(table, "%-58s %12.5g %-14s %10.4g-%-10.4g", figure->name, own.median, figure->unit, own.least, own.most);
    if (figure->baseline != NULL)
        fprintf(table, " %12.5g %7.3f", other.median, ratio.median);
    else
        fprintf(table, " %12s %7s", "", "");
    if (figure->aim > 0)
        fprintf(table, "  %s %.4g %s", figure->aim_is_least ? ">=" : "<=", figure->aim, met ? "met" : "MISSED");
    fprintf(table, "\n");
    fflush(table);
}

void figures_add(struct figures *figures, const struct figure *figure)
{
    double ratios[ROUNDS_MAX];
    struct summary own = summarize(figure->samples, figure->count);
    struct summary other = {0, 0, 0}, ratio = own;
    if (figure->baseline != NULL) {
        for (size_t i = 0; i < figure->count; i++) ratios[i] = figure->samples[i] / figure->baseline_samples[i];
        other = summarize(figure->baseline_samples, figure->count);
        ratio = summarize(ratios, figure->count);
    }
    int met = figure->aim_is_least ? ratio.median >= figure->aim : ratio.median <= figure->aim;
    if (figure->aim > 0 && !met) figures->missed++;
    write_json(figures, figure, own, other, ratio, met);
    write_row(figures, figure, own, other, ratio, met);
    figures->count++;
}
