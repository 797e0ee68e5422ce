#include "daemon/cmd/decode_args.h"
#include "ctl/option.h"
#include "daemon/cmd/commands.h"
#include "dsp/dcs.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: hertzd decode [options] FILE|-\n"
    "  -d NAME[@FREQ][,squelch=DB][,bandwidth=HZ][,ctcss=HZ][,dcs=CODE][,keep=all]\n"
    "     [,charset=NAME][,contents=NAME]\n"
    "                  decoder, repeatable (default: all whose frequencies lie in the band);\n"
    "                  without FREQ at each of its frequencies in the band, else at the centre\n"
    "  -r RATE         samples per second, as 2400k (default: from the file or its name)\n"
    "  -f FREQ         centre frequency, as 1090M (default: likewise)\n"
    "  -t FORMAT       cu8, cs8, cs16, cf32 (cs24, cu16, cs32, cf64; with _be: big-endian) or wav\n"
    "                  (default: likewise); or audio of an FM discriminator: audio (a WAV, else\n"
    "                  s16), raw or s16, u8, f32 without a head, with -r\n"
    "  -w N            workers (default: the cores)\n"
    "  -b N            samples per block, at most 131072 (the default); changes no message\n"
    "  --start TIME    of the first sample, as 2026-11-23T08:26:11Z or with +02:00 (default: from\n"
    "                  the file or its name; of a pipe: when it came)\n"
    "  --repeats       prints the copies too of a burst that several channels heard\n"
    "  --audio DIR     writes a WAV file there for each transmission of speech\n";

static int wrong(const char *what, const char *value, const char *expected)
{
    fprintf(stderr, "hertzd decode: %s \"%s\": expected %s\n", what, value, expected);
    return -EINVAL;
}

/* ---- the command line ------------------------------------------------------------------- */

/* The number of a name in a list that ends with NULL, or -1. */
static int number_of(const char *name, const char *const *list)
{
    for (int i = 0; list[i]; i++) {
        if (strcmp(name, list[i]) == 0)
            return i;
    }
    return -1;
}

static int parse_charset(struct hz_conf_channel *c, const char *name)
{
    int i = number_of(name, hz_charset_names);
    if (!c->decoder->knows_charset)
        return wrong("charset", name, "a decoder whose texts have several: pocsag");
    if (i < 0)
        return wrong("charset", name,
                     "us, british, german, french, swedish, norwegian, italian or spanish");
    c->charset = (enum hz_charset)i;
    return 0;
}

static int parse_contents(struct hz_conf_channel *c, const char *name)
{
    int i = number_of(name, hz_contents_names);
    if (!c->decoder->knows_contents)
        return wrong("contents", name, "a decoder of pages: pocsag");
    if (i < 0)
        return wrong("contents", name, "auto, function, alpha or numeric");
    c->contents = (enum hz_contents)i;
    return 0;
}

static int parse_dcs(struct hz_conf_channel *c, const char *text)
{
    unsigned code;
    if (hz_dcs_parse(text, &code) != 0)
        return wrong("dcs", text, HZ_DCS_EXPECTED);
    if (!c->decoder->knows_ctcss)
        return wrong("dcs", text, "a decoder that knows such codes: nfm");
    c->dcs = hz_dcs_word(code);
    return 0;
}

/* One ",key=value" behind a decoder. */
static int parse_key(struct hz_conf_channel *c, const char *text)
{
    char key[16] = "";
    const char *value = strchr(text, '=');
    snprintf(key, sizeof key, "%.*s", value ? (int)(value - text) : 0, text);
    char *end;
    if (strcmp(key, "bandwidth") == 0)
        return hz_parse_hz(value + 1, &c->bandwidth_hz) == 0 && c->bandwidth_hz > 0
                   ? 0
                   : wrong("bandwidth", value + 1, "a number over 0, as 12.5k");
    if (strcmp(key, "ctcss") == 0) {
        c->ctcss_hz = strtod(value + 1, &end);
        bool good = value[1] && !*end && c->ctcss_hz >= 60 && c->ctcss_hz <= 260;
        if (good && c->decoder->knows_ctcss)
            return 0;
        return wrong("ctcss", value + 1,
                     good ? "a decoder that knows such tones: nfm" : "60 to 260 Hz");
    }
    if (strcmp(key, "dcs") == 0)
        return parse_dcs(c, value + 1);
    if (strcmp(text, "keep=all") == 0) {
        c->keep = HZ_KEEP_ALL;
        return 0;
    }
    if (strcmp(key, "charset") == 0)
        return parse_charset(c, value + 1);
    if (strcmp(key, "contents") == 0)
        return parse_contents(c, value + 1);
    if (strcmp(key, "squelch") != 0)
        return wrong("decoder's option", text,
                     "squelch=DB, bandwidth=HZ, ctcss=HZ, dcs=CODE, keep=all, charset=NAME or "
                     "contents=NAME");
    c->squelch_db = strtod(value + 1, &end);
    return value[1] && !*end && c->squelch_db >= 0 && c->squelch_db <= 60
               ? 0
               : wrong("squelch", value + 1, "0 to 60 dB; 0: always open");
}

static int parse_frequency(const char *arg, double *hz)
{
    char meant[64], expected[160];
    if (hz_parse_hz(arg, hz) != 0 || *hz <= 0)
        return wrong("frequency", arg, "a number over 0, as 1090M");
    if (!hz_unit_forgotten(arg, meant, sizeof meant))
        return 0;
    snprintf(expected, sizeof expected, "a unit: did you mean %s? (%sHz, if Hz are meant)", meant,
             arg);
    return wrong("frequency", arg, expected);
}

static int wrong_decoder(const char *name)
{
    const char *names[HZ_PLAN_CHANNELS_MAX + 1] = {NULL};
    char expected[100] = "one that `hertzd decoders` lists";
    for (size_t i = 0; i < HZ_PLAN_CHANNELS_MAX && hz_decoders[i]; i++)
        names[i] = hz_decoders[i]->name;
    const char *near = hz_nearest(name, names);
    if (near)
        snprintf(expected, sizeof expected, "one that `hertzd decoders` lists, did you mean %s?",
                 near);
    return wrong("decoder", name, expected);
}

static int add_decoder(struct hz_decode_args *a, const char *arg)
{
    char text[200];
    if (a->n_channels == HZ_PLAN_CHANNELS_MAX)
        return wrong("decoder", arg, "at most 256 of them");
    if ((size_t)snprintf(text, sizeof text, "%s", arg) >= sizeof text)
        return wrong("decoder", arg, "NAME[@FREQ][,key=value]");
    struct hz_conf_channel *c = &a->channels[a->n_channels];
    *c = (struct hz_conf_channel){.squelch_db = NAN};
    char *rest, *name = strtok_r(text, ",", &rest);
    char *at = name ? strchr(name, '@') : NULL;
    if (at)
        *at++ = '\0';
    c->decoder = name ? hz_decoder_find(name) : NULL;
    if (!c->decoder)
        return wrong_decoder(name ? name : arg);
    if (at && parse_frequency(at, &c->freq_hz) != 0)
        return -EINVAL;
    for (const char *key; (key = strtok_r(NULL, ",", &rest));) {
        if (parse_key(c, key) != 0)
            return -EINVAL;
    }
    if (c->ctcss_hz > 0 && c->dcs != 0)
        return wrong("decoder", arg, "ctcss or dcs, one of them");
    a->n_channels++;
    return 0;
}

static int parse_count(const char *what, const char *arg, long max, long *out)
{
    char *end;
    errno = 0;
    *out = strtol(arg, &end, 10);
    if (errno != 0 || end == arg || *end || *out < 1 || *out > max) {
        fprintf(stderr, "hertzd decode: %s \"%s\": expected a whole number from 1 to %ld\n", what,
                arg, max);
        return -EINVAL;
    }
    return 0;
}

static int parse_option(struct hz_decode_args *a, int opt, const char *arg)
{
    struct hz_conf_receiver *c = &a->conf;
    long n = 0;
    int rc = 0;
    switch (opt) {
    case 'd':
        return add_decoder(a, arg);
    case 'r':
        rc = hz_parse_hz(arg, &c->rate_hz);
        return rc == 0 && c->rate_hz > 0 ? 0 : wrong("rate", arg, "a number over 0, as 2400k");
    case 'f':
        return parse_frequency(arg, &c->centre_hz);
    case 't':
        rc = hz_parse_format(arg, c);
        return rc == 0 ? 0
                       : wrong("format", arg, "cu8, cs8, cs16, cf32 and the like, wav, audio, raw");
    case 'w':
        rc = parse_count("workers", arg, 256, &n);
        a->workers = (int)n;
        return rc;
    case 'b':
        rc = parse_count("samples per block", arg, 4 * 1024 * 1024, &n);
        a->block_samples = (size_t)n;
        return rc;
    case 's':
        rc = hz_parse_time(arg, &c->start_utc_ns);
        return rc == 0 ? 0 : wrong("start", arg, "a time as 2026-11-23T08:26:11Z");
    case 'R':
        a->repeats = true;
        return 0;
    case 'a':
        a->audio_dir = arg;
        return 0;
    default:
        return -EINVAL;
    }
}

int hz_decode_args_parse(struct hz_decode_args *a, int argc, char **argv)
{
    static const struct option longs[] = {{"start", required_argument, NULL, 's'},
                                          {"repeats", no_argument, NULL, 'R'},
                                          {"audio", required_argument, NULL, 'a'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    static const struct hz_cmd_syntax syntax = {"hertzd decode", usage, "d:r:f:t:w:b:", longs};
    int opt, code = HZ_EXIT_OK;
    if (hz_conf_receiver_init(&a->conf, "file", "file") != 0)
        return -ENOMEM;
    a->conf.pace = HZ_PACE_MAX;
    while ((opt = hz_cmd_option(&syntax, argc, argv, &code)) >= 0) {
        if (parse_option(a, opt, optarg) != 0)
            return -EINVAL;
    }
    if (opt == HZ_CMD_END)
        return code == HZ_EXIT_OK ? 1 : -EINVAL;
    if (optind + 1 != argc) {
        if (optind < argc)
            hz_cmd_wrong(syntax.name, argv[optind + 1], "one recording is decoded at a time");
        else
            fputs("hertzd decode: expected a recording, or - for standard input; see "
                  "'hertzd decode --help'\n",
                  stderr);
        return -EINVAL;
    }
    free(a->conf.path);
    a->conf.path = strdup(argv[optind]);
    return a->conf.path ? 0 : -ENOMEM;
}

void hz_decode_args_done(struct hz_decode_args *a)
{
    hz_conf_receiver_done(&a->conf);
}
