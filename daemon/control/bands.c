#include "daemon/control/bands.h"

#include <math.h>
#include <stdio.h>

static double rounded(double v, double steps)
{
    return round(v * steps) / steps;
}

static cJSON *band_json(const struct hz_receiver_band *b)
{
    char name[32];
    cJSON *o = cJSON_CreateObject();
    snprintf(name, sizeof name, "%.10gM", b->centre_hz / 1e6);
    cJSON_AddStringToObject(o, "band", name);
    cJSON_AddNumberToObject(o, "centre_hz", b->centre_hz);
    cJSON_AddNumberToObject(o, "seconds", b->seconds);
    cJSON_AddStringToObject(o, "state", b->stays ? "staying" : b->now ? "tuned" : "away");
    cJSON_AddNumberToObject(o, b->now ? "left_s" : "next_s", rounded(b->next_s, 10));
    cJSON_AddNumberToObject(o, "dwells", (double)b->dwells);
    cJSON_AddNumberToObject(o, "longer", (double)b->longer);
    cJSON_AddNumberToObject(o, "longer_s", rounded(b->longer_s, 100));
    cJSON_AddNumberToObject(o, "heard_s", rounded(b->heard_s, 100));
    cJSON_AddNumberToObject(o, "last_minute", rounded(b->minute, 1e4));
    cJSON_AddNumberToObject(o, "last_hour", rounded(b->hour, 1e4));
    return o;
}

void hz_status_bands(cJSON *receiver, const struct hz_receiver *r)
{
    size_t n = (size_t)hz_receiver_hops(r)->n;
    cJSON *list = n > 0 ? cJSON_AddArrayToObject(receiver, "bands") : NULL;
    for (size_t i = 0; list && i < n; i++) {
        struct hz_receiver_band b = hz_receiver_band(r, i);
        cJSON_AddItemToArray(list, band_json(&b));
    }
}

void hz_status_channel_bands(cJSON *channel, const struct hz_receiver *r,
                             const struct hz_channel *c)
{
    size_t n = (size_t)hz_receiver_hops(r)->n;
    cJSON *list = n > 0 ? cJSON_AddArrayToObject(channel, "bands") : NULL;
    for (size_t i = 0; list && i < n; i++) {
        if (hz_receiver_band_holds(r, i, c))
            cJSON_AddItemToArray(list, cJSON_CreateNumber(hz_receiver_hops(r)->at[i].centre_hz));
    }
}
