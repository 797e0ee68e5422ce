/* The beginning of an input of fuzz_decoders: which decoder, and how the bytes behind it become
 * samples. */
#ifndef HZ_FUZZ_DECODER_INPUT_H
#define HZ_FUZZ_DECODER_INPUT_H

#include <stdint.h>

enum {
    FUZZ_BITS = 1,     /* keyed here; otherwise samples */
    FUZZ_AUDIO = 2,    /* audio of a discriminator, for a decoder that takes it */
    FUZZ_KEEP_ALL = 4, /* messages that are not to be trusted, too */
    FUZZ_PLACE = 8,    /* the antenna's place is known */
    FUZZ_TONES = 16,   /* bits: two tones, on FM or as audio */
    FUZZ_ON_OFF = 32,  /* bits: the carrier is on or off */
    FUZZ_FLOATS = 32,  /* samples: bytes are those of floats */
    FUZZ_RATE_SHIFT =
        6 /* 2 bits: the rate the decoder likes, its least, its highest, its wide one */
};

struct fuzz_head {
    uint8_t decoder; /* in the order of the registry */
    uint8_t flags;
    uint8_t cut;    /* pushes are of 1 + 8 * cut samples */
    uint8_t reset;  /* the stream breaks behind the first push at which position / 8 is that */
    uint8_t option; /* which word of which option differs from the defaults */
    /* of bits: */
    uint8_t hold;      /* samples of a bit */
    uint8_t deviation; /* 128: half the rate */
    uint8_t tone[2];   /* 256: half the rate */
};

#endif
