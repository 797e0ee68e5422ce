/* Finds, opens and sets up RTL-SDR dongles with librtlsdr. All functions block and are called on
 * the dongle's capture thread (hz_dongle_apply: on a thread of libuv's pool). Nothing here is
 * shared. */
#ifndef HZ_DAEMON_SOURCE_DONGLE_H
#define HZ_DAEMON_SOURCE_DONGLE_H

#include "daemon/source/source.h"

#include <rtl-sdr.h>

enum hz_direct_sampling { HZ_DIRECT_OFF, HZ_DIRECT_I, HZ_DIRECT_Q };

/* [receiver] with source = rtlsdr. */
struct hz_conf_dongle {
    struct hz_conf_receiver receiver;
    char *device; /* serial number, "index:N" or port path "1-2.3"; "": the first */
    enum hz_direct_sampling direct_sampling;
    double tuner_bandwidth_hz; /* 0: chosen by the driver for the rate */
};

/* Properties of an open dongle. */
struct hz_dongle_info {
    char serial[64], name[64]; /* its USB strings; "" if it has none */
    uint32_t tuner;            /* see rtl_tuner.h */
    char port[32];             /* "1-2.3"; "" if unknown */
    double rate_hz;            /* the actual rate of the hardware for conf->rate_hz */
};

/* Opens the dongle that conf->device names (serial number, "index:N", port path, "": the first) and
 * applies conf, but with that tuning. 0, or -errno with one line in err: what is wrong and how to
 * fix it. */
int hz_dongle_open(rtlsdr_dev_t **dev, const struct hz_conf_dongle *conf,
                   const struct hz_tuning *tuning, struct hz_dongle_info *info, char *err,
                   size_t err_len);

/* Applies the differences between `was` and `now`. 0, or -EIO with one line in err. */
int hz_dongle_apply(rtlsdr_dev_t *dev, const struct hz_tuning *was, const struct hz_tuning *now,
                    char *err, size_t err_len);

/* A dongle on the bus; texts are "" where they are not known (no permission to read them). */
struct hz_dongle_seen {
    char serial[64], name[64], port[32];
    uint8_t bus, address; /* /dev/bus/usb/BUS/ADDRESS, three digits each */
};

/* The dongles on the bus in librtlsdr's order, at most `max`. Returns how many. */
size_t hz_dongle_list(struct hz_dongle_seen *list, size_t max);

/* Opens the dongle of that place in the list and closes it again. 0, or -errno with one line in
 * err, as hz_dongle_open. */
int hz_dongle_try(size_t index, char *err, size_t err_len);

/* Whether librtlsdr supports this USB vendor and product. */
bool hz_usb_is_dongle(uint16_t vendor, uint16_t product);

/* The number of RTL-SDR dongles on the bus, opened or not. */
int hz_dongle_count(void);

#endif
