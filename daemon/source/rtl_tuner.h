/* The tuners of dongles, as numbered by librtlsdr and rtl_tcp, and their gains. Constants: any
 * thread. */
#ifndef HZ_DAEMON_SOURCE_RTL_TUNER_H
#define HZ_DAEMON_SOURCE_RTL_TUNER_H

#include <stddef.h>
#include <stdint.h>

struct hz_rtl_tuner {
    const char *name;
    const int16_t *gains; /* tenths of a dB, rising; a client chooses one by its index */
    size_t n_gains;
};

enum { HZ_RTL_R820T = 5 };

/* NULL: a number that librtlsdr 0.6.0 does not have. */
const struct hz_rtl_tuner *hz_rtl_tuner(uint32_t type);

#endif
