#include "daemon/event/rule.h"

#include "config/fail.h"
#include "daemon/base/web.h"
#include "daemon/event/template.h"

#include <string.h>

enum { LIMIT_MAX = 1000000 };

bool hz_event_posts_url(const struct hz_conf_event *conf)
{
    return strstr(conf->post, "://"); /* no name of a section has that */
}

/* "30 per 10m", or "none". */
static int parse_limit(struct hz_event_rule *r, const char *text, char *err, size_t err_len)
{
    uint64_t seconds;
    unsigned n = 0;
    const char *p = text;
    r->limit = 0;
    if (strcmp(text, "none") == 0)
        return 0;
    for (; *p >= '0' && *p <= '9' && n <= LIMIT_MAX; p++)
        n = n * 10 + (unsigned)(*p - '0');
    p += strspn(p, " ");
    bool per = strncmp(p, "per", 3) == 0;
    p += per ? 3 : 0;
    p += strspn(p, " ");
    if (n == 0 || n > LIMIT_MAX || !per || hz_parse_history_time(p, &seconds) < 0)
        return hz_fail(err, err_len,
                       "limit = '%.60s': expected NUMBER per TIME, as in 10 per 1h, or none", text);
    r->limit = n;
    r->limit_ms = seconds * 1000;
    return 0;
}

static const char *parse_filter(struct hz_event_rule *r, const struct hz_conf_event *conf,
                                const struct hz_decoder *const *protocols, char *err,
                                size_t err_len)
{
    const struct {
        const char *key, *list;
    } words[] = {{"protocol", conf->protocol}, {"channel", conf->channel},
                 {"receiver", conf->receiver}, {"id", conf->id},
                 {"bbox", conf->box},          {"min_snr", conf->min_snr}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (*words[i].list &&
            hz_subscription_add(&r->filter, protocols, words[i].key, words[i].list, err, err_len))
            return words[i].key;
    }
    r->filter.kinds = 1u << HZ_KIND_MESSAGE;
    return NULL;
}

const char *hz_event_rule_parse(struct hz_event_rule *r, const struct hz_conf_event *conf,
                                const struct hz_decoder *const *protocols, char *err,
                                size_t err_len)
{
    char why[200];
    *r = (struct hz_event_rule){0};
    const char *key = parse_filter(r, conf, protocols, err, err_len);
    if (key)
        return key;
    if (parse_limit(r, conf->limit, err, err_len) < 0)
        return "limit";
    if (hz_whens_parse(&r->when, conf->when, why, sizeof why) == 0)
        return NULL;
    snprintf(err, err_len, "when: %s", why);
    return "when";
}

void hz_event_rule_done(struct hz_event_rule *r)
{
    hz_whens_done(&r->when);
}

/* ---- the checks ---- */

static void check_template(const struct hz_check *c, const char *key, const char *text)
{
    char why[200];
    if (hz_template_check(text, why, sizeof why) < 0)
        hz_check_error(c, key, "%s: %s", key, why);
}

/* NAME: VALUE of one line. */
static bool is_header(const char *text)
{
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
    return n > 0 && text[n] == ':' && text[n + 1 + strspn(text + n + 1, " ")];
}

/* A value in the place of a field, so that the URL is looked at as one. */
static void any_value(void *ctx, const char *name, char *value, size_t size)
{
    (void)ctx, (void)name;
    snprintf(value, size, "1");
}

static void check_post(const struct hz_check *c, const struct hz_conf_event *conf)
{
    static const char *const of_url[] = {"body", "content_type", "header", "ca"};
    bool url = hz_event_posts_url(conf);
    char filled[2 * HZ_TEMPLATE_MAX];
    for (size_t i = 0; !url && i < sizeof of_url / sizeof *of_url; i++) {
        if (hz_check_gave(c, of_url[i]))
            hz_check_error(c, of_url[i], "'%s' has no meaning without post = URL", of_url[i]);
    }
    if (!url && *conf->post)
        hz_check_posts_to(c, "post", conf->post);
    hz_template_fill(conf->post, HZ_ESCAPE_URL, any_value, NULL, filled, sizeof filled);
    if (url && !hz_web_url_ok(filled))
        hz_check_error(c, "post", "post = '%.100s': expected http://HOST/… or https://HOST/…",
                       conf->post);
    if (*conf->header && !is_header(conf->header))
        hz_check_error(c, "header", "header: expected NAME: VALUE, as in Authorization: Bearer X");
}

void hz_event_check(const struct hz_check *c, struct hz_conf_event *conf)
{
    struct hz_event_rule rule;
    char err[300];
    if (!hz_check_needs(c, "when", "when = CONDITION, as in when = emergency, distress"))
        return;
    const char *key = hz_event_rule_parse(&rule, conf, hz_check_decoders(c), err, sizeof err);
    if (key)
        hz_check_error(c, key, "%s", err);
    else
        hz_event_rule_done(&rule);
    check_template(c, "text", conf->text);
    check_template(c, "body", conf->body);
    check_template(c, "post", conf->post);
    check_template(c, "header", conf->header);
    check_post(c, conf);
}
