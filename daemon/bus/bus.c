#include "daemon/bus/bus.h"

#include "daemon/bus/audience.h"
#include "daemon/bus/waker.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    REPEATS = 4096,
    REPEAT_BYTES = 4 << 20,
    AUDIOS = 4096,
    BURSTS = 1024,
    BURST_BYTES = 2 << 20,
    EXPIRE_MS = 1000, /* how often frames that are too old are looked for */
    /* half a minute of one channel's speech; older speech is of no use to a listener */
    AUDIO_BYTES = 2 << 20,
};

struct log {
    size_t frames, bytes; /* kept at present */
    size_t max_frames, max_bytes;
    uint64_t next; /* number that the next frame of this log gets */
};

struct hz_bus {
    struct hz_waker waker;
    uv_timer_t age; /* runs while there are frames and a limit of their age */
    int open_handles;
    char stream[17];
    struct log logs[HZ_LOGS];
    struct hz_part parts[HZ_BUS_PARTS];
    size_t n_parts;
    uint64_t order; /* order of the newest frame */
    uint64_t dropped, expired, max_age_ms;
    struct hz_topic *known; /* list of the announced topics */
    struct hz_audience audience;
    struct hz_filters filters;
    void (*tap)(void *ctx, const struct hz_frame *f);
    void *tap_ctx;
};

struct hz_bus *hz_bus_new(uv_loop_t *loop, size_t frames, size_t bytes, const char *stream)
{
    if (frames == 0 || bytes == 0)
        return NULL;
    struct hz_bus *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->logs[HZ_LOG_MESSAGES] = (struct log){.max_frames = frames, .max_bytes = bytes};
    b->logs[HZ_LOG_REPEATS] = (struct log){.max_frames = REPEATS, .max_bytes = REPEAT_BYTES};
    b->logs[HZ_LOG_AUDIO] = (struct log){.max_frames = AUDIOS, .max_bytes = AUDIO_BYTES};
    b->logs[HZ_LOG_BURSTS] = (struct log){.max_frames = BURSTS, .max_bytes = BURST_BYTES};
    for (int i = 0; i < HZ_LOGS; i++)
        b->logs[i].next = 1;
    memccpy(b->stream, stream, '\0', sizeof b->stream - 1);
    hz_waker_init(&b->waker, loop);
    uv_timer_init(loop, &b->age);
    b->age.data = b;
    b->open_handles = HZ_WAKER_HANDLES + 1;
    return b;
}

static void on_closed(uv_handle_t *handle)
{
    struct hz_bus *b = handle->data;
    if (--b->open_handles == 0)
        free(b);
}

void hz_bus_close(struct hz_bus *b)
{
    if (!b)
        return;
    while (b->known)
        hz_bus_withdraw(b->known);
    for (size_t i = 0; i < b->n_parts; i++)
        hz_ring_clear(&b->parts[i].ring);
    hz_waker_close(&b->waker, on_closed, b);
    uv_close((uv_handle_t *)&b->age, on_closed);
}

const char *hz_bus_stream(const struct hz_bus *b)
{
    return b->stream;
}

uint64_t hz_bus_first(const struct hz_bus *b)
{
    uint64_t first = hz_bus_next(b);
    for (size_t i = 0; i < b->n_parts; i++) {
        const struct hz_part *p = &b->parts[i];
        if (p->log != HZ_LOG_MESSAGES || p->ring.first == p->ring.next)
            continue;
        uint64_t seq = hz_ring_get(&p->ring, p->ring.first)->seq;
        first = seq < first ? seq : first;
    }
    return first;
}

uint64_t hz_bus_next(const struct hz_bus *b)
{
    return b->logs[HZ_LOG_MESSAGES].next;
}

uint64_t hz_bus_order(const struct hz_bus *b)
{
    return b->order;
}

struct hz_bus_counts hz_bus_counts(const struct hz_bus *b)
{
    const struct log *l = &b->logs[HZ_LOG_MESSAGES];
    return (struct hz_bus_counts){
        .published = b->order,
        .dropped = b->dropped,
        .expired = b->expired,
        .frames = l->frames,
        .bytes = l->bytes,
        .max_frames = l->max_frames,
        .max_bytes = l->max_bytes,
        .max_age_ms = b->max_age_ms,
    };
}

double hz_bus_age_s(const struct hz_bus *b, const struct hz_frame *f)
{
    return (double)(uv_now(b->age.loop) - f->published_ms) / 1000;
}

size_t hz_bus_parts(const struct hz_bus *b)
{
    return b->n_parts;
}

const struct hz_part *hz_bus_part(const struct hz_bus *b, size_t i)
{
    return &b->parts[i];
}

/* ---- publishing ------------------------------------------------------------------------- */

static enum hz_log log_of(enum hz_kind kind)
{
    return kind == HZ_KIND_AUDIO    ? HZ_LOG_AUDIO
           : kind == HZ_KIND_REPEAT ? HZ_LOG_REPEATS
           : kind == HZ_KIND_BURST  ? HZ_LOG_BURSTS
                                    : HZ_LOG_MESSAGES;
}

/* The part of the log that the frame belongs to. The last parts are reserved for the other logs. */
static struct hz_part *part_of(struct hz_bus *b, enum hz_log log, const char *protocol)
{
    size_t mixed = HZ_BUS_PARTS - HZ_LOGS;
    for (size_t i = 0; i < b->n_parts; i++) {
        struct hz_part *p = &b->parts[i];
        if (p->log == log &&
            (log != HZ_LOG_MESSAGES || p->mixed || strcmp(p->protocol, protocol) == 0))
            return p;
    }
    struct hz_part *p = &b->parts[b->n_parts++];
    p->log = log;
    p->mixed = log == HZ_LOG_MESSAGES && b->n_parts >= mixed;
    if (log == HZ_LOG_MESSAGES && !p->mixed)
        snprintf(p->protocol, sizeof p->protocol, "%s", protocol);
    return p;
}

static void drop_oldest(struct hz_bus *b, struct hz_part *p)
{
    struct log *l = &b->logs[p->log];
    size_t before = p->ring.bytes;
    hz_ring_drop(&p->ring);
    l->bytes -= before - p->ring.bytes;
    l->frames--;
}

/* Drops the oldest frame of the part that holds most bytes, or most frames. */
static void drop_one(struct hz_bus *b, enum hz_log log, bool by_bytes)
{
    struct hz_part *most = NULL;
    size_t held = 0;
    for (size_t i = 0; i < b->n_parts; i++) {
        struct hz_ring *r = &b->parts[i].ring;
        size_t n = by_bytes ? r->bytes : (size_t)(r->next - r->first);
        if (b->parts[i].log != log || n < held || n == 0)
            continue;
        if (n == held &&
            hz_ring_get(&most->ring, most->ring.first)->order < hz_ring_get(r, r->first)->order)
            continue;
        most = &b->parts[i];
        held = n;
    }
    if (most)
        drop_oldest(b, most);
}

static void make_room(struct hz_bus *b, enum hz_log log, size_t size)
{
    const struct log *l = &b->logs[log];
    while (l->frames > 0 && (l->frames >= l->max_frames || l->bytes + size > l->max_bytes))
        drop_one(b, log, l->bytes + size > l->max_bytes);
}

void hz_bus_expire(struct hz_bus *b, uint64_t now_ms)
{
    bool any = false;
    for (size_t i = 0; b->max_age_ms > 0 && i < b->n_parts; i++) {
        struct hz_part *p = &b->parts[i];
        const struct hz_ring *r = &p->ring;
        while (r->first < r->next &&
               hz_ring_get(r, r->first)->published_ms + b->max_age_ms <= now_ms) {
            drop_oldest(b, p);
            b->expired++;
        }
        any |= r->first < r->next;
    }
    if (!any)
        uv_timer_stop(&b->age);
}

static void on_age(uv_timer_t *timer)
{
    hz_bus_expire(timer->data, uv_now(timer->loop));
}

/* There are frames now. */
static void watch_age(struct hz_bus *b)
{
    if (b->max_age_ms > 0 && !uv_is_active((uv_handle_t *)&b->age))
        uv_timer_start(&b->age, on_age, EXPIRE_MS, EXPIRE_MS);
}

void hz_bus_limit(struct hz_bus *b, size_t frames, size_t bytes)
{
    struct log *l = &b->logs[HZ_LOG_MESSAGES];
    l->max_frames = frames;
    l->max_bytes = bytes;
    while (l->frames > frames || l->bytes > bytes)
        drop_one(b, HZ_LOG_MESSAGES, l->bytes > bytes);
}

void hz_bus_limit_age(struct hz_bus *b, uint64_t max_age_ms)
{
    b->max_age_ms = max_age_ms;
    watch_age(b);
}

uint64_t hz_bus_publish(struct hz_bus *b, struct hz_frame *f)
{
    static const char *const numbers[HZ_LOGS] = {"seq", "repeat_seq", "audio_seq", "burst_seq"};
    enum hz_log log = f ? log_of(f->rec.kind) : HZ_LOG_MESSAGES;
    struct log *l = &b->logs[log];
    size_t size = f ? hz_frame_size(f) : 0;
    struct hz_part *part = f && size <= l->max_bytes ? part_of(b, log, f->topic->protocol) : NULL;
    if (part)
        make_room(b, log, size);
    if (!part || hz_ring_push(&part->ring, f) < 0) {
        hz_frame_unref(f);
        b->dropped++;
        return 0;
    }
    l->frames++;
    l->bytes += size;
    f->order = ++b->order;
    f->published_ms = uv_now(b->age.loop);
    hz_frame_number(f, numbers[log], l->next++);
    watch_age(b);
    if (b->tap)
        b->tap(b->tap_ctx, f);
    hz_waker_soon(&b->waker, size);
    return f->seq;
}

uint64_t hz_bus_publish_json(struct hz_bus *b, enum hz_kind kind, struct hz_topic *topic,
                             int64_t utc_ns, const char *json, size_t len)
{
    struct hz_record rec = {.kind = kind,
                            .utc_ns = utc_ns,
                            .rssi_dbfs = NAN,
                            .noise_dbfs = NAN,
                            .snr_db = NAN,
                            .offset_hz = NAN,
                            .about = {.lat = NAN, .lon = NAN},
                            .json = json,
                            .json_len = len};
    return hz_bus_publish(b, hz_frame_new(topic, &rec, "", 0));
}

/* ---- topics ----------------------------------------------------------------------------- */

void hz_bus_announce(struct hz_bus *b, struct hz_topic *topic)
{
    topic->bus = b;
    topic->next_known = b->known;
    b->known = hz_topic_ref(topic);
}

void hz_bus_withdraw(struct hz_topic *topic)
{
    if (!topic->bus)
        return;
    struct hz_topic **at = &topic->bus->known;
    while (*at != topic)
        at = &(*at)->next_known;
    *at = topic->next_known;
    topic->bus = NULL;
    hz_topic_unref(topic);
}

bool hz_bus_knows(const struct hz_bus *b, enum hz_word word, const char *name)
{
    for (const struct hz_topic *t = b->known; t; t = t->next_known) {
        const char *own = word == HZ_WORD_RECEIVER  ? t->receiver
                          : word == HZ_WORD_CHANNEL ? t->channel
                                                    : t->protocol;
        if (strcmp(own, name) == 0)
            return true;
    }
    return false;
}

const struct hz_topic *hz_bus_known(const struct hz_bus *b)
{
    return b->known;
}

struct hz_audience *hz_bus_audience(struct hz_bus *b)
{
    return &b->audience;
}

/* ---- subscribers ------------------------------------------------------------------------ */

void hz_bus_subscribe(struct hz_bus *b, struct hz_subscriber *s)
{
    hz_waker_add(&b->waker, s);
}

void hz_bus_unsubscribe(struct hz_bus *b, struct hz_subscriber *s)
{
    (void)b;
    hz_waker_remove(s);
}

void hz_bus_again(struct hz_bus *b, struct hz_subscriber *s)
{
    hz_waker_again(&b->waker, s);
}

struct hz_filters *hz_bus_filters(struct hz_bus *b)
{
    return &b->filters;
}

void hz_bus_tap(struct hz_bus *b, void (*tap)(void *ctx, const struct hz_frame *f), void *ctx)
{
    b->tap = tap;
    b->tap_ctx = ctx;
}
