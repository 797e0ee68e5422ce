/* Where in the frames a value lies that the device showed: all places, lengths and ways to write a
 * number are tried with the scales that are in use. */
#include "proto/sensors/learn.h"

#include <math.h>

enum { WIDEST = 20, NARROWEST = 4 };

struct asked {
    const uint8_t *const *frame;
    const double *value, *step;
    size_t n, bits;
};

/* The number that the bits are in the way that v says; NAN: none, as of a digit above 9. */
static double read_number(const uint8_t *bit, const struct hz_learn_value *v)
{
    double x = 0, digit = 0;
    for (size_t i = 0; i < v->n; i++) {
        size_t at = v->order == 'r'   ? v->n - 1 - i
                    : v->order == 'N' ? (i & ~(size_t)3) + 3 - i % 4
                                      : i;
        uint8_t b = bit[v->at + at];
        if (v->digits) {
            digit = 2 * digit + b;
            if (i % 4 != 3)
                continue;
            if (digit > 9)
                return NAN;
            x = 10 * x + digit;
            digit = 0;
        } else {
            x = 2 * x + (i == 0 && v->is_signed ? -(double)b : b);
        }
    }
    return x;
}

/* How surprising it is that these places give these values; below 0: they do not. */
static double evidence(const struct asked *a, struct hz_learn_value *v)
{
    double x0 = 0, bits = 0, shift = 0;
    bool begun = false, odd = false; /* odd: its lowest bit varies */
    double seen[64];
    unsigned n_seen = 0;
    for (size_t i = 0; i < a->n; i++) {
        if (isnan(a->value[i]))
            continue;
        double x = read_number(a->frame[i], v), y = a->value[i] - v->scale * x;
        double off = 0.51 * fmax(a->step[i], v->scale < 1 ? v->scale * 0.1 : 0.1);
        if (isnan(x))
            return -1;
        if (!begun) {
            /* the offset as a person would choose it: none, or whole steps of the scale */
            double steps = round(y / v->scale) * v->scale, whole = round(y);
            shift = fabs(y) <= off ? 0 : fabs(y - whole) <= off ? whole : steps;
            begun = true;
            x0 = x;
        }
        if (fabs(y - shift) > off)
            return -1;
        odd = odd || fabs(fmod(x - x0, 2)) > 0.5;
        bool old = false;
        for (unsigned k = 0; k < n_seen; k++)
            old = old || fabs(seen[k] - x) < 0.5;
        if (old || n_seen == 64)
            continue;
        seen[n_seen++] = x;
        /* in steps that the value tells apart */
        double step = fmin(1, v->scale / (2 * off));
        bits += fabs(shift) < 1e-9 ? log2(fabs(x) * step + 2)
                : n_seen > 1       ? log2(fabs(x - x0) * step + 2)
                                   : 0;
    }
    v->offset = shift;
    v->different = n_seen;
    /* a lowest bit that never changes doubles the numbers, and tells nothing */
    return n_seen == 0 ? -1 : n_seen > 2 && !odd ? bits - n_seen : bits;
}

/* What tells this one from all others that are tried: the usual ones cost less. */
static double cost(const struct hz_learn_value *v)
{
    double c = 10;
    c += v->order ? 3 : 0;
    c += v->digits ? 2 : 0;
    c += fabs(v->scale - 0.1) < 1e-9 ? 0 : fabs(v->scale - 1) < 1e-9 ? 1 : 3;
    c += fabs(v->offset) < 1e-9 ? 0 : fabs(fmod(v->offset, 10)) < 1e-9 ? 1 : 3;
    c += v->at % 4 == 0 ? 0 : 1;
    c += v->is_signed && (v->n == 8 || v->n == 12 || v->n == 16) ? 0 : 0.5;
    c += v->n == 12 || v->n == 8 ? 0 : v->n == 16 || v->n == 10 || v->n == 11 ? 0.5 : 1;
    return c;
}

static bool is_checked(const struct hz_learn_value *v, const struct hz_learn_check *c)
{
    return c->family != HZ_CHECK_NONE && c->family != HZ_CHECK_PARITY && v->at < c->at + c->width &&
           c->at < v->at + v->n;
}

struct hz_learn_value hz_learn_find_value(const uint8_t *const *frame, const double *value,
                                          const double *step, size_t n, size_t bits,
                                          const struct hz_learn_check *check)
{
    static const double scales[] = {0.1, 1, 0.01, 0.5, 0.25, 0.2, 0.125, 0.0625, 0.05, 2, 10};
    static const char orders[] = {0, 'r', 'N'};
    const struct asked a = {frame, value, step, n, bits};
    struct hz_learn_value best = {.margin = -INFINITY};
    for (size_t len = NARROWEST; len <= WIDEST; len++) {
        for (size_t at = 0; at + len <= bits; at++) {
            for (int way = 0; way < 3 * 3 * 11; way++) {
                struct hz_learn_value v = {.found = true,
                                           .at = at,
                                           .n = len,
                                           .is_signed = way % 3 == 1,
                                           .digits = way % 3 == 2,
                                           .order = orders[way / 3 % 3],
                                           .scale = scales[way / 9]};
                if ((v.digits || v.order == 'N') && len % 4)
                    continue;
                if (is_checked(&v, check))
                    break;
                double bits_for = evidence(&a, &v);
                if (bits_for < 0)
                    continue;
                v.margin = bits_for - cost(&v);
                if (v.margin > best.margin)
                    best = v;
            }
        }
    }
    return isfinite(best.margin) && best.margin > -6 ? best : (struct hz_learn_value){0};
}
