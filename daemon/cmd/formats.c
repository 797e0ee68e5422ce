/* hertzd formats: the formats in which messages can be told. */
#include "daemon/cmd/commands.h"
#include "proto/format/format.h"

#include <stdio.h>

static void print_format(const struct hz_form *f)
{
    printf("%-14s ", f->name);
    int n = 0;
    for (const char *const *p = f->protocols; p && *p; p++)
        n += printf("%s%s", n > 0 ? ", " : "", *p);
    if (!f->protocols)
        n += printf("all");
    printf("%*s %s\n", n < 16 ? 16 - n : 0, "", f->title);
}

int hz_cmd_formats(int argc, char **argv, const struct hz_conf_kinds *kinds)
{
    static const char usage[] = "usage: hertzd formats\n\n"
                                "Lists the formats that `hertzd decode -F` and the key `format` of "
                                "listeners and outputs take,\nand whose messages each can tell.\n";
    static const struct option longs[] = {{"help", no_argument, NULL, 'h'}, {0}};
    static const struct hz_cmd_syntax syntax = {"hertzd formats", usage, "", longs};
    int code = HZ_EXIT_OK;
    (void)kinds;
    if (hz_cmd_option(&syntax, argc, argv, &code) == HZ_CMD_END)
        return code;
    if (optind < argc)
        return hz_cmd_wrong(syntax.name, argv[optind], "it takes no word");
    printf("%-14s %-16s %s\n", "FORMAT", "DECODERS", "WHAT IT IS");
    for (const struct hz_form *const *f = hz_forms; *f; f++)
        print_format(*f);
    return HZ_EXIT_OK;
}
