#include "bench/report/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Three digits that matter, of a number from 1 to 999.5. */
static void three_digits(char text[WORDS_MAX], double number, const char *unit)
{
    int decimals = number < 9.995 ? 2 : number < 99.95 ? 1 : 0;
    snprintf(text, WORDS_MAX, "%.*f%s", decimals, number, unit);
}

char *words_time(char text[WORDS_MAX], double ns)
{
    static const struct {
        double most;
        double unit;
        const char *name;
    } scales[] = {{999.5, 1, " ns"}, {999.5e3, 1e3, " µs"}, {999.5e6, 1e6, " ms"}, {INFINITY, 1e9, " s"}};
    size_t i = 0;
    if (isnan(ns)) return strcpy(text, "-");
    while (ns >= scales[i].most) i++;
    if (i == 0)
        snprintf(text, WORDS_MAX, "%.0f ns", ns);
    else
        three_digits(text, ns / scales[i].unit, scales[i].name);
    return text;
}

char *words_count(char text[WORDS_MAX], double count)
{
    char plain[WORDS_MAX];
    if (isnan(count)) return strcpy(text, "-");
    int length = snprintf(plain, sizeof plain, "%.0f", count);
    size_t at = 0;
    for (int i = 0; i < length; i++) {
        text[at++] = plain[i];
        if (plain[i] != '-' && (length - i) % 3 == 1 && i + 1 < length) text[at++] = ',';
    }
    text[at] = '\0';
    return text;
}

char *words_bytes(char text[WORDS_MAX], double bytes)
{
    if (isnan(bytes)) return strcpy(text, "-");
    if (bytes < 1e6)
        snprintf(text, WORDS_MAX, "%.0f kB", bytes / 1e3);
    else if (bytes < 999.5e6)
        three_digits(text, bytes / 1e6, " MB");
    else
        three_digits(text, bytes / 1e9, " GB");
    return text;
}

char *words_ratio(char text[WORDS_MAX], double ratio)
{
    if (isnan(ratio)) return strcpy(text, "-");
    if (ratio < 999.5) {
        three_digits(text, ratio, "");
        return text;
    }
    double unit = pow(10, floor(log10(ratio)) - 2);
    return words_count(text, round(ratio / unit) * unit);
}

char *words_share(char text[WORDS_MAX], double share)
{
    if (isnan(share)) return strcpy(text, "-");
    snprintf(text, WORDS_MAX, share > 0.995 && share < 1 ? "%.2f %%" : "%.3g %%", share * 100);
    return text;
}
