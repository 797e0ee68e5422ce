/* Which channels `hertzd decode` runs on a recording: those named, or all that may be there. */
#include "daemon/cmd/commands.h"
#include "daemon/cmd/decode_args.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Different centres of a recording that are planned for; what lies at others is heard as far as the
 * channels are. A scanner's recording may have more, but not a person's. */
enum { CENTRES_MAX = 64 };

static bool is_whole(const struct hz_decoder *d)
{
    return d->input == HZ_INPUT_BAND;
}

static bool any_inside(const struct hz_plan_band *band, const struct hz_conf_channel *c)
{
    if (hz_plan_anywhere(c))
        return hz_plan_near(band, c->decoder);
    for (const double *f = c->decoder->freqs_hz; *f != 0; f++) {
        if (hz_plan_inside(band, c, *f))
            return true;
    }
    return false;
}

static bool inside_of_any(const struct hz_plan_band *bands, size_t n,
                          const struct hz_conf_channel *c)
{
    for (size_t i = 0; i < n; i++) {
        if (any_inside(&bands[i], c))
            return true;
    }
    return false;
}

/* Whether it tells of transmissions instead of what they say. */
static bool is_speech(const struct hz_decoder *d)
{
    return strcmp(d->name, "nfm") == 0 || strcmp(d->name, "am") == 0;
}

static bool takes_rate(const struct hz_decoder *d, double rate_hz)
{
    return rate_hz >= d->rate_min_hz && (!is_whole(d) || rate_hz <= d->rate_max_hz);
}

/* ---- the centre ------------------------------------------------------------------------- */

/* Where it is not known: in the middle of the channels that are named, of a decoder's own
 * frequencies as many as fit from the first on. */
static double likely_centre(const struct hz_decode_args *a, double rate_hz)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < a->n_channels; i++) {
        const struct hz_conf_channel *c = &a->channels[i];
        const double named[] = {c->freq_hz, 0};
        const double *f = c->freq_hz > 0 ? named : c->decoder->freqs_hz;
        double width = is_whole(c->decoder) ? 0 : hz_plan_width(c);
        for (; *f != 0; f++) {
            double l = fmin(low, *f - width / 2), h = fmax(high, *f + width / 2);
            if (low < INFINITY && h - l > rate_hz)
                break;
            low = l;
            high = h;
        }
    }
    return (low + high) / 2;
}

static void assume_centre(struct hz_decode_args *a, struct hz_plan_band *band)
{
    band->centre_hz = likely_centre(a, band->rate_hz);
    a->conf->receiver.centre_hz = band->centre_hz;
    fprintf(stderr,
            "hertzd decode: the centre of the recording is not known: taken for %.10g MHz; -f FREQ "
            "gives it\n",
            band->centre_hz / 1e6);
}

/* ---- the channels ----------------------------------------------------------------------- */

static int add_channel(struct hz_decode_args *a, const struct hz_conf_channel *c)
{
    if (a->n_channels < HZ_PLAN_CHANNELS_MAX) {
        a->channels[a->n_channels++] = *c;
        return 0;
    }
    fprintf(stderr,
            "hertzd decode: more than %d decoders could be run: name those that are wanted with "
            "-d\n",
            HZ_PLAN_CHANNELS_MAX);
    return HZ_EXIT_USAGE;
}

/* Without -d: every decoder that can take the recording's rate and has a frequency in its band.
 * Where the band is not known, those of a whole band at that rate; a narrow recording may hold
 * anything that is no speech, in its middle. */
static int choose_decoders(struct hz_decode_args *a, const struct hz_plan_band *bands, size_t n)
{
    bool known = bands[0].centre_hz != 0, whole = false;
    for (const struct hz_decoder *const *p = a->kinds->decoders->list; *p; p++)
        whole = whole || (is_whole(*p) && takes_rate(*p, bands[0].rate_hz));
    for (const struct hz_decoder *const *p = a->kinds->decoders->list; *p; p++) {
        struct hz_conf_channel c;
        hz_conf_channel_init(&c, "", *p);
        bool here = known   ? inside_of_any(bands, n, &c)
                    : whole ? is_whole(*p)
                            : (*p)->freqs_hz[0] != 0 && !is_speech(*p);
        if (takes_rate(*p, bands[0].rate_hz) && here && add_channel(a, &c) != 0)
            return HZ_EXIT_USAGE;
    }
    if (!known && !whole && a->n_channels > 0)
        fprintf(stderr,
                "hertzd decode: the centre of the recording is not known: every decoder of data "
                "listens in its middle, as if that were its own frequency; -f FREQ gives it\n");
    return 0;
}

/* A frequency for a channel that names none, where its decoder's own do not settle it: what a
 * narrow recording holds is most likely what it was made for. */
static void settle_frequency(struct hz_conf_channel *c, const struct hz_plan_band *bands, size_t n)
{
    if (c->freq_hz != 0 || hz_plan_anywhere(c))
        return;
    if (bands[0].centre_hz == 0) {
        c->freq_hz = c->decoder->freqs_hz[0];
    } else if (!is_whole(c->decoder) && !inside_of_any(bands, n, c)) {
        c->freq_hz = bands[0].centre_hz;
        fprintf(stderr,
                "hertzd decode: none of the frequencies of %s lies in the band: taken at its "
                "centre, %.10g MHz\n",
                c->decoder->name, c->freq_hz / 1e6);
    }
}

static void on_fail(void *ctx, size_t want, const char *key, const char *text)
{
    (void)ctx;
    (void)want;
    (void)key;
    fprintf(stderr, "hertzd decode: %s\n", text);
}

/* What fails at one centre may do at another. */
static void on_fail_here(void *ctx, size_t want, const char *key, const char *text)
{
    (void)ctx;
    (void)want;
    (void)key;
    (void)text;
}

/* A name of its own for each: that of its decoder, with a number from the second one on. */
static void take_plan(struct hz_decode_args *a, const struct hz_plan *plan)
{
    struct hz_conf_channel wants[HZ_PLAN_CHANNELS_MAX];
    memcpy(wants, a->channels, sizeof wants);
    a->n_channels = plan->n_in;
    for (size_t i = 0; i < plan->n_in; i++) {
        struct hz_conf_channel *c = &a->channels[i];
        *c = wants[plan->in[i].want];
        c->freq_hz = plan->in[i].freq_hz;
        snprintf(c->name, sizeof c->name, i == 0 ? "%s" : "%.24s-%zu", c->decoder->name, i + 1);
    }
}

/* Adds the places of one centre's plan that no other had. */
static void add_places(struct hz_plan *all, const struct hz_plan *one)
{
    for (size_t i = 0; i < one->n_in && all->n_in < HZ_PLAN_CHANNELS_MAX; i++) {
        bool there = false;
        for (size_t k = 0; k < all->n_in && !there; k++)
            there = all->in[k].want == one->in[i].want &&
                    all->in[k].freq_hz == one->in[i].freq_hz; /* the same number, not computed */
        if (!there)
            all->in[all->n_in++] = one->in[i];
    }
}

static bool has_place(const struct hz_plan *plan, size_t want)
{
    for (size_t i = 0; i < plan->n_in; i++) {
        if (plan->in[i].want == want)
            return true;
    }
    return false;
}

/* Every channel has to have a place at one of the centres at least. */
static int make_plan(struct hz_decode_args *a, const struct hz_plan_band *bands, size_t n)
{
    const struct hz_conf_channel *wants[HZ_PLAN_CHANNELS_MAX];
    struct hz_plan *all = calloc(1, sizeof *all), *one = calloc(1, sizeof *one);
    int rc = all && one ? 0 : -ENOMEM;
    for (size_t i = 0; i < a->n_channels; i++)
        wants[i] = &a->channels[i];
    for (size_t i = 0; i < n && rc == 0; i++) {
        int here = hz_plan_make(one, &bands[i], wants, a->n_channels,
                                n == 1 ? on_fail : on_fail_here, NULL);
        rc = n == 1 ? here : 0;
        add_places(all, one);
    }
    for (size_t i = 0; i < a->n_channels && rc == 0 && n > 1; i++) {
        if (!has_place(all, i))
            rc = hz_plan_make(one, &bands[0], &wants[i], 1, on_fail, NULL);
    }
    if (rc == 0)
        take_plan(a, all);
    free(all);
    free(one);
    return rc;
}

/* Two channels of audio may be two receivers: each is decoded. What both hear is one message. */
static int split_ears(struct hz_decode_args *a)
{
    if (2 * a->n_channels > HZ_PLAN_CHANNELS_MAX) {
        fprintf(stderr,
                "hertzd decode: %zu decoders: expected at most %d for audio of two channels\n",
                a->n_channels, HZ_PLAN_CHANNELS_MAX / 2);
        return HZ_EXIT_USAGE;
    }
    for (size_t i = a->n_channels; i-- > 0;) {
        const struct hz_conf_channel c = a->channels[i];
        for (size_t k = 0; k < 2; k++) {
            struct hz_conf_channel *ear = &a->channels[2 * i + k];
            *ear = c;
            ear->ear = k == 0 ? HZ_EAR_LEFT : HZ_EAR_RIGHT;
            snprintf(ear->name, sizeof ear->name, "%.24s-%s", c.name, k == 0 ? "left" : "right");
        }
    }
    a->n_channels *= 2;
    return 0;
}

/* Audio has no band: each decoder that takes it hears all there is. */
static int plan_audio(struct hz_decode_args *a, enum hz_format format)
{
    struct hz_plan plan = {0};
    bool named = a->n_channels > 0;
    for (const struct hz_decoder *const *p = a->kinds->decoders->list; !named && *p; p++) {
        struct hz_conf_channel c;
        hz_conf_channel_init(&c, "", *p);
        if ((*p)->takes_audio && add_channel(a, &c) != 0)
            return HZ_EXIT_USAGE;
    }
    for (size_t i = 0; i < a->n_channels; i++) {
        const struct hz_conf_channel *c = &a->channels[i];
        if (!c->decoder->takes_audio) {
            fprintf(stderr, "hertzd decode: %s cannot be decoded from audio\n", c->decoder->name);
            return HZ_EXIT_USAGE;
        }
        double freq_hz = c->freq_hz != 0 ? c->freq_hz : c->decoder->freqs_hz[0];
        plan.in[plan.n_in++] = (struct hz_plan_place){i, freq_hz};
    }
    take_plan(a, &plan);
    return format >= HZ_STEREO ? split_ears(a) : 0;
}

/* The recording's bands, one for each centre. */
static size_t bands_of(const struct hz_recording *rec, struct hz_plan_band bands[CENTRES_MAX])
{
    size_t n = 0;
    bands[n++] = (struct hz_plan_band){
        .receiver = "file", .rate_hz = rec->rate_hz, .centre_hz = rec->centre_hz};
    for (size_t i = 0; i < rec->n_runs && n < CENTRES_MAX; i++) {
        bool there = false;
        for (size_t k = 0; k < n; k++)
            there = there || fabs(bands[k].centre_hz - rec->runs[i].centre_hz) < 0.5;
        if (there)
            continue;
        bands[n] = bands[0];
        bands[n++].centre_hz = rec->runs[i].centre_hz;
    }
    return n;
}

int hz_decode_args_plan(struct hz_decode_args *a, const struct hz_recording *rec)
{
    if (!hz_format_is_iq(rec->format))
        return plan_audio(a, rec->format);
    struct hz_plan_band bands[CENTRES_MAX];
    size_t n = bands_of(rec, bands);
    a->retunes = n > 1;
    bool named = a->n_channels > 0;
    if (!named && choose_decoders(a, bands, n) != 0)
        return HZ_EXIT_USAGE;
    if (named && bands[0].centre_hz == 0)
        assume_centre(a, &bands[0]);
    if (a->n_channels == 0) {
        fprintf(stderr,
                "hertzd decode: no decoder takes %.6g Msps at %.6g MHz; name one with -d, and see "
                "`hertzd decoders`\n",
                rec->rate_hz / 1e6, rec->centre_hz / 1e6);
        return HZ_EXIT_USAGE;
    }
    for (size_t i = 0; i < a->n_channels; i++)
        settle_frequency(&a->channels[i], bands, n);
    return make_plan(a, bands, n) == 0 ? 0 : HZ_EXIT_USAGE;
}
