/* What `hertzd decode` was asked for. */
#ifndef HZ_DAEMON_CMD_DECODE_ARGS_H
#define HZ_DAEMON_CMD_DECODE_ARGS_H

#include "config/kind.h"
#include "config/plan.h"
#include "daemon/source/recording.h"
#include "proto/format/format.h"

enum { HZ_DECODE_SETS = 32 };

struct hz_decode_args {
    const struct hz_conf_kinds *kinds; /* what may be named; borrowed */
    struct hz_conf_file *conf;         /* the recording, as a receiver's section; owned */
    /* Instead of a recording a live source, as a receiver's section; NULL: a recording. Owned. */
    struct hz_conf_receiver *radio;
    struct hz_setting sets[HZ_DECODE_SETS]; /* keys of --set, for a live source */
    size_t n_sets;
    double seconds; /* of a live source to decode; 0: until it is interrupted */
    int workers;
    size_t block_samples;
    bool repeats;                  /* every copy of a burst is printed */
    bool bursts;                   /* what no declaration of a sensor explains is printed */
    const struct hz_form *format;  /* of what is printed */
    const char *audio_dir;         /* NULL: speech is not kept */
    const char *sensors_path;      /* further declarations, a file or folder; NULL: none */
    struct hz_config keys;         /* the file of --keys: its [meter NAME] sections; owned */
    struct hz_sensor_set *sensors; /* after hz_decode_args_sensors; NULL: no channel wants them */
    bool retunes; /* after hz_decode_args_plan: the recording has several centres */
    /* as named by -d; after hz_decode_args_plan as they will run */
    struct hz_conf_channel channels[HZ_PLAN_CHANNELS_MAX];
    size_t n_channels;
};

/* Reads the command line. 0; 1: help was asked for and given; -EINVAL: told on standard error. */
int hz_decode_args_parse(struct hz_decode_args *a, int argc, char **argv,
                         const struct hz_conf_kinds *kinds);

/* Makes a->radio where `input` names a live source as KIND:DEVICE, "soapy:driver=hackrf". 1: it
 * does; 0: it names none; -EINVAL or -ENOMEM: told on standard error. */
int hz_decode_args_radio(struct hz_decode_args *a, const char *input);

/* Looks at the recording, so that what is wrong with the arguments is told as such before anything
 * is started, and finds the channels a place in its band: those named, or all that may be there.
 * 0, or the exit code, told on standard error. */
int hz_decode_args_plan(struct hz_decode_args *a, const struct hz_recording *rec);

/* Loads the declarations of sensors, where a channel wants them: the shipped ones, and those of
 * --sensors. Gives the keys of --keys to those that want them. 0, or the exit code, told on
 * standard error. */
int hz_decode_args_sensors(struct hz_decode_args *a);

void hz_decode_args_done(struct hz_decode_args *a);

#endif
