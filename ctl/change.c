#include "ctl/change.h"

#include "config/config.h"
#include "ctl/answer.h"
#include "ctl/clock.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* A change takes a few control transfers of at most 300 ms each with a dongle, and one message to a
 * server. */
enum { LOOK_MS = 20, WAIT_MS = 10000 };

static bool is_one_of(const char *s, const char *a, const char *b, const char *c)
{
    return strcmp(s, a) == 0 || strcmp(s, b) == 0 || strcmp(s, c) == 0;
}

/* Builds {"receiver":"roof","value":1090000000}. The value is a number or a boolean if it looks
 * like one. The daemon checks it. */
static cJSON *params_of(const struct hz_ctl_args *a)
{
    const char *s = a->words[1];
    const double sign = *s == '-' ? -1 : 1;
    double v;
    cJSON *params = cJSON_CreateObject();
    cJSON_AddStringToObject(params, "receiver", a->words[0]);
    if (is_one_of(s, "on", "yes", "true"))
        cJSON_AddTrueToObject(params, "value");
    else if (is_one_of(s, "off", "no", "false"))
        cJSON_AddFalseToObject(params, "value");
    else if (hz_parse_hz(sign < 0 ? s + 1 : s, &v) == 0)
        cJSON_AddNumberToObject(params, "value", sign * v);
    else
        cJSON_AddStringToObject(params, "value", s);
    if (a->force)
        cJSON_AddTrueToObject(params, "force");
    return params;
}

int hz_ctl_receiver(struct hz_ctl_client *c, const char *name, cJSON **receiver)
{
    cJSON *all = NULL;
    int rc = hz_ctl_call(c, "receivers", NULL, &all);
    if (rc < 0)
        return rc;
    *receiver = NULL;
    cJSON *row = hz_ctl_row(all, name);
    if (row)
        *receiver = cJSON_DetachItemViaPointer(all, row);
    else
        snprintf(c->err, sizeof c->err, "there is no receiver \"%.40s\"", name);
    cJSON_Delete(all);
    return *receiver ? 0 : -ENOENT;
}

/* Asks for the receiver repeatedly until the change is no longer in progress. */
static int wait_for_it(struct hz_ctl_client *c, const char *name, cJSON **receiver)
{
    for (int left = WAIT_MS;; left -= LOOK_MS) {
        int rc = hz_ctl_receiver(c, name, receiver);
        if (rc < 0)
            return rc;
        const char *tuning = hz_ctl_text(*receiver, "tuning");
        if (strcmp(tuning, "done") == 0)
            return 0;
        bool pending = strcmp(tuning, "pending") == 0 &&
                       strcmp(hz_ctl_text(*receiver, "state"), "streaming") == 0;
        if (pending && left <= 0)
            snprintf(c->err, sizeof c->err, "%s: not done within %d s", name, WAIT_MS / 1000);
        else if (!pending)
            snprintf(c->err, sizeof c->err, "%s: %s", name,
                     strcmp(tuning, "pending") != 0 && *tuning
                         ? tuning
                         : "the receiver stopped before it was done");
        if (!pending || left <= 0) {
            cJSON_Delete(*receiver);
            *receiver = NULL;
            return -EIO;
        }
        cJSON_Delete(*receiver);
        hz_ctl_pause_ms(LOOK_MS);
    }
}

int hz_ctl_set(struct hz_ctl_client *c, const char *method, cJSON *params, cJSON **receiver)
{
    cJSON *result = NULL;
    int rc = hz_ctl_call(c, method, params, &result);
    cJSON_Delete(result);
    return rc < 0 ? rc : wait_for_it(c, hz_ctl_text(params, "receiver"), receiver);
}

int hz_ctl_change(struct hz_ctl_client *c, const struct hz_ctl_args *a, cJSON **receiver)
{
    if (a->n_words < 2)
        return hz_ctl_receiver(c, a->words[0], receiver);
    cJSON *params = params_of(a);
    int rc = hz_ctl_set(c, a->command->name, params, receiver);
    cJSON_Delete(params);
    return rc;
}

static void print_gain(FILE *out, const cJSON *r, bool list)
{
    const cJSON *gain = hz_ctl_member(r, "gain_db"), *steps = hz_ctl_member(r, "gains_db"), *step;
    double nearest = NAN;
    if (*hz_ctl_text(r, "gain_stages")) {
        fprintf(out, "gain %s dB\n", hz_ctl_text(r, "gain_stages"));
    } else if (!cJSON_IsNumber(gain)) {
        fputs("gain auto\n", out);
    } else {
        cJSON_ArrayForEach(step, steps)
        {
            double from = fabs(step->valuedouble - gain->valuedouble);
            if (isnan(nearest) || from < fabs(nearest - gain->valuedouble))
                nearest = step->valuedouble;
        }
        fprintf(out, "gain %.1f dB", gain->valuedouble);
        if (!isnan(nearest) && fabs(nearest - gain->valuedouble) > 0.04)
            fprintf(out, " (the tuner's nearest step: %.1f dB)", nearest);
        fputc('\n', out);
    }
    if (list && steps)
        fputs("steps of its tuner, in dB:", out);
    for (step = list && steps ? steps->child : NULL; step; step = step->next)
        fprintf(out, " %.1f", step->valuedouble);
    if (list)
        fputs(steps ? "\n" : "the steps of its tuner are not known\n", out);
}

/* What the search for the gain has tried. */
static void print_tried(FILE *out, const cJSON *r)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, hz_ctl_member(r, "gain_tried"))
    {
        fprintf(out, "%6.1f dB: ", cJSON_GetNumberValue(hz_ctl_member(one, "gain_db")));
        if (hz_ctl_member(one, "messages_a_minute"))
            fprintf(out, "%.1f messages a minute in %.0f s",
                    cJSON_GetNumberValue(hz_ctl_member(one, "messages_a_minute")),
                    cJSON_GetNumberValue(hz_ctl_member(one, "seconds")));
        fprintf(out, "%s\n", cJSON_IsTrue(hz_ctl_member(one, "clips")) ? " clips" : "");
    }
}

static void print_why(FILE *out, const char *what, const char *why)
{
    if (*why)
        fprintf(out, "%s: %s\n", what, why);
}

void hz_ctl_change_print(FILE *out, const struct hz_ctl_args *a, const cJSON *r)
{
    const char *method = a->command->name;
    fprintf(out, "%s: ", a->words[0]);
    if (strcmp(method, "gain") == 0) {
        print_gain(out, r, a->n_words < 2);
        print_why(out, "best", hz_ctl_text(r, "gain_why"));
        if (a->n_words < 2)
            print_tried(out, r);
    } else if (strcmp(method, "tune") == 0) {
        fprintf(out, "centre %.10g MHz\n",
                cJSON_GetNumberValue(hz_ctl_member(r, "centre_hz")) / 1e6);
    } else if (strcmp(method, "ppm") == 0) {
        fprintf(out, "ppm %+.10g\n", cJSON_GetNumberValue(hz_ctl_member(r, "ppm")));
        print_why(out, "auto", hz_ctl_text(r, "ppm_why"));
    } else {
        fprintf(out, "bias tee %s\n", cJSON_IsTrue(hz_ctl_member(r, "bias_tee")) ? "on" : "off");
    }
}
