/* Source: an RTL-SDR dongle. librtlsdr does not give access to its libusb context, so each dongle
 * has a capture thread, which blocks in rtlsdr_read_async. */
#include "daemon/source/device.h"
#include "daemon/source/dongle.h"
#include "daemon/source/rtl_tuner.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    TRANSFERS = 15,      /* in flight at a time: librtlsdr's default */
    TRANSFER_UNIT = 512, /* bytes; a transfer's length is a multiple of it */
};
/* A message waits for the end of its block of the band, which is 20 ms, and then for that of a
 * transfer: with 14 ms half a transfer in the mean, with a divisor of 80 ms more
 * (docs/performance.md). */
#define TRANSFER_S 0.014
/* After a retune all transfers that were in flight may hold samples of the old frequency, however
 * late this thread is, and one more for what the chip held. */
static const double settle_s = (TRANSFERS + 1) * TRANSFER_S;

struct dongle {
    rtlsdr_dev_t *dev;
    char serial[64];
};

static int open_device(void **dev, const struct hz_conf_receiver *conf,
                       const struct hz_tuning *tuning, struct hz_device_info *info, char *err,
                       size_t err_len)
{
    struct hz_dongle_info i;
    struct dongle *d = calloc(1, sizeof *d);
    snprintf(err, err_len, "no memory for a dongle");
    if (!d)
        return -ENOMEM;
    int rc = hz_dongle_open(&d->dev, (const struct hz_conf_dongle *)conf, tuning, &i, err, err_len);
    if (rc != 0) {
        free(d);
        return rc;
    }
    const struct hz_rtl_tuner *tuner = hz_rtl_tuner(i.tuner);
    *info = (struct hz_device_info){.format = HZ_CU8,
                                    .rate_hz = i.rate_hz,
                                    .tuner = i.tuner,
                                    .n_gains = tuner ? (uint32_t)tuner->n_gains : 0};
    snprintf(info->device, sizeof info->device, "%.50s, %s tuner, serial %.50s", i.name,
             tuner ? tuner->name : "no", i.serial);
    snprintf(d->serial, sizeof d->serial, "%s", i.serial);
    *dev = d;
    return 0;
}

static void on_samples(unsigned char *buf, uint32_t len, void *ctx)
{
    hz_handoff_put(ctx, buf, len, 2);
}

static int read_device(void *dev, struct hz_handoff *to, size_t block_bytes, char *err,
                       size_t err_len)
{
    struct dongle *d = dev;
    if (rtlsdr_reset_buffer(d->dev) == 0)
        rtlsdr_read_async(d->dev, on_samples, to, TRANSFERS, (uint32_t)block_bytes);
    snprintf(err, err_len, "dongle %s stopped delivering: it was unplugged or its USB failed",
             d->serial);
    return -EIO;
}

static void cancel(void *dev)
{
    rtlsdr_cancel_async(((struct dongle *)dev)->dev); /* only sets a flag */
}

static int apply(void *dev, const struct hz_tuning *was, const struct hz_tuning *now, char *err,
                 size_t err_len)
{
    return hz_dongle_apply(((struct dongle *)dev)->dev, was, now, err, err_len);
}

static void close_device(void *dev)
{
    rtlsdr_close(((struct dongle *)dev)->dev);
    free(dev);
}

static const struct hz_device_ops device = {
    .open = open_device,
    .read = read_device,
    .cancel = cancel,
    .apply = apply,
    .close = close_device,
    .settle_s = settle_s,
};

static int open_dongle(struct hz_source **src, const struct hz_source *env, char *err,
                       size_t err_len)
{
    long units = lround(env->conf->rate_hz * 2 * TRANSFER_S / TRANSFER_UNIT);
    return hz_device_open(src, env, &device, (size_t)(units < 1 ? 1 : units) * TRANSFER_UNIT,
                          TRANSFER_S, err, err_len);
}

const struct hz_source_ops hz_source_rtlsdr = {
    .live = true,
    .open = open_dongle,
    .tune = hz_device_tune,
    .counts = hz_device_counts,
    .close = hz_device_close,
};
