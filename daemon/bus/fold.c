#include "daemon/bus/fold.h"

#include "daemon/base/hash.h"
#include "daemon/bus/copies.h"

#include <stdlib.h>

enum {
    BURSTS = 1024, /* remembered; the oldest is forgotten */
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

/* Bursts that are held, in order of arrival. */
struct queue {
    struct hz_copied *first, *last;
};

struct hz_fold {
    struct hz_bus *bus;
    uv_timer_t timer;
    struct member *members;
    size_t n_members;
    struct hz_copies bursts;
    /* Those that wait for our own channels, until these have passed them; and, where stations send
     * copies too, those that wait for their whole time. In each, the first is due first. */
    struct queue near, far;
    uint64_t far_ms; /* hold of `far`; 0: there are no stations */
    size_t n_far;    /* hz_fold_far */
    struct hz_fold_counts counts;
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
    return f->far_ms == 0;
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

int hz_fold_far(struct hz_fold *f, uint64_t hold_ms, size_t bursts)
{
    int rc = hz_copies_widen(&f->bursts, bursts);
    if (rc != 0)
        return rc;
    f->n_far++;
    f->far_ms = hold_ms > f->far_ms ? hold_ms : f->far_ms;
    return 0;
}

void hz_fold_no_far(struct hz_fold *f)
{
    if (--f->n_far == 0)
        f->far_ms = 0;
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

static void print_hearing(struct hz_json *j, const struct hz_hearing *h)
{
    const struct hz_topic *t = h->topic;
    hz_json_open(j, NULL);
    if (t->station[0])
        hz_json_str(j, "station", t->station);
    hz_json_str(j, "receiver", t->receiver);
    hz_json_str(j, "channel", t->channel);
    hz_json_decimals(j, "snr_db", (double)h->snr_db, 1);
    if (t->station[0])
        hz_json_time(j, "time", h->utc_ns);
    hz_json_close(j);
}

/* The message with the list of who heard it behind the protocol's object. */
static struct hz_frame *add_list(const struct hz_copied *b)
{
    size_t cap = 128 + b->n_heard * (3 * 6 * HZ_NAME_MAX + 160); /* a character takes 6 at most */
    char *text = malloc(cap);
    if (!text)
        return NULL;
    struct hz_json j;
    hz_json_init(&j, text, cap);
    hz_json_raw(&j, ",", 1);
    hz_json_raw(&j, "\"heard\":[", 9);
    for (size_t i = 0; i < b->n_heard; i++)
        print_hearing(&j, &b->heard[i]);
    hz_json_close_array(&j);
    if (b->n_ears > b->n_heard)
        hz_json_uint(&j, "heard_count", b->n_ears);
    struct hz_frame *f = hz_frame_new(b->best->topic, &b->best->rec, j.buf, j.len);
    free(text);
    return f;
}

/* Publishes b, which is held in that queue behind `before` (NULL: it is the first). */
static void let_out(struct hz_fold *f, struct queue *q, struct hz_copied *before)
{
    struct hz_copied **at = before ? &before->next_held : &q->first, *b = *at;
    struct hz_frame *out = b->best;
    *at = b->next_held;
    if (q->last == b)
        q->last = before;
    if (b->n_heard > 1) {
        out = add_list(b);
        hz_frame_unref(b->best);
    }
    b->best = NULL;
    hz_copied_settle(b);
    hz_bus_publish(f->bus, out);
}

/* Publishes what is due: of a queue's first ones. Returns when the next one will be; 0: none. */
static uint64_t let_due_out(struct hz_fold *f, struct queue *q)
{
    uint64_t now = uv_now(f->timer.loop);
    struct hz_copied *before = NULL, *b;
    while ((b = before ? before->next_held : q->first)) {
        if (b->due_ms == 0)
            before = b; /* not timed */
        else if (b->due_ms > now)
            return b->due_ms;
        else
            let_out(f, q, before);
    }
    return 0;
}

static void on_timer(uv_timer_t *t)
{
    struct hz_fold *f = t->data;
    uint64_t near = let_due_out(f, &f->near), far = let_due_out(f, &f->far);
    uint64_t due = near == 0 || (far != 0 && far < near) ? far : near;
    if (due != 0)
        uv_timer_start(t, on_timer, due - uv_now(t->loop), 0);
}

static void flush(struct hz_fold *f, struct queue *q, const void *stream)
{
    struct hz_copied *before = NULL, *b;
    while ((b = before ? before->next_held : q->first)) {
        if (!stream || b->stream == stream)
            let_out(f, q, before);
        else
            before = b;
    }
}

void hz_fold_flush(struct hz_fold *f, const void *stream)
{
    flush(f, &f->near, stream);
    flush(f, &f->far, stream);
}

/* Forgets the oldest burst; what is held still goes out before. */
static void forget(struct hz_fold *f)
{
    const struct hz_copied *b = f->bursts.oldest;
    if (b->best && f->near.first == b)
        let_out(f, &f->near, NULL);
    else if (b->best && f->far.first == b)
        let_out(f, &f->far, NULL);
    hz_copies_drop(&f->bursts);
}

/* Whether a channel may still give a copy. One that has not said for HOLD_MS how far it is has no
 * samples: it is not waited for. */
static bool may_come(const struct hz_copied *b, const struct member *m, uint64_t now_ms)
{
    int64_t late = near_ns + (m->stream == b->stream ? 0 : m->late_ns);
    return m->decoder == b->decoder && m->timed && now_ms - m->told_ms < HOLD_MS &&
           m->told_ms != 0 && m->until_ns < b->end_ns + late &&
           !hz_copied_heard_by(b, hz_ear_of(m->topic));
}

static bool all_passed(const struct hz_fold *f, const struct hz_copied *b)
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
    struct hz_copied *before = NULL, *b;
    while ((b = before ? before->next_held : f->near.first)) {
        if (b->decoder == from->decoder && b->due_ms != 0 && all_passed(f, b))
            let_out(f, &f->near, before);
        else
            before = b;
    }
}

/* ---- coming in -------------------------------------------------------------------------- */

/* A copy of another receiver: by how much its clock is ahead is remembered, a large difference for
 * long. */
static void learn_lateness(struct hz_fold *f, const struct hz_copied *b,
                           const struct hz_fold_from *from, int64_t utc_ns)
{
    struct member *m = member_of(f, from->topic);
    if (!m || b->stream == from->stream)
        return;
    int64_t late = utc_ns - b->utc_ns, kept = m->late_ns - m->late_ns / MEMORY;
    m->late_ns = late > kept ? late : kept;
}

static struct hz_frame *frame_of(const struct hz_fold_from *from, const struct hz_record *rec)
{
    return hz_frame_new(from->topic, rec, from->more ? from->more : "", from->more_len);
}

/* One more copy: the better one stays, or becomes, the message. */
static void add_copy(struct hz_fold *f, struct hz_copied *b, const struct hz_fold_from *from,
                     const struct hz_record *rec)
{
    struct hz_frame *copy = frame_of(from, rec);
    f->counts.copies++;
    f->counts.late += !b->best;
    hz_copied_hear(b, from->topic, rec->utc_ns, rec->snr_db);
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
    bool far = f->far_ms > 0 && from->timed;
    struct queue *q = far ? &f->far : &f->near;
    if (f->bursts.n == f->bursts.limit)
        forget(f);
    struct hz_copied *b = hz_copies_add(&f->bursts, from->decoder, frame, best->rec.utc_ns);
    if (!b) {
        hz_bus_publish(f->bus, best); /* its copies are not folded */
        return;
    }
    b->end_ns = best->rec.end_ns ? best->rec.end_ns : from->until_ns;
    b->stream = from->stream;
    b->best = best;
    b->serial = f->counts.taken;
    hz_copied_hear(b, from->topic, best->rec.utc_ns, best->rec.snr_db);
    if (q->last)
        q->last->next_held = b;
    else
        q->first = b;
    q->last = b;
    if (!from->timed)
        return;
    uint64_t hold_ms = far ? f->far_ms : HOLD_MS;
    b->due_ms = uv_now(f->timer.loop) + hold_ms;
    if (!uv_is_active((uv_handle_t *)&f->timer) || uv_timer_get_due_in(&f->timer) > hold_ms)
        uv_timer_start(&f->timer, on_timer, hold_ms, 0);
}

void hz_fold_publish(struct hz_fold *f, const struct hz_fold_from *from,
                     const struct hz_record *rec)
{
    /* a message without a frame is never a repeat */
    bool single = rec->raw_len == 0 || alone(f, from);
    struct hz_copied like = {
        .decoder = from->decoder, .utc_ns = rec->utc_ns, .stream = from->stream};
    struct hz_copied *b = NULL;
    f->counts.taken++;
    if (!single) {
        like.frame = hz_hash(HZ_HASH, rec->raw, rec->raw_len);
        b = hz_copies_find(&f->bursts, &like, hz_ear_of(from->topic), near_ns,
                           from->apart_ns ? from->apart_ns : apart_ns);
    }
    if (b) {
        add_copy(f, b, from, rec);
        return;
    }
    struct hz_frame *best = frame_of(from, rec);
    if (single || !best)
        hz_bus_publish(f->bus, best);
    else
        hold(f, from, like.frame, best);
}

uint64_t hz_fold_settled(const struct hz_fold *f)
{
    uint64_t near = f->near.first ? f->near.first->serial : f->counts.taken + 1;
    return f->far.first && f->far.first->serial < near ? f->far.first->serial : near;
}

struct hz_fold_counts hz_fold_counts(const struct hz_fold *f)
{
    struct hz_fold_counts c = f->counts;
    c.remembered = f->bursts.n;
    return c;
}

/* ---- life ------------------------------------------------------------------------------- */

struct hz_fold *hz_fold_new(uv_loop_t *loop, struct hz_bus *bus)
{
    struct hz_fold *f = calloc(1, sizeof *f);
    if (!f || hz_copies_init(&f->bursts, BURSTS) != 0) {
        free(f);
        return NULL;
    }
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
    hz_copies_done(&f->bursts);
    uv_close((uv_handle_t *)&f->timer, on_closed);
}
