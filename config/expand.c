/* The configuration as it will run: plans its receivers, and puts the plans into it. */
#include "config/hops.h"
#include "config/schema.h"

#include <stdlib.h>
#include <string.h>

/* One receiver's part of the work. */
struct part {
    struct hz_conf_parser *p;
    const struct hz_conf_channel **wants;
    const struct hz_draft **drafts; /* of each */
    size_t n;
    struct hz_plan plan;
};

/* What all plans together give, to be put in place of what was read. */
struct expansion {
    struct hz_conf_channel *channels;
    size_t *from; /* of each, the index of its section */
    size_t n;
};

static void no_memory(struct hz_conf_parser *p)
{
    hz_conf_error(p->errors, p->file, 0, "out of memory");
}

static void on_fail(void *ctx, size_t want, const char *key, const char *text)
{
    const struct part *part = ctx;
    const struct hz_where at = hz_draft_where(part->drafts[want], key);
    hz_conf_error(part->p->errors, at.file, at.line, "%s", text);
}

/* The name of a channel: that of its section, with the frequency behind it where the section leaves
 * the choice among several to the decoder. */
static void name_channel(struct hz_conf_parser *p, const struct hz_conf_channel *section,
                         double freq_hz, char out[HZ_NAME_MAX + 1])
{
    const double *own = section->decoder->freqs_hz;
    char suffix[32] = "", name[sizeof suffix + HZ_NAME_MAX + 1];
    if (section->freq_hz <= 0 && own && own[0] > 0 && own[1] > 0 && !hz_plan_anywhere(section))
        snprintf(suffix, sizeof suffix, "-%.10gM", freq_hz / 1e6);
    snprintf(name, sizeof name, "%s%s", section->name, suffix);
    if (strlen(name) > HZ_NAME_MAX)
        hz_conf_error(p->errors, section->where.file, section->where.line,
                      "[channel %s]: with its frequency, as in %s, the name is over %d characters: "
                      "expected at most %zu of them",
                      section->name, name, HZ_NAME_MAX, HZ_NAME_MAX - strlen(suffix));
    snprintf(out, HZ_NAME_MAX + 1, "%.*s", HZ_NAME_MAX, name);
}

/* Complains about a name that was made up and is taken by another section. */
static void check_name(struct hz_conf_parser *p, const struct hz_conf_channel *made, size_t from)
{
    const struct hz_config *c = p->config;
    for (size_t i = 0; i < c->n_channels; i++) {
        const struct hz_conf_channel *o = &c->channels[i];
        if (i != from && strcmp(o->name, made->name) == 0)
            hz_conf_error(p->errors, o->where.file, o->where.line,
                          "a second channel %s: the first is one of those that [channel %s] at "
                          "%s:%d stands for",
                          o->name, c->channels[from].name, made->where.file, made->where.line);
    }
}

static int add_channel(struct expansion *e, const struct hz_conf_channel *c, size_t from)
{
    struct hz_conf_channel *channels = realloc(e->channels, (e->n + 1) * sizeof *channels);
    if (channels)
        e->channels = channels;
    size_t *froms = realloc(e->from, (e->n + 1) * sizeof *froms);
    if (froms)
        e->from = froms;
    if (!channels || !froms)
        return -1;
    e->channels[e->n] = *c;
    e->from[e->n++] = from;
    return 0;
}

static void take_channels(const struct part *part, struct expansion *e)
{
    struct hz_conf_parser *p = part->p;
    for (size_t i = 0; i < part->plan.n_in; i++) {
        const struct hz_plan_place *place = &part->plan.in[i];
        const struct hz_conf_channel *section = part->wants[place->want];
        size_t from = part->drafts[place->want]->index;
        struct hz_conf_channel made = *section;
        name_channel(p, section, place->freq_hz, made.name);
        made.freq_hz = place->freq_hz;
        if (strcmp(made.name, section->name) != 0)
            check_name(p, &made, from);
        if (add_channel(e, &made, from) < 0)
            no_memory(p);
    }
}

static void take_outside(const struct part *part)
{
    struct hz_config *c = part->p->config;
    const struct hz_plan *plan = &part->plan;
    size_t n = plan->n_out < HZ_PLAN_CHANNELS_MAX ? plan->n_out : HZ_PLAN_CHANNELS_MAX;
    struct hz_conf_outside *more = realloc(c->outside, (c->n_outside + n + 1) * sizeof *more);
    if (!more) {
        no_memory(part->p);
        return;
    }
    c->outside = more;
    for (size_t i = 0; i < n; i++) {
        const struct hz_conf_channel *section = part->wants[plan->out[i].want];
        struct hz_conf_outside *o = &more[c->n_outside++];
        *o = (struct hz_conf_outside){.decoder = section->decoder, .freq_hz = plan->out[i].freq_hz};
        memcpy(o->channel, section->name, sizeof o->channel);
        memcpy(o->receiver, section->receiver, sizeof o->receiver);
    }
}

/* What a dongle without rate or centre, and without channels, cannot do. */
static void check_band(struct hz_conf_parser *p, const struct hz_draft *d, size_t channels)
{
    const struct hz_conf_receiver *r = hz_draft_item(p, d);
    if (channels > 0 || p->lost)
        return; /* what was wrong is told */
    for (int i = 0; i < 2; i++) {
        const char *key = i == 0 ? "rate" : "centre";
        if (!(i == 0 ? r->rate_hz > 0 : r->centre_hz > 0) && !hz_draft_gave(d, key))
            hz_conf_error(p->errors, d->where.file, d->where.line,
                          "[receiver %s] has no '%s', and no channel to choose it for: expected %s",
                          r->name, key,
                          i == 0 ? "rate = SAMPLES PER SECOND, as in 2400k"
                                 : "centre = FREQUENCY, as in 1090M");
    }
}

/* The band with what it leaves open as it was before, which what runs does not notice. */
static struct hz_plan_band band_before(const struct hz_conf_parser *p,
                                       const struct hz_conf_receiver *r,
                                       const struct hz_plan_band *band)
{
    struct hz_plan_band held = *band;
    const struct hz_conf_receiver *was = p->before ? hz_config_receiver(p->before, r->name) : NULL;
    if (!was || was->source != r->source)
        return held;
    held.rate_hz = band->rate_hz > 0 ? band->rate_hz : was->rate_hz;
    held.centre_hz = band->centre_hz > 0 ? band->centre_hz : was->centre_hz;
    return held;
}

/* Then another band is chosen. */
static void on_no_fit(void *ctx, size_t want, const char *key, const char *text)
{
    (void)ctx, (void)want, (void)key, (void)text;
}

/* What is wrong with the plan of a receiver that hops, apart from its channels. */
static void check_hops(struct hz_conf_parser *p, const struct hz_draft *d,
                       const struct hz_conf_receiver *r, double rate_hz)
{
    char expected[200];
    const struct hz_where centre = hz_draft_where(d, "centre"), plan = hz_draft_where(d, "plan");
    if (hz_draft_gave(d, "centre"))
        hz_conf_error(p->errors, centre.file, centre.line,
                      "[receiver %s] has 'centre' and 'plan': expected one of them", r->name);
    if (r->gain_db == HZ_GAIN_BEST)
        hz_conf_error(p->errors, plan.file, plan.line,
                      "[receiver %s] has a plan and gain = best: expected auto or a number, since "
                      "each of its bands has a best gain of its own",
                      r->name);
    if (rate_hz <= 0)
        hz_conf_error(p->errors, plan.file, plan.line,
                      "[receiver %s] has a plan and no 'rate', which is that of all its bands: "
                      "expected rate = SAMPLES PER SECOND, as in 2400k",
                      r->name);
    for (size_t i = 0; i < r->hops.n; i++) {
        if (hz_conf_centre_check(r, r->hops.at[i].centre_hz, expected, sizeof expected) < 0)
            hz_conf_error(p->errors, plan.file, plan.line, "plan: %.10g MHz: expected %s",
                          r->hops.at[i].centre_hz / 1e6, expected);
    }
}

/* Collects the channels of a receiver that a plan can use. Returns how many it has at all. */
static size_t gather_wants(struct part *part, const struct hz_conf_receiver *r)
{
    struct hz_conf_parser *p = part->p;
    size_t listening = 0;
    part->n = 0;
    for (size_t i = 0; i < p->n_drafts; i++) {
        const struct hz_draft *c = &p->drafts[i];
        if (c->section != HZ_SECTION_CHANNEL)
            continue;
        const struct hz_conf_channel *ch = hz_draft_item(p, c);
        if (strcmp(ch->receiver, r->name) != 0)
            continue;
        listening++;
        if (!ch->decoder || c->bad)
            continue;
        part->wants[part->n] = ch;
        part->drafts[part->n++] = c;
    }
    return listening;
}

static void plan_receiver(struct part *part, const struct hz_draft *d, struct expansion *e)
{
    struct hz_conf_parser *p = part->p;
    struct hz_conf_receiver *r = hz_draft_item(p, d);
    struct hz_plan_band band = {.receiver = r->name};
    hz_conf_band(r, &band.rate_hz, &band.centre_hz);
    band.tunable = r->source->tunable;
    part->plan = (struct hz_plan){0};
    struct hz_plan_band held = band_before(p, r, &band);
    size_t listening = gather_wants(part, r);
    if (r->hops.n > 0) {
        check_hops(p, d, r, band.rate_hz);
        r->centre_hz = r->hops.at[0].centre_hz;
        if (band.rate_hz > 0)
            hz_hops_plan(&part->plan, &band, &r->hops, part->wants, part->n, on_fail, part);
    } else if (!band.tunable ||
               hz_plan_make(&part->plan, &held, part->wants, part->n, on_no_fit, NULL) < 0) {
        hz_plan_make(&part->plan, &band, part->wants, part->n, on_fail, part);
    }
    if (band.tunable && r->hops.n == 0) {
        r->chosen = part->plan.rate_hz != r->rate_hz || part->plan.centre_hz != r->centre_hz;
        r->rate_hz = part->plan.rate_hz;
        r->centre_hz = part->plan.centre_hz;
        check_band(p, d, listening);
    }
    take_channels(part, e);
    take_outside(part);
}

/* The channels of all plans in the order of their sections; those of a section are together, since
 * it has one receiver. */
static void put_in_place(struct hz_config *c, struct expansion *e)
{
    struct hz_conf_channel *ordered = calloc(e->n + 1, sizeof *ordered);
    if (!ordered)
        return;
    size_t n = 0;
    for (size_t section = 0; section < c->n_channels; section++) {
        for (size_t i = 0; i < e->n; i++) {
            if (e->from[i] == section)
                ordered[n++] = e->channels[i];
        }
    }
    free(c->channels);
    c->channels = ordered;
    c->n_channels = n;
}

void hz_config_plan(struct hz_conf_parser *p)
{
    struct hz_config *c = p->config;
    struct expansion e = {0};
    struct part *part = calloc(1, sizeof *part);
    if (part) {
        part->p = p;
        part->wants = calloc(c->n_channels + 1, sizeof *part->wants);
        part->drafts = calloc(c->n_channels + 1, sizeof *part->drafts);
    }
    if (!part || !part->wants || !part->drafts) {
        no_memory(p);
    } else {
        for (size_t i = 0; i < p->n_drafts; i++) {
            /* without a sound receiver, what a plan tells is no news */
            if (p->drafts[i].section == HZ_SECTION_RECEIVER && !p->drafts[i].bad)
                plan_receiver(part, &p->drafts[i], &e);
        }
        if (p->errors->count == 0)
            put_in_place(c, &e);
    }
    if (part) {
        free(part->wants);
        free(part->drafts);
    }
    free(part);
    free(e.channels);
    free(e.from);
}
