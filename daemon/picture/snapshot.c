#include "daemon/picture/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <uv.h>

enum {
    PIECE_NS = 1000000,
    FRESH_MS = 500,
    FIRST_ROOM = 64 * 1024,
    ROOM = 4096, /* for one target, to begin with */
    GIVE_BYTES = 64 * 1024,
};

static bool fresh(const struct hz_snapshots *all, const struct hz_snapshot *s)
{
    return !s->failed && (!s->complete || hz_picture_now_ms(all->picture) - s->made_ms < FRESH_MS);
}

bool hz_snapshots_full(const struct hz_snapshots *all)
{
    return all->n == HZ_SNAPSHOTS_MAX;
}

int hz_snapshot_get(struct hz_snapshots *all, const struct hz_picture_format *format,
                    struct hz_snapshot **snapshot)
{
    for (struct hz_snapshot *s = all->first; s; s = s->next) {
        if (s->format == format && fresh(all, s)) {
            s->refs++;
            all->shared++;
            *snapshot = s;
            return 0;
        }
    }
    if (hz_snapshots_full(all)) {
        all->refused++;
        return -EBUSY;
    }
    struct hz_snapshot *s = calloc(1, sizeof *s);
    if (!s)
        return -ENOMEM;
    *s = (struct hz_snapshot){
        .all = all, .next = all->first, .format = format, .refs = 1, .list = -1};
    all->first = s;
    all->n++;
    all->made++;
    hz_picture_hold(all->picture);
    *snapshot = s;
    return 0;
}

void hz_snapshot_unref(struct hz_snapshot *s)
{
    if (!s || --s->refs > 0)
        return;
    struct hz_snapshots *all = s->all;
    struct hz_snapshot **at = &all->first;
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    all->n--;
    all->bytes -= s->cap;
    if (!s->complete && !s->failed)
        hz_picture_release(all->picture);
    free(s->text);
    free(s);
}

/* ---- making it -------------------------------------------------------------------------- */

static bool grow(struct hz_snapshot *s, size_t cap)
{
    char *text = realloc(s->text, cap);
    if (!text)
        return false;
    s->all->bytes += cap - s->cap;
    s->text = text;
    s->cap = cap;
    return true;
}

/* Writes the target (NULL: the head, or the tail when all lists are through). */
static void write_part(struct hz_snapshot *s, struct hz_json *j, const struct hz_target *t)
{
    const struct hz_picture_format *f = s->format;
    if (t)
        f->target(j, t, hz_picture_now_ms(s->all->picture));
    else if (s->list < 0)
        f->head(f, j, s->all->picture);
    else
        f->tail(j);
}

/* The same, with as much room as it takes. False: no memory. */
static bool put(struct hz_snapshot *s, const struct hz_target *t)
{
    for (size_t room = ROOM;; room *= 4) {
        struct hz_json j;
        if (s->cap - s->len < room &&
            !grow(s, s->cap + room > 2 * s->cap ? s->cap + room + FIRST_ROOM : 2 * s->cap))
            return false;
        hz_json_init(&j, s->text, s->cap);
        j.len = s->len;
        write_part(s, &j, t);
        if (j.full)
            continue;
        s->len = j.len;
        return true;
    }
}

static bool is_shown(const struct hz_snapshot *s, const struct hz_target *t)
{
    const struct hz_picture_format *f = s->format;
    const struct hz_picture *p = s->all->picture;
    return (!f->placed || hz_target_placed(t)) &&
           (!f->shows || f->shows(p, t, hz_picture_now_ms(p)));
}

/* The next target that it shows; NULL: there are no more. */
static const struct hz_target *next_target(struct hz_snapshot *s)
{
    const struct hz_target *t = s->at ? s->at->prev : NULL;
    for (;;) {
        while (t && !is_shown(s, t))
            t = t->prev;
        if (t || s->list + 1 >= HZ_LISTS)
            return s->at = t;
        s->list++;
        if (s->format->lists & 1u << s->list)
            t = hz_picture_last(s->all->picture, (enum hz_list)s->list);
    }
}

static int end(struct hz_snapshot *s, bool ok)
{
    s->complete = ok;
    s->failed = !ok;
    s->made_ms = hz_picture_now_ms(s->all->picture);
    hz_picture_release(s->all->picture);
    return ok ? 1 : -ENOMEM;
}

int hz_snapshot_more(struct hz_snapshot *s)
{
    uint64_t begun = uv_hrtime();
    if (s->complete || s->failed)
        return s->complete ? 1 : -ENOMEM;
    if (s->list < 0 && !put(s, NULL))
        return end(s, false);
    for (int n = 1;; n++) {
        const struct hz_target *t = next_target(s);
        if (!put(s, t))
            return end(s, false);
        if (!t)
            return end(s, true);
        if (n % 16 == 0 && uv_hrtime() - begun > PIECE_NS)
            return 0;
    }
}

/* ---- giving it out ---------------------------------------------------------------------- */

struct hz_snapshot_reader *hz_snapshot_reader_new(struct hz_snapshots *all,
                                                  const struct hz_picture_format *format)
{
    struct hz_snapshot_reader *r = calloc(1, sizeof *r);
    if (r)
        *r = (struct hz_snapshot_reader){.all = all, .format = format};
    return r;
}

int hz_snapshot_read(struct hz_snapshot_reader *r, const char **piece, size_t *n)
{
    *piece = "";
    *n = 0;
    int rc = r->snapshot ? 0 : hz_snapshot_get(r->all, r->format, &r->snapshot);
    if (rc == 0)
        rc = hz_snapshot_more(r->snapshot);
    if (rc <= 0)
        return rc == 0 ? 1 : rc;
    size_t left = r->snapshot->len - r->given;
    *n = left < GIVE_BYTES ? left : GIVE_BYTES;
    *piece = r->snapshot->text + r->given;
    r->given += *n;
    return *n < left;
}

void hz_snapshot_reader_free(void *reader)
{
    struct hz_snapshot_reader *r = reader;
    if (r)
        hz_snapshot_unref(r->snapshot);
    free(r);
}
