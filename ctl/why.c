#include "ctl/why.h"

#include "config/config.h"
#include "ctl/answer.h"
#include "ctl/clock.h"
#include "ctl/parts.h"
#include "ctl/verdict.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS_MAX = 256 };

/* What is asked of hertzd in the course of a look. */
struct look {
    struct hz_ctl_client *c;
    const struct hz_ctl_args *args;
    cJSON *before, *after, *clients;
    double seconds;
    cJSON *report;                     /* --json: what was found */
    const char *told[HZ_VERDICTS_MAX]; /* codes: what was printed of this band */
    size_t n_told;
    bool wrong;
};

/* What was found of one channel. */
struct found {
    struct hz_verdict verdict[HZ_VERDICTS_MAX];
    size_t n;
};

/* Whether a channel is asked for, and is of the receiver. */
static bool is_asked(const struct look *l, const cJSON *channel, const cJSON *receiver)
{
    bool named =
        l->args->n_words == 0 || strcmp(l->args->words[0], hz_ctl_text(channel, "name")) == 0;
    return named && strcmp(hz_ctl_text(channel, "receiver"), hz_ctl_text(receiver, "name")) == 0;
}

/* ---- what is told ----------------------------------------------------------------------- */

static void print(const struct hz_verdict *v)
{
    printf("  %s%s: %s: %s\n", hz_severity_name(v->severity), v->likely ? ", likely" : "", v->code,
           v->what);
    if (*v->remedy)
        printf("      %s\n", v->remedy);
}

/* Prints what is of the receiver and was not printed yet. */
static void print_receiver(struct look *l, const struct hz_evidence *e, const struct found *f)
{
    for (size_t i = 0; i < f->n; i++) {
        const struct hz_verdict *v = &f->verdict[i];
        bool known = false;
        for (size_t k = 0; k < l->n_told; k++)
            known |= strcmp(l->told[k], v->code) == 0;
        if (!v->of_receiver || known || l->n_told == HZ_VERDICTS_MAX)
            continue;
        if (l->n_told == 0)
            printf("receiver %s (%.4f MHz, %.3f MHz wide)\n", e->receiver, e->centre_hz / 1e6,
                   e->rate_hz / 1e6);
        l->told[l->n_told++] = v->code;
        print(v);
    }
}

static void print_channel(const struct hz_evidence *e, const struct found *f)
{
    size_t own = 0;
    printf("channel %s (%s, %.4f MHz, of %s)\n", e->channel, e->decoder, e->freq_hz / 1e6,
           e->receiver);
    for (size_t i = 0; i < f->n; i++) {
        if (f->verdict[i].of_receiver)
            continue;
        print(&f->verdict[i]);
        own++;
    }
    if (own == 0)
        puts("  what is said of its receiver is why");
}

static void add_figure(cJSON *o, const char *name, double value)
{
    if (isfinite(value))
        cJSON_AddNumberToObject(o, name, round(value * 1000) / 1000);
}

static cJSON *figures(const struct hz_evidence *e)
{
    cJSON *o = cJSON_CreateObject();
    add_figure(o, "samples", e->samples);
    if (e->hops) {
        add_figure(o, "looked_s", e->looked_s);
        add_figure(o, "coverage", e->coverage);
        add_figure(o, "next_s", e->next_s);
    }
    add_figure(o, "clip_percent", e->clip_percent);
    add_figure(o, "noise_dbfs", e->noise_dbfs);
    add_figure(o, "rounding_dbfs", e->rounding_dbfs);
    add_figure(o, "ppm_heard", e->ppm_heard);
    add_figure(o, "messages", e->messages);
    add_figure(o, "refused", e->refused);
    add_figure(o, "failed", e->failed);
    add_figure(o, "failed_snr_db", e->failed_snr_db);
    add_figure(o, "failed_offset_hz", e->failed_offset_hz);
    add_figure(o, "snr_db", e->snr_db);
    add_figure(o, "open", e->open);
    if (e->looked) {
        add_figure(o, "band_over_db", (double)e->band_over_db);
        add_figure(o, "noise_moved_db", (double)e->moved_db);
        add_figure(o, "uneven_db", (double)e->uneven_db);
    }
    if (e->seen) {
        add_figure(o, "over_db", (double)e->sign.over_db);
        add_figure(o, "always_over_db", (double)e->sign.always_db);
        add_figure(o, "busy", (double)e->sign.busy);
        add_figure(o, "width_hz", (double)e->sign.width_hz);
        add_figure(o, "beside_hz", e->sign.offset_hz);
    }
    return o;
}

static void add_report(cJSON *to, const struct hz_evidence *e, const struct found *f)
{
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "channel", e->channel);
    cJSON_AddStringToObject(o, "receiver", e->receiver);
    cJSON_AddStringToObject(o, "decoder", e->decoder);
    add_figure(o, "freq_hz", e->freq_hz);
    add_figure(o, "seconds", e->seconds);
    cJSON *list = cJSON_AddArrayToObject(o, "verdicts");
    for (size_t i = 0; i < f->n; i++) {
        const struct hz_verdict *v = &f->verdict[i];
        cJSON *verdict = cJSON_CreateObject();
        cJSON_AddStringToObject(verdict, "about", v->of_receiver ? "receiver" : "channel");
        cJSON_AddStringToObject(verdict, "code", v->code);
        cJSON_AddStringToObject(verdict, "severity", hz_severity_name(v->severity));
        cJSON_AddBoolToObject(verdict, "likely", v->likely);
        cJSON_AddStringToObject(verdict, "what", v->what);
        cJSON_AddStringToObject(verdict, "remedy", v->remedy);
        cJSON_AddItemToArray(list, verdict);
    }
    cJSON_AddItemToObject(o, "figures", figures(e));
    cJSON_AddItemToArray(to, o);
}

/* Tells of one channel; `heads`: only of what its receiver has. */
static void tell(struct look *l, const struct hz_evidence *e, bool heads)
{
    struct found f;
    f.n = hz_verdicts(e, f.verdict);
    for (size_t i = 0; i < f.n; i++)
        l->wrong |= f.verdict[i].severity == HZ_VERDICT_WRONG;
    if (l->report && heads)
        add_report(l->report, e, &f);
    else if (heads)
        print_receiver(l, e, &f);
    else if (!l->report)
        print_channel(e, &f);
}

/* First what is of the receiver in this band, once, then the channels there. */
static void conclude(struct look *l, const cJSON *receiver, const struct hz_ctl_parts *parts,
                     const struct hz_ctl_part *part)
{
    const struct hz_ctl_answers answers = {l->before, l->after, l->clients, l->seconds};
    const cJSON *channel;
    l->n_told = 0;
    for (int heads = 1; heads >= 0; heads--) {
        cJSON_ArrayForEach(channel, hz_ctl_member(l->after, "channels"))
        {
            if (!is_asked(l, channel, receiver) || hz_ctl_parts_of(parts, channel) != part)
                continue;
            struct hz_evidence e = hz_ctl_evidence(&answers, channel, part);
            tell(l, &e, heads);
        }
    }
}

/* ---- the command ------------------------------------------------------------------------ */

/* Whether a channel that is asked for is of the receiver. */
static bool is_wanted(const struct look *l, const cJSON *status, const cJSON *receiver)
{
    const cJSON *channel;
    cJSON_ArrayForEach(channel, hz_ctl_member(status, "channels"))
    {
        if (is_asked(l, channel, receiver))
            return true;
    }
    return false;
}

/* The status is asked for again right after the look at the receiver, and so counts its time. */
static int look_and_tell(struct look *l, const cJSON *receiver)
{
    struct hz_ctl_parts parts;
    double began = hz_ctl_seconds(CLOCK_MONOTONIC);
    int rc = hz_ctl_parts_init(&parts, receiver);
    if (rc == 0)
        rc = hz_ctl_call(l->c, "status", NULL, &l->before);
    if (rc == 0)
        rc = hz_ctl_parts_look(&parts, l->c, receiver, (double)l->args->seconds);
    if (rc == 0)
        rc = hz_ctl_call(l->c, "status", NULL, &l->after);
    l->seconds = hz_ctl_seconds(CLOCK_MONOTONIC) - began;
    if (rc == 0)
        rc = hz_ctl_call(l->c, "clients", NULL, &l->clients);
    for (size_t i = 0; i < parts.n && rc == 0; i++)
        conclude(l, receiver, &parts, &parts.list[i]);
    hz_ctl_parts_done(&parts);
    cJSON_Delete(l->before);
    cJSON_Delete(l->after);
    cJSON_Delete(l->clients);
    l->before = l->after = l->clients = NULL;
    return rc;
}

static int unknown_channel(struct look *l, const cJSON *status)
{
    const char *names[CHANNELS_MAX + 1] = {NULL};
    const cJSON *channel, *all = hz_ctl_member(status, "channels");
    size_t n = 0;
    cJSON_ArrayForEach(channel, all)
    {
        if (n < CHANNELS_MAX)
            names[n++] = hz_ctl_text(channel, "name");
    }
    if (l->args->n_words == 0) {
        snprintf(l->c->err, sizeof l->c->err, "there is no channel, so nothing is decoded");
        return -ENOENT;
    }
    const char *near = hz_nearest(l->args->words[0], names);
    snprintf(l->c->err, sizeof l->c->err, "there is no channel '%s'%s%s%s", l->args->words[0],
             near ? ", did you mean '" : "; see hertzctl channels", near ? near : "",
             near ? "'?" : "");
    return HZ_CTL_USAGE;
}

int hz_ctl_why(struct hz_ctl_client *c, const struct hz_ctl_args *a)
{
    struct look l = {.c = c, .args = a, .report = a->json ? cJSON_CreateArray() : NULL};
    cJSON *status = NULL;
    const cJSON *receiver;
    bool any = false;
    int rc = hz_ctl_call(c, "status", NULL, &status);
    cJSON_ArrayForEach(receiver, hz_ctl_member(status, "receivers"))
    {
        bool wanted = is_wanted(&l, status, receiver);
        any |= wanted;
        if (rc == 0 && wanted)
            rc = look_and_tell(&l, receiver);
    }
    if (rc == 0 && !any)
        rc = unknown_channel(&l, status);
    if (rc == 0 && l.report) {
        char *json = cJSON_PrintUnformatted(l.report);
        puts(json ? json : "null");
        free(json);
    }
    cJSON_Delete(l.report);
    cJSON_Delete(status);
    return rc != 0 ? rc : l.wrong ? HZ_CTL_FAILED : HZ_CTL_DONE;
}
