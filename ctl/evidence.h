/* What is known of one channel and its receiver after some seconds of looking: plain figures, from
 * which ctl/verdict.h concludes. Made of two answers to `status` and of the band's pictures. Pure;
 * any thread. */
#ifndef HZ_CTL_EVIDENCE_H
#define HZ_CTL_EVIDENCE_H

#include "ctl/parts.h"

#include <cjson/cJSON.h>

/* The crystal of a cheap dongle is wrong by up to so many ppm. */
#define HZ_CTL_PPM_MAX 100.0

/* Texts are borrowed from the status. What is not known is NAN; what is counted is of the time of
 * looking, if not said otherwise. */
struct hz_evidence {
    const char *channel, *receiver, *decoder;
    double seconds; /* of looking; where the receiver hops, in which the channel's band was tuned */
    /* a receiver that hops */
    bool hops;
    double looked_s; /* time of looking in all */
    double coverage; /* fraction of the last hour in which the band was tuned */
    double next_s;   /* until the band is tuned; NAN: it is */

    /* the receiver */
    const char *source;         /* "rtlsdr" */
    const char *state, *reason; /* of the receiver; reason: why it does not stream */
    bool streams;
    double samples, lost; /* that came; that did not */
    const char *pace;     /* "on time"; "": not known */
    double rate_hz, rate_received_hz, centre_hz;
    double clip_percent, noise_dbfs;
    double rounding_dbfs; /* the noise that the format itself makes */
    double gain_db, gain_most_db;
    double ppm, ppm_heard; /* correction of the crystal; its error after that, by carriers */

    /* the band */
    bool looked;        /* there are pictures of it */
    float band_over_db; /* its loudest bin over the noise */
    float loudest_dbfs; /* the same bin */
    float moved_db;     /* by so much the noise moved */
    bool products;      /* of two carriers, at product_hz */
    double carrier_hz[2], product_hz[2];
    float uneven_db;
    double best_hz, worst_hz; /* where the noise is highest and lowest */

    /* the channel */
    const char *error; /* "": it can be decoded */
    double freq_hz, bandwidth_hz;
    bool whole_band;         /* its decoder takes all of the band, or bursts anywhere in it */
    bool speech;             /* its decoder gives speech */
    bool seen;               /* it is in the pictures: */
    struct hz_ctl_seen sign; /* what they show of it */
    double squelch_db;       /* 0: always open */
    double open;             /* fraction of the time that the squelch was open */
    double channel_lost;     /* samples that the workers could not decode in time */
    double messages, refused, bad_crc;
    double failed; /* transmissions that were measured, whose check failed: */
    double failed_snr_db, failed_offset_hz;
    double snr_db, offset_hz; /* of the latest messages */
    double messages_ever, message_age_s;
    int takers; /* clients, outputs and events that get its messages */
};

/* One answer to `status` and the one `seconds` later, and the answer to `clients`. */
struct hz_ctl_answers {
    const cJSON *before, *after, *clients;
    double seconds;
};

/* The evidence of a channel, an object of answers->after. part: of its receiver, the band in which
 * the channel is; it may have no picture. */
struct hz_evidence hz_ctl_evidence(const struct hz_ctl_answers *answers, const cJSON *channel,
                                   const struct hz_ctl_part *part);

/* The object of that name in an array of the status, "receivers" or "channels". NULL: none. */
const cJSON *hz_ctl_named(const cJSON *status, const char *array, const char *name);

#endif
