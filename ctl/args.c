#include "ctl/args.h"

#include "config/config.h"
#include "ctl/option.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum {
    COMMANDS_MAX = 48,
    COUNT_MAX = 1000000000,
    LOOK_S = 4,
    LOOK_MAX_S = 60,
    SECONDS_MAX = 3600,
};

const char *const hz_ctl_filters[HZ_CTL_FILTERS] = {"protocol", "channel", "receiver", "kind",
                                                    "id",       "bbox",    "min_snr",  "every"};

/* Letters of options: j --json, w --wide, f --force, A to H the filters, n -n, t --seconds,
 * o --write, S --save. */
#define SECTION "add|set|remove NAME [KEY=VALUE...]"

static const struct hz_ctl_command commands[] = {
    {"status", HZ_CTL_SHOW, "", 0, 0, "jw", "how hertzd does, in short (the default)", NULL},
    {"receivers", HZ_CTL_SHOW, "", 0, 0, "jw", "what delivers samples, in full", NULL},
    {"channels", HZ_CTL_SHOW, "", 0, 0, "jw", "what decodes them", NULL},
    {"clients", HZ_CTL_SHOW, "", 0, 0, "jw", "who listens", NULL},
    {"outputs", HZ_CTL_SHOW, "", 0, 0, "jw", "where messages go besides", NULL},
    {"inputs", HZ_CTL_SHOW, "", 0, 0, "jw", "what comes from other programs", NULL},
    {"aircraft", HZ_CTL_SHOW, "", 0, 0, "jw", "the aircraft that are heard now", NULL},
    {"ships", HZ_CTL_SHOW, "", 0, 0, "jw", "the ships, and what else sends AIS", NULL},
    {"stations", HZ_CTL_SHOW, "", 0, 0, "jw", "the stations of packet radio", NULL},
    {"decoders", HZ_CTL_SHOW, "", 0, 0, "jw", "what can be decoded, and what came of it", NULL},
    {"events", HZ_CTL_SHOW, "", 0, 0, "jw", "what is told to people, and the last of each", NULL},
    {"recordings", HZ_CTL_SHOW, "", 0, 0, "jw", "what was recorded, the newest first", NULL},
    {"captures", HZ_CTL_SHOW, "", 0, 0, "jw", "what holds recent samples, and the last of each",
     NULL},
    {"health", HZ_CTL_SHOW, "", 0, 0, "j", "whether all is well; if not, why, and exit code 1",
     NULL},
    {"top", HZ_CTL_TOP, "", 0, 0, "wn", "the same, drawn again every second; q ends it",
     "First what is wrong, with what to do about it; then receivers, channels with their\n"
     "messages per minute, and listeners.\n"
     "  -n N                       end after N screens\n"},
    {"watch", HZ_CTL_WATCH, "", 0, 0, "jABCDEFGHn", "follow the messages as they come",
     "  --protocol NAME[,NAME...]  only these; also --channel, --receiver, --kind\n"
     "  --id ID[,ID...]            only of that aircraft (hex or flight), ship\n"
     "                             (mmsi, name, call sign), station or pager\n"
     "  --bbox S,W,N,E             only positions between these degrees\n"
     "  --min-snr DB               only what is so much over the noise\n"
     "  --every TIME               of each sender one message in that time, as 10s\n"
     "  -n N                       end after N messages\n\n"
     "  hertzctl watch --protocol ais --id 211281610 -n 5\n"},
    {"why", HZ_CTL_WHY, "[CHANNEL]", 0, 1, "jt", "why a channel, or each, is silent or poor",
     "Looks at the band and the counters for some seconds, and says what is wrong, with its\n"
     "figures and the remedy; `likely` where they do not prove it. docs/why.md explains each\n"
     "verdict. Exit code 0: all is well; 1: something is wrong.\n"
     "  --seconds N         at each receiver, 1 to 60; default: 4\n\n"
     "  hertzctl why ships\n"},
    {"gain", HZ_CTL_CHANGE, "RECEIVER [GAIN]", 1, 2, "j",
     "gain of its tuner; without GAIN: lists the steps",
     "Without GAIN it tells the gain and lists the tuner's steps, if they are known.\n"
     "GAIN is dB (the nearest step), auto (the tuner's own control) or best (the gain\n"
     "that decodes most is searched; without GAIN the command tells what was tried).\n"
     "A radio of SoapySDR also has gains of stages: 'LNA 20, VGA 16'.\n"},
    {"tune", HZ_CTL_CHANGE, "RECEIVER FREQUENCY", 2, 2, "jf",
     "centre frequency of a dongle, as 1090M",
     "  --force             although channels would be deaf there\n"},
    {"ppm", HZ_CTL_CHANGE, "RECEIVER [PPM|auto]", 1, 2, "j", "error of its crystal",
     "auto: it is found out from the carriers of transmitters. Without PPM it tells\n"
     "the correction, and what was found.\n"},
    {"bias", HZ_CTL_CHANGE, "RECEIVER on|off", 2, 2, "j", "power for an amplifier at its antenna",
     NULL},
    {"add", HZ_CTL_ADD, "RECEIVER NAME DECODER [KEY=VALUE...]", 3, HZ_CTL_WORDS, "j",
     "add a channel",
     "The keys are those of a [channel] section: frequency, bandwidth, squelch, ctcss,\n"
     "keep, charset, priority. The channel lives until it is removed or hertzd ends,\n"
     "or is saved: hertzctl config --save.\n\n"
     "  hertzctl add vhf ships ais frequency=162.025M\n"},
    {"remove", HZ_CTL_REMOVE, "CHANNEL", 1, 1, "j", "remove a channel", NULL},
    {"channel", HZ_CTL_SECTION, SECTION, 2, HZ_CTL_WORDS, "j", "add, change or remove a channel",
     "The keys are those of a [channel] section (`hertzd keys`); KEY= alone goes back\n"
     "to its default. Nothing else is disturbed, and an error changes nothing.\n"
     "A change lives until hertzd ends, or is saved: hertzctl config --save.\n\n"
     "  hertzctl channel add ships decoder=ais receiver=vhf\n"
     "  hertzctl channel set ships squelch=6\n"
     "  hertzctl channel remove ships\n"},
    {"receiver", HZ_CTL_SECTION, SECTION, 2, HZ_CTL_WORDS, "j", "likewise a receiver",
     "As `hertzctl channel`. gain, ppm, bias_tee, centre and its place change while it\n"
     "streams; with other keys it is closed and opened again.\n\n"
     "  hertzctl receiver set roof gain=40.2 ppm=1.5\n"},
    {"listen", HZ_CTL_SECTION, SECTION, 2, HZ_CTL_WORDS, "j", "likewise a listener",
     "As `hertzctl channel`.\n\n"
     "  hertzctl listen add beast type=tcp format=beast address=127.0.0.1:30005\n"},
    {"output", HZ_CTL_SECTION, SECTION, 2, HZ_CTL_WORDS, "j", "likewise an output",
     "As `hertzctl channel`.\n\n"
     "  hertzctl output add log type=file path=/var/lib/hertzd/log\n"},
    {"input", HZ_CTL_SECTION, SECTION, 2, HZ_CTL_WORDS, "j", "likewise an input",
     "As `hertzctl channel`.\n"},
    {"event", HZ_CTL_SECTION, SECTION, 2, HZ_CTL_WORDS, "j", "likewise an event",
     "As `hertzctl channel`.\n"},
    {"meter", HZ_CTL_SECTION, SECTION, 2, HZ_CTL_WORDS, "j", "likewise the key of a meter",
     "As `hertzctl channel`. A key on a command line can be seen by other users of the\n"
     "machine while the command runs.\n\n"
     "  hertzctl meter add kitchen id=20096221 key=00112233445566778899aabbccddeeff\n"},
    {"sensor", HZ_CTL_SECTION, SECTION, 2, HZ_CTL_WORDS, "j", "likewise a declaration of a sensor",
     "As `hertzctl channel`. A key may be given several times; `set` takes away all that\n"
     "were there of it. A shipped sensor is changed by adding it.\n\n"
     "  hertzctl sensor add nexus-th use=no\n"},
    {"hertzd", HZ_CTL_SECTION, "set KEY=VALUE...", 2, HZ_CTL_WORDS, "j",
     "change the section [hertzd]",
     "log_level, history, history_bytes, history_time and stats. The others take effect\n"
     "only at a start.\n\n"
     "  hertzctl hertzd set log_level=debug\n"},
    {"config", HZ_CTL_CONFIG, "", 0, 0, "jS", "print the configuration of the present state",
     "What was changed since the start is in it, tunings that were set by hand too,\n"
     "and secrets.\n"
     "  --save              write these changes into zz-live.conf of the folder\n"
     "                      hertzd.conf.d, which is read last\n\n"
     "  sudo hertzctl config --save\n"},
    {"capture", HZ_CTL_CAPTURE, "NAME|add|set|remove ...", 1, HZ_CTL_WORDS, "jt",
     "save recent samples, as SigMF",
     "Saves what the section [capture NAME] holds, and what comes in its `after`; prints the\n"
     "path of the metadata when the files are complete.\n"
     "  --seconds N         only the last N seconds\n"
     "add, set and remove change the section, as `hertzctl channel`.\n\n"
     "  hertzctl capture ism --seconds 10\n"
     "  hertzctl capture set ism trigger=clipping\n"},
    {"reload", HZ_CTL_SHOW, "", 0, 0, "j", "read the configuration again",
     "One with an error is refused whole; what did not change does not notice.\n"},
    {"scan", HZ_CTL_SCAN, "RECEIVER [FROM TO]", 1, 3, "jwfto",
     "sweep its tuner: where is which traffic",
     "Shows where there is traffic, and which decoder fits. Without FROM and TO it\n"
     "looks wherever decoders have something to hear. Meanwhile the receiver's own\n"
     "channels hear nothing; at the end, and after Ctrl-C, it is tuned back.\n"
     "  --seconds N         for each part of the band, 1 to 60; default: 4\n"
     "  --write FILE        write [channel] sections of what was decoded (-: here)\n"
     "  --force             replace FILE\n\n"
     "  hertzctl scan roof 144M 146M\n"},
    {"report", HZ_CTL_REPORT, "[CONFIGURATION]", 0, 1, "",
     "what to send with a question or a fault, as one text",
     "Prints versions, the machine, USB devices, the configuration without comments and\n"
     "secrets, the status and the last warnings of the journal. Read it before you send it.\n\n"
     "  sudo hertzctl report >report.txt\n"},
    {"help", HZ_CTL_HELP, "[COMMAND]", 0, 1, "", "this, or what a command takes", NULL},
    {0},
};

static void put_options(FILE *out, const char *letters)
{
    if (strchr(letters, 'j'))
        fputs("  --json              what the socket answered, instead of words and tables\n", out);
    if (strchr(letters, 'w'))
        fputs("  --wide              all columns, however wide\n", out);
    fputs("  --socket PATH       of hertzd (default: /run/hertzd/hertzd.sock, else that\n"
          "                      of a running `hertzd demo`)\n",
          out);
}

static void help(FILE *out)
{
    char text[64];
    fputs("usage: hertzctl [COMMAND] [--json] [--wide] [--socket PATH]\n\n", out);
    for (const struct hz_ctl_command *c = commands; c->name; c++) {
        snprintf(text, sizeof text, "%s %s", c->name,
                 c->verb == HZ_CTL_ADD || c->verb == HZ_CTL_SECTION ? "..." : c->words);
        fprintf(out, "  %-25s %s\n", text, c->what);
    }
    fputc('\n', out);
    put_options(out, "jw");
    fputs("  --help, --version\n\n"
          "`hertzctl help COMMAND` tells what a command takes.\n",
          out);
}

static void help_command(FILE *out, const struct hz_ctl_command *c)
{
    fprintf(out, "usage: hertzctl %s%s%s%s\n\n%s\n\n", c->name, *c->words ? " " : "", c->words,
            *c->options ? " [options]" : "", c->what);
    if (c->more)
        fprintf(out, "%s\n", c->more);
    put_options(out, c->options);
}

/* Prints one line: the wrong word, what is wrong with it, and where help is. */
static int wrong(const struct hz_ctl_args *a, const char *word, const char *why)
{
    fprintf(stderr, "hertzctl: '%s': %s; see 'hertzctl help%s%s'\n", word, why,
            a->command ? " " : "", a->command ? a->command->name : "");
    return HZ_CTL_USAGE;
}

static int unknown(const struct hz_ctl_args *a, const char *what, const char *word,
                   const char *before, const char *near)
{
    char why[120];
    if (near)
        snprintf(why, sizeof why, "no such %s, did you mean '%s%s'?", what, before, near);
    else
        snprintf(why, sizeof why, "no such %s", what);
    return wrong(a, word, why);
}

/* The command of that name. NULL, with an error printed, if there is none. */
static const struct hz_ctl_command *find(const struct hz_ctl_args *a, const char *name)
{
    const char *names[COMMANDS_MAX + 1] = {NULL};
    for (size_t i = 0; commands[i].name && i < COMMANDS_MAX; i++) {
        names[i] = commands[i].name;
        if (strcmp(names[i], name) == 0)
            return &commands[i];
    }
    unknown(a, "command", name, "", hz_nearest(name, names));
    return NULL;
}

static const struct option longs[] = {{"protocol", required_argument, NULL, 'A'},
                                      {"channel", required_argument, NULL, 'B'},
                                      {"receiver", required_argument, NULL, 'C'},
                                      {"kind", required_argument, NULL, 'D'},
                                      {"id", required_argument, NULL, 'E'},
                                      {"bbox", required_argument, NULL, 'F'},
                                      {"min-snr", required_argument, NULL, 'G'},
                                      {"every", required_argument, NULL, 'H'},
                                      {"count", required_argument, NULL, 'n'},
                                      {"json", no_argument, NULL, 'j'},
                                      {"wide", no_argument, NULL, 'w'},
                                      {"force", no_argument, NULL, 'f'},
                                      {"seconds", required_argument, NULL, 't'},
                                      {"write", required_argument, NULL, 'o'},
                                      {"socket", required_argument, NULL, 's'},
                                      {"help", no_argument, NULL, 'h'},
                                      {"version", no_argument, NULL, 'v'},
                                      {"save", no_argument, NULL, 'S'},
                                      {0}};
enum { OPTIONS = sizeof longs / sizeof *longs - 1 };

static int unknown_option(const struct hz_ctl_args *a, const char *word)
{
    return unknown(a, "option", word, "--", hz_option_near(word, longs));
}

static bool is_negative_number(const char *s)
{
    return s && s[0] == '-' && (isdigit((unsigned char)s[1]) || s[1] == '.');
}

static int take_word(struct hz_ctl_args *a, const char *word)
{
    if (!a->command)
        return (a->command = find(a, word)) ? -1 : HZ_CTL_USAGE;
    if (a->n_words == a->command->most)
        return wrong(a, word, "one word too many");
    a->words[a->n_words++] = word;
    return -1;
}

static int take_count(struct hz_ctl_args *a, const char *text)
{
    char *end;
    a->count = strtol(text, &end, 10);
    return *text && !*end && a->count > 0 && a->count <= COUNT_MAX
               ? -1
               : wrong(a, text, "expected a number of 1 or more");
}

static int take_seconds(struct hz_ctl_args *a, const char *text)
{
    char *end;
    a->seconds = strtol(text, &end, 10);
    return *text && !*end && a->seconds > 0 && a->seconds <= SECONDS_MAX
               ? -1
               : wrong(a, text, "expected whole seconds, 1 or more");
}

/* Stores the option. Whether the command accepts it is checked later, when the command is known. */
static int take_option(struct hz_ctl_args *a, int opt)
{
    if (opt >= 'A' && opt < 'A' + HZ_CTL_FILTERS)
        a->filter[opt - 'A'] = optarg;
    a->json |= opt == 'j';
    a->wide |= opt == 'w';
    a->force |= opt == 'f';
    a->save |= opt == 'S';
    a->socket = opt == 's' ? optarg : a->socket;
    a->write = opt == 'o' ? optarg : a->write;
    if (opt == 't')
        return take_seconds(a, optarg);
    return opt == 'n' ? take_count(a, optarg) : -1;
}

static int check_options(const struct hz_ctl_args *a, const char *given)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        char name[16], why[80];
        int letter = longs[i].val;
        if (!strchr(given, letter) || strchr("shv", letter) || strchr(a->command->options, letter))
            continue;
        snprintf(name, sizeof name, "--%s", longs[i].name);
        snprintf(why, sizeof why, "hertzctl %s has no such option", a->command->name);
        return wrong(a, name, why);
    }
    return -1;
}

/* The seconds of a scan or of why: those that it takes by itself, and no more than are useful. */
static int check_look(struct hz_ctl_args *a)
{
    char text[32];
    a->seconds = a->seconds > 0 ? a->seconds : LOOK_S;
    snprintf(text, sizeof text, "%ld", a->seconds);
    return a->seconds <= LOOK_MAX_S ? -1 : wrong(a, text, "expected seconds, 1 to 60");
}

/* Checks that need the whole command line: missing words, options of another command, help. */
static int finish(struct hz_ctl_args *a, const char *given)
{
    bool asked = strchr(given, 'h');
    char why[80];
    if (a->command && a->command->verb == HZ_CTL_HELP) {
        asked = true;
        a->command = NULL;
        a->command = a->n_words ? find(a, a->words[0]) : NULL;
        if (a->n_words && !a->command)
            return HZ_CTL_USAGE;
    }
    if (asked && a->command)
        help_command(stdout, a->command);
    else if (asked)
        help(stdout);
    if (asked)
        return HZ_CTL_DONE;
    if (!a->command)
        a->command = commands; /* status */
    if (a->n_words < a->command->least) {
        snprintf(why, sizeof why, "expected hertzctl %s %s", a->command->name, a->command->words);
        return wrong(a, a->n_words ? a->words[a->n_words - 1] : a->command->name, why);
    }
    bool looks = a->command->verb == HZ_CTL_SCAN || a->command->verb == HZ_CTL_WHY;
    if (looks && check_look(a) >= 0)
        return HZ_CTL_USAGE;
    return check_options(a, given);
}

int hz_ctl_args_read(int argc, char **argv, struct hz_ctl_args *a)
{
    char given[64] = "";
    int rc = -1;
    opterr = 0;
    while (rc < 0) {
        const char *at = argv[optind]; /* what getopt reads next */
        bool number = is_negative_number(at);
        int opt = number ? 1 : getopt_long(argc, argv, "-:hn:", longs, NULL);
        if (opt == -1)
            break;
        const size_t n = strlen(given);
        if (n + 1 < sizeof given)
            given[n] = (char)opt;
        if (opt == 1) /* a word, in order */
            rc = take_word(a, number ? argv[optind++] : optarg);
        else if (opt == '?')
            rc = unknown_option(a, at);
        else if (opt == ':')
            rc = wrong(a, at, "a value is missing");
        else if (opt == 'v')
            rc = puts("hertzctl " HZ_VERSION) < 0 ? HZ_CTL_FAILED : HZ_CTL_DONE;
        else
            rc = take_option(a, opt);
    }
    for (; rc < 0 && optind < argc; optind++) /* behind "--" */
        rc = take_word(a, argv[optind]);
    return rc < 0 ? finish(a, given) : rc;
}
