/* A live source whose device is read by a thread of its own, the capture thread, because libraries
 * of devices block. The thread opens the device, reads it and closes it; it only copies and hands
 * over. The loop never waits for that thread: to end it, the loop calls `cancel` repeatedly until
 * the thread exits. A thread that does not exit is given up. */
#ifndef HZ_DAEMON_SOURCE_DEVICE_H
#define HZ_DAEMON_SOURCE_DEVICE_H

#include "daemon/source/handoff.h"
#include "daemon/source/source.h"

/* Properties of an open device; all zero where not known. */
struct hz_device_info {
    char device[160]; /* what it is, in words */
    enum hz_format format;
    double rate_hz;           /* the actual rate of the hardware */
    enum hz_source_path path; /* the way that its samples take */
    uint32_t tuner, n_gains;  /* as in hz_source */
};

/* A kind of device. `dev` is what `open` made. Errors are -errno with one line in err; they are
 * what the receiver's state says. */
struct hz_device_ops {
    /* Opens what conf names and applies conf, but with that tuning. Capture thread. */
    int (*open)(void **dev, const struct hz_conf_receiver *conf, const struct hz_tuning *tuning,
                struct hz_device_info *info, char *err, size_t err_len);
    /* Hands samples over, at most block_bytes at a time, until it is cancelled (0) or fails.
     * Capture thread. */
    int (*read)(void *dev, struct hz_handoff *to, size_t block_bytes, char *err, size_t err_len);
    /* Makes `read` return soon. Called again and again, since a call before `read` may be without
     * effect. Must not wait. Loop, while the capture thread reads. */
    void (*cancel)(void *dev);
    /* Applies the differences between `was` and `now`. A thread of libuv's pool, while the capture
     * thread reads. */
    int (*apply)(void *dev, const struct hz_tuning *was, const struct hz_tuning *now, char *err,
                 size_t err_len);
    void (*close)(void *dev); /* capture thread */
    double settle_s; /* what arrives so long after a retune may still have the old frequency */
};

/* For hz_source_ops.open: starts the capture thread. Blocks have block_bytes; block_s is their
 * duration. Loop. */
int hz_device_open(struct hz_source **src, const struct hz_source *env,
                   const struct hz_device_ops *device, size_t block_bytes, double block_s,
                   char *err, size_t err_len);

/* The others of hz_source_ops. Loop. */
int hz_device_tune(struct hz_source *src, const struct hz_tuning *want, char *err, size_t err_len);
void hz_device_counts(struct hz_source *src, struct hz_handoff_counts *out);
void hz_device_close(struct hz_source *src, void (*closed)(void *ctx, int status));

#endif
