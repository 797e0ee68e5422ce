/* Clock and timing of a burst of unknown bits from how fast the detector's metric grows.
 *
 * The metric (dsp/cpm.h) grows fastest at the right timing, whatever the bits, the carrier's phase
 * and, but for a little, the frequency are. So the noncoherent detector runs over the burst at a
 * few timings j / J of a bit, and in windows of W bits its growth m_w(j) gives
 *     H_w = sum over j of m_w(j) exp(-j 2 pi j / J),
 * whose angle is minus 2 pi times the best timing of window w. A clock that is off by e turns it by
 * 2 pi e W from window to window: e is where |sum over w of H_w exp(j 2 pi e W w)| is greatest, and
 * the angle of that sum is the timing. Nothing is unwrapped, fed back or compared with a threshold.
 * Pure. */
#ifndef HZ_DSP_CPM_LINE_H
#define HZ_DSP_CPM_LINE_H

#include "dsp/cpm.h"

enum {
    HZ_CPM_LINE_TIMINGS = 8,  /* at most */
    HZ_CPM_LINE_WINDOWS = 64, /* at most */
    HZ_CPM_LINE_WINDOW = 32,  /* bits: at 0.5 % of clock 64 lose a tenth of the bursts */
};

/* A burst's bit k begins (late + k (1 + clock)) bits after where it was looked for. */
struct hz_cpm_line {
    double clock;       /* e: over 0 the bits are longer than thought */
    double late;        /* -0.5 to 0.5 */
    double clock_error; /* its standard error, by how far the windows are off the line */
    double strength;    /* the greatest sum: to compare templates by */
};

/* The line through H (re, im alternating) of `windows` windows of `bits` bits each that follow one
 * another, with |clock| <= most. */
void hz_cpm_line_fit(const float *h, size_t windows, double bits, double most,
                     struct hz_cpm_line *line);

/* The line of the `bits` bits (at most HZ_CPM_LINE_WINDOWS windows and what c was made for; whole
 * windows are used) of iq[2 n] that begin about at sample `start`, from `timings` (3 to
 * HZ_CPM_LINE_TIMINGS) runs of c: best one with 4 states and memory 0.5, of about the right h, the
 * carrier within a tenth of the bit rate. Costs timings * bits steps. */
void hz_cpm_line(struct hz_cpm *c, const float *iq, size_t n, double start, size_t bits,
                 unsigned timings, double most, struct hz_cpm_line *line);

#endif
