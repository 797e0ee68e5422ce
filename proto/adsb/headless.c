#include "proto/adsb/headless.h"

/* Largest number of steps per bit: six per sample at 3.2 Msps. */
enum { MOST = 20 };

/* Half-chips from the start of a burst to its address: the preamble and eight bits. */
enum { TO_ADDRESS = HZ_ADSB_LEAD + 16 };

enum { ADDRESS_BITS = 24 };

/* Hits within this many steps are of one burst. */
enum { SAME = 6 };

/* Steps per bit; 0: not a whole number. */
static int bit_steps(const struct hz_adsb_shape *s)
{
    int steps = s->chip[2];
    return s->chip[2 * ADDRESS_BITS] == ADDRESS_BITS * steps && steps % 2 == 0 ? steps : 0;
}

/* Notes a hit, unless it is of the same burst as the last one: neighbouring timings see the same
 * burst, and one of them is enough. */
static void add_hit(int hit[HZ_ADSB_HITS], size_t *hits, int step)
{
    if (*hits > 0 && step - hit[*hits - 1] <= SAME)
        return;
    hit[(*hits)++] = step;
}

size_t hz_adsb_headless_find(struct hz_adsb_window *w, const struct hz_adsb_shape *s,
                             const struct hz_adsb_judge *j, const struct hz_adsb_envelope *b,
                             size_t from, size_t end, int hit[HZ_ADSB_HITS])
{
    const int steps = bit_steps(s);
    uint32_t bits[MOST] = {0}; /* the last 32 bits at each timing */
    size_t hits = 0;
    if (steps == 0)
        return 0;
    hz_adsb_window_place(w, s, b, from, end - from);
    const float *e = w->energy;
    const int last = (int)(end - from) * s->phases - 2 * steps;
    for (int at = 0, n = 1; at < last; at += steps, e += steps, n++) {
        for (int l = 0; l < steps; l++)
            bits[l] = bits[l] << 1 | (e[l] > e[l + steps / 2]);
        if (n < ADDRESS_BITS)
            continue;
        for (int l = 0; l < steps; l++)
            if (hz_adsb_trust_maybe(&j->trust, bits[l]) && hits < HZ_ADSB_HITS &&
                hz_adsb_trust_has(&j->trust, bits[l] & 0xffffff, j->now))
                add_hit(hit, &hits,
                        (int)from * s->phases + at + l - (ADDRESS_BITS - 1) * steps -
                            s->chip[TO_ADDRESS]);
    }
    return hits;
}

enum hz_reason hz_adsb_headless_try(struct hz_adsb_burst *burst, const struct hz_adsb_shape *s,
                                    struct hz_adsb_judge *j, const struct hz_adsb_envelope *b,
                                    int step)
{
    /* Room for earlier timings. */
    enum { MARGIN = 4, SLACK = 8 };
    const int at = step / s->phases - MARGIN;
    if (step < (MARGIN + 1) * s->phases)
        return HZ_TOO_SHORT;
    const size_t n = (size_t)(120e-6f * s->rate_hz) + SLACK;
    hz_adsb_window_place(&burst->window, s, b, (size_t)at, n);
    burst->step = MARGIN * s->phases + step % s->phases;
    return hz_adsb_burst_headless(burst, s, j);
}
