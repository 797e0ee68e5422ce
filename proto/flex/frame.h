/* A FLEX frame from soft symbols: the frame information word, and the phases. A frame begins every
 * 1.875 s; its first 115 ms are sent at 1600 baud on two tones, the rest as its mode says. Pure. */
#ifndef HZ_PROTO_FLEX_FRAME_H
#define HZ_PROTO_FLEX_FRAME_H

#include "proto/flex/phase.h"
#include "proto/flex/sync.h"

enum {
    HZ_FLEX_SYMBOLS = 5632,  /* of a frame at 3200 baud; half of them at 1600 */
    HZ_FLEX_HEAD_BITS = 152, /* from A to the first symbol of data, at 1600 baud */
    HZ_FLEX_INFO_AT = 80,    /* of the frame information word, from A */
    HZ_FLEX_LEAD = 64,       /* samples used around a frame */
    /* Samples of a frame from A on, its clock 0.3 % slow. */
    HZ_FLEX_LONGEST = (HZ_FLEX_HEAD_BITS + 2816) * HZ_FLEX_BIT + 140 + 2 * HZ_FLEX_LEAD,
};

/* Symbols as a receiver found them. The sign is the bit, + for 1, the size how sure it is, in any
 * unit: `a` the side of the carrier, + above; `b`, of four levels, + for the inner ones. */
struct hz_flex_symbols {
    float a[HZ_FLEX_SYMBOLS], b[HZ_FLEX_SYMBOLS];
};

struct hz_flex_frame {
    unsigned mode; /* index into hz_flex_modes */
    bool inverted;
    bool informed;          /* cycle and number were received */
    unsigned cycle, number; /* 0 to 14 of the hour, 0 to 127 of the cycle */
    unsigned phases;
    struct hz_flex_phase phase[HZ_FLEX_PHASES];
    float overruled; /* mean over the phases */
    bool whole;      /* all words are as received */
    /* of the transmitter; NAN: not known */
    double at, end; /* samples: its A begins, the frame ends */
    double freq_hz, deviation_hz;
    float signal; /* power */
};

/* Symbols of data in a frame of that mode. */
size_t hz_flex_symbols_in(unsigned mode);

/* Decodes the frame information, soft bits as in struct hz_flex_symbols, of a frame whose polarity
 * is set. False: it is lost. */
bool hz_flex_frame_info(const struct hz_bch *c, const float info[HZ_BCH_BITS],
                        struct hz_flex_frame *frame);

/* Decodes the words of a frame whose mode and polarity are set. scratch is of use to it alone. */
void hz_flex_frame_read(const struct hz_bch *c, const struct hz_flex_symbols *symbols,
                        struct hz_flex_soft *scratch, struct hz_flex_frame *frame);

/* Whether the words are those of a frame, and not what noise looks like. */
bool hz_flex_frame_good(const struct hz_flex_frame *frame);

#endif
