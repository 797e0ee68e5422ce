/* What is on the air in one band, from frames of its spectrum (method `spectrum`). Pure; one thread
 * at a time. */
#ifndef HZ_CTL_SCAN_LOOK_H
#define HZ_CTL_SCAN_LOOK_H

#include <stdbool.h>
#include <stddef.h>

struct hz_scan_look {
    double from_hz, to_hz;
    size_t bins, frames, cap;
    float *db;    /* frames of bins each */
    float *noise; /* of each bin, after hz_scan_look_judge: power, full scale 1 */
};

/* Empty, for a band in so many bins. */
void hz_scan_look_init(struct hz_scan_look *l, double from_hz, double to_hz, size_t bins);
void hz_scan_look_done(struct hz_scan_look *l);

/* The next frame, whose levels (dBFS) the caller writes. NULL: no memory. */
float *hz_scan_look_add(struct hz_scan_look *l);

/* After the last frame: finds the noise of each bin. It is what is there most of the time and in
 * most bins around. 0; -ENOMEM; -ENODATA: there are no frames. */
int hz_scan_look_judge(struct hz_scan_look *l);

struct hz_scan_level {
    double over_db; /* the highest power over the noise, in its width */
    double duty;    /* fraction of the frames in which it is HZ_SCAN_OVER_DB over the noise */
};

/* So much over the noise is a signal: the noise of one frame is within 1 dB. */
#define HZ_SCAN_OVER_DB 6.0

/* Of a channel of that width. False: it is not in the band. */
bool hz_scan_look_channel(const struct hz_scan_look *l, double freq_hz, double width_hz,
                          struct hz_scan_level *level);

struct hz_scan_carrier {
    double freq_hz, width_hz;
    struct hz_scan_level level;
};

/* Everything that is 10 dB over the noise, the lowest frequency first, at most `max`; not the
 * dongle's own spike at the centre. Returns how many. */
size_t hz_scan_look_carriers(const struct hz_scan_look *l, struct hz_scan_carrier *out, size_t max);

#endif
