/* [receiver] with source = rtlsdr, and what a dongle cannot do, whatever is plugged in. */
#include "daemon/source/dongle.h"

#include <errno.h>

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

static bool has_frequency(const struct hz_conf_dongle *r, double hz)
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

static void check_rate(const struct hz_check *c, const struct hz_conf_receiver *r)
{
    char meant[64];
    if (r->rate_hz <= 0 || has_rate(r->rate_hz))
        return;
    meant_rate(r->rate_hz, meant, sizeof meant);
    hz_check_error(c, "rate",
                   "rate of %.10g samples per second: a dongle has %.0f to %.0f and %.0f to %.0f%s",
                   r->rate_hz, LOW_MIN_HZ, LOW_MAX_HZ, HIGH_MIN_HZ, HIGH_MAX_HZ, meant);
}

/* "0.5 to 2200 MHz", and what may have been meant by a frequency that is none. */
static int reach(const struct hz_conf_receiver *r, double hz, char *expected, size_t size)
{
    const struct hz_conf_dongle *d = (const struct hz_conf_dongle *)r;
    bool direct = d->direct_sampling != HZ_DIRECT_OFF;
    if (has_frequency(d, hz))
        return 0;
    int n = snprintf(expected, size, "%g to %g MHz%s", direct ? 0 : TUNER_MIN_HZ / 1e6,
                     (direct ? DIRECT_MAX_HZ : TUNER_MAX_HZ) / 1e6,
                     direct ? " with direct_sampling" : "");
    if (n > 0 && (size_t)n < size && has_frequency(d, hz * 1e3))
        snprintf(expected + n, size - (size_t)n, "; did you mean %.10gk?", hz);
    return -EINVAL;
}

/* What a dongle is called; without a name it is the first. */
static const char *device_of(const struct hz_conf_receiver *r)
{
    const char *device = ((const struct hz_conf_dongle *)r)->device;
    return *device ? device : "index:0";
}

static void check(const struct hz_check *c, void *item)
{
    const struct hz_conf_dongle *d = item;
    check_rate(c, &d->receiver);
    hz_check_same_device(c, &d->receiver, device_of, d->device, "the first dongle");
}

static const char *input(const struct hz_conf_receiver *r)
{
    const char *device = ((const struct hz_conf_dongle *)r)->device;
    return *device ? device : "the first found";
}

static const char *const direct_samplings[] = {
    [HZ_DIRECT_OFF] = "off", [HZ_DIRECT_I] = "i", [HZ_DIRECT_Q] = "q", [HZ_DIRECT_Q + 1] = NULL};

static const struct hz_option options[] = {
    {.name = "device",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct hz_conf_dongle, device),
     .example = "00000001",
     .help = "which dongle: serial number, USB port as 1-2.3, or index:N; default: the first"},
    HZ_KEY_RATE,
    HZ_KEY_CENTRE,
    HZ_KEY_PLAN,
    HZ_KEY_GAIN,
    HZ_KEY_PPM,
    HZ_KEY_BIAS_TEE,
    {.name = "direct_sampling",
     .type = HZ_OPTION_CHOICE,
     .at = offsetof(struct hz_conf_dongle, direct_sampling),
     .choices = direct_samplings,
     .fallback = "off",
     .help = "sample the I or the Q input directly, past the tuner, for short wave"},
    {.name = "tuner_bandwidth",
     .type = HZ_OPTION_HZ,
     .at = offsetof(struct hz_conf_dongle, tuner_bandwidth_hz),
     .min = 1,
     .max = 1e8,
     .example = "2M",
     .unit = "Hz",
     .help = "width of the tuner's filter; default: the driver's choice for the rate"},
    {0},
};

const struct hz_source_kind hz_rtlsdr_kind = {
    .kind = {.name = "rtlsdr",
             .title = "an RTL-SDR dongle",
             .options = options,
             .size = sizeof(struct hz_conf_dongle),
             .check = check},
    .ops = &hz_source_rtlsdr,
    .live = true,
    .tunable = true,
    .usb = true,
    .reach = reach,
    .who = "a dongle",
    .input = input,
};
