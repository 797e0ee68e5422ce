#include "proto/rds/block.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

enum { BITS = HZ_RDS_BLOCK_BITS, STATES = HZ_RDS_STATES, INFO = 16 };

/* x^10 + x^8 + x^7 + x^5 + x^4 + x^3 + 1 and the offset words (EN 50067, 2.3 and annex A). */
static const unsigned generator = 0x5b9;
static const unsigned offsets[HZ_RDS_OFFSETS] = {0x0fc, 0x198, 0x168, 0x1b4, 0x350};

/* Rest of x^power divided by the generator. */
static unsigned rest_of(unsigned power)
{
    unsigned rest = 1;
    for (unsigned i = 0; i < power; i++)
        rest = rest << 1 & 0x400 ? rest << 1 ^ generator : rest << 1;
    return rest;
}

/* What bit k of a block, the first one sent being 0, adds to the syndrome. */
static unsigned column(unsigned k)
{
    return rest_of(BITS - 1 - k);
}

uint32_t hz_rds_block_encode(uint16_t info, enum hz_rds_offset offset)
{
    unsigned check = offsets[offset];
    for (unsigned k = 0; k < INFO; k++)
        if (info >> (INFO - 1 - k) & 1)
            check ^= column(k);
    return (uint32_t)info << 10 | check;
}

/* One symbol on: p0 and p1 are its probabilities of either polarity, the likelier one 1; keep and
 * turn what a bit 0 (same polarity) and a bit 1 weigh, 0 where the other is known. */
HZ_CLONES static void step_sum(float (*old)[STATES], float (*now)[STATES], unsigned col, float p0,
                               float p1, float keep, float turn)
{
    for (unsigned s = 0; s < STATES; s++) {
        now[0][s] = p0 * (keep * old[0][s] + turn * old[1][s ^ col]);
        now[1][s] = p1 * (keep * old[1][s] + turn * old[0][s ^ col]);
    }
}

/* Returns the log of what was divided out. */
static double normalise(float (*x)[STATES])
{
    float most = 0;
    for (unsigned p = 0; p < 2; p++)
        for (unsigned s = 0; s < STATES; s++)
            most = x[p][s] > most ? x[p][s] : most;
    for (unsigned p = 0; p < 2 && most > 0; p++)
        for (unsigned s = 0; s < STATES; s++)
            x[p][s] /= most;
    return most > 0 ? log((double)most) : 0;
}

static void begin(float (*x)[STATES], float llr)
{
    memset(x, 0, 2 * sizeof *x);
    x[0][0] = llr > 0 ? expf(-llr) : 1; /* polarity 0: a symbol 0 */
    x[1][0] = llr > 0 ? 1 : expf(llr);
}

/* Sums over all paths, into half *half of t->sum; returns the log of what was divided out. */
static double forward(struct hz_rds_trellis *t, const float *llr, const struct hz_rds_known *known,
                      unsigned *half)
{
    unsigned now = 0;
    double scale = 0;
    begin(t->sum[0], llr[0]);
    for (unsigned k = 0; k < BITS; k++) {
        float l = llr[k + 1], keep = 1, turn = 1;
        if (known && k < INFO && known->mask >> (INFO - 1 - k) & 1) {
            turn = known->info >> (INFO - 1 - k) & 1 ? 1 : 0;
            keep = 1 - turn;
        }
        step_sum(t->sum[now], t->sum[!now], column(k), l > 0 ? expf(-l) : 1, l > 0 ? 1 : expf(l),
                 keep, turn);
        now = !now;
        if (k % 8 == 7)
            scale += normalise(t->sum[now]);
    }
    *half = now;
    return scale;
}

void hz_rds_evidence(struct hz_rds_trellis *t, const float llr[HZ_RDS_SYMBOLS],
                     float evidence[HZ_RDS_OFFSETS])
{
    double all = 0;
    unsigned now;
    forward(t, llr, NULL, &now);
    for (unsigned s = 0; s < STATES; s++)
        all += (double)t->sum[now][0][s] + (double)t->sum[now][1][s];
    for (unsigned o = 0; o < HZ_RDS_OFFSETS; o++) {
        double p = (double)t->sum[now][0][offsets[o]] + (double)t->sum[now][1][offsets[o]];
        evidence[o] = (float)log(fmax(p * STATES / fmax(all, 1e-300), 1e-3));
    }
}

/* ---- the best path ---------------------------------------------------------------------- */

/* Costs instead of probabilities; old polarity of the better way into each state. */
HZ_CLONES static void step_best(float (*old)[STATES], float (*now)[STATES], uint8_t (*from)[STATES],
                                unsigned col, float c0, float c1, float keep, float turn)
{
    for (unsigned s = 0; s < STATES; s++) {
        float a = old[0][s] + keep, b = old[1][s ^ col] + turn;
        now[0][s] = c0 + (b < a ? b : a);
        from[0][s] = b < a;
        a = old[1][s] + keep;
        b = old[0][s ^ col] + turn;
        now[1][s] = c1 + (b < a ? b : a);
        from[1][s] = b < a;
    }
}

struct hz_rds_block hz_rds_block_read(struct hz_rds_trellis *t, const float llr[HZ_RDS_SYMBOLS],
                                      enum hz_rds_offset offset, const struct hz_rds_known *known)
{
    static const float never = 1e9f;
    uint8_t(*turned)[2][STATES] = t->turned;
    unsigned now = 0, state = offsets[offset];
    for (unsigned p = 0; p < 2; p++)
        for (unsigned s = 0; s < STATES; s++)
            t->best[0][p][s] = never;
    t->best[0][0][0] = llr[0] > 0 ? llr[0] : 0;
    t->best[0][1][0] = llr[0] > 0 ? 0 : -llr[0];
    for (unsigned k = 0; k < BITS; k++) {
        float l = llr[k + 1], keep = 0, turn = 0;
        if (known && k < INFO && known->mask >> (INFO - 1 - k) & 1)
            *(known->info >> (INFO - 1 - k) & 1 ? &keep : &turn) = never;
        step_best(t->best[now], t->best[!now], turned[k], column(k), l > 0 ? l : 0, l > 0 ? 0 : -l,
                  keep, turn);
        now = !now;
    }
    unsigned polarity = t->best[now][1][state] < t->best[now][0][state];
    float cost = t->best[now][polarity][state];
    uint32_t word = 0;
    for (unsigned k = BITS; k-- > 0;) {
        bool bit = turned[k][polarity][state];
        word |= (uint32_t)bit << (BITS - 1 - k);
        if (bit) {
            state ^= column(k);
            polarity = !polarity;
        }
    }
    /* The word may be sent in either polarity: its probability is that of both paths. */
    double both = 0, all = 0;
    float path[2] = {llr[0] > 0 ? llr[0] : 0, llr[0] > 0 ? 0 : -llr[0]};
    for (unsigned p = 0; p < 2; p++) {
        unsigned symbol = p;
        for (unsigned k = 0; k < BITS; k++) {
            symbol ^= word >> (BITS - 1 - k) & 1;
            float l = llr[k + 1];
            path[p] += symbol ? (l > 0 ? 0 : -l) : (l > 0 ? l : 0);
        }
        both += exp(-(double)path[p] + (double)cost);
    }
    double scale = forward(t, llr, known, &now);
    all = (double)t->sum[now][0][offsets[offset]] + (double)t->sum[now][1][offsets[offset]];
    double log_all = log(fmax(all, 1e-300)) + scale, log_both = log(both) - (double)cost;
    return (struct hz_rds_block){(uint16_t)(word >> 10), (float)fmin(exp(log_both - log_all), 1)};
}

/* ---- without differential coding -------------------------------------------------------- */

void hz_rds_bits_of(const float llr[HZ_RDS_SYMBOLS], float bits[HZ_RDS_BLOCK_BITS])
{
    for (unsigned k = 0; k < BITS; k++) {
        float x = tanhf(llr[k] / 2) * tanhf(llr[k + 1] / 2);
        x = fmaxf(-0.999999f, fminf(0.999999f, x));
        bits[k] = -logf((1 + x) / (1 - x)); /* equal symbols are a 0 */
    }
}

struct hz_rds_block hz_rds_block_sum(struct hz_rds_trellis *t, const float bits[HZ_RDS_BLOCK_BITS],
                                     enum hz_rds_offset offset)
{
    /* As symbols of a polarity of their own: bit k turns what a known symbol was. The path of the
     * likeliest bits is searched on the syndrome alone, which is the half of polarity 0. */
    float *old = t->sum[0][0], *now = t->sum[1][0];
    float *cost = t->best[0][0], *next = t->best[1][0];
    uint8_t(*turned)[2][STATES] = t->turned;
    unsigned state = offsets[offset];
    memset(old, 0, STATES * sizeof *old);
    for (unsigned s = 0; s < STATES; s++)
        cost[s] = s == 0 ? 0 : 1e9f;
    old[0] = 1;
    double scale = 0;
    for (unsigned k = 0; k < BITS; k++) {
        unsigned col = column(k);
        float l = fmaxf(-30, fminf(30, bits[k])), most = 0;
        float p0 = l > 0 ? expf(-l) : 1, p1 = l > 0 ? 1 : expf(l);
        float c0 = l > 0 ? l : 0, c1 = l > 0 ? 0 : -l;
        for (unsigned s = 0; s < STATES; s++) {
            now[s] = p0 * old[s] + p1 * old[s ^ col];
            most = now[s] > most ? now[s] : most;
            float a = cost[s] + c0, b = cost[s ^ col] + c1;
            next[s] = b < a ? b : a;
            turned[k][0][s] = b < a;
        }
        scale += log((double)most);
        for (unsigned s = 0; s < STATES; s++)
            now[s] /= most;
        float *swap = old;
        old = now;
        now = swap;
        swap = cost;
        cost = next;
        next = swap;
    }
    uint32_t word = 0;
    float best = cost[state];
    double log_all = log(fmax((double)old[state], 1e-300)) + scale;
    for (unsigned k = BITS; k-- > 0;) {
        if (turned[k][0][state]) {
            word |= UINT32_C(1) << (BITS - 1 - k);
            state ^= column(k);
        }
    }
    return (struct hz_rds_block){(uint16_t)(word >> 10),
                                 (float)fmin(exp(-(double)best - log_all), 1)};
}
