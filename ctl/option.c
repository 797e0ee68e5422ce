#include "ctl/option.h"

#include "config/config.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { OPTIONS_MAX = 32 };

int hz_cmd_wrong(const char *name, const char *word, const char *why)
{
    fprintf(stderr, "%s: '%s': %s; see '%s --help'\n", name, word, why, name);
    return HZ_EXIT_USAGE;
}

int hz_cmd_unknown(const char *name, const char *what, const char *word, const char *const *list)
{
    char why[160];
    const char *near = hz_nearest(word, list);
    if (near)
        snprintf(why, sizeof why, "no such %s, did you mean '%s'?", what, near);
    else
        snprintf(why, sizeof why, "no such %s", what);
    return hz_cmd_wrong(name, word, why);
}

const char *hz_option_near(const char *word, const struct option *longs)
{
    const char *names[OPTIONS_MAX + 1] = {NULL};
    char name[64];
    for (size_t i = 0; longs[i].name && i < OPTIONS_MAX; i++)
        names[i] = longs[i].name;
    word += strspn(word, "-");
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    return hz_nearest(name, names);
}

/* The option that getopt has just refused, as it was written. */
static const char *refused(const struct hz_cmd_syntax *s, int opt, char **argv, char letter[3])
{
    bool is_long = opt == ':' || optopt == 0;
    for (const struct option *o = s->longs; o->name; o++)
        is_long |= o->val == optopt; /* a value for one that takes none */
    snprintf(letter, 3, "-%c", optopt);
    return is_long ? argv[optind - 1] : letter;
}

int hz_cmd_option(const struct hz_cmd_syntax *s, int argc, char **argv, int *code)
{
    char shorts[64], letter[3], why[100] = "no such option";
    snprintf(shorts, sizeof shorts, ":h%s", s->shorts);
    opterr = 0;
    int opt = getopt_long(argc, argv, shorts, s->longs, NULL);
    if (opt == 'h') {
        fputs(s->help, stdout);
        *code = HZ_EXIT_OK;
        return HZ_CMD_END;
    }
    if (opt != '?' && opt != ':')
        return opt;
    const char *at = refused(s, opt, argv, letter);
    const char *near = opt == '?' && at != letter ? hz_option_near(at, s->longs) : NULL;
    if (near && optopt != 0)
        snprintf(why, sizeof why, "it takes no value");
    else if (near)
        snprintf(why, sizeof why, "no such option, did you mean '--%s'?", near);
    else if (opt == ':')
        snprintf(why, sizeof why, "a value is missing");
    *code = hz_cmd_wrong(s->name, at, why);
    return HZ_CMD_END;
}
