/* A slow search for the gain of a tuner at which most messages are decoded, which is not the
 * loudest: too little drowns signals in the converter's noise, too much in what strong ones mix.
 *
 * Two gains are compared at a time: the best so far and a rival, in turns of ten seconds, so that
 * traffic that comes and goes counts for both. The rival wins or loses when the numbers of messages
 * differ by more than chance explains; where they do not in four minutes (ten with few messages),
 * the best one stays. The rivals are first eight steps of the tuner away, then four, two and one.
 * When no neighbour is better the search rests for an hour, then looks at the neighbours again.
 *
 * A gain at which samples are at the end of the converter's range for two seconds is left at once,
 * and it and all above it are barred for an hour. While nothing is decoded at all, the steps of the
 * tuner are tried one after the other. Pure; one thread at a time; owns nothing. */
#ifndef HZ_DSP_GAIN_SEARCH_H
#define HZ_DSP_GAIN_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

enum { HZ_GAINS_MAX = 64 };

struct hz_gain_tried {
    double gain_db, seconds, messages; /* that it was in use, all in all */
    double barred_until_s;
};

enum hz_gain_phase {
    HZ_GAIN_COMPARES, /* the best so far with a rival */
    HZ_GAIN_LISTENS,  /* nothing was decoded yet: all are tried */
    HZ_GAIN_RESTS,    /* no neighbour is better */
};

struct hz_gain_search {
    struct hz_gain_tried gains[HZ_GAINS_MAX]; /* rising */
    size_t n;
    enum hz_gain_phase phase;
    size_t best, rival, now; /* indices; the rival has no meaning at rest */
    size_t step;
    int direction;  /* of the rival from the best: 1 or -1 */
    bool other_way; /* the other direction was tried with this step */
    double clock_s, turn_end_s, settled_s, rest_end_s;
    struct hz_gain_count {
        double seconds, messages;
    } of_best, of_rival; /* in this comparison */
    int clipped;         /* feeds in a row that clipped */
    size_t listened;     /* gains that were tried in vain */
    char why[120];       /* the gain in use, in words */
};

/* The tuner's gains in tenths of a dB, rising, and the one to begin with (the nearest is taken). */
void hz_gain_search_init(struct hz_gain_search *s, const short *tenths, size_t n, double start_db);

/* What happened in the last `seconds` with the gain in use: messages, and the share of clipped
 * samples. Called about each second. True: another gain is to be set, hz_gain_search_now. */
bool hz_gain_search_feed(struct hz_gain_search *s, double seconds, double messages,
                         double clip_percent);

/* In dB: the gain to use now, and the best that is known. */
double hz_gain_search_now(const struct hz_gain_search *s);
double hz_gain_search_best(const struct hz_gain_search *s);
/* "compares", "listens", "rests". */
const char *hz_gain_phase_name(enum hz_gain_phase phase);

#endif
