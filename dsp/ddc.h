/* Digital down-converter of one narrow channel: its slice of the spectra (dsp/slice.h) that its
 * gate (dsp/gate.h) marks. The output is the channel's samples, in runs without gaps. When the gate
 * opens, the block before is processed too, so that the start of a burst is not lost.
 *
 * Pure. One thread at a time, but see hz_ddc_init. */
#ifndef HZ_DSP_DDC_H
#define HZ_DSP_DDC_H

#include "dsp/slice.h"
#include "dsp/trace.h"

struct hz_ddc_config {
    double offset_hz;    /* of the channel from the band's centre */
    double rate_hz;      /* of the output */
    double bandwidth_hz; /* of the channel */
    float squelch_db;    /* the squelch opens this much over the noise; 0: no squelch */
    float hang_s;        /* how long it stays open after the signal ended */
};

/* What the gate tells of one spectrum. */
struct hz_mark {
    float power;              /* in the channel's width, full scale 1 */
    float power_db, noise_db; /* power and floor, dBFS in the channel's width */
    bool ends;                /* a run of samples ends before it */
    bool begins;              /* a run begins with the spectrum before it */
    bool runs;                /* its samples are wanted */
};

struct hz_ddc {
    struct hz_slice *slice;
    bool running;          /* a run of samples has begun and not ended */
    uint64_t next;         /* index after the last output sample */
    struct hz_trace trace; /* of the output samples: levels for a decoder that measures none */
};

/* Where the samples go. Both functions are required. */
struct hz_ddc_output {
    void *ctx;
    /* The next samples, valid during the call; the trace holds them already. They follow the
     * previous ones unless `broke` was called in between. */
    void (*samples)(void *ctx, const struct hz_samples *samples);
    /* The run of samples ends: the squelch closed, or blocks are missing. */
    void (*broke)(void *ctx);
};

/* 0; or -EINVAL with the reason in err, and nothing to free. hz_ddc_init and hz_ddc_done are called
 * by the thread that creates wide transforms (dsp/fft.h). `band` is not kept. `spare` is a slice of
 * earlier, which is used again where it can be, and freed where not; NULL: there is none. */
int hz_ddc_init(struct hz_ddc *t, const struct hz_band *band, const struct hz_ddc_config *how,
                struct hz_slice *spare, char *err, size_t err_len);
void hz_ddc_done(struct hz_ddc *t);
/* Goes on with spectra of another band of the same receiver at the same centre: the run of samples
 * does not end. Called as hz_ddc_init; with an error, there is no slice any more. */
int hz_ddc_change(struct hz_ddc *t, const struct hz_band *band, const struct hz_ddc_config *how,
                  char *err, size_t err_len);

/* Shifts it to another offset from that block on, without a break in the samples or their phase.
 * False, with nothing changed: the offsets differ by no multiple of 40 Hz, or the place is outside
 * of the band. */
bool hz_ddc_shift(struct hz_ddc *t, const struct hz_band *band, double offset_hz, uint64_t block);

/* Processes block x with its mark (NULL: the channel has no squelch, all is wanted); `before` is
 * the block before it, or NULL when that is not available. */
void hz_ddc_push(struct hz_ddc *t, const struct hz_spectrum *before, const struct hz_spectrum *x,
                 const struct hz_mark *mark, const struct hz_ddc_output *to);

/* Starts a new stream, whose blocks are counted from 0: ends the run. */
void hz_ddc_reset(struct hz_ddc *t, const struct hz_ddc_output *to);

#endif
