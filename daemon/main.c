#include "daemon/commands.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage, *what;
} commands[] = {
    {"check", hz_cmd_check, "check [-c FILE]",
     "what a configuration would run, or every mistake in it"},
    {"demo", hz_cmd_demo, "demo [--seconds N]",
     "the daemon on a simulated band: no hardware, no root"},
    {"decode", hz_cmd_decode, "decode [options] FILE|-",
     "a recording, as fast as possible, to JSON lines"},
    {"decoders", hz_cmd_decoders, "decoders [--markdown]", "the decoders that are built in"},
};

static void help(FILE *out)
{
    fprintf(out,
            "hertzd " HZ_VERSION
            ": one receiver, every protocol in its band, JSON to all who ask\n\n"
            "  hertzd [-c FILE]                 the daemon (default: " HZ_DEFAULT_CONFIG ")\n");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        fprintf(out, "  hertzd %-25s %s\n", commands[i].usage, commands[i].what);
    fprintf(out, "  hertzd --version | --help\n\n"
                 "`hertzd decode --help` tells its options; `hertzctl` asks a running daemon.\n");
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        help(stdout);
        return HZ_EXIT_OK;
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        puts("hertzd " HZ_VERSION);
        return HZ_EXIT_OK;
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(word, commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    }
    if (*word && *word != '-') {
        fprintf(stderr, "hertzd: there is no command \"%s\"\n\n", word);
        help(stderr);
        return HZ_EXIT_USAGE;
    }
    return hz_cmd_run(argc, argv);
}
