#include "daemon/receive/adjust.h"
#include "daemon/base/hash.h"
#include "daemon/base/log.h"
#include "daemon/receive/receiver_parts.h"
#include "daemon/source/rtl_tuner.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double look_s = 1;
static const double deaf_s = 2;         /* after the device was set; longer than a message takes */
static const double save_s = 60;        /* between two writings of the file */
static const double worth_ppm = 0.3;    /* a change of the crystal that is worth writing */
static const double recalled_ppm = 2;   /* what the crystal may have changed by since it was kept */
static const double keep_sigma_ppm = 1; /* what is less certain is not kept */

/* ---- what is kept ----------------------------------------------------------------------- */

void hz_adjust_init(struct hz_receiver *r, const char *folder)
{
    struct hz_adjust *a = &r->adjust;
    struct hz_tuning *first = &r->tuning.now;
    snprintf(a->folder, sizeof a->folder, "%s", folder ? folder : "");
    hz_crystal_init(&a->crystal);
    if (!first->gain_best && !first->ppm_auto)
        return;
    hz_remembered_load(a->folder, r->conf->name, &a->kept);
    if (first->gain_best && !isnan(a->kept.gain_db))
        first->gain_db = a->kept.gain_db;
    if (first->ppm_auto && !isnan(a->kept.ppm)) {
        hz_crystal_recall(&a->crystal, a->kept.ppm, hypot(a->kept.ppm_sigma, recalled_ppm));
        first->ppm = round(a->kept.ppm);
    }
}

/* Everything is found out anew, from the beginning. */
static void forget(struct hz_receiver *r)
{
    struct hz_tuning want = r->tuning.has_later ? r->tuning.later : r->tuning.now;
    hz_crystal_init(&r->adjust.crystal);
    r->adjust.searches = false;
    if (want.ppm_auto)
        want.ppm = 0;
    if (want.gain_best)
        want.gain_db = HZ_GAIN_START_DB;
    hz_receiver_retune(r, &want); /* when it streams */
}

void hz_adjust_started(struct hz_receiver *r)
{
    struct hz_adjust *a = &r->adjust;
    a->deaf_until_s = a->air_s + deaf_s;
    if (r->tuning.now.ppm_auto) /* before it is chosen which part of the band is needed */
        hz_channels_shift(&r->channels, a->rest_ppm);
    if (strcmp(a->kept.device, r->src->device) == 0)
        return;
    if (*a->kept.device) {
        hz_log(LOG_NOTICE, "receiver %s: another device: gain and ppm are found out anew",
               r->conf->name);
        forget(r);
    }
    a->kept = (struct hz_remembered){.gain_db = NAN, .ppm = NAN, .ppm_sigma = NAN};
    snprintf(a->kept.device, sizeof a->kept.device, "%s", r->src->device);
}

static void keep(struct hz_receiver *r)
{
    struct hz_adjust *a = &r->adjust;
    struct hz_remembered found = a->kept;
    struct hz_crystal_estimate e = hz_crystal_now(&a->crystal);
    if (r->tuning.now.ppm_auto && e.from == HZ_CRYSTAL_AIR && e.sigma < keep_sigma_ppm) {
        found.ppm = e.ppm;
        found.ppm_sigma = e.sigma;
    }
    if (a->searches && a->gain.phase == HZ_GAIN_RESTS)
        found.gain_db = hz_gain_search_best(&a->gain);
    bool gain = found.gain_db != a->kept.gain_db && !isnan(found.gain_db);
    bool ppm = !isnan(found.ppm) && !(fabs(found.ppm - a->kept.ppm) < worth_ppm);
    if ((!gain && !ppm) || (a->saved_s > 0 && a->air_s - a->saved_s < save_s))
        return;
    a->kept = found;
    a->saved_s = a->air_s;
    hz_remembered_save(r->env.loop, a->folder, r->conf->name, &found);
}

/* ---- setting the device ----------------------------------------------------------------- */

/* False: not now; it is tried again. */
static bool set(struct hz_receiver *r, const struct hz_tuning *want)
{
    char err[256];
    if (r->tuning.changing || r->tuning.has_later)
        return false;
    r->adjust.by_itself = true;
    int rc = hz_receiver_tune(r, want, err, sizeof err);
    r->adjust.by_itself = rc == 0;
    return rc == 0;
}

/* ---- the crystal ------------------------------------------------------------------------ */

/* Of both names: a transmitter, or without a name the only one of its channel. */
static uint64_t hash(const char *a, const char *b)
{
    return hz_hash_text(hz_hash_byte(hz_hash_text(HZ_HASH, a), '/'), b);
}

void hz_adjust_heard(void *ctx, const struct hz_channel *c, const struct hz_record *rec, double ppm)
{
    struct hz_receiver *r = ctx;
    struct hz_adjust *a = &r->adjust;
    const struct hz_conf_channel *conf = hz_channel_conf(c);
    const char *whose = rec->about.id[0] ? conf->decoder->name : conf->name;
    if (r->tuning.now.ppm_auto && a->air_s >= a->deaf_until_s)
        hz_crystal_hear(&a->crystal, hash(whose, rec->about.id), (double)conf->decoder->carrier_ppm,
                        r->tuning.now.ppm + ppm, a->air_s);
}

/* What the sample clock shows of the crystal, after the device's correction. False: nothing. */
static bool clock_shows(const struct hz_receiver *r, double *ppm, double *sigma)
{
    if (r->ops->clock)
        return r->ops->clock(r->src, ppm, sigma);
    *ppm = r->ops->live ? hz_clock_ppm(&r->count.clock) : NAN;
    *sigma = r->ops->live ? hz_clock_ppm_sigma(&r->count.clock) : INFINITY;
    return !isnan(*ppm);
}

static void look_at_crystal(struct hz_receiver *r)
{
    struct hz_adjust *a = &r->adjust;
    double ppm, sigma;
    if (a->air_s >= a->deaf_until_s && clock_shows(r, &ppm, &sigma))
        hz_crystal_clock(&a->crystal, r->tuning.now.ppm + ppm, sigma);
    struct hz_crystal_estimate e = hz_crystal_now(&a->crystal);
    struct hz_crystal_correction now = {r->tuning.now.ppm, a->rest_ppm};
    struct hz_crystal_correction next = hz_crystal_correct(&e, now);
    if (next.device_ppm != now.device_ppm) {
        struct hz_tuning want = r->tuning.now;
        want.ppm = next.device_ppm;
        if (!set(r, &want))
            return;
        hz_log(LOG_INFO, "receiver %s: ppm %g, by the %s (%.1f, give or take %.1f)", r->conf->name,
               want.ppm, hz_crystal_from_name(e.from), e.ppm, e.sigma);
        a->deaf_until_s = a->air_s + deaf_s;
    }
    a->rest_ppm = next.rest_ppm;
    hz_channels_shift(&r->channels, a->rest_ppm);
}

/* ---- the gain --------------------------------------------------------------------------- */

/* Messages of all channels so far. Speech is none: with more gain a squelch opens for noise. */
static double messages(const struct hz_receiver *r)
{
    double n = 0;
    for (size_t i = 0; i < r->channels.n; i++) {
        struct hz_channel_stats s = hz_channel_stats(r->channels.list[i]);
        if (hz_channel_conf(r->channels.list[i])->decoder->speech_hz == 0)
            n += (double)s.count[HZ_MESSAGE];
    }
    return n;
}

static bool begin_search(struct hz_receiver *r)
{
    struct hz_adjust *a = &r->adjust;
    const struct hz_rtl_tuner *tuner = hz_rtl_tuner(r->src->tuner);
    if (a->searches || !tuner || tuner->n_gains != r->src->n_gains)
        return a->searches;
    hz_gain_search_init(&a->gain, tuner->gains, tuner->n_gains, r->tuning.now.gain_db);
    a->messages = messages(r);
    return a->searches = true;
}

static void look_at_gain(struct hz_receiver *r, double seconds)
{
    struct hz_adjust *a = &r->adjust;
    if (!begin_search(r))
        return;
    enum hz_gain_phase was = a->gain.phase;
    double all = messages(r);
    /* a channel that was removed takes its count along */
    hz_gain_search_feed(&a->gain, seconds, fmax(0, all - a->messages),
                        r->meter.known ? r->meter.level.clip_percent : 0);
    a->messages = all;
    struct hz_tuning want = r->tuning.now;
    want.gain_db = hz_gain_search_now(&a->gain);
    if (want.gain_db != r->tuning.now.gain_db)
        set(r, &want);
    if (a->gain.phase == HZ_GAIN_RESTS && was != HZ_GAIN_RESTS)
        hz_log(LOG_INFO, "receiver %s: gain %.1f dB: %s", r->conf->name, want.gain_db, a->gain.why);
}

/* ---- once a second ---------------------------------------------------------------------- */

void hz_adjust_samples(struct hz_receiver *r, size_t n)
{
    struct hz_adjust *a = &r->adjust;
    a->air_s += (double)n / r->src->rate_hz;
    double seconds = a->air_s - a->looked_s;
    if (seconds < look_s || !r->ops->tune)
        return;
    a->looked_s = a->air_s;
    if (r->tuning.now.ppm_auto) {
        look_at_crystal(r);
    } else if (a->rest_ppm != 0) {
        a->rest_ppm = 0;
        hz_channels_shift(&r->channels, 0);
    }
    if (r->tuning.now.gain_best)
        look_at_gain(r, seconds);
    else
        a->searches = false;
    keep(r);
}
