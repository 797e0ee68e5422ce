#include "daemon/output/filter.h"

#include "config/option.h"

#include <stdlib.h>
#include <string.h>

const char *hz_output_filter(const struct hz_conf_output *conf,
                             const struct hz_decoder *const *protocols, struct hz_subscription *s,
                             char *err, size_t err_len)
{
    const struct {
        const char *key, *list;
    } words[] = {{"protocol", conf->protocol}, {"channel", conf->channel},
                 {"receiver", conf->receiver}, {"id", conf->id},
                 {"bbox", conf->box},          {"min_snr", conf->min_snr},
                 {"every", conf->every},       {"kind", conf->kinds}};
    *s = (struct hz_subscription){0};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i].list && *words[i].list &&
            hz_subscription_add(s, protocols, words[i].key, words[i].list, err, err_len) < 0)
            return words[i].key;
    }
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
