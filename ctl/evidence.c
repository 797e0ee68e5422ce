#include "ctl/evidence.h"

#include <math.h>
#include <string.h>

static const cJSON *member(const cJSON *o, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(o, name);
}

static const char *text(const cJSON *o, const char *name)
{
    const char *s = cJSON_GetStringValue(member(o, name));
    return s ? s : "";
}

/* NAN if it is not there. */
static double number(const cJSON *o, const char *name)
{
    const cJSON *n = member(o, name);
    return cJSON_IsNumber(n) ? n->valuedouble : NAN;
}

/* By how much a counter grew. One that is not there, or began again, has grown from 0. */
static double growth(const cJSON *before, const cJSON *after, const char *name)
{
    double was = number(before, name), is = number(after, name);
    return isnan(is) ? 0 : was <= is ? is - was : is;
}

const cJSON *hz_ctl_named(const cJSON *status, const char *array, const char *name)
{
    const cJSON *o;
    cJSON_ArrayForEach(o, member(status, array))
    {
        if (strcmp(text(o, "name"), name) == 0)
            return o;
    }
    return NULL;
}

/* ---- the receiver ----------------------------------------------------------------------- */

/* What rounding adds: an error of up to half a step in I and in Q, 1/12 of its square each. */
static double rounding_dbfs(const char *format)
{
    static const struct {
        const char *format;
        double full; /* steps from 0 to full scale */
    } formats[] = {{"cu8", 127.5}, {"cs8", 127.5}, {"cs16", 32767.5}, {"wav", 32767.5}};
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (strcmp(formats[i].format, format) == 0)
            return 10 * log10(2 / (12 * formats[i].full * formats[i].full));
    }
    return NAN;
}

static double highest(const cJSON *numbers)
{
    const cJSON *n;
    double most = NAN;
    cJSON_ArrayForEach(n, numbers) most = fmax(most, n->valuedouble);
    return most;
}

static void add_receiver(struct hz_evidence *e, const cJSON *before, const cJSON *after)
{
    e->source = text(after, "source");
    e->state = text(after, "state");
    e->reason = *text(after, "last_error") ? text(after, "last_error") : text(after, "reason");
    e->streams = strcmp(e->state, "streaming") == 0;
    e->samples = growth(before, after, "samples");
    e->lost = growth(before, after, "lost_samples");
    e->pace = text(after, "pace");
    e->rate_hz = number(after, "rate_hz");
    e->rate_received_hz = number(after, "rate_received_hz");
    e->centre_hz = number(after, "centre_hz");
    e->clip_percent = number(after, "clip_percent");
    e->noise_dbfs = number(after, "noise_dbfs");
    e->rounding_dbfs = rounding_dbfs(text(after, "format"));
    e->gain_db = number(after, "gain_db");
    e->gain_most_db = highest(member(after, "gains_db"));
    e->ppm = number(after, "ppm");
    e->ppm_heard = number(after, "ppm_heard");
}

static void add_band(struct hz_evidence *e, const struct hz_ctl_band *band)
{
    e->looked = band->pictures > 0;
    if (!e->looked)
        return;
    e->band_over_db = hz_ctl_band_loudest(band, &e->loudest_dbfs);
    e->moved_db = hz_ctl_band_moved(band);
    e->products = hz_ctl_band_products(band, e->carrier_hz, e->product_hz);
    e->uneven_db = hz_ctl_band_uneven(band, &e->best_hz, &e->worst_hz);
    e->seen = !e->whole_band && hz_ctl_band_channel(band, e->freq_hz, e->bandwidth_hz,
                                                    e->freq_hz * HZ_CTL_PPM_MAX * 1e-6, &e->sign);
}

/* ---- the channel ------------------------------------------------------------------------ */

static double refusals(const cJSON *before, const cJSON *after)
{
    static const char *const reasons[] = {"no_preamble", "too_short", "bad_crc", "sanity", "shed"};
    double sum = 0;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        sum += growth(before, after, reasons[i]);
    return sum;
}

static void add_channel(struct hz_evidence *e, const cJSON *before, const cJSON *after)
{
    const cJSON *was = member(before, "candidates"), *is = member(after, "candidates");
    const cJSON *had = member(before, "reception"), *has = member(after, "reception");
    e->channel = text(after, "name");
    e->receiver = text(after, "receiver");
    e->decoder = text(after, "decoder");
    e->error = text(after, "error");
    e->freq_hz = number(after, "freq_hz");
    e->bandwidth_hz = number(after, "bandwidth_hz");
    e->squelch_db = number(after, "squelch_db");
    e->whole_band = isnan(e->squelch_db);
    e->speech = member(after, "sound") != NULL;
    double samples = growth(before, after, "samples");
    e->open = samples > 0 ? growth(had, has, "open_samples") / samples : NAN;
    e->channel_lost = growth(before, after, "lost_samples");
    e->messages = growth(before, after, "messages");
    e->refused = refusals(was, is);
    e->bad_crc = growth(was, is, "bad_crc");
    e->failed = growth(had, has, "failed");
    e->failed_snr_db = number(has, "failed_snr_db");
    e->failed_offset_hz = number(has, "failed_offset_hz");
    e->snr_db = number(has, "snr_db");
    e->offset_hz = number(has, "offset_hz");
    e->messages_ever = number(after, "messages");
    e->message_age_s = number(after, "last_message_age_s");
}

/* ---- who gets its messages -------------------------------------------------------------- */

/* Whether a filter's list, if there is one, has the name. */
static bool lets_pass(const cJSON *filter, const char *list, const char *name)
{
    const cJSON *names = member(filter, list), *n;
    if (!cJSON_IsArray(names))
        return true;
    cJSON_ArrayForEach(n, names)
    {
        if (cJSON_IsString(n) && strcmp(n->valuestring, name) == 0)
            return true;
    }
    return false;
}

static int takers(const struct hz_evidence *e, const cJSON *status, const cJSON *clients)
{
    const cJSON *c;
    int n = cJSON_GetArraySize(member(status, "outputs")) +
            cJSON_GetArraySize(member(status, "events"));
    cJSON_ArrayForEach(c, clients)
    {
        const cJSON *filter = member(c, "filter");
        n += cJSON_IsTrue(member(c, "streaming")) && lets_pass(filter, "channel", e->channel) &&
             lets_pass(filter, "receiver", e->receiver) &&
             lets_pass(filter, "protocol", e->decoder);
    }
    const cJSON *sound = member(hz_ctl_named(status, "channels", e->channel), "sound");
    return n + (number(sound, "listeners") > 0);
}

struct hz_evidence hz_ctl_evidence(const struct hz_ctl_answers *a, const cJSON *channel,
                                   const struct hz_ctl_band *band)
{
    struct hz_evidence e = {.seconds = a->seconds};
    add_channel(&e, hz_ctl_named(a->before, "channels", text(channel, "name")), channel);
    add_receiver(&e, hz_ctl_named(a->before, "receivers", e.receiver),
                 hz_ctl_named(a->after, "receivers", e.receiver));
    add_band(&e, band);
    e.takers = takers(&e, a->after, a->clients);
    return e;
}
