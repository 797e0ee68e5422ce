/* The state that the jobs of a channel work on: the decoder, the down-converter or resampler that
 * brings the samples to the decoder's rate, and the sink with its arena. It has no lock: the worker
 * owns it while a job runs (hz_decoding_run), otherwise the loop. */
#ifndef HZ_DAEMON_RECEIVE_DECODING_H
#define HZ_DAEMON_RECEIVE_DECODING_H

#include "config/config.h"
#include "daemon/receive/spectra.h"
#include "dsp/audio_in.h"
#include "dsp/ddc.h"
#include "proto/decoder.h"
#include "proto/out/sink.h"

/* Narrow channels: the down-converter, the band it was made for, and the batch of spectra before
 * the next one. */
struct hz_cutting {
    struct hz_ddc ddc;
    struct hz_shared_band *band; /* one reference; NULL: none yet */
    double band_rate_hz, band_centre_hz, shift_hz;
    struct hz_spectra *before;
    struct hz_slice *spare; /* of what was decoded before, to be used again; NULL: none */
};

struct hz_decoding {
    const struct hz_conf_channel *conf; /* borrowed */
    const struct hz_decoder *decoder;
    struct hz_setup setup;
    struct hz_sensor_set *sensors; /* one reference; NULL: it wants none */
    struct hz_meter_keys *keys;    /* likewise */
    /* narrow channels: spectra before this sample of the receiver are skipped */
    uint64_t from_sample;
    double offset_hz; /* from the band's centre; NAN: that of the channel's frequency */
    /* By which carriers appear too high, a multiple of 40 Hz; the loop sets it between jobs. It
     * counts where offset_hz is NAN. */
    double shift_hz;
    void *state;
    size_t state_cap;
    bool tried, inited; /* the decoder was set up with `setup`; it succeeded */
    bool error_is_new;
    bool receiving;  /* as the decoder said after the latest job */
    char error[160]; /* why the channel cannot decode; "": it can */
    struct hz_cutting cut;
    bool audio; /* the input is audio, which this resampler converts */
    struct hz_audio_in *audio_in;
    bool heard;           /* its speech is to be coded; for the next job */
    struct hz_opus *opus; /* NULL: nobody has listened yet */
    struct hz_sink_head head;
    struct hz_sink sink;
};

/* Prepares d for a channel's section. d must be all zero, or shut: then its memory is used again.
 * `conf` and the receiver's name are borrowed, and d must not move after this. 0, or -ENOMEM with d
 * unchanged. */
int hz_decoding_init(struct hz_decoding *d, const struct hz_conf_channel *conf,
                     const struct hz_conf_receiver *receiver, const char *receiver_name);
/* Ends the decoder and releases everything except memory. */
void hz_decoding_shut(struct hz_decoding *d);
/* As hz_decoding_shut, and frees the memory. */
void hz_decoding_done(struct hz_decoding *d);

/* Whether the channel is narrow: cut out of the spectra of the band. */
bool hz_decoding_narrow(const struct hz_decoding *d);
/* Whether it is narrow and has a squelch: it hears what the gate of the channel marks. */
bool hz_decoding_gated(const struct hz_decoding *d);
/* The down-converter's configuration of a narrow channel in a band of rate_hz around centre_hz (0:
 * unknown). */
struct hz_ddc_config hz_decoding_how(const struct hz_decoding *d, double centre_hz, double rate_hz);

/* Loop, before the job: makes the down-converter for the band of the batch. False: it exists
 * already. True: the band is new; `error` then says why the channel cannot be cut out of it, or is
 * empty. */
bool hz_decoding_cut(struct hz_decoding *d, const struct hz_spectra *s);
/* Loop, before the job: makes the arena large enough for the piece. `keep`: its contents stay. */
void hz_decoding_reserve(struct hz_sink *sink, const struct hz_piece *p, bool keep);
/* Loop, between jobs: sets the position of the antenna (degrees; NAN: unknown). A decoder that uses
 * the position restarts if it changed. */
void hz_decoding_place(struct hz_decoding *d, double latitude, double longitude);
/* Loop, between jobs: what `conf` knows of sensors and meters counts from the next samples on. The
 * decoder restarts if that is something else than before. */
void hz_decoding_learn(struct hz_decoding *d);
/* Loop, when the batch is over: keeps it, because the down-converter needs the block before the
 * next batch. */
void hz_decoding_keep_before(struct hz_decoding *d, struct hz_spectra *s);

/* Loop, while no job uses the decoder: whether it was set up for these samples and this place, and
 * sets it up for the samples. For a decoder that hears turns; for others, the job does it. */
bool hz_decoding_fits(const struct hz_decoding *d, const struct hz_block *b, double latitude,
                      double longitude);
void hz_decoding_set_up(struct hz_decoding *d, const struct hz_block *b);
/* Worker: hears a part of a turn. Those of different turns may be heard at the same time. */
void hz_decoding_hear(const struct hz_decoding *d, const struct hz_piece *p);
/* Worker: tells what was heard in a turn, in the arena of `to`, which has the counts as well then:
 * d->sink is that of the next commit. `keep`: the arena's contents stay. */
void hz_decoding_commit(struct hz_decoding *d, const struct hz_piece *p, bool keep,
                        struct hz_sink *to);
/* Worker: decodes the piece. `keep`: the arena's contents stay. */
void hz_decoding_run(struct hz_decoding *d, const struct hz_piece *p, bool keep);

#endif
