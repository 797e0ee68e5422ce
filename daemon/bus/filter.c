#include "daemon/bus/filter.h"

#include "daemon/base/hash.h"
#include "daemon/bus/thin.h"

#include <ctype.h>
#include <stdlib.h>

struct hz_filter {
    int refs;
    struct hz_bus *bus;
    uint64_t number;
    bool shared; /* in the bus's list */
    struct hz_filter *next, **link;
    struct hz_subscription words;
    struct hz_thin *thin; /* NULL: without `every` */
    uint64_t seen;        /* order of the newest frame */
    /* Of the frames with an order up to `seen`, at order % HZ_FILTER_WINDOW. */
    uint64_t known[HZ_FILTER_WINDOW / 64], pass[HZ_FILTER_WINDOW / 64];
};

static struct hz_filter *new_filter(struct hz_bus *b, const struct hz_subscription *words)
{
    struct hz_filter *f = calloc(1, sizeof *f);
    if (!f)
        return NULL;
    f->refs = 1;
    f->bus = b;
    f->number = ++hz_bus_filters(b)->made;
    f->words = *words;
    if (words->every_s > 0) {
        f->thin = hz_thin_new(words->every_s);
        if (!f->thin) {
            free(f);
            return NULL;
        }
    }
    return f;
}

static void list(struct hz_filter *f)
{
    struct hz_filter **first = &hz_bus_filters(f->bus)->first;
    f->shared = true;
    f->next = *first;
    f->link = first;
    if (f->next)
        f->next->link = &f->next;
    *first = f;
}

static struct hz_filter *find(struct hz_bus *b, const struct hz_subscription *words)
{
    struct hz_filter *f = hz_bus_filters(b)->first;
    while (f && !hz_subscription_same(&f->words, words))
        f = f->next;
    if (f)
        f->refs++;
    return f;
}

struct hz_filter *hz_filter_get(struct hz_bus *b, const struct hz_subscription *words)
{
    struct hz_filter *f = find(b, words);
    if (f)
        return f;
    f = new_filter(b, words);
    if (f)
        list(f);
    return f;
}

struct hz_filter *hz_filter_alone(const struct hz_filter *f)
{
    return new_filter(f->bus, &f->words);
}

struct hz_filter *hz_filter_share(struct hz_filter *f)
{
    struct hz_filter *equal = f->shared ? NULL : find(f->bus, &f->words);
    if (equal) {
        hz_filter_unref(f);
        return equal;
    }
    if (!f->shared)
        list(f);
    return f;
}

void hz_filter_unref(struct hz_filter *f)
{
    if (!f || --f->refs > 0)
        return;
    if (f->shared) {
        *f->link = f->next;
        if (f->next)
            f->next->link = f->link;
    }
    hz_thin_free(f->thin);
    free(f);
}

uint64_t hz_filter_number(const struct hz_filter *f)
{
    return f->number;
}

const struct hz_subscription *hz_filter_words(const struct hz_filter *f)
{
    return &f->words;
}

bool hz_filter_in_order(const struct hz_filter *f)
{
    return f->thin != NULL;
}

uint64_t hz_filter_seen(const struct hz_filter *f)
{
    return f->seen;
}

/* ---- verdicts ---- */

static bool get_bit(const uint64_t *bits, uint64_t order)
{
    uint64_t at = order % HZ_FILTER_WINDOW;
    return bits[at / 64] >> at % 64 & 1;
}

static void put_bit(uint64_t *bits, uint64_t order, bool bit)
{
    uint64_t at = order % HZ_FILTER_WINDOW, one = 1ull << at % 64;
    bits[at / 64] = bit ? bits[at / 64] | one : bits[at / 64] & ~one;
}

void hz_filter_saw(struct hz_filter *f, uint64_t order)
{
    if (order <= f->seen)
        return;
    uint64_t new = order - f->seen;
    for (uint64_t i = 0; i < new &&i < HZ_FILTER_WINDOW; i++)
        put_bit(f->known, order - i, false);
    f->seen = order;
}

bool hz_filter_knows(const struct hz_filter *f, const struct hz_frame *frame)
{
    return frame->order <= f->seen && f->seen - frame->order < HZ_FILTER_WINDOW &&
           get_bit(f->known, frame->order);
}

static uint64_t hash(uint64_t h, const char *text)
{
    for (; *text; text++)
        h = hz_hash_byte(h, (uint8_t)tolower((unsigned char)*text));
    return hz_hash_byte(h, ' ');
}

static bool thins_out(struct hz_filter *f, const struct hz_frame *frame)
{
    const char *id = frame->rec.about.id;
    if (!f->thin || !*id)
        return false;
    uint64_t key = HZ_HASH;
    key = hash(key, hz_kind_name(frame->rec.kind));
    key = hash(key, frame->topic->protocol);
    key = hash(key, id);
    return !hz_thin_passes(f->thin, key ^ key >> 32, frame->rec.utc_ns);
}

bool hz_filter_passes(struct hz_filter *f, const struct hz_frame *frame)
{
    if (hz_filter_knows(f, frame))
        return get_bit(f->pass, frame->order);
    bool pass = hz_subscription_matches(&f->words, frame) && !thins_out(f, frame);
    hz_filter_saw(f, frame->order);
    if (f->seen - frame->order < HZ_FILTER_WINDOW) {
        put_bit(f->known, frame->order, true);
        put_bit(f->pass, frame->order, pass);
    }
    return pass;
}
