#include "daemon/receive/hop.h"

#include <math.h>

/* A dwell may last so many times its planned length while something is received. */
static const double LIMIT = 2;

static const double SECOND = 1, MINUTE = 60;

/* ---- what was heard recently ------------------------------------------------------------ */

/* Empties the slots that began after the newest one. */
static void advance(struct hz_hop_recent *r, int64_t slot)
{
    int64_t gone = slot - r->last;
    for (int64_t i = 0; i < gone && i < HZ_HOP_SLOTS; i++)
        r->heard_s[(slot - i) % HZ_HOP_SLOTS] = 0;
    if (gone > 0)
        r->last = slot;
}

static void add(struct hz_hop_recent *r, double slot_s, double seconds, double now_s)
{
    int64_t slot = (int64_t)(now_s / slot_s);
    advance(r, slot);
    r->heard_s[slot % HZ_HOP_SLOTS] += (float)seconds;
}

static double fraction(struct hz_hop_recent r, double slot_s, double began_s, double now_s)
{
    double sum = 0, window = (HZ_HOP_SLOTS - 1) * slot_s + fmod(now_s, slot_s);
    advance(&r, (int64_t)(now_s / slot_s));
    for (size_t i = 0; i < HZ_HOP_SLOTS; i++)
        sum += (double)r.heard_s[i];
    window = fmin(window, now_s - began_s);
    return window > 0 ? fmin(sum / window, 1) : 0;
}

double hz_hop_last_minute(const struct hz_hop *h, size_t i, double now_s)
{
    return fraction(h->band[i].minute, SECOND, h->began_s, now_s);
}

double hz_hop_last_hour(const struct hz_hop *h, size_t i, double now_s)
{
    return fraction(h->band[i].hour, MINUTE, h->began_s, now_s);
}

/* ---- dwells ----------------------------------------------------------------------------- */

void hz_hop_begin(struct hz_hop *h, const struct hz_conf_hops *plan, double centre_hz, double now_s)
{
    size_t first = 0;
    *h = (struct hz_hop){.plan = *plan, .began_s = now_s};
    for (size_t i = 0; i < plan->n; i++) {
        h->band[i].minute.last = (int64_t)(now_s / SECOND);
        h->band[i].hour.last = (int64_t)(now_s / MINUTE);
        if (plan->at[i].centre_hz == centre_hz)
            first = i;
    }
    if (plan->n > 0)
        hz_hop_arrive(h, first);
}

void hz_hop_arrive(struct hz_hop *h, size_t band)
{
    h->at = band;
    h->dwell_s = 0;
    h->stays = false;
    h->band[band].dwells++;
}

size_t hz_hop_next(const struct hz_hop *h)
{
    return (h->at + 1) % h->plan.n;
}

void hz_hop_heard(struct hz_hop *h, double seconds, double now_s)
{
    struct hz_hop_band *b = &h->band[h->at];
    h->dwell_s += seconds;
    b->heard_s += seconds;
    b->longer_s += h->stays ? seconds : 0;
    add(&b->minute, SECOND, seconds, now_s);
    add(&b->hour, MINUTE, seconds, now_s);
}

bool hz_hop_over(struct hz_hop *h, bool busy)
{
    double planned = h->plan.at[h->at].seconds;
    if (h->dwell_s < planned)
        return false;
    if (!busy || h->dwell_s >= LIMIT * planned)
        return true;
    h->band[h->at].longer += !h->stays;
    h->stays = true;
    return false;
}

double hz_hop_left_s(const struct hz_hop *h)
{
    return fmax((h->stays ? LIMIT : 1) * h->plan.at[h->at].seconds - h->dwell_s, 0);
}

double hz_hop_wait_s(const struct hz_hop *h, size_t i)
{
    if (i == h->at)
        return 0;
    double wait = fmax(h->plan.at[h->at].seconds - h->dwell_s, 0);
    for (size_t k = hz_hop_next(h); k != i; k = (k + 1) % h->plan.n)
        wait += h->plan.at[k].seconds;
    return wait;
}
