#include "ctl/parts.h"

#include "config/config.h"
#include "ctl/answer.h"
#include "ctl/clock.h"
#include "ctl/spectrum.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    FPS = 4,    /* pictures a second: so short that a transmission fills a good part of one */
    FRAMES = 8, /* in one request: hz_ctl_call does not wait for long */
};
#define ALIVE_S 1.5 /* samples that are as old still come */
#define NEAR_HZ 1e3 /* a picture's edges are those of bins */

static void add(struct hz_ctl_parts *p, double centre_hz)
{
    if (p->n < HZ_HOPS_MAX)
        p->list[p->n++] =
            (struct hz_ctl_part){.centre_hz = centre_hz, .clip_percent = NAN, .noise_dbfs = NAN};
}

int hz_ctl_parts_init(struct hz_ctl_parts *p, const cJSON *receiver)
{
    const cJSON *bands = hz_ctl_member(receiver, "bands"), *band;
    *p = (struct hz_ctl_parts){.list = calloc(HZ_HOPS_MAX, sizeof *p->list), .hops = bands != NULL};
    if (!p->list)
        return -ENOMEM;
    cJSON_ArrayForEach(band, bands) add(p, hz_ctl_number(band, "centre_hz"));
    if (!bands)
        add(p, hz_ctl_number(receiver, "centre_hz"));
    return 0;
}

void hz_ctl_parts_done(struct hz_ctl_parts *p)
{
    for (size_t i = 0; i < p->n; i++)
        hz_ctl_band_done(&p->list[i].band);
    free(p->list);
    *p = (struct hz_ctl_parts){0};
}

/* ---- looking ---------------------------------------------------------------------------- */

/* The part of which an answer is; NULL: the band has changed meanwhile. */
static struct hz_ctl_part *part_at(const struct hz_ctl_parts *p, double centre_hz)
{
    for (size_t i = 0; i < p->n; i++) {
        if (!p->hops || fabs(p->list[i].centre_hz - centre_hz) < NEAR_HZ)
            return &p->list[i];
    }
    return NULL;
}

/* What the status tells of the band that is tuned. */
static int take_figures(struct hz_ctl_part *part, struct hz_ctl_client *c, const char *receiver)
{
    cJSON *all = NULL;
    int rc = hz_ctl_call(c, "receivers", NULL, &all);
    const cJSON *now = hz_ctl_row(all, receiver);
    if (rc == 0 && hz_ctl_number(now, "centre_hz") == part->centre_hz) {
        part->clip_percent = hz_ctl_number(now, "clip_percent");
        part->noise_dbfs = hz_ctl_number(now, "noise_dbfs");
    }
    cJSON_Delete(all);
    return rc;
}

static int take_pictures(const struct hz_ctl_parts *p, struct hz_ctl_client *c,
                         const char *receiver, int frames)
{
    cJSON *answer = NULL;
    const cJSON *frame;
    int rc = hz_ctl_spectrum(c, receiver, HZ_CTL_BINS, FPS, frames, &answer);
    double from_hz = hz_ctl_number(answer, "from"), to_hz = hz_ctl_number(answer, "to");
    struct hz_ctl_part *part = rc == 0 ? part_at(p, (from_hz + to_hz) / 2) : NULL;
    cJSON_ArrayForEach(frame, hz_ctl_member(answer, "frames"))
    {
        float levels[HZ_CTL_BINS];
        size_t n = hz_ctl_levels(answer, frame, levels, HZ_CTL_BINS);
        if (rc == 0 && part)
            rc = hz_ctl_band_add(&part->band, from_hz, to_hz, levels, n);
    }
    cJSON_Delete(answer);
    return rc == 0 && part && p->hops ? take_figures(part, c, receiver) : rc;
}

/* Whether samples come just now. One that does not give any has no pictures to wait for. */
static bool is_alive(const cJSON *receiver)
{
    return strcmp(hz_ctl_text(receiver, "state"), "streaming") == 0 &&
           hz_ctl_number(receiver, "last_block_age_s") < ALIVE_S;
}

/* Where the band changes, each request is for one picture: all of an answer are of one band. */
int hz_ctl_parts_look(struct hz_ctl_parts *p, struct hz_ctl_client *c, const cJSON *receiver,
                      double seconds)
{
    const double end = hz_ctl_seconds(CLOCK_MONOTONIC) + seconds;
    const int most = p->hops ? 1 : FRAMES;
    int rc = 0, left = (int)fmin(seconds * FPS, HZ_CTL_PICTURES);
    while (rc == 0 && left > 0 && is_alive(receiver) && hz_ctl_seconds(CLOCK_MONOTONIC) < end) {
        int now = left < most ? left : most;
        rc = take_pictures(p, c, hz_ctl_text(receiver, "name"), now);
        left -= now;
    }
    for (size_t i = 0; i < p->n; i++)
        hz_ctl_band_end(&p->list[i].band);
    if (rc == -EPROTO) /* it has gone, or has too many viewers: the status will tell */
        rc = 0;
    double rest_s = end - hz_ctl_seconds(CLOCK_MONOTONIC);
    if (rc == 0 && rest_s > 0)
        hz_ctl_pause_ms(1000 * rest_s);
    return rc;
}

const struct hz_ctl_part *hz_ctl_parts_of(const struct hz_ctl_parts *p, const cJSON *channel)
{
    const struct hz_ctl_part *best = NULL;
    const cJSON *centre;
    cJSON_ArrayForEach(centre, hz_ctl_member(channel, "bands"))
    {
        const struct hz_ctl_part *part = part_at(p, centre->valuedouble);
        if (part && (!best || part->band.pictures > best->band.pictures))
            best = part;
    }
    return best ? best : &p->list[0];
}
