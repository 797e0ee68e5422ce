/* Instructions, constants and texts of the code that is being compiled. */
#include "proto/sensors/compile.h"

#include <stdlib.h>
#include <string.h>

void hz_emit(struct hz_compiler *c, enum hz_op op, unsigned a, unsigned b, int32_t c_value)
{
    if (hz_compile_failed(c))
        return;
    if (c->n_piece == HZ_PIECE_MAX) {
        hz_compile_error(c, "the expression is too long: expected it in several lines, or with a "
                            "hidden field ._NAME");
        return;
    }
    c->piece[c->n_piece++] = (struct hz_ins){(uint8_t)op, (uint8_t)a, (uint16_t)b, c_value};
    switch (op) {
    case HZ_OP_NONE:
    case HZ_OP_INT:
    case HZ_OP_CONST:
    case HZ_OP_TEXT:
    case HZ_OP_RANGE:
    case HZ_OP_NUMBER:
    case HZ_OP_FIELD:
    case HZ_OP_LOCAL:
        c->stack++;
        break;
    case HZ_OP_STORE:
    case HZ_OP_ADD ... HZ_OP_RIGHT:
    case HZ_OP_COMPARE:
    case HZ_OP_COMPARE_BITS:
    case HZ_OP_COMPARE_TEXT:
    case HZ_OP_CHAIN:
    case HZ_OP_AND_THEN:
    case HZ_OP_OR_ELSE:
    case HZ_OP_UNLESS:
    case HZ_OP_FIND:
        c->stack--;
        break;
    default: /* calls tell themselves */
        break;
    }
    if (c->stack > HZ_CODE_STACK)
        hz_compile_error(c, "the expression is nested too deeply: expected it in several lines, or "
                            "with a hidden field ._NAME");
}

int32_t hz_add_const(struct hz_compiler *c, struct hz_sensor_value v)
{
    if (c->n_consts == c->room_consts) {
        const size_t room = c->room_consts ? 2 * c->room_consts : 32;
        struct hz_sensor_value *more = realloc(c->consts, room * sizeof *more);
        if (!more) {
            c->no_memory = true;
            hz_compile_error(c, "no memory");
            return 0;
        }
        c->consts = more;
        c->room_consts = room;
    }
    c->consts[c->n_consts] = v;
    return (int32_t)c->n_consts++;
}

int32_t hz_add_text(struct hz_compiler *c, const char *text, size_t n)
{
    if (c->n_texts == c->room_texts) {
        const size_t room = c->room_texts ? 2 * c->room_texts : 32;
        const char **more = realloc(c->texts, room * sizeof *more);
        if (more) {
            c->texts = more;
            c->room_texts = room;
        }
    }
    char *copy = c->n_texts < c->room_texts ? strndup(text, n) : NULL;
    if (!copy) {
        c->no_memory = true;
        hz_compile_error(c, "no memory");
        return 0;
    }
    c->texts[c->n_texts] = copy;
    return (int32_t)c->n_texts++;
}

void hz_compiler_done(struct hz_compiler *c)
{
    for (size_t i = 0; i < c->n_texts; i++)
        free((char *)c->texts[i]);
    free(c->texts);
    free(c->consts);
}

struct hz_type hz_type_number(double width)
{
    return (struct hz_type){.kind = HZ_TYPE_NUMBER, .width = width};
}

void hz_need_number(struct hz_compiler *c, struct hz_type *t, unsigned below, const char *what)
{
    if (t->kind == HZ_TYPE_TEXT)
        hz_compile_error(c, "%s with a text: expected a number", what);
    else if (t->kind == HZ_TYPE_LIST)
        hz_compile_error(c, "%s with a list: expected a number", what);
    else if (t->kind == HZ_TYPE_BITS && t->bits > HZ_NUMBER_BITS)
        hz_compile_error(c,
                         "%s with %d bits: expected a number, which has at most %d; hex(), crcN() "
                         "and their like take more",
                         what, t->bits, HZ_NUMBER_BITS);
    if (t->kind != HZ_TYPE_BITS || hz_compile_failed(c))
        return;
    struct hz_ins *last = c->n_piece > c->joined ? &c->piece[c->n_piece - 1] : NULL;
    if (below == 0 && last && last->op == HZ_OP_RANGE)
        last->op = HZ_OP_NUMBER;
    else
        hz_emit(c, HZ_OP_TO_NUMBER, below, 0, 0);
    *t = (struct hz_type){
        .kind = HZ_TYPE_NUMBER, .width = t->bits < 0 ? HZ_NUMBER_BITS : t->bits, .even = true};
}

struct hz_type hz_common_type(struct hz_compiler *c, struct hz_type a, struct hz_type b)
{
    if (a.kind == HZ_TYPE_ABSENT)
        return b;
    if (b.kind == HZ_TYPE_ABSENT)
        return a;
    if (a.kind != b.kind) {
        hz_compile_error(c,
                         "values of two kinds, a %s and a %s: expected the same kind in all cases",
                         a.kind == HZ_TYPE_TEXT   ? "text"
                         : a.kind == HZ_TYPE_LIST ? "list"
                                                  : "number",
                         b.kind == HZ_TYPE_TEXT   ? "text"
                         : b.kind == HZ_TYPE_LIST ? "list"
                                                  : "number");
        return a;
    }
    if (a.kind == HZ_TYPE_BITS && a.bits != b.bits)
        a.bits = -1;
    return (struct hz_type){.kind = a.kind,
                            .bits = a.bits,
                            .fraction = a.fraction || b.fraction,
                            .width = a.width > b.width ? a.width : b.width};
}

void hz_join(struct hz_compiler *c, size_t from)
{
    if (hz_compile_failed(c))
        return;
    c->piece[from].c = (int32_t)(c->n_piece - from - 1);
    c->joined = c->n_piece;
}
