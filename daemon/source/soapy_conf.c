#include "daemon/source/soapy_conf.h"

static const struct hz_conf_soapy *as_soapy(const struct hz_conf_receiver *r)
{
    return (const struct hz_conf_soapy *)r;
}

static const char *device_of(const struct hz_conf_receiver *r)
{
    return as_soapy(r)->device;
}

static const char *input(const struct hz_conf_receiver *r)
{
    return *device_of(r) ? device_of(r) : "the first found";
}

static void check(const struct hz_check *c, void *item)
{
    hz_check_needs(c, "rate", "rate = 2M, one that the device has (SoapySDRUtil --probe)");
    /* SoapySDR would give both the same device, whose settings the second changes. */
    hz_check_same_device(c, item, device_of, device_of(item), "the first device");
}

static const char *const formats[] = {[HZ_SOAPY_NATIVE] = "native",
                                      [HZ_SOAPY_CS8] = "cs8",
                                      [HZ_SOAPY_CS16] = "cs16",
                                      [HZ_SOAPY_CF32] = "cf32",
                                      [HZ_SOAPY_CF32 + 1] = NULL};

static const struct hz_option options[] = {
    {.name = "device",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct hz_conf_soapy, device),
     .example = "driver=hackrf",
     .help = "which device, as SoapySDR's arguments (`SoapySDRUtil --find`); default: the first"},
    {.name = "rx_channel",
     .type = HZ_OPTION_COUNT,
     .at = offsetof(struct hz_conf_soapy, rx_channel),
     .max = 63,
     .fallback = "0",
     .help = "which input of a device that has several"},
    {.name = "antenna",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct hz_conf_soapy, antenna),
     .example = "RX",
     .help = "which antenna socket, by the driver's name; default: the driver's choice"},
    HZ_KEY_RATE,
    HZ_KEY_CENTRE,
    HZ_KEY_PLAN,
    HZ_KEY_GAIN_OF_STAGES,
    HZ_KEY_PPM,
    {.name = "format",
     .type = HZ_OPTION_CHOICE,
     .at = offsetof(struct hz_conf_soapy, format),
     .choices = formats,
     .example = "cs16",
     .help =
         "of the samples: `native`, what the device has (the default), or `cs8`, `cs16`, `cf32`"},
    {.name = "tuner_bandwidth",
     .type = HZ_OPTION_HZ,
     .at = offsetof(struct hz_conf_soapy, tuner_bandwidth_hz),
     .min = 1,
     .max = 1e9,
     .example = "1.75M",
     .unit = "Hz",
     .help = "width of the tuner's filter; default: the driver's choice for the rate"},
    {.name = "settings",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct hz_conf_soapy, settings),
     .example = "biastee=true",
     .help = "settings of the driver (`SoapySDRUtil --probe` lists them)"},
    {.name = "stream",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct hz_conf_soapy, stream),
     .example = "buffers=32",
     .help = "arguments of the driver's stream (`SoapySDRUtil --probe` lists them)"},
    {0},
};

const struct hz_source_kind hz_soapy_kind = {
    .kind = {.name = "soapy",
             .title = "a radio that SoapySDR has a driver for",
             .options = options,
             .size = sizeof(struct hz_conf_soapy),
             .check = check},
    .ops = &hz_source_soapy,
    .live = true,
    .tunable = true,
    .usb = true,
    .stages = true,
    .input = input,
};
