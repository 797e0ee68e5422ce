#include "daemon/bus/bus.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    WAKE_BYTES = 16 * 1024, /* new bytes that wake the subscribers at once */
    WAKE_MS = 10,           /* how long fewer of them wait */
    ITERATION_NS = 2000000, /* time that one iteration of the loop spends on subscribers */
};

struct hz_bus {
    uv_timer_t timer; /* something is new and not told yet */
    uv_idle_t idle;   /* runs while there is anyone in `ready` */
    int open_handles;
    char stream[17];
    size_t max_frames, max_bytes, bytes;
    uint64_t first, next; /* the log holds seq first … next - 1, each at seq % max_frames */
    uint64_t dropped;
    size_t new_bytes; /* since subscribers were last told */
    /* Heads of two rings. To tell all is to move `waiting` to the end of `ready`. */
    struct hz_subscriber waiting, ready;
    void (*tap)(void *ctx, const struct hz_frame *f);
    void *tap_ctx;
    struct hz_frame *log[];
};

static void ring_init(struct hz_subscriber *head)
{
    head->next = head->prev = head;
}

static void ring_append(struct hz_subscriber *head, struct hz_subscriber *s)
{
    s->next = head;
    s->prev = head->prev;
    head->prev->next = s;
    head->prev = s;
}

static void ring_remove(struct hz_subscriber *s)
{
    s->next->prev = s->prev;
    s->prev->next = s->next;
}

/* Appends everything in `from` to `to`. */
static void ring_move(struct hz_subscriber *to, struct hz_subscriber *from)
{
    if (from->next == from)
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    ring_init(from);
}

static void on_idle(uv_idle_t *handle)
{
    struct hz_bus *b = handle->data;
    uint64_t start = uv_hrtime();
    while (b->ready.next != &b->ready) {
        struct hz_subscriber *s = b->ready.next;
        ring_remove(s);
        ring_append(&b->waiting, s);
        s->wake(s);
        if (uv_hrtime() - start > ITERATION_NS)
            return;
    }
    uv_idle_stop(&b->idle);
}

static void wake_all(struct hz_bus *b)
{
    b->new_bytes = 0;
    uv_timer_stop(&b->timer);
    ring_move(&b->ready, &b->waiting);
    if (b->ready.next != &b->ready)
        uv_idle_start(&b->idle, on_idle);
}

static void on_timer(uv_timer_t *timer)
{
    wake_all(timer->data);
}

struct hz_bus *hz_bus_new(uv_loop_t *loop, size_t frames, size_t bytes, const char *stream)
{
    if (frames == 0 || bytes == 0)
        return NULL;
    struct hz_bus *b = calloc(1, sizeof *b + frames * sizeof *b->log);
    if (!b)
        return NULL;
    b->max_frames = frames;
    b->max_bytes = bytes;
    b->first = b->next = 1;
    memccpy(b->stream, stream, '\0', sizeof b->stream - 1);
    ring_init(&b->waiting);
    ring_init(&b->ready);
    uv_timer_init(loop, &b->timer);
    uv_idle_init(loop, &b->idle);
    b->timer.data = b->idle.data = b;
    b->open_handles = 2;
    return b;
}

static void on_closed(uv_handle_t *handle)
{
    struct hz_bus *b = handle->data;
    if (--b->open_handles == 0)
        free(b);
}

static void drop_oldest(struct hz_bus *b)
{
    struct hz_frame **slot = &b->log[b->first++ % b->max_frames];
    b->bytes -= hz_frame_size(*slot);
    hz_frame_unref(*slot);
    *slot = NULL;
}

void hz_bus_close(struct hz_bus *b)
{
    if (!b)
        return;
    while (b->first != b->next)
        drop_oldest(b);
    uv_close((uv_handle_t *)&b->timer, on_closed);
    uv_close((uv_handle_t *)&b->idle, on_closed);
}

const char *hz_bus_stream(const struct hz_bus *b)
{
    return b->stream;
}

uint64_t hz_bus_first(const struct hz_bus *b)
{
    return b->first;
}

uint64_t hz_bus_next(const struct hz_bus *b)
{
    return b->next;
}

struct hz_bus_counts hz_bus_counts(const struct hz_bus *b)
{
    return (struct hz_bus_counts){
        .published = b->next - 1,
        .dropped = b->dropped,
        .frames = (size_t)(b->next - b->first),
        .bytes = b->bytes,
        .max_frames = b->max_frames,
        .max_bytes = b->max_bytes,
    };
}

struct hz_frame *hz_bus_get(const struct hz_bus *b, uint64_t seq)
{
    return seq >= b->first && seq < b->next ? b->log[seq % b->max_frames] : NULL;
}

uint64_t hz_bus_publish(struct hz_bus *b, struct hz_frame *f)
{
    size_t size = f ? hz_frame_size(f) : 0;
    if (!f || size > b->max_bytes) {
        hz_frame_unref(f);
        b->dropped++;
        return 0;
    }
    while (b->first != b->next &&
           (b->next - b->first == b->max_frames || b->bytes + size > b->max_bytes))
        drop_oldest(b);
    hz_frame_number(f, b->next);
    b->log[b->next++ % b->max_frames] = f;
    b->bytes += size;
    b->new_bytes += size;
    if (b->tap)
        b->tap(b->tap_ctx, f);
    if (b->new_bytes >= WAKE_BYTES)
        wake_all(b);
    else if (!uv_is_active((uv_handle_t *)&b->timer))
        uv_timer_start(&b->timer, on_timer, WAKE_MS, 0);
    return f->seq;
}

uint64_t hz_bus_tell(struct hz_bus *b, enum hz_kind kind, struct hz_topic *topic, int64_t utc_ns,
                     const char *json, size_t len)
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

void hz_bus_subscribe(struct hz_bus *b, struct hz_subscriber *s)
{
    ring_append(&b->waiting, s);
}

void hz_bus_unsubscribe(struct hz_bus *b, struct hz_subscriber *s)
{
    (void)b;
    ring_remove(s);
}

void hz_bus_again(struct hz_bus *b, struct hz_subscriber *s)
{
    ring_remove(s);
    ring_append(&b->ready, s);
    uv_idle_start(&b->idle, on_idle);
}

void hz_bus_tap(struct hz_bus *b, void (*tap)(void *ctx, const struct hz_frame *f), void *ctx)
{
    b->tap = tap;
    b->tap_ctx = ctx;
}
