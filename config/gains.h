/* The gain steps of the tuners that dongles have. Pure. */
#ifndef HZ_CONFIG_GAINS_H
#define HZ_CONFIG_GAINS_H

#include <stddef.h>
#include <stdint.h>

/* The steps in tenths of a decibel, ascending, of the tuner that a device's description names
 * ("…, R820T tuner, …"); *n is 0 (and the result NULL) when it names none that is known. */
const int16_t *hz_tuner_gains(const char *device, size_t *n);

#endif
