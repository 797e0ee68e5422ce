/* Frames of binary FM behind a known header of half-bits, as radiosondes send them: from where a
 * header may begin (dsp/headgate.h) to the half-bits of the frame and how sure each is (dsp/cpm.h).
 * Either polarity.
 *
 * Estimates: the header's timing and the deviation, by the magnitudes of the correlations of its
 * half-bits; the half-bits, with the clock followed; the carrier along them.
 *
 * Pure; one thread at a time. Memory is allocated in init only. */
#ifndef HZ_DSP_HEADFSK_H
#define HZ_DSP_HEADFSK_H

#include "dsp/cpm.h"
#include "dsp/headgate.h"

/* What is looked for; constant. */
struct hz_headfsk_shape {
    struct hz_headgate_word word; /* the header, and the samples of a half-bit */
    size_t half_bits;             /* of a frame, header included */
    size_t longest; /* samples that are mixed down: a frame and `margin` at both ends */
    int margin;
    double h, bt;          /* of the usual transmitter */
    const double *indices; /* modulation indices that are tried; ends with 0 */
    int late;              /* steps of late_step samples that are tried, to either side */
    double late_step;
};

struct hz_headfsk {
    const struct hz_headfsk_shape *shape; /* borrowed */
    struct hz_headgate gate;
    struct hz_cpm *cpm;    /* owned, as are the others */
    float *mixed;          /* the frame, its carrier at 0 Hz */
    float *sure, *carrier; /* of each half-bit; two floats of each */
    uint8_t *level;
};

/* Where and how a frame begins. */
struct hz_headfsk_start {
    double at; /* samples of the header behind the peak, less margin: in `mixed` */
    double h;
    double freq; /* of the carrier, cycles per sample */
    bool inverted;
};

/* 0, or -ENOMEM; zeroed before. hz_headfsk_done may be called after success or failure. */
int hz_headfsk_init(struct hz_headfsk *f, const struct hz_headfsk_shape *shape);
void hz_headfsk_done(struct hz_headfsk *f);

/* The clearest peak that begins at sample `from` of the hop or later, and over `least`; NULL: none.
 * A peak that was looked at is left out next time if its fraction is set to 0. */
struct hz_headgate_peak *hz_headfsk_best(struct hz_headgate_peak *peak, size_t n, double from,
                                         float least);

/* Mixes down the frame of a peak in iq (as hz_headgate_iq had it) and finds its timing and
 * deviation. */
struct hz_headfsk_start hz_headfsk_begin(struct hz_headfsk *f, const float *iq,
                                         const struct hz_headgate_peak *peak);

/* Detects the half-bits behind the header: soft[half_bits - header], each positive for a 1, at that
 * number of samples of a half-bit (within 0.2 % of the shape's). Returns the carrier as it was over
 * the first `over` half-bits of the frame, header included. */
double hz_headfsk_run(struct hz_headfsk *f, const struct hz_headfsk_start *s,
                      double samples_per_bit, size_t over, float *soft);

#endif
