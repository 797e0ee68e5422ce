/* The grammar of expressions, to the level of sums and bits; condition.c has the rest. The levels
 * of binding are those of Python. */
#include "proto/sensors/compile.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- values ----------------------------------------------------------------------------- */

static struct hz_type compile_range(struct hz_compiler *c)
{
    const struct hz_word w = c->word;
    const char *word = w.at;
    const int n = (int)w.n, end = (int)(w.offset + w.length);
    if (w.length == 0)
        hz_compile_error(
            c, "%.*s holds no bits: expected OFFSET:LENGTH with a length of at least 1", n, word);
    else if (end > c->data_max)
        hz_compile_error(c, "%.*s ends at bit %d: expected at most the %d bits that there are", n,
                         word, end, c->data_max);
    else if ((w.flags & (HZ_RANGE_BYTES | HZ_RANGE_LITTLE)) && w.length % 8 != 0)
        hz_compile_error(c, "%.*s: expected whole bytes with B and L, a length of 8, 16, …", n,
                         word);
    else if ((w.flags & HZ_RANGE_NIBBLES) && w.length % 4 != 0)
        hz_compile_error(c, "%.*s: expected a length of 4, 8, … with N", n, word);
    else if ((w.flags & HZ_RANGE_BYTES) && (w.flags & HZ_RANGE_NIBBLES))
        hz_compile_error(c, "%.*s: expected either B or N", n, word);
    else if ((w.flags & HZ_RANGE_SIGNED) && (w.flags & HZ_RANGE_BCD))
        hz_compile_error(c, "%.*s: expected either s or d", n, word);
    else if ((w.flags & (HZ_RANGE_SIGNED | HZ_RANGE_BCD)) && w.length > 64)
        hz_compile_error(c, "%.*s has %u bits: expected at most 64 for a number", n, word,
                         w.length);
    hz_words_next(c);
    const bool number = w.flags & (HZ_RANGE_SIGNED | HZ_RANGE_BCD);
    hz_emit(c, number ? HZ_OP_NUMBER : HZ_OP_RANGE, w.flags, w.offset, (int32_t)w.length);
    return (struct hz_type){
        .kind = number ? HZ_TYPE_NUMBER : HZ_TYPE_BITS, .bits = (int)w.length, .width = w.length};
}

bool hz_compile_number(struct hz_compiler *c, struct hz_sensor_value *v)
{
    char name[48];
    const bool minus = hz_word_is(c, "-");
    if (minus)
        hz_words_next(c);
    if (c->word.token != HZ_TOKEN_NUMBER) {
        hz_compile_error(c, "expected a number before %s", hz_word_name(c, name));
        return false;
    }
    if (c->word.fraction)
        *v = (struct hz_sensor_value){.kind = HZ_REAL, .d = minus ? -c->word.real : c->word.real};
    else
        *v = (struct hz_sensor_value){.kind = HZ_INT, .i = minus ? -c->word.whole : c->word.whole};
    hz_words_next(c);
    return true;
}

bool hz_compile_whole(struct hz_compiler *c, int64_t low, int64_t high, const char *what,
                      int64_t *v)
{
    char name[48];
    if (c->word.token != HZ_TOKEN_NUMBER || c->word.fraction || c->word.whole < low ||
        c->word.whole > high) {
        hz_compile_error(c, "%s: expected a whole number from %lld to %lld before %s", what,
                         (long long)low, (long long)high, hz_word_name(c, name));
        return false;
    }
    *v = c->word.whole;
    hz_words_next(c);
    return true;
}

static struct hz_type compile_constant(struct hz_compiler *c)
{
    struct hz_sensor_value v;
    struct hz_type t = {.kind = HZ_TYPE_NUMBER, .constant = true};
    if (!hz_compile_number(c, &v))
        return t;
    t.fraction = v.kind == HZ_REAL;
    t.value = t.fraction ? v.d : (double)v.i;
    if (v.kind == HZ_INT && v.i <= INT32_MAX)
        hz_emit(c, HZ_OP_INT, 0, 0, (int32_t)v.i);
    else
        hz_emit(c, HZ_OP_CONST, 0, 0, hz_add_const(c, v));
    return t;
}

static struct hz_type compile_name(struct hz_compiler *c)
{
    const char *name = c->word.at;
    const size_t n = c->word.n;
    uint16_t index;
    hz_words_next(c);
    if (n == 4 && memcmp(name, "none", n) == 0) {
        hz_emit(c, HZ_OP_NONE, 0, 0, 0);
        return (struct hz_type){.kind = HZ_TYPE_ABSENT};
    }
    if (hz_word_is(c, "(")) {
        hz_words_next(c);
        return hz_compile_call(c, name, n);
    }
    for (size_t i = 0; i < c->n_bound; i++) {
        if (c->bound[i].n == n && memcmp(c->bound[i].name, name, n) == 0) {
            hz_emit(c, HZ_OP_LOCAL, 0, c->bound[i].local, 0);
            return c->bound[i].type;
        }
    }
    struct hz_named *field = c->find(c->ctx, name, n, &index);
    if (hz_compile_failed(c) || !field)
        return hz_type_number(0);
    if (field->parameters) {
        hz_compile_error(c, "'%s' is a function: expected %s(%s)", field->name, field->name,
                         field->parameters);
        return hz_type_number(0);
    }
    if (field->depth + 1 > c->depth)
        c->depth = field->depth + 1;
    hz_emit(c, HZ_OP_FIELD, 0, index, 0);
    return field->type;
}

static struct hz_type compile_value(struct hz_compiler *c)
{
    char name[48];
    struct hz_type t = {.kind = HZ_TYPE_NUMBER};
    switch (c->word.token) {
    case HZ_TOKEN_NUMBER:
        return compile_constant(c);
    case HZ_TOKEN_RANGE:
        return compile_range(c);
    case HZ_TOKEN_TEXT:
        hz_emit(c, HZ_OP_TEXT, 0, 0, hz_add_text(c, c->word.at + 1, c->word.n - 2));
        hz_words_next(c);
        return (struct hz_type){.kind = HZ_TYPE_TEXT};
    case HZ_TOKEN_NAME:
        if (!hz_word_is(c, "if") && !hz_word_is(c, "else") && !hz_word_is(c, "and") &&
            !hz_word_is(c, "or") && !hz_word_is(c, "in"))
            return compile_name(c);
        break;
    case HZ_TOKEN_SIGN:
        if (hz_word_is(c, "(")) {
            hz_words_next(c);
            t = hz_compile_expression(c);
            hz_words_take(c, ")");
            return t;
        }
        break;
    case HZ_TOKEN_END:
        break;
    }
    hz_compile_error(c, "expected a value before %s", hz_word_name(c, name));
    return t;
}

/* ---- operators -------------------------------------------------------------------------- */

static struct hz_type compile_unary(struct hz_compiler *c);

static struct hz_type compile_power(struct hz_compiler *c)
{
    struct hz_type a = compile_value(c);
    if (!hz_word_is(c, "**"))
        return a;
    hz_words_next(c);
    hz_need_number(c, &a, 0, "**");
    struct hz_type b = compile_unary(c);
    hz_need_number(c, &b, 0, "**");
    hz_emit(c, HZ_OP_POWER, 0, 0, 0);
    a = hz_type_number(64);
    a.fraction = true;
    return a;
}

/* `-` and `~`. */
static struct hz_type compile_unary(struct hz_compiler *c)
{
    const bool minus = hz_word_is(c, "-"), invert = hz_word_is(c, "~");
    if (!minus && !invert && !hz_word_is(c, "+"))
        return compile_power(c);
    if (++c->nesting > HZ_NESTING_MAX)
        hz_compile_error(c, "nested too deeply");
    hz_words_next(c);
    struct hz_type t = compile_unary(c);
    c->nesting--;
    hz_need_number(c, &t, 0, minus ? "-" : invert ? "~" : "+");
    if (invert && t.fraction)
        hz_compile_error(c, "~ with a fraction: expected a whole number, as of int()");
    if (minus || invert)
        hz_emit(c, minus ? HZ_OP_NEGATE : HZ_OP_INVERT, 0, 0, 0);
    t.value = minus ? -t.value : t.value;
    t.constant = t.constant && !invert;
    t.even = false;
    return t;
}

struct operator
{
    const char *sign;
    enum hz_op op;
    int level; /* that binds least: 0 */
};

static const struct operator operators[] = {
    {"|", HZ_OP_OR, 0},     {"^", HZ_OP_XOR, 1}, {"&", HZ_OP_AND, 2}, {"<<", HZ_OP_LEFT, 3},
    {">>", HZ_OP_RIGHT, 3}, {"+", HZ_OP_ADD, 4}, {"-", HZ_OP_SUB, 4}, {"*", HZ_OP_MUL, 5},
    {"//", HZ_OP_FLOOR, 5}, {"/", HZ_OP_DIV, 5}, {"%", HZ_OP_MOD, 5},
};
enum { LEVELS = 6 };

static const struct operator* operator_here(const struct hz_compiler *c, int level)
{
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (operators[i].level == level && hz_word_is(c, operators[i].sign))
            return &operators[i];
    }
    return NULL;
}

/* How many bits are free in what comes of two numbers. */
static double width_of(enum hz_op op, struct hz_type a, struct hz_type b)
{
    const double wider = a.width > b.width ? a.width : b.width;
    const struct hz_type *mask = a.constant ? &a : b.constant ? &b : NULL;
    if (op == HZ_OP_AND && mask && mask->value >= 0 && mask->value < 9e18) {
        const double ones = __builtin_popcountll((unsigned long long)mask->value);
        return ones < wider ? ones : wider;
    }
    if (op == HZ_OP_AND)
        return a.width < b.width ? a.width : b.width;
    if (op == HZ_OP_RIGHT && b.constant)
        return a.width > b.value ? a.width - b.value : 0;
    if (op == HZ_OP_MOD && b.constant && b.value >= 1)
        return log2(b.value) < wider ? log2(b.value) : wider;
    return mask || op == HZ_OP_XOR || op == HZ_OP_OR ? wider : wider + 1;
}

static struct hz_type compile_binary(struct hz_compiler *c, int level);

/* TEXT + TEXT. */
static void compile_join(struct hz_compiler *c)
{
    const struct hz_type b = compile_binary(c, 5);
    if (b.kind != HZ_TYPE_TEXT && b.kind != HZ_TYPE_ABSENT)
        hz_compile_error(c, "+ with a text and a number: expected two texts, as of format()");
    c->stack -= 2;
    hz_emit(c, HZ_OP_CALL, HZ_CALL_JOIN, 2, 0);
    c->stack++;
}

static struct hz_type compile_binary(struct hz_compiler *c, int level)
{
    const struct operator* o;
    struct hz_type a = level + 1 < LEVELS ? compile_binary(c, level + 1) : compile_unary(c);
    while (!hz_compile_failed(c) && (o = operator_here(c, level))) {
        const bool bitwise = level < 4;
        hz_words_next(c);
        if (o->op == HZ_OP_ADD && a.kind == HZ_TYPE_TEXT) {
            compile_join(c);
            continue;
        }
        hz_need_number(c, &a, 0, o->sign);
        struct hz_type b = level + 1 < LEVELS ? compile_binary(c, level + 1) : compile_unary(c);
        hz_need_number(c, &b, 0, o->sign);
        if (bitwise && (a.fraction || b.fraction))
            hz_compile_error(c, "%s with a fraction: expected whole numbers, as of int()", o->sign);
        hz_emit(c, o->op, 0, 0, 0);
        a = (struct hz_type){.kind = HZ_TYPE_NUMBER,
                             .fraction = a.fraction || b.fraction || o->op == HZ_OP_DIV,
                             .width = width_of(o->op, a, b)};
    }
    return a;
}

struct hz_type hz_compile_arithmetic(struct hz_compiler *c)
{
    return compile_binary(c, 0);
}
