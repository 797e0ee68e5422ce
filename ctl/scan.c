#include "ctl/scan.h"

#include "config/config.h"
#include "config/heard.h"
#include "ctl/answer.h"
#include "ctl/change.h"
#include "ctl/scan_look.h"
#include "ctl/scan_plan.h"
#include "ctl/spectrum.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    BINS = 1024,
    FPS = 50,         /* the shortest frames: nothing is held */
    FRAMES = 25,      /* in one request, after which Ctrl-C is looked for */
    CARRIERS_MAX = 64 /* of one band */
};

struct scan {
    struct hz_ctl_client *c;
    const char *receiver;
    long seconds; /* at each centre */
    cJSON *found;
    struct hz_scan_plan plan;
};

/* Whether Ctrl-C or SIGTERM came: both are blocked while the tuner is elsewhere. */
static bool interrupted(void)
{
    sigset_t pending;
    return sigpending(&pending) == 0 &&
           (sigismember(&pending, SIGINT) == 1 || sigismember(&pending, SIGTERM) == 1);
}

static int tune(const struct scan *s, double hz)
{
    cJSON *params = cJSON_CreateObject(), *r = NULL;
    cJSON_AddStringToObject(params, "receiver", s->receiver);
    cJSON_AddNumberToObject(params, "value", round(hz));
    cJSON_AddTrueToObject(params, "force");
    int rc = hz_ctl_set(s->c, "tune", params, &r);
    cJSON_Delete(params);
    cJSON_Delete(r);
    return rc;
}

/* ---- channels for the while ------------------------------------------------------------- */

static void name_of(const struct hz_scan_place *p, char *name, size_t size)
{
    snprintf(name, size, "scan-%.10s-%.9g", p->decoder, p->freq_hz / 1e6);
}

static void remove_channel(const struct scan *s, const struct hz_scan_place *p)
{
    char name[64];
    cJSON *params = cJSON_CreateObject(), *result = NULL;
    name_of(p, name, sizeof name);
    cJSON_AddStringToObject(params, "channel", name);
    hz_ctl_call(s->c, "remove_channel", params, &result);
    cJSON_Delete(params);
    cJSON_Delete(result);
}

/* A channel that cannot be (a rate that its decoder does not take) is not: its power is seen all
 * the same. */
static void add_channel(const struct scan *s, const struct hz_scan_place *p)
{
    char name[64];
    cJSON *params = cJSON_CreateObject(), *result = NULL;
    name_of(p, name, sizeof name);
    cJSON_AddStringToObject(params, "receiver", s->receiver);
    cJSON_AddStringToObject(params, "name", name);
    cJSON_AddStringToObject(params, "decoder", p->decoder);
    cJSON_AddNumberToObject(params, "frequency", p->freq_hz);
    hz_ctl_call(s->c, "add_channel", params, &result);
    cJSON_Delete(params);
    cJSON_Delete(result);
}

/* The messages of a place; -1: its channel could not be. */
static double messages_of(const cJSON *channels, const struct hz_scan_place *p)
{
    char name[64];
    name_of(p, name, sizeof name);
    const cJSON *row = hz_ctl_row(channels, name);
    return row ? hz_ctl_count(row, "messages") : -1;
}

/* ---- one band --------------------------------------------------------------------------- */

static int take_frame(struct hz_scan_look *l, const cJSON *answer, const cJSON *frame)
{
    float *db = hz_scan_look_add(l);
    if (!db)
        return -ENOMEM;
    for (size_t i = hz_ctl_levels(answer, frame, db, l->bins); i < l->bins; i++)
        db[i] = (float)hz_ctl_count(frame, "db_min");
    return 0;
}

/* Some frames of the band. Those of a band before the tuning begin anew. */
static int look(const struct scan *s, struct hz_scan_look *l)
{
    cJSON *answer = NULL;
    const cJSON *frame;
    int rc = hz_ctl_spectrum(s->c, s->receiver, BINS, FPS, FRAMES, &answer);
    double from_hz = hz_ctl_count(answer, "from"), to_hz = hz_ctl_count(answer, "to");
    if (rc == 0 && (from_hz != l->from_hz || to_hz != l->to_hz)) {
        hz_scan_look_done(l);
        hz_scan_look_init(l, from_hz, to_hz, (size_t)hz_ctl_count(answer, "bins"));
    }
    cJSON_ArrayForEach(frame, hz_ctl_member(answer, "frames"))
    {
        rc = rc == 0 ? take_frame(l, answer, frame) : rc;
    }
    cJSON_Delete(answer);
    return rc;
}

static cJSON *add_row(struct scan *s, double freq_hz, const char *decoder, double width_hz,
                      const struct hz_scan_level *level)
{
    const struct hz_heard_band *band = hz_heard_band(freq_hz);
    cJSON *row = cJSON_CreateObject();
    cJSON_AddNumberToObject(row, "freq_hz", round(freq_hz));
    if (decoder)
        cJSON_AddStringToObject(row, "decoder", decoder);
    cJSON_AddNumberToObject(row, "width_hz", round(width_hz));
    cJSON_AddNumberToObject(row, "over_db", round(level->over_db * 10) / 10);
    cJSON_AddNumberToObject(row, "duty_percent", round(level->duty * 1000) / 10);
    if (band)
        cJSON_AddStringToObject(row, "what", band->what);
    cJSON_AddItemToArray(s->found, row);
    return row;
}

/* Whether a carrier lies in one of the places that were shown, or was shown from the band before.
 */
static bool is_shown(const struct scan *s, const struct hz_scan_carrier *k)
{
    const cJSON *row;
    cJSON_ArrayForEach(row, s->found)
    {
        double width = fmax(hz_ctl_count(row, "width_hz"), k->width_hz);
        if (fabs(hz_ctl_count(row, "freq_hz") - k->freq_hz) <= width / 2)
            return true;
    }
    return false;
}

static void judge(struct scan *s, struct hz_scan_look *l, size_t first, size_t end,
                  const cJSON *channels)
{
    struct hz_scan_carrier carriers[CARRIERS_MAX];
    struct hz_scan_level level;
    if (hz_scan_look_judge(l) < 0)
        return;
    for (size_t i = first; i < end; i++) {
        const struct hz_scan_place *p = &s->plan.places[i];
        double messages = messages_of(channels, p);
        if (!hz_scan_look_channel(l, p->freq_hz, p->width_hz, &level) ||
            (level.over_db < HZ_SCAN_OVER_DB && messages <= 0))
            continue;
        cJSON *row = add_row(s, p->freq_hz, p->decoder, p->width_hz, &level);
        if (messages >= 0)
            cJSON_AddNumberToObject(row, "messages", messages);
    }
    size_t n = hz_scan_look_carriers(l, carriers, CARRIERS_MAX);
    for (size_t i = 0; i < n; i++) {
        const struct hz_heard_band *band = hz_heard_band(carriers[i].freq_hz);
        if (!is_shown(s, &carriers[i]))
            add_row(s, carriers[i].freq_hz, band ? band->decoder : NULL, carriers[i].width_hz,
                    &carriers[i].level);
    }
}

/* The places that are seen from a centre and from no centre before. */
static size_t places_from(const struct scan *s, size_t first, double half_hz, double centre_hz)
{
    size_t end = first;
    while (end < s->plan.n_places && s->plan.places[end].freq_hz <= centre_hz + half_hz)
        end++;
    return end;
}

static int step(struct scan *s, double centre_hz, size_t first, size_t end)
{
    struct hz_scan_look l = {0};
    cJSON *channels = NULL;
    int rc = tune(s, centre_hz);
    if (rc == -EPROTO) { /* refused: this tuner does not reach it */
        fprintf(stderr, "hertzctl: scan: %s\n", s->c->err);
        return 0;
    }
    for (size_t i = first; i < end && rc == 0; i++) {
        remove_channel(s, &s->plan.places[i]); /* one that a scan before has left */
        add_channel(s, &s->plan.places[i]);
    }
    for (long n = s->seconds * FPS; n > 0 && rc == 0 && !interrupted(); n -= FRAMES)
        rc = look(s, &l);
    if (rc == 0)
        rc = hz_ctl_call(s->c, "channels", NULL, &channels);
    for (size_t i = first; i < end; i++)
        remove_channel(s, &s->plan.places[i]);
    if (rc == 0)
        judge(s, &l, first, end, channels);
    cJSON_Delete(channels);
    hz_scan_look_done(&l);
    return rc;
}

/* ---- the sweep -------------------------------------------------------------------------- */

static int sweep(struct scan *s, double rate_hz)
{
    const struct hz_scan_plan *p = &s->plan;
    int rc = 0;
    size_t first = 0;
    for (size_t i = 0; i < p->n_centres && rc == 0 && !interrupted(); i++) {
        if (isatty(STDERR_FILENO))
            fprintf(stderr, "\r%zu of %zu: %.3f MHz ", i + 1, p->n_centres, p->centres[i] / 1e6);
        size_t end = places_from(s, first, rate_hz / 2 * 0.9, p->centres[i]);
        rc = step(s, p->centres[i], first, end);
        first = end;
    }
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
    return rc;
}

/* Whose channels hear nothing meanwhile. */
static void tell_channels(const struct scan *s)
{
    cJSON *channels = NULL;
    const cJSON *row;
    const char *lead = "hertzctl: scan: these channels hear nothing meanwhile: ";
    if (hz_ctl_call(s->c, "channels", NULL, &channels) < 0)
        return;
    cJSON_ArrayForEach(row, channels)
    {
        if (strcmp(hz_ctl_text(row, "receiver"), s->receiver) != 0)
            continue;
        fprintf(stderr, "%s%s", lead, hz_ctl_text(row, "name"));
        lead = ", ";
    }
    if (*lead == ',')
        fputc('\n', stderr);
    cJSON_Delete(channels);
}

/* Reads a frequency of the command line. */
static int read_hz(struct hz_ctl_client *c, const char *word, double *hz)
{
    char meant[64];
    if (hz_unit_forgotten(word, meant, sizeof meant))
        snprintf(c->err, sizeof c->err, "'%.40s': expected a unit, as %s", word, meant);
    else if (hz_parse_hz(word, hz) < 0)
        snprintf(c->err, sizeof c->err, "'%.40s': expected a frequency, as 144.8M", word);
    else
        return 0;
    return -EINVAL;
}

static int read_range(struct hz_ctl_client *c, const struct hz_ctl_args *a, double *from_hz,
                      double *to_hz)
{
    *from_hz = *to_hz = 0;
    if (a->n_words == 1)
        return 0;
    if (a->n_words == 2) {
        snprintf(c->err, sizeof c->err, "'%.40s': expected a second frequency, where it ends",
                 a->words[1]);
        return -EINVAL;
    }
    int rc = read_hz(c, a->words[1], from_hz);
    rc = rc == 0 ? read_hz(c, a->words[2], to_hz) : rc;
    if (rc == 0 && *to_hz <= *from_hz) {
        snprintf(c->err, sizeof c->err, "'%.40s': expected more than %.40s", a->words[2],
                 a->words[1]);
        rc = -EINVAL;
    }
    return rc;
}

/* The steps, from what the daemon's decoders declare. */
static int plan(struct scan *s, cJSON **decoders, double from_hz, double to_hz, double rate_hz)
{
    int rc = hz_ctl_call(s->c, "decoders", NULL, decoders);
    if (rc == 0)
        rc = hz_scan_plan_make(&s->plan, *decoders, from_hz, to_hz, rate_hz);
    if (rc == -E2BIG)
        snprintf(s->c->err, sizeof s->c->err, "expected at most %d steps of %.1f MHz",
                 HZ_SCAN_STEPS, rate_hz * 0.8 / 1e6);
    return rc;
}

/* What the sweep needs while the tuner may be elsewhere: that nothing ends this program before it
 * has put the tuner back. */
static int sweep_and_return(struct scan *s, double rate_hz, double centre_hz)
{
    char err[sizeof s->c->err];
    sigset_t stop, before;
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop, &before);
    tell_channels(s);
    int rc = sweep(s, rate_hz);
    memcpy(err, s->c->err, sizeof err);
    int back = tune(s, centre_hz);
    if (rc != 0)
        memcpy(s->c->err, err, sizeof err);
    bool ended = interrupted();
    while (interrupted())
        sigwaitinfo(&stop, NULL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (ended)
        fputs("hertzctl: scan: ended early; the tuner is back where it was\n", stderr);
    return rc != 0 ? rc : back;
}

int hz_ctl_scan(struct hz_ctl_client *c, const struct hz_ctl_args *a, cJSON **found)
{
    struct scan *s = calloc(1, sizeof *s);
    cJSON *r = NULL, *decoders = NULL;
    double from_hz, to_hz;
    int rc = s ? read_range(c, a, &from_hz, &to_hz) : -ENOMEM;
    if (rc == 0)
        rc = hz_ctl_receiver(c, a->words[0], &r);
    double rate_hz = hz_ctl_count(r, "rate_hz"), centre_hz = hz_ctl_count(r, "centre_hz");
    if (rc == 0 && strcmp(hz_ctl_text(r, "state"), "streaming") != 0) {
        snprintf(c->err, sizeof c->err, "receiver %.40s is %s: expected streaming", a->words[0],
                 hz_ctl_text(r, "state"));
        rc = -EAGAIN;
    }
    if (rc == 0) {
        *s = (struct scan){.c = c, .receiver = a->words[0], .seconds = a->seconds};
        s->found = cJSON_CreateArray();
        rc = tune(s, centre_hz); /* a source that cannot be tuned is refused here */
    }
    if (rc == 0)
        rc = plan(s, &decoders, from_hz, to_hz, rate_hz);
    if (rc == 0)
        rc = sweep_and_return(s, rate_hz, centre_hz);
    if (rc == 0)
        *found = s->found;
    else if (s)
        cJSON_Delete(s->found);
    cJSON_Delete(r);
    cJSON_Delete(decoders);
    free(s);
    return rc;
}
