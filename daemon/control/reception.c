#include "daemon/control/reception.h"

#include <math.h>

/* Means have no meaning while there is none. */
static void add_means(cJSON *o, const struct hz_means *h, const char *snr, const char *offset)
{
    if (h->n == 0)
        return;
    cJSON_AddNumberToObject(o, snr, round(h->snr_db * 10) / 10);
    cJSON_AddNumberToObject(o, offset, round(h->offset_hz));
}

cJSON *hz_reception_json(const struct hz_channel_stats *s)
{
    cJSON *o = cJSON_CreateObject();
    cJSON_AddNumberToObject(o, "open_samples", (double)s->open_samples);
    add_means(o, &s->heard, "snr_db", "offset_hz");
    cJSON_AddNumberToObject(o, "failed", (double)s->failed.n);
    add_means(o, &s->failed, "failed_snr_db", "failed_offset_hz");
    return o;
}
