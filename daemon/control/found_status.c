#include "daemon/control/found_status.h"
#include "daemon/receive/adjust.h"

#include <math.h>
#include <stdio.h>

static double rounded(double v, double steps)
{
    return round(v * steps) / steps + 0.0; /* no "-0" */
}

static void add_gain(cJSON *o, const struct hz_gain_search *s)
{
    char text[240];
    if (s->phase == HZ_GAIN_COMPARES)
        snprintf(text, sizeof text, "compares %.1f dB with %.1f dB; %s", hz_gain_search_best(s),
                 s->gains[s->rival].gain_db, s->why);
    else
        snprintf(text, sizeof text, "%s; %s", hz_gain_phase_name(s->phase), s->why);
    cJSON_AddStringToObject(o, "gain_why", text);
    cJSON *tried = cJSON_AddArrayToObject(o, "gain_tried");
    for (size_t i = 0; i < s->n; i++) {
        const struct hz_gain_tried *g = &s->gains[i];
        bool barred = g->barred_until_s > s->clock_s;
        if (g->seconds == 0 && !barred)
            continue;
        cJSON *one = cJSON_CreateObject();
        cJSON_AddNumberToObject(one, "gain_db", g->gain_db);
        cJSON_AddNumberToObject(one, "seconds", round(g->seconds));
        if (g->seconds > 0)
            cJSON_AddNumberToObject(one, "messages_a_minute",
                                    rounded(g->messages / g->seconds * 60, 10));
        if (barred)
            cJSON_AddTrueToObject(one, "clips");
        cJSON_AddItemToArray(tried, one);
    }
}

static void add_ppm(cJSON *o, const struct hz_adjust *a)
{
    struct hz_crystal_estimate e = hz_crystal_now(&a->crystal);
    char text[160];
    if (e.from == HZ_CRYSTAL_NOTHING)
        snprintf(text, sizeof text, "nothing is known yet; heard %zu transmitters of %d",
                 e.transmitters, HZ_CRYSTAL_ENOUGH);
    else
        snprintf(text, sizeof text, "%+.1f, give or take %.1f, by %s%s; %zu transmitter%s", e.ppm,
                 e.sigma, e.from == HZ_CRYSTAL_RECALLED ? "what an earlier run found" : "the ",
                 e.from == HZ_CRYSTAL_RECALLED ? "" : hz_crystal_from_name(e.from), e.transmitters,
                 e.transmitters == 1 ? "" : "s");
    cJSON_AddStringToObject(o, "ppm_why", text);
    cJSON *found = cJSON_AddObjectToObject(o, "ppm_found");
    cJSON_AddStringToObject(found, "from", hz_crystal_from_name(e.from));
    cJSON_AddNumberToObject(found, "transmitters", (double)e.transmitters);
    cJSON_AddNumberToObject(found, "channels_ppm", rounded(a->rest_ppm, 100));
    if (e.from == HZ_CRYSTAL_NOTHING)
        return;
    cJSON_AddNumberToObject(found, "ppm", rounded(e.ppm, 100));
    cJSON_AddNumberToObject(found, "sigma", rounded(e.sigma, 100));
}

void hz_found_status(cJSON *receiver, const struct hz_receiver *r)
{
    const struct hz_adjust *a = hz_receiver_adjust(r);
    const struct hz_tuning *has = hz_receiver_has(r);
    if (has->gain_best && a->searches)
        add_gain(receiver, &a->gain);
    if (has->ppm_auto)
        add_ppm(receiver, a);
}
