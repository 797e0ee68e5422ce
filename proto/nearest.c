#include "proto/nearest.h"

#include <string.h>

enum { WORD_MAX = 64 };

/* Edit distance of a and b, where the exchange of two neighbours counts as one edit (optimal string
 * alignment). Three rows of its table are kept: those of i, i - 1 and i - 2 characters of a. */
static size_t distance(const char *a, size_t na, const char *b, size_t nb)
{
    size_t rows[3][WORD_MAX + 1];
    for (size_t i = 0; i <= na; i++) {
        size_t *now = rows[i % 3], *last = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= nb; j++) {
            size_t best = now[j - 1] + 1;
            if (i > 0 && last[j] + 1 < best)
                best = last[j] + 1;
            if (i > 0 && last[j - 1] + (a[i - 1] != b[j - 1]) < best)
                best = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            now[j] = best;
        }
    }
    return rows[na % 3][nb];
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
