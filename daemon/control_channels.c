#include "daemon/control_channels.h"

#include "config/plan.h"
#include "daemon/fail.h"
#include "dsp/dcs.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *text_of(const cJSON *params, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(params, key));
}

/* A number that may be left out. */
static int number(const cJSON *params, const char *key, double least, double most, double *out,
                  char *err, size_t err_len)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(params, key);
    if (!v)
        return 0;
    *out = cJSON_IsNumber(v) ? v->valuedouble : NAN;
    return *out >= least && *out <= most
               ? 0
               : hz_fail(err, err_len, "%s: expected a number from %.10g to %.10g", key, least,
                         most);
}

/* A DCS code that may be left out. */
static int read_dcs(const cJSON *params, uint32_t *word, char *err, size_t err_len)
{
    unsigned code;
    const char *text = text_of(params, "dcs");
    if (!cJSON_GetObjectItemCaseSensitive(params, "dcs"))
        return 0;
    if (!text || hz_dcs_parse(text, &code) != 0)
        return hz_fail(err, err_len, "dcs: expected " HZ_DCS_EXPECTED);
    *word = hz_dcs_word(code);
    return 0;
}

static struct hz_receiver *holder(struct hz_daemon *d, const char *channel)
{
    for (size_t i = 0; i < d->n_receivers; i++) {
        struct hz_receiver_info info = hz_receiver_info(d->receivers[i]);
        for (size_t k = 0; k < info.n_channels; k++) {
            if (strcmp(hz_channel_conf(info.channels[k])->name, channel) == 0)
                return d->receivers[i];
        }
    }
    return NULL;
}

/* What of the key a decoder may be told, by its name in a list that ends with NULL; 0 where it is
 * left out. */
static int choice(const cJSON *params, const char *key, const char *const *list, bool known,
                  int *out, char *err, size_t err_len)
{
    const cJSON *v = cJSON_GetObjectItemCaseSensitive(params, key);
    const char *name = cJSON_IsString(v) ? v->valuestring : "";
    if (!v)
        return 0;
    if (!known)
        return hz_fail(err, err_len, "'%s' has no meaning with this decoder", key);
    for (int i = 0; list[i]; i++) {
        if (strcmp(name, list[i]) == 0) {
            *out = i;
            return 0;
        }
    }
    return hz_fail(err, err_len, "%s \"%.40s\": expected a word as \"%s\" or \"%s\"", key, name,
                   list[0], list[1]);
}

/* Whose characters and what pages, for decoders of pages. */
static int read_pages(const cJSON *params, struct hz_conf_channel *c, char *err, size_t err_len)
{
    int charset = 0, contents = 0;
    int rc = choice(params, "charset", hz_charset_names, c->decoder->knows_charset, &charset, err,
                    err_len);
    if (rc == 0)
        rc = choice(params, "contents", hz_contents_names, c->decoder->knows_contents, &contents,
                    err, err_len);
    c->charset = (enum hz_charset)charset;
    c->contents = (enum hz_contents)contents;
    return rc;
}

static int read_params(struct hz_daemon *d, const cJSON *params, struct hz_conf_channel *c,
                       char *err, size_t err_len)
{
    const char *receiver = text_of(params, "receiver"), *name = text_of(params, "name");
    const char *decoder = text_of(params, "decoder");
    double priority = 0;
    if (!receiver || !name || !decoder)
        return hz_fail(err, err_len,
                       "add_channel: expected params {\"receiver\":NAME,\"name\":NAME,"
                       "\"decoder\":NAME,\"frequency\":HZ}");
    if (!hz_name_ok(name))
        return hz_fail(err, err_len, "name \"%.40s\": expected 1 to %d letters, digits, - _ or .",
                       name, HZ_NAME_MAX);
    if (holder(d, name))
        return hz_fail(err, err_len, "name \"%s\": there is a channel of that name", name);
    if (!hz_daemon_receiver(d, receiver))
        return hz_fail(err, err_len, "there is no receiver \"%.40s\"", receiver);
    c->decoder = hz_decoder_find(decoder);
    if (!c->decoder)
        return hz_fail(err, err_len, "decoder \"%.40s\": expected one that `hertzd decoders` lists",
                       decoder);
    snprintf(c->name, sizeof c->name, "%s", name);
    snprintf(c->receiver, sizeof c->receiver, "%.*s", HZ_NAME_MAX, receiver);
    c->squelch_db = NAN;
    int rc = number(params, "frequency", 1, 1e12, &c->freq_hz, err, err_len);
    if (rc == 0)
        rc = number(params, "bandwidth", 1, 1e9, &c->bandwidth_hz, err, err_len);
    if (rc == 0)
        rc = number(params, "squelch", 0, 60, &c->squelch_db, err, err_len);
    if (rc == 0)
        rc = number(params, "ctcss", 60, 260, &c->ctcss_hz, err, err_len);
    if (rc == 0)
        rc = read_dcs(params, &c->dcs, err, err_len);
    if (rc == 0)
        rc = number(params, "priority", 0, 100, &priority, err, err_len);
    if (rc == 0)
        rc = read_pages(params, c, err, err_len);
    c->priority = (int)priority;
    bool below = c->ctcss_hz > 0 || c->dcs != 0;
    if (rc == 0 && below && !c->decoder->knows_ctcss)
        return hz_fail(err, err_len, "ctcss, dcs: expected with a decoder that knows them: nfm");
    if (rc == 0 && c->ctcss_hz > 0 && c->dcs != 0)
        return hz_fail(err, err_len, "ctcss and dcs: expected one of them");
    return rc;
}

/* Whether it fits, in the words of `hertzd check`; and its frequency, if it named none. */
static int place(const struct hz_receiver_info *info, struct hz_conf_channel *c, char *err,
                 size_t err_len)
{
    const struct hz_conf_channel *beside[HZ_PLAN_CHANNELS_MAX];
    struct hz_plan_band band = {
        .receiver = info->conf->name, .rate_hz = info->rate_hz, .centre_hz = info->centre_hz};
    if (info->rate_hz <= 0 || info->centre_hz <= 0) {
        hz_fail(err, err_len, "the band of receiver %s is not known yet (%s)", info->conf->name,
                hz_receiver_state_name(info->state));
        return -EAGAIN;
    }
    if (info->n_channels >= HZ_PLAN_CHANNELS_MAX)
        return hz_fail(err, err_len, "receiver %s has %zu channels: expected at most %d of them",
                       info->conf->name, info->n_channels + 1, HZ_PLAN_CHANNELS_MAX);
    for (size_t i = 0; i < info->n_channels; i++)
        beside[i] = hz_channel_conf(info->channels[i]);
    int rc = hz_plan_channel_check(&band, c, beside, info->n_channels, err, err_len);
    for (const double *f = c->decoder->freqs_hz; rc == 0 && c->freq_hz == 0 && *f != 0; f++) {
        if (hz_plan_inside(&band, c, *f))
            c->freq_hz = *f;
    }
    return rc;
}

static int answer(const char *key, const char *name, cJSON **result)
{
    *result = cJSON_CreateObject();
    return *result && cJSON_AddStringToObject(*result, key, name) ? 0 : -ENOMEM;
}

int hz_control_add_channel(struct hz_daemon *d, const cJSON *params, cJSON **result, char *err,
                           size_t err_len)
{
    struct hz_conf_channel c = {0};
    int rc = read_params(d, params, &c, err, err_len);
    if (rc != 0)
        return rc;
    struct hz_receiver *r = hz_daemon_receiver(d, c.receiver);
    struct hz_receiver_info info = hz_receiver_info(r);
    rc = place(&info, &c, err, err_len);
    if (rc == 0)
        rc = hz_receiver_add_channel(r, &c);
    return rc == 0 ? answer("added", c.name, result) : rc;
}

int hz_control_remove_channel(struct hz_daemon *d, const cJSON *params, cJSON **result, char *err,
                              size_t err_len)
{
    const char *name = text_of(params, "channel");
    struct hz_receiver *r = name ? holder(d, name) : NULL;
    if (!name)
        return hz_fail(err, err_len, "remove_channel: expected params {\"channel\":NAME}");
    if (!r)
        return hz_fail(err, err_len, "there is no channel \"%.40s\"", name);
    int rc = hz_receiver_remove_channel(r, name);
    return rc == 0 ? answer("removed", name, result) : rc;
}
