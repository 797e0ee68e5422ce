/* What was learnt as a declaration (docs/adding-a-sensor.md), with comments on how sure it is. */
#include "proto/sensors/learn.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* margin from which a check or a value is no guess: chance 1:4096 */
static const double sure = 12;

enum { VARIES_MAX = 8 }; /* ranges of one declaration, as many as anybody reads */

static bool is_sure(const struct hz_learn_check *c)
{
    return c->margin >= sure && c->rivals == 0;
}

struct text {
    char *out;
    size_t len, at;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t, const char *format, ...)
{
    va_list args;
    size_t room = t->at < t->len ? t->len - t->at : 0;
    va_start(args, format);
    int n = vsnprintf(room > 0 ? t->out + t->at : NULL, room, format, args);
    va_end(args);
    t->at += n > 0 ? (size_t)n : 0;
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

/* ---- what is keyed ---------------------------------------------------------------------- */

static void add_durations(struct text *t, const char *key, const float *us, size_t n)
{
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        long whole = lroundf(us[i]);
        if (whole == 0)
            continue;
        if (!any)
            add(t, "%s =", key);
        add(t, " %+ld", whole);
        any = true;
    }
    if (any)
        add(t, "\n");
}

static void add_preamble(struct text *t, const struct hz_learn *l)
{
    if (l->n_preamble == 0)
        return;
    add(t, "preamble = ");
    for (size_t i = 0; i < l->n_preamble; i++)
        add(t, "%d", l->preamble[i]);
    add(t, "\n");
}

static void add_wave(struct text *t, const struct hz_learn *l)
{
    const float half[2] = {-l->unit_us, l->unit_us};
    add(t, "# Measured: %s, %u row%s in a burst, of which %u %s the same bits.\n",
        hz_coding_name(l->coding), l->rows, plural(l->rows), l->repeats,
        l->repeats == 1 ? "has" : "have");
    if (l->mhz > 0)
        add(t, "freq = %.2fM\n", l->mhz);
    if (l->modulation == HZ_WAVE_FSK)
        add(t, "modulation = fsk\n");
    if (l->modulation == HZ_WAVE_FSK && l->deviation_hz > 1000)
        add(t, "deviation = %.0fk\n", l->deviation_hz / 1000);
    add_durations(t, "sync", l->sync, l->n_sync);
    add_preamble(t, l);
    if (l->differential) {
        add_durations(t, "zero", &half[0], 1);
        add_durations(t, "one", &half[1], 1);
        add(t, "code = %s\n", l->inverted ? "dm1" : "dm");
    } else {
        add_durations(t, l->inverted ? "one" : "zero", l->zero, l->n_zero);
        add_durations(t, l->inverted ? "zero" : "one", l->one, l->n_one);
    }
    if (l->coding == HZ_CODING_PIWM)
        add(t, "code = piwm\n");
    if (l->tail_us > 0)
        add_durations(t, "tail", &l->tail_us, 1);
    add(t, "bits = %zu\n", l->bits);
}

/* ---- the check -------------------------------------------------------------------------- */

static void add_range(struct text *t, const struct hz_learn_check *c)
{
    if (c->pad > 0)
        add(t, "cat(%zu:%zu, bits(0, %zu))", c->from, c->n, c->pad);
    else if (c->reversed && c->family != HZ_CHECK_CRC_R)
        add(t, "revn(%zu:%zu, %zu)", c->from, c->n, c->width);
    else
        add(t, "%zu:%zu", c->from, c->n);
}

static void add_crc(struct text *t, const struct hz_learn_check *c)
{
    add(t, "crc%zu%s(", c->width, c->family == HZ_CHECK_CRC_R ? "r" : "");
    add_range(t, c);
    add(t, ", 0x%02x", c->poly);
    if (c->init || c->xor)
        add(t, ", 0x%02x", c->init);
    if (c->xor)
        add(t, ", 0x%02x", c->xor);
    add(t, ") == %zu:%zu", c->at, c->width);
}

static void add_sum(struct text *t, const struct hz_learn_check *c)
{
    bool minus = c->family == HZ_CHECK_SUM_MINUS;
    if (minus)
        add(t, "(%u - ", c->xor);
    else if (c->xor)
        add(t, "(");
    add(t, "sum%zu(", c->width);
    add_range(t, c);
    add(t, ")");
    if (!minus && c->xor)
        add(t, " + %u", c->xor);
    add(t, "%s & %u == %s%zu:%zu", minus || c->xor ? ")" : "", (1u << c->width) - 1,
        c->reversed ? "r" : "", c->at, c->width);
}

static void add_digest(struct text *t, const struct hz_learn_check *c)
{
    const char *order = c->family == HZ_CHECK_DIGEST_R   ? "r"
                        : c->family == HZ_CHECK_DIGEST_V ? "v"
                                                         : "";
    add(t, "digest8%s(%zu:%zu, 0x%02x, 0x%02x)", order, c->from, c->n, c->poly, c->key);
    if (c->xor)
        add(t, " ^ 0x%02x", c->xor);
    add(t, " == %zu:%zu", c->at, c->width);
}

static void add_check(struct text *t, const struct hz_learn_check *c)
{
    switch (c->family) {
    case HZ_CHECK_CRC:
    case HZ_CHECK_CRC_R:
        add_crc(t, c);
        break;
    case HZ_CHECK_SUM:
    case HZ_CHECK_SUM_MINUS:
        add_sum(t, c);
        break;
    case HZ_CHECK_XOR:
        add(t, "xor%zu(%zu:%zu)", c->width, c->from, c->n);
        if (c->xor)
            add(t, " ^ 0x%02x", c->xor);
        add(t, " == %zu:%zu", c->at, c->width);
        break;
    case HZ_CHECK_PARITY:
        for (size_t i = 0; i < c->n; i += c->width)
            add(t, "%spar(%zu:%zu) == %u", i > 0 ? " and " : "", c->from + i, c->width, c->xor);
        break;
    default:
        add_digest(t, c);
        break;
    }
}

/* ---- bits that never change ------------------------------------------------------------- */

static bool is_taken(const struct hz_learn *l, size_t bit)
{
    const struct hz_learn_check *c = &l->check;
    const struct hz_learn_value *v = &l->value;
    return (c->family != HZ_CHECK_NONE && c->family != HZ_CHECK_PARITY && bit >= c->at &&
            bit < c->at + c->width) ||
           (v->found && bit >= v->at && bit < v->at + v->n) ||
           (bit >= l->counter && bit < l->counter + l->n_counter);
}

/* The next run of bits from *at on that all vary, or all do not, and are not told otherwise. */
static bool next_run(const struct hz_learn *l, bool varying, size_t *at, size_t *n)
{
    while (*at < l->bits && (is_taken(l, *at) || (l->varies[*at] != 0) != varying))
        ++*at;
    *n = 0;
    while (*at + *n < l->bits && !is_taken(l, *at + *n) && (l->varies[*at + *n] != 0) == varying)
        ++*n;
    return *n > 0;
}

static unsigned long long number(const uint8_t *bit, size_t n)
{
    unsigned long long v = 0;
    for (size_t i = 0; i < n; i++)
        v = 2 * v + bit[i];
    return v;
}

/* Where no check is known, bits that never change have to do: a frame by chance has them one time
 * in 2^bits. Returns how many bits they are. */
static size_t add_constants(struct text *t, const struct hz_learn *l)
{
    size_t total = 0;
    for (size_t at = 0, n; total < 32 && next_run(l, false, &at, &n); at += n) {
        if (n < 3)
            continue;
        size_t use = n < 32 - total ? n : 32 - total;
        add(t, "%s%zu:%zu == 0x%llx", total == 0 ? "check = " : " and ", at, use,
            number(l->frame[0].bit + at, use));
        total += use;
    }
    if (total > 0)
        add(t, "\n");
    return total;
}

static void add_checks(struct text *t, const struct hz_learn *l)
{
    bool certain = is_sure(&l->check);
    size_t fixed = 0;
    if (l->check.family != HZ_CHECK_NONE) {
        add(t, "# %s: the check of %zu different frames, %.0f bits beyond chance%s.\ncheck = ",
            certain ? "Sure" : "Guess", l->n_different, l->check.margin,
            l->check.rivals ? "; checks of other kinds fit nearly as well" : "");
        add_check(t, &l->check);
        add(t, "\n");
    } else if (l->n_different < 3) {
        add(t,
            "# No check: %zu different frame%s %s too few to find one. More recordings, please.\n",
            l->n_different, plural(l->n_different), l->n_different == 1 ? "is" : "are");
    } else {
        add(t, "# No check of the known families stands out in %zu different frames.\n",
            l->n_different);
    }
    if (!certain || l->check.width < 8) {
        add(t, "# Guess: bits that were always the same. They may be this one device's own: then "
               "take them out.\n");
        fixed = add_constants(t, l);
    }
    if (l->repeats > 1 && !certain)
        add(t, "repeat = %u\n", l->repeats < 3 ? l->repeats : fixed < 16 ? 3u : 2u);
}

/* The next run of bits from *at on that differ between the frames of one burst, with up to `join`
 * others between them. */
static size_t next_varying(const struct hz_learn *l, size_t *at, size_t join)
{
    size_t end, others = 0;
    while (*at < l->bits && !(l->varies[*at] & 2))
        ++*at;
    for (end = *at; end + others < l->bits && others <= join;) {
        if (l->varies[end + others] & 2) {
            end += others + 1;
            others = 0;
        } else {
            others++;
        }
    }
    return end - *at;
}

/* Bits that differ between the frames of one burst; as few ranges as a declaration may have. */
static void add_varies(struct text *t, const struct hz_learn *l)
{
    size_t join = 0, ranges = VARIES_MAX + 1;
    for (; ranges > VARIES_MAX; join += 2) {
        ranges = 0;
        for (size_t at = 0, n; (n = next_varying(l, &at, join)) > 0; at += n)
            ranges++;
    }
    join -= 2;
    if (ranges == 0)
        return;
    add(t, "varies =");
    for (size_t at = 0, n; (n = next_varying(l, &at, join)) > 0; at += n)
        add(t, " %zu:%zu", at, n);
    add(t, "\n");
}

/* ---- fields ----------------------------------------------------------------------------- */

static void add_value(struct text *t, const struct hz_learn *l, const char *field)
{
    const struct hz_learn_value *v = &l->value;
    if (!v->found)
        return;
    bool certain = v->margin >= sure && v->different > 2;
    add(t, "# %s: %u different value%s lie%s here%s.\n", certain ? "Sure" : "Guess", v->different,
        plural(v->different), v->different == 1 ? "s" : "",
        certain ? "" : ", but other places may do as well: more values, further apart, would tell");
    char order[2] = {v->order, 0};
    add(t, ".%s = %s%s%s%zu:%zu", field, v->is_signed ? "s" : "", v->digits ? "d" : "", order,
        v->at, v->n);
    if (fabs(v->scale - 1) > 1e-9)
        add(t, " * %.10g", v->scale);
    if (fabs(v->offset) > 1e-9)
        add(t, " %c %.10g", v->offset < 0 ? '-' : '+', fabs(v->offset));
    add(t, "\n");
}

/* The first byte or more that never changes and is not all zero. */
static void add_id(struct text *t, const struct hz_learn *l)
{
    for (size_t at = 0, n; next_run(l, false, &at, &n); at += n) {
        size_t use = n < 32 ? n & ~(size_t)3 : 32;
        if (use < 8 || number(l->frame[0].bit + at, use) == 0)
            continue;
        add(t, "# Guess: always the same. An id, a channel, a type?\n.id = hex(%zu:%zu)\n", at,
            use);
        return;
    }
}

/* Runs of varying bits with up to three others between them are one. */
static size_t join_runs(const struct hz_learn *l, size_t at, size_t n)
{
    for (size_t next, more; n < 48; n = next + more - at) {
        next = at + n;
        if (!next_run(l, true, &next, &more) || next > at + n + 3)
            break;
        for (size_t i = at + n; i < next; i++) {
            if (is_taken(l, i))
                return n;
        }
    }
    return n < 64 ? n : 64;
}

static void add_fields(struct text *t, const struct hz_learn *l, const char *field)
{
    bool told = false;
    add_id(t, l);
    if (l->n_counter > 0)
        add(t, "# It counts up from burst to burst.\n.counter = %zu:%zu\n", l->counter,
            l->n_counter);
    add_value(t, l, field);
    for (size_t at = 0, n; next_run(l, true, &at, &n); at += n) {
        n = join_runs(l, at, n);
        if (!told)
            add(t, "# These vary, and are not explained.\n");
        told = true;
        if (n > 16)
            add(t, ".bits_%zu = hex(%zu:%zu)\n", at, at, n);
        else
            add(t, ".bits_%zu = %zu:%zu\n", at, at, n);
    }
}

size_t hz_learn_text(const struct hz_learn *l, const char *name, const char *field, char *out,
                     size_t len)
{
    struct text t = {out, len, 0};
    if (len > 0)
        out[0] = '\0';
    add(&t, "# Learnt from %zu burst%s in %d recording%s: %zu different frame%s of %zu bits.\n",
        l->n_used, plural(l->n_used), l->recordings, plural((size_t)l->recordings), l->n_different,
        plural(l->n_different), l->bits);
    add(&t, "[sensor %s]\nmodel = %s\n", name, name);
    add_wave(&t, l);
    add_varies(&t, l);
    add_checks(&t, l);
    add_fields(&t, l, field);
    return t.at;
}
