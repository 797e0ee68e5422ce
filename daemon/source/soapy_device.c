#include "daemon/source/soapy_device.h"
#include "daemon/source/soapy_gain.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a driver answers, in SoapySDR's names, and what we take. Full scale of an integer format is
 * 2^7 or 2^15; drivers state it or one less. */
static const struct {
    const char *theirs;
    enum hz_format ours;
    double full_scale;
} formats[] = {
    {SOAPY_SDR_CU8, HZ_CU8, 128},
    {SOAPY_SDR_CS8, HZ_CS8, 128},
    {SOAPY_SDR_CS16, HZ_CS16, 32768},
    {SOAPY_SDR_CF32, HZ_CF32, 1},
};
enum { N_FORMATS = sizeof formats / sizeof *formats, CF32 = N_FORMATS - 1 };
static const double rate_tolerance = 1e-4;

/* ---- opening ---------------------------------------------------------------------------- */

/* Why nothing could be opened: no driver, no such device, or one that is in use. */
static int open_failed(struct hz_soapy *s, const char *device, char *err, size_t err_len)
{
    char reason[160];
    size_t n, n_any, n_modules;
    snprintf(reason, sizeof reason, "%s", s->api.last_error());
    char **modules = s->api.list_modules(&n_modules);
    SoapySDRKwargs *found = s->api.enumerate(device, &n), *any = s->api.enumerate("", &n_any);
    int rc = n > 0 ? -EIO : -ENODEV;
    if (n > 0)
        snprintf(err, err_len,
                 "device %s cannot be opened: %s; does another program use it, and may hertzd's "
                 "user open it?",
                 *device ? device : "(the first)", reason);
    else if (n_modules == 0)
        snprintf(err, err_len,
                 "SoapySDR has no drivers: install that of the radio, as soapysdr-module-hackrf");
    else if (n_any == 0)
        snprintf(err, err_len,
                 "SoapySDR finds no device: is it plugged in, and its driver "
                 "installed (SoapySDRUtil --find)?");
    else
        snprintf(err, err_len,
                 "no device matches device = %s; SoapySDR finds %zu other%s (SoapySDRUtil --find)",
                 device, n_any, n_any == 1 ? "" : "s");
    s->api.strings_clear(&modules, n_modules);
    s->api.kwargs_list_clear(found, n);
    s->api.kwargs_list_clear(any, n_any);
    return rc;
}

/* Samples of a remote device come over a network, late at times. */
static enum hz_source_path path_of(struct hz_soapy *s, const char *device)
{
    SoapySDRKwargs args = s->api.kwargs_of(device);
    const char *driver = s->api.kwargs_get(&args, "driver");
    bool remote = s->api.kwargs_get(&args, "remote") || (driver && strcmp(driver, "remote") == 0);
    s->api.kwargs_clear(&args);
    return remote ? HZ_PATH_TCP : HZ_PATH_USB;
}

static void describe(struct hz_soapy *s, char *out, size_t size)
{
    char *driver = s->api.driver_key(s->dev), *hardware = s->api.hardware_key(s->dev);
    snprintf(out, size, "%.60s, SoapySDR's driver %.60s", hardware ? hardware : "a device",
             driver ? driver : "(no name)");
    s->api.free(driver);
    s->api.free(hardware);
}

/* ---- settings --------------------------------------------------------------------------- */

static int refused(struct hz_soapy *s, const char *what, double value, char *err, size_t err_len)
{
    snprintf(err, err_len, "the device refused %s %.10g: %s", what, value, s->api.last_error());
    return -EIO;
}

/* "24 to 1766 MHz, …", or single values where a range is one. */
static void ranges_text(const SoapySDRRange *r, size_t n, char *out, size_t size)
{
    size_t used = 0;
    snprintf(out, size, "none");
    for (size_t i = 0; i < n && used < size; i++) {
        used +=
            (size_t)snprintf(out + used, size - used, "%s%.10g", i ? ", " : "", r[i].minimum / 1e6);
        if (r[i].maximum > r[i].minimum && used < size)
            used += (size_t)snprintf(out + used, size - used, " to %.10g", r[i].maximum / 1e6);
    }
}

static int set_antenna(struct hz_soapy *s, const char *antenna, char *err, size_t err_len)
{
    size_t n, used = 0;
    char all[160] = "none";
    bool found = false;
    if (!*antenna)
        return 0;
    char **names = s->api.list_antennas(s->dev, SOAPY_SDR_RX, s->channel, &n);
    for (size_t i = 0; i < n; i++) {
        found = found || strcmp(names[i], antenna) == 0;
        if (used < sizeof all)
            used +=
                (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", names[i]);
    }
    s->api.strings_clear(&names, n);
    if (found && s->api.set_antenna(s->dev, SOAPY_SDR_RX, s->channel, antenna) == 0)
        return 0;
    snprintf(err, err_len, "antenna = %s: the device has %s", antenna, all);
    return -EINVAL;
}

/* Drivers take the nearest rate that they have, in silence: channels would be decoded wrongly. */
static int set_rate(struct hz_soapy *s, double rate_hz, char *err, size_t err_len)
{
    char all[160];
    size_t n;
    int rc = s->api.set_rate(s->dev, SOAPY_SDR_RX, s->channel, rate_hz);
    s->rate_hz = s->api.get_rate(s->dev, SOAPY_SDR_RX, s->channel);
    if (rc == 0 && fabs(s->rate_hz - rate_hz) <= rate_tolerance * rate_hz)
        return 0;
    SoapySDRRange *ranges = s->api.rate_ranges(s->dev, SOAPY_SDR_RX, s->channel, &n);
    ranges_text(ranges, n, all, sizeof all);
    s->api.free(ranges);
    snprintf(err, err_len, "rate = %.10g: the device has %s million samples per second", rate_hz,
             all);
    return -EINVAL;
}

static int set_settings(struct hz_soapy *s, const char *text, char *err, size_t err_len)
{
    SoapySDRKwargs all = s->api.kwargs_of(text);
    int rc = 0;
    for (size_t i = 0; i < all.size && rc == 0; i++) {
        if (s->api.write_setting(s->dev, all.keys[i], all.vals[i]) == 0)
            continue;
        snprintf(err, err_len, "the device refused the setting %s = %s: %s", all.keys[i],
                 all.vals[i], s->api.last_error());
        rc = -EINVAL;
    }
    s->api.kwargs_clear(&all);
    return rc;
}

static int set_ppm(struct hz_soapy *s, double ppm, char *err, size_t err_len)
{
    bool can = s->api.has_ppm(s->dev, SOAPY_SDR_RX, s->channel);
    if (!can && ppm == 0)
        return 0;
    if (!can) {
        snprintf(err, err_len, "ppm = %g: the device's driver cannot correct its crystal", ppm);
        return -ENOTSUP;
    }
    if (s->api.set_ppm(s->dev, SOAPY_SDR_RX, s->channel, ppm) != 0)
        return refused(s, "ppm", ppm, err, err_len);
    return 0;
}

static int set_centre(struct hz_soapy *s, double hz, char *err, size_t err_len)
{
    char all[160];
    size_t n;
    bool inside = false;
    SoapySDRRange *ranges = s->api.frequency_ranges(s->dev, SOAPY_SDR_RX, s->channel, &n);
    for (size_t i = 0; i < n; i++)
        inside = inside || (hz >= ranges[i].minimum && hz <= ranges[i].maximum);
    ranges_text(ranges, n, all, sizeof all);
    s->api.free(ranges);
    if (n > 0 && !inside) {
        snprintf(err, err_len, "centre of %.10g MHz: the device has %s MHz", hz / 1e6, all);
        return -EINVAL;
    }
    if (s->api.set_frequency(s->dev, SOAPY_SDR_RX, s->channel, hz, NULL) != 0)
        return refused(s, "the centre frequency", hz, err, err_len);
    return 0;
}

int hz_soapy_apply(struct hz_soapy *s, const struct hz_tuning *was, const struct hz_tuning *now,
                   char *err, size_t err_len)
{
    int rc = 0;
    if (now->bias_tee) {
        snprintf(err, err_len,
                 "SoapySDR has no common bias tee: expected settings = of the driver "
                 "in the configuration, as biastee=true");
        return -ENOTSUP;
    }
    if (!was || was->ppm != now->ppm)
        rc = set_ppm(s, now->ppm, err, err_len);
    if (rc == 0 && (!was || was->centre_hz != now->centre_hz))
        rc = set_centre(s, now->centre_hz, err, err_len);
    if (rc == 0 && (!was || !hz_tuning_same_gain(was, now)))
        rc = hz_soapy_set_gain(s, now, err, err_len);
    return rc;
}

static int set_up(struct hz_soapy *s, const struct hz_conf_soapy *conf,
                  const struct hz_tuning *tuning, char *err, size_t err_len)
{
    size_t n = s->api.num_channels(s->dev, SOAPY_SDR_RX);
    double width = conf->tuner_bandwidth_hz;
    s->channel = (size_t)conf->rx_channel;
    if (s->channel >= n) {
        snprintf(err, err_len, "rx_channel = %zu: the device has %zu, counted from 0", s->channel,
                 n);
        return -EINVAL;
    }
    int rc = set_settings(s, conf->settings, err, err_len);
    if (rc == 0)
        rc = set_antenna(s, conf->antenna, err, err_len);
    if (rc == 0)
        rc = set_rate(s, conf->receiver.rate_hz, err, err_len);
    if (rc == 0 && width > 0 && s->api.set_bandwidth(s->dev, SOAPY_SDR_RX, s->channel, width) != 0)
        rc = refused(s, "the tuner bandwidth", width, err, err_len);
    if (rc == 0 && s->api.has_dc_mode(s->dev, SOAPY_SDR_RX, s->channel))
        s->api.set_dc_mode(s->dev, SOAPY_SDR_RX, s->channel, true); /* without it: a spike */
    return rc ? rc : hz_soapy_apply(s, NULL, tuning, err, err_len);
}

/* ---- the stream ------------------------------------------------------------------------- */

/* The device's own format, unless its numbers do not fill it (12 bits in 16): levels and clipping
 * would be wrong, so floats are taken, which have a full scale. */
static size_t native_format(struct hz_soapy *s)
{
    double full = 0;
    size_t found = CF32;
    char *name = s->api.native_format(s->dev, SOAPY_SDR_RX, s->channel, &full);
    for (size_t i = 0; i < N_FORMATS && name; i++) {
        if (strcmp(formats[i].theirs, name) == 0 && full <= formats[i].full_scale &&
            full >= formats[i].full_scale - 1)
            found = i;
    }
    s->api.free(name);
    return found;
}

static int format_refused(struct hz_soapy *s, const char *format, char *err, size_t err_len)
{
    size_t n, used = 0;
    char all[100] = "none", why[120];
    snprintf(why, sizeof why, "%s", s->api.last_error());
    char **names = s->api.list_formats(s->dev, SOAPY_SDR_RX, s->channel, &n);
    for (size_t i = 0; i < n && used < sizeof all; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", names[i]);
    s->api.strings_clear(&names, n);
    snprintf(err, err_len, "the device has no stream of %s (%s); it has %s", format, why, all);
    return -EINVAL;
}

static int open_stream(struct hz_soapy *s, const struct hz_conf_soapy *conf, char *err,
                       size_t err_len)
{
    static const enum hz_format asked[] = {
        [HZ_SOAPY_CS8] = HZ_CS8, [HZ_SOAPY_CS16] = HZ_CS16, [HZ_SOAPY_CF32] = HZ_CF32};
    size_t f = native_format(s);
    for (size_t i = 0; i < N_FORMATS && conf->format != HZ_SOAPY_NATIVE; i++) {
        if (formats[i].ours == asked[conf->format])
            f = i;
    }
    SoapySDRKwargs args = s->api.kwargs_of(conf->stream);
    s->format = formats[f].ours;
    s->stream = s->api.setup_stream(s->dev, SOAPY_SDR_RX, formats[f].theirs, &s->channel, 1, &args);
    s->api.kwargs_clear(&args);
    return s->stream ? 0 : format_refused(s, formats[f].theirs, err, err_len);
}

int hz_soapy_open(struct hz_soapy *s, const struct hz_conf_soapy *conf,
                  const struct hz_tuning *tuning, struct hz_device_info *info, char *err,
                  size_t err_len)
{
    int rc = hz_soapy_load(&s->api, err, err_len);
    if (rc != 0)
        return rc;
    s->dev = s->api.make(conf->device);
    rc =
        s->dev ? set_up(s, conf, tuning, err, err_len) : open_failed(s, conf->device, err, err_len);
    if (rc == 0)
        rc = open_stream(s, conf, err, err_len);
    if (rc != 0) {
        hz_soapy_close(s);
        return rc;
    }
    *info = (struct hz_device_info){
        .format = s->format, .rate_hz = s->rate_hz, .path = path_of(s, conf->device)};
    describe(s, info->device, sizeof info->device);
    return 0;
}

void hz_soapy_close(struct hz_soapy *s)
{
    if (s->stream)
        s->api.close_stream(s->dev, s->stream);
    if (s->dev)
        s->api.unmake(s->dev);
    hz_soapy_unload(&s->api);
}
