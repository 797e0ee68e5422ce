/* The gain of a device of SoapySDR. Any thread, one at a time. */
#ifndef HZ_DAEMON_SOURCE_SOAPY_GAIN_H
#define HZ_DAEMON_SOURCE_SOAPY_GAIN_H

#include "daemon/source/soapy_device.h"

/* 0; -EINVAL where the device has no such gain, or -EIO, with one line in err. */
int hz_soapy_set_gain(struct hz_soapy *s, const struct hz_tuning *t, char *err, size_t err_len);

#endif
