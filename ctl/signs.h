/* What the evidence of a channel shows, as far as several rules of ctl/verdict.c need it. Pure; any
 * thread. */
#ifndef HZ_CTL_SIGNS_H
#define HZ_CTL_SIGNS_H

#include "ctl/evidence.h"

#define HZ_BAND_DB 8.0  /* the loudest of 4,096 bins of noise alone is 6 dB over most bins */
#define HZ_OPEN    0.98 /* of the time */

/* Whether nothing was heard, neither a message nor speech. */
bool hz_is_silent(const struct hz_evidence *e);
/* Whether there was more than noise in the channel. */
bool hz_is_signal(const struct hz_evidence *e);
/* Whether what is there is a carrier without modulation that never stops. */
bool hz_is_bare(const struct hz_evidence *e);
/* Whether transmissions that were measured fail more often than not. In a signal that never stops,
 * a decoder takes something for transmissions that are none. */
bool hz_is_failing(const struct hz_evidence *e);
/* Whether what fails its check is off the frequency. */
bool hz_is_off(const struct hz_evidence *e);
/* The error of a crystal that puts a carrier off by so much. */
double hz_ppm_of(const struct hz_evidence *e, double offset_hz);
/* Whether decoders of the whole band, which find no frame in noise, have found more that fail. */
bool hz_is_failing_wide(const struct hz_evidence *e);
/* Whether what is there is beside the channel, as far as a bad crystal would put it. */
bool hz_is_beside(const struct hz_evidence *e);
/* Whether there are signals of which nothing is known but that they could not be read. */
bool hz_is_unread(const struct hz_evidence *e);

#endif
