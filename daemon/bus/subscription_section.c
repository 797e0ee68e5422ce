#include "daemon/bus/subscription.h"

const char *hz_subscription_from_section(struct hz_subscription *s,
                                         const struct hz_decoder *const *protocols,
                                         const struct hz_conf_filter *section, char *err,
                                         size_t err_len)
{
    const struct {
        const char *key, *list;
    } words[] = {{"protocol", section->protocol}, {"channel", section->channel},
                 {"receiver", section->receiver}, {"id", section->id},
                 {"bbox", section->box},          {"min_snr", section->min_snr},
                 {"every", section->every},       {"kind", section->kinds}};
    *s = (struct hz_subscription){0};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (words[i].list && *words[i].list &&
            hz_subscription_add(s, protocols, words[i].key, words[i].list, err, err_len) < 0)
            return words[i].key;
    }
    return NULL;
}
