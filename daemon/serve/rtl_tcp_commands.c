#include "daemon/serve/rtl_tcp_commands.h"

#include "daemon/base/log.h"
#include "daemon/source/rtl_tuner.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Notes the outcome of a command for the status, since the protocol has no answers. */
static void answer(struct hz_rtl_commands *s, bool done, const char *asked, const char *why)
{
    s->done += done;
    s->ignored += !done;
    snprintf(s->last, sizeof s->last, "%s: %s", asked, why);
    hz_log(LOG_DEBUG, "listen %s: a client's %s", s->door->conf.name, s->last);
}

/* Requests a change, as hertzctl does. False: another one is under way; try again later. */
static bool ask(struct hz_rtl_commands *s, enum hz_knob knob)
{
    static const char *const names[HZ_KNOBS] = {"tune", "gain", "ppm", "bias"};
    const struct hz_listen_env *env = &s->door->all->env;
    double value = s->wish[knob];
    char err[HZ_ERROR_MAX] = "", asked[64];
    /* `control = yes` accepts the effect on channels */
    int rc =
        env->calls->set(env->calls_ctx, s->door->conf.receiver, knob, value, true, err, sizeof err);
    if (rc == -EBUSY)
        return false;
    if (isnan(value))
        snprintf(asked, sizeof asked, "%s auto", names[knob]);
    else
        snprintf(asked, sizeof asked, "%s %.10g", names[knob], value);
    answer(s, rc == 0, asked, rc == 0 ? "done" : err);
    return true;
}

void hz_rtl_commands_retry(struct hz_rtl_commands *s)
{
    for (int w = 0; w < HZ_KNOBS; w++) {
        if (s->wished[w] && ask(s, (enum hz_knob)w))
            s->wished[w] = false;
    }
}

static void wish(struct hz_rtl_commands *s, enum hz_knob w, double value)
{
    s->wish[w] = value;
    s->wished[w] = true;
    hz_rtl_commands_retry(s);
}

static void wish_gain(struct hz_rtl_commands *s)
{
    if (!s->manual)
        wish(s, HZ_KNOB_GAIN, NAN);
    else if (!isnan(s->gain_db))
        wish(s, HZ_KNOB_GAIN, s->gain_db);
}

/* Sets a gain by its index in the list of the tuner in the greeting. */
static bool wish_gain_index(struct hz_rtl_commands *s, uint32_t index)
{
    const struct hz_rtl_tuner *tuner = hz_rtl_tuner(s->tuner);
    if (!tuner || tuner->n_gains != s->n_gains || index >= tuner->n_gains)
        return false;
    s->gain_db = tuner->gains[index] / 10.0;
    wish_gain(s);
    return true;
}

/* True: it was accepted. */
static bool obey(struct hz_rtl_commands *s, uint8_t command, uint32_t value)
{
    switch (command) {
    case 0x01:
        wish(s, HZ_KNOB_CENTRE, value);
        return true;
    case 0x03:
        s->manual = value != 0;
        wish_gain(s);
        return true;
    case 0x04:
        s->gain_db = (double)(int32_t)value / 10;
        wish_gain(s);
        return true;
    case 0x05:
        wish(s, HZ_KNOB_PPM, (int32_t)value);
        return true;
    case 0x0d:
        return wish_gain_index(s, value);
    case 0x0e:
        wish(s, HZ_KNOB_BIAS, value != 0);
        return true;
    default: /* unknown, or harmful to hertzd's own channels */
        return false;
    }
}

void hz_rtl_commands_take(struct hz_rtl_commands *s, const uint8_t c[HZ_RTL_COMMAND])
{
    static const char *const names[] = {
        [0x01] = "frequency",     [0x02] = "sample rate", [0x03] = "gain mode",
        [0x04] = "gain",          [0x05] = "ppm",         [0x06] = "IF gain",
        [0x07] = "test mode",     [0x08] = "AGC",         [0x09] = "direct sampling",
        [0x0a] = "offset tuning", [0x0b] = "crystal",     [0x0c] = "tuner crystal",
        [0x0d] = "gain by index", [0x0e] = "bias tee"};
    uint32_t value = (uint32_t)c[1] << 24 | (uint32_t)c[2] << 16 | (uint32_t)c[3] << 8 | c[4];
    const char *name = c[0] < sizeof names / sizeof *names ? names[c[0]] : NULL;
    char asked[64];
    snprintf(asked, sizeof asked, "%s (0x%02x) %u", name ? name : "unknown", c[0], value);
    if (!s->door->conf.control)
        answer(s, false, asked, "refused: the listener has control = no");
    else if (!obey(s, c[0], value))
        answer(s, false, asked, "refused: clients may set frequency, gain, ppm and bias tee");
}

/* Updates the tuner of the source, which may have changed. If unknown: an R820T, the most common.
 */
static void learn_tuner(struct hz_rtl_commands *s)
{
    const struct hz_listen_env *env = &s->door->all->env;
    if (env->calls->tuner(env->calls_ctx, s->door->conf.receiver, &s->tuner, &s->n_gains))
        return;
    s->tuner = HZ_RTL_R820T;
    s->n_gains = (uint32_t)hz_rtl_tuner(HZ_RTL_R820T)->n_gains;
}

void hz_rtl_commands_greet(struct hz_rtl_commands *s, uint8_t out[HZ_RTL_GREETING])
{
    learn_tuner(s);
    const uint32_t words[] = {s->tuner, s->n_gains};
    memcpy(out, "RTL0", 4);
    for (size_t i = 0; i < 8; i++)
        out[4 + i] = (uint8_t)(words[i / 4] >> (24 - 8 * (i % 4)));
}

void hz_rtl_commands_init(struct hz_rtl_commands *s, const struct hz_door *door)
{
    *s = (struct hz_rtl_commands){.door = door, .gain_db = NAN};
}

void hz_rtl_commands_describe(const struct hz_rtl_commands *s, cJSON *o)
{
    cJSON_AddNumberToObject(o, "commands_done", (double)s->done);
    cJSON_AddNumberToObject(o, "commands_ignored", (double)s->ignored);
    cJSON_AddStringToObject(o, "last_command", s->last);
}
