#include "daemon/receive/channel_turns.h"
#include "daemon/receive/channel_own.h"

#include <stdlib.h>
#include <string.h>

/* A strand that hears each turn whose number is its own, modulo their number. */
struct hearer {
    struct hz_turner *turner;
    struct hz_strand strand;
    struct hz_piece current;
};

/* What one turn of the receiver was committed to, until it is published. */
struct result {
    struct hz_turner *turner;
    struct hz_job job;     /* commits a piece */
    bool at_work;          /* it was submitted */
    struct hz_piece piece; /* without references */
    bool goes_on;          /* the sink holds something of the turn, but not all */
    bool whole;            /* it is ready to be published */
    struct hz_sink sink;   /* with an arena of its own */
};

/* One is written while the one before waits for the loop. */
enum { RESULTS = 2 };

struct hz_turner {
    struct hz_channel *channel;
    const struct hz_turns *turns;
    uint64_t next;      /* number of the turn of the next block */
    bool inside;        /* a block of it was queued */
    size_t samples;     /* of it that were queued */
    uint64_t committed; /* turns that are committed */
    struct result result[RESULTS];
    uint64_t written, published; /* results whose last commit was submitted; that were published */
    struct result *latest;       /* whose job was submitted last */
    struct hz_stamp stamp;       /* of the block before */
    struct hz_overlap *tail;     /* the last samples of the stream; n 0: it begins */
    void (*closed)(struct hz_channel *c);
    size_t open; /* hearers whose strand is not closed */
    /* More than are heard at a time: the jobs of the next turns are there when one of them ends. */
    size_t n;
    struct hearer hearer[];
};

static struct hearer *hearer_of(struct hz_turner *t, uint64_t turn)
{
    return &t->hearer[turn % t->n];
}

/* ---- jobs ------------------------------------------------------------------------------- */

/* Whether nothing of the decoder's state is in use. */
static bool at_rest(const struct hz_turner *t, uint64_t next)
{
    bool rest = !t->channel->strand.busy && t->committed == next;
    for (size_t i = 0; i < t->n; i++)
        rest &= !t->hearer[i].strand.busy;
    return rest;
}

/* Whether the turn can begin, perhaps after the job that commits what it begins from. */
static bool may_begin(struct hearer *h, uint64_t turn)
{
    struct hz_turner *t = h->turner;
    const uint64_t back = turn <= t->turns->alone ? 1 : t->turns->at_a_time;
    if (turn < back + t->committed)
        return true;
    for (size_t i = 0; i < RESULTS; i++) {
        struct result *r = &t->result[i];
        if (r->at_work && r->piece.heard.turn + back == turn) {
            hz_job_after(&h->strand.job, &r->job);
            return true;
        }
    }
    return false;
}

static bool prepare(void *owner)
{
    struct hearer *h = owner;
    struct hz_channel *c = h->turner->channel;
    const struct hz_piece *p = hz_strand_peek(&h->strand);
    if (p->block && !hz_decoding_fits(&c->decoding, p->block, c->latitude, c->longitude)) {
        if (!at_rest(h->turner, p->heard.turn))
            return false;
        hz_decoding_place(&c->decoding, c->latitude, c->longitude);
        hz_decoding_set_up(&c->decoding, p->block);
        hz_channel_tell_error(c);
    }
    if (p->heard.begins && !may_begin(h, p->heard.turn))
        return false;
    h->current = hz_strand_take(&h->strand);
    return true;
}

static void work(void *owner)
{
    const struct hearer *h = owner;
    hz_decoding_hear(&h->turner->channel->decoding, &h->current);
}

/* A turn may be heard after one is committed, and committed after it was heard. */
static void go_on(struct hz_turner *t)
{
    hz_strand_go_on(&t->channel->strand);
    for (uint64_t i = 0; i < t->n; i++) {
        hz_strand_go_on(&hearer_of(t, t->committed + i)->strand);
        hz_strand_go_on(&t->channel->strand);
    }
}

static void finished(void *owner)
{
    struct hearer *h = owner;
    struct hz_turner *t = h->turner;
    struct hz_channel_stats *s = &t->channel->stats;
    s->cpu_ns += h->strand.job.cpu_ns;
    s->blocks += h->current.block != NULL;
    s->samples += h->current.block ? h->current.block->n : 0;
    struct hz_piece heard = h->current;
    h->current = (struct hz_piece){0};
    h->strand.result = heard.heard.ends;
    go_on(t);
    hz_piece_release(&heard); /* may re-enter: the next block may be queued before it returns */
}

static void destroy(void *owner)
{
    struct hearer *h = owner;
    struct hz_turner *t = h->turner;
    hz_piece_release(&h->current);
    if (--t->open == 0)
        t->closed(t->channel);
}

static const struct hz_strand_ops ops = {prepare, work, finished, destroy};

/* ---- commits ---------------------------------------------------------------------------- */

static void commit(struct hz_job *job)
{
    struct result *r = job->owner;
    hz_decoding_commit(&r->turner->channel->decoding, &r->piece, r->goes_on, &r->sink);
}

static void committed(struct hz_job *job)
{
    struct result *r = job->owner;
    struct hz_channel *c = r->turner->channel;
    r->at_work = false;
    r->whole = r->piece.turn.ends;
    r->goes_on = !r->whole;
    hz_channel_did(c, &r->piece, &r->sink, job->cpu_ns);
    hz_strand_done(&c->strand);
}

/* The result that the next commit is a part of; NULL: it is not published yet, or in work. */
static struct result *next_result(struct hz_turner *t)
{
    struct result *r = &t->result[t->written % RESULTS];
    return r->at_work || r->whole ? NULL : r;
}

/* The commit of a turn begins after the turn was heard and the one before is committed. */
static bool prepare_commit(void *owner)
{
    struct hz_channel *c = owner;
    struct hz_turner *t = c->turner;
    struct result *r = next_result(t);
    struct hearer *h = hearer_of(t, hz_strand_peek(&c->strand)->heard.turn);
    bool ends = h->strand.busy && h->current.heard.ends;
    if (!r || t->closed || !(h->strand.result || ends))
        return false;
    r->piece = hz_strand_take(&c->strand);
    hz_decoding_reserve(&r->sink, &r->piece, r->goes_on);
    if (ends)
        hz_job_after(&r->job, &h->strand.job);
    if (t->latest)
        hz_job_after(&r->job, &t->latest->job);
    r->job.work = commit;
    r->job.finished = committed;
    r->job.owner = r;
    r->job.rank = c->env.rank;
    r->at_work = true;
    t->latest = r;
    t->written += r->piece.turn.ends;
    hz_jobs_submit(c->env.jobs, &r->job);
    return true;
}

static void turn_committed(void *owner)
{
    struct hz_channel *c = owner;
    struct hz_turner *t = c->turner;
    struct hearer *h = hearer_of(t, t->committed++);
    hz_strand_result_taken(&h->strand);
    go_on(t);
}

const struct hz_strand_ops hz_turner_ops = {prepare_commit, NULL, turn_committed,
                                            hz_channel_destroy};

struct hz_sink *hz_turner_result(struct hz_turner *t)
{
    struct result *r = &t->result[t->published % RESULTS];
    return r->whole ? &r->sink : NULL;
}

void hz_turner_published(struct hz_turner *t)
{
    t->result[t->published++ % RESULTS].whole = false;
    go_on(t);
}

/* ---- the stream ------------------------------------------------------------------------- */

/* A copy of the tail; NULL: the stream begins, or there is no memory, and it begins anew. */
static struct hz_overlap *copy_tail(const struct hz_turner *t)
{
    const struct hz_overlap *tail = t->tail;
    size_t size = sizeof *tail + tail->n * hz_format_bytes(tail->format);
    struct hz_overlap *copy = tail->n > 0 ? malloc(size) : NULL;
    return copy ? memcpy(copy, tail, size) : NULL;
}

/* Appends the samples of a block to the tail, and drops as many of the oldest. */
static void keep_tail(struct hz_turner *t, const struct hz_block *b)
{
    struct hz_overlap *tail = t->tail;
    size_t most = t->turns->overlap, size = hz_format_bytes(b->format);
    size_t add = b->n < most ? b->n : most;
    size_t old = tail->n < most - add ? tail->n : most - add;
    memmove(tail->data, tail->data + (tail->n - old) * size, old * size);
    memcpy(tail->data + old * size, b->data + (b->n - add) * size, add * size);
    tail->n = old + add;
    tail->format = b->format;
    tail->first = b->first_sample + b->n - tail->n;
}

/* Queues a part of the present turn: a block, or with NULL the end of the stream. If the turn ends
 * with it, its commit is queued, too. */
static void queue(struct hz_turner *t, struct hz_block *b, struct hz_stamp stamp,
                  struct hz_turn turn, bool ends)
{
    struct hz_piece p = {.block = b ? hz_block_ref(b) : NULL,
                         .turn = turn,
                         .stamp = stamp,
                         .heard = {.turn = t->next, .begins = !t->inside, .ends = ends}};
    if (!t->inside)
        p.heard.overlap = copy_tail(t);
    t->inside = true;
    t->stamp = stamp;
    if (b) {
        t->samples += b->n;
        keep_tail(t, b);
    } else {
        t->tail->n = 0;
    }
    struct hearer *h = hearer_of(t, t->next);
    struct hz_piece commit = {.turn = turn,
                              .stamp = stamp,
                              .heard = {.turn = t->next,
                                        .samples = t->samples,
                                        .until = b ? b->first_sample + b->n : stamp.sample}};
    if (ends) {
        t->next++;
        t->inside = false;
        t->samples = 0;
    }
    hz_strand_push(&h->strand, p);
    if (ends)
        hz_strand_push(&t->channel->strand, commit);
    go_on(t);
}

void hz_turner_push(struct hz_turner *t, struct hz_block *b, struct hz_stamp stamp,
                    struct hz_turn turn, bool reset)
{
    if (reset && t->tail->n > 0) /* its messages are published with this turn */
        queue(t, NULL, t->stamp, (struct hz_turn){.n = turn.n}, true);
    queue(t, b, stamp, turn, turn.ends);
}

void hz_turner_finish(struct hz_turner *t, struct hz_turn turn, struct hz_stamp stamp)
{
    queue(t, NULL, stamp, turn, true);
}

bool hz_turner_has_room(const struct hz_turner *t)
{
    return hz_strand_has_room(&t->hearer[t->next % t->n].strand) &&
           hz_strand_has_room(&t->channel->strand);
}

bool hz_turner_idle(const struct hz_turner *t)
{
    bool idle = hz_strand_idle(&t->channel->strand) && t->published == t->written;
    for (size_t i = 0; i < t->n; i++)
        idle &= hz_strand_idle(&t->hearer[i].strand);
    return idle;
}

size_t hz_turner_queued(const struct hz_turner *t)
{
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        n += t->hearer[i].strand.count;
    return n;
}

/* Of two times, of which 0 is none. */
static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

uint64_t hz_turner_busy_since(const struct hz_turner *t)
{
    uint64_t since = 0;
    for (size_t i = 0; i < t->n; i++)
        since = earlier(since, hz_strand_busy_since(&t->hearer[i].strand));
    for (size_t i = 0; i < RESULTS; i++)
        since = earlier(since, t->result[i].at_work ? hz_job_at_work_since(&t->result[i].job) : 0);
    return since;
}

/* ---- making and closing ----------------------------------------------------------------- */

struct hz_turner *hz_turner_new(struct hz_channel *c, const struct hz_turns *turns)
{
    enum { WIDEST = 16 }; /* bytes of a sample: HZ_CF64 */
    size_t n = turns->at_a_time + RESULTS;
    struct hz_turner *t = calloc(1, sizeof *t + n * sizeof *t->hearer);
    struct hz_overlap *tail = calloc(1, sizeof *tail + turns->overlap * WIDEST);
    if (!t || !tail) {
        free(t);
        free(tail);
        return NULL;
    }
    t->channel = c;
    t->turns = turns;
    t->tail = tail;
    t->n = t->open = n;
    for (size_t i = 0; i < n; i++)
        t->hearer[i] = (struct hearer){.turner = t,
                                       .strand = {.jobs = c->env.jobs,
                                                  .ops = &ops,
                                                  .owner = &t->hearer[i],
                                                  .rank = c->env.rank,
                                                  .limit = c->env.inbox,
                                                  .progress = c->env.progress,
                                                  .ctx = c->env.ctx}};
    for (size_t i = 0; i < RESULTS; i++)
        t->result[i].turner = t;
    c->strand.limit = 2 * n;
    return t;
}

void hz_turner_free(struct hz_turner *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < RESULTS; i++)
        free(t->result[i].sink.arena);
    free(t->tail);
    free(t);
}

void hz_turner_close(struct hz_turner *t, void (*closed)(struct hz_channel *c))
{
    size_t n = t->n;
    t->closed = closed;
    for (size_t i = 0; i < n; i++)
        hz_strand_close(&t->hearer[i].strand, NULL, NULL); /* the last one may free t */
}
