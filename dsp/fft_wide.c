/* With n = A B points, input point i = B a + b and output point k = A l + m:
 *     X(A l + m) = sum over b of [e^(-j 2 pi b m / n) (sum over a of x(B a + b) e^(-j 2 pi a m /
 * A))] e^(-j 2 pi b l / B). The inner sums are the columns of the input matrix of A rows. They are
 * written as the rows of a matrix in the output, whose columns are the outer sums, in place.
 *
 * A column of A = 5^p 3^q 2^r points is a transform in three dimensions without factors between
 * them (I. J. Good, 1958): input point i = sum of i_d A / A_d modulo A, output point k_d = k modulo
 * A_d. In each dimension there are passes of radix 5, 3, 4 and 2, decimated in frequency, in place,
 * so the digits of k_d come out in reverse order. Who reads and writes a column knows these orders.
 *
 * An inverse transform is a forward one with I and Q exchanged at both ends. */
#include "dsp/fft_wide.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SIDE_MAX   320 /* points of a column, so that 16 of them fit a first-level cache */
#define LANES_MAX  16
#define PASSES_MAX 8
#define INLINE     static inline __attribute__((always_inline))
#define N_MIN      4096 /* below, there is nothing to gain */

/* Butterflies of `radix` points that are m * apart from each other, over groups of radix * m *
 * apart. twist: e^(-j 2 pi k i / (radix m)) for k from 0 to m - 1, i from 1 to radix - 1. */
struct pass {
    size_t radix, m, apart;
    float *twist;
};

/* The transform of the columns of one of the two matrices. */
struct side {
    size_t n, passes;
    struct pass pass[PASSES_MAX];
    size_t place[SIDE_MAX],
        order[SIDE_MAX]; /* where point i comes from, and point k of the result goes to */
};

struct hz_wide {
    struct side a, b;
    bool inverse;
    size_t lanes;
    float *twist; /* e^(-j 2 pi b m / n) for a group of lanes b, all m, then the next group */
};

#define FN(name) name##_4
#define LANES    4
#define TARGET
#include "dsp/fft_wide_lanes.h"
#undef TARGET
#undef LANES
#undef FN

#if defined(__x86_64__)
#define FN(name) name##_8
#define LANES    8
#define TARGET   __attribute__((target("avx2")))
#include "dsp/fft_wide_lanes.h"
#undef TARGET
#undef LANES
#undef FN

#define FN(name) name##_16
#define LANES    16
#define TARGET   __attribute__((target("avx512f,avx512dq,avx512vl")))
#include "dsp/fft_wide_lanes.h"
#undef TARGET
#undef LANES
#undef FN
#endif

const size_t *hz_wide_lanes(void)
{
    static const size_t some[] = {16, 8, 4, 0};
    const size_t *first = some + 2;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        first = some + 1;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        first = some;
#endif
    return first;
}

/* The rows of the input's matrix: the side that wastes the fewest lanes; 0: there is none. */
static size_t rows_of(size_t n)
{
    size_t best = 0, least = SIZE_MAX, odd = n;
    if (n < N_MIN)
        return 0;
    for (size_t prime = 2; prime <= 5; prime++)
        while (odd % prime == 0)
            odd /= prime;
    if (odd != 1)
        return 0;
    for (size_t a = LANES_MAX; a <= SIDE_MAX; a++) {
        size_t b = n / a, rest = a % LANES_MAX;
        size_t groups = (b + LANES_MAX - 1) / LANES_MAX;
        /* rows that are no whole number of vectors, nor half a one more, take longer */
        size_t cost =
            groups * ((a + LANES_MAX - 1) / LANES_MAX * 2 + (rest == 0               ? 0
                                                             : rest == LANES_MAX / 2 ? 1
                                                                                     : 6));
        if (n % a == 0 && b >= LANES_MAX && b <= SIDE_MAX && cost < least) {
            least = cost;
            best = a;
        }
    }
    return best;
}

bool hz_wide_length_ok(size_t n)
{
    return rows_of(n) != 0;
}

static void turn(double cycles, float *re, float *im)
{
    *re = (float)cos(2 * M_PI * cycles);
    *im = (float)-sin(2 * M_PI * cycles);
}

/* Adds the passes of one prime to a column's: q = prime^e points, `apart` from each other. */
static int add_passes(struct side *s, size_t prime, size_t q, size_t apart)
{
    const size_t first = s->passes;
    for (size_t m = q; m > 1;) {
        struct pass *p = &s->pass[s->passes];
        size_t radix = prime == 2 && m % 4 == 0 ? 4 : prime;
        m /= radix;
        *p = (struct pass){.radix = radix, .m = m, .apart = apart};
        float *w = p->twist = calloc(m * (radix - 1), 2 * sizeof *w);
        if (!w)
            return -1;
        s->passes++;
        for (size_t k = 0; k < m; k++)
            for (size_t i = 1; i < radix; i++, w += 2)
                turn((double)(k * i) / (double)(radix * m), &w[0], &w[1]);
    }
    for (size_t k = 0; k < s->n; k++) {
        /* input point k = sum of i_q n / q: i_q = k / (n / q), the inverse modulo q */
        size_t rest = k % q, i = 0;
        while (i * (s->n / q) % q != rest)
            i++;
        s->place[k] += i * apart;
        for (const struct pass *p = &s->pass[first]; p < &s->pass[s->passes]; p++) {
            s->order[k] += rest % p->radix * p->m * apart;
            rest /= p->radix;
        }
    }
    return 0;
}

static int make_side(struct side *s, size_t n)
{
    static const size_t primes[] = {5, 3, 2};
    size_t apart = n;
    s->n = n;
    for (size_t i = 0; i < sizeof primes / sizeof *primes; i++) {
        size_t q = 1;
        while (n / q % primes[i] == 0)
            q *= primes[i];
        apart /= q;
        if (add_passes(s, primes[i], q, apart) != 0)
            return -1;
    }
    return 0;
}

static void free_side(const struct side *s)
{
    for (size_t i = 0; i < s->passes; i++)
        free(s->pass[i].twist);
}

static int make_twist(struct hz_wide *f)
{
    size_t a = f->a.n, b = f->b.n, lanes = f->lanes, groups = (b + lanes - 1) / lanes;
    float *w = f->twist = aligned_alloc(64, groups * a * 2 * lanes * sizeof *w / 64 * 64 + 64);
    for (size_t g = 0; w && g < groups; g++) {
        size_t first = (g + 1) * lanes <= b ? g * lanes : b - lanes;
        for (size_t m = 0; m < a; m++, w += 2 * lanes)
            for (size_t l = 0; l < lanes; l++)
                turn((double)((first + l) * m) / (double)(a * b), &w[l], &w[lanes + l]);
    }
    return f->twist ? 0 : -1;
}

struct hz_wide *hz_wide_new(size_t n, bool inverse, size_t lanes)
{
    size_t rows = rows_of(n);
    struct hz_wide *f = rows ? calloc(1, sizeof *f) : NULL;
    if (!f)
        return NULL;
    f->inverse = inverse;
    f->lanes = lanes;
    if (make_side(&f->a, rows) == 0 && make_side(&f->b, n / rows) == 0 && make_twist(f) == 0)
        return f;
    hz_wide_free(f);
    return NULL;
}

void hz_wide_free(struct hz_wide *f)
{
    if (!f)
        return;
    free_side(&f->a);
    free_side(&f->b);
    free(f->twist);
    free(f);
}

void hz_wide_run(const struct hz_wide *f, const float *in, float *out)
{
#if defined(__x86_64__)
    if (f->lanes == 16)
        run_16(f, in, out);
    else if (f->lanes == 8)
        run_8(f, in, out);
    else
#endif
        run_4(f, in, out);
}
