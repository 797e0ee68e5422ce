#include "daemon/picture/picture.h"

#include "daemon/base/hash.h"
#include "daemon/base/utc.h"

#include "daemon/base/utc.h"

#include <math.h>
#include <stdlib.h>

enum {
    BUCKETS = 8192,
    FRAMES = 256, /* read in one turn, which takes about a millisecond */
    LOOKS = 4096,
    TICK_MS = 1000, /* how often targets are forgotten */
};

/* The targets of one list, in the order in which they were heard last. */
struct ring {
    struct hz_target *first, *last;
    size_t n, bytes;
};

struct hz_picture {
    struct hz_subscriber reader;
    struct hz_picture_env env;
    struct hz_cursor cursor;
    uv_timer_t timer;
    int held;
    struct ring rings[HZ_LISTS];
    struct hz_target *buckets[BUCKETS];
    struct hz_coverage coverage;
    struct hz_minutes minutes;
    struct hz_picture_counts counts;
};

/* ---- the targets ------------------------------------------------------------------------ */

struct key {
    const struct hz_family *family;
    const char *of, *id, *mark;
};

static size_t bucket_of(const char *of, const char *id)
{
    uint64_t h = hz_hash_text(hz_hash_text(HZ_HASH, of), id);
    return (h ^ h >> 32) % BUCKETS;
}

static struct hz_target **bucket(struct hz_picture *p, const char *of, const char *id)
{
    return &p->buckets[bucket_of(of, id)];
}

static bool same_mark(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static struct hz_target *find(const struct hz_picture *p, const struct key *k)
{
    for (struct hz_target *t = p->buckets[bucket_of(k->of, k->id)]; t; t = t->same_hash) {
        if (strcmp(t->id, k->id) == 0 && strcmp(t->of, k->of) == 0 && same_mark(t->mark, k->mark))
            return t;
    }
    return NULL;
}

static struct ring *ring_of(struct hz_picture *p, const struct hz_target *t)
{
    return &p->rings[t->family->list];
}

static void append(struct ring *r, struct hz_target *t)
{
    t->next = NULL;
    t->prev = r->last;
    if (r->last)
        r->last->next = t;
    else
        r->first = t;
    r->last = t;
}

static void unlink_target(struct ring *r, struct hz_target *t)
{
    if (t->prev)
        t->prev->next = t->next;
    else
        r->first = t->next;
    if (t->next)
        t->next->prev = t->prev;
    else
        r->last = t->prev;
}

static void drop(struct hz_picture *p, struct hz_target *t)
{
    struct ring *r = ring_of(p, t);
    struct hz_target **at = bucket(p, t->of, t->id);
    while (*at != t)
        at = &(*at)->same_hash;
    *at = t->same_hash;
    unlink_target(r, t);
    r->n--;
    r->bytes -= t->bytes;
    p->counts.placed[t->family->list] -= hz_target_placed(t);
    p->minutes.latest.single += t->family->list == HZ_LIST_AIRCRAFT && t->messages == 1;
    hz_target_free(t);
}

/* NULL: no memory. */
static struct hz_target *add(struct hz_picture *p, const struct key *k)
{
    struct hz_target *t = hz_target_new(k->family, k->of, k->id, k->mark);
    if (!t) {
        p->counts.failed++;
        return NULL;
    }
    struct hz_target **at = bucket(p, k->of, k->id);
    t->same_hash = *at;
    *at = t;
    append(ring_of(p, t), t);
    ring_of(p, t)->n++;
    p->minutes.latest.tracks += k->family->list == HZ_LIST_AIRCRAFT;
    return t;
}

/* Drops the oldest targets until the list is within its limits; the newest one stays. */
static void limit(struct hz_picture *p, struct ring *r)
{
    while (r->n > 1 && (r->n > HZ_PICTURE_TARGETS || r->bytes > HZ_PICTURE_BYTES)) {
        drop(p, r->first);
        p->counts.evicted++;
    }
}

/* ---- messages --------------------------------------------------------------------------- */

static struct hz_place antenna_of(const struct hz_picture *p, const struct hz_topic *topic)
{
    struct hz_place place;
    if (!*topic->station && p->env.antenna && p->env.antenna(p->env.ctx, topic->receiver, &place))
        return place;
    return (struct hz_place){NAN, NAN};
}

/* Before the target has the position: it must agree with an earlier one. */
static void cover(struct hz_picture *p, const struct hz_target *t, const struct hz_frame *f,
                  struct hz_place antenna)
{
    const struct hz_record *rec = &f->rec;
    if (isnan(antenna.lat) || !hz_target_agrees(t, rec) ||
        (t->family->direct && !t->family->direct(rec)))
        return;
    struct hz_sector heard = {.at = hz_family_place(t->family, rec), .utc_ns = rec->utc_ns};
    memcpy(heard.id, t->id, sizeof heard.id);
    hz_coverage_add(&p->coverage, f->topic, antenna, hz_lists[t->family->list].reach_m, &heard);
}

/* What stats.json counts; the target has taken the message in. */
static void count_aircraft(struct hz_picture *p, const struct hz_target *t,
                           const struct hz_record *rec, bool doubted)
{
    double distance, bearing;
    hz_minutes_hear(&p->minutes, rec);
    if (isnan(rec->about.lat) || doubted || !t->confirmed ||
        (t->family->direct && !t->family->direct(rec)) || !hz_target_seen(t, &distance, &bearing))
        return;
    p->minutes.latest.max_m = fmax(p->minutes.latest.max_m, distance);
}

static void hear(struct hz_picture *p, struct hz_target *t, const struct hz_frame *f,
                 struct hz_place antenna)
{
    struct ring *r = ring_of(p, t);
    bool placed = hz_target_placed(t);
    uint64_t doubted = t->doubted;
    p->counts.cut += hz_target_hear(t, f, uv_now(p->env.loop), antenna);
    p->counts.messages++;
    p->counts.doubted += t->doubted - doubted;
    if (t->family->list == HZ_LIST_AIRCRAFT)
        count_aircraft(p, t, &f->rec, t->doubted != doubted);
    p->counts.placed[t->family->list] += !placed && hz_target_placed(t);
    unlink_target(r, t);
    append(r, t);
    r->bytes -= t->bytes;
    t->bytes = hz_target_size(t);
    r->bytes += t->bytes;
    limit(p, r);
}

/* Whether it would be forgotten by now: what a station sends late is of no use here. */
static bool too_old(const struct hz_frame *f, const struct hz_family *family)
{
    int64_t age_ms = (hz_utc_now() - f->rec.utc_ns) / 1000000;
    return *f->topic->station && !f->rec.mark && age_ms > (int64_t)hz_lists[family->list].forget_ms;
}

/* Whom the message is about; `subject` gets what its id may point to. False: nobody of the picture.
 */
static bool key_of(const struct hz_frame *f, char subject[HZ_ID_MAX + 1], struct key *k)
{
    const struct hz_record *rec = &f->rec;
    const struct hz_family *family = hz_family_of(f->topic->protocol);
    *k = (struct key){.family = family,
                      .of = family && family->name ? family->name : f->topic->protocol,
                      .id = rec->about.id,
                      .mark = rec->mark};
    if (family && family->subject && family->subject(rec, subject))
        k->id = subject;
    return family && *k->id != '\0';
}

const struct hz_target *hz_picture_find(const struct hz_picture *p, const struct hz_frame *f)
{
    char subject[HZ_ID_MAX + 1];
    struct key k;
    return key_of(f, subject, &k) ? find(p, &k) : NULL;
}

static void take(struct hz_picture *p, const struct hz_frame *f)
{
    const struct hz_record *rec = &f->rec;
    char subject[HZ_ID_MAX + 1];
    struct key k;
    if (!key_of(f, subject, &k) || too_old(f, k.family))
        return;
    const struct hz_family *family = k.family;
    struct hz_target *t = find(p, &k);
    struct hz_place antenna = {NAN, NAN};
    if (isfinite(rec->about.lat))
        antenna = antenna_of(p, f->topic);
    if (t)
        cover(p, t, f, antenna);
    if (rec->kind == HZ_KIND_REPEAT)
        return; /* a copy tells nothing new but how far its channel hears */
    if (t && family->ends && family->ends(rec)) {
        drop(p, t);
        return;
    }
    if (!t && !(family->only_placed && isnan(rec->about.lat)))
        t = add(p, &k);
    if (t)
        hear(p, t, f, antenna);
}

static void read_bus(struct hz_picture *p)
{
    struct hz_cursor_gap gap;
    struct hz_frame *f;
    int looks = LOOKS, frames = 0;
    if (hz_cursor_gap(&p->cursor, &gap))
        p->counts.missed += gap.missed[HZ_LOG_MESSAGES] + gap.missed[HZ_LOG_REPEATS];
    while (frames < FRAMES && (f = hz_cursor_next(&p->cursor, &looks))) {
        take(p, f);
        frames++;
    }
    if (frames == FRAMES || looks == 0)
        hz_bus_again(p->env.bus, &p->reader);
}

static void on_wake(struct hz_subscriber *s)
{
    struct hz_picture *p = (struct hz_picture *)s;
    if (p->held == 0)
        read_bus(p);
}

void hz_picture_forget(struct hz_picture *p, uint64_t now_ms)
{
    for (int i = 0; p->held == 0 && i < HZ_LISTS; i++) {
        struct ring *r = &p->rings[i];
        for (int n = 0; n < FRAMES && r->first; n++) {
            if (r->first->heard_ms + hz_lists[i].forget_ms > now_ms)
                break;
            drop(p, r->first);
            p->counts.forgotten++;
        }
    }
}

static void on_tick(uv_timer_t *timer)
{
    struct hz_picture *p = timer->data;
    hz_picture_forget(p, uv_now(timer->loop));
    hz_minutes_tick(&p->minutes, hz_utc_now());
}

void hz_picture_hold(struct hz_picture *p)
{
    p->held++;
}

void hz_picture_release(struct hz_picture *p)
{
    if (--p->held == 0)
        hz_bus_again(p->env.bus, &p->reader);
}

/* ---- life ------------------------------------------------------------------------------- */

struct hz_picture *hz_picture_new(const struct hz_picture_env *env)
{
    struct hz_picture *p = calloc(1, sizeof *p);
    if (!p)
        return NULL;
    p->env = *env;
    p->reader.wake = on_wake;
    hz_minutes_init(&p->minutes, hz_utc_now());
    hz_cursor_init(&p->cursor, env->bus);
    struct hz_subscription all = {.kinds = 1u << HZ_KIND_MESSAGE | 1u << HZ_KIND_REPEAT};
    char err[256];
    if (hz_cursor_subscribe(&p->cursor, &all, err, sizeof err) < 0) { /* no memory */
        hz_cursor_done(&p->cursor);
        free(p);
        return NULL;
    }
    hz_bus_subscribe(env->bus, &p->reader);
    uv_timer_init(env->loop, &p->timer);
    p->timer.data = p;
    uv_unref((uv_handle_t *)&p->timer);
    uv_timer_start(&p->timer, on_tick, TICK_MS, TICK_MS);
    return p;
}

static void on_closed(uv_handle_t *handle)
{
    struct hz_picture *p = handle->data;
    hz_coverage_free(&p->coverage);
    free(p);
}

void hz_picture_close(struct hz_picture *p)
{
    if (!p)
        return;
    hz_bus_unsubscribe(p->env.bus, &p->reader);
    hz_cursor_done(&p->cursor);
    for (int i = 0; i < HZ_LISTS; i++) {
        while (p->rings[i].first)
            drop(p, p->rings[i].first);
    }
    uv_close((uv_handle_t *)&p->timer, on_closed);
}

/* ---- for readers ------------------------------------------------------------------------ */

const struct hz_target *hz_picture_last(const struct hz_picture *p, enum hz_list list)
{
    return p->rings[list].last;
}

const struct hz_coverage *hz_picture_coverage(const struct hz_picture *p)
{
    return &p->coverage;
}

const struct hz_minutes *hz_picture_minutes(const struct hz_picture *p)
{
    return &p->minutes;
}

const struct hz_target *hz_picture_real(const struct hz_picture *p, const struct hz_target *t)
{
    const struct key k = {.family = t->family, .of = t->of, .id = t->id};
    return find(p, &k);
}

bool hz_picture_antenna(const struct hz_picture *p, struct hz_place *place)
{
    return p->env.antenna && p->env.antenna(p->env.ctx, NULL, place);
}

uint64_t hz_picture_seq(const struct hz_picture *p)
{
    return hz_cursor_seq(&p->cursor) - 1;
}

const char *hz_picture_stream(const struct hz_picture *p)
{
    return hz_bus_stream(p->env.bus);
}

uint64_t hz_picture_now_ms(const struct hz_picture *p)
{
    return uv_now(p->env.loop);
}

struct hz_picture_counts hz_picture_counts(const struct hz_picture *p)
{
    struct hz_picture_counts c = p->counts;
    for (int i = 0; i < HZ_LISTS; i++) {
        c.targets[i] = p->rings[i].n;
        c.bytes[i] = p->rings[i].bytes;
    }
    return c;
}
