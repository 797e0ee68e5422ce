#include "daemon/output/shelf.h"

#include <stdlib.h>
#include <string.h>

void hz_shelf_done(struct hz_shelf *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->list[i]);
    free(s->list);
    *s = (struct hz_shelf){0};
}

static void drop(struct hz_shelf *s, size_t i)
{
    s->bytes -= s->list[i]->bytes;
    s->n--;
    memmove(&s->list[i], &s->list[i + 1], (s->n - i) * sizeof *s->list);
}

static struct hz_taped *take_oldest(struct hz_shelf *s)
{
    struct hz_taped *r = s->list[0];
    drop(s, 0);
    return r;
}

/* In order of time; most come at the end. */
static bool put(struct hz_shelf *s, struct hz_taped *r)
{
    if (s->n == s->cap) {
        size_t cap = s->cap > 0 ? 2 * s->cap : 64;
        struct hz_taped **more = realloc(s->list, cap * sizeof(struct hz_taped *));
        if (!more)
            return false;
        s->list = more;
        s->cap = cap;
    }
    size_t i = s->n++;
    for (; i > 0 && s->list[i - 1]->utc_ns > r->utc_ns; i--)
        s->list[i] = s->list[i - 1];
    s->list[i] = r;
    s->bytes += r->bytes;
    return true;
}

void hz_shelf_add(struct hz_shelf *s, struct hz_taped *list)
{
    bool limited = s->quota_bytes > 0 || s->keep_s > 0;
    for (struct hz_taped *next; list; list = next) {
        next = list->next;
        list->next = NULL;
        if (!put(s, list))
            free(list);
    }
    while (s->n > HZ_SHELF_MAX && !limited)
        free(take_oldest(s)); /* it stays on the disk */
}

struct hz_taped *hz_shelf_over(struct hz_shelf *s, int64_t now_ns)
{
    struct hz_taped *over = NULL, **end = &over;
    while (s->n > 0) {
        double age_s = (double)(now_ns - s->list[0]->utc_ns) / 1e9;
        bool old = s->keep_s > 0 && age_s > (double)s->keep_s;
        bool large = s->quota_bytes > 0 && s->bytes > s->quota_bytes;
        if (!old && !large && s->n <= HZ_SHELF_MAX)
            break;
        *end = take_oldest(s);
        end = &(*end)->next;
        s->deleted++;
    }
    return over;
}

const struct hz_taped *hz_shelf_find(const struct hz_shelf *s, const char *file)
{
    for (size_t i = s->n; i-- > 0;) {
        if (strcmp(s->list[i]->file, file) == 0)
            return s->list[i];
    }
    return NULL;
}
