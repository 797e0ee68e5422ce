#include "daemon/cmd/decode_args.h"
#include "config/sensors.h"
#include "ctl/option.h"
#include "daemon/cmd/commands.h"
#include "daemon/source/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 32 }; /* of one decoder on the command line */

static const char usage[] =
    "usage: hertzd decode [options] FILE|-\n"
    "       hertzd decode [options] -r RATE -f FREQ soapy:DEVICE|rtlsdr:[DEVICE]|rtl_tcp:ADDRESS\n"
    "  -d NAME[@FREQ][,KEY=VALUE]...\n"
    "                  decoder, repeatable (default: all whose frequencies lie in the band);\n"
    "                  without FREQ at each of its frequencies in the band, else at the centre;\n"
    "                  KEY as in a [channel] section: bandwidth, squelch, and what\n"
    "                  `hertzd decoders NAME` lists\n"
    "  -r RATE         samples per second, as 2400k (default: from the file or its name)\n"
    "  -f FREQ         centre frequency, as 1090M (default: likewise)\n"
    "  -t FORMAT       cu8, cs8, cs16, cf32 (cs24, cu16, cs32, cf64; with _be: big-endian) or wav\n"
    "                  (default: likewise); or audio of an FM discriminator: audio (a WAV, else\n"
    "                  s16), raw or s16, u8, f32 without a head, with -r\n"
    "  -w N            workers (default: the cores)\n"
    "  -b N            samples per block, at most 131072 (the default); changes no message\n"
    "  --seconds N     of a device: end after so many (default: Ctrl-C ends it)\n"
    "  --set KEY=VALUE of a device: a key of its [receiver] section, as gain=40.2 "
    "(`hertzd keys receiver soapy`), repeatable\n"
    "  --start TIME    of the first sample, as 2026-11-23T08:26:11Z or with +02:00 (default: from\n"
    "                  the file or its name; of a pipe: when it came)\n"
    "  -F FORMAT       what is printed: json (the default), or what other programs read: beast, "
    "avr,\n"
    "                  sbs, nmea, kiss, tnc2, multimon, csv, … (`hertzd formats` lists them)\n"
    "  --repeats       prints the copies too of a burst that several channels heard\n"
    "  --bursts        prints also what no declaration of a sensor explains (docs/messages.md)\n"
    "  --audio DIR     writes a WAV file there for each transmission of speech\n"
    "  --keys FILE     keys of meters: [meter NAME] sections of a configuration\n"
    "  --sensors PATH  declarations of sensors beside the shipped ones: a file, or the .conf "
    "files\n"
    "                  of a folder (docs/adding-a-sensor.md)\n";

static int wrong(const char *what, const char *value, const char *expected)
{
    fprintf(stderr, "hertzd decode: %s \"%s\": expected %s\n", what, value, expected);
    return -EINVAL;
}

/* ---- the command line ------------------------------------------------------------------- */

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

/* NAME[@FREQ][,key=value]… as the keys of a channel's section. */
static int add_decoder(struct hz_decode_args *a, const char *arg)
{
    char text[400], err[700];
    struct hz_setting keys[KEYS_MAX] = {{.key = "decoder", .value = ""}};
    size_t n = 1;
    if (a->n_channels == HZ_PLAN_CHANNELS_MAX)
        return wrong("decoder", arg, "at most 256 of them");
    if ((size_t)snprintf(text, sizeof text, "%s", arg) >= sizeof text)
        return wrong("decoder", arg, "NAME[@FREQ][,key=value]");
    char *rest, *name = strtok_r(text, ",", &rest), *at = name ? strchr(name, '@') : NULL;
    if (at) {
        *at = 0;
        keys[n++] = (struct hz_setting){"frequency", at + 1, {0}};
    }
    keys[0].value = name ? name : "";
    for (char *key; (key = strtok_r(NULL, ",", &rest)); n++) {
        char *value = strchr(key, '=');
        if (!value || n == KEYS_MAX)
            return wrong("decoder's option", key, value ? "fewer options" : "KEY=VALUE");
        *value = 0;
        keys[n] = (struct hz_setting){key, value + 1, {0}};
        if (strcmp(key, "receiver") == 0 || strcmp(key, "priority") == 0)
            return wrong("decoder's option", key, "none that chooses among receivers or channels");
    }
    struct hz_conf_channel *c = &a->channels[a->n_channels];
    int rc = hz_conf_channel_read(c, a->kinds, keys, n, err, sizeof err);
    if (rc != 0)
        fprintf(stderr, "hertzd decode: %s\n", err);
    a->n_channels += rc == 0;
    return rc;
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

static int read_keys(struct hz_decode_args *a, const char *file)
{
    struct hz_conf_errors errors = {0};
    hz_config_free(&a->keys);
    int rc = hz_config_load(&a->keys, a->kinds, file, &errors);
    if (rc != 0)
        fputs(errors.text ? errors.text : "hertzd decode: out of memory\n", stderr);
    hz_conf_errors_done(&errors);
    return rc == 0 ? 0 : -EINVAL;
}

/* KEY=VALUE of --set; the text is split in place. */
static int add_set(struct hz_decode_args *a, char *arg)
{
    char *value = strchr(arg, '=');
    if (!value || a->n_sets == HZ_DECODE_SETS - 1)
        return wrong("--set", arg, value ? "fewer of them" : "KEY=VALUE, as gain=40.2");
    *value = 0;
    a->sets[a->n_sets++] = (struct hz_setting){.key = arg, .value = value + 1};
    return 0;
}

static int parse_option(struct hz_decode_args *a, int opt, char *arg)
{
    struct hz_conf_receiver *c = &a->conf->receiver;
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
        rc = hz_parse_format(arg, &c->format);
        return rc == 0 ? 0
                       : wrong("format", arg, "cu8, cs8, cs16, cf32 and the like, wav, audio, raw");
    case 'F':
        a->format = hz_form_find(arg);
        return a->format ? 0 : wrong("format", arg, "one of those that `hertzd formats` lists");
    case 'w':
        rc = parse_count("workers", arg, 256, &n);
        a->workers = (int)n;
        return rc;
    case 'b':
        rc = parse_count("samples per block", arg, 4 * 1024 * 1024, &n);
        a->block_samples = (size_t)n;
        return rc;
    case 's':
        rc = hz_parse_time(arg, &a->conf->start_utc_ns);
        return rc == 0 ? 0 : wrong("start", arg, "a time as 2026-11-23T08:26:11Z");
    case 'R':
        a->repeats = true;
        return 0;
    case 'S':
        a->sensors_path = arg;
        return 0;
    case 'u':
        a->bursts = true;
        return 0;
    case 'k':
        return read_keys(a, arg);
    case 'a':
        a->audio_dir = arg;
        return 0;
    case 'o':
        return add_set(a, arg);
    case 'n':
        rc = parse_count("seconds", arg, 1000000, &n);
        a->seconds = (double)n;
        return rc;
    default:
        return -EINVAL;
    }
}

int hz_decode_args_parse(struct hz_decode_args *a, int argc, char **argv,
                         const struct hz_conf_kinds *kinds)
{
    static const struct option longs[] = {
        {"start", required_argument, NULL, 's'},   {"repeats", no_argument, NULL, 'R'},
        {"bursts", no_argument, NULL, 'u'},        {"audio", required_argument, NULL, 'a'},
        {"sensors", required_argument, NULL, 'S'}, {"keys", required_argument, NULL, 'k'},
        {"seconds", required_argument, NULL, 'n'}, {"set", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},          {0}};
    static const struct hz_cmd_syntax syntax = {"hertzd decode", usage, "d:r:f:t:w:b:F:", longs};
    int opt, code = HZ_EXIT_OK;
    a->kinds = kinds;
    a->format = &hz_form_json;
    a->conf = (struct hz_conf_file *)hz_conf_receiver_new(&hz_file_kind, "file");
    if (!a->conf)
        return -ENOMEM;
    a->conf->receiver.pace = HZ_PACE_MAX;
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
    int radio = hz_decode_args_radio(a, argv[optind]);
    if (radio != 0)
        return radio > 0 ? 0 : radio;
    if (a->n_sets > 0 || a->seconds > 0)
        return wrong("recording", argv[optind], "a device with --set or --seconds, as soapy:");
    free(a->conf->path);
    a->conf->path = strdup(argv[optind]);
    return a->conf->path ? 0 : -ENOMEM;
}

int hz_decode_args_sensors(struct hz_decode_args *a)
{
    char err[600];
    for (size_t i = 0; i < a->n_channels; i++) {
        if (a->channels[i].decoder->wants_keys)
            a->channels[i].keys = a->keys.keys;
        if (!a->channels[i].decoder->wants_sensors)
            continue;
        if (!a->sensors &&
            hz_sensor_set_load(&a->sensors, a->sensors_path, true, err, sizeof err) != 0) {
            fprintf(stderr, "hertzd decode: %s\n", err);
            return HZ_EXIT_USAGE;
        }
        a->channels[i].sensors = a->sensors;
    }
    return 0;
}

void hz_decode_args_done(struct hz_decode_args *a)
{
    hz_sensor_set_unref(a->sensors);
    hz_config_free(&a->keys);
    hz_conf_receiver_free(a->conf ? &a->conf->receiver : NULL);
    hz_conf_receiver_free(a->radio);
}
