#include "sim/broadcast.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { STEPS = HZ_SIM_RDS_PULSE, REACH = 3 };

static const double turn = 2 * 3.14159265358979323846, bits_s = 1187.5;
/* Deviations that stations use: 75 kHz in all, of it pilot and data. */
static const double sound_hz = 40e3, pilot_hz = 6750, usual_data_hz = 2000;

/* ---- data ------------------------------------------------------------------------------- */

/* 16 bits with their check: the rest of a division by x^10 + x^8 + x^7 + x^5 + x^4 + x^3 + 1, and
 * the offset word of the block. */
static uint32_t with_check(uint16_t info, unsigned block, bool version_b)
{
    static const uint32_t offsets[] = {0x0fc, 0x198, 0x168, 0x1b4};
    uint32_t rest = (uint32_t)info << 10;
    for (int bit = 25; bit >= 10; bit--) {
        if (rest >> bit & 1) {
            rest ^= 0x5b9u << (bit - 10);
        }
    }
    return ((uint32_t)info << 10 | rest) ^ (block == 2 && version_b ? 0x350 : offsets[block]);
}

static uint16_t two(const char *text, size_t at)
{
    size_t n = strlen(text);
    unsigned a = at < n ? (unsigned char)text[at] : at == n ? 0x0d : ' ';
    unsigned b = at + 1 < n ? (unsigned char)text[at + 1] : at + 1 == n ? 0x0d : ' ';
    return (uint16_t)(a << 8 | b);
}

/* Tags of RadioText Plus: where artist and title are in the text. */
static bool plus(const struct hz_sim_broadcast *b, uint16_t *low, uint16_t *c, uint16_t *d)
{
    const char *text = b->what->text[b->which], *artist = b->what->artist[b->which];
    const char *title = b->what->title[b->which];
    const char *a = artist ? strstr(text, artist) : NULL, *t = title ? strstr(text, title) : NULL;
    if (!a || !t) {
        return false;
    }
    unsigned start1 = (unsigned)(a - text), length1 = (unsigned)strlen(artist) - 1;
    unsigned start2 = (unsigned)(t - text), length2 = (unsigned)strlen(title) - 1;
    *low = (uint16_t)(8 | 4 >> 3);
    *c = (uint16_t)((4u & 7) << 13 | start1 << 7 | length1 << 1);
    *d = (uint16_t)(1u << 11 | start2 << 5 | (length2 & 31));
    return true;
}

/* The next group: names and texts in turns, the clock each minute. */
static void next_group(struct hz_sim_broadcast *b)
{
    const struct hz_sim_programme *w = b->what;
    uint64_t n = b->groups++;
    uint16_t *x = b->block, low, c, d;
    unsigned type = 0, kind = (unsigned)(n % 8);
    x[0] = w->pi;
    b->which = 0;
    for (unsigned i = 0; i < 3 && w->text[i]; i++) {
        b->which = n / 340 % 3 >= i ? i : b->which; /* half a minute each */
    }
    x[1] = (uint16_t)(w->pty << 5);
    if (n % 684 == 20) { /* a minute */
        unsigned minutes = w->minute + (unsigned)(n / 684);
        type = 8;
        x[1] |= (uint16_t)(w->mjd >> 15 & 3);
        x[2] = (uint16_t)(w->mjd << 1 | (minutes / 60 % 24) >> 4);
        x[3] = (uint16_t)((minutes / 60 % 24 & 15) << 12 | minutes % 60 << 6 | 2);
    } else if (kind == 3 && n % 16 == 3 && w->artist[b->which]) {
        type = 6; /* 3A: RadioText Plus is in 11A */
        x[1] |= 22;
        x[2] = 0;
        x[3] = 0x4bd7;
    } else if (kind == 3 && plus(b, &low, &c, &d)) {
        type = 22;
        x[1] |= low;
        x[2] = c;
        x[3] = d;
    } else if (kind % 2 == 0) {
        unsigned segment = (unsigned)(n / 2 % 4);
        x[1] |= (uint16_t)(8 | (segment == 3 ? 4 : 0) | segment); /* music, stereo */
        unsigned af = 0;
        while (af < 3 && w->af[af]) {
            af++;
        }
        x[2] = n / 2 % 2 == 0
                   ? (uint16_t)((224 + af) << 8 | w->af[0])
                   : (uint16_t)((w->af[1] ? w->af[1] : 205) << 8 | (w->af[2] ? w->af[2] : 205));
        x[3] = (uint16_t)((unsigned char)w->ps[2 * segment] << 8 |
                          (unsigned char)w->ps[2 * segment + 1]);
    } else {
        size_t segments = strlen(w->text[b->which]) / 4 + 1, at = (size_t)(n / 2) % segments;
        type = 4;
        x[1] |= (uint16_t)((b->which & 1) << 4 | at);
        x[2] = two(w->text[b->which], 4 * at);
        x[3] = two(w->text[b->which], 4 * at + 2);
    }
    x[1] |= (uint16_t)(type << 11);
    for (unsigned i = 0; i < 4; i++) {
        uint32_t word = with_check(x[i], i, type % 2);
        for (int k = 0; k < 26; k++) {
            b->bits[26 * i + (unsigned)k] = word >> (25 - k) & 1;
        }
    }
}

/* The next symbol: differential, so that it changes for a 1. */
static int8_t next_symbol(struct hz_sim_broadcast *b)
{
    if (b->at == HZ_SIM_RDS_GROUP_BITS) {
        b->at = 0;
    }
    if (b->at == 0) {
        next_group(b);
        if (b->on_group) { /* three bits are ahead of the one on the air */
            b->on_group(b->ctx, b->block,
                        b->time + (REACH - b->bit) / (bits_s * (1 + b->what->crystal)));
        }
    }
    b->last = b->bits[b->at++] ? (int8_t)-b->last : b->last;
    return b->last;
}

/* ---- the pulse -------------------------------------------------------------------------- */

/* cos(pi f / 4) up to f = 2, in bit rates, as a function of time in bits. */
static double shape(double t)
{
    double sum = 0;
    for (int i = 0; i <= 400; i++) {
        double f = i / 200.0, y = cos(turn * f / 8) * cos(turn * f * t);
        sum += i == 0 || i == 400 ? y / 2 : y;
    }
    return sum / 200;
}

void hz_sim_broadcast_init(struct hz_sim_broadcast *b, const struct hz_sim_programme *what,
                           uint64_t seed)
{
    float most = 0;
    memset(b, 0, sizeof *b);
    b->what = what;
    b->last = 1;
    hz_rng_init(&b->rng, seed, 77);
    for (int i = 0; i <= 2 * REACH * STEPS; i++) {
        double t = (double)i / STEPS - REACH;
        b->pulse[i] = (float)(shape(t + 0.25) - shape(t - 0.25));
        most = fabsf(b->pulse[i]) > most ? fabsf(b->pulse[i]) : most;
    }
    for (int i = 0; i <= 2 * REACH * STEPS; i++) {
        b->pulse[i] /= most;
    }
    for (unsigned i = 0; i < 2 * REACH + 1; i++) {
        b->level[i] = next_symbol(b);
    }
}

/* The data signal in the middle of whose bit level[REACH] is. */
static float data_now(const struct hz_sim_broadcast *b)
{
    float sum = 0;
    for (int k = 0; k <= 2 * REACH; k++) {
        double t = b->bit - 0.5 - (k - REACH); /* bits from the middle of that one */
        int i = (int)((t + REACH) * STEPS + 0.5);
        if (i >= 0 && i <= 2 * REACH * STEPS) {
            sum += (float)b->level[k] * b->pulse[i];
        }
    }
    return sum;
}

void hz_sim_broadcast_fill(struct hz_sim_broadcast *b, double rate_hz, float *hz, size_t n)
{
    static const double tones[] = {220, 660, 1750, 4100};
    double speed = 1 + b->what->crystal, step = bits_s * speed / rate_hz;
    double data_hz = b->what->data_hz > 0 ? b->what->data_hz : usual_data_hz;
    for (size_t i = 0; i < n; i++) {
        double left = 0, right = 0;
        for (int k = 0; k < 4; k++) {
            b->tone[k] += tones[k] / rate_hz;
            b->tone[k] -= b->tone[k] >= 1;
            double loud = 0.5 + 0.5 * sin(turn * b->time * (0.31 + 0.17 * k));
            double x = loud * sin(turn * b->tone[k]) / 4;
            left += k % 2 ? x : 0.3 * x;
            right += k % 2 ? 0.3 * x : x;
        }
        double pilot = turn * (19e3 * speed * b->time - floor(19e3 * speed * b->time));
        double x = sound_hz * (left + right);
        if (!b->what->mono) {
            x += sound_hz * (left - right) * sin(2 * pilot) + pilot_hz * sin(pilot);
        }
        x += data_hz * (double)data_now(b) * sin(3 * pilot);
        hz[i] = (float)x;
        b->time += 1 / rate_hz;
        b->bit += step;
        if (b->bit >= 1) {
            b->bit -= 1;
            memmove(b->level, b->level + 1, 2 * REACH);
            b->level[2 * REACH] = next_symbol(b);
        }
    }
}
