/* What the messages of a channel were like, in numbers: how many needed no doubt, and a histogram
 * of their SNR. It only grows, so the difference of two tallies tells of the time between. Loop
 * thread. */
#ifndef HZ_DAEMON_RECEIVE_TALLY_H
#define HZ_DAEMON_RECEIVE_TALLY_H

#include "proto/out/record.h"

#include <stdint.h>

/* How far a message can be trusted. */
enum hz_integrity {
    HZ_RIGHT,    /* nothing was changed */
    HZ_REPAIRED, /* error correction changed bits (`fixed_bits`) */
    HZ_DOUBTFUL, /* marked so by its decoder */
    HZ_INTEGRITIES
};

/* "right", "repaired", "doubtful". */
const char *hz_integrity_name(enum hz_integrity integrity);

/* The histogram has bins of 1 dB from HZ_TALLY_LOW_DB on; what is outside counts in the outer ones.
 */
enum { HZ_TALLY_LOW_DB = -30, HZ_TALLY_BINS = 90 };

struct hz_tally {
    uint64_t messages[HZ_INTEGRITIES];
    uint64_t snr[HZ_TALLY_BINS]; /* messages of which an SNR was measured */
    double snr_sum_db;
};

/* Counts a record of HZ_KIND_MESSAGE. */
void hz_tally_add(struct hz_tally *t, const struct hz_record *message);

/* `now` becomes what it counted since `before`, an earlier state of the same tally. */
void hz_tally_since(struct hz_tally *now, const struct hz_tally *before);

/* Messages whose SNR was measured and is below limit_db, to a whole dB. */
uint64_t hz_tally_below(const struct hz_tally *t, int limit_db);
uint64_t hz_tally_measured(const struct hz_tally *t);

/* The SNR in dB that the fraction q (0 to 1) of the measured messages does not exceed, to 0.5 dB.
 * NAN: none was measured. */
double hz_tally_quantile(const struct hz_tally *t, double q);

#endif
