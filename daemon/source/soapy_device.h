/* Finds, opens and sets up devices with SoapySDR. All functions block and are called on the
 * device's capture thread (hz_soapy_apply: on a thread of libuv's pool). Errors are -errno with one
 * line in err: what is wrong, and what the device has. */
#ifndef HZ_DAEMON_SOURCE_SOAPY_DEVICE_H
#define HZ_DAEMON_SOURCE_SOAPY_DEVICE_H

#include "daemon/source/device.h"
#include "daemon/source/soapy_api.h"
#include "daemon/source/soapy_conf.h"

#include <stdatomic.h>

struct hz_soapy {
    struct hz_soapy_api api;
    SoapySDRDevice *dev;
    SoapySDRStream *stream;
    size_t channel;
    enum hz_format format;
    double rate_hz;
    atomic_bool stop; /* set by the loop */
};

/* Opens the device and its stream and applies conf, but with that tuning. *s is zeroed. */
int hz_soapy_open(struct hz_soapy *s, const struct hz_conf_soapy *conf,
                  const struct hz_tuning *tuning, struct hz_device_info *info, char *err,
                  size_t err_len);
/* Also of what is half open. */
void hz_soapy_close(struct hz_soapy *s);

/* Applies the differences between `was` (NULL: nothing was set) and `now`. */
int hz_soapy_apply(struct hz_soapy *s, const struct hz_tuning *was, const struct hz_tuning *now,
                   char *err, size_t err_len);

#endif
