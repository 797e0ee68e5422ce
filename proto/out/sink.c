#include "proto/out/sink.h"

#include <math.h>
#include <string.h>

const char *hz_reason_name(enum hz_reason reason)
{
    static const char *const names[HZ_REASONS] = {"message", "no_preamble", "too_short",
                                                  "bad_crc", "sanity",      "shed"};
    return names[reason];
}

void hz_sink_init(struct hz_sink *s, const struct hz_sink_head *head, char *buf, size_t cap)
{
    *s = (struct hz_sink){.head = head, .scale = 1.0};
    hz_json_init(&s->json, buf, cap);
}

void hz_sink_rewind(struct hz_sink *s, struct hz_stamp stamp)
{
    s->stamp = stamp;
    hz_json_init(&s->json, s->json.buf, s->json.cap);
    s->line = 0;
}

static uint64_t receiver_sample(const struct hz_sink *s, uint64_t sample)
{
    return s->scale == 1.0 ? sample : (uint64_t)llround((double)sample * s->scale);
}

int64_t hz_sink_time(const struct hz_sink *s, uint64_t sample)
{
    int64_t ahead = (int64_t)(receiver_sample(s, sample) - s->stamp.sample);
    return s->stamp.utc_ns + llround((double)ahead * s->stamp.ns_per_sample);
}

static void begin_line(struct hz_sink *s, const char *kind, uint64_t sample)
{
    struct hz_json *j = &s->json;
    const struct hz_sink_head *h = s->head;
    s->line = j->len;
    hz_json_str(j, "kind", kind);
    hz_json_time(j, "time", hz_sink_time(s, sample));
    hz_json_str(j, "receiver", h->receiver);
    hz_json_str(j, "channel", h->channel);
    hz_json_str(j, "protocol", h->protocol);
    hz_json_decimals(j, "freq_hz", h->freq_hz, 3);
    if (s->mark)
        hz_json_bool(j, s->mark, true);
}

/* False: there was no room for the line begun, and it is gone. */
static bool end_line(struct hz_sink *s, const char *tail)
{
    struct hz_json *j = &s->json;
    hz_json_raw(j, tail, strlen(tail));
    if (!j->full)
        return true;
    j->full = false;
    j->len = s->line;
    s->dropped++;
    return false;
}

static void fill(float *value, float measured)
{
    if (isnan(*value))
        *value = measured;
}

/* The burst with the levels that its decoder did not measure. */
static struct hz_burst complete(const struct hz_sink *s, const struct hz_burst *burst)
{
    struct hz_burst b = *burst;
    struct hz_trace_levels l;
    bool lacks = isnan(b.rssi_dbfs) || isnan(b.noise_dbfs) || isnan(b.snr_db) || isnan(b.offset_hz);
    if (!lacks || !s->trace || !hz_trace_measure(s->trace, b.sample, b.end, &l))
        return b;
    fill(&b.rssi_dbfs, l.rssi_dbfs);
    fill(&b.noise_dbfs, l.noise_dbfs);
    fill(&b.snr_db, l.snr_db);
    fill(&b.offset_hz, l.offset_hz);
    return b;
}

struct hz_json *hz_sink_begin(struct hz_sink *s, const struct hz_burst *burst)
{
    struct hz_burst full = complete(s, burst);
    const struct hz_burst *b = &full;
    struct hz_json *j = &s->json;
    begin_line(s, "message", b->sample);
    s->offset_hz = b->offset_hz;
    hz_json_decimals(j, "rssi_dbfs", (double)b->rssi_dbfs, 1);
    hz_json_decimals(j, "noise_dbfs", (double)b->noise_dbfs, 1);
    hz_json_decimals(j, "snr_db", (double)b->snr_db, 1);
    hz_json_decimals(j, "offset_hz", (double)b->offset_hz, 0);
    hz_json_uint(j, "sample", receiver_sample(s, b->sample));
    hz_json_int(j, "fixed_bits", b->fixed_bits);
    if (b->raw_len > 0)
        hz_json_hex(j, "raw", b->raw, b->raw_len);
    hz_json_open(j, s->head->protocol);
    return j;
}

/* The carrier of the message just written goes into the mean. */
static void count_carrier(struct hz_sink *s)
{
    double ppm = (double)s->offset_hz / s->head->freq_hz * 1e6;
    if (!isfinite(ppm))
        return;
    s->carriers++;
    s->carrier_ppm += (ppm - s->carrier_ppm) / fmin((double)s->carriers, HZ_SINK_CARRIERS);
}

void hz_sink_end(struct hz_sink *s)
{
    if (!end_line(s, "}}\n"))
        return;
    s->count[HZ_MESSAGE]++;
    count_carrier(s);
}

void hz_sink_audio(struct hz_sink *s, const struct hz_audio *a)
{
    struct hz_json *j = &s->json;
    begin_line(s, "audio", a->sample);
    hz_json_uint(j, "sample", receiver_sample(s, a->sample));
    hz_json_uint(j, "transmission", receiver_sample(s, a->transmission));
    hz_json_uint(j, "rate_hz", a->rate_hz);
    hz_json_str(j, "format", "s16le");
    hz_json_base64_s16(j, "data", a->pcm, a->n);
    end_line(s, "}\n");
}

void hz_sink_refuse(struct hz_sink *s, enum hz_reason reason)
{
    s->count[reason]++;
}
