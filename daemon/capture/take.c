#include "daemon/capture/take.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 16 /* chunks of a job: 4 MiB */ };

struct hz_take {
    struct hz_take_env env;
    struct hz_sigmf about;        /* its lists: only of the last job */
    struct hz_capture_span first; /* set before the first job */
    size_t spans_cap;
    struct hz_chunk **queue; /* not written yet */
    size_t n, cap;
    uint64_t samples;
    bool finishing;
    /* the job's while it is busy */
    uv_work_t job;
    bool busy, begun, last;
    struct hz_chunk *batch[BATCH];
    size_t n_batch;
    struct hz_capture_file file;
    struct hz_taken taken;
};

struct hz_take *hz_take_new(const struct hz_take_env *env, const struct hz_sigmf *about)
{
    struct hz_take *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->env = *env;
    t->about = *about;
    t->file.fd = -1;
    return t;
}

static void fail(struct hz_take *t, int rc, const char *why)
{
    if (t->taken.rc < 0)
        return;
    t->taken.rc = rc;
    snprintf(t->taken.error, sizeof t->taken.error, "%s", why);
}

/* ---- the job ---- */

static int begin(struct hz_take *t, char *err, size_t err_len)
{
    const struct hz_capture_words words = {.name = t->about.name,
                                           .receiver = t->about.receiver,
                                           .utc_ns = t->first.utc_ns,
                                           .centre_hz = t->first.centre_hz,
                                           .rate_hz = t->about.rate_hz,
                                           .format = t->about.format};
    struct hz_folder *folder = t->env.folder;
    int rc = folder->known ? 0 : hz_folder_read(folder, err, err_len);
    if (rc == 0)
        rc = hz_folder_make_room(folder, t->env.bytes_most, err, err_len);
    if (rc == 0)
        rc = hz_capture_file_begin(&t->file, folder, t->env.pattern, &words, t->env.bytes_most, err,
                                   err_len);
    return rc;
}

static int write_batch(struct hz_take *t, char *err, size_t err_len)
{
    int rc = 0;
    if (!t->begun)
        rc = begin(t, err, err_len);
    t->begun = true;
    for (size_t i = 0; rc == 0 && i < t->n_batch; i++)
        rc = hz_capture_file_write(&t->file, t->batch[i]->data,
                                   t->batch[i]->n * t->env.sample_bytes, err, err_len);
    return rc;
}

static void work(uv_work_t *job)
{
    struct hz_take *t = job->data;
    char err[HZ_TAKE_ERROR_MAX] = "";
    int rc = t->taken.rc;
    if (rc == 0 && t->n_batch > 0)
        rc = write_batch(t, err, sizeof err);
    if (rc == 0 && t->last && !t->begun) {
        rc = -ENODATA;
        snprintf(err, sizeof err, "there were no samples");
    }
    if (rc == 0 && t->last)
        rc = hz_capture_file_finish(&t->file, &t->about, err, sizeof err);
    if (rc == 0 && t->last)
        hz_folder_trim(t->env.folder);
    if (rc == 0)
        return;
    hz_capture_file_abandon(&t->file);
    fail(t, rc, err);
}

/* ---- on the loop ---- */

static void drop_batch(struct hz_take *t)
{
    for (size_t i = 0; i < t->n_batch; i++)
        hz_chunk_unref(t->batch[i]);
    t->n_batch = 0;
}

static void destroy(struct hz_take *t)
{
    free(t->about.spans);
    free(t->about.notes);
    free(t->queue);
    free(t);
}

static void end(struct hz_take *t)
{
    struct hz_taken taken = t->taken;
    void (*done)(void *ctx, const struct hz_taken *taken) = t->env.done;
    void *ctx = t->env.ctx;
    memcpy(taken.file, t->file.names.meta, sizeof taken.file);
    taken.bytes = t->file.names.bytes;
    taken.samples = t->samples;
    taken.messages = t->about.n_notes;
    destroy(t);
    done(ctx, &taken);
}

static void go_on(struct hz_take *t);

static void finished(uv_work_t *job, int status)
{
    (void)status;
    struct hz_take *t = job->data;
    t->busy = false;
    drop_batch(t);
    if (t->last)
        end(t);
    else
        go_on(t);
}

static void go_on(struct hz_take *t)
{
    if (t->busy || (t->n == 0 && !t->finishing))
        return;
    t->n_batch = t->n < BATCH ? t->n : BATCH;
    if (t->n_batch > 0)
        memcpy(t->batch, t->queue, t->n_batch * sizeof *t->batch);
    t->n -= t->n_batch;
    if (t->n > 0)
        memmove(t->queue, t->queue + t->n_batch, t->n * sizeof *t->queue);
    t->last = t->finishing && t->n == 0;
    t->busy = true;
    t->job.data = t;
    uv_queue_work(t->env.loop, &t->job, work, finished);
}

/* A list with room for one more; NULL: no memory, and the list is as it was. */
static void *grown(void *list, size_t *cap, size_t n, size_t size)
{
    if (n < *cap)
        return list;
    size_t more = *cap > 0 ? 2 * *cap : 64;
    void *to = realloc(list, more * size);
    if (to)
        *cap = more;
    return to;
}

/* The chunk's samples go on with the last span, or begin one. False: no memory. */
static bool add_span(struct hz_take *t, const struct hz_chunk *c)
{
    struct hz_sigmf *s = &t->about;
    struct hz_capture_span *last = s->n_spans > 0 ? &s->spans[s->n_spans - 1] : NULL;
    if (last && last->epoch == c->epoch && last->first + last->n == c->first &&
        last->centre_hz == c->centre_hz) {
        last->n += c->n;
        return true;
    }
    struct hz_capture_span *more = grown(s->spans, &t->spans_cap, s->n_spans, sizeof *more);
    if (!more)
        return false;
    s->spans = more;
    more[s->n_spans++] = (struct hz_capture_span){.at = t->samples,
                                                  .n = c->n,
                                                  .epoch = c->epoch,
                                                  .first = c->first,
                                                  .utc_ns = c->utc_ns,
                                                  .centre_hz = c->centre_hz};
    if (t->samples == 0)
        t->first = more[0];
    return true;
}

void hz_take_chunk(struct hz_take *t, struct hz_chunk *c)
{
    struct hz_chunk **more = grown(t->queue, &t->cap, t->n, sizeof *more);
    t->queue = more ? more : t->queue;
    if (!more || !add_span(t, c))
        return;
    t->queue[t->n++] = hz_chunk_ref(c);
    t->samples += c->n;
    go_on(t);
}

/* Those that are of its samples. */
static void take_notes(struct hz_take *t, const struct hz_notes *notes)
{
    struct hz_sigmf *s = &t->about;
    uint64_t at;
    s->notes = notes->n > 0 ? malloc(notes->n * sizeof *s->notes) : NULL;
    for (size_t i = 0; s->notes && i < notes->n; i++) {
        const struct hz_note *note = hz_notes_at(notes, i);
        if (hz_sigmf_place(s, note, &at))
            s->notes[s->n_notes++] = *note;
    }
}

void hz_take_finish(struct hz_take *t, const struct hz_notes *notes)
{
    take_notes(t, notes);
    t->finishing = true;
    go_on(t);
}
