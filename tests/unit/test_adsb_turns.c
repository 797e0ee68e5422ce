/* ADS-B heard by turns, in any order that struct hz_turns allows, by one thread. */
#include "proto/registry.h"
#include "sim/scene.h"
#include "tests/unit/rig.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

enum { TURN = 131072 };

enum order {
    ONE_BY_ONE, /* each turn is committed before the next one is heard */
    AHEAD,      /* as many as may be are heard before one is committed */
    BACKWARDS,  /* and of these the last one first */
};

struct stream {
    const uint8_t *iq;
    size_t n;       /* samples */
    uint64_t first; /* index of the first one */
    size_t cut;     /* samples of a piece, at most */
};

static struct hz_samples piece(const struct stream *s, size_t from, size_t end)
{
    return (struct hz_samples){HZ_CU8, s->iq + 2 * from, end - from, s->first + from};
}

static size_t turns_of(const struct stream *s)
{
    return (s->n + TURN - 1) / TURN + 1; /* the last one only ends the stream */
}

/* Hears turn k of the stream, which is turn n of the decoder. */
static void hear(const struct rig *r, const struct stream *s, uint64_t n, size_t k)
{
    const struct hz_turns *t = r->decoder->turns;
    size_t from = k * TURN < s->n ? k * TURN : s->n, end = from + TURN < s->n ? from + TURN : s->n;
    size_t before = from < t->overlap ? from : t->overlap;
    struct hz_samples x = piece(s, from - before, from);
    if (before > 0)
        t->hear(r->state, n, &x, HZ_TURN_BEFORE);
    for (size_t at = from; at < end; at += x.n) {
        x = piece(s, at, end - at < s->cut ? end : at + s->cut);
        t->hear(r->state, n, &x, at + x.n == end ? HZ_TURN_ENDS : HZ_TURN_INSIDE);
    }
    if (from == end) {
        x = piece(s, end, end);
        t->hear(r->state, n, &x, HZ_TURN_LAST);
    }
}

static uint64_t begins_after(const struct hz_turns *t, uint64_t n)
{
    return n <= t->alone ? 1 : t->at_a_time;
}

/* Hears streams one after the other, between which the stream broke. */
static void hear_all(struct rig *r, const struct stream *s, size_t streams, enum order order)
{
    const struct hz_decoder *d = hz_decoder_find("adsb");
    const struct hz_turns *t = d->turns;
    rig_start(r, d, NULL);
    uint64_t first = 0;
    for (size_t i = 0; i < streams; i++) {
        uint64_t end = first + turns_of(s + i);
        for (uint64_t heard = first, done = first; done < end;) {
            uint64_t to = done + 1;
            while (order != ONE_BY_ONE && to < end && to < begins_after(t, to) + done)
                to++;
            for (uint64_t k = heard; k < to; k++) {
                uint64_t n = order == BACKWARDS ? heard + to - 1 - k : k;
                hear(r, s + i, n, (size_t)(n - first));
            }
            heard = to > heard ? to : heard;
            t->commit(r->state, done++, &r->sink);
        }
        first = end;
    }
    rig_finish(r);
}

static uint8_t *scene(const char *name, size_t n)
{
    struct hz_scene *made;
    uint8_t *iq = malloc(2 * n);
    cr_assert_eq(hz_scene_new(name, 1, &made), 0);
    hz_scene_read(made, iq, n);
    hz_scene_free(made);
    return iq;
}

/* Messages of the same frame at the same place as one of the ten before. */
static size_t doubles(const struct rig *r)
{
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++)
        for (size_t k = i < 10 ? 0 : i - 10; k < i; k++) {
            const struct hz_burst *a = &r->message[i].burst, *b = &r->message[k].burst;
            uint64_t apart = a->sample > b->sample ? a->sample - b->sample : b->sample - a->sample;
            n += apart < 12 && a->raw_len == b->raw_len && memcmp(a->raw, b->raw, a->raw_len) == 0;
        }
    return n;
}

Test(adsb_turns, any_order_and_any_pieces_give_the_same, .timeout = 60)
{
    enum { N = 20 * TURN + 12345 };
    uint8_t *iq = scene("dense", N);
    struct rig first = {0}, r = {0};
    struct stream s = {iq, N, 0, TURN};
    hear_all(&first, &s, 1, ONE_BY_ONE);
    for (enum order order = AHEAD; order <= BACKWARDS; order++) {
        s.cut = order == AHEAD ? 7777 : TURN;
        hear_all(&r, &s, 1, order);
        rig_expect_same(&first, &r);
        rig_free(&r);
    }
    cr_expect_eq(doubles(&first), 0);

    const struct hz_samples all = {HZ_CU8, iq, N, 0};
    rig_decode(&r, hz_decoder_find("adsb"), NULL, &all, TURN);
    double share = (double)first.n / (double)r.n;
    cr_expect(share > 0.995 && share < 1.005, "%zu by turns, %zu pushed", first.n, r.n);
    rig_free(&r);
    rig_free(&first);
    free(iq);
}

Test(adsb_turns, a_stream_that_breaks_is_heard_to_its_end, .timeout = 60)
{
    enum { N = 12 * TURN + 300, M = 100 }; /* the second one is shorter than the overlap */
    uint8_t *iq = scene("dense", 2 * N + M);
    struct rig first = {0}, r = {0};
    const struct stream s[] = {
        {iq, N, 0, TURN}, {iq + 2 * N, M, N, TURN}, {iq + 2 * (N + M), N, UINT64_C(1) << 40, TURN}};
    hear_all(&first, s, 3, ONE_BY_ONE);
    hear_all(&r, s, 3, BACKWARDS);
    rig_expect_same(&first, &r);
    rig_free(&r);

    const struct hz_decoder *d = hz_decoder_find("adsb");
    rig_start(&r, d, NULL);
    for (size_t i = 0; i < 3; i++) {
        const struct hz_samples all = piece(s + i, 0, s[i].n);
        rig_push(&r, &all, TURN);
        d->reset(r.state, &r.sink);
    }
    rig_finish(&r);
    double share = (double)first.n / (double)r.n;
    cr_expect(share > 0.99 && share < 1.01, "%zu by turns, %zu pushed", first.n, r.n);
    rig_free(&r);
    rig_free(&first);
    free(iq);
}

/* The first turns are heard as if they were pushed: a short recording gives the same. */
Test(adsb_turns, a_short_stream_is_as_if_it_was_pushed)
{
    enum { N = 6 * TURN + 777 };
    uint8_t *iq = scene("aircraft", N);
    struct rig first = {0}, r = {0};
    const struct stream s = {iq, N, 0, 5000};
    const struct hz_samples all = {HZ_CU8, iq, N, 0};
    hear_all(&first, &s, 1, ONE_BY_ONE);
    rig_decode(&r, hz_decoder_find("adsb"), NULL, &all, TURN);
    cr_expect_gt(r.n, 20);
    rig_expect_same(&first, &r);
    rig_free(&r);
    rig_free(&first);
    free(iq);
}
