#include "daemon/receive/visits.h"
#include "config/fail.h"
#include "config/plan.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int hz_visits_init(struct hz_visits *v, size_t limit, const struct hz_channel_env *env)
{
    *v = (struct hz_visits){0};
    return hz_visits_more(v, limit > HZ_VISITS_MAX ? HZ_VISITS_MAX : limit, env);
}

int hz_visits_more(struct hz_visits *v, size_t more, const struct hz_channel_env *env)
{
    size_t limit = v->stats.limit + more, n = v->stats.limit;
    struct hz_visit_slot *slots = realloc(v->slots, limit * sizeof *slots);
    if (!slots)
        return -ENOMEM;
    v->slots = slots;
    for (; n < limit; n++) {
        slots[n] = (struct hz_visit_slot){.channel = hz_channel_new(env)};
        if (!slots[n].channel)
            break;
    }
    if (n == limit) {
        v->stats.limit = limit;
        return 0;
    }
    while (n > v->stats.limit)
        hz_channel_close(slots[--n].channel, NULL, NULL);
    return -ENOMEM;
}

void hz_visits_close(struct hz_visits *v, void (*closed)(void *ctx), void *ctx)
{
    hz_visits_forget(v);
    for (size_t i = 0; i < v->stats.limit; i++) {
        if (v->slots[i].id == 0)
            hz_channel_close(v->slots[i].channel, closed, ctx);
    }
    free(v->slots);
    *v = (struct hz_visits){0};
}

/* ---- what is held ----------------------------------------------------------------------- */

void hz_visits_forget(struct hz_visits *v)
{
    for (size_t i = 0; i < v->n_held; i++)
        hz_spectra_unref(v->held[i]);
    v->n_held = v->n_spectra = 0;
    v->ended = true;
}

void hz_visits_see(struct hz_visits *v, const struct hz_spectra *s)
{
    if (v->stats.limit == 0)
        return;
    bool other_band = v->n_held > 0 && v->held[0]->band != s->band;
    if (s->epoch != v->epoch || other_band)
        hz_visits_forget(v);
    v->epoch = s->epoch;
    v->rate_hz = s->rate_hz;
    v->centre_hz = s->centre_hz;
    v->ended = false;
}

void hz_visits_hold(struct hz_visits *v, struct hz_spectra *s)
{
    if (v->stats.limit == 0)
        return;
    v->ended = s->end;
    if (s->n == 0)
        return;
    v->held[v->n_held++] = hz_spectra_ref(s);
    v->n_spectra += s->n;
    size_t drop = 0;
    while (v->n_spectra - v->held[drop]->n >= HZ_VISITS_PAST) {
        v->n_spectra -= v->held[drop]->n;
        hz_spectra_unref(v->held[drop++]);
    }
    v->n_held -= drop;
    for (size_t i = 0; i < v->n_held; i++)
        v->held[i] = v->held[i + drop];
}

/* The sample of the receiver after the last one in the batch's spectra; 0: there are none. */
static double end_of(const struct hz_spectra *s)
{
    double block = s->rate_hz / HZ_BAND_BLOCKS_HZ;
    return s->n > 0 ? (double)(s->x[s->n - 1].block + 1) * block : 0;
}

/* ---- visits ----------------------------------------------------------------------------- */

struct hz_visit_slot *hz_visits_find_id(const struct hz_visits *v, uint64_t id)
{
    for (size_t i = 0; i < v->stats.limit; i++) {
        if (v->slots[i].id == id)
            return &v->slots[i];
    }
    return NULL;
}

struct hz_visit_slot *hz_visits_find(const struct hz_visits *v, const struct hz_channel *c)
{
    for (size_t i = 0; i < v->stats.limit; i++) {
        if (v->slots[i].channel == c)
            return &v->slots[i];
    }
    return NULL;
}

static int check(const struct hz_visits *v, const struct hz_visit *visit, double width_hz,
                 char *err, size_t err_len)
{
    double most = v->rate_hz / 2 - width_hz / 2;
    if (v->ended || (v->centre_hz == 0 && !visit->host)) {
        hz_fail(err, err_len, "there are no spectra of a band with a known centre");
        return -EAGAIN;
    }
    if (visit->decoder->input != (visit->host ? HZ_INPUT_BURST : HZ_INPUT_BASEBAND))
        return hz_fail(err, err_len, "decoder %s: expected one of a narrow channel",
                       visit->decoder->name);
    if (!(fabs(visit->offset_hz) <= most))
        return hz_fail(err, err_len,
                       "%.10g Hz wide at %+.10g Hz from the centre: expected within "
                       "%+.10g Hz",
                       width_hz, visit->offset_hz, v->rate_hz / 2);
    return 0;
}

int hz_visits_open(struct hz_visits *v, const struct hz_visit *visit, uint64_t first_turn,
                   struct hz_visit_slot **slot, char *err, size_t err_len)
{
    struct hz_conf_channel conf;
    char name[HZ_NAME_MAX + 1];
    /* of a band whose centre is not known: as if it were where the decoder's bursts usually are */
    double freq_hz =
        (v->centre_hz != 0 ? v->centre_hz : visit->decoder->freqs_hz[0]) + visit->offset_hz;
    /* no section can have that name */
    snprintf(name, sizeof name, "%.12s@%.9g", visit->decoder->name, freq_hz / 1e6);
    if (visit->host)
        conf = *hz_channel_conf(visit->host);
    else
        hz_conf_channel_init(&conf, name, visit->decoder);
    conf.freq_hz = freq_hz;
    conf.bandwidth_hz = visit->width_hz;
    conf.squelch_db = 0; /* it was opened because something is there */
    int rc = check(v, visit, hz_plan_width(&conf), err, err_len);
    if (rc != 0)
        return rc;
    struct hz_visit_slot *s = hz_visits_find_id(v, 0);
    if (!s) {
        v->stats.refused++;
        hz_fail(err, err_len, "all %zu channels for visits are in use", v->stats.limit);
        return -ENOBUFS;
    }
    struct hz_channel_begin begin = {.first_turn = first_turn,
                                     .from_sample = visit->from,
                                     .host = visit->host,
                                     .offset_hz = visit->offset_hz,
                                     .burst_low_hz = visit->burst_low_hz - visit->offset_hz,
                                     .burst_high_hz = visit->burst_high_hz - visit->offset_hz,
                                     .burst_share = visit->burst_share};
    rc = hz_channel_open(s->channel, &conf, &begin);
    if (rc != 0) {
        hz_fail(err, err_len, "no memory");
        return rc;
    }
    v->stats.open++;
    s->id = ++v->stats.opened;
    s->until = visit->until ? visit->until : UINT64_MAX;
    s->until_block = 0;
    s->candidate = visit->candidate;
    s->epoch = v->epoch;
    s->given_first = s->given_last = false;
    *slot = s;
    return 0;
}

void hz_visits_give_past(struct hz_visits *v, struct hz_visit_slot *slot, uint64_t from)
{
    for (size_t i = 0; i < v->n_held; i++) {
        double block = v->held[i]->rate_hz / HZ_BAND_BLOCKS_HZ;
        if (end_of(v->held[i]) + block > (double)from)
            hz_channel_push_begin(slot->channel, v->held[i], true);
    }
}

void hz_visits_give(struct hz_visit_slot *slot, struct hz_spectra *s)
{
    if (slot->given_last)
        return;
    bool retuned = slot->epoch != s->epoch;
    slot->given_last = retuned || s->end || end_of(s) >= (double)slot->until;
    slot->last_turn = s->turn.n;
    bool first =
        !slot->given_first; /* the past lies before it in the inbox, more than fits there */
    slot->given_first = true;
    if (!slot->given_last && first)
        hz_channel_push_begin(slot->channel, s, false);
    else if (!slot->given_last)
        hz_channel_push_spectra(slot->channel, s, NULL);
    else
        hz_channel_push_last(slot->channel, retuned ? NULL : s, s->turn, s->stamp,
                             slot->until_block);
}

bool hz_visits_over(const struct hz_visit_slot *slot)
{
    return slot->id != 0 && slot->given_last && hz_channel_idle(slot->channel);
}

/* One turn lies between, so that the workers need not end a turn before the next is given out. */
bool hz_visits_due(const struct hz_visits *v, const struct hz_visit_slot *slot, uint64_t turn)
{
    return slot->id != 0 && slot->given_last && (v->ended || slot->last_turn + 1 < turn);
}

bool hz_visits_wait(const struct hz_visits *v, uint64_t turn)
{
    for (size_t i = 0; v->stats.open > 0 && i < v->stats.limit; i++) {
        if (hz_visits_due(v, &v->slots[i], turn) && !hz_visits_over(&v->slots[i]))
            return true;
    }
    return false;
}

void hz_visits_shut(struct hz_visits *v, struct hz_visit_slot *slot)
{
    hz_channel_shut(slot->channel);
    slot->id = 0;
    v->stats.open--;
}
