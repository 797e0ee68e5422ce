#include "daemon/output/spool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PUT_RECORDS = 8192, /* that wait in memory to be written */
    PUT_BYTES = 4 * 1024 * 1024,
    AHEAD = 512, /* records that are read before they are asked for */
    AHEAD_BYTES = 512 * 1024,
    SYNC_MS = 1000,
    RETRY_TICKS = 5, /* seconds between tries to open it, or to write */
    ERROR_MAX = 256,
};

struct list {
    struct hz_spooled *first, **end;
    size_t n, bytes;
};

/* The job's, from its start to its end. */
struct work {
    struct hz_spool_disk *disk;
    struct list put, got;
    size_t want; /* records to read */
    uint64_t release;
    bool sync, open, close;
    char error[ERROR_MAX];
    struct hz_spool_counts counts;
};

struct hz_spool {
    uv_loop_t *loop;
    char *path;
    uint64_t max_bytes;
    void (*changed)(void *ctx);
    void *ctx;
    uv_work_t job;
    bool busy;
    struct work work;
    /* loop */
    bool is_open;
    size_t writing;      /* records that the job has to write */
    uint64_t read_up_to; /* number of the last record that was read */
    struct list put, ahead;
    uint64_t released, wanted_release;
    uint64_t synced_ms;
    bool unsynced; /* the last job did not sync */
    int pause;     /* ticks until it tries again */
    struct hz_spool_counts counts;
    char error[ERROR_MAX];
    void (*closed)(void *ctx, uint64_t lost);
    void *closed_ctx;
};

static void list_init(struct list *l)
{
    *l = (struct list){.end = &l->first};
}

static void list_add(struct list *l, struct hz_spooled *r)
{
    r->next = NULL;
    *l->end = r;
    l->end = &r->next;
    l->n++;
    l->bytes += r->n;
}

static struct hz_spooled *list_take(struct list *l)
{
    struct hz_spooled *r = l->first;
    if (!r)
        return NULL;
    l->first = r->next;
    if (!l->first)
        l->end = &l->first;
    l->n--;
    l->bytes -= r->n;
    r->next = NULL;
    return r;
}

/* Moves all of `from` behind `to`. */
static void list_join(struct list *to, struct list *from)
{
    if (from->first) {
        *to->end = from->first;
        to->end = from->end;
        to->n += from->n;
        to->bytes += from->bytes;
    }
    list_init(from);
}

static void list_done(struct list *l)
{
    for (struct hz_spooled *r; (r = list_take(l));)
        free(r);
}

/* ---- the job ------------------------------------------------------------------------------ */

static void append_all(struct work *w)
{
    while (w->put.first && hz_spool_disk_append(w->disk, w->put.first->data, w->put.first->n,
                                                w->error, sizeof w->error) == 0)
        free(list_take(&w->put));
}

static void read_some(struct work *w)
{
    const uint8_t *data;
    size_t n;
    uint64_t number;
    while (w->got.n < w->want && w->got.bytes < AHEAD_BYTES &&
           (number = hz_spool_disk_read(w->disk, &data, &n)) > 0) {
        struct hz_spooled *r = malloc(sizeof *r + n);
        if (!r) /* later */
            return;
        *r = (struct hz_spooled){.number = number, .n = n};
        memcpy(r->data, data, n);
        list_add(&w->got, r);
        hz_spool_disk_step(w->disk);
    }
}

static void work(uv_work_t *job)
{
    struct hz_spool *s = job->data;
    struct work *w = &s->work;
    w->error[0] = '\0';
    if (w->open)
        w->disk = hz_spool_disk_open(s->path, s->max_bytes, w->error, sizeof w->error);
    if (!w->disk)
        return;
    append_all(w);
    if (w->release > 0)
        hz_spool_disk_release(w->disk, w->release + 1);
    read_some(w);
    if (w->sync)
        hz_spool_disk_sync(w->disk);
    w->counts = hz_spool_disk_counts(w->disk);
    if (w->close) {
        hz_spool_disk_close(w->disk);
        w->disk = NULL;
    }
}

/* ---- the loop ----------------------------------------------------------------------------- */

static void start(struct hz_spool *s);

static void ended(struct hz_spool *s)
{
    void (*closed)(void *ctx, uint64_t lost) = s->closed;
    void *ctx = s->closed_ctx;
    uint64_t lost = s->put.n;
    list_done(&s->put);
    list_done(&s->ahead);
    free(s->path);
    free(s);
    closed(ctx, lost);
}

static void finished(uv_work_t *job, int status)
{
    (void)status;
    struct hz_spool *s = job->data;
    struct work *w = &s->work;
    s->busy = false;
    if (w->open)
        s->is_open = w->disk != NULL;
    if (w->release > s->released)
        s->released = w->release;
    if (s->is_open)
        s->counts = w->counts;
    if (w->sync)
        s->synced_ms = uv_now(s->loop);
    memcpy(s->error, w->error, sizeof s->error);
    s->pause = *w->error ? RETRY_TICKS : 0;
    list_join(&w->put, &s->put); /* what could not be written stays in front */
    list_join(&s->put, &w->put);
    if (s->is_open && w->open)
        s->read_up_to = s->counts.first - 1;
    for (struct hz_spooled *r; (r = list_take(&w->got));) {
        s->read_up_to = r->number;
        list_add(&s->ahead, r);
    }
    s->writing = 0;
    if (w->close) {
        ended(s);
        return;
    }
    if (!s->closed)
        s->changed(s->ctx);
    start(s);
}

/* Starts the next job if there is something to do. */
static void start(struct hz_spool *s)
{
    struct work *w = &s->work;
    if (s->busy)
        return;
    bool low = s->ahead.n < AHEAD / 4 && s->counts.next > s->read_up_to + 1;
    w->close = s->closed != NULL;
    w->open = !s->is_open && (s->pause == 0 || w->close);
    w->want = s->is_open && low && !w->close ? AHEAD - s->ahead.n : 0;
    w->release = s->wanted_release > s->released ? s->wanted_release : 0;
    bool write = s->is_open && s->put.n > 0 && (s->pause == 0 || w->close);
    w->sync = uv_now(s->loop) - s->synced_ms >= SYNC_MS;
    if (!w->open && !w->close && !write && !w->release && w->want == 0 && !(s->unsynced && w->sync))
        return;
    s->unsynced = !w->sync;
    if (write)
        list_join(&w->put, &s->put);
    s->writing = w->put.n;
    s->busy = true;
    s->job.data = s;
    if (uv_queue_work(s->loop, &s->job, work, finished) != 0)
        s->busy = false;
}

struct hz_spool *hz_spool_new(uv_loop_t *loop, const char *path, uint64_t max_bytes,
                              void (*changed)(void *ctx), void *ctx)
{
    struct hz_spool *s = calloc(1, sizeof *s);
    if (!s || !(s->path = strdup(path))) {
        free(s);
        return NULL;
    }
    s->loop = loop;
    s->max_bytes = max_bytes;
    s->changed = changed;
    s->ctx = ctx;
    list_init(&s->put);
    list_init(&s->ahead);
    list_init(&s->work.put);
    list_init(&s->work.got);
    start(s);
    return s;
}

bool hz_spool_room(const struct hz_spool *s)
{
    return s->is_open && s->pause == 0 && s->put.n < PUT_RECORDS && s->put.bytes < PUT_BYTES;
}

void hz_spool_put(struct hz_spool *s, struct hz_spooled *r)
{
    r->number = 0;
    list_add(&s->put, r);
    start(s);
}

struct hz_spooled *hz_spool_take(struct hz_spool *s)
{
    struct hz_spooled *r = list_take(&s->ahead);
    while (r && r->number < s->counts.first) { /* dropped meanwhile */
        free(r);
        r = list_take(&s->ahead);
    }
    start(s);
    return r;
}

void hz_spool_release(struct hz_spool *s, uint64_t number)
{
    if (number > s->wanted_release)
        s->wanted_release = number;
    start(s);
}

bool hz_spool_is_open(const struct hz_spool *s)
{
    return s->is_open;
}

uint64_t hz_spool_records(const struct hz_spool *s)
{
    uint64_t first = s->counts.first;
    if (s->wanted_release >= first)
        first = s->wanted_release + 1;
    return (s->counts.next > first ? s->counts.next - first : 0) + s->put.n + s->writing;
}

bool hz_spool_is_written(const struct hz_spool *s)
{
    return s->writing == 0 && s->put.n == 0;
}

struct hz_spool_counts hz_spool_counts(const struct hz_spool *s)
{
    return s->counts;
}

const char *hz_spool_error(const struct hz_spool *s)
{
    return s->error;
}

void hz_spool_tick(struct hz_spool *s)
{
    if (s->pause > 0)
        s->pause--;
    start(s);
}

void hz_spool_close(struct hz_spool *s, void (*closed)(void *ctx, uint64_t lost), void *ctx)
{
    s->closed = closed;
    s->closed_ctx = ctx;
    start(s);
}
