/* The samples of a dongle: a cu8 recording in an endless loop, or noise.
 * Read-only once opened: any thread. */
#ifndef HZ_USB_RECORDING_H
#define HZ_USB_RECORDING_H

#include <stddef.h>
#include <stdint.h>

struct hz_recording {
    const uint8_t *data;
    size_t size;
    double freq_hz; /* heard only when tuned near it; 0: everywhere */
};

/* Maps "FILE" or "FILE@HZ". 0, or negative errno. Never unmapped: transfers point into it. */
int hz_recording_open(struct hz_recording *r, const char *name);

/* Receiver noise, the same bytes in every run. -ENOMEM. */
int hz_recording_noise(struct hz_recording *r);

/* n bytes from position `from` of the endless repetition. */
void hz_recording_read(const struct hz_recording *r, uint64_t from, uint8_t *out, size_t n);

#endif
