/* A configuration as text, parsed, for the tests of config/. */
#ifndef HZ_TESTS_CONFIG_TEXT_H
#define HZ_TESTS_CONFIG_TEXT_H

#include "config/config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static struct hz_config conf;
static struct hz_conf_errors errors;

static inline int parse(const char *text)
{
    errors = (struct hz_conf_errors){0};
    return hz_config_parse(&conf, "t.conf", text, strlen(text), &errors);
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
    cr_expect_eq(conf.n_receivers + conf.n_channels + conf.n_listens, 0);
    done();
}

#endif
