#include "daemon/receive/channels.h"
#include "daemon/base/log.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    REPLAY_INBOX = 2, /* enough to keep a worker busy; a replay waits beyond that */
    LIVE_INBOX = HZ_STRAND_INBOX_MAX - 1,
    LIVE_SPECTRA_INBOX = 8, /* batches, which are longer than blocks */
};

/* Where workers cannot follow they leave jobs of the lowest rank undone: by priority, then the
 * later ones. */
#define RANKS ((int64_t)1 << 32)

/* Samples of one job of the band strand in a live stream: long enough to make the cost of the jobs
 * (some 30 us, one for each channel) small, short enough for a message to be new. */
#define LIVE_JOB_S 0.08

void hz_channels_init(struct hz_channels *c, const struct hz_channels_env *env)
{
    *c = (struct hz_channels){.env = *env};
}

/* ---- publishing ------------------------------------------------------------------------- */

static void publish_live(struct hz_channels *c)
{
    for (size_t i = 0; i < c->n; i++) {
        if (hz_channel_result(c->list[i]))
            hz_channel_publish(c->list[i]);
    }
}

/* What was held of a replay may wait no longer, so that its order depends on nothing but itself. */
static void end_turn(const struct hz_channels *c)
{
    if (c->env.fold && !c->env.timed)
        hz_fold_flush(c->env.fold, c);
}

static void publish_in_turn(struct hz_channels *c)
{
    while (c->n > 0 && c->publishing < c->turn) {
        struct hz_channel *channel = c->list[c->next];
        if (hz_channel_has_part_in(channel, c->publishing)) {
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
        c->publishing = c->turn;
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

/* What the band strand made, to the channels that are cut out of it. */
static void share(struct hz_channels *c)
{
    struct hz_spectra *s;
    while (c->band && (sheds(c) || narrow_have_room(c)) && (s = hz_band_strand_take(c->band))) {
        for (size_t i = 0; i < c->n; i++) {
            if (hz_channel_narrow(c->list[i]) && hz_channel_has_part_in(c->list[i], s->turn.n))
                hz_channel_push_spectra(c->list[i], s);
        }
        hz_spectra_unref(s);
    }
}

static void go_on(struct hz_channels *c)
{
    share(c);
    if (c->env.live)
        publish_live(c);
    else
        publish_in_turn(c);
}

static void on_progress(void *ctx)
{
    struct hz_channels *c = ctx;
    go_on(c);
    c->env.progress(c->env.ctx);
}

/* ---- the band strand -------------------------------------------------------------------- */

/* What the narrow channels want of the band, from its centre; false: there is none of them. */
static bool reach(const struct hz_channels *c, double *low, double *high)
{
    bool any = false;
    for (size_t i = 0; i < c->n; i++) {
        if (!hz_channel_narrow(c->list[i]))
            continue;
        struct hz_ddc_config how = hz_channel_how(c->list[i], c->centre_hz, c->rate_hz);
        double l = how.offset_hz - how.bandwidth_hz / 2, h = how.offset_hz + how.bandwidth_hz / 2;
        *low = any ? fmin(*low, l) : l;
        *high = any ? fmax(*high, h) : h;
        any = true;
    }
    return any;
}

/* Makes the strand when a channel wants it and the stream has begun. */
static void want_band(struct hz_channels *c)
{
    double low, high;
    if (c->band || c->error[0] || c->rate_hz == 0 || !reach(c, &low, &high))
        return;
    bool all = !c->env.fixed || low <= -c->rate_hz / 2 || high >= c->rate_hz / 2;
    struct hz_band_strand_env env = {.jobs = c->env.jobs,
                                     .rate_hz = c->rate_hz,
                                     .low_hz = all ? 0 : low,
                                     .high_hz = all ? 0 : high,
                                     .job_s = c->env.live ? LIVE_JOB_S : 0,
                                     .inbox = c->env.live ? LIVE_INBOX : REPLAY_INBOX,
                                     .progress = on_progress,
                                     .ctx = c};
    c->band = hz_band_strand_new(&env, c->error, sizeof c->error);
    if (!c->band)
        hz_log(LOG_ERR, "receiver %s: no channels can be cut out of its band: %s",
               c->env.receiver->name, c->error);
}

void hz_channels_begin(struct hz_channels *c, enum hz_format format, double rate_hz,
                       double centre_hz)
{
    c->audio = !hz_format_is_iq(format);
    for (size_t i = 0; i < c->n; i++)
        hz_channel_take_audio(c->list[i], c->audio);
    if (c->band && c->rate_hz != rate_hz) {
        hz_band_strand_close(c->band, NULL, NULL);
        c->band = NULL;
    }
    if (c->rate_hz != rate_hz)
        c->error[0] = '\0';
    c->rate_hz = rate_hz;
    c->centre_hz = centre_hz;
    c->publishing = c->turn;
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

void hz_channels_place(struct hz_channels *c)
{
    for (size_t i = 0; i < c->n; i++)
        hz_channel_place(c->list[i], c->env.receiver);
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
        if (!hz_channel_narrow(c->list[i]))
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

/* ---- coming and going ------------------------------------------------------------------- */

int hz_channels_add(struct hz_channels *c, const struct hz_conf_channel *conf)
{
    bool narrow = conf->decoder->input != HZ_INPUT_BAND;
    struct hz_channel_env env = {.jobs = c->env.jobs,
                                 .bus = c->env.bus,
                                 .fold = c->env.fold,
                                 .stream = c,
                                 .timed = c->env.timed,
                                 .conf = conf,
                                 .receiver = c->env.receiver,
                                 .inbox = !c->env.live ? REPLAY_INBOX
                                          : narrow     ? LIVE_SPECTRA_INBOX
                                                       : LIVE_INBOX,
                                 .first_turn = c->turn,
                                 .rank = conf->priority * RANKS - c->added++,
                                 .progress = on_progress,
                                 .ctx = c};
    struct hz_channel *channel = hz_channel_new(&env);
    struct hz_channel **more = realloc(c->list, (c->n + 1) * sizeof(struct hz_channel *));
    if (more)
        c->list = more;
    if (!channel || !more) {
        if (channel)
            hz_channel_close(channel, NULL, NULL);
        return -ENOMEM;
    }
    c->list[c->n++] = channel;
    if (c->env.fold)
        hz_fold_join(c->env.fold, conf->decoder);
    hz_channel_take_audio(channel, c->audio);
    hz_channel_mark(channel, c->mark);
    want_band(c);
    if (c->rate_hz != 0)
        hz_channel_deafen(channel, c->error);
    return 0;
}

static void leave_fold(const struct hz_channels *c, const struct hz_channel *channel)
{
    if (c->env.fold)
        hz_fold_leave(c->env.fold, hz_channel_conf(channel)->decoder);
}

/* Nobody wants spectra any more. */
static void drop_idle_band(struct hz_channels *c)
{
    double low, high;
    if (!c->band || reach(c, &low, &high))
        return;
    hz_band_strand_close(c->band, NULL, NULL);
    c->band = NULL;
}

int hz_channels_remove(struct hz_channels *c, const char *name)
{
    for (size_t i = 0; i < c->n; i++) {
        if (strcmp(hz_channel_conf(c->list[i])->name, name) != 0)
            continue;
        leave_fold(c, c->list[i]);
        hz_channel_close(c->list[i], NULL, NULL);
        c->n--;
        memmove(&c->list[i], &c->list[i + 1], (c->n - i) * sizeof(struct hz_channel *));
        if (i < c->next)
            c->next--;
        if (c->next == c->n && c->next > 0) {
            c->next = 0;
            c->publishing++;
            end_turn(c);
        }
        drop_idle_band(c);
        go_on(c);
        return 0;
    }
    return -ENOENT;
}

size_t hz_channels_parts(const struct hz_channels *c)
{
    return c->n + (c->band != NULL);
}

void hz_channels_close(struct hz_channels *c, void (*closed)(void *ctx), void *ctx)
{
    size_t n = c->n;
    c->n = 0;
    for (size_t i = 0; i < n; i++) {
        leave_fold(c, c->list[i]);
        hz_channel_close(c->list[i], closed, ctx);
    }
    if (c->band)
        hz_band_strand_close(c->band, closed, ctx);
    c->band = NULL;
    free(c->list);
    c->list = NULL;
}
