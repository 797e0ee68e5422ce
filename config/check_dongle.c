/* What an RTL-SDR dongle cannot do, whatever is plugged in. */
#include "config/schema.h"

#include <errno.h>
#include <string.h>

/* Rates of the RTL2832U's resampler, below and above a hole (librtlsdr, rtlsdr_set_sample_rate). */
static const double LOW_MIN_HZ = 225001, LOW_MAX_HZ = 300000, HIGH_MIN_HZ = 900001,
                    HIGH_MAX_HZ = 3200000;

/* The widest range of any tuner in a dongle: from 0.5 MHz with the converter of the RTL-SDR Blog
 * V4, to 2.2 GHz with an E4000 (the usual R820T has 24 to 1766 MHz). Sampled directly, the range
 * ends with the clock. */
static const double TUNER_MIN_HZ = 500e3, TUNER_MAX_HZ = 2.2e9, DIRECT_MAX_HZ = 28.8e6;

static bool has_rate(double hz)
{
    return (hz >= LOW_MIN_HZ && hz <= LOW_MAX_HZ) || (hz >= HIGH_MIN_HZ && hz <= HIGH_MAX_HZ);
}

static bool has_frequency(const struct hz_conf_receiver *r, double hz)
{
    if (r->direct_sampling != HZ_DIRECT_OFF)
        return hz <= DIRECT_MAX_HZ;
    return hz >= TUNER_MIN_HZ && hz <= TUNER_MAX_HZ;
}

/* ": did you mean 2.4M?" of a rate whose unit or point is wrong; "": nothing near suits. */
static void meant_rate(double hz, char *out, size_t size)
{
    *out = 0;
    if (has_rate(hz * 1e6))
        snprintf(out, size, "; did you mean %.10gM?", hz);
    else if (has_rate(hz * 1e3))
        snprintf(out, size, "; did you mean %.10gk?", hz);
    else if (has_rate(hz / 10))
        snprintf(out, size, "; did you mean %.10gM?", hz / 1e7);
}

static void check_rate(struct hz_conf_parser *p, const struct hz_draft *d,
                       const struct hz_conf_receiver *r)
{
    char meant[64];
    if (r->rate_hz <= 0 || has_rate(r->rate_hz))
        return;
    meant_rate(r->rate_hz, meant, sizeof meant);
    hz_conf_error(p->errors, d->where.file, hz_draft_line(d, "rate"),
                  "rate of %.10g samples per second: a dongle has %.0f to %.0f and %.0f to %.0f%s",
                  r->rate_hz, LOW_MIN_HZ, LOW_MAX_HZ, HIGH_MIN_HZ, HIGH_MAX_HZ, meant);
}

/* "0.5 to 2200 MHz", and what may have been meant by a frequency that is none. */
static void expected_frequency(const struct hz_conf_receiver *r, double hz, char *out, size_t size)
{
    bool direct = r->direct_sampling != HZ_DIRECT_OFF;
    int n = snprintf(out, size, "%g to %g MHz%s", direct ? 0 : TUNER_MIN_HZ / 1e6,
                     (direct ? DIRECT_MAX_HZ : TUNER_MAX_HZ) / 1e6,
                     direct ? " with direct_sampling" : "");
    if (n > 0 && (size_t)n < size && has_frequency(r, hz * 1e3))
        snprintf(out + n, size - (size_t)n, "; did you mean %.10gk?", hz);
}

int hz_conf_centre_check(const struct hz_conf_receiver *r, double hz, char *expected, size_t size)
{
    char text[32], meant[64];
    snprintf(text, sizeof text, "%.10g", hz);
    if (hz_unit_forgotten(text, meant, sizeof meant)) {
        snprintf(expected, size, "a frequency in Hz; did you mean %s?", meant);
        return -EINVAL;
    }
    if (strcmp(r->source, "rtlsdr") != 0 || has_frequency(r, hz))
        return 0;
    expected_frequency(r, hz, expected, size);
    return -EINVAL;
}

static void check_frequency(struct hz_conf_parser *p, const struct hz_draft *d, const char *key,
                            const struct hz_conf_receiver *r, double hz)
{
    char expected[128];
    if (hz <= 0 || has_frequency(r, hz))
        return;
    expected_frequency(r, hz, expected, sizeof expected);
    hz_conf_error(p->errors, d->where.file, hz_draft_line(d, key),
                  "%s of %.10g MHz: a dongle has %s", key, hz / 1e6, expected);
}

/* What a dongle is called; without a name it is the first. */
static const char *device_of(const struct hz_conf_receiver *r)
{
    return *r->device ? r->device : "index:0";
}

static void check_twice(struct hz_conf_parser *p, const struct hz_draft *d,
                        const struct hz_conf_receiver *r)
{
    for (size_t i = 0; i < d->index; i++) {
        const struct hz_conf_receiver *o = &p->config->receivers[i];
        if (strcmp(o->source, "rtlsdr") != 0 || strcmp(device_of(o), device_of(r)) != 0)
            continue;
        hz_conf_error(p->errors, d->where.file, hz_draft_line(d, "device"),
                      "%s%s is opened by [receiver %s] at %s:%d already: expected another device, "
                      "or its channels in that receiver",
                      *r->device ? "device = " : "the first dongle", r->device, o->name,
                      o->where.file, o->where.line);
        return;
    }
}

void hz_check_dongle(struct hz_conf_parser *p, const struct hz_draft *receiver)
{
    const struct hz_conf_receiver *r = hz_draft_item(p, receiver);
    check_rate(p, receiver, r);
    check_frequency(p, receiver, "centre", r, r->centre_hz);
    check_twice(p, receiver, r);
}

void hz_check_dongle_channel(struct hz_conf_parser *p, const struct hz_draft *channel,
                             const struct hz_conf_receiver *r)
{
    const struct hz_conf_channel *c = hz_draft_item(p, channel);
    check_frequency(p, channel, "frequency", r, c->freq_hz);
}
