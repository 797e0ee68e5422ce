/* /coverage: how far each channel has received, by direction. */
#include "daemon/picture/format.h"

#include <math.h>
#include <stdlib.h>

enum { SECTOR_ROOM = 160, CHANNEL_ROOM = 1024 + HZ_SECTORS * SECTOR_ROOM };

static void sector(struct hz_json *j, const struct hz_sector *s, int bearing)
{
    hz_json_open(j, NULL);
    hz_json_int(j, "bearing", bearing);
    hz_json_decimals(j, "max_m", s->max_m, 0);
    if (s->max_m > 0) {
        hz_json_decimals(j, "lat", s->at.lat, 5);
        hz_json_decimals(j, "lon", s->at.lon, 5);
        hz_json_str(j, "id", s->id);
        hz_format_time(j, "time", s->utc_ns);
    }
    hz_json_close(j);
}

static void channel(struct hz_json *j, const struct hz_reach *r)
{
    double max_m = 0;
    for (int i = 0; i < HZ_SECTORS; i++)
        max_m = fmax(max_m, r->sectors[i].max_m);
    hz_json_open(j, NULL);
    hz_json_str(j, "receiver", r->topic->receiver);
    hz_json_str(j, "channel", r->topic->channel);
    hz_json_str(j, "protocol", r->topic->protocol);
    hz_json_decimals(j, "lat", r->antenna.lat, 6);
    hz_json_decimals(j, "lon", r->antenna.lon, 6);
    hz_json_uint(j, "messages", r->messages);
    hz_json_decimals(j, "max_m", max_m, 0);
    hz_json_open_array(j, "sectors");
    for (int i = 0; i < HZ_SECTORS; i++)
        sector(j, &r->sectors[i], i * 360 / HZ_SECTORS);
    hz_json_close_array(j);
    hz_json_close(j);
}

char *hz_picture_reach(const struct hz_picture *p, size_t *len)
{
    const struct hz_coverage *c = hz_picture_coverage(p);
    size_t cap = 64 + c->n * CHANNEL_ROOM;
    char *text = malloc(cap);
    struct hz_json j;
    if (!text)
        return NULL;
    hz_json_init(&j, text, cap);
    hz_json_open(&j, NULL);
    hz_json_open_array(&j, "channels");
    for (size_t i = 0; i < c->n; i++)
        channel(&j, c->list[i]);
    hz_json_close_array(&j);
    hz_json_close(&j);
    hz_json_raw(&j, "\n", 1);
    *len = j.len;
    return text;
}
