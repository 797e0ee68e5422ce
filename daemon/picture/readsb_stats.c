/* stats.json of readsb. */
#include "daemon/base/utc.h"
#include "daemon/picture/readsb.h"

#include <math.h>
#include <stdlib.h>

enum { ROOM = 8192 };

static void seconds(struct hz_json *j, const char *key, int64_t utc_ns)
{
    hz_json_decimals(j, key, (double)utc_ns / 1e9, 1);
}

static void level(struct hz_json *j, const char *key, double power)
{
    if (power > 0)
        hz_json_decimals(j, key, 10 * log10(power), 1);
}

static void local(struct hz_json *j, const struct hz_minute *m)
{
    hz_json_open(j, "local");
    hz_json_open_array(j, "accepted");
    for (int i = 0; i <= HZ_FIXED_MAX; i++)
        hz_json_uint(j, NULL, m->accepted[i]);
    hz_json_close_array(j);
    level(j, "signal", m->signals > 0 ? m->signal / (double)m->signals : 0);
    level(j, "noise", m->noises > 0 ? m->noise / (double)m->noises : 0);
    level(j, "peak_signal", m->peak);
    hz_json_uint(j, "strong_signals", m->strong);
    hz_json_close(j);
}

static void period(struct hz_json *j, const char *key, struct hz_minute m)
{
    uint64_t messages = hz_minute_messages(&m);
    hz_json_open(j, key);
    seconds(j, "start", m.start_ns);
    seconds(j, "end", m.end_ns);
    local(j, &m);
    hz_json_uint(j, "messages_valid", messages);
    hz_json_uint(j, "position_count_total", m.positions);
    hz_json_open(j, "cpr");
    hz_json_uint(j, "global_ok", m.positions);
    hz_json_uint(j, "local_ok", 0);
    hz_json_close(j);
    hz_json_open(j, "cpu");
    hz_json_uint(j, "demod", m.others_ms);
    hz_json_uint(j, "reader", 0);
    hz_json_uint(j, "background", m.loop_ms);
    hz_json_close(j);
    hz_json_open(j, "tracks");
    hz_json_uint(j, "all", m.tracks);
    hz_json_uint(j, "single_message", m.single);
    hz_json_close(j);
    hz_json_uint(j, "messages", messages);
    hz_json_decimals(j, "max_distance", m.max_m, 0);
    hz_json_close(j);
}

char *hz_readsb_stats(const struct hz_picture *p, size_t *len)
{
    const struct hz_minutes *m = hz_picture_minutes(p);
    int64_t now = hz_utc_now();
    char *text = malloc(ROOM);
    struct hz_json j;
    if (!text)
        return NULL;
    hz_json_init(&j, text, ROOM);
    hz_json_open(&j, NULL);
    seconds(&j, "now", now);
    if (m->mark)
        hz_json_bool(&j, m->mark, true); /* some of it was not heard on the air */
    struct hz_minute latest = m->latest;
    latest.end_ns = now;
    period(&j, "latest", latest);
    period(&j, "last1min", hz_minutes_sum(m, 1, false, now));
    period(&j, "last5min", hz_minutes_sum(m, 5, false, now));
    period(&j, "last15min", hz_minutes_sum(m, HZ_MINUTES, false, now));
    period(&j, "total", hz_minutes_sum(m, 0, true, now));
    hz_json_close(&j);
    hz_json_raw(&j, "\n", 1);
    *len = j.len;
    return text;
}
