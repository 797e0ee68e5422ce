#include "daemon/output/nats_window.h"

#include <stdlib.h>
#include <string.h>

void hz_window_init(struct hz_window *w)
{
    memset(w, 0, sizeof *w);
    w->first = w->next = 1;
}

void hz_window_done(struct hz_window *w)
{
    for (uint64_t t = w->first; t < w->next; t++)
        free(w->at[t % HZ_WINDOW].r);
    hz_window_init(w);
}

bool hz_window_room(const struct hz_window *w)
{
    return w->next - w->first < HZ_WINDOW && w->bytes < HZ_WINDOW_BYTES;
}

uint64_t hz_window_add(struct hz_window *w, struct hz_spooled *r, uint64_t now_ns)
{
    w->at[w->next % HZ_WINDOW] = (struct hz_window_entry){.r = r, .sent_ns = now_ns};
    w->n++;
    w->bytes += r->n;
    return w->next++;
}

static struct hz_window_entry *entry(const struct hz_window *w, uint64_t token)
{
    if (token < w->first || token >= w->next)
        return NULL;
    const struct hz_window_entry *e = &w->at[token % HZ_WINDOW];
    return e->r ? (struct hz_window_entry *)e : NULL;
}

struct hz_spooled *hz_window_find(const struct hz_window *w, uint64_t token)
{
    const struct hz_window_entry *e = entry(w, token);
    return e ? e->r : NULL;
}

struct hz_spooled *hz_window_remove(struct hz_window *w, uint64_t token)
{
    struct hz_window_entry *e = entry(w, token);
    if (!e)
        return NULL;
    struct hz_spooled *r = e->r;
    uint64_t number = r->number;
    w->n--;
    w->held -= e->held;
    w->bytes -= r->n;
    e->r = NULL;
    e->sent_ns = number; /* until those before it are done with too */
    while (w->first < w->next && !w->at[w->first % HZ_WINDOW].r) {
        number = w->at[w->first++ % HZ_WINDOW].sent_ns;
        if (number > w->released)
            w->released = number;
    }
    return r;
}

void hz_window_ack(struct hz_window *w, uint64_t token, uint64_t now_ns)
{
    const struct hz_window_entry *e = entry(w, token);
    if (e && e->sent_ns > 0 && !e->held)
        w->times[w->n_times++ % HZ_WINDOW_TIMES] = now_ns - e->sent_ns;
    free(hz_window_remove(w, token));
}

size_t hz_window_hold(struct hz_window *w, uint64_t token)
{
    struct hz_window_entry *e = entry(w, token);
    if (!e || e->held)
        return 0;
    e->held = true;
    w->held++;
    return 1;
}

size_t hz_window_hold_all(struct hz_window *w, uint64_t before_ns)
{
    size_t n = 0;
    for (uint64_t t = w->first; t < w->next; t++) {
        const struct hz_window_entry *e = entry(w, t);
        if (e && !e->held && e->sent_ns < before_ns)
            n += hz_window_hold(w, t);
    }
    return n;
}

bool hz_window_held(const struct hz_window *w, uint64_t *token)
{
    if (*token < w->first)
        *token = w->first;
    for (; w->held > 0 && *token < w->next; ++*token) {
        const struct hz_window_entry *e = entry(w, *token);
        if (e && e->held)
            return true;
    }
    return false;
}

void hz_window_sent(struct hz_window *w, uint64_t token, uint64_t now_ns)
{
    struct hz_window_entry *e = entry(w, token);
    if (!e)
        return;
    w->held -= e->held;
    e->held = false;
    e->sent_ns = now_ns;
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

double hz_window_time_ms(const struct hz_window *w, double fraction)
{
    uint64_t sorted[HZ_WINDOW_TIMES];
    size_t n = w->n_times < HZ_WINDOW_TIMES ? (size_t)w->n_times : HZ_WINDOW_TIMES;
    if (n == 0)
        return 0;
    memcpy(sorted, w->times, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, by_size);
    return (double)sorted[(size_t)(fraction * (double)(n - 1))] / 1e6;
}
