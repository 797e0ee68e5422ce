/* Scenes: made-up bands with known contents, generated a run of samples at a time.
 * Pure and seeded: the same name, seed and positions give the same bytes. */
#ifndef HZ_SIM_SCENE_H
#define HZ_SIM_SCENE_H

#include "dsp/samples.h"

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

/* What was sent, for tests: called in order of start. */
struct hz_scene_truth {
    uint64_t sample;   /* the burst's first sample, rounded to the nearest */
    const char *type;  /* "df17", "df11", … */
    double snr_db;     /* mean burst power over the noise power in the protocol's bandwidth */
    double level_dbfs; /* mean burst power */
    const uint8_t *raw;
    size_t raw_len;
    const char *protocol; /* "adsb" */
    double start;         /* its first edge: index into the stream, with its fraction */
    double samples;       /* how long it lasts */
    double freq_hz;       /* of the channel */
    double bandwidth_hz;  /* the SNR's */
    double offset_hz;     /* of the carrier, as received, against the channel */
    const char *fields;   /* what it says, as a JSON object; valid during the call */
};
typedef void hz_scene_truth_fn(void *ctx, const struct hz_scene_truth *t);

/* A scene from its first sample. -ENOENT: no scene of that name; -ENOMEM. */
int hz_scene_new(const char *name, uint64_t seed, struct hz_scene **scene);
void hz_scene_free(struct hz_scene *s);
const struct hz_scene_info *hz_scene_about(const struct hz_scene *s);

/* Tells fn of every burst as its first sample is generated; NULL: no more. */
void hz_scene_on_truth(struct hz_scene *s, hz_scene_truth_fn *fn, void *ctx);

/* The next n samples, in the scene's format, into out (n * hz_format_bytes). Cutting the stream
 * differently does not change it. */
void hz_scene_read(struct hz_scene *s, void *out, size_t n);

#endif
