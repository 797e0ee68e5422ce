#include "daemon/output/tapes.h"

#include "daemon/output/tape_name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A transmission. Its message comes a moment after its last piece, and the next transmission of the
 * channel may have begun by then: so a channel has two of them at most. */
struct open_tape {
    struct open_tape *next;
    struct hz_tape *tape;
    uint64_t failed; /* the transmission whose file could not be made, when tape is NULL */
    char channel[HZ_NAME_MAX + 1];
};

struct hz_tapes {
    char *root, *name;
    char pattern[HZ_TAPE_NAME_MAX + 1];
    bool opus;
    struct open_tape *open; /* newest first */
    struct hz_taped *made, **made_end;
};

static void free_tapes(struct hz_tapes *t)
{
    free(t->root);
    free(t->name);
    free(t);
}

struct hz_tapes *hz_tapes_new(const char *path, const char *name, bool opus, char *err,
                              size_t err_len)
{
    struct stat st;
    struct hz_tapes *t = calloc(1, sizeof *t);
    size_t n = hz_tape_root(path);
    if (!t || !(t->root = n > 0 ? strndup(path, n) : strdup(".")) || !(t->name = strdup(name))) {
        snprintf(err, err_len, "out of memory");
    } else if (hz_tape_pattern(path, t->pattern, err, err_len) == 0) {
        t->opus = opus;
        t->made_end = &t->made;
        bool failed = mkdir(t->root, 0777) != 0 && errno != EEXIST;
        if (failed)
            snprintf(err, err_len, "%s: %s", t->root, strerror(errno));
        else if (stat(t->root, &st) != 0 || !S_ISDIR(st.st_mode))
            snprintf(err, err_len, "%s: expected a folder", t->root);
        else
            return t;
    }
    if (t)
        free_tapes(t);
    return NULL;
}

const char *hz_tapes_root(const struct hz_tapes *t)
{
    return t->root;
}

bool hz_tapes_wants(const struct hz_frame *f)
{
    return f->rec.kind == HZ_KIND_AUDIO || f->rec.raw_len == 0; /* speech has no frame */
}

/* Completes the file and takes it off the list. */
static int end(struct hz_tapes *t, struct open_tape *o, const struct hz_frame *message, char *err,
               size_t err_len)
{
    struct hz_taped *made = NULL;
    struct open_tape **at = &t->open;
    while (*at != o)
        at = &(*at)->next;
    *at = o->next;
    int rc = o->tape ? hz_tape_end(o->tape, message, &made, err, err_len) : 0;
    free(o);
    if (made) {
        *t->made_end = made;
        t->made_end = &made->next;
    }
    return rc;
}

/* Leaves the newest transmission of the channel alone. */
static int end_older(struct hz_tapes *t, const char *channel, char *err, size_t err_len)
{
    bool newest = true;
    for (struct open_tape *o = t->open; o; o = o->next) {
        if (strcmp(o->channel, channel) != 0)
            continue;
        if (!newest)
            return end(t, o, NULL, err, err_len);
        newest = false;
    }
    return 0;
}

static int begin(struct hz_tapes *t, const struct hz_frame *f, char *err, size_t err_len)
{
    const struct hz_tape_where where = {t->root, t->pattern, t->name, t->opus};
    int rc = end_older(t, f->topic->channel, err, err_len);
    struct open_tape *o = calloc(1, sizeof *o);
    if (!o) {
        snprintf(err, err_len, "out of memory");
        return -ENOMEM;
    }
    snprintf(o->channel, sizeof o->channel, "%s", f->topic->channel);
    o->failed = f->rec.transmission;
    o->tape = hz_tape_new(&where, f, err, err_len);
    o->next = t->open;
    t->open = o;
    return o->tape ? rc : -EIO;
}

static struct open_tape *find(const struct hz_tapes *t, const struct hz_frame *f)
{
    struct open_tape *o = t->open;
    while (o && !(o->tape ? hz_tape_is_of(o->tape, f)
                          : o->failed == f->rec.transmission &&
                                strcmp(o->channel, f->topic->channel) == 0))
        o = o->next;
    return o;
}

int hz_tapes_take(struct hz_tapes *t, const struct hz_frame *f, char *err, size_t err_len)
{
    struct open_tape *o = find(t, f);
    int rc = 0;
    if (f->rec.kind != HZ_KIND_AUDIO)
        return o ? end(t, o, f, err, err_len) : 0;
    if (t->opus && f->rec.opus_len == 0)
        return 0; /* coding had not begun yet */
    if (!o) {
        rc = begin(t, f, err, err_len);
        o = t->open;
    }
    if (!o || !o->tape) {
        if (rc == 0)
            snprintf(err, err_len, "%s: the file of this transmission could not be made", t->root);
        return -EIO;
    }
    int added = hz_tape_add(o->tape, f, err, err_len);
    return rc < 0 ? rc : added;
}

struct hz_taped *hz_tapes_made(struct hz_tapes *t)
{
    struct hz_taped *made = t->made;
    t->made = NULL;
    t->made_end = &t->made;
    return made;
}

int hz_tapes_close(struct hz_tapes *t, char *err, size_t err_len)
{
    int rc = 0;
    if (!t)
        return 0;
    while (t->open) {
        int one = end(t, t->open, NULL, err, err_len);
        rc = rc != 0 ? rc : one;
    }
    for (struct hz_taped *r = t->made, *next; r; r = next) {
        next = r->next;
        free(r);
    }
    free_tapes(t);
    return rc;
}
