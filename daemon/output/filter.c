#include "daemon/output/filter.h"

#include "config/option.h"

#include <stdlib.h>
#include <string.h>

const char *hz_output_filter(const struct hz_conf_output *conf,
                             const struct hz_decoder *const *protocols, struct hz_subscription *s,
                             char *err, size_t err_len)
{
    const struct hz_conf_filter words = {conf->protocol, conf->channel, conf->receiver,
                                         conf->id,       conf->box,     conf->min_snr,
                                         conf->every,    conf->kinds};
    const char *key = hz_subscription_from_section(s, protocols, &words, err, err_len);
    if (key)
        return key;
    struct hz_subscription names = {0}; /* of events: names of sections, as those of channels are */
    if (hz_subscription_add(&names, protocols, "channel", conf->events, err, err_len) < 0)
        return "event";
    s->events = names.channel;
    return NULL;
}

void hz_output_check_filter(const struct hz_check *c, const struct hz_conf_output *conf)
{
    struct hz_subscription s;
    char err[256];
    const char *key = hz_output_filter(conf, hz_check_decoders(c), &s, err, sizeof err);
    if (key)
        hz_check_error(c, key, "%s", err);
}

/* Puts a text in the place of one that is "". */
static void narrow(char **word, const char *text)
{
    char *copy = **word == '\0' ? strdup(text) : NULL;
    if (!copy)
        return;
    free(*word);
    *word = copy;
}

const struct hz_form *hz_output_check_format(const struct hz_check *c, struct hz_conf_output *conf,
                                             const char *format)
{
    const struct hz_form *form = hz_form_find(format);
    char protocols[256];
    if (!form) {
        hz_check_error(c, "format",
                       "format = '%s': expected one of those that `hertzd formats` lists", format);
        return NULL;
    }
    if (form == &hz_form_json)
        return form;
    if (conf->kinds && hz_check_gave(c, "kind") && strcmp(conf->kinds, "message") != 0)
        hz_check_error(c, "kind",
                       "kind = '%s' with format = %s: expected message, or format = json",
                       conf->kinds, format);
    if (conf->kinds)
        narrow(&conf->kinds, "message");
    if (form->protocols) {
        hz_words_join(form->protocols, protocols, sizeof protocols);
        narrow(&conf->protocol, protocols);
    }
    return form;
}
