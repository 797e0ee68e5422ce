/* The grammar of expressions: comparisons, conditions and choices. */
#include "proto/sensors/compile.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- what is sure about a comparison ---------------------------------------------------- */

/* -log2 of 1 - 2^-sure: of the condition that the other one does not hold. */
static double otherwise(double sure)
{
    return sure <= 0 ? 0 : -log2(1 - exp2(-sure));
}

static double sure_of(enum hz_compare how, struct hz_type a, struct hz_type b)
{
    if (a.constant && b.constant)
        return 0;
    if (how == HZ_EQ || how == HZ_NE) {
        const double width = a.constant          ? b.width
                             : b.constant        ? a.width
                             : a.width < b.width ? a.width
                                                 : b.width;
        return how == HZ_EQ ? width : otherwise(width);
    }
    if (a.constant) { /* turned round: LT is GT … */
        const enum hz_compare turned[] = {HZ_EQ, HZ_NE, HZ_GT, HZ_GE, HZ_LT, HZ_LE};
        return sure_of(turned[how], b, a);
    }
    if (!b.constant || !a.even)
        return 0;
    const double all = exp2(a.width);
    double below = how == HZ_LT || how == HZ_GE ? ceil(b.value) : floor(b.value) + 1;
    below = below < 0 ? 0 : below > all ? all : below;
    const double share = (how == HZ_LT || how == HZ_LE ? below : all - below) / all;
    return share > 0 ? -log2(share) : 64;
}

/* ---- comparisons ------------------------------------------------------------------------ */

static int compare_here(const struct hz_compiler *c)
{
    static const char *const signs[] = {"==", "!=", "<", "<=", ">", ">="};
    for (int i = 0; i < 6; i++) {
        if (hz_word_is(c, signs[i]))
            return i;
    }
    return -1;
}

/* The list behind `in`. */
static struct hz_type compile_in(struct hz_compiler *c, struct hz_type t)
{
    struct hz_sensor_value pair[2];
    size_t n = 0;
    int32_t first = 0;
    double values = 0;
    const bool text = t.kind == HZ_TYPE_TEXT;
    char name[48];
    if (!text)
        hz_need_number(c, &t, 0, "in");
    hz_words_take(c, "(");
    while (!hz_compile_failed(c)) {
        if (text && c->word.token != HZ_TOKEN_TEXT) {
            hz_compile_error(c, "expected a text in \"…\" before %s", hz_word_name(c, name));
        } else if (text) {
            const int32_t at = hz_add_text(c, c->word.at + 1, c->word.n - 2);
            first = n++ == 0 ? at : first;
            hz_words_next(c);
        } else if (hz_compile_number(c, &pair[0])) {
            pair[1] = pair[0];
            if (hz_word_is(c, "..")) {
                hz_words_next(c);
                hz_compile_number(c, &pair[1]);
            }
            double low = 0, high = 0;
            hz_value_real(pair[0], &low);
            hz_value_real(pair[1], &high);
            if (low > high)
                hz_compile_error(c, "in: %g..%g holds nothing: expected LOW..HIGH", low, high);
            values += high - low + 1;
            const int32_t at = hz_add_const(c, pair[0]);
            first = n++ == 0 ? at : first;
            hz_add_const(c, pair[1]);
        }
        if (!hz_word_is(c, ","))
            break;
        hz_words_next(c);
    }
    hz_words_take(c, ")");
    hz_emit(c, text ? HZ_OP_IN_TEXT : HZ_OP_IN, 0, (unsigned)n, first);
    struct hz_type out = hz_type_number(1);
    if (t.even && values > 0)
        out.sure = fmax(0, t.width - log2(values));
    return out;
}

/* One comparison of a and b, which are both on the stack. */
static void compare(struct hz_compiler *c, enum hz_compare how, struct hz_type *a,
                    struct hz_type *b)
{
    static const char *const signs[] = {"==", "!=", "<", "<=", ">", ">="};
    const bool long_bits = a->kind == HZ_TYPE_BITS && b->kind == HZ_TYPE_BITS &&
                           (a->bits > HZ_NUMBER_BITS || b->bits > HZ_NUMBER_BITS);
    const bool texts = a->kind == HZ_TYPE_TEXT && b->kind == HZ_TYPE_TEXT;
    if ((long_bits || texts) && how > HZ_NE) {
        hz_compile_error(c, "%s between %s: expected == or !=", signs[how],
                         texts ? "texts" : "long ranges");
    } else if (long_bits && a->bits >= 0 && b->bits >= 0 && a->bits != b->bits) {
        hz_compile_error(c, "%s between %d and %d bits: expected equally many", signs[how], a->bits,
                         b->bits);
    } else if (long_bits || texts) {
        a->width = b->width = long_bits ? (a->bits > b->bits ? a->bits : b->bits) : 0;
        hz_emit(c, texts ? HZ_OP_COMPARE_TEXT : HZ_OP_COMPARE_BITS, how, 0, 0);
    } else {
        hz_need_number(c, a, 1, signs[how]);
        hz_need_number(c, b, 0, signs[how]);
        hz_emit(c, HZ_OP_COMPARE, how, 0, 0);
    }
}

static struct hz_type compile_compared(struct hz_compiler *c)
{
    struct hz_type a = hz_compile_arithmetic(c), out = a;
    size_t chained[16], n = 0;
    double sure = 0;
    for (bool first = true;; first = false) {
        const bool negated = first && hz_word_is(c, "not");
        if (negated) {
            hz_words_next(c);
            if (!hz_word_is(c, "in"))
                hz_compile_error(c, "expected 'in' behind 'not'");
        }
        if (first && hz_word_is(c, "in")) {
            hz_words_next(c);
            out = compile_in(c, a);
            if (negated) {
                hz_emit(c, HZ_OP_NOT, 0, 0, 0);
                out.sure = otherwise(out.sure);
            }
            return out;
        }
        const int how = compare_here(c);
        if (how < 0 || hz_compile_failed(c))
            break;
        if (!first) { /* what was a comparison becomes one that keeps its second value */
            struct hz_ins *last = &c->piece[c->n_piece - 1];
            if (last->op != HZ_OP_COMPARE || n == 16) {
                hz_compile_error(c, "too many comparisons in a chain, or not of numbers");
                break;
            }
            last->op = HZ_OP_CHAIN;
            chained[n++] = c->n_piece - 1;
        }
        hz_words_next(c);
        if (a.kind == HZ_TYPE_BITS && a.bits >= 0 && a.bits <= HZ_NUMBER_BITS)
            hz_need_number(c, &a, 0, "==");
        struct hz_type b = hz_compile_arithmetic(c);
        compare(c, (enum hz_compare)how, &a, &b);
        sure += sure_of((enum hz_compare)how, a, b);
        a = b;
        out = hz_type_number(1);
        out.sure = sure;
    }
    for (size_t i = 0; i < n && !hz_compile_failed(c); i++)
        hz_join(c, chained[i]);
    return out;
}

/* ---- conditions ------------------------------------------------------------------------- */

static struct hz_type compile_not(struct hz_compiler *c)
{
    if (!hz_word_is(c, "not"))
        return compile_compared(c);
    if (++c->nesting > HZ_NESTING_MAX)
        hz_compile_error(c, "nested too deeply");
    hz_words_next(c);
    struct hz_type t = compile_not(c);
    c->nesting--;
    if (t.kind != HZ_TYPE_TEXT)
        hz_need_number(c, &t, 0, "not");
    hz_emit(c, HZ_OP_NOT, 0, 0, 0);
    struct hz_type out = hz_type_number(1);
    out.sure = otherwise(t.sure);
    return out;
}

/* A value that stands where a condition does. */
static double condition(struct hz_compiler *c, struct hz_type *t, const char *what)
{
    const bool bits = t->kind == HZ_TYPE_BITS;
    if (t->kind != HZ_TYPE_ABSENT)
        hz_need_number(c, t, 0, what);
    return bits && t->width == 1 ? 1 : t->sure; /* a bit that is 1 */
}

/* Conditions joined by one word. */
static struct hz_type compile_joined(struct hz_compiler *c, const char *word, enum hz_op op)
{
    const bool all = op == HZ_OP_AND_THEN;
    struct hz_type a = all ? compile_not(c) : compile_joined(c, "and", HZ_OP_AND_THEN);
    while (!hz_compile_failed(c) && hz_word_is(c, word)) {
        hz_words_next(c);
        double sure = condition(c, &a, word);
        const size_t from = c->n_piece;
        hz_emit(c, op, 0, 0, 0);
        struct hz_type b = all ? compile_not(c) : compile_joined(c, "and", HZ_OP_AND_THEN);
        const double other = condition(c, &b, word);
        if (!hz_compile_failed(c))
            hz_join(c, from);
        a = hz_type_number(1);
        a.sure = all ? sure + other : fmax(0, -log2(exp2(-sure) + exp2(-other)));
    }
    return a;
}

static struct hz_type compile_or(struct hz_compiler *c)
{
    return compile_joined(c, "or", HZ_OP_OR_ELSE);
}

/* ---- choice ----------------------------------------------------------------------------- */

static void reversed(struct hz_ins *from, struct hz_ins *to)
{
    for (; from < to; from++) {
        const struct hz_ins kept = *from;
        *from = *--to;
        *to = kept;
    }
}

/* The instructions a … b - 1 and b … end exchange their places; jumps stay within each. */
static void exchange(struct hz_compiler *c, size_t a, size_t b)
{
    reversed(c->piece + a, c->piece + b);
    reversed(c->piece + b, c->piece + c->n_piece);
    reversed(c->piece + a, c->piece + c->n_piece);
}

struct hz_type hz_compile_expression(struct hz_compiler *c)
{
    const size_t begin = c->n_piece;
    if (++c->nesting > HZ_NESTING_MAX)
        hz_compile_error(c,
                         "nested too deeply: expected the expression in several lines, or with a "
                         "hidden field ._NAME");
    struct hz_type value = compile_or(c);
    if (!hz_compile_failed(c) && hz_word_is(c, "if")) {
        /* VALUE if CONDITION else OTHER: CONDITION, unless, VALUE, jump, OTHER */
        const size_t middle = c->n_piece;
        c->joined = middle;
        hz_words_next(c);
        struct hz_type t = compile_or(c);
        condition(c, &t, "if");
        hz_emit(c, HZ_OP_UNLESS, 0, 0, (int32_t)(middle - begin) + 1);
        exchange(c, begin, middle);
        const size_t over = c->n_piece;
        c->joined = over;
        hz_emit(c, HZ_OP_JUMP, 0, 0, 0);
        c->stack--;
        struct hz_type other = {.kind = HZ_TYPE_ABSENT};
        if (hz_word_is(c, "else")) {
            hz_words_next(c);
            other = hz_compile_expression(c);
        } else {
            hz_emit(c, HZ_OP_NONE, 0, 0, 0);
        }
        /* bits of one branch and a number of the other: both are numbers */
        if (value.kind != other.kind && other.kind == HZ_TYPE_BITS) {
            hz_need_number(c, &other, 0, "else");
        } else if (value.kind == HZ_TYPE_BITS && other.kind == HZ_TYPE_NUMBER &&
                   !hz_compile_failed(c)) {
            hz_join(c, over);
            hz_need_number(c, &value, 0, "if");
        }
        if (!hz_compile_failed(c) && c->piece[over].c == 0)
            hz_join(c, over);
        value = hz_common_type(c, value, other);
    }
    c->nesting--;
    return value;
}

bool hz_compile_text(struct hz_compiler *c, const char *text, struct hz_ins *piece, size_t *n,
                     struct hz_type *type)
{
    char name[48];
    c->piece = piece;
    c->n_piece = c->joined = 0;
    c->stack = 0;
    hz_words_begin(c, text);
    *type = hz_compile_expression(c);
    if (!hz_compile_failed(c) && c->word.token != HZ_TOKEN_END)
        hz_compile_error(c, "expected an operator or the end before %s", hz_word_name(c, name));
    *n = c->n_piece;
    return !hz_compile_failed(c);
}
