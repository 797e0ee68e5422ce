#include "proto/out/sink.h"

#include <math.h>
#include <string.h>

const char *hz_reason_name(enum hz_reason reason)
{
    static const char *const names[HZ_REASONS] = {"message", "no_preamble", "too_short",
                                                  "bad_crc", "sanity",      "shed"};
    return names[reason];
}

void hz_sink_init(struct hz_sink *s, const struct hz_sink_head *head, char *arena, size_t cap)
{
    *s = (struct hz_sink){.head = head, .scale = 1.0, .arena = arena, .cap = cap};
}

void hz_sink_move(struct hz_sink *s, char *arena, size_t cap)
{
    s->arena = arena;
    s->cap = cap;
}

void hz_sink_rewind(struct hz_sink *s, struct hz_stamp stamp)
{
    s->stamp = stamp;
    s->len = 0;
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

/* The same by the clock that only counts samples; 0: it is not known. */
static int64_t count_time(const struct hz_sink *s, uint64_t sample)
{
    if (s->stamp.count_step_ns == 0)
        return 0;
    return s->stamp.count_ns + llround((double)receiver_sample(s, sample) * s->stamp.count_step_ns);
}

/* The members that all records of a sink have in common. */
static void print_names(const struct hz_sink_head *h, struct hz_json *j)
{
    hz_json_str(j, "receiver", h->receiver);
    hz_json_str(j, "channel", h->channel);
    hz_json_str(j, "protocol", h->protocol);
    if (h->freq_hz > 0)
        hz_json_decimals(j, "freq_hz", h->freq_hz, 3);
}

/* Writes them, and keeps their text for the records to come. */
static void put_names(struct hz_sink *s, struct hz_json *j)
{
    struct hz_sink_names *n = &s->names;
    if (n->len == 0 || n->freq_hz != s->head->freq_hz) {
        struct hz_json text;
        hz_json_init(&text, n->text, sizeof n->text);
        print_names(s->head, &text);
        n->len = text.full ? 0 : text.len;
        n->freq_hz = s->head->freq_hz;
    }
    if (n->len == 0) { /* too long to be kept */
        print_names(s->head, j);
        return;
    }
    hz_json_raw(j, ",", 1);
    hz_json_raw(j, n->text, n->len);
}

/* Begins a record and its text. Where the arena has no room the text has none, so that its writer
 * is full. */
static void begin_record(struct hz_sink *s, enum hz_kind kind, uint64_t sample, size_t raw_len,
                         size_t opus_len)
{
    struct hz_json *j = &s->json;
    const struct hz_sink_head *h = s->head;
    size_t at = s->len + sizeof s->now + raw_len + opus_len;
    bool room = raw_len <= s->cap && at <= s->cap;
    s->now = (struct hz_record){.kind = kind,
                                .utc_ns = hz_sink_time(s, sample),
                                .clock_ns = count_time(s, sample),
                                .sample = receiver_sample(s, sample),
                                .freq_hz = h->freq_hz,
                                .about = {.lat = NAN, .lon = NAN},
                                .mark = s->mark,
                                .raw_len = raw_len,
                                .opus_len = opus_len};
    hz_json_init(j, room ? s->arena + at : NULL, room ? s->cap - at : 0);
    j->about = &s->now.about;
    s->marks.n = 0;
    hz_json_time(j, "time", s->now.utc_ns);
    put_names(s, j);
    if (s->mark)
        hz_json_bool(j, s->mark, true);
    if (h->more) {
        hz_json_raw(j, ",", 1);
        hz_json_raw(j, h->more, strlen(h->more));
    }
}

/* Where the raw bytes of the record begun go; NULL: there is no room for it. */
static uint8_t *raw_place(struct hz_sink *s)
{
    return s->json.buf ? (uint8_t *)s->arena + s->len + sizeof s->now : NULL;
}

/* False: there was no room for the record begun, and it is gone. */
static bool end_record(struct hz_sink *s)
{
    size_t marks = hz_marks_size(s->marks.n);
    if (s->json.full || !s->json.buf || marks > s->json.cap - s->json.len) {
        s->dropped++;
        return false;
    }
    s->now.json_len = s->json.len;
    s->now.n_fields = s->marks.n;
    memcpy(s->json.buf + s->json.len, s->marks.at, marks);
    memcpy(s->arena + s->len, &s->now, sizeof s->now);
    s->len += sizeof s->now + s->now.raw_len + s->now.opus_len + s->now.json_len + marks;
    return true;
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

/* The record of a burst up to where it began. */
static struct hz_burst begin_heard(struct hz_sink *s, enum hz_kind kind,
                                   const struct hz_burst *burst)
{
    struct hz_burst full = complete(s, burst);
    const struct hz_burst *b = &full;
    struct hz_json *j = &s->json;
    begin_record(s, kind, b->sample, b->raw_len, 0);
    s->now.rssi_dbfs = b->rssi_dbfs;
    s->now.noise_dbfs = b->noise_dbfs;
    s->now.snr_db = b->snr_db;
    s->now.offset_hz = b->offset_hz;
    s->now.fixed_bits = b->fixed_bits > 0 ? (unsigned)b->fixed_bits : 0;
    if (b->end > 0)
        s->now.end_ns = hz_sink_time(s, b->end);
    if (b->raw_len > 0 && raw_place(s))
        memcpy(raw_place(s), b->raw, b->raw_len);
    hz_json_decimals(j, "rssi_dbfs", (double)b->rssi_dbfs, 1);
    hz_json_decimals(j, "noise_dbfs", (double)b->noise_dbfs, 1);
    hz_json_decimals(j, "snr_db", (double)b->snr_db, 1);
    hz_json_decimals(j, "offset_hz", (double)b->offset_hz, 0);
    if (s->now.sample > 0 || !s->head->more)
        hz_json_uint(j, "sample", s->now.sample);
    return full;
}

static struct hz_json *open_object(struct hz_sink *s, const char *key)
{
    hz_json_open(&s->json, key);
    s->json.marks = &s->marks;
    s->json.depth = 0;
    return &s->json;
}

static bool close_object(struct hz_sink *s)
{
    hz_marks_end(&s->marks, s->json.len);
    hz_json_close(&s->json);
    return end_record(s);
}

struct hz_json *hz_sink_begin(struct hz_sink *s, const struct hz_burst *burst)
{
    struct hz_burst b = begin_heard(s, HZ_KIND_MESSAGE, burst);
    hz_json_int(&s->json, "fixed_bits", b.fixed_bits);
    if (b.raw_len > 0)
        hz_json_hex(&s->json, "raw", b.raw, b.raw_len);
    return open_object(s, s->head->protocol);
}

struct hz_json *hz_sink_begin_burst(struct hz_sink *s, const struct hz_burst *burst)
{
    begin_heard(s, HZ_KIND_BURST, burst);
    return open_object(s, "burst");
}

void hz_sink_end_burst(struct hz_sink *s)
{
    close_object(s);
}

/* The carrier of the message just written goes into the mean. */
static void count_carrier(struct hz_sink *s)
{
    double ppm = (double)s->now.offset_hz / s->head->freq_hz * 1e6;
    if (!isfinite(ppm))
        return;
    s->carriers++;
    s->carrier_ppm += (ppm - s->carrier_ppm) / fmin((double)s->carriers, HZ_SINK_CARRIERS);
}

void hz_sink_end(struct hz_sink *s)
{
    if (!close_object(s))
        return;
    s->count[HZ_MESSAGE]++;
    count_carrier(s);
    hz_means_add(&s->heard, (double)s->now.snr_db, (double)s->now.offset_hz);
}

/* The speech as a packet; 0: it is not coded. Each transmission is coded without what was before.
 */
static size_t code(struct hz_sink *s, const struct hz_audio *a, uint8_t packet[HZ_OPUS_PACKET_MAX])
{
    if (!s->opus || hz_opus_rate(s->opus) != a->rate_hz)
        return 0;
    if (a->first)
        hz_opus_reset(s->opus);
    size_t len = hz_opus_code(s->opus, a->pcm, a->n, packet);
    s->coded += len > 0;
    return len;
}

void hz_sink_audio(struct hz_sink *s, const struct hz_audio *a)
{
    struct hz_json *j = &s->json;
    uint8_t packet[HZ_OPUS_PACKET_MAX];
    size_t len = code(s, a, packet);
    begin_record(s, HZ_KIND_AUDIO, a->sample, 2 * a->n, len);
    s->now.rssi_dbfs = s->now.noise_dbfs = s->now.snr_db = s->now.offset_hz = NAN;
    s->now.transmission = receiver_sample(s, a->transmission);
    s->now.rate_hz = a->rate_hz;
    s->now.first = a->first;
    s->now.last = a->last;
    s->talking = !a->last;
    uint8_t *raw = raw_place(s);
    for (size_t i = 0; raw && i < a->n; i++) {
        raw[2 * i] = (uint8_t)a->pcm[i];
        raw[2 * i + 1] = (uint8_t)((uint16_t)a->pcm[i] >> 8);
    }
    if (raw && len > 0)
        memcpy(raw + s->now.raw_len, packet, len);
    hz_json_uint(j, "sample", s->now.sample);
    hz_json_uint(j, "transmission", s->now.transmission);
    hz_json_uint(j, "rate_hz", a->rate_hz);
    hz_json_str(j, "format", "s16le");
    end_record(s);
}

bool hz_sink_next(const struct hz_sink *s, size_t *at, struct hz_record *r)
{
    if (*at >= s->len)
        return false;
    const char *p = s->arena + *at + sizeof *r;
    memcpy(r, s->arena + *at, sizeof *r);
    r->raw = (const uint8_t *)p;
    r->opus = r->raw + r->raw_len;
    r->json = p + r->raw_len + r->opus_len;
    r->marks = (const uint8_t *)r->json + r->json_len;
    *at += sizeof *r + r->raw_len + r->opus_len + r->json_len + hz_marks_size(r->n_fields);
    return true;
}

void hz_sink_refuse(struct hz_sink *s, enum hz_reason reason)
{
    s->count[reason]++;
}

void hz_sink_fail(struct hz_sink *s, uint64_t first, uint64_t end)
{
    struct hz_trace_levels l;
    hz_sink_refuse(s, HZ_BAD_CRC);
    if (s->trace && hz_trace_measure(s->trace, first, end, &l) && l.snr_db >= HZ_SINK_SENT_DB)
        hz_means_add(&s->failed, (double)l.snr_db, (double)l.offset_hz);
}
