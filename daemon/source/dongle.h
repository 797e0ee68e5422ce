/* Finding, opening and setting up an RTL-SDR dongle through librtlsdr. Everything here blocks and
 * is called on the dongle's capture thread (hz_dongle_apply: on a thread of libuv's pool); nothing
 * here is shared. */
#ifndef HZ_DAEMON_SOURCE_DONGLE_H
#define HZ_DAEMON_SOURCE_DONGLE_H

#include "daemon/source/source.h"

#include <rtl-sdr.h>

/* What a dongle is, once it is open. */
struct hz_dongle_info {
    char serial[64], name[64]; /* its USB strings; "" where it does not tell */
    uint32_t tuner;            /* see rtl_tuner.h */
    char port[32];             /* "1-2.3"; "" where not known */
    double rate_hz;            /* what the hardware really does when asked for conf->rate_hz */
};

/* Opens the dongle that conf->device names (serial, "index:N", port path, "": the first) and sets
 * all that conf says. 0, or -errno with one line in err: what is wrong, and what mends it. */
int hz_dongle_open(rtlsdr_dev_t **dev, const struct hz_conf_receiver *conf,
                   struct hz_dongle_info *info, char *err, size_t err_len);

/* Sets what differs between `was` and `now`. 0, or -EIO with a line in err. */
int hz_dongle_apply(rtlsdr_dev_t *dev, const struct hz_tuning *was, const struct hz_tuning *now,
                    char *err, size_t err_len);

/* Whether that USB vendor and product is a dongle that librtlsdr knows. */
bool hz_usb_is_dongle(uint16_t vendor, uint16_t product);

/* Number of RTL-SDR dongles on the bus, whoever holds them. */
int hz_dongle_count(void);

#endif
