/* A declaration proposed from a few bursts of one device: what it keys, how long its frames are,
 * which bits never change or count up, which check of the known families they pass, and where a
 * value lies that the person knows. `hertzd learn` (docs/adding-a-sensor.md). Pure; any thread. */
#ifndef HZ_PROTO_SENSORS_LEARN_H
#define HZ_PROTO_SENSORS_LEARN_H

#include "proto/sensors/guess.h"

enum {
    HZ_LEARN_BURSTS = 128, /* that are looked at: 20 kB each */
    HZ_LEARN_FRAMES = 256,
    HZ_LEARN_BITS = 1024, /* of a frame */
    HZ_LEARN_SPANS = 24,  /* durations of a sync */
    HZ_LEARN_PREAMBLE = 64,
};

/* What is known of a burst beside its lengths. */
struct hz_learn_about {
    int recording; /* which one it is from, as the caller counts */
    double value;  /* that the device showed; NAN: not known */
    double step;   /* the last digit of the value: 0.1 of 21.4 */
    double mhz;    /* its carrier; 0: not known */
    double begin_s, end_s;
    double level_db;
};

struct hz_learn_burst {
    struct hz_pulses pulses;
    struct hz_guess guess;
    struct hz_learn_about about;
    bool used; /* it is like most others: the frames hold its rows */
};

/* Rows of one burst with the same bits. */
struct hz_learn_frame {
    uint8_t bit[HZ_LEARN_BITS];
    unsigned rows;
    size_t burst;
    bool again; /* an earlier frame has the same bits */
};

enum hz_learn_family {
    HZ_CHECK_NONE,
    HZ_CHECK_CRC,    /* crcN(range, poly, init, xor) */
    HZ_CHECK_CRC_R,  /* the same, reflected */
    HZ_CHECK_DIGEST, /* digest8(range, poly, key) ^ xor */
    HZ_CHECK_DIGEST_R,
    HZ_CHECK_DIGEST_V,
    HZ_CHECK_SUM,       /* sum of groups of `width` bits, plus xor */
    HZ_CHECK_SUM_MINUS, /* xor minus that sum */
    HZ_CHECK_XOR,       /* XOR of the groups, and of xor */
    HZ_CHECK_PARITY, /* the number of ones in each group of `width` bits is even (xor 0) or odd */
    HZ_CHECKS
};

struct hz_learn_check {
    enum hz_learn_family family;
    size_t from, n;   /* the bits that are checked */
    size_t pad;       /* zeros behind them */
    size_t at, width; /* and the check itself */
    unsigned poly, init, key, xor;
    bool reversed;   /* groups are sent with their lowest bit first */
    double margin;   /* bits by which the frames speak for it beyond what chance explains */
    unsigned rivals; /* checks of other families that fit nearly as well */
};

struct hz_learn_value {
    bool found;
    size_t at, n;
    bool is_signed, digits; /* two's complement; BCD */
    char order;             /* 0: highest bit first, 'r': lowest, 'N': lowest within four */
    double scale, offset;   /* value = bits * scale + offset */
    double margin;          /* as of a check */
    unsigned different;     /* values among the recordings */
};

struct hz_learn {
    struct hz_learn_burst *burst;
    size_t n_bursts;
    unsigned left_out; /* bursts that found no place */

    /* What hz_learn_run finds. */
    size_t n_used;
    int recordings; /* that have a burst which was used */
    enum hz_wave_modulation modulation;
    enum hz_coding coding;
    double mhz, deviation_hz;
    float unit_us;
    float zero[2], one[2];
    size_t n_zero, n_one;
    float sync[HZ_LEARN_SPANS], tail_us; /* tail: 0: there is none */
    size_t n_sync;
    uint8_t preamble[HZ_LEARN_PREAMBLE]; /* symbols */
    size_t n_preamble;
    bool differential; /* the bits are differences of the symbols */
    bool inverted;     /* 0 and 1 exchanged against the guess, durations too */
    unsigned rows;     /* rows of a burst, usually */
    unsigned repeats;  /* equal ones among them, usually */
    size_t bits;       /* of a frame; 0: nothing was found */
    struct hz_learn_frame *frame;
    size_t n_frames, n_different;
    /* 1: the bit is not the same in all frames; 3: nor in those of one burst */
    uint8_t varies[HZ_LEARN_BITS];
    struct hz_learn_check check;
    struct hz_learn_value value;
    size_t counter, n_counter; /* bits that count up from burst to burst; 0: none */
};

/* NULL: no memory. */
struct hz_learn *hz_learn_new(void);
void hz_learn_free(struct hz_learn *l); /* NULL is allowed */

/* One more burst, in order of time. Of two at the same time in one recording the stronger counts,
 * of equally strong ones the longer: the other is its mirror, or its edge. */
void hz_learn_add(struct hz_learn *l, const struct hz_pulses *p,
                  const struct hz_learn_about *about);

/* Looks at all bursts. False: they have no rows in common. Seconds of work at most. */
bool hz_learn_run(struct hz_learn *l);

/* The declaration, with what is sure and what is a guess in comments. `field` is the name of the
 * value. Returns its length; more than len - 1: it was cut. */
size_t hz_learn_text(const struct hz_learn *l, const char *name, const char *field, char *out,
                     size_t len);

/* ---- parts of it, for tests ----------------------------------------------------------------- */

/* The check that `n` different frames of `bits` bits speak for most: HZ_CHECK_NONE where chance
 * explains all of them. */
struct hz_learn_check hz_learn_find_check(const uint8_t *const *frame, size_t n, size_t bits);

/* Where a value lies: one for each of the n frames, NAN where it is not known. Bits of the check
 * are left out. */
struct hz_learn_value hz_learn_find_value(const uint8_t *const *frame, const double *value,
                                          const double *step, size_t n, size_t bits,
                                          const struct hz_learn_check *check);

#endif
