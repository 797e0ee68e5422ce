#include "proto/packet/ax25/path.h"

#include <string.h>

enum { BEFORE = HZ_AX25_PATH_BEFORE, CHUNK = HZ_AX25_CHUNK, BITS = HZ_AX25_PATH_BITS };

unsigned hz_ax25_best_state(const float metric[HZ_AX25_STATES])
{
    unsigned best = 0;
    for (unsigned s = 1; s < HZ_AX25_STATES; s++)
        best = metric[s] > metric[best] ? s : best;
    return best;
}

bool hz_ax25_path_push(struct hz_ax25_path *p, uint8_t from, const float *gap)
{
    if (p->n == BITS) {
        p->n -= CHUNK;
        memmove(p->from, p->from + CHUNK, p->n);
        memmove(p->gap, p->gap + CHUNK, p->n * sizeof p->gap[0]);
    }
    p->from[p->n] = from;
    memcpy(p->gap[p->n], gap, sizeof p->gap[0]);
    return ++p->n == BITS;
}

/* The state before state s of bit k, on the survivor's path or on that of the loser. */
static unsigned before(const struct hz_ax25_path *p, size_t k, unsigned s, bool loser)
{
    return 2 * (s & 3) + ((p->from[k] >> s & 1u) ^ (loser ? 1u : 0u));
}

/* The survivor that lost at state[k]: walks back until it is on the best path. After bit k - 1 the
 * states of both differ in their oldest level only, that of bit k - 3. */
static bool walk(const struct hz_ax25_path *p, size_t k, struct hz_cpm_event *e)
{
    unsigned other = before(p, k, p->state[k], true);
    e->last = (uint32_t)(k - 3);
    e->mask = 0;
    for (unsigned i = 0; i < 32 && k >= 4 + i; i++) {
        size_t at = k - 1 - i;
        if (other == p->state[at])
            return true;
        e->mask |= ((other ^ p->state[at]) & 1) << i;
        other = before(p, at, other, false);
    }
    return false;
}

static size_t events(const struct hz_ax25_path *p, struct hz_cpm_event *out)
{
    const size_t max = HZ_AX25_EVENTS;
    size_t count = 0;
    for (size_t k = BEFORE + 3; k < BEFORE + CHUNK + 3; k++) {
        struct hz_cpm_event e = {.cost = p->gap[k][p->state[k]]};
        if ((count == max && e.cost >= out[max - 1].cost) || !walk(p, k, &e))
            continue;
        e.last -= BEFORE;
        size_t at = count < max ? count++ : max - 1;
        for (; at > 0 && out[at - 1].cost > e.cost; at--)
            out[at] = out[at - 1];
        out[at] = e;
    }
    return count;
}

void hz_ax25_path_trace(struct hz_ax25_path *p, unsigned best, struct hz_ax25_chunk *out)
{
    for (size_t k = p->n; k-- > 0;) {
        p->state[k] = (uint8_t)best;
        best = before(p, k, best, false);
    }
    for (size_t i = 0; i < CHUNK; i++)
        out->level[i] = p->state[BEFORE + i] >> 2;
    out->events = events(p, out->event);
}
