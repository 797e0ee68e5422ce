#include "ctl/scan_plan.h"

#include "config/heard.h"
#include "ctl/answer.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of the band: what lies further out is weakened by the filters. */
#define USED 0.8
/* What an RTL-SDR with the usual tuner reaches; another may refuse a centre, which is skipped. */
#define LOWEST_HZ  24e6
#define HIGHEST_HZ 1766e6
/* A narrow channel is kept so far from the spike in the middle of the band. */
#define SPIKE_HZ  15e3
#define NARROW_HZ 100e3

/* ---- places ----------------------------------------------------------------------------- */

static void add(struct hz_scan_plan *p, const cJSON *decoder, double freq_hz, double from_hz,
                double to_hz)
{
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(decoder, "name"));
    if (!name || freq_hz < from_hz || freq_hz > to_hz || p->n_places == HZ_SCAN_PLACES)
        return;
    for (size_t i = 0; i < p->n_places; i++) {
        if (strcmp(p->places[i].decoder, name) == 0 && p->places[i].freq_hz == freq_hz)
            return;
    }
    p->places[p->n_places++] =
        (struct hz_scan_place){name, freq_hz, hz_ctl_count(decoder, "bandwidth_hz")};
}

/* What the decoder declares, and what is usual somewhere in the world. */
static void add_decoder(struct hz_scan_plan *p, const cJSON *decoder, double from_hz, double to_hz)
{
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(decoder, "name"));
    const cJSON *hz;
    cJSON_ArrayForEach(hz, cJSON_GetObjectItemCaseSensitive(decoder, "freqs_hz"))
        add(p, decoder, hz->valuedouble, from_hz, to_hz);
    for (const struct hz_heard *h = hz_heard; h->interest; h++) {
        for (unsigned k = 0; name && strcmp(h->decoder, name) == 0 && k < h->count; k++)
            add(p, decoder, h->first_hz + h->step_hz * k, from_hz, to_hz);
    }
}

static int compare(const void *a, const void *b)
{
    const struct hz_scan_place *x = a, *y = b;
    return (x->freq_hz > y->freq_hz) - (x->freq_hz < y->freq_hz);
}

/* ---- centres ---------------------------------------------------------------------------- */

/* The centre, moved until no narrow place lies at the spike. */
static double away_from_spike(const struct hz_scan_plan *p, double centre_hz)
{
    for (size_t i = 0; i < p->n_places; i++) {
        const struct hz_scan_place *at = &p->places[i];
        if (at->width_hz < NARROW_HZ && fabs(at->freq_hz - centre_hz) < SPIKE_HZ)
            centre_hz = at->freq_hz + SPIKE_HZ;
    }
    return centre_hz;
}

static int add_centre(struct hz_scan_plan *p, double centre_hz)
{
    if (p->n_centres == HZ_SCAN_STEPS)
        return -E2BIG;
    p->centres[p->n_centres++] = away_from_spike(p, centre_hz);
    return 0;
}

/* Side by side. */
static int cover_range(struct hz_scan_plan *p, double from_hz, double to_hz, double used_hz)
{
    double steps = ceil((to_hz - from_hz) / used_hz);
    int rc = 0;
    if (steps <= 1)
        return add_centre(p, (from_hz + to_hz) / 2);
    for (double i = 0; i < steps && rc == 0; i++)
        rc = add_centre(p, from_hz + used_hz / 2 + (to_hz - from_hz - used_hz) * i / (steps - 1));
    return rc;
}

/* As few as show all places. */
static int cover_places(struct hz_scan_plan *p, double used_hz)
{
    int rc = 0;
    for (size_t i = 0, end; i < p->n_places && rc == 0; i = end) {
        for (end = i + 1;
             end < p->n_places && p->places[end].freq_hz - p->places[i].freq_hz <= used_hz;)
            end++;
        rc = add_centre(p, (p->places[i].freq_hz + p->places[end - 1].freq_hz) / 2);
    }
    return rc;
}

int hz_scan_plan_make(struct hz_scan_plan *p, const cJSON *decoders, double from_hz, double to_hz,
                      double rate_hz)
{
    const cJSON *decoder;
    bool range = to_hz > 0;
    p->n_places = p->n_centres = 0;
    cJSON_ArrayForEach(decoder, decoders)
        add_decoder(p, decoder, range ? from_hz : LOWEST_HZ, range ? to_hz : HIGHEST_HZ);
    qsort(p->places, p->n_places, sizeof *p->places, compare);
    return range ? cover_range(p, from_hz, to_hz, rate_hz * USED) : cover_places(p, rate_hz * USED);
}
