#include "daemon/bus/cursor.h"

#include "config/fail.h"

#include <errno.h>
#include <string.h>

/* With `every`, how many frames before the one where it begins to read a filter looks at, to know
 * what has passed in this period. */
enum { LOOK_BACK = 4096 };

const struct hz_subscription *hz_cursor_words(const struct hz_cursor *c)
{
    static const struct hz_subscription everything = {0};
    return c->filter ? hz_filter_words(c->filter) : &everything;
}

uint64_t hz_cursor_filter_number(const struct hz_cursor *c)
{
    return c->filter ? hz_filter_number(c->filter) : 0;
}

static bool wants(const struct hz_cursor *c, const struct hz_part *p)
{
    const struct hz_subscription *words = hz_cursor_words(c);
    unsigned kinds = hz_subscription_kinds(words);
    if (p->log == HZ_LOG_AUDIO)
        return kinds & 1u << HZ_KIND_AUDIO;
    if (p->log == HZ_LOG_REPEATS)
        return kinds & 1u << HZ_KIND_REPEAT;
    if (p->log == HZ_LOG_BURSTS)
        return kinds & 1u << HZ_KIND_BURST;
    return p->mixed || hz_subscription_takes_protocol(words, p->protocol);
}

/* Takes in new parts of the logs. A part is added with the first frame of a protocol, so all its
 * frames are new to an existing cursor. */
static void look_at_parts(struct hz_cursor *c)
{
    for (; c->n_parts < hz_bus_parts(c->bus); c->n_parts++) {
        if (wants(c, hz_bus_part(c->bus, c->n_parts)))
            c->wanted |= 1u << c->n_parts;
    }
}

void hz_cursor_init(struct hz_cursor *c, struct hz_bus *bus)
{
    *c = (struct hz_cursor){.bus = bus, .order = hz_bus_order(bus)};
    for (size_t i = 0; i < hz_bus_parts(bus); i++)
        c->at[i] = hz_bus_part(bus, i)->ring.next;
    look_at_parts(c);
}

void hz_cursor_done(struct hz_cursor *c)
{
    hz_filter_unref(c->filter);
    c->filter = NULL;
}

/* ---- resume ----------------------------------------------------------------------------- */

/* The number of messages after `since` that have left the log and that the filter may have passed.
 */
static uint64_t left_after(const struct hz_cursor *c, uint64_t since)
{
    uint64_t all = hz_bus_next(c->bus) - 1 - since, most = 0;
    bool others = false; /* some of them may be of protocols that the filter does not pass */
    for (size_t i = 0; i < hz_bus_parts(c->bus); i++) {
        const struct hz_part *p = hz_bus_part(c->bus, i);
        if (p->log != HZ_LOG_MESSAGES)
            continue;
        all -= p->ring.next - hz_ring_after_seq(&p->ring, since);
        uint64_t left = p->ring.left_seq > since ? p->ring.left_seq - since : 0;
        left = left < p->ring.first ? left : p->ring.first;
        if (!wants(c, p))
            others |= left > 0;
        else
            most += left;
    }
    return others && most < all ? most : all;
}

/* The order of the newest message up to `since`, if it is known: reading of the other logs resumes
 * there. */
static uint64_t order_of(const struct hz_cursor *c, uint64_t since)
{
    uint64_t order = since > 0 ? hz_bus_order(c->bus) : 0;
    for (size_t i = 0; since > 0 && i < hz_bus_parts(c->bus); i++) {
        const struct hz_part *p = hz_bus_part(c->bus, i);
        uint64_t place = hz_ring_after_seq(&p->ring, since);
        if (p->log == HZ_LOG_MESSAGES && place < p->ring.next &&
            hz_ring_get(&p->ring, place)->order - 1 < order)
            order = hz_ring_get(&p->ring, place)->order - 1;
    }
    return order;
}

static void move_to(struct hz_cursor *c, uint64_t since)
{
    c->gone[HZ_LOG_MESSAGES] += left_after(c, since);
    c->order = order_of(c, since);
    for (size_t i = 0; i < hz_bus_parts(c->bus); i++) {
        const struct hz_part *p = hz_bus_part(c->bus, i);
        c->at[i] = p->log == HZ_LOG_MESSAGES ? hz_ring_after_seq(&p->ring, since)
                                             : hz_ring_after_order(&p->ring, c->order);
    }
}

int hz_cursor_subscribe(struct hz_cursor *c, const struct hz_subscription *s, char *err,
                        size_t err_len)
{
    bool ours = s->stream[0] == '\0' || strcmp(s->stream, hz_bus_stream(c->bus)) == 0;
    if (s->has_since && ours && s->since >= hz_bus_next(c->bus))
        return hz_fail(err, err_len, "since %llu: the last seq of this stream is %llu",
                       (unsigned long long)s->since, (unsigned long long)hz_bus_next(c->bus) - 1);
    static const struct hz_subscription everything = {0};
    bool any = hz_subscription_same(s, &everything);
    struct hz_filter *filter = any ? NULL : hz_filter_get(c->bus, s);
    if (!any && !filter) {
        hz_fail(err, err_len, "no memory for a filter");
        return -ENOMEM;
    }
    uint32_t before = c->wanted;
    look_at_parts(c);
    hz_filter_unref(c->filter);
    c->filter = filter;
    c->has_since = s->has_since;
    c->since = s->since;
    memcpy(c->stream, s->stream, sizeof c->stream);
    c->ended = s->has_since && !ours;
    c->n_parts = 0;
    c->wanted = 0;
    look_at_parts(c);
    if (s->has_since) {
        memset(c->gone, 0, sizeof c->gone);
        move_to(c, ours ? s->since : 0);
        return 0;
    }
    /* frames of parts that the filter did not pass before are not sent later */
    for (size_t i = 0; i < c->n_parts; i++) {
        if (!(before & 1u << i))
            c->at[i] = hz_ring_after_order(&hz_bus_part(c->bus, i)->ring, c->order);
    }
    return 0;
}

uint64_t hz_cursor_seq(const struct hz_cursor *c)
{
    if (c->has_since && !c->ended && c->gone[HZ_LOG_MESSAGES] > 0)
        return c->since + 1;
    uint64_t seq = hz_bus_next(c->bus);
    for (size_t i = 0; i < hz_bus_parts(c->bus); i++) {
        const struct hz_part *p = hz_bus_part(c->bus, i);
        uint64_t place = hz_ring_after_order(&p->ring, c->order);
        if (p->log == HZ_LOG_MESSAGES && place < p->ring.next &&
            hz_ring_get(&p->ring, place)->seq < seq)
            seq = hz_ring_get(&p->ring, place)->seq;
    }
    return seq;
}

/* ---- missed frames ---------------------------------------------------------------------- */

/* Moves the cursor to the oldest frame still in the log, and counts the frames that have left it.
 */
static void catch_up(struct hz_cursor *c)
{
    look_at_parts(c);
    for (size_t i = 0; i < c->n_parts; i++) {
        const struct hz_part *p = hz_bus_part(c->bus, i);
        if (!(c->wanted & 1u << i) || c->at[i] >= p->ring.first)
            continue;
        c->gone[p->log] += p->ring.first - c->at[i];
        c->at[i] = p->ring.first;
    }
}

bool hz_cursor_gap(struct hz_cursor *c, struct hz_cursor_gap *gap)
{
    catch_up(c);
    bool any = c->ended;
    *gap = (struct hz_cursor_gap){.ended = c->ended};
    for (int i = 0; i < HZ_LOGS; i++) {
        gap->missed[i] = c->gone[i];
        any |= c->gone[i] > 0;
        c->gone[i] = 0;
    }
    c->ended = false;
    return any;
}

size_t hz_cursor_gap_line(const struct hz_cursor *c, const struct hz_cursor_gap *gap,
                          char text[HZ_GAP_LINE_MAX])
{
    struct hz_json j;
    hz_json_init(&j, text, HZ_GAP_LINE_MAX);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "kind", hz_kind_name(HZ_KIND_GAP));
    hz_json_uint(&j, "missed", gap->missed[HZ_LOG_MESSAGES]);
    if (gap->missed[HZ_LOG_REPEATS] > 0)
        hz_json_uint(&j, "missed_repeats", gap->missed[HZ_LOG_REPEATS]);
    if (gap->missed[HZ_LOG_AUDIO] > 0)
        hz_json_uint(&j, "missed_audio", gap->missed[HZ_LOG_AUDIO]);
    if (gap->missed[HZ_LOG_BURSTS] > 0)
        hz_json_uint(&j, "missed_bursts", gap->missed[HZ_LOG_BURSTS]);
    if (gap->ended)
        hz_json_str(&j, "ended", c->stream);
    hz_json_close(&j);
    return j.len;
}

/* ---- reading ---------------------------------------------------------------------------- */

/* The oldest unread frame of the wanted parts, and its part. */
static struct hz_frame *oldest(const struct hz_cursor *c, size_t *part)
{
    struct hz_frame *best = NULL;
    for (size_t i = 0; i < c->n_parts; i++) {
        const struct hz_ring *r = &hz_bus_part(c->bus, i)->ring;
        if (!(c->wanted & 1u << i) || c->at[i] >= r->next)
            continue;
        struct hz_frame *f = hz_ring_get(r, c->at[i]);
        if (!best || f->order < best->order) {
            best = f;
            *part = i;
        }
    }
    return best;
}

/* Shows the filter the frames that it has not seen and that come before this order. */
static void show_before(const struct hz_cursor *c, uint64_t order)
{
    struct hz_cursor back = *c;
    size_t part = 0;
    uint64_t seen = hz_filter_seen(c->filter);
    if (order > LOOK_BACK && seen < order - LOOK_BACK)
        seen = order - LOOK_BACK;
    for (size_t i = 0; i < c->n_parts; i++)
        back.at[i] = hz_ring_after_order(&hz_bus_part(c->bus, i)->ring, seen);
    struct hz_frame *f;
    while ((f = oldest(&back, &part)) && f->order < order) {
        hz_filter_passes(c->filter, f);
        back.at[part]++;
    }
}

/* Before a frame is read with a filter that must see them in order. A cursor that reads what the
 * shared filter has forgotten reads on with one of its own, until it has read all. */
static void keep_order(struct hz_cursor *c, const struct hz_frame *f)
{
    bool back = f->order <= hz_filter_seen(c->filter) && !hz_filter_knows(c->filter, f);
    struct hz_filter *own = back ? hz_filter_alone(c->filter) : NULL;
    if (own) {
        hz_filter_unref(c->filter);
        c->filter = own;
    }
    if (f->order > hz_filter_seen(c->filter) && hz_filter_seen(c->filter) < c->order)
        show_before(c, f->order);
}

static void read_all(struct hz_cursor *c)
{
    c->order = hz_bus_order(c->bus);
    if (!c->filter || !hz_filter_in_order(c->filter))
        return;
    hz_filter_saw(c->filter, c->order);
    c->filter = hz_filter_share(c->filter);
}

struct hz_frame *hz_cursor_next(struct hz_cursor *c, int *looks)
{
    catch_up(c);
    for (; *looks > 0; --*looks) {
        size_t part = 0;
        struct hz_frame *f = oldest(c, &part);
        if (!f) {
            read_all(c);
            return NULL;
        }
        if (c->filter && hz_filter_in_order(c->filter))
            keep_order(c, f);
        c->at[part]++;
        c->order = f->order;
        if (c->filter ? hz_filter_passes(c->filter, f)
                      : hz_subscription_matches(hz_cursor_words(c), f)) {
            --*looks;
            return f;
        }
    }
    return NULL;
}

uint64_t hz_cursor_behind(struct hz_cursor *c)
{
    uint64_t n = 0;
    look_at_parts(c);
    for (size_t i = 0; i < c->n_parts; i++) {
        if (c->wanted & 1u << i)
            n += hz_bus_part(c->bus, i)->ring.next - c->at[i];
    }
    return n;
}

bool hz_cursor_lapped(struct hz_cursor *c)
{
    look_at_parts(c);
    for (size_t i = 0; i < c->n_parts; i++) {
        if (c->wanted & 1u << i && c->at[i] < hz_bus_part(c->bus, i)->ring.first)
            return true;
    }
    return false;
}
