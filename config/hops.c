#include "config/hops.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 400, WORD_MAX = 63 };

/* A shorter dwell would be mostly settling; a longer one is meant to be another configuration. */
static const double SECONDS_MIN = 1, SECONDS_MAX = 86400;

/* ---- the text --------------------------------------------------------------------------- */

/* "20s", "1.5m", "2h". */
static int parse_time(const char *word, double *seconds)
{
    static const char units[] = "smh";
    static const double factors[] = {1, 60, 3600};
    char number[WORD_MAX + 1];
    size_t n = strlen(word);
    const char *unit = n > 1 ? strchr(units, word[n - 1]) : NULL;
    if (!unit)
        return -EINVAL;
    snprintf(number, sizeof number, "%.*s", (int)n - 1, word);
    if (hz_parse_number(number, seconds) < 0)
        return -EINVAL;
    *seconds *= factors[unit - units];
    return *seconds >= SECONDS_MIN && *seconds <= SECONDS_MAX ? 0 : -EINVAL;
}

/* "162.025 MHz 10s": the last word is the time. */
static int parse_hop(const char *text, size_t len, struct hz_conf_hop *hop)
{
    char word[WORD_MAX + 1], meant[64];
    while (len > 0 && text[len - 1] == ' ')
        len--;
    while (len > 0 && *text == ' ') {
        text++;
        len--;
    }
    if (len == 0 || len > WORD_MAX)
        return -EINVAL;
    snprintf(word, sizeof word, "%.*s", (int)len, text);
    char *blank = strrchr(word, ' ');
    if (!blank || parse_time(blank + 1, &hop->seconds) < 0)
        return -EINVAL;
    while (blank > word && blank[-1] == ' ')
        blank--;
    *blank = '\0';
    bool ok = hz_parse_hz(word, &hop->centre_hz) == 0 && hop->centre_hz >= 1 &&
              hop->centre_hz <= HZ_RADIO_MAX_HZ && !hz_unit_forgotten(word, meant, sizeof meant);
    return ok ? 0 : -EINVAL;
}

int hz_parse_hops(const char *text, void *hops)
{
    struct hz_conf_hops h = {0};
    for (;;) {
        size_t len = strcspn(text, ",");
        if (h.n == HZ_HOPS_MAX || parse_hop(text, len, &h.at[h.n]) < 0 ||
            hz_hops_find(&h, h.at[h.n].centre_hz) < h.n)
            return -EINVAL;
        h.n++;
        if (text[len] == '\0')
            break;
        text += len + 1;
    }
    if (h.n < 2)
        return -EINVAL;
    memcpy(hops, &h, sizeof h);
    return 0;
}

void hz_hops_text(const struct hz_conf_hops *hops, char *out, size_t size)
{
    size_t used = 0;
    *out = '\0';
    for (size_t i = 0; i < hops->n && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%.10gM %.10gs", i ? ", " : "",
                                 hops->at[i].centre_hz / 1e6, hops->at[i].seconds);
}

size_t hz_hops_find(const struct hz_conf_hops *hops, double centre_hz)
{
    size_t i = 0;
    while (i < hops->n && hops->at[i].centre_hz != centre_hz)
        i++;
    return i;
}

/* ---- which channel is in which band ----------------------------------------------------- */

bool hz_hops_hears(const struct hz_plan_band *band, const struct hz_conf_channel *c, double freq_hz)
{
    return hz_plan_anywhere(c) ? hz_plan_near(band, c->decoder) : hz_plan_inside(band, c, freq_hz);
}

/* The first band of the plan that holds the frequency; hops->n: none does. */
static size_t band_of(const struct hz_plan_band *like, const struct hz_conf_hops *hops,
                      const struct hz_conf_channel *c, double freq_hz)
{
    struct hz_plan_band band = *like;
    for (size_t i = 0; i < hops->n; i++) {
        band.centre_hz = hops->at[i].centre_hz;
        if (hz_hops_hears(&band, c, freq_hz))
            return i;
    }
    return (size_t)hops->n;
}

/* The first frequency of a channel that a band of the plan holds, and that band. 0: none does. */
static double first_inside(const struct hz_plan_band *like, const struct hz_conf_hops *hops,
                           const struct hz_conf_channel *c, struct hz_plan_band *band)
{
    double freq_hz;
    for (size_t i = 0; (freq_hz = hz_plan_frequency(c, i)) > 0; i++) {
        size_t k = band_of(like, hops, c, freq_hz);
        if (k == hops->n)
            continue;
        band->centre_hz = hops->at[k].centre_hz;
        return freq_hz;
    }
    return 0;
}

static void refuse_outside(const struct hz_plan_band *like, const struct hz_conf_hops *hops,
                           const struct hz_conf_channel *c, char *err, size_t err_len)
{
    size_t used = (size_t)snprintf(err, err_len,
                                   "%.6f MHz is in no band of the plan of receiver %s: expected",
                                   hz_plan_frequency(c, 0) / 1e6, like->receiver);
    for (size_t i = 0; i < hops->n && used < err_len; i++)
        used += (size_t)snprintf(err + used, err_len - used, "%s %.6f to %.6f MHz", i ? " or" : "",
                                 (hops->at[i].centre_hz - like->rate_hz / 2) / 1e6,
                                 (hops->at[i].centre_hz + like->rate_hz / 2) / 1e6);
}

/* Whether the channel is possible in some band of the plan, with the key at fault. */
static int check(const struct hz_plan_band *like, const struct hz_conf_hops *hops,
                 const struct hz_conf_channel *c, const char **key, char *err, size_t err_len)
{
    struct hz_plan_band band = *like;
    band.centre_hz = hops->at[0].centre_hz;
    *key = hz_plan_frequency(c, 0) > 0 ? "decoder" : "frequency";
    if (hz_plan_frequency(c, 0) <= 0 || first_inside(like, hops, c, &band) > 0)
        return hz_plan_channel_check(&band, c, NULL, 0, err, err_len);
    refuse_outside(like, hops, c, err, err_len);
    *key = "frequency";
    return -EINVAL;
}

int hz_hops_channel_check(const struct hz_plan_band *band, const struct hz_conf_hops *hops,
                          struct hz_conf_channel *want, char *err, size_t err_len)
{
    const char *key;
    struct hz_plan_band holds = *band;
    int rc = check(band, hops, want, &key, err, err_len);
    if (rc == 0 && !hz_plan_anywhere(want))
        want->freq_hz = first_inside(band, hops, want, &holds);
    return rc;
}

/* ---- the complete plan ------------------------------------------------------------------ */

static void put(struct hz_plan_place *list, size_t *n, size_t want, double freq_hz)
{
    if (*n < HZ_PLAN_CHANNELS_MAX)
        list[*n] = (struct hz_plan_place){want, freq_hz};
    ++*n;
}

static void place(struct hz_plan *plan, const struct hz_plan_band *band,
                  const struct hz_conf_hops *hops, const struct hz_conf_channel *c, size_t want)
{
    double freq_hz;
    if (hz_plan_anywhere(c)) {
        put(plan->in, &plan->n_in, want, 0);
        return;
    }
    for (size_t i = 0; (freq_hz = hz_plan_frequency(c, i)) > 0; i++) {
        if (band_of(band, hops, c, freq_hz) < hops->n)
            put(plan->in, &plan->n_in, want, freq_hz);
        else
            put(plan->out, &plan->n_out, want, freq_hz);
    }
}

int hz_hops_plan(struct hz_plan *plan, const struct hz_plan_band *band,
                 const struct hz_conf_hops *hops, const struct hz_conf_channel *const *wants,
                 size_t n, hz_plan_fail *fail, void *ctx)
{
    char text[TEXT_MAX];
    const char *key;
    int rc = 0;
    *plan = (struct hz_plan){.rate_hz = band->rate_hz, .centre_hz = hops->at[0].centre_hz};
    for (size_t i = 0; i < n; i++) {
        int bad = check(band, hops, wants[i], &key, text, sizeof text);
        if (bad != 0)
            fail(ctx, i, key, text);
        else
            place(plan, band, hops, wants[i], i);
        rc = bad ? bad : rc;
    }
    if (plan->n_in <= HZ_PLAN_CHANNELS_MAX)
        return rc;
    snprintf(text, sizeof text, "receiver %s has %zu channels: expected at most %d of them",
             band->receiver, plan->n_in, HZ_PLAN_CHANNELS_MAX);
    fail(ctx, plan->in[HZ_PLAN_CHANNELS_MAX - 1].want, "decoder", text);
    plan->n_in = HZ_PLAN_CHANNELS_MAX;
    return -EINVAL;
}
