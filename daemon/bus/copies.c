#include "daemon/bus/copies.h"

#include "daemon/base/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bursts are found by their frame and the cell of time that they are in, since some frames are sent
 * each second for hours. */
static const int64_t cell_ns = 250000000;

static int64_t cell_of(int64_t utc_ns)
{
    return utc_ns / cell_ns - (utc_ns % cell_ns < 0);
}

static size_t slot_of(const struct hz_copies *s, uint64_t frame, int64_t cell)
{
    uint64_t h = (frame ^ (uint64_t)cell) * 0x9e3779b97f4a7c15u;
    return (size_t)(h >> 20) & (s->n_slots - 1);
}

uint64_t hz_ear_of(const struct hz_topic *topic)
{
    if (topic->station[0] == '\0')
        return (uint64_t)(uintptr_t)topic;
    return hz_hash_text(HZ_HASH, topic->station);
}

/* ---- the table -------------------------------------------------------------------------- */

int hz_copies_widen(struct hz_copies *s, size_t limit)
{
    size_t n_slots = 1;
    if (limit <= s->limit)
        return 0;
    while (n_slots < limit)
        n_slots *= 2;
    struct hz_copied **slots = calloc(n_slots, sizeof(struct hz_copied *));
    if (!slots)
        return -ENOMEM;
    free(s->slots);
    s->slots = slots;
    s->n_slots = n_slots;
    s->limit = limit;
    for (struct hz_copied *b = s->oldest; b; b = b->next) {
        size_t i = slot_of(s, b->frame, cell_of(b->utc_ns));
        b->same = slots[i];
        slots[i] = b;
    }
    return 0;
}

int hz_copies_init(struct hz_copies *s, size_t limit)
{
    *s = (struct hz_copies){0};
    return hz_copies_widen(s, limit);
}

void hz_copies_done(struct hz_copies *s)
{
    while (s->oldest)
        hz_copies_drop(s);
    free(s->slots);
    *s = (struct hz_copies){0};
}

struct hz_copied *hz_copies_add(struct hz_copies *s, const struct hz_decoder *decoder,
                                uint64_t frame, int64_t utc_ns)
{
    struct hz_copied *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->decoder = decoder;
    b->frame = frame;
    b->utc_ns = utc_ns;
    size_t i = slot_of(s, frame, cell_of(utc_ns));
    b->same = s->slots[i];
    s->slots[i] = b;
    if (s->newest)
        s->newest->next = b;
    else
        s->oldest = b;
    s->newest = b;
    s->n++;
    return b;
}

void hz_copies_drop(struct hz_copies *s)
{
    struct hz_copied *b = s->oldest;
    struct hz_copied **at = &s->slots[slot_of(s, b->frame, cell_of(b->utc_ns))];
    while (*at != b)
        at = &(*at)->same;
    *at = b->same;
    s->oldest = b->next;
    if (!s->oldest)
        s->newest = NULL;
    s->n--;
    hz_copied_settle(b);
    free(b->ears);
    free(b);
}

struct hz_copied *hz_copies_find(const struct hz_copies *s, const struct hz_copied *like,
                                 uint64_t ear, int64_t near_ns, int64_t apart_ns)
{
    struct hz_copied *best = NULL;
    int64_t nearest = INT64_MAX, utc_ns = like->utc_ns;
    int64_t last = cell_of(utc_ns < INT64_MAX - apart_ns ? utc_ns + apart_ns : INT64_MAX);
    for (int64_t cell = cell_of(utc_ns - apart_ns); cell <= last; cell++) {
        for (struct hz_copied *b = s->slots[slot_of(s, like->frame, cell)]; b; b = b->same) {
            int64_t away = llabs(b->utc_ns - utc_ns);
            if (b->frame != like->frame || b->decoder != like->decoder || away >= nearest ||
                away > (b->stream == like->stream ? near_ns : apart_ns) ||
                hz_copied_heard_by(b, ear))
                continue;
            nearest = away;
            best = b;
        }
    }
    return best;
}

/* ---- one burst -------------------------------------------------------------------------- */

bool hz_copied_heard_by(const struct hz_copied *b, uint64_t ear)
{
    for (size_t i = 0; i < b->n_ears; i++) {
        if (b->ears[i] == ear)
            return true;
    }
    return false;
}

static void add_ear(struct hz_copied *b, uint64_t ear)
{
    if (b->n_ears == b->ears_room && b->n_ears < HZ_EARS_MAX) {
        uint32_t room = b->ears_room ? 2 * b->ears_room : 2;
        uint64_t *more = realloc(b->ears, room * sizeof *more);
        if (!more)
            return;
        b->ears = more;
        b->ears_room = room;
    }
    if (b->n_ears < b->ears_room)
        b->ears[b->n_ears++] = ear;
}

/* The place of one more hearing: where all are taken that of the weakest, if it was weaker. */
static struct hz_hearing *place_of(struct hz_copied *b, float snr_db)
{
    if (b->n_heard < HZ_HEARD_MAX) {
        /* 1, 2, 4, … places */
        if ((b->n_heard & (b->n_heard - 1)) == 0) {
            size_t room = b->n_heard ? 2 * b->n_heard : 1;
            struct hz_hearing *more = realloc(b->heard, room * sizeof *more);
            if (!more)
                return NULL;
            b->heard = more;
        }
        return &b->heard[b->n_heard++];
    }
    struct hz_hearing *weakest = &b->heard[0];
    for (size_t i = 1; i < b->n_heard; i++) {
        if (b->heard[i].snr_db < weakest->snr_db)
            weakest = &b->heard[i];
    }
    if (weakest->snr_db >= snr_db)
        return NULL;
    hz_topic_unref(weakest->topic);
    return weakest;
}

void hz_copied_hear(struct hz_copied *b, struct hz_topic *topic, int64_t utc_ns, float snr_db)
{
    add_ear(b, hz_ear_of(topic));
    struct hz_hearing *h = b->best ? place_of(b, snr_db) : NULL;
    if (h)
        *h = (struct hz_hearing){hz_topic_ref(topic), utc_ns, snr_db};
}

void hz_copied_settle(struct hz_copied *b)
{
    for (size_t i = 0; i < b->n_heard; i++)
        hz_topic_unref(b->heard[i].topic);
    free(b->heard);
    b->heard = NULL;
    b->n_heard = 0;
}
