/* Source: the built-in simulator. A worker generates one block for each pull. Tuned to another
 * centre, it plays the scene of that centre, or noise; a scene goes on where it was left. */
#include "daemon/base/utc.h"
#include "daemon/source/replay.h"
#include "daemon/source/rtl_tuner.h"
#include "sim/fault.h"
#include "sim/scene.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* [receiver] with source = sim. */
struct hz_conf_sim {
    struct hz_conf_receiver receiver;
    char *scene, *fault;
    uint64_t seed;
    double crystal_ppm, drift_ppm; /* its receiver's error, and what is added in each minute */
};

enum { SCENES_MAX = 32, FAULTS_MAX = 32 };

struct sim {
    struct hz_replay replay;
    /* as hz_scenes; used by the job while it runs; NULL: the first job that needs it creates it */
    struct hz_scene *scenes[SCENES_MAX];
    size_t at;            /* the scene that is played now */
    int failed;           /* -errno if it could not be created */
    int64_t began_utc_ns; /* of the first sample ever */
    struct hz_tuning now, want;
    bool changes; /* to `want`, with the next block */
    double set_s; /* when the crystal's correction was set: seconds of samples since the start */
    struct hz_job job;
    struct hz_front_settings front; /* the job's while it runs */
};

static const struct hz_scene_info *find_scene(const char *name)
{
    const struct hz_scene_info *i = hz_scenes;
    while (i->name && strcmp(i->name, name) != 0)
        i++;
    return i->name ? i : NULL;
}

/* The scene that is heard around that centre: the configured one, else the first one with its rate
 * that has that centre, else noise. */
static size_t scene_at(const struct hz_conf_sim *conf, double centre_hz)
{
    const struct hz_scene_info *own = find_scene(conf->scene);
    if (own->centre_hz == centre_hz)
        return (size_t)(own - hz_scenes);
    for (size_t i = 0; i < SCENES_MAX && hz_scenes[i].name; i++) {
        if (hz_scenes[i].rate_hz == own->rate_hz && hz_scenes[i].centre_hz == centre_hz)
            return i;
    }
    return (size_t)(find_scene("noise") - hz_scenes);
}

/* -errno: there may be a scene all the same, which is freed with the source. */
static int make_scene(const struct hz_conf_sim *conf, size_t at, struct hz_scene **scene)
{
    int rc = hz_scene_new(hz_scenes[at].name, conf->seed, scene);
    return rc == 0 && *conf->fault ? hz_scene_spoil(*scene, conf->fault) : rc;
}

static void generate(struct hz_job *job)
{
    struct sim *s = job->owner;
    const struct hz_block *b = s->replay.block;
    const struct hz_conf_sim *conf = (const struct hz_conf_sim *)s->replay.src.conf;
    struct hz_scene **scene = &s->scenes[s->at];
    if (!*scene)
        s->failed = make_scene(conf, s->at, scene);
    if (s->failed)
        return;
    hz_scene_front(*scene, &s->front);
    hz_scene_read(*scene, b->data, b->cap / hz_format_bytes(s->replay.src.format));
}

static void generated(struct hz_job *job)
{
    struct sim *s = job->owner;
    hz_replay_filled(&s->replay, s->failed ? s->failed : (ssize_t)s->replay.block->cap);
}

static double played_s(const struct sim *s)
{
    return (double)s->replay.delivered / s->replay.src.rate_hz;
}

/* The next block begins a new epoch at the wanted centre. */
static void move(struct sim *s)
{
    struct hz_replay *r = &s->replay;
    s->at = scene_at((const struct hz_conf_sim *)r->src.conf, s->want.centre_hz);
    r->epoch++;
    r->src.centre_hz = s->want.centre_hz;
    r->src.start_utc_ns = s->began_utc_ns + llround(played_s(s) * 1e9);
}

static void set_front(struct sim *s)
{
    const struct hz_conf_sim *conf = (const struct hz_conf_sim *)s->replay.src.conf;
    s->front = (struct hz_front_settings){.crystal_ppm = conf->crystal_ppm,
                                          .drift_ppm = conf->drift_ppm,
                                          .correction_ppm = s->now.ppm,
                                          .gain_db = s->now.gain_db};
}

static void change(struct sim *s)
{
    s->set_s = s->want.ppm != s->now.ppm ? played_s(s) : s->set_s;
    if (s->want.centre_hz != s->now.centre_hz)
        move(s);
    s->now = s->want;
    s->changes = false;
    set_front(s);
    s->replay.src.events->tuned(s->replay.src.ctx, 0, "");
}

static void fill(struct hz_replay *r)
{
    struct sim *s = (struct sim *)r;
    if (s->changes)
        change(s);
    s->job.work = generate;
    s->job.finished = generated;
    s->job.owner = s;
    hz_jobs_submit(r->src.jobs, &s->job);
}

static void stop(struct hz_replay *r)
{
    (void)r; /* a job in flight ends soon */
}

static void destroy(struct hz_replay *r)
{
    struct sim *s = (struct sim *)r;
    for (size_t i = 0; i < SCENES_MAX; i++)
        hz_scene_free(s->scenes[i]);
    free(s);
}

static const struct hz_replay_ops replay_ops = {.fill = fill, .stop = stop, .destroy = destroy};

/* A paced simulation has the present time; otherwise the times are the same in every run. */
static int64_t start_time(const struct hz_conf_receiver *conf)
{
    if (conf->pace != HZ_PACE_REALTIME)
        return 0;
    return hz_utc_now();
}

static int tune(struct hz_source *src, const struct hz_tuning *want, char *err, size_t err_len)
{
    struct sim *s = (struct sim *)src;
    if (want->bias_tee) {
        snprintf(err, err_len, "source = sim has no bias tee: expected a centre, gain or ppm");
        return -ENOSYS;
    }
    if (s->changes) {
        snprintf(err, err_len, "the change before is still under way");
        return -EBUSY;
    }
    s->want = *want;
    s->changes = true;
    return 0;
}

static int open_sim(struct hz_source **src, const struct hz_source *env, char *err, size_t err_len)
{
    const char *scene = ((const struct hz_conf_sim *)env->conf)->scene;
    const struct hz_scene_info *about = find_scene(scene);
    if (!about) {
        snprintf(err, err_len, "there is no scene \"%s\"; the first is \"%s\"", scene,
                 hz_scenes[0].name);
        return -ENOENT;
    }
    struct sim *s = calloc(1, sizeof *s);
    snprintf(err, err_len, "scene \"%s\": no memory", about->name);
    if (!s)
        return -ENOMEM;
    s->replay.src = *env;
    s->replay.src.format = about->format;
    s->replay.src.rate_hz = about->rate_hz;
    s->replay.src.centre_hz = env->tuning.centre_hz > 0 ? env->tuning.centre_hz : about->centre_hz;
    s->replay.src.start_utc_ns = s->began_utc_ns = start_time(env->conf);
    s->at = scene_at((const struct hz_conf_sim *)env->conf, s->replay.src.centre_hz);
    s->replay.src.tuner = HZ_RTL_R820T;
    s->replay.src.n_gains = (uint32_t)hz_rtl_tuner(HZ_RTL_R820T)->n_gains;
    s->now = env->tuning;
    set_front(s);
    int rc = hz_replay_init(&s->replay, &replay_ops, about->name, false);
    if (rc != 0) {
        destroy(&s->replay);
        return rc;
    }
    *src = &s->replay.src;
    return 0;
}

static bool tell_clock(const struct hz_source *src, double *ppm, double *sigma)
{
    const struct sim *s = (const struct sim *)src;
    return hz_front_clock(&s->front, played_s(s), played_s(s) - s->set_s, ppm, sigma);
}

const struct hz_source_ops hz_source_sim = {
    .mark = "simulated",
    .open = open_sim,
    .pull = hz_replay_pull,
    .tune = tune,
    .clock = tell_clock,
    .close = hz_replay_close,
};

/* ---- its section ------------------------------------------------------------------------ */

static const char *input(const struct hz_conf_receiver *r)
{
    return ((const struct hz_conf_sim *)r)->scene;
}

static void band(const struct hz_conf_receiver *r, double *rate_hz, double *centre_hz)
{
    const struct hz_scene_info *about = find_scene(input(r));
    if (!about)
        return;
    *rate_hz = about->rate_hz;
    *centre_hz = about->centre_hz;
}

/* Tells that the value of a key is none of the names. */
static void refuse(const struct hz_check *c, const char *key, const char *value,
                   const char *const *names)
{
    const char *near = hz_nearest(value, names);
    char all[256] = "";
    hz_words_join(names, all, sizeof all);
    hz_check_error(c, key, "%s = '%s': %s%s%s", key, value,
                   near ? "did you mean '" : "expected one of ", near ? near : all,
                   near ? "'?" : "");
}

static void check(const struct hz_check *c, void *item)
{
    const struct hz_conf_sim *conf = item;
    const char *names[SCENES_MAX + 1] = {NULL};
    for (size_t i = 0; i < SCENES_MAX && hz_scenes[i].name; i++)
        names[i] = hz_scenes[i].name;
    if (!find_scene(conf->scene))
        refuse(c, "scene", conf->scene, names);
    const char *faults[FAULTS_MAX + 1] = {NULL};
    for (size_t i = 0; i < FAULTS_MAX && hz_faults[i].name; i++)
        faults[i] = hz_faults[i].name;
    if (*conf->fault && !hz_fault_find(conf->fault))
        refuse(c, "fault", conf->fault, faults);
}

static const struct hz_option options[] = {
    {.name = "scene",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct hz_conf_sim, scene),
     .fallback = "aircraft",
     .help = "which made-up band; it has its own rate and centre"},
    HZ_KEY_PLAN,
    {.name = "seed",
     .type = HZ_OPTION_SEED,
     .at = offsetof(struct hz_conf_sim, seed),
     .fallback = "1",
     .help = "the same seed gives the same samples"},
    {.name = "crystal",
     .type = HZ_OPTION_NUMBER,
     .at = offsetof(struct hz_conf_sim, crystal_ppm),
     .min = -200,
     .max = 200,
     .fallback = "0",
     .unit = "ppm",
     .help = "error of the simulated receiver's crystal at the start, by which carriers are off"},
    {.name = "drift",
     .type = HZ_OPTION_NUMBER,
     .at = offsetof(struct hz_conf_sim, drift_ppm),
     .min = -60,
     .max = 60,
     .fallback = "0",
     .unit = "ppm a minute",
     .help = "by which that error grows"},
    {.name = "fault",
     .type = HZ_OPTION_TEXT,
     .at = offsetof(struct hz_conf_sim, fault),
     .help = "what is wrong with the station, as clipping: docs/why.md"},
    HZ_KEY_PACE,
    HZ_KEY_GAIN,
    HZ_KEY_PPM,
    {0},
};

const struct hz_source_kind hz_sim_kind = {
    .kind = {.name = "sim",
             .title = "a built-in simulator",
             .options = options,
             .size = sizeof(struct hz_conf_sim),
             .check = check},
    .ops = &hz_source_sim,
    .band = band,
    .input = input,
};
