/* What some pictures of a receiver's band tell: its noise, what is louder, and what is odd. A
 * picture is the answer to the method `spectrum` (docs/control.md): the highest power of each bin
 * within some time. Pure; any thread. */
#ifndef HZ_CTL_BAND_H
#define HZ_CTL_BAND_H

#include <stdbool.h>
#include <stddef.h>

enum {
    HZ_CTL_BINS = 4096,     /* of a picture, at most */
    HZ_CTL_PICTURES = 1024, /* taken in, at most */
};

struct hz_ctl_band {
    double from_hz, to_hz; /* edges */
    size_t n;              /* bins; 0: no picture yet */
    size_t pictures;
    float *level; /* of all pictures, one behind the other; dBFS in a bin */
    float peak[HZ_CTL_BINS], low[HZ_CTL_BINS]; /* highest and lowest of all pictures */
    float noise[HZ_CTL_PICTURES];              /* of each picture: the level that most bins have */
    float floor;                               /* the median of these */
};

/* Takes in a picture. It is left out if its range is not that of those before, or there are too
 * many. -ENOMEM. The memory is of hz_ctl_band_done. */
int hz_ctl_band_add(struct hz_ctl_band *b, double from_hz, double to_hz, const float *levels,
                    size_t n);
/* No more pictures come: what is below may be asked. */
void hz_ctl_band_end(struct hz_ctl_band *b);
void hz_ctl_band_done(struct hz_ctl_band *b);

/* The loudest bin over the noise, in dB, but those in the middle (a dongle has DC there), and its
 * level. */
float hz_ctl_band_loudest(const struct hz_ctl_band *b, float *dbfs);
/* By how much the noise moved between pictures, in dB. */
float hz_ctl_band_moved(const struct hz_ctl_band *b);
/* Whether the two loudest carriers have the third products that an overloaded receiver makes of
 * them: 2 f1 - f2 and 2 f2 - f1. Then product_hz says where. */
bool hz_ctl_band_products(const struct hz_ctl_band *b, double carrier_hz[2], double product_hz[2]);
/* How uneven the noise is, in dB: between the third best of eight parts and the worst. The outer
 * tenths, where a dongle's own filter falls, are left out. */
float hz_ctl_band_uneven(const struct hz_ctl_band *b, double *best_hz, double *worst_hz);

/* A channel in the band. */
struct hz_ctl_seen {
    float over_db;   /* its power over the noise: in the loudest picture, */
    float always_db; /* in the quietest one */
    float busy;      /* fraction of the pictures in which it was HZ_CTL_SEEN_DB over the noise */
    float width_hz;  /* of what is at most 10 dB below its loudest bin */
    /* What is the nearest to it, at most reach_hz away and as wide as a transmission: from the
     * channel's middle to its own. NAN: there is none. */
    double offset_hz;
};

/* Power over the noise, in a channel's width, from which there is a signal and not only noise. */
#define HZ_CTL_SEEN_DB 2.0f

/* False: the channel is not in the band. */
bool hz_ctl_band_channel(const struct hz_ctl_band *b, double freq_hz, double bandwidth_hz,
                         double reach_hz, struct hz_ctl_seen *seen);

#endif
