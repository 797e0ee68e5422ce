/* Detector of POCSAG pages: FSK at 512, 1200 or 2400 baud in batches of a sync word and sixteen
 * codewords.
 *
 * Signal model: y(t) = A exp(j (2 pi f_c t + 2 pi D int b(t) dt)) + noise with b = +-1 (1 is sent
 * as the lower tone, or as the higher one where the polarity is inverted), the deviation D
 * mostly 4.5 kHz.
 *
 * Estimates, in this order: which frequencies may be tones (gate.h); place, rate, polarity and
 * tones of a sync word (sync.h); the bits of a batch with their reliabilities, carrier, drift and
 * clock (receive.h); codewords by soft decoding (word.h); pages from codewords (page.h).
 *
 * Reference: ITU-R M.584-2, annex 1.
 *
 * Samples are HZ_CF32 at 24 kHz, the channel at 0 Hz, or HZ_F32, the audio of a discriminator at
 * that rate, of any level and either polarity. The work is done in hops on the stream's own index,
 * so the result does not depend on how pushes are cut. A page is found 1.1 s after its first
 * sample: when the longest batch, at 512 baud, that could begin there is in memory. Work is counted
 * in bits run through the detector; each hop allows so many, and the rest is shed. Memory is
 * allocated in init only. Pure; one thread at a time. */
#ifndef HZ_PROTO_POCSAG_DETECT_H
#define HZ_PROTO_POCSAG_DETECT_H

#include "dsp/hops.h"
#include "proto/out/sink.h"
#include "proto/pocsag/page.h"
#include "proto/pocsag/receive.h"
#include "proto/pocsag/text.h"

struct hz_pocsag_how {
    bool audio;    /* the samples are audio of a discriminator */
    bool keep_all; /* pages of low quality are written too */
    struct hz_pocsag_network network;
};

struct hz_pocsag_detect {
    struct hz_pocsag_how how;
    struct hz_hops hops;
    uint64_t gauged;        /* index of the hop whose spectrum is taken next; ahead of hops.next */
    uint64_t settled, last; /* the stream is complete between these indices */
    double after;           /* a sync word that begins before belongs to a batch already read */
    float doubt; /* overruled fraction of a doubtful first batch, inside which a better one may
                    begin; else 0 */
    int credit;  /* bits that may be run; each hop adds some */
    struct hz_bch code;
    struct hz_fsk_gate gate;
    struct hz_pocsag_sync sync;
    struct hz_pocsag_receiver receiver;
    struct hz_pocsag_line line; /* the transmission that is followed, if `linked` */
    bool linked;
    unsigned missed; /* batches of it in a row that were not received */
    struct hz_pocsag_page page, done;
    struct hz_pocsag_line page_line; /* state of the transmission where the open page began */
    double page_at;
};

/* 0, or -ENOMEM; zeroed before. */
int hz_pocsag_detect_init(struct hz_pocsag_detect *d, const struct hz_pocsag_how *how);
void hz_pocsag_detect_done(struct hz_pocsag_detect *d);

/* HZ_CF32 samples, or HZ_F32 of audio, that continue those before. Pages are written to the sink;
 * candidates without a page are counted there. */
void hz_pocsag_detect_push(struct hz_pocsag_detect *d, const struct hz_samples *samples,
                           struct hz_sink *sink);

/* Decodes what is held, then forgets it: the end of the stream, or a break in it. */
void hz_pocsag_detect_flush(struct hz_pocsag_detect *d, struct hz_sink *sink);

#endif
