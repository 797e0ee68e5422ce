/* Source: a radio that SoapySDR has a driver for. Its capture thread reads the driver's stream,
 * whose reads may be short, and fills blocks. */
#include "daemon/source/soapy_device.h"
#include "daemon/source/stream_time.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    READ_LIMIT_US = 100000, /* how soon the thread sees that it should end */
    SAMPLE_MAX = 8,         /* bytes: of the widest format, floats */
    BLOCK_SAMPLES_MAX = 1 << 17,
};
static const double block_s = 0.016;
/* A driver may have several transfers in flight, each of up to 65 ms (HackRF at 2 Msps). */
static const double settle_s = 0.3;

struct reader {
    struct hz_soapy *s;
    struct hz_handoff *to;
    struct hz_stream_time time;
    size_t sample_bytes, cap, n; /* cap and n in samples */
    bool after_overflow;         /* the first sample here is the first after an overflow */
    uint8_t *samples;
};

/* ---- reading ---------------------------------------------------------------------------- */

static void flush(struct reader *r)
{
    if (r->n == 0)
        return;
    hz_handoff_put(r->to, r->samples, r->n * r->sample_bytes, r->sample_bytes);
    r->n = 0;
    r->after_overflow = false;
}

/* Samples are missing before the `got` ones that were read last. */
static void place_loss(struct reader *r, uint64_t lost, size_t got)
{
    if (!r->after_overflow) {
        uint8_t *last = r->samples + r->n * r->sample_bytes;
        hz_handoff_overflow(r->to);
        flush(r);
        memmove(r->samples, last, got * r->sample_bytes);
    }
    hz_handoff_lost(r->to, lost);
}

static void take(struct reader *r, size_t got, int flags, long long ns)
{
    uint64_t lost = flags & SOAPY_SDR_HAS_TIME ? hz_stream_time_at(&r->time, ns) : 0;
    if (lost > 0)
        place_loss(r, lost, got);
    hz_stream_time_pass(&r->time, got);
    r->n += got;
    if (r->n == r->cap)
        flush(r);
}

/* One read. 0 or -EIO. */
static int read_some(struct reader *r, char *err, size_t err_len)
{
    int flags = 0;
    long long ns = 0;
    void *at = r->samples + r->n * r->sample_bytes;
    int got = r->s->api.read_stream(r->s->dev, r->s->stream, &at, r->cap - r->n, &flags, &ns,
                                    READ_LIMIT_US);
    if (got > 0) {
        take(r, (size_t)got, flags, ns);
    } else if (got == SOAPY_SDR_OVERFLOW || got == SOAPY_SDR_CORRUPTION) {
        flush(r);
        r->after_overflow = true;
        hz_stream_time_overflow(&r->time);
        hz_handoff_overflow(r->to);
    } else if (got == SOAPY_SDR_TIMEOUT) {
        flush(r);
    } else if (got < 0) {
        snprintf(err, err_len,
                 "the device stopped delivering: %s; it was unplugged or its driver failed",
                 r->s->api.error_text(got));
        return -EIO;
    } else {
        uv_sleep(1); /* a driver that returns at once without samples */
    }
    return 0;
}

static int read_device(void *dev, struct hz_handoff *to, size_t block_bytes, char *err,
                       size_t err_len)
{
    struct hz_soapy *s = dev;
    struct reader r = {.s = s,
                       .to = to,
                       .sample_bytes = hz_format_bytes(s->format),
                       .cap = block_bytes / SAMPLE_MAX,
                       .samples = malloc(block_bytes)};
    int rc = r.samples ? 0 : -ENOMEM;
    snprintf(err, err_len, "no memory for samples");
    hz_stream_time_init(&r.time, s->rate_hz);
    if (rc == 0 && s->api.activate_stream(s->dev, s->stream, 0, 0, 0) != 0) {
        snprintf(err, err_len, "the device does not start: %s", s->api.last_error());
        rc = -EIO;
    }
    while (rc == 0 && !atomic_load(&s->stop))
        rc = read_some(&r, err, err_len);
    flush(&r);
    s->api.deactivate_stream(s->dev, s->stream, 0, 0);
    free(r.samples);
    return rc;
}

/* ---- the rest of the device ------------------------------------------------------------- */

static int open_device(void **dev, const struct hz_conf_receiver *conf,
                       const struct hz_tuning *tuning, struct hz_device_info *info, char *err,
                       size_t err_len)
{
    struct hz_soapy *s = calloc(1, sizeof *s);
    snprintf(err, err_len, "no memory for a device");
    int rc = s ? hz_soapy_open(s, (const struct hz_conf_soapy *)conf, tuning, info, err, err_len)
               : -ENOMEM;
    if (rc != 0)
        free(s);
    else
        *dev = s;
    return rc;
}

static void cancel(void *dev)
{
    atomic_store(&((struct hz_soapy *)dev)->stop, true);
}

static int apply(void *dev, const struct hz_tuning *was, const struct hz_tuning *now, char *err,
                 size_t err_len)
{
    return hz_soapy_apply(dev, was, now, err, err_len);
}

static void close_device(void *dev)
{
    hz_soapy_close(dev);
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

static int open_soapy(struct hz_source **src, const struct hz_source *env, char *err,
                      size_t err_len)
{
    double rate_hz = env->conf->rate_hz;
    double samples = fmax(1, fmin(round(rate_hz * block_s), BLOCK_SAMPLES_MAX));
    return hz_device_open(src, env, &device, (size_t)samples * SAMPLE_MAX, samples / rate_hz, err,
                          err_len);
}

const struct hz_source_ops hz_source_soapy = {
    .live = true,
    .open = open_soapy,
    .tune = hz_device_tune,
    .counts = hz_device_counts,
    .close = hz_device_close,
};
