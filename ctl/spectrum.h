/* Pictures of a receiver's band: the method `spectrum` of docs/control.md. */
#ifndef HZ_CTL_SPECTRUM_H
#define HZ_CTL_SPECTRUM_H

#include "ctl/client.h"

/* Asks for that many frames, one after the other, of so many bins each, fps in a second. The answer
 * is the caller's. As hz_ctl_call. */
int hz_ctl_spectrum(struct hz_ctl_client *c, const char *receiver, int bins, int fps, int frames,
                    cJSON **answer);

/* The levels of a frame of that answer in dBFS, `size` at most. Returns how many there are. */
size_t hz_ctl_levels(const cJSON *answer, const cJSON *frame, float *db, size_t size);

#endif
