/* Functions that are code of their own: enum, table, and those that a declaration makes. */
#include "proto/sensors/compile.h"

#include <stdio.h>
#include <string.h>

enum { KEYS_MAX = 80 };

struct keys {
    int64_t key[KEYS_MAX];
    size_t target[KEYS_MAX]; /* instructions behind the find */
    size_t n;
    size_t jumps[KEYS_MAX], n_jumps;
};

/* The keys before a value: "0, 4, 0x40 =". `else` has none. */
static bool read_keys(struct hz_compiler *c, struct keys *k, size_t target, bool *otherwise)
{
    struct hz_sensor_value v;
    *otherwise = hz_word_is(c, "else");
    if (*otherwise) {
        hz_words_next(c);
        return hz_words_take(c, "=");
    }
    do {
        if (hz_word_is(c, ","))
            hz_words_next(c);
        if (!hz_compile_number(c, &v))
            return false;
        if (v.kind != HZ_INT || k->n == KEYS_MAX)
            hz_compile_error(c, "enum: expected at most %d whole numbers", KEYS_MAX);
        for (size_t i = 0; i < k->n && !hz_compile_failed(c); i++) {
            if (k->key[i] == v.i)
                hz_compile_error(c, "enum: %lld stands twice", (long long)v.i);
        }
        if (hz_compile_failed(c))
            return false;
        k->key[k->n] = v.i;
        k->target[k->n++] = target;
    } while (hz_word_is(c, ","));
    if (!hz_word_is(c, "=")) {
        char name[48];
        hz_compile_error(c, "enum: expected NUMBER = VALUE, not %s", hz_word_name(c, name));
        return false;
    }
    hz_words_next(c);
    return true;
}

/* VALUE, find, then each case: its value, jump to the end. */
struct hz_type hz_compile_enum(struct hz_compiler *c)
{
    struct keys k = {.n = 0};
    struct hz_type t = hz_compile_expression(c), out = {.kind = HZ_TYPE_ABSENT};
    bool otherwise = false;
    hz_need_number(c, &t, 0, "enum");
    const size_t find = c->n_piece;
    hz_emit(c, HZ_OP_FIND, 0, 0, 0);
    while (!hz_compile_failed(c) && !otherwise && hz_word_is(c, ",")) {
        hz_words_next(c);
        if (!read_keys(c, &k, c->n_piece - find - 1, &otherwise))
            break;
        c->joined = c->n_piece;
        struct hz_type value = hz_compile_expression(c);
        if (value.kind == HZ_TYPE_BITS)
            hz_need_number(c, &value, 0, "enum");
        out = hz_common_type(c, out, value);
        c->stack--;
        if (!otherwise && k.n_jumps < KEYS_MAX) {
            k.jumps[k.n_jumps++] = c->n_piece;
            hz_emit(c, HZ_OP_JUMP, 0, 0, 0);
        }
    }
    hz_words_take(c, ")");
    if (k.n == 0)
        hz_compile_error(c, "expected enum(VALUE, NUMBER = VALUE, …, else = VALUE)");
    if (hz_compile_failed(c))
        return out;
    const size_t last =
        k.n_jumps ? k.jumps[k.n_jumps - 1] - find : 0; /* the case that nothing else is */
    if (!otherwise)
        hz_emit(c, HZ_OP_NONE, 0, 0, 0);
    else
        c->stack++;
    for (size_t i = 0; i < k.n_jumps; i++)
        hz_join(c, k.jumps[i]);
    c->piece[find].b = (uint16_t)(k.n + 1);
    c->piece[find].c = (int32_t)c->n_consts;
    for (size_t i = 0; i <= k.n; i++) {
        hz_add_const(c, (struct hz_sensor_value){.kind = HZ_INT, .i = i < k.n ? k.key[i] : 0});
        hz_add_const(c, (struct hz_sensor_value){.kind = HZ_INT,
                                                 .i = (int64_t)(i < k.n ? k.target[i] : last)});
    }
    c->joined = c->n_piece;
    out.constant = false;
    return out;
}

struct hz_type hz_compile_table(struct hz_compiler *c)
{
    struct hz_type t = hz_compile_expression(c);
    struct hz_sensor_value v[2 * KEYS_MAX];
    size_t n = 0;
    double x, before = 0;
    hz_need_number(c, &t, 0, "table");
    while (!hz_compile_failed(c) && hz_word_is(c, ",")) {
        hz_words_next(c);
        if (n == KEYS_MAX)
            hz_compile_error(c, "table: expected at most %d points", KEYS_MAX);
        if (!hz_compile_number(c, &v[2 * n]) || !hz_words_take(c, "=") ||
            !hz_compile_number(c, &v[2 * n + 1]))
            break;
        hz_value_real(v[2 * n], &x);
        if (n > 0 && x <= before)
            hz_compile_error(c, "table: %g behind %g: expected points that rise", x, before);
        before = x;
        n++;
    }
    hz_words_take(c, ")");
    if (n < 2)
        hz_compile_error(c, "expected table(NUMBER, X = Y, X = Y, …)");
    const int32_t first = (int32_t)c->n_consts;
    for (size_t i = 0; i < 2 * n; i++)
        hz_add_const(c, v[i]);
    hz_emit(c, HZ_OP_CALL, HZ_CALL_TABLE, (unsigned)n, first);
    t = hz_type_number(64);
    t.fraction = true;
    return t;
}

/* The next name of "a, b"; false: there is none. */
static bool parameter(const char **list, struct hz_binding *b)
{
    const char *s = *list + strspn(*list, " \t,");
    b->n = strcspn(s, " \t,");
    b->name = s;
    *list = s + b->n;
    return b->n > 0;
}

/* name(A, B): the arguments go to locals, then the body is compiled in place. */
struct hz_type hz_compile_own(struct hz_compiler *c, struct hz_named *f)
{
    struct hz_binding bound[HZ_PARAMETERS_MAX];
    const char *list = f->parameters;
    size_t n = 0;
    struct hz_type t = hz_type_number(0);
    while (n < HZ_PARAMETERS_MAX && parameter(&list, &bound[n])) {
        if (n > 0)
            hz_words_take(c, ",");
        bound[n].type = hz_compile_expression(c);
        n++;
    }
    if (!hz_compile_failed(c) && !hz_word_is(c, ")"))
        hz_compile_error(c, "expected %s(%s)", f->name, f->parameters);
    if (!hz_compile_failed(c) && (c->n_locals + n > HZ_CODE_LOCALS || f->state == 1))
        hz_compile_error(c, "%s: functions within functions are nested too deeply", f->name);
    for (size_t i = n; i-- > 0;) {
        bound[i].local = (uint16_t)(c->n_locals + i);
        hz_emit(c, HZ_OP_STORE, 0, bound[i].local, 0);
    }
    if (hz_compile_failed(c))
        return t;
    const struct hz_word word = c->word;
    const struct hz_binding *outer = c->bound;
    const size_t n_outer = c->n_bound;
    c->n_locals = (uint16_t)(c->n_locals + n);
    c->most_locals = c->n_locals > c->most_locals ? c->n_locals : c->most_locals;
    c->bound = bound;
    c->n_bound = n;
    f->state = 1;
    c->word = (struct hz_word){.at = f->body};
    hz_words_next(c);
    t = hz_compile_expression(c);
    if (!hz_compile_failed(c) && c->word.token != HZ_TOKEN_END)
        hz_compile_error(c, "expected an operator or the end of %s(%s)", f->name, f->parameters);
    f->state = 0;
    c->bound = outer;
    c->n_bound = n_outer;
    c->n_locals = (uint16_t)(c->n_locals - n);
    c->word = word;
    if (hz_compile_failed(c))
        c->word.token = HZ_TOKEN_END;
    return hz_words_take(c, ")") ? t : hz_type_number(0);
}
