#include "daemon/bus/fold.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BURSTS = 1024, /* remembered; the oldest is forgotten */
    HEARD = 8,     /* named in one message */
    PROTOCOLS = 64,
    HOLD_MS = 250, /* longer than a job and the wait for it */
};

/* How far apart the times of one burst may be: in one receiver's samples, and by two clocks that
 * the arrival of USB transfers disciplines. */
static const int64_t near_ns = 2000000, apart_ns = 100000000;

struct burst {
    bool held;
    const struct hz_decoder *decoder; /* NULL: unused */
    uint64_t frame;                   /* hash of its bytes */
    int64_t utc_ns;
    const void *stream;
    uint64_t due_ms;       /* of the loop's clock; 0: not timed */
    struct hz_frame *best; /* while held; not numbered yet */
    struct {
        struct hz_topic *topic;
        float snr_db;
    } heard[HEARD];
    size_t n_heard;
};

struct hz_fold {
    struct hz_bus *bus;
    uv_timer_t timer;
    struct {
        const struct hz_decoder *decoder;
        size_t channels;
    } joined[PROTOCOLS];
    struct burst bursts[BURSTS]; /* a ring */
    size_t next;                 /* the place of the next one, which is the oldest */
};

/* ---- who is there ----------------------------------------------------------------------- */

static size_t *channels_of(struct hz_fold *f, const struct hz_decoder *decoder)
{
    size_t i = 0;
    while (i < PROTOCOLS - 1 && f->joined[i].decoder && f->joined[i].decoder != decoder)
        i++;
    f->joined[i].decoder = decoder;
    return &f->joined[i].channels;
}

void hz_fold_join(struct hz_fold *f, const struct hz_decoder *decoder)
{
    ++*channels_of(f, decoder);
}

void hz_fold_leave(struct hz_fold *f, const struct hz_decoder *decoder)
{
    --*channels_of(f, decoder);
}

/* ---- going out -------------------------------------------------------------------------- */

static void publish_repeat(struct hz_fold *f, struct hz_frame *copy)
{
    if (copy)
        copy->rec.kind = HZ_KIND_REPEAT;
    hz_bus_publish(f->bus, copy);
}

/* The message with the list of who heard it behind the protocol's object. */
static struct hz_frame *add_list(const struct burst *b)
{
    size_t cap = 64 + b->n_heard * (3 * HZ_NAME_MAX + 64);
    char *text = malloc(cap);
    if (!text)
        return NULL;
    struct hz_json j;
    hz_json_init(&j, text, cap);
    hz_json_raw(&j, ",", 1);
    hz_json_raw(&j, "\"heard\":[", 9);
    for (size_t i = 0; i < b->n_heard; i++) {
        hz_json_open(&j, NULL);
        hz_json_str(&j, "receiver", b->heard[i].topic->receiver);
        hz_json_str(&j, "channel", b->heard[i].topic->channel);
        hz_json_decimals(&j, "snr_db", (double)b->heard[i].snr_db, 1);
        hz_json_close(&j);
    }
    hz_json_close_array(&j);
    struct hz_frame *f = hz_frame_new(b->best->topic, &b->best->rec, j.buf, j.len);
    free(text);
    return f;
}

static void let_out(struct hz_fold *f, struct burst *b)
{
    if (!b->held)
        return;
    struct hz_frame *out = b->best;
    if (b->n_heard > 1) {
        out = add_list(b);
        hz_frame_unref(b->best);
    }
    b->held = false;
    b->best = NULL;
    hz_bus_publish(f->bus, out);
}

static void forget(struct burst *b)
{
    for (size_t i = 0; i < b->n_heard; i++)
        hz_topic_unref(b->heard[i].topic);
    *b = (struct burst){0};
}

/* From the oldest on: they go out in the order in which they came. */
static struct burst *by_age(struct hz_fold *f, size_t i)
{
    return &f->bursts[(f->next + i) % BURSTS];
}

static void on_timer(uv_timer_t *t)
{
    struct hz_fold *f = t->data;
    uint64_t now = uv_now(t->loop), due = 0;
    for (size_t i = 0; i < BURSTS; i++) {
        struct burst *b = by_age(f, i);
        if (!b->held || b->due_ms == 0)
            continue;
        if (b->due_ms <= now)
            let_out(f, b);
        else if (due == 0 || b->due_ms < due)
            due = b->due_ms;
    }
    if (due != 0)
        uv_timer_start(t, on_timer, due - now, 0);
}

void hz_fold_flush(struct hz_fold *f, const void *stream)
{
    for (size_t i = 0; i < BURSTS; i++) {
        if (!stream || by_age(f, i)->stream == stream)
            let_out(f, by_age(f, i));
    }
}

/* ---- coming in -------------------------------------------------------------------------- */

/* FNV-1a over the frame. */
static uint64_t hash(const uint8_t *p, size_t n)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001b3u;
    return h;
}

static bool heard_by(const struct burst *b, const struct hz_topic *topic)
{
    for (size_t i = 0; i < b->n_heard; i++) {
        if (b->heard[i].topic == topic)
            return true;
    }
    return false;
}

/* The burst that this is a copy of: the nearest in time that its channel has not heard yet. */
static struct burst *find(struct hz_fold *f, const struct burst *copy, const struct hz_topic *topic)
{
    struct burst *best = NULL;
    int64_t nearest = INT64_MAX;
    for (size_t i = 0; i < BURSTS; i++) {
        struct burst *b = &f->bursts[i];
        if (b->frame != copy->frame || b->decoder != copy->decoder || heard_by(b, topic))
            continue;
        int64_t away = llabs(b->utc_ns - copy->utc_ns);
        if (away <= (b->stream == copy->stream ? near_ns : apart_ns) && away < nearest) {
            nearest = away;
            best = b;
        }
    }
    return best;
}

static void add_heard(struct burst *b, struct hz_topic *topic, float snr_db)
{
    if (b->n_heard == HEARD)
        return;
    b->heard[b->n_heard].topic = hz_topic_ref(topic);
    b->heard[b->n_heard++].snr_db = snr_db;
}

/* One more copy: the better one stays, or becomes, the message. */
static void add_copy(struct hz_fold *f, struct burst *b, struct hz_topic *topic,
                     const struct hz_record *rec)
{
    struct hz_frame *copy = hz_frame_new(topic, rec, "", 0);
    add_heard(b, topic, rec->snr_db);
    if (copy && b->held && rec->snr_db > b->best->rec.snr_db) {
        struct hz_frame *was = b->best;
        b->best = copy;
        copy = was;
    }
    publish_repeat(f, copy);
}

void hz_fold_publish(struct hz_fold *f, const struct hz_fold_from *from,
                     const struct hz_record *rec)
{
    /* a message without a frame is never a repeat */
    bool alone = *channels_of(f, from->decoder) < 2 || rec->raw_len == 0;
    struct burst now = {.decoder = from->decoder,
                        .frame = alone ? 0 : hash(rec->raw, rec->raw_len),
                        .utc_ns = rec->utc_ns,
                        .stream = from->stream};
    struct burst *b = alone ? NULL : find(f, &now, from->topic);
    if (b) {
        add_copy(f, b, from->topic, rec);
        return;
    }
    struct hz_frame *frame = hz_frame_new(from->topic, rec, "", 0);
    if (alone || !frame) {
        hz_bus_publish(f->bus, frame);
        return;
    }
    b = &f->bursts[f->next];
    let_out(f, b);
    forget(b);
    *b = now;
    b->held = true;
    b->best = frame;
    add_heard(b, from->topic, rec->snr_db);
    f->next = (f->next + 1) % BURSTS;
    if (!from->timed)
        return;
    b->due_ms = uv_now(f->timer.loop) + HOLD_MS;
    if (!uv_is_active((uv_handle_t *)&f->timer))
        uv_timer_start(&f->timer, on_timer, HOLD_MS, 0);
}

/* ---- life ------------------------------------------------------------------------------- */

struct hz_fold *hz_fold_new(uv_loop_t *loop, struct hz_bus *bus)
{
    struct hz_fold *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->bus = bus;
    uv_timer_init(loop, &f->timer);
    f->timer.data = f;
    return f;
}

static void on_closed(uv_handle_t *h)
{
    free(h->data);
}

void hz_fold_close(struct hz_fold *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < BURSTS; i++) {
        let_out(f, by_age(f, i));
        forget(by_age(f, i));
    }
    uv_close((uv_handle_t *)&f->timer, on_closed);
}
