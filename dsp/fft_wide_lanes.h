/* The loops of dsp/fft_wide.c for vectors of LANES floats, on machines of TARGET. FN(name) makes
 * the names of one variant. Included by that file alone, once for each variant.
 *
 * A vector holds the same point of LANES columns. So no sum depends on the number of lanes, and all
 * variants give the same bits. */

typedef float FN(vec) __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
struct FN(point) {
    FN(vec) re, im;
};
#define VEC   FN(vec)
#define POINT struct FN(point)

/* The lanes of two vectors, in the order of F(lane, bit). */
#if LANES == 16
#define EACH(F, b)                                                                                 \
    F(0, b), F(1, b), F(2, b), F(3, b), F(4, b), F(5, b), F(6, b), F(7, b), F(8, b), F(9, b),      \
        F(10, b), F(11, b), F(12, b), F(13, b), F(14, b), F(15, b)
#elif LANES == 8
#define EACH(F, b) F(0, b), F(1, b), F(2, b), F(3, b), F(4, b), F(5, b), F(6, b), F(7, b)
#else
#define EACH(F, b) F(0, b), F(1, b), F(2, b), F(3, b)
#endif
#define PICK(x, y, F, b) __builtin_shufflevector(x, y, EACH(F, b))
#define EVEN(l, b)       (2 * (l))
#define ODD(l, b)        (2 * (l) + 1)
#define ZIP(l, b)        ((l) / 2 + ((l) % 2 ? LANES : 0) + (b))
#define LOWER(l, b)      ((l) & (b) ? LANES + (l) - (b) : (l))
#define UPPER(l, b)      ((l) & (b) ? LANES + (l) : (l) + (b))

/* Multiplies a point by the number at w. */
#define TURN(p, w)                                                                                 \
    do {                                                                                           \
        VEC r = (p).re * (w)[0] - (p).im * (w)[1];                                                 \
        (p).im = (p).re * (w)[1] + (p).im * (w)[0];                                                \
        (p).re = r;                                                                                \
    } while (0)

/* Butterflies of 2 to 5 points, m apart, in place. Then all but the first are multiplied by the
 * numbers at w; NULL: by 1. */
INLINE TARGET void FN(two)(POINT *x, size_t m, const float *w)
{
    POINT a = x[0], b = x[m], t = {a.re - b.re, a.im - b.im};
    if (w)
        TURN(t, w);
    x[0] = (POINT){a.re + b.re, a.im + b.im};
    x[m] = t;
}

INLINE TARGET void FN(three)(POINT *x, size_t m, const float *w)
{
    const float s = 0.866025404f; /* the sine of 120 degrees; their cosine is -0.5 */
    POINT a = x[0], b = x[m], c = x[2 * m];
    VEC pr = b.re + c.re, pi = b.im + c.im, mr = s * (b.re - c.re), mi = s * (b.im - c.im);
    VEC er = a.re - 0.5f * pr, ei = a.im - 0.5f * pi;
    POINT t = {er + mi, ei - mr}, u = {er - mi, ei + mr};
    if (w) {
        TURN(t, w);
        TURN(u, w + 2);
    }
    x[0] = (POINT){a.re + pr, a.im + pi};
    x[m] = t;
    x[2 * m] = u;
}

INLINE TARGET void FN(four)(POINT *x, size_t m, const float *w)
{
    POINT a = x[0], b = x[m], c = x[2 * m], d = x[3 * m];
    VEC er = a.re + c.re, ei = a.im + c.im, fr = a.re - c.re, fi = a.im - c.im;
    VEC gr = b.re + d.re, gi = b.im + d.im, hr = b.re - d.re, hi = b.im - d.im;
    POINT t = {fr + hi, fi - hr}, u = {er - gr, ei - gi}, v = {fr - hi, fi + hr};
    if (w) {
        TURN(t, w);
        TURN(u, w + 2);
        TURN(v, w + 4);
    }
    x[0] = (POINT){er + gr, ei + gi};
    x[m] = t;
    x[2 * m] = u;
    x[3 * m] = v;
}

INLINE TARGET void FN(five)(POINT *x, size_t m, const float *w)
{
    /* cosines and sines of 72 and 144 degrees */
    const float c1 = 0.309016994f, c2 = -0.809016994f, s1 = 0.951056516f, s2 = 0.587785252f;
    POINT a = x[0], b = x[m], c = x[2 * m], d = x[3 * m], e = x[4 * m];
    VEC pr = b.re + e.re, pi = b.im + e.im, qr = c.re + d.re, qi = c.im + d.im;
    VEC mr = b.re - e.re, mi = b.im - e.im, nr = c.re - d.re, ni = c.im - d.im;
    VEC fr = a.re + (c1 * pr + c2 * qr), fi = a.im + (c1 * pi + c2 * qi);
    VEC gr = a.re + (c2 * pr + c1 * qr), gi = a.im + (c2 * pi + c1 * qi);
    VEC hr = s1 * mr + s2 * nr, hi = s1 * mi + s2 * ni;
    VEC jr = s2 * mr - s1 * nr, ji = s2 * mi - s1 * ni;
    POINT t = {fr + hi, fi - hr}, u = {gr + ji, gi - jr};
    POINT v = {gr - ji, gi + jr}, y = {fr - hi, fi + hr};
    if (w) {
        TURN(t, w);
        TURN(u, w + 2);
        TURN(v, w + 4);
        TURN(y, w + 6);
    }
    x[0] = (POINT){a.re + (pr + qr), a.im + (pi + qi)};
    x[m] = t;
    x[2 * m] = u;
    x[3 * m] = v;
    x[4 * m] = y;
}

/* One pass of a kind of butterfly over a column, which ends at `end`. */
#define WALK(butterfly)                                                                            \
    for (size_t k = 0; k < m; k++, x += apart, w = twist + k * 2 * (radix - 1))                    \
        for (POINT *g = x; g < end; g += radix * span)                                             \
            for (size_t i = 0; i < apart; i++)                                                     \
    butterfly(g + i, span, w)

/* Transforms LANES columns. Point i of the input is at x[s->place[i]], point k of the result at
 * x[s->order[k]]. */
TARGET static void FN(columns)(const struct side *s, POINT *first)
{
    const POINT *end = first + s->n;
    for (const struct pass *p = s->pass; p < s->pass + s->passes; p++) {
        const size_t m = p->m, apart = p->apart, span = m * apart, radix = p->radix;
        const float *twist = p->twist, *w = NULL; /* all of the first ones are 1 */
        POINT *x = first;
        if (radix == 2)
            WALK(FN(two));
        else if (radix == 3)
            WALK(FN(three));
        else if (radix == 4)
            WALK(FN(four));
        else
            WALK(FN(five));
    }
}

/* Transposes LANES vectors. */
#define SWAP(b)                                                                                    \
    _Pragma("GCC unroll 16") for (size_t i = 0; i < LANES; i++) if (!(i & (b)))                    \
    {                                                                                              \
        VEC low = PICK(v[i], v[i + (b)], LOWER, b);                                                \
        v[i + (b)] = PICK(v[i], v[i + (b)], UPPER, b);                                             \
        v[i] = low;                                                                                \
    }
#if LANES == 16
#define SWAPS SWAP(1) SWAP(2) SWAP(4) SWAP(8)
#elif LANES == 8
#define SWAPS SWAP(1) SWAP(2) SWAP(4)
#else
#define SWAPS SWAP(1) SWAP(2)
#endif

/* Writes points of LANES columns, multiplied by w, as points of LANES rows, first all I and then
 * all Q: LANES points, or half as many. n: points in a row. */
#define MULTIPLIED(count, first, sign, second)                                                     \
    _Pragma("GCC unroll 16") for (size_t j = 0; j < (count); j++)                                  \
    {                                                                                              \
        const POINT *p = x + order[j];                                                             \
        v[j] = p->re * w[j].first sign p->im * w[j].second;                                        \
    }
#define WRITTEN(count, to)                                                                         \
    _Pragma("GCC unroll 16") for (size_t i = 0; i < LANES; i++)                                    \
        memcpy((to) + i * 2 * n, &v[i], (count) * sizeof(float));
#define ROWS(count)                                                                                \
    VEC v[LANES] = {0};                                                                            \
    MULTIPLIED(count, re, -, im)                                                                   \
    SWAPS WRITTEN(count, out);                                                                     \
    memset(v, 0, (count) < LANES ? sizeof v : 0);                                                  \
    MULTIPLIED(count, im, +, re)                                                                   \
    SWAPS WRITTEN(count, out + (count));

TARGET static void FN(whole)(const size_t *order, const POINT *x, const POINT *w, size_t n,
                             float *out){ROWS(LANES)}

TARGET static void FN(half)(const size_t *order, const POINT *x, const POINT *w, size_t n,
                            float *out){ROWS(LANES / 2)}

/* Writes LANES columns, each as a row of n points, multiplied by w. */
TARGET static void FN(turn_over)(const struct side *s, const POINT *x, const POINT *w, float *out)
{
    size_t n = s->n, k = 0;
    for (; k + LANES <= n; k += LANES)
        FN(whole)(s->order + k, x, w + k, n, out + 2 * k);
    size_t rest = n - k;
    if (rest == LANES / 2) {
        FN(half)(s->order + k, x, w + k, n, out + 2 * k);
        return;
    }
    for (size_t j = 0; j < rest; j++) {
        const POINT *p = x + s->order[k + j];
        VEC re = p->re * w[k + j].re - p->im * w[k + j].im;
        VEC im = p->re * w[k + j].im + p->im * w[k + j].re;
        for (size_t l = 0; l < LANES; l++) {
            out[2 * (l * n + k) + j] = re[l];
            out[2 * (l * n + k) + rest + j] = im[l];
        }
    }
}

/* Points of `lanes` columns at p, as they were turned over. */
INLINE TARGET void FN(load)(const float *p, size_t lanes, POINT *y)
{
    *y = (POINT){{0}, {0}};
    if (lanes == LANES) {
        *y = (POINT){*(const VEC *)p, *(const VEC *)(p + LANES)};
    } else if (lanes == LANES / 2) {
        memcpy(&y->re, p, LANES / 2 * sizeof *p);
        memcpy(&y->im, p + LANES / 2, LANES / 2 * sizeof *p);
    } else {
        memcpy(&y->re, p, lanes * sizeof *p);
        memcpy(&y->im, p + lanes, lanes * sizeof *p);
    }
}

/* Writes them as I, Q pairs. */
INLINE TARGET void FN(store)(VEC re, VEC im, size_t lanes, float *p)
{
    VEC both[2] = {PICK(re, im, ZIP, 0), PICK(re, im, ZIP, LANES / 2)};
    if (lanes == LANES)
        memcpy(p, both, 2 * LANES * sizeof *p);
    else if (lanes == LANES / 2)
        memcpy(p, both, LANES * sizeof *p);
    else
        memcpy(p, both, 2 * lanes * sizeof *p);
}

TARGET static void FN(run)(const struct hz_wide *f, const float *in, float *out)
{
    _Alignas(64) POINT x[SIDE_MAX];
    const size_t rows = f->a.n, n = f->b.n; /* of in, and points in each */
    const POINT *w = (const POINT *)f->twist;
    const bool inverse = f->inverse;
    for (size_t at = 0; at < n; at += LANES, w += rows) {
        size_t c = at + LANES <= n ? at : n - LANES; /* the last ones overlap those before */
        for (size_t i = 0; i < rows; i++) {
            const VEC *p = (const VEC *)(in + 2 * (i * n + c));
            VEC re = PICK(p[0], p[1], EVEN, 0), im = PICK(p[0], p[1], ODD, 0);
            x[f->a.place[i]] = inverse ? (POINT){im, re} : (POINT){re, im};
        }
        FN(columns)(&f->a, x);
        FN(turn_over)(&f->a, x, w, out + 2 * c * rows);
    }
    for (size_t c = 0; c < rows; c += LANES) {
        size_t lanes = rows - c < LANES ? rows - c : LANES;
        for (size_t i = 0; i < n; i++)
            FN(load)(out + 2 * (i * rows + c), lanes, x + f->b.place[i]);
        FN(columns)(&f->b, x);
        for (size_t i = 0; i < n; i++) {
            const POINT *y = x + f->b.order[i];
            FN(store)
            (inverse ? y->im : y->re, inverse ? y->re : y->im, lanes, out + 2 * (i * rows + c));
        }
    }
}

#undef ROWS
#undef WRITTEN
#undef MULTIPLIED
#undef SWAPS
#undef SWAP
#undef WALK
#undef TURN
#undef UPPER
#undef LOWER
#undef ZIP
#undef ODD
#undef EVEN
#undef PICK
#undef EACH
#undef POINT
#undef VEC
