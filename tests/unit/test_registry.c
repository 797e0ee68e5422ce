/* Decoders that are added at start: one engine, several declarations, each with its own options. */
#include "daemon/cmd/commands.h"
#include "daemon/run/kinds.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a declaration holds, and what may be set. */
struct spec {
    const char *model;
};

struct options {
    int colour;
};

struct state {
    const struct spec *spec;
    struct options options;
};

static const char *const colours[] = {"red", "green", NULL};
static const struct hz_option table[] = {{.name = "colour",
                                          .type = HZ_OPTION_CHOICE,
                                          .at = offsetof(struct options, colour),
                                          .choices = colours,
                                          .fallback = "red",
                                          .help = "what it looks like"},
                                         {0}};

static int begin(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    struct state *s = state;
    (void)err;
    (void)err_len;
    s->spec = setup->spec;
    s->options = *(const struct options *)setup->options;
    return 0;
}

static void push(void *state, const struct hz_samples *samples, struct hz_sink *sink)
{
    (void)state;
    (void)samples;
    (void)sink;
}

static void nothing(void *state, struct hz_sink *sink)
{
    (void)state;
    (void)sink;
}

static void flush(void *state, struct hz_sink *sink)
{
    const struct state *s = state;
    struct hz_burst b = {.rssi_dbfs = NAN, .noise_dbfs = NAN, .snr_db = NAN, .offset_hz = NAN};
    struct hz_json *j = hz_sink_begin(sink, &b);
    hz_json_str(j, "model", s->spec->model);
    hz_json_str(j, "colour", colours[s->options.colour]);
    hz_sink_end(sink);
}

static void done(void *state)
{
    (void)state;
}

static const double freqs_hz[] = {100e6, 0};

/* A declaration for the one engine above. */
static struct hz_decoder declare(const char *name, const struct spec *spec)
{
    return (struct hz_decoder){.name = name,
                               .title = "",
                               .input = HZ_INPUT_BAND,
                               .rate_min_hz = 1e6,
                               .rate_max_hz = 3e6,
                               .rate_hz = 1e6,
                               .bandwidth_hz = 1e6,
                               .freqs_hz = freqs_hz,
                               .state_size = sizeof(struct state),
                               .options = table,
                               .options_size = sizeof(struct options),
                               .spec = spec,
                               .init = begin,
                               .push = push,
                               .reset = nothing,
                               .flush = flush,
                               .done = done};
}

/* The lines that `hertzd decode -d WHAT` writes for a recording of nothing. */
static void decode(const struct hz_registry *decoders, const char *what, char *out, size_t size)
{
    char path[] = "/tmp/hertzd-test-XXXXXX", lines[] = "/tmp/hertzd-test-XXXXXX", asked[64];
    char words[8][32] = {"decode", "-r", "1M", "-f", "100M", "-t", "cu8", "-d"};
    char *argv[11] = {NULL};
    int fd = mkstemp(path), to = mkstemp(lines), was = dup(STDOUT_FILENO);
    cr_assert(fd >= 0 && to >= 0 && was >= 0);
    cr_assert_eq(ftruncate(fd, 100000), 0);
    snprintf(asked, sizeof asked, "%s", what);
    for (size_t i = 0; i < 8; i++)
        argv[i] = words[i];
    argv[8] = asked;
    argv[9] = path;
    const struct hz_conf_kinds kinds = hz_kinds_with(decoders);
    fflush(stdout);
    dup2(to, STDOUT_FILENO);
    optind = 0;
    int rc = hz_cmd_decode(10, argv, &kinds);
    fflush(stdout);
    dup2(was, STDOUT_FILENO);
    ssize_t n = pread(to, out, size - 1, 0);
    out[n > 0 ? n : 0] = 0;
    unlink(path);
    unlink(lines);
    cr_expect_eq(rc, 0);
}

Test(registry, one_engine_serves_several_declarations)
{
    static const struct spec small = {"small"}, large = {"large"};
    const struct hz_decoder one = declare("sensor-small", &small),
                            two = declare("sensor-large", &large);
    struct hz_registry r;
    char err[200] = "", lines[2000];
    cr_assert_eq(hz_registry_init(&r), 0);
    cr_assert_eq(hz_registry_add(&r, &one, err, sizeof err), 0, "%s", err);
    cr_assert_eq(hz_registry_add(&r, &two, err, sizeof err), 0, "%s", err);
    decode(&r, "sensor-large,colour=green", lines, sizeof lines);
    cr_expect(strstr(lines, "\"sensor-large\":{\"model\":\"large\",\"colour\":\"green\"}"), "%s",
              lines);
    decode(&r, "sensor-small", lines, sizeof lines);
    cr_expect(strstr(lines, "\"sensor-small\":{\"model\":\"small\",\"colour\":\"red\"}"), "%s",
              lines);
    hz_registry_done(&r);
}

Test(registry, takes_any_number_and_refuses_what_is_impossible)
{
    enum { MANY = 300 };
    static struct hz_decoder made[MANY];
    static char names[MANY][HZ_DECODER_NAME_SIZE];
    struct hz_registry r;
    char err[200] = "";
    cr_assert_eq(hz_registry_init(&r), 0);
    for (size_t i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "sensor-%zu", i);
        made[i] = declare(names[i], NULL);
        cr_assert_eq(hz_registry_add(&r, &made[i], err, sizeof err), 0, "%s", err);
    }
    cr_expect_eq(hz_registry_find(&r, "sensor-299"), &made[299]);
    cr_expect_eq(hz_registry_find(&r, "adsb"), hz_decoder_find("adsb"));
    cr_expect_null(hz_registry_find(&r, "sensor-300"));
    struct hz_decoder odd = declare("sensor-7", NULL);
    cr_expect_eq(hz_registry_add(&r, &odd, err, sizeof err), -EEXIST);
    cr_expect_str_eq(err, "decoder sensor-7: there is one of that name already");
    odd.name = "a,b";
    cr_expect_eq(hz_registry_add(&r, &odd, err, sizeof err), -EINVAL);
    cr_expect_str_eq(err, "decoder 'a,b': expected a name of at most 31 small letters, digits, '-' "
                          "and '_'");
    odd.name = "big";
    odd.options_size = HZ_OPTIONS_SIZE + 1;
    cr_expect_eq(hz_registry_add(&r, &odd, err, sizeof err), -EINVAL);
    cr_expect_str_eq(err, "decoder big: its options take 129 bytes: expected at most 128");
    hz_registry_done(&r);
}

/* Values that a decoder is given when its section has none: those of its table, whose default is
 * one that it takes. */
Test(registry, every_default_is_a_value_that_is_taken)
{
    for (const struct hz_decoder *const *d = hz_decoders; *d; d++) {
        cr_expect_leq((*d)->options_size, HZ_OPTIONS_SIZE);
        for (const struct hz_option *o = (*d)->options; o && o->name; o++) {
            char expected[300];
            const char *value = o->fallback ? o->fallback : o->example;
            cr_assert(value && o->help, "%s: %s", (*d)->name, o->name);
            cr_expect_neq(o->type, HZ_OPTION_TEXT, "%s: %s: it would be freed by nobody",
                          (*d)->name, o->name);
            cr_expect_eq(hz_option_try(o, value, expected, sizeof expected), 0, "%s", expected);
        }
    }
}
