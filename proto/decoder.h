/* The interface of a decoder: what it wants to be fed, and what it does with it.
 *
 * A decoder is pure: no I/O, no clock, no threads, no locale, no memory that outlives `done`. Its
 * state lives in `state_size` bytes that the channel owns, zeroed before `init`. It is used by one
 * thread at a time. The same samples give the same lines however they are cut into pushes. */
#ifndef HZ_PROTO_DECODER_H
#define HZ_PROTO_DECODER_H

#include "dsp/samples.h"
#include "proto/option.h"
#include "proto/out/sink.h"

#include <math.h>
#include <stdbool.h>

struct hz_meter_keys; /* proto/wmbus/keys.h */
struct hz_sensor_set; /* proto/sensors/set.h */

enum hz_input {
    HZ_INPUT_BAND,     /* the receiver's samples as they come, the whole band */
    HZ_INPUT_BASEBAND, /* one channel, centred, HZ_CF32 at the decoder's rate */
    HZ_INPUT_AUDIO,    /* audio of an FM discriminator, HZ_F32 at the decoder's rate */
    /* Bursts at any carrier in the band (dsp/hunt.h). Each is a stream of its own with a state of
     * its own: init, push from its beginning on (which is past by then), flush when it is over,
     * done. HZ_CF32 around the burst: at rate_hz, at rate_wide_hz where it is too wide for that,
     * and at the rate of the band where that is lower. A burst of more than 2.5 s ends there. */
    HZ_INPUT_BURST,
};

struct hz_setup {
    double rate_hz;      /* of the samples pushed */
    double centre_hz;    /* the radio frequency that is 0 Hz in the samples */
    double freq_hz;      /* the radio frequency that the channel is for */
    double bandwidth_hz; /* that the samples hold; 0: the decoder's own */
    /* HZ_INPUT_BURST: where in the samples the burst was found, from 0 Hz; both 0: not known */
    double burst_low_hz, burst_high_hz;
    /* HZ_INPUT_BURST: so much of the work that a burst may take may be spent on this one, 0 to 1,
     * since others are on the air at the same time; 0: all of it */
    double burst_share;
    double latitude, longitude; /* of the antenna in degrees; NAN: not known */
    /* of a decoder with wants_sensors, never NULL then; it lives as long as the state */
    const struct hz_sensor_set *sensors;
    /* of a decoder with wants_keys; NULL: none; it lives as long as the state */
    const struct hz_meter_keys *keys;
    bool audio; /* HZ_INPUT_AUDIO is pushed in place of the decoder's own input */
    /* The values of the decoder's own options, in the struct that its table describes; valid
     * during `init`. NULL only where it has no options. */
    const void *options;
    const void *spec; /* the decoder's */
};

enum {
    HZ_OPTIONS_SIZE = 128,     /* bytes that a decoder's options may take */
    HZ_DECODER_NAME_SIZE = 32, /* of a decoder's name, with its end */
};

/* One field of a decoder's own object, for the documentation. `schema` holds the keywords of JSON
 * Schema for its value, with ' in place of ": "'type': 'integer', 'minimum': 0"; NULL: any value.
 */
struct hz_field {
    const char *name, *unit, *what, *schema;
};

/* Where samples stand in a turn. */
enum hz_turn_part {
    HZ_TURN_BEFORE, /* the last `overlap` samples before the turn, or all since the stream began */
    HZ_TURN_INSIDE, /* more of the turn comes */
    HZ_TURN_ENDS,   /* the turn ends with them */
    HZ_TURN_LAST,   /* the stream, too; there may be none */
};

/* A decoder that hears pieces of a recorded stream at the same time, in place of one push after the
 * other. A recording is cut into turns of equal length, but the last one, and numbered from 0 on.
 * What is found in turn n depends on its own samples, on `overlap` samples before them, and on what
 * was known after turn n - at_a_time; so it is the same for any number of threads. The first turns,
 * in which most is learned, are heard one after the other. It need not be the same as with `push`,
 * but must be worth as much. */
struct hz_turns {
    unsigned at_a_time;
    uint64_t alone; /* turns up to this one begin from what was known after the one before */
    size_t overlap; /* samples */
    /* Hears samples of a turn; *samples may be of any length. Any thread: turns may be heard at the
     * same time, but each only after the turn is committed from which it begins. */
    void (*hear)(void *state, uint64_t turn, const struct hz_samples *samples,
                 enum hz_turn_part part);
    /* Tells what was heard. In the order of the turns, one at a time. */
    void (*commit)(void *state, uint64_t turn, struct hz_sink *sink);
};

struct hz_decoder {
    const char *name;  /* "adsb": also the protocol's name in messages */
    const char *title; /* one line for people */
    const char *id;    /* the field of its messages that it gives to hz_about_id; NULL: none */
    enum hz_input input;
    double rate_min_hz, rate_max_hz; /* rates that `push` takes, inclusive */
    double rate_hz;                  /* the rate it likes best */
    double rate_wide_hz;             /* for a channel too wide for rate_hz; 0: there is none */
    double bandwidth_hz;             /* occupied by one channel */
    const double *freqs_hz;          /* where it is found, first the usual one; ends with 0 */
    /* Standard deviation of its transmitters' carriers in ppm: how much they tell of our crystal.
     * 0: nothing, as where the carrier is the owner's choice, or is measured coarsely. */
    float carrier_ppm;
    float squelch_db;   /* a channel is pushed samples when it is this much over its noise; 0:
                         * always, since the decoder hears what no squelch would open for */
    float hang_s;       /* and for so long after */
    bool takes_audio;   /* HZ_INPUT_AUDIO will do in place of its own input: any level, either
                         * polarity, hum and a deaf first second included */
    bool knows_place;   /* setup->latitude and longitude have a meaning */
    bool wants_keys;    /* setup->keys: those of meters that encipher */
    bool wants_sensors; /* setup->sensors: the declarations of sensors */
    unsigned speech_hz; /* rate of the speech that it gives to the sink (hz_sink_audio); 0: none */
    size_t state_size;  /* bytes */
    /* CPU time of `push` per sample of its input, in ns: where nobody sends, and where
     * transmissions follow each other without a pause. As measured by bench_channel (`make bench`);
     * the plan estimates the load from them. 0: not measured. */
    float quiet_ns, busy_ns;
    /* What a channel's section may set beside what all have: offsets into a struct of
     * options_size bytes, of no texts (HZ_OPTION_TEXT). Ends with a NULL name; NULL: none. */
    const struct hz_option *options;
    size_t options_size;
    /* What only all options together tell: the name of one that is at fault, with what is wrong in
     * err; NULL: nothing. May be NULL. */
    const char *(*refuses)(const void *options, char *err, size_t err_len);
    const void *spec; /* what tells several decoders with the same functions apart; NULL: nothing */

    /* 0, or -errno with one line of text in err. */
    int (*init)(void *state, const struct hz_setup *setup, char *err, size_t err_len);
    /* Consecutive samples: samples->first continues the push before, unless reset came between. */
    void (*push)(void *state, const struct hz_samples *samples, struct hz_sink *sink);
    /* The stream broke: samples were lost or a new epoch begins. Decodes what is complete, then
     * forgets what is in flight. What is known of transmitters stays. */
    void (*reset)(void *state, struct hz_sink *sink);
    /* No more samples: decode what is still held. */
    void (*flush)(void *state, struct hz_sink *sink);
    void (*done)(void *state);
    /* Whether it is in the middle of a transmission of seconds, which the receiver should not leave
     * now. NULL: its transmissions are short, or its squelch tells. */
    bool (*receiving)(const void *state);
    const struct hz_turns *turns; /* of the whole band only; NULL: it does not hear in turns */

    const struct hz_field *fields; /* ends with a NULL name */
    /* Keywords of JSON Schema for the whole object, written as those of a field. `envelope` says
     * what the message itself must have. NULL: none. */
    const char *schema;
};

#endif
