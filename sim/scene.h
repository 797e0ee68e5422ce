/* Scenes: simulated bands with known contents, generated run by run. The same name, seed and
 * positions give the same bytes. Pure. One thread at a time for each scene. */
#ifndef HZ_SIM_SCENE_H
#define HZ_SIM_SCENE_H

#include "dsp/samples.h"
#include "sim/front.h"

struct hz_scene;

struct hz_scene_info {
    const char *name;  /* "aircraft" */
    const char *title; /* one line for people */
    double rate_hz, centre_hz;
    enum hz_format format;
    double latitude, longitude; /* of the antenna, degrees */
};

/* All scenes; ends with a NULL name. */
extern const struct hz_scene_info hz_scenes[];

/* One transmission of the scene, for tests. */
struct hz_scene_truth {
    uint64_t sample;   /* the burst's first sample, rounded to the nearest */
    const char *type;  /* "df17", "df11", … */
    double snr_db;     /* mean burst power over the noise power in the protocol's bandwidth */
    double level_dbfs; /* mean burst power */
    const uint8_t *raw;
    size_t raw_len;
    const char *protocol; /* "adsb" */
    double start;         /* sample index of its start, with fraction */
    double samples;       /* its length */
    double freq_hz;       /* of the channel */
    double bandwidth_hz;  /* in which snr_db is measured */
    double offset_hz;     /* of the received carrier from the channel's frequency */
    const char *fields;   /* its contents as a JSON object; valid during the call */
};
typedef void hz_scene_truth_fn(void *ctx, const struct hz_scene_truth *t);

/* Creates a scene, at its first sample. 0; -ENOENT for an unknown name; -ENOMEM. The caller frees
 * it with hz_scene_free (NULL is allowed). */
int hz_scene_new(const char *name, uint64_t seed, struct hz_scene **scene);
void hz_scene_free(struct hz_scene *s);
const struct hz_scene_info *hz_scene_about(const struct hz_scene *s);

/* Gives the scene a fault (sim/fault.h), before its first sample. What is told of its transmissions
 * stays that of the air. -ENOENT: there is no such fault; -ENOMEM. */
int hz_scene_spoil(struct hz_scene *s, const char *fault);

/* Calls fn for every transmission when its first sample is generated, in order of start. NULL turns
 * that off. */
void hz_scene_on_truth(struct hz_scene *s, hz_scene_truth_fn *fn, void *ctx);

/* The receiver's front end from the next span on (10 ms). Without it the receiver is ideal. */
void hz_scene_front(struct hz_scene *s, const struct hz_front_settings *settings);

/* Writes the next n samples in the scene's format to out (n * hz_format_bytes bytes). How the
 * stream is split into calls does not change it. */
void hz_scene_read(struct hz_scene *s, void *out, size_t n);

#endif
