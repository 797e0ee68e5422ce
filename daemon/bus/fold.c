#include "daemon/bus/fold.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BURSTS = 1024, /* remembered; the oldest is forgotten */
    HEARD = 8,     /* named in one message */
    HOLD_MS = 250, /* longer than a job and the wait for it */
    MEMORY = 256,  /* copies after which a lateness is forgotten */
};

/* How far apart the times of one burst may be: in one receiver's samples, and by two clocks that
 * the arrival of USB transfers disciplines. */
static const int64_t near_ns = 2000000, apart_ns = 100000000;

/* A channel that may hear what others hear. */
struct member {
    const struct hz_decoder *decoder;
    const struct hz_topic *topic;
    const void *stream;
    bool timed;
    int64_t until_ns; /* up to where it has decoded */
    uint64_t told_ms; /* when it said so, by the loop's clock */
    int64_t late_ns;  /* by how much its receiver's clock was ahead of others' lately */
};

struct burst {
    const struct hz_decoder *decoder; /* NULL: unused */
    int64_t utc_ns, end_ns;
    const void *stream;
    uint64_t due_ms;         /* of the loop's clock; 0: not timed */
    struct hz_frame *best;   /* while held, not numbered yet; else NULL */
    struct burst *next_held; /* that came after it */
    struct {
        struct hz_topic *topic;
        float snr_db;
    } heard[HEARD];
    size_t n_heard;
};

struct hz_fold {
    struct hz_bus *bus;
    uv_timer_t timer;
    struct member *members;
    size_t n_members;
    struct burst bursts[BURSTS]; /* a ring */
    uint64_t frame[BURSTS];      /* hashes of their frames; 0: unused */
    size_t next;                 /* the place of the next one, which is the oldest */
    struct burst *held;          /* the oldest of those */
};

/* ---- who is there ----------------------------------------------------------------------- */

static struct member *member_of(struct hz_fold *f, const struct hz_topic *topic)
{
    for (size_t i = 0; i < f->n_members; i++) {
        if (f->members[i].topic == topic)
            return &f->members[i];
    }
    return NULL;
}

/* Whether any other channel may hear the same. */
static bool alone(const struct hz_fold *f, const struct hz_fold_from *from)
{
    for (size_t i = 0; i < f->n_members; i++) {
        if (f->members[i].decoder == from->decoder && f->members[i].topic != from->topic)
            return false;
    }
    return true;
}

void hz_fold_join(struct hz_fold *f, const struct hz_fold_from *from)
{
    struct member *more = realloc(f->members, (f->n_members + 1) * sizeof *more);
    if (!more)
        return; /* its repeats are not folded */
    f->members = more;
    f->members[f->n_members++] = (struct member){.decoder = from->decoder,
                                                 .topic = from->topic,
                                                 .stream = from->stream,
                                                 .timed = from->timed};
}

void hz_fold_leave(struct hz_fold *f, const struct hz_topic *topic)
{
    struct member *m = member_of(f, topic);
    if (m)
        *m = f->members[--f->n_members];
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

/* Publishes the one at *at of the list of those held, and takes it off. */
static void let_out(struct hz_fold *f, struct burst **at)
{
    struct burst *b = *at;
    struct hz_frame *out = b->best;
    *at = b->next_held;
    if (b->n_heard > 1) {
        out = add_list(b);
        hz_frame_unref(b->best);
    }
    b->best = NULL;
    hz_bus_publish(f->bus, out);
}

static void forget(struct hz_fold *f, size_t i)
{
    struct burst *b = &f->bursts[i];
    struct burst **at = &f->held;
    while (*at && *at != b)
        at = &(*at)->next_held;
    if (*at)
        let_out(f, at);
    for (size_t k = 0; k < b->n_heard; k++)
        hz_topic_unref(b->heard[k].topic);
    *b = (struct burst){0};
    f->frame[i] = 0;
}

static void on_timer(uv_timer_t *t)
{
    struct hz_fold *f = t->data;
    uint64_t now = uv_now(t->loop), due = 0;
    for (struct burst **at = &f->held; *at;) {
        const struct burst *b = *at;
        if (b->due_ms != 0 && b->due_ms <= now) {
            let_out(f, at);
            continue;
        }
        if (b->due_ms != 0 && (due == 0 || b->due_ms < due))
            due = b->due_ms;
        at = &(*at)->next_held;
    }
    if (due != 0)
        uv_timer_start(t, on_timer, due - now, 0);
}

void hz_fold_flush(struct hz_fold *f, const void *stream)
{
    for (struct burst **at = &f->held; *at;) {
        if (!stream || (*at)->stream == stream)
            let_out(f, at);
        else
            at = &(*at)->next_held;
    }
}

static bool heard_by(const struct burst *b, const struct hz_topic *topic)
{
    for (size_t i = 0; i < b->n_heard; i++) {
        if (b->heard[i].topic == topic)
            return true;
    }
    return false;
}

/* Whether a channel may still give a copy. One that has not said for HOLD_MS how far it is has no
 * samples: it is not waited for. */
static bool may_come(const struct burst *b, const struct member *m, uint64_t now_ms)
{
    int64_t late = near_ns + (m->stream == b->stream ? 0 : m->late_ns);
    return m->decoder == b->decoder && m->timed && now_ms - m->told_ms < HOLD_MS &&
           m->told_ms != 0 && m->until_ns < b->end_ns + late && !heard_by(b, m->topic);
}

static bool all_passed(const struct hz_fold *f, const struct burst *b)
{
    uint64_t now = uv_now(f->timer.loop);
    for (size_t i = 0; i < f->n_members; i++) {
        if (may_come(b, &f->members[i], now))
            return false;
    }
    return true;
}

void hz_fold_passed(struct hz_fold *f, const struct hz_fold_from *from)
{
    struct member *m = member_of(f, from->topic);
    if (!m || from->until_ns == 0)
        return;
    m->until_ns = from->until_ns;
    m->told_ms = uv_now(f->timer.loop);
    for (struct burst **at = &f->held; *at;) {
        if ((*at)->decoder == from->decoder && (*at)->due_ms != 0 && all_passed(f, *at))
            let_out(f, at);
        else
            at = &(*at)->next_held;
    }
}

/* ---- coming in -------------------------------------------------------------------------- */

/* FNV-1a over the frame; never 0. */
static uint64_t hash(const uint8_t *p, size_t n)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 0x100000001b3u;
    return h ? h : 1;
}

/* The burst that this is a copy of: the nearest in time that its channel has not heard yet. */
static struct burst *find(struct hz_fold *f, const struct hz_fold_from *from, uint64_t frame,
                          int64_t utc_ns)
{
    struct burst *best = NULL;
    int64_t nearest = INT64_MAX;
    for (size_t i = 0; i < BURSTS; i++) {
        struct burst *b = &f->bursts[i];
        if (f->frame[i] != frame || b->decoder != from->decoder || heard_by(b, from->topic))
            continue;
        int64_t away = llabs(b->utc_ns - utc_ns);
        if (away <= (b->stream == from->stream ? near_ns : apart_ns) && away < nearest) {
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

/* A copy of another receiver: by how much its clock is ahead is remembered, a large difference for
 * long. */
static void learn_lateness(struct hz_fold *f, const struct burst *b,
                           const struct hz_fold_from *from, int64_t utc_ns)
{
    struct member *m = member_of(f, from->topic);
    if (!m || b->stream == from->stream)
        return;
    int64_t late = utc_ns - b->utc_ns, kept = m->late_ns - m->late_ns / MEMORY;
    m->late_ns = late > kept ? late : kept;
}

/* One more copy: the better one stays, or becomes, the message. */
static void add_copy(struct hz_fold *f, struct burst *b, const struct hz_fold_from *from,
                     const struct hz_record *rec)
{
    struct hz_frame *copy = hz_frame_new(from->topic, rec, "", 0);
    add_heard(b, from->topic, rec->snr_db);
    learn_lateness(f, b, from, rec->utc_ns);
    if (copy && b->best && rec->snr_db > b->best->rec.snr_db) {
        struct hz_frame *was = b->best;
        b->best = copy;
        copy = was;
    }
    publish_repeat(f, copy);
}

/* Takes the frame over. */
static void hold(struct hz_fold *f, const struct hz_fold_from *from, uint64_t frame,
                 struct hz_frame *best)
{
    size_t i = f->next;
    struct burst *b = &f->bursts[i];
    struct burst **last = &f->held;
    forget(f, i);
    f->frame[i] = frame;
    *b = (struct burst){.decoder = from->decoder,
                        .utc_ns = best->rec.utc_ns,
                        .end_ns = best->rec.end_ns ? best->rec.end_ns : from->until_ns,
                        .stream = from->stream,
                        .best = best};
    while (*last)
        last = &(*last)->next_held;
    *last = b;
    add_heard(b, from->topic, best->rec.snr_db);
    f->next = (i + 1) % BURSTS;
    if (!from->timed)
        return;
    b->due_ms = uv_now(f->timer.loop) + HOLD_MS;
    if (!uv_is_active((uv_handle_t *)&f->timer))
        uv_timer_start(&f->timer, on_timer, HOLD_MS, 0);
}

void hz_fold_publish(struct hz_fold *f, const struct hz_fold_from *from,
                     const struct hz_record *rec)
{
    /* a message without a frame is never a repeat */
    bool single = rec->raw_len == 0 || alone(f, from);
    uint64_t frame = single ? 0 : hash(rec->raw, rec->raw_len);
    struct burst *b = single ? NULL : find(f, from, frame, rec->utc_ns);
    if (b) {
        add_copy(f, b, from, rec);
        return;
    }
    struct hz_frame *best = hz_frame_new(from->topic, rec, "", 0);
    if (single || !best)
        hz_bus_publish(f->bus, best);
    else
        hold(f, from, frame, best);
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
    struct hz_fold *f = h->data;
    free(f->members);
    free(f);
}

void hz_fold_close(struct hz_fold *f)
{
    if (!f)
        return;
    hz_fold_flush(f, NULL);
    for (size_t i = 0; i < BURSTS; i++)
        forget(f, i);
    uv_close((uv_handle_t *)&f->timer, on_closed);
}
