/* Hops of a stream: the samples are a ramp, so each tells its own place. */
#include "dsp/hops.h"

#include <criterion/criterion.h>

enum { HOP = 10, BEFORE = 20, BEHIND = 7, ROOM = 61, N = 1000 };

static const struct hz_hops_shape shape = {1, HOP, BEFORE, BEHIND, ROOM};

/* What index i of the stream must be: the ramp where it is, silence around it. */
static float expected(uint64_t i, uint64_t first, uint64_t end)
{
    return i >= first + BEFORE && i < end + BEFORE ? (float)(i - BEFORE + 1) : 0;
}

static void check(const struct hz_hops *h, uint64_t first, uint64_t end)
{
    for (uint64_t i = h->next - BEFORE; i < h->next + HOP + BEHIND; i++)
        cr_assert_eq(*hz_hops_at(h, i), expected(i, first, end), "index %d", (int)i);
}

/* N samples from `first` on in pushes of that size: each hop once, in order, with what is around.
 */
static void run(uint64_t first, size_t push)
{
    struct hz_hops h;
    float ramp[N];
    for (size_t i = 0; i < N; i++)
        ramp[i] = (float)(first + i + 1);
    cr_assert_eq(hz_hops_init(&h, &shape), 0);
    hz_hops_begin(&h, first);
    uint64_t wanted = first / HOP * HOP + BEFORE;
    for (size_t at = 0; at < N; at += push) {
        struct hz_samples in = {HZ_F32, ramp + at, N - at < push ? N - at : push, first + at};
        cr_assert(hz_hops_continue(&h, &in));
        while (hz_hops_push(&h, &in)) {
            cr_assert_eq(h.next, wanted);
            check(&h, first, first + N);
            h.next = wanted += HOP;
        }
        cr_assert_eq(in.n, 0);
    }
    uint64_t end = hz_hops_end(&h);
    cr_assert_eq(end, first + N + BEFORE);
    while (hz_hops_drain(&h, end)) {
        cr_assert_eq(h.next, wanted);
        check(&h, first, first + N);
        h.next = wanted += HOP;
    }
    cr_assert_geq(wanted, end);
    cr_assert_lt(wanted, end + HOP);
    hz_hops_done(&h);
}

Test(hops, each_once_however_pushed)
{
    static const size_t pushes[] = {1, 3, 9, 10, 11, 64, N};
    for (size_t i = 0; i < sizeof pushes / sizeof pushes[0]; i++) {
        run(0, pushes[i]);
        run(123456789, pushes[i]);
    }
}

Test(hops, break_is_seen)
{
    struct hz_hops h;
    float x[5] = {0};
    cr_assert_eq(hz_hops_init(&h, &shape), 0);
    struct hz_samples in = {HZ_F32, x, 5, 40};
    cr_assert_not(hz_hops_continue(&h, &in), "there is no stream yet");
    hz_hops_begin(&h, 40);
    cr_assert(hz_hops_continue(&h, &in));
    cr_assert_not(hz_hops_push(&h, &in));
    in = (struct hz_samples){HZ_F32, x, 5, 46};
    cr_assert_not(hz_hops_continue(&h, &in), "sample 45 is missing");
    hz_hops_done(&h);
}
