/* Blind estimate of bit clock and timing of a burst of unknown bits.
 *
 * Signal model: as in dsp/cpm.h, with bits of length (1 + e) T from the time (start + tau T) on,
 * where e and tau are unknown. Metric: the growth of the detector's metric is greatest at the right
 * timing, and depends little on the bits, the phase and the frequency of the carrier. The
 * noncoherent detector runs over the burst at J timings i / J of a bit. From its growth m_w(i) in
 * window w of W bits follows the first Fourier coefficient
 *     H_w = sum over i of m_w(i) exp(-j 2 pi i / J),
 * whose angle is -2 pi times the timing of window w. A clock error e rotates it by -2 pi e W from
 * window to window. Estimate: e maximises |sum over w of H_w exp(j 2 pi e W w)|, and the angle of
 * that sum gives tau. Nothing is unwrapped, fed back or compared with a threshold. (The square-law
 * timing estimator of M. Oerder and H. Meyr, IEEE Trans. Commun. 36, 1988, with the metric in place
 * of the squared envelope, and a line fit instead of one timing.)
 *
 * Pure. One thread at a time. */
#ifndef HZ_DSP_CPM_LINE_H
#define HZ_DSP_CPM_LINE_H

#include "dsp/cpm.h"

enum {
    HZ_CPM_LINE_TIMINGS = 8,  /* at most */
    HZ_CPM_LINE_WINDOWS = 64, /* at most */
    HZ_CPM_LINE_WINDOW = 32,  /* bits: at 0.5 % of clock 64 lose a tenth of the bursts */
};

/* Bit k of the burst begins (late + k (1 + clock)) nominal bits after `start`. */
struct hz_cpm_line {
    double clock;       /* e; positive: the bits are longer than nominal */
    double late;        /* tau, -0.5 to 0.5 */
    double clock_error; /* standard error of e, from the scatter of the windows */
    double strength;    /* the maximum of the sum: to compare templates */
};

/* Fits the line to H (re, im alternating) of `windows` consecutive windows of `bits` bits, with
 * |clock| <= most. */
void hz_cpm_line_fit(const float *h, size_t windows, double bits, double most,
                     struct hz_cpm_line *line);

/* Estimates the line of the `bits` bits in iq[2 n] that begin near sample `start`, from `timings`
 * (3 to HZ_CPM_LINE_TIMINGS) runs of c. At most HZ_CPM_LINE_WINDOWS windows, and no more bits than
 * c was made for, are used; only whole windows count. Works best with 4 states, memory 0.5, nearly
 * the right h, and the carrier within a tenth of the bit rate. Costs timings * bits steps. */
void hz_cpm_line(struct hz_cpm *c, const float *iq, size_t n, double start, size_t bits,
                 unsigned timings, double most, struct hz_cpm_line *line);

#endif
