#include "config/config.h"

#include <string.h>

enum { WORD_MAX = 64 };

/* Levenshtein distance by one row of the table at a time. */
static size_t distance(const char *a, size_t na, const char *b, size_t nb)
{
    size_t row[WORD_MAX + 1];
    for (size_t j = 0; j <= nb; j++)
        row[j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[nb];
}

const char *hz_nearest(const char *word, const char *const *list)
{
    size_t n = strlen(word);
    if (n > WORD_MAX)
        return NULL;
    const char *best = NULL;
    size_t limit = n / 3 > 1 ? n / 3 : 1;
    for (; *list; list++) {
        size_t m = strlen(*list);
        if (m > WORD_MAX)
            continue;
        size_t d = distance(word, n, *list, m);
        if (d <= limit) {
            limit = d;
            best = *list;
            if (d == 0)
                break;
            limit = d - 1;
        }
    }
    return best;
}
