/* A configuration as text, parsed, for the tests of config/. */
#ifndef HZ_TESTS_CONFIG_TEXT_H
#define HZ_TESTS_CONFIG_TEXT_H

#include "config/config.h"
#include "daemon/run/kinds.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct hz_config conf;
static struct hz_conf_errors errors;

/* All that is built in. */
static inline const struct hz_conf_kinds *all_kinds(void)
{
    static struct hz_registry decoders;
    static struct hz_conf_kinds kinds;
    if (decoders.n == 0)
        cr_assert_eq(hz_registry_init(&decoders), 0);
    kinds = hz_kinds_with(&decoders);
    return &kinds;
}

static inline int parse(const char *text)
{
    errors = (struct hz_conf_errors){0};
    return hz_config_parse(&conf, all_kinds(), "t.conf", text, strlen(text), &errors);
}

static inline void done(void)
{
    hz_config_free(&conf);
    hz_conf_errors_done(&errors);
}

/* The text is refused with exactly these lines. */
static inline void refused(const char *text, const char *expected)
{
    cr_expect_eq(parse(text), -EINVAL, "accepted:\n%s", text);
    cr_expect_str_eq(errors.text ? errors.text : "", expected);
    cr_expect_eq(conf.n_receivers + conf.n_channels + conf.n_listens + conf.n_outputs, 0);
    done();
}

#endif
