/* What the jobs of a channel work with: the decoder, what brings the samples to the decoder's rate,
 * and the sink with its arena. It has no lock: it is the worker's while a job runs
 * (hz_decoding_run), else the loop's. */
#ifndef HZ_DAEMON_RECEIVE_DECODING_H
#define HZ_DAEMON_RECEIVE_DECODING_H

#include "config/config.h"
#include "daemon/receive/spectra.h"
#include "dsp/audio_in.h"
#include "dsp/ddc.h"
#include "proto/decoder.h"
#include "proto/out/sink.h"

/* A narrow channel: what cuts it out, of which band, and the batch before the next one. */
struct hz_cutting {
    struct hz_ddc ddc;
    double band_rate_hz, band_centre_hz;
    struct hz_spectra *before;
};

struct hz_decoding {
    const struct hz_conf_channel *conf; /* borrowed */
    const struct hz_decoder *decoder;
    struct hz_setup setup;
    uint64_t from_sample; /* narrow: spectra from before this sample of the receiver are left out */
    void *state;
    size_t state_cap;
    bool tried, inited; /* the decoder was set up as `setup` says; with success */
    bool error_is_new;
    char error[160]; /* why it cannot decode */
    struct hz_cutting cut;
    bool audio; /* audio comes, and goes through this */
    struct hz_audio_in *audio_in;
    struct hz_sink_head head;
    struct hz_sink sink;
};

/* d is all zero, or was shut: then its memory is used again. `conf` (a channel's section) and the
 * receiver's name are borrowed; d does not move after this. -ENOMEM: it is as before. */
int hz_decoding_init(struct hz_decoding *d, const struct hz_conf_channel *conf,
                     const struct hz_conf_receiver *receiver, const char *receiver_name);
/* Ends the decoder and lets go of all but memory. */
void hz_decoding_shut(struct hz_decoding *d);
/* As hz_decoding_shut, and frees the memory. */
void hz_decoding_done(struct hz_decoding *d);

/* Whether it is cut out of the band's spectra. */
bool hz_decoding_narrow(const struct hz_decoding *d);
/* How a narrow one is cut out of a band of rate_hz around centre_hz (0: nobody knows). */
struct hz_ddc_config hz_decoding_how(const struct hz_decoding *d, double centre_hz, double rate_hz);

/* Loop, before the job: cuts the channel out of the batch's band. False: that was done already.
 * True: it is a new band, and `error` says why it cannot be cut out of it, or is empty. */
bool hz_decoding_cut(struct hz_decoding *d, const struct hz_spectra *s);
/* Loop, before the job: makes the arena large enough for the piece; `keep`: what it holds stays. */
void hz_decoding_reserve(struct hz_decoding *d, const struct hz_piece *p, bool keep);
/* Loop, between jobs: the antenna stands there now (degrees, NAN: not known). A decoder that wants
 * to know begins anew if it moved. */
void hz_decoding_place(struct hz_decoding *d, double latitude, double longitude);
/* Loop, after the job: keeps the batch that comes right before the next one. */
void hz_decoding_keep_before(struct hz_decoding *d, const struct hz_piece *p);

/* Worker: decodes the piece. `keep`: what the arena holds stays. */
void hz_decoding_run(struct hz_decoding *d, const struct hz_piece *p, bool keep);

#endif
