#include "ctl/option.h"
#include "daemon/cmd/commands.h"
#include "daemon/run/kinds.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    hz_cmd *run;
    const char *usage, *what;
} commands[] = {
    {"setup", hz_cmd_setup, "setup [options]", "asks what to hear, writes the file"},
    {"check", hz_cmd_check, "check [-c FILE]", "what would run, or every mistake in FILE"},
    {"demo", hz_cmd_demo, "demo [--seconds N]", "simulated bands: no hardware, no root"},
    {"decode", hz_cmd_decode, "decode [options] FILE|-", "a recording to JSON lines"},
    {"learn", hz_cmd_learn, "learn FILE...", "recordings of one device to its declaration"},
    {"decoders", hz_cmd_decoders, "decoders [NAME]", "what is built in"},
    {"keys", hz_cmd_keys, "keys [SECTION [KIND]]", "what the configuration may say"},
    {"formats", hz_cmd_formats, "formats", "the formats in which messages can be told"},
};
enum { COMMANDS = sizeof commands / sizeof *commands };

static void help(FILE *out)
{
    fprintf(out, "hertzd " HZ_VERSION
                 ": one receiver, every protocol in its band, JSON to all who ask\n\n"
                 "  hertzd [-c FILE]                 the daemon (" HZ_DEFAULT_CONFIG ")\n");
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(out, "  hertzd %-25s %s\n", commands[i].usage, commands[i].what);
    fprintf(out, "  hertzd --version | --help\n\n"
                 "`hertzd COMMAND --help` tells what a command takes.\n"
                 "`hertzctl` asks a running daemon.\n");
}

/* The command of that name with these arguments, its name the first; -1: there is none. */
static int run_command(const char *name, int argc, char **argv, const struct hz_conf_kinds *kinds)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(name, commands[i].name) == 0)
            return commands[i].run(argc, argv, kinds);
    }
    return -1;
}

/* hertzd help [COMMAND] */
static int run_help(int argc, char **argv, const struct hz_conf_kinds *kinds)
{
    char option[] = "--help";
    char *asked[] = {argc > 1 ? argv[1] : NULL, option, NULL};
    int rc = argc > 1 ? run_command(argv[1], 2, asked, kinds) : 0;
    if (argc == 1)
        help(stdout);
    return rc;
}

static int run(int argc, char **argv, const struct hz_conf_kinds *kinds)
{
    const char *word = argc > 1 ? argv[1] : "";
    int rc = -1;
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        help(stdout);
        return HZ_EXIT_OK;
    }
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        puts("hertzd " HZ_VERSION);
        return HZ_EXIT_OK;
    }
    if (!*word || *word == '-')
        return hz_cmd_run(argc, argv, kinds);
    if (strcmp(word, "help") == 0) {
        rc = run_help(argc - 1, argv + 1, kinds);
        word = argc > 2 ? argv[2] : word;
    } else {
        rc = run_command(word, argc - 1, argv + 1, kinds);
    }
    if (rc >= 0)
        return rc;
    const char *names[COMMANDS + 2] = {"help"};
    for (size_t i = 0; i < COMMANDS; i++)
        names[i + 1] = commands[i].name;
    return hz_cmd_unknown("hertzd", "command", word, names);
}

int main(int argc, char **argv)
{
    struct hz_registry decoders;
    if (hz_registry_init(&decoders) < 0) {
        fputs("hertzd: out of memory\n", stderr);
        return HZ_EXIT_FAILED;
    }
    const struct hz_conf_kinds kinds = hz_kinds_with(&decoders);
    int rc = run(argc, argv, &kinds);
    hz_registry_done(&decoders);
    return rc;
}
