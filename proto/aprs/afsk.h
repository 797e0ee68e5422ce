/* AX.25 frames out of audio that carries Bell 202 tones, with no carrier left to decide on: a few
 * receivers for as many ways in which the audio may have been bent, which listen all the time, some
 * with a steady clock and a long memory of the phase, some with less of both.
 *
 * In a bit with tone b the audio is A exp(j (psi + w_b t)), the tones being continuous in phase.
 * With z_b the matched sum of that tone a survivor that expects the phase v adds
 *     m += |a v + z_b| - |a v|,  v = (a v + z_b) exp(j w_b T),
 * which is the sequence detector of dsp/cpm.h for two square frequencies. The bit clock follows
 * the instants at which both tones are equal in a window around a change; the tones' common error
 * follows the survivor's phase. Memory is in the struct; pure; one thread at a time. */
#ifndef HZ_PROTO_APRS_AFSK_H
#define HZ_PROTO_APRS_AFSK_H

#include "dsp/samples.h"
#include "proto/aprs/afsk_sums.h"
#include "proto/ax25/path.h"
#include "proto/ax25/tell.h"

enum { HZ_AFSK_EARS = 2, HZ_AFSK_RECEIVERS = HZ_AFSK_TWISTS * HZ_AFSK_EARS };

struct hz_afsk_receiver {
    const struct hz_afsk_sums *sums; /* borrowed */
    struct hz_ax25_clock clock;
    float memory;              /* a */
    struct hz_afsk_sum begin;  /* the sums where the next bit begins */
    struct hz_afsk_sum middle; /* and half a bit before */
    double turn;               /* of both tones in a bit, besides their own */
    float metric[HZ_AX25_STATES], re[HZ_AX25_STATES], im[HZ_AX25_STATES]; /* m, v */
    float z[HZ_AX25_PATH_BITS][4]; /* of each bit on the path: both tones */
    double start[HZ_AX25_PATH_BITS];
    struct hz_ax25_path path;
    struct hz_ax25_frames frames;
    long credit;
};

struct hz_afsk {
    struct hz_afsk_tables tables;
    struct hz_afsk_sums sums[HZ_AFSK_TWISTS];
    struct hz_afsk_receiver receiver[HZ_AFSK_RECEIVERS];
    struct hz_ax25_hop hop;
};

void hz_afsk_init(struct hz_afsk *a);

/* HZ_F32 samples at HZ_AFSK_IN_HZ, which continue those before. */
void hz_afsk_push(struct hz_afsk *a, const struct hz_samples *samples,
                  const struct hz_ax25_out *out);

/* Decodes what is held, then forgets it. */
void hz_afsk_flush(struct hz_afsk *a, const struct hz_ax25_out *out);

#endif
