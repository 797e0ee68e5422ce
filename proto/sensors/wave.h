/* What a transmitter keys: the part of a sensor's declaration that the engine hears by and that the
 * simulator sends. Read-only once made; nothing here owns memory.
 *
 * A transmission is
 *     lead, then `sent` times: chips, sync, preamble, data symbols, gap; then tail.
 * A preamble and the data are symbols: each bit is sent as the durations of `zero` or `one`.
 * Any of these parts may be empty, except zero and one. Neighbouring durations of one sign run into
 * each other: the receiver sees one longer interval. */
#ifndef HZ_PROTO_SENSORS_WAVE_H
#define HZ_PROTO_SENSORS_WAVE_H

#include <stddef.h>
#include <stdint.h>

enum hz_wave_modulation {
    HZ_WAVE_OOK, /* the carrier is on or off */
    HZ_WAVE_FSK, /* the carrier is at its upper or its lower tone */
};

/* How the bits that a check sees follow from the symbols. */
enum hz_wave_code {
    HZ_WAVE_PLAIN, /* a symbol is a bit */
    HZ_WAVE_DM,    /* two symbols a bit, the halves: equal ones are 1, different ones 0, and there
                    * is always a change at the start of a bit (the first symbol of the data
                    * differs from the last one before it) */
    HZ_WAVE_DM1,   /* the same, equal ones are 0 */
    HZ_WAVE_PIWM,  /* each interval, on and off in turn, is a bit: its length says which. `zero` and
                    * `one` hold the one duration, with the sign of the first interval */
};

/* Durations in microseconds, in order: above 0 on (FSK: upper tone), below 0 off (lower tone). */
struct hz_spans {
    const float *us;
    size_t n;
};

/* Bits, each in a byte: 0 or 1. */
struct hz_bitrow {
    const uint8_t *bit;
    size_t n;
};

struct hz_wave {
    enum hz_wave_modulation modulation;
    double deviation_hz;       /* of FSK, tone to carrier; 0: not known. A receiver measures it */
    struct hz_spans zero, one; /* the symbols */
    struct hz_spans sync;      /* before each frame */
    struct hz_spans lead;      /* once, before the first frame */
    struct hz_spans tail;      /* once, after the last frame */
    struct hz_spans gap;       /* after each frame but the last; a single off: at least so long */
    struct hz_bitrow preamble; /* symbols before the data */
    struct hz_bitrow known;    /* the first symbols of the data where every frame has the same (a
                                * check says so); they help to find the frame's begin */
    struct hz_bitrow chips;    /* before sync: each on (1) or off (0) for chip_us */
    double chip_us;            /* of `chips`; 0: there are none */
    enum hz_wave_code code;
    int bits_min, bits_max; /* symbols of the data; where they differ, the frame ends with
                             * silence or with what no symbol explains */
    int sent;               /* frames in a transmission, usually; 0: not known */
    int repeat;             /* equal frames that a message needs; 0 and 1: one will do */
    double tolerance;       /* of all durations together (the clock), 0.03 for 3 %; 0: usual */
    const double *freqs_hz; /* where it is used, for the documentation and the simulator: it is */
    size_t n_freqs;         /* heard at any carrier */
};

/* The symbol before the data, on which the first bit of HZ_WAVE_DM depends: the preamble's last, or
 * silence before a frame of OOK; -1: not known. */
static inline int hz_wave_symbol_before(const struct hz_wave *w)
{
    if (w->preamble.n > 0)
        return w->preamble.bit[w->preamble.n - 1];
    if (w->modulation == HZ_WAVE_OOK && w->sync.n == 0 && w->chips.n == 0)
        return w->zero.us[0] > 0;
    return -1;
}

#endif
