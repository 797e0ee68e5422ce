#include "daemon/base/log.h"
#include "daemon/receive/channels_own.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* blocks; enough to keep a worker busy, and the replay waits when it is full */
    REPLAY_INBOX = 2,
    LIVE_INBOX = HZ_STRAND_INBOX_MAX - 1,
    LIVE_SPECTRA_INBOX = 24, /* batches, which are longer than blocks */
};

/* Distance of two priorities in rank. When the workers cannot keep up, the jobs of lowest rank are
 * dropped first: by priority, then the channels added last. */
#define RANKS ((int64_t)1 << 32)

/* Samples of one job of the band strand in a live stream, at most. Each block of 20 ms is a job, so
 * that a message is new; where the workers are late, longer ones cost less. */
#define LIVE_JOB_S 0.08

static void progress(void *ctx);

void hz_channels_init(struct hz_channels *c, const struct hz_channels_env *env)
{
    *c = (struct hz_channels){.env = *env,
                              .latitude = env->receiver->latitude,
                              .longitude = env->receiver->longitude,
                              .go_on = {.call = progress, .ctx = c}};
}

/* ---- publishing ------------------------------------------------------------------------- */

static void publish_live(struct hz_channels *c)
{
    for (size_t i = 0; i < c->n; i++) {
        if (hz_channel_result(c->list[i]))
            hz_channel_publish(c->list[i]);
    }
}

/* At the end of a replay's turn, publishes the messages that the fold still holds, so that the
 * order depends only on the recording. */
static void end_turn(const struct hz_channels *c)
{
    if (c->env.fold && !c->env.timed)
        hz_fold_flush(c->env.fold, c);
}

/* The turn up to which results may be published. A turn whose spectra were not all given out is not
 * complete: a visit may still open in it. */
static uint64_t publishable(const struct hz_channels *c)
{
    bool waits = c->band && c->visits.stats.limit > 0 && c->shared < c->turn;
    return waits ? c->shared : c->turn;
}

static void publish_in_turn(struct hz_channels *c)
{
    while (c->n > 0 && c->publishing < publishable(c)) {
        struct hz_channel *channel = c->list[c->next];
        if (hz_channel_has_part_in(channel, c->publishing) &&
            hz_channels_hears(c, channel, c->centre_hz) &&
            !hz_channel_silent(channel, c->publishing)) {
            if (!hz_channel_result(channel))
                return;
            hz_channel_publish(channel);
        }
        if (++c->next == c->n) {
            c->next = 0;
            c->publishing++;
            end_turn(c);
        }
    }
    if (c->n == 0)
        c->publishing = publishable(c);
}

static bool narrow_have_room(const struct hz_channels *c)
{
    for (size_t i = 0; i < c->n; i++) {
        if (hz_channel_narrow(c->list[i]) && !hz_channel_has_room(c->list[i]))
            return false;
    }
    return true;
}

static bool sheds(const struct hz_channels *c)
{
    return c->env.live && !c->patient;
}

/* The gates that the next batch of the band strand is to step. */
static void add_gates(void *ctx, struct hz_spectra *s)
{
    const struct hz_channels *c = ctx;
    for (size_t i = 0; i < c->n; i++) {
        bool has_part = hz_channel_has_part_in(c->list[i], s->turn.n) &&
                        hz_channels_hears(c, c->list[i], s->centre_hz);
        struct hz_spectra_gate *g = has_part ? hz_channel_gate(c->list[i], s) : NULL;
        if (g)
            hz_spectra_add_gate(s, g);
    }
}

/* Gives a batch of spectra to the narrow channels. */
static void give(struct hz_channels *c, struct hz_spectra *s)
{
    hz_visits_see(&c->visits, s);
    if (c->env.batch)
        c->env.batch(c->env.ctx, s);
    hz_channels_open_bursts(c, s);
    size_t at = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (!hz_channel_narrow(c->list[i]) || !hz_channel_has_part_in(c->list[i], s->turn.n) ||
            !hz_channels_hears(c, c->list[i], s->centre_hz))
            continue;
        struct hz_visit_slot *visit = hz_visits_find(&c->visits, c->list[i]);
        if (visit)
            hz_visits_give(visit, s);
        else
            hz_channel_push_spectra(c->list[i], s,
                                    hz_spectra_marks(s, hz_channel_number(c->list[i]), &at));
    }
    hz_visits_hold(&c->visits, s);
    c->shared = s->turn.n + s->turn.ends;
}

/* Whether the next batch can be given out. */
static bool can_give(const struct hz_channels *c)
{
    if (!c->env.live && hz_visits_wait(&c->visits, c->shared))
        return false;
    return sheds(c) || narrow_have_room(c);
}

/* Gives out the batches that the band strand has made. */
static void share(struct hz_channels *c)
{
    struct hz_spectra *s;
    while (c->band && can_give(c) && (s = hz_band_strand_take(c->band))) {
        hz_channels_end_visits(c);
        give(c, s);
        hz_spectra_unref(s);
    }
}

static void go_on(struct hz_channels *c)
{
    do {
        share(c);
        if (c->env.live)
            publish_live(c);
        else
            publish_in_turn(c);
    } while (hz_channels_end_visits(c)); /* a batch may have waited for that */
}

static void progress(void *ctx)
{
    struct hz_channels *c = ctx;
    go_on(c);
    c->env.progress(c->env.ctx);
}

/* One of many channels has a result. */
static void on_progress(void *ctx)
{
    struct hz_channels *c = ctx;
    hz_jobs_call(c->env.jobs, &c->go_on);
}

/* ---- the band strand -------------------------------------------------------------------- */

/* Whether a channel needs spectra. */
static bool any_narrow(const struct hz_channels *c)
{
    for (size_t i = 0; i < c->n; i++) {
        if (hz_channel_narrow(c->list[i]) && !hz_channel_hosts(c->list[i]))
            return true;
    }
    return false;
}

/* Makes the band strand if a channel needs it and the stream has begun. */
static void want_band(struct hz_channels *c)
{
    bool visits = c->visits.stats.limit > 0 && !c->audio;
    if (c->band || c->error[0] || c->rate_hz == 0 || !(any_narrow(c) || visits))
        return;
    struct hz_band_strand_env env = {.jobs = c->env.jobs,
                                     .rate_hz = c->rate_hz,
                                     .centre_hz = c->centre_hz,
                                     .held = c->env.held + HZ_VISITS_HELD,
                                     .job_s = c->env.live ? LIVE_JOB_S : 0,
                                     .inbox = c->env.live ? LIVE_INBOX : REPLAY_INBOX,
                                     .part = hz_channels_part,
                                     .gates = add_gates,
                                     .progress = on_progress,
                                     .ctx = c};
    c->band = hz_band_strand_new(&env, c->error, sizeof c->error);
    if (c->band)
        hz_band_strand_hunt(c->band, hz_channels_host(c));
    else
        hz_log(LOG_ERR, "receiver %s: no channels can be cut out of its band: %s",
               c->env.receiver->name, c->error);
}

static void close_band(struct hz_channels *c)
{
    hz_visits_forget(&c->visits);
    hz_band_strand_close(c->band, NULL, NULL);
    c->band = NULL;
}

void hz_channels_begin(struct hz_channels *c, enum hz_format format, double rate_hz,
                       double centre_hz)
{
    bool audio = !hz_format_is_iq(format);
    for (size_t i = 0; i < c->n && audio != c->audio; i++) /* jobs of before a hop read it */
        hz_channel_take_audio(c->list[i], audio);
    c->audio = audio;
    if (c->band && c->rate_hz != rate_hz) {
        close_band(c);
    }
    if (c->rate_hz != rate_hz)
        c->error[0] = '\0';
    c->rate_hz = rate_hz;
    c->centre_hz = centre_hz;
    c->publishing = c->shared = c->turn;
    c->next = 0;
    want_band(c);
    for (size_t i = 0; i < c->n; i++)
        hz_channel_deafen(c->list[i], c->error);
}

void hz_channels_mark(struct hz_channels *c, const char *mark)
{
    c->mark = mark;
    for (size_t i = 0; i < c->n; i++)
        hz_channel_mark(c->list[i], mark);
}

void hz_channels_place(struct hz_channels *c, double latitude, double longitude)
{
    c->latitude = latitude;
    c->longitude = longitude;
    for (size_t i = 0; i < c->n; i++)
        hz_channel_place(c->list[i], latitude, longitude);
}

void hz_channels_shift(struct hz_channels *c, double ppm)
{
    c->shift_ppm = ppm;
    c->may_shift = true;
    for (size_t i = 0; i < c->n; i++)
        hz_channel_shift(c->list[i], ppm);
}

/* ---- the stream ------------------------------------------------------------------------- */

void hz_channels_patient(struct hz_channels *c, bool patient)
{
    c->patient = patient;
}

void hz_channels_push(struct hz_channels *c, struct hz_block *b, struct hz_stamp stamp)
{
    struct hz_turn turn = {.n = c->turn, .ends = c->env.live || b->ends_turn};
    bool heard = !c->band || hz_band_strand_push(c->band, b, stamp, turn);
    for (size_t i = 0; i < c->n; i++) {
        if (!hz_channels_hears(c, c->list[i], b->centre_hz))
            continue;
        if (!hz_channel_narrow(c->list[i]))
            hz_channel_push(c->list[i], b, stamp, turn);
        else if (!heard)
            hz_channel_lose(c->list[i], b->first_sample, b->n);
    }
    c->turn += turn.ends;
    go_on(c);
}

void hz_channels_finish(struct hz_channels *c, struct hz_stamp stamp)
{
    struct hz_turn turn = {.n = c->turn++, .ends = true};
    if (c->band)
        hz_band_strand_finish(c->band, stamp, turn);
    for (size_t i = 0; i < c->n; i++) {
        if (!hz_channel_narrow(c->list[i]) && hz_channels_hears(c, c->list[i], c->centre_hz))
            hz_channel_finish(c->list[i], turn, stamp);
    }
    go_on(c);
}

bool hz_channels_have_room(const struct hz_channels *c)
{
    for (size_t i = 0; i < c->n; i++) {
        if (!hz_channel_narrow(c->list[i]) && !hz_channel_has_room(c->list[i]))
            return false;
    }
    return !c->band || hz_band_strand_has_room(c->band);
}

bool hz_channels_done(const struct hz_channels *c)
{
    if (!c->env.live)
        return c->publishing == c->turn;
    bool idle = !c->band || hz_band_strand_idle(c->band);
    for (size_t i = 0; i < c->n; i++)
        idle &= hz_channel_idle(c->list[i]);
    return idle;
}

/* ---- adding and removing ---------------------------------------------------------------- */

static void on_heard(void *ctx, const struct hz_channel *channel, const struct hz_record *rec,
                     double ppm)
{
    const struct hz_channels *c = ctx;
    c->env.heard(c->env.ctx, channel, rec, ppm);
}

struct hz_channel_env hz_channels_env_of(struct hz_channels *c, bool narrow, int priority)
{
    int64_t number = c->added++;
    return (struct hz_channel_env){.jobs = c->env.jobs,
                                   .bus = c->env.bus,
                                   .fold = c->env.fold,
                                   .stream = c,
                                   .timed = c->env.timed,
                                   .receiver = c->env.receiver->name,
                                   .latitude = c->latitude,
                                   .longitude = c->longitude,
                                   .inbox = !c->env.live ? REPLAY_INBOX
                                            : narrow     ? LIVE_SPECTRA_INBOX
                                                         : LIVE_INBOX,
                                   .first_turn = c->turn,
                                   .number = (uint64_t)number,
                                   .rank = priority * RANKS - number,
                                   .heard = c->env.heard ? on_heard : NULL,
                                   .progress = on_progress,
                                   .ctx = c};
}

int hz_channels_reserve(struct hz_channels *c)
{
    struct hz_channel **more = realloc(c->list, (c->n + 1) * sizeof(struct hz_channel *));
    if (!more)
        return -ENOMEM;
    c->list = more;
    return 0;
}

void hz_channels_join(struct hz_channels *c, struct hz_channel *channel)
{
    c->list[c->n++] = channel;
    hz_channel_take_audio(channel, c->audio);
    hz_channel_mark(channel, c->mark);
    hz_channel_shift(channel, c->shift_ppm);
}

int hz_channels_add(struct hz_channels *c, const struct hz_conf_channel *conf)
{
    struct hz_channel_env env =
        hz_channels_env_of(c, conf->decoder->input != HZ_INPUT_BAND, conf->priority);
    env.conf = conf;
    struct hz_channel *channel = hz_channels_reserve(c) == 0 ? hz_channel_new(&env) : NULL;
    if (!channel)
        return -ENOMEM;
    hz_channels_join(c, channel);
    if (hz_channels_more_bursts(c, channel) != 0) {
        hz_channels_take_out(c, c->n - 1);
        hz_channel_close(channel, NULL, NULL);
        return -ENOMEM;
    }
    want_band(c);
    if (c->rate_hz != 0)
        hz_channel_deafen(channel, c->error);
    return 0;
}

/* Closes the band strand if no channel needs spectra any more. */
static void drop_idle_band(struct hz_channels *c)
{
    if (c->band && c->visits.stats.limit == 0 && !any_narrow(c))
        close_band(c);
}

void hz_channels_take_out(struct hz_channels *c, size_t i)
{
    c->n--;
    memmove(&c->list[i], &c->list[i + 1], (c->n - i) * sizeof(struct hz_channel *));
    if (i < c->next)
        c->next--;
    if (c->next == c->n && c->next > 0) {
        c->next = 0;
        c->publishing++;
        end_turn(c);
    }
}

int hz_channels_remove(struct hz_channels *c, const char *name)
{
    for (size_t i = 0; i < c->n; i++) {
        struct hz_channel *channel = c->list[i];
        if (strcmp(hz_channel_conf(channel)->name, name) != 0 ||
            hz_visits_find(&c->visits, channel))
            continue;
        hz_channels_take_out(c, i);
        hz_channels_leave_host(c, channel);
        hz_channel_close(channel, NULL, NULL);
        drop_idle_band(c);
        go_on(c);
        return 0;
    }
    return -ENOENT;
}

bool hz_channels_learn(struct hz_channels *c, const struct hz_conf_channel *conf)
{
    for (size_t i = 0; i < c->n; i++) {
        struct hz_channel *channel = c->list[i];
        if (!hz_conf_channel_same(hz_channel_conf(channel), conf) ||
            hz_visits_find(&c->visits, channel))
            continue;
        hz_channel_learn(channel, conf);
        return true;
    }
    return false;
}

/* ---- the end ---------------------------------------------------------------------------- */

size_t hz_channels_parts(const struct hz_channels *c)
{
    return c->n + c->visits.stats.limit - c->visits.stats.open + (c->band != NULL);
}

void hz_channels_close(struct hz_channels *c, void (*closed)(void *ctx), void *ctx)
{
    hz_jobs_uncall(c->env.jobs, &c->go_on);
    size_t n = c->n;
    c->n = 0;
    for (size_t i = 0; i < n; i++) {
        hz_channel_close(c->list[i], closed, ctx);
    }
    hz_visits_close(&c->visits, closed, ctx);
    if (c->band)
        hz_band_strand_close(c->band, closed, ctx);
    c->band = NULL;
    free(c->list);
    c->list = NULL;
}
