/* The Viterbi algorithm for Bell 202: the most likely tones of a run of bits, decided jointly with
 * the tone's phase and the carrier's.
 *
 * State: a tone and the phase, one of 24, that it has reached at the bit's end. A survivor has a
 * metric m and a phase reference v, an exponentially weighted sum of its matched sums: an estimate
 * of A exp(j psi) (tones.h).
 *
 * Metric: a bit with the matched sum z gives
 *     m' = m + |a v + z| - |a v|,  v' = a v + z,
 * after v was turned by the change of psi if the tone changes. The memory a is 0.6, about two and a
 * half bits. (Per-survivor processing: R. Raheli, A. Polydoros and C.-K. Tzou, IEEE Trans. Commun.
 * 43, 1995, as in dsp/cpm.h.)
 *
 * The tone's phase advances in a bit by 24 or 44 steps of a 24th of a cycle, plus what the tone's
 * frequency is off. A survivor keeps the fraction of a step that this leaves. It may also advance
 * by one step more or less than the nearest, at the price of the squared difference, since the
 * tones of real transmitters are not quite steady.
 *
 * Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_BELL202_TRELLIS_H
#define HZ_PROTO_PACKET_BELL202_TRELLIS_H

#include "dsp/cpm.h"
#include "proto/packet/bell202/tones.h"

#include <stdbool.h>

enum { HZ_BELL202_STATES = 2 * HZ_BELL202_PHASES };

struct hz_bell202_survivors {
    float metric[2][HZ_BELL202_PHASES];
    float re[2][HZ_BELL202_PHASES], im[2][HZ_BELL202_PHASES],
        size[2][HZ_BELL202_PHASES]; /* v and |v| */
    float ahead[2]
               [HZ_BELL202_PHASES]; /* fraction of a step by which the tone is ahead of its phase */
    float price,
        slip[2]; /* price of an extra step; steps of either tone in a bit beyond its nominal ones */
};

/* Decisions of a bit: for each phase at its start, whether the tone changed and the metric that the
 * loser lacked; for each phase at its end, the extra steps. */
struct hz_bell202_choice {
    float gap[2][HZ_BELL202_PHASES];
    bool changed[2][HZ_BELL202_PHASES];
    int8_t ahead[2][HZ_BELL202_PHASES];
};

/* A state as the traceback knows it: the tone of a bit, its phase at the bit's start and end. */
struct hz_bell202_path {
    uint8_t tone, begin, end;
};

/* Steps by which either tone advances in a bit. */
extern const unsigned hz_bell202_steps[2];

/* No bit was decided. `price`: of an extra step in either direction; `off`: relative error of the
 * tones' frequencies, -0.025 to 0.025. */
void hz_bell202_survivors_init(struct hz_bell202_survivors *s, float price, float off);

/* Extends the survivors by one bit. */
void hz_bell202_step(struct hz_bell202_survivors *s, const struct hz_bell202_modulation *m,
                     const struct hz_bell202_match *z, struct hz_bell202_choice *choice);

/* The metric of the best survivor; *state becomes its state. */
float hz_bell202_best(const struct hz_bell202_survivors *s, unsigned *state);

/* Extra steps of the tone in a bit: -1 to 1. */
int hz_bell202_ahead(const struct hz_bell202_path *path);

/* Traces back the path that ends in `state` after choices[count]. */
void hz_bell202_trace(const struct hz_bell202_choice *choices, size_t count, unsigned state,
                      struct hz_bell202_path *path);

/* The cheapest error events in path[count] that change nothing before bit `from`; e.last counts
 * from bit 0. Returns how many, at most max, cheapest first. */
size_t hz_bell202_events(const struct hz_bell202_choice *choices,
                         const struct hz_bell202_path *path, size_t from, size_t count,
                         struct hz_cpm_event *out, size_t max);

#endif
