/* The keys that all links have. */
#include "daemon/bus/codes.h"
#include "daemon/output/filter.h"
#include "daemon/output/link.h"
#include "daemon/output/output_own.h"

#include <string.h>

int hz_link_parse_age(const char *text, void *seconds)
{
    uint64_t none = UINT64_MAX;
    if (strcmp(text, "none") != 0)
        return hz_parse_history_time(text, seconds);
    memcpy(seconds, &none, sizeof none);
    return 0;
}

const struct hz_form *hz_link_form(const struct hz_link *l)
{
    const struct hz_output *o = (const struct hz_output *)l;
    const char *format = ((const struct hz_conf_link *)o->conf)->format;
    return format && *format ? hz_form_find(format) : NULL;
}

void hz_link_code(const struct hz_link *l, const struct hz_form *form, const struct hz_frame *f,
                  struct hz_bytes *out)
{
    const struct hz_output *o = (const struct hz_output *)l;
    const char *station = ((const struct hz_conf_link *)o->conf)->station;
    if (station && *station)
        hz_frame_code_from(f, form, station, out);
    else
        hz_codes_put(o->env->codes, f, form, out);
}

void hz_link_check_takes(const struct hz_check *c, const struct hz_conf_output *conf,
                         const struct hz_form *form)
{
    struct hz_subscription s;
    char err[HZ_OUTPUT_ERROR_MAX];
    if (hz_output_filter(conf, hz_check_decoders(c), &s, err, sizeof err))
        return; /* told */
    for (int i = 0; i < s.protocol.n; i++) {
        if (hz_form_takes(form, s.protocol.names[i]))
            return;
    }
    if (s.protocol.n > 0)
        hz_check_error(c, "protocol", "protocol = %s: format = %s has no words for it",
                       conf->protocol, form->name);
}

void hz_link_check(const struct hz_check *c, void *item)
{
    const struct hz_conf_link *l = item;
    const struct hz_form *form = hz_form_find(l->format);
    hz_output_check_filter(c, &l->output);
    if (!form)
        hz_check_error(c, "format",
                       "format = '%s': expected one of those that `hertzd formats` lists",
                       l->format);
    else
        hz_link_check_takes(c, &l->output, form);
    if (form && form != &hz_form_json && l->output.kinds && hz_check_gave(c, "kind"))
        hz_check_error(c, "kind", "kind with format = %s, which has messages only", form->name);
}

void hz_link_check_address(const struct hz_check *c, const char *address)
{
    char host[256];
    bool v6 = false;
    int port = *address ? hz_address_split(address, host, sizeof host, &v6) : 1;
    if (!hz_check_needs(c, "address", "address = HOST:PORT, as in feed.example.org:30004"))
        return;
    if (port <= 0 || (!v6 && strchr(host, ':')))
        hz_check_error(c, "address",
                       "address = '%s': expected HOST:PORT with a name, an address or [IPv6] and a "
                       "port from 1 to 65535, as in feed.example.org:30004",
                       address);
}
