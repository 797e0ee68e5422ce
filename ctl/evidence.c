#include "ctl/evidence.h"
#include "ctl/answer.h"

#include <math.h>
#include <string.h>

/* By how much a counter grew. One that is not there, or began again, has grown from 0. */
static double growth(const cJSON *before, const cJSON *after, const char *name)
{
    double was = hz_ctl_number(before, name), is = hz_ctl_number(after, name);
    return isnan(is) ? 0 : was <= is ? is - was : is;
}

const cJSON *hz_ctl_named(const cJSON *status, const char *array, const char *name)
{
    return hz_ctl_row(hz_ctl_member(status, array), name);
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
    e->source = hz_ctl_text(after, "source");
    e->state = hz_ctl_text(after, "state");
    e->reason = *hz_ctl_text(after, "last_error") ? hz_ctl_text(after, "last_error")
                                                  : hz_ctl_text(after, "reason");
    e->streams = strcmp(e->state, "streaming") == 0;
    e->samples = growth(before, after, "samples");
    e->lost = growth(before, after, "lost_samples");
    e->pace = hz_ctl_text(after, "pace");
    e->rate_hz = hz_ctl_number(after, "rate_hz");
    e->rate_received_hz = hz_ctl_number(after, "rate_received_hz");
    e->centre_hz = hz_ctl_number(after, "centre_hz");
    e->clip_percent = hz_ctl_number(after, "clip_percent");
    e->noise_dbfs = hz_ctl_number(after, "noise_dbfs");
    e->rounding_dbfs = rounding_dbfs(hz_ctl_text(after, "format"));
    e->gain_db = hz_ctl_number(after, "gain_db");
    e->gain_most_db = highest(hz_ctl_member(after, "gains_db"));
    e->ppm = hz_ctl_number(after, "ppm");
    e->ppm_heard = hz_ctl_number(after, "ppm_heard");
}

static bool names(const cJSON *centres, double hz)
{
    const cJSON *centre;
    cJSON_ArrayForEach(centre, centres)
    {
        if (centre->valuedouble == hz)
            return true;
    }
    return false;
}

/* The same band of the plan in another answer; NULL: there is none. */
static const cJSON *same_band(const cJSON *receiver, const cJSON *band)
{
    const cJSON *other;
    cJSON_ArrayForEach(other, hz_ctl_member(receiver, "bands"))
    {
        if (hz_ctl_number(other, "centre_hz") == hz_ctl_number(band, "centre_hz"))
            return other;
    }
    return NULL;
}

/* Of a receiver that hops: what counts is of the time in which the channel's band was tuned. */
static void add_hops(struct hz_evidence *e, const cJSON *before, const cJSON *after,
                     const cJSON *channel, const struct hz_ctl_part *part)
{
    const cJSON *band;
    e->hops = hz_ctl_member(after, "bands") != NULL;
    if (!e->hops)
        return;
    e->looked_s = e->seconds;
    e->seconds = e->coverage = 0;
    e->next_s = hz_ctl_number(channel, "next_s");
    e->centre_hz = part->centre_hz;
    e->clip_percent = part->clip_percent;
    e->noise_dbfs = part->noise_dbfs;
    cJSON_ArrayForEach(band, hz_ctl_member(after, "bands"))
    {
        if (!names(hz_ctl_member(channel, "bands"), hz_ctl_number(band, "centre_hz")))
            continue;
        e->seconds += growth(same_band(before, band), band, "heard_s");
        e->coverage += hz_ctl_count(band, "last_hour");
    }
}

static void add_pictures(struct hz_evidence *e, const struct hz_ctl_band *band)
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
    const cJSON *was = hz_ctl_member(before, "candidates"),
                *is = hz_ctl_member(after, "candidates");
    const cJSON *had = hz_ctl_member(before, "reception"), *has = hz_ctl_member(after, "reception");
    e->channel = hz_ctl_text(after, "name");
    e->receiver = hz_ctl_text(after, "receiver");
    e->decoder = hz_ctl_text(after, "decoder");
    e->error = hz_ctl_text(after, "error");
    e->freq_hz = hz_ctl_number(after, "freq_hz");
    e->bandwidth_hz = hz_ctl_number(after, "bandwidth_hz");
    e->squelch_db = hz_ctl_number(after, "squelch_db");
    e->whole_band = isnan(e->squelch_db);
    e->speech = hz_ctl_member(after, "sound") != NULL;
    double samples = growth(before, after, "samples");
    e->open = samples > 0 ? growth(had, has, "open_samples") / samples : NAN;
    e->channel_lost = growth(before, after, "lost_samples");
    e->messages = growth(before, after, "messages");
    e->refused = refusals(was, is);
    e->bad_crc = growth(was, is, "bad_crc");
    e->failed = growth(had, has, "failed");
    e->failed_snr_db = hz_ctl_number(has, "failed_snr_db");
    e->failed_offset_hz = hz_ctl_number(has, "failed_offset_hz");
    e->snr_db = hz_ctl_number(has, "snr_db");
    e->offset_hz = hz_ctl_number(has, "offset_hz");
    e->messages_ever = hz_ctl_number(after, "messages");
    e->message_age_s = hz_ctl_number(after, "last_message_age_s");
}

/* ---- who gets its messages -------------------------------------------------------------- */

/* Whether a filter's list, if there is one, has the name. */
static bool lets_pass(const cJSON *filter, const char *list, const char *name)
{
    const cJSON *names = hz_ctl_member(filter, list), *n;
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
    int n = cJSON_GetArraySize(hz_ctl_member(status, "outputs")) +
            cJSON_GetArraySize(hz_ctl_member(status, "events"));
    cJSON_ArrayForEach(c, clients)
    {
        const cJSON *filter = hz_ctl_member(c, "filter");
        n += cJSON_IsTrue(hz_ctl_member(c, "streaming")) &&
             lets_pass(filter, "channel", e->channel) &&
             lets_pass(filter, "receiver", e->receiver) &&
             lets_pass(filter, "protocol", e->decoder);
    }
    const cJSON *sound = hz_ctl_member(hz_ctl_named(status, "channels", e->channel), "sound");
    return n + (hz_ctl_number(sound, "listeners") > 0);
}

struct hz_evidence hz_ctl_evidence(const struct hz_ctl_answers *a, const cJSON *channel,
                                   const struct hz_ctl_part *part)
{
    struct hz_evidence e = {.seconds = a->seconds};
    add_channel(&e, hz_ctl_named(a->before, "channels", hz_ctl_text(channel, "name")), channel);
    const cJSON *before = hz_ctl_named(a->before, "receivers", e.receiver);
    const cJSON *after = hz_ctl_named(a->after, "receivers", e.receiver);
    add_receiver(&e, before, after);
    add_hops(&e, before, after, channel, part);
    add_pictures(&e, &part->band);
    e.takers = takers(&e, a->after, a->clients);
    return e;
}
