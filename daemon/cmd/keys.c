/* hertzd keys: what the configuration may say. */
#include "config/manual.h"
#include "ctl/option.h"
#include "daemon/cmd/commands.h"

int hz_cmd_keys(int argc, char **argv, const struct hz_conf_kinds *kinds)
{
    static const char usage[] = "usage: hertzd keys [SECTION [KIND]]\n\n"
                                "Prints the keys that a section of the configuration may have, as "
                                "`hertzd keys output mqtt`:\n"
                                "what each is for, what it may be, and what it is by itself.\n"
                                "  --man           all of them as the body of a manual page\n";
    static const struct option longs[] = {
        {"man", no_argument, NULL, 'm'}, {"help", no_argument, NULL, 'h'}, {0}};
    static const struct hz_cmd_syntax syntax = {"hertzd keys", usage, "", longs};
    int code = HZ_EXIT_OK, opt;
    bool man = false;
    char expected[512];
    while ((opt = hz_cmd_option(&syntax, argc, argv, &code)) == 'm')
        man = true;
    if (opt == HZ_CMD_END)
        return code;
    const char *section = optind < argc ? argv[optind] : NULL;
    const char *kind = optind + 1 < argc ? argv[optind + 1] : NULL;
    if (optind + 2 < argc)
        return hz_cmd_wrong(syntax.name, argv[optind + 2], "it takes a section and a kind");
    if (man && section)
        return hz_cmd_wrong(syntax.name, section, "--man takes no word");
    if (man) {
        hz_manual_page(kinds, stdout);
        return HZ_EXIT_OK;
    }
    if (hz_manual_keys(kinds, section, kind, stdout, expected, sizeof expected) < 0) {
        fprintf(stderr, "%s: '%s': expected %s\n", syntax.name, kind ? kind : section, expected);
        return HZ_EXIT_USAGE;
    }
    return HZ_EXIT_OK;
}
