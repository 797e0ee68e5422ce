#include "proto/sensors/bitmath.h"
#include "proto/sensors/code.h"

#include <math.h>
#include <string.h>

static const struct hz_sensor_value absent = {.kind = HZ_ABSENT};

static struct hz_sensor_value whole(int64_t i)
{
    return (struct hz_sensor_value){.kind = HZ_INT, .i = i};
}

static struct hz_sensor_value real(double d)
{
    return isfinite(d) ? (struct hz_sensor_value){.kind = HZ_REAL, .d = d} : absent;
}

void hz_run_init(struct hz_run *r, const struct hz_sensor_code *code, const uint8_t *bit, size_t n)
{
    r->code = code;
    r->bit = bit;
    r->n = n;
    r->bits_used = r->text_used = 0;
    memset(r->known, 0, sizeof r->known);
}

struct hz_sensor_value hz_value_to_number(struct hz_sensor_value v)
{
    if (v.kind != HZ_BITS)
        return v;
    return v.n <= HZ_NUMBER_BITS ? whole((int64_t)hz_bits_number(v.bit, v.n)) : absent;
}

bool hz_value_real(struct hz_sensor_value v, double *d)
{
    if (v.kind != HZ_INT && v.kind != HZ_REAL)
        return false;
    *d = v.kind == HZ_INT ? (double)v.i : v.d;
    return true;
}

bool hz_value_whole(struct hz_sensor_value v, int64_t *i)
{
    if (v.kind == HZ_REAL && v.d == floor(v.d) && fabs(v.d) < 9e18)
        *i = (int64_t)v.d;
    else if (v.kind == HZ_INT)
        *i = v.i;
    else
        return false;
    return true;
}

bool hz_value_holds(struct hz_sensor_value v)
{
    switch (v.kind) {
    case HZ_INT:
        return v.i != 0;
    case HZ_REAL:
        return v.d != 0;
    case HZ_BITS:
        return hz_bits_ones(v.bit, v.n) > 0;
    case HZ_TEXT:
    case HZ_LIST:
        return v.n > 0;
    case HZ_ABSENT:
        break;
    }
    return false;
}

/* ---- ranges ----------------------------------------------------------------------------- */

void hz_range_order(uint8_t *out, const uint8_t *bit, size_t n, unsigned flags)
{
    uint8_t other[HZ_SENSOR_DATA_MAX];
    if (flags & (HZ_RANGE_BYTES | HZ_RANGE_NIBBLES))
        hz_bits_reverse(out, bit, n, flags & HZ_RANGE_BYTES ? 8 : 4);
    else
        memcpy(out, bit, n);
    if (flags & HZ_RANGE_LITTLE) {
        memcpy(other, out, n);
        hz_bits_order(out, other, n, 8);
    }
    if (flags & HZ_RANGE_REVERSED) {
        memcpy(other, out, n);
        hz_bits_reverse(out, other, n, n);
    }
}

static struct hz_sensor_value range_number(const struct hz_run *r, const struct hz_ins *ins)
{
    const size_t n = (size_t)ins->c;
    const uint8_t *bit = r->bit + ins->b;
    uint8_t moved[64];
    uint64_t v;
    if (ins->b + n > r->n)
        return absent;
    if (ins->a & HZ_RANGE_ORDER) {
        hz_range_order(moved, bit, n, ins->a);
        bit = moved;
    }
    if (ins->a & HZ_RANGE_BCD)
        return hz_bits_bcd(bit, n, &v) ? whole((int64_t)v) : absent;
    v = hz_bits_number(bit, n);
    return whole(ins->a & HZ_RANGE_SIGNED ? hz_bits_signed(v, n) : (int64_t)v);
}

static struct hz_sensor_value range_bits(struct hz_run *r, const struct hz_ins *ins)
{
    const size_t n = (size_t)ins->c;
    if (ins->b + n > r->n)
        return absent;
    struct hz_sensor_value v = {.kind = HZ_BITS, .n = (uint16_t)n, .bit = r->bit + ins->b};
    if (ins->a & HZ_RANGE_ORDER) {
        if (r->bits_used + n > sizeof r->bits)
            return absent;
        uint8_t *out = r->bits + r->bits_used;
        r->bits_used += n;
        hz_range_order(out, v.bit, n, ins->a);
        v.bit = out;
    }
    return v;
}

/* ---- arithmetic ------------------------------------------------------------------------- */

static struct hz_sensor_value divided(enum hz_op op, int64_t a, int64_t b)
{
    if (b == 0 || (b == -1 && a == INT64_MIN))
        return absent;
    const bool down = a % b != 0 && (a % b < 0) != (b < 0);
    return op == HZ_OP_FLOOR ? whole(a / b - down) : whole(a % b + (down ? b : 0));
}

/* Whole numbers wrap at 64 bits. */
static struct hz_sensor_value whole_binary(enum hz_op op, int64_t a, int64_t b)
{
    const uint64_t x = (uint64_t)a, y = (uint64_t)b;
    switch (op) {
    case HZ_OP_ADD:
        return whole((int64_t)(x + y));
    case HZ_OP_SUB:
        return whole((int64_t)(x - y));
    case HZ_OP_MUL:
        return whole((int64_t)(x * y));
    case HZ_OP_AND:
        return whole((int64_t)(x & y));
    case HZ_OP_OR:
        return whole((int64_t)(x | y));
    case HZ_OP_XOR:
        return whole((int64_t)(x ^ y));
    case HZ_OP_LEFT:
        return b >= 0 && b < 64 ? whole((int64_t)(x << b)) : absent;
    case HZ_OP_RIGHT:
        return b >= 0 ? whole(a >> (b < 63 ? b : 63)) : absent;
    default:
        return divided(op, a, b);
    }
}

static struct hz_sensor_value power(struct hz_sensor_value a, struct hz_sensor_value b)
{
    double x, y;
    if (!hz_value_real(a, &x) || !hz_value_real(b, &y))
        return absent;
    const double v = pow(x, y);
    if (a.kind == HZ_INT && b.kind == HZ_INT && y >= 0 && fabs(v) < 9007199254740992.0)
        return whole((int64_t)v);
    return real(v);
}

static struct hz_sensor_value binary(enum hz_op op, struct hz_sensor_value a,
                                     struct hz_sensor_value b)
{
    double x, y;
    int64_t i, j;
    const bool calculated = op == HZ_OP_ADD || op == HZ_OP_SUB || op == HZ_OP_MUL ||
                            op == HZ_OP_FLOOR || op == HZ_OP_MOD;
    if (op == HZ_OP_POWER)
        return power(a, b);
    if (op != HZ_OP_DIV && a.kind == HZ_INT && b.kind == HZ_INT)
        return whole_binary(op, a.i, b.i);
    if (!calculated && op != HZ_OP_DIV)
        return hz_value_whole(a, &i) && hz_value_whole(b, &j) ? whole_binary(op, i, j) : absent;
    if (!hz_value_real(a, &x) || !hz_value_real(b, &y))
        return absent;
    switch (op) {
    case HZ_OP_ADD:
        return real(x + y);
    case HZ_OP_SUB:
        return real(x - y);
    case HZ_OP_MUL:
        return real(x * y);
    case HZ_OP_DIV:
        return y != 0 ? real(x / y) : absent;
    case HZ_OP_FLOOR:
        return y != 0 ? real(floor(x / y)) : absent;
    default:
        return y != 0 ? real(x - y * floor(x / y)) : absent;
    }
}

static bool compared(enum hz_compare how, int order)
{
    switch (how) {
    case HZ_EQ:
        return order == 0;
    case HZ_NE:
        return order != 0;
    case HZ_LT:
        return order < 0;
    case HZ_LE:
        return order <= 0;
    case HZ_GT:
        return order > 0;
    case HZ_GE:
        return order >= 0;
    }
    return false;
}

/* Two numbers. False: one is none. */
static bool order_of(struct hz_sensor_value a, struct hz_sensor_value b, int *order)
{
    double x, y;
    if (a.kind == HZ_INT && b.kind == HZ_INT) {
        *order = (a.i > b.i) - (a.i < b.i);
        return true;
    }
    if (!hz_value_real(a, &x) || !hz_value_real(b, &y))
        return false;
    *order = (x > y) - (x < y);
    return true;
}

/* Rows of bits, or texts. */
static struct hz_sensor_value same(const struct hz_ins *ins, struct hz_sensor_value a,
                                   struct hz_sensor_value b)
{
    const enum hz_value_kind kind = ins->op == HZ_OP_COMPARE_BITS ? HZ_BITS : HZ_TEXT;
    if (a.kind != kind || b.kind != kind)
        return absent;
    const void *p = kind == HZ_BITS ? (const void *)a.bit : a.text;
    const void *q = kind == HZ_BITS ? (const void *)b.bit : b.text;
    return whole((a.n == b.n && memcmp(p, q, a.n) == 0) == (ins->a == HZ_EQ));
}

static struct hz_sensor_value is_in(const struct hz_run *r, const struct hz_ins *ins,
                                    struct hz_sensor_value v)
{
    if (ins->op == HZ_OP_IN_TEXT) {
        for (int32_t i = 0; v.kind == HZ_TEXT && i < ins->b; i++) {
            const char *text = r->code->texts[ins->c + i];
            if (strlen(text) == v.n && memcmp(text, v.text, v.n) == 0)
                return whole(1);
        }
        return v.kind == HZ_TEXT ? whole(0) : absent;
    }
    const struct hz_sensor_value *pair = r->code->consts + ins->c;
    for (size_t i = 0; i < ins->b; i++, pair += 2) {
        int low, high;
        if (!order_of(v, pair[0], &low) || !order_of(v, pair[1], &high))
            return absent;
        if (low >= 0 && high <= 0)
            return whole(1);
    }
    return whole(0);
}

/* How many instructions are passed over. */
static size_t find(const struct hz_run *r, const struct hz_ins *ins, struct hz_sensor_value v)
{
    const struct hz_sensor_value *pair = r->code->consts + ins->c;
    int64_t key;
    if (hz_value_whole(v, &key)) {
        for (size_t i = 0; i + 1 < ins->b; i++) {
            if (pair[2 * i].i == key)
                return (size_t)pair[2 * i + 1].i;
        }
    }
    return (size_t)pair[2 * ins->b - 1].i;
}

/* ---- the machine ------------------------------------------------------------------------ */

static struct hz_sensor_value unary(enum hz_op op, struct hz_sensor_value v)
{
    int64_t i;
    if (v.kind == HZ_ABSENT)
        return absent;
    if (op == HZ_OP_NOT)
        return whole(!hz_value_holds(v));
    if (op == HZ_OP_NEGATE && v.kind == HZ_REAL)
        return real(-v.d);
    if (!hz_value_whole(v, &i))
        return absent;
    return op == HZ_OP_NEGATE ? whole((int64_t)(0 - (uint64_t)i)) : whole(~i);
}

static struct hz_sensor_value push(struct hz_run *r, const struct hz_ins *ins)
{
    const char *text;
    switch (ins->op) {
    case HZ_OP_INT:
        return whole(ins->c);
    case HZ_OP_CONST:
        return r->code->consts[ins->c];
    case HZ_OP_TEXT:
        text = r->code->texts[ins->c];
        return (struct hz_sensor_value){.kind = HZ_TEXT, .n = (uint16_t)strlen(text), .text = text};
    case HZ_OP_RANGE:
        return range_bits(r, ins);
    case HZ_OP_NUMBER:
        return range_number(r, ins);
    case HZ_OP_FIELD:
        return hz_run_field(r, ins->b);
    case HZ_OP_LOCAL:
        return r->local[ins->b];
    default:
        return absent;
    }
}

/* How many values a function takes from the stack. */
static size_t taken(const struct hz_ins *ins)
{
    switch (ins->a) {
    case HZ_CALL_LAST:
    case HZ_CALL_UNTIL:
        return 0;
    case HZ_CALL_CAT:
    case HZ_CALL_CRC:
    case HZ_CALL_CRC_R:
    case HZ_CALL_PICK:
    case HZ_CALL_MIN:
    case HZ_CALL_MAX:
    case HZ_CALL_STEPS:
    case HZ_CALL_FORMAT:
        return ins->b;
    case HZ_CALL_TAGGED:
    case HZ_CALL_ROLL:
    case HZ_CALL_JOIN:
        return 2;
    case HZ_CALL_DIGEST8:
    case HZ_CALL_DIGEST8R:
    case HZ_CALL_DIGEST8V:
    case HZ_CALL_DIGEST16:
        return 3;
    default:
        return 1;
    }
}

struct hz_sensor_value hz_run_piece(struct hz_run *r, struct hz_piece piece)
{
    struct hz_sensor_value stack[HZ_CODE_STACK], *top = stack; /* top: the first free one */
    const struct hz_ins *ins = r->code->ins + piece.at, *end = ins + piece.n;
    int order;
    for (; ins < end; ins++) {
        switch (ins->op) {
        default:
            *top++ = push(r, ins);
            break;
        case HZ_OP_TO_NUMBER:
            top[-1 - ins->a] = hz_value_to_number(top[-1 - ins->a]);
            break;
        case HZ_OP_STORE:
            r->local[ins->b] = *--top;
            break;
        case HZ_OP_NEGATE:
        case HZ_OP_INVERT:
        case HZ_OP_NOT:
            top[-1] = unary(ins->op, top[-1]);
            break;
        case HZ_OP_ADD ... HZ_OP_RIGHT:
            top--;
            top[-1] = binary(ins->op, top[-1], top[0]);
            break;
        case HZ_OP_COMPARE:
            top--;
            top[-1] = order_of(top[-1], top[0], &order) ? whole(compared(ins->a, order)) : absent;
            break;
        case HZ_OP_COMPARE_BITS:
        case HZ_OP_COMPARE_TEXT:
            top--;
            top[-1] = same(ins, top[-1], top[0]);
            break;
        case HZ_OP_CHAIN:
            top--;
            if (!order_of(top[-1], top[0], &order))
                top[-1] = absent;
            else if (compared(ins->a, order))
                top[-1] = top[0];
            else
                top[-1] = whole(0);
            if (top[-1].kind == HZ_ABSENT || !compared(ins->a, order))
                ins += ins->c;
            break;
        case HZ_OP_IN:
        case HZ_OP_IN_TEXT:
            top[-1] = is_in(r, ins, top[-1]);
            break;
        case HZ_OP_AND_THEN:
        case HZ_OP_OR_ELSE:
            if (hz_value_holds(top[-1]) == (ins->op == HZ_OP_OR_ELSE))
                ins += ins->c;
            else
                top--;
            break;
        case HZ_OP_UNLESS:
            top--;
            if (!hz_value_holds(*top))
                ins += ins->c;
            break;
        case HZ_OP_JUMP:
            ins += ins->c;
            break;
        case HZ_OP_FIND:
            top--;
            ins += find(r, ins, *top);
            break;
        case HZ_OP_CALL:
            top -= taken(ins);
            *top = hz_run_call(r, ins, top);
            top++;
            break;
        }
    }
    return top > stack ? top[-1] : absent;
}

struct hz_sensor_value hz_run_field(struct hz_run *r, size_t field)
{
    const struct hz_code_field *f = &r->code->fields[field];
    if (r->known[field])
        return r->field[field];
    struct hz_sensor_value v = absent, kept[HZ_CODE_LOCALS];
    memcpy(kept, r->local, r->code->n_locals * sizeof *kept); /* of the function that asks */
    for (size_t i = 0; i < f->n && v.kind == HZ_ABSENT; i++)
        v = hz_run_piece(r, r->code->lines[f->first + i]);
    memcpy(r->local, kept, r->code->n_locals * sizeof *kept);
    r->known[field] = 1;
    r->field[field] = v;
    return v;
}
