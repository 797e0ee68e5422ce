/* The functions of expressions. A value that is absent makes the result absent. */
#include "proto/sensors/bitmath.h"
#include "proto/sensors/code.h"

#include <math.h>
#include <string.h>

static const struct hz_sensor_value absent = {.kind = HZ_ABSENT};

static struct hz_sensor_value whole(uint64_t i)
{
    return (struct hz_sensor_value){.kind = HZ_INT, .i = (int64_t)i};
}

/* Room for n calculated bits, handed out as v->bit; NULL: there is none left. */
static uint8_t *new_bits(struct hz_run *r, size_t n, struct hz_sensor_value *v)
{
    if (n > sizeof r->bits - r->bits_used)
        return NULL;
    uint8_t *bit = r->bits + r->bits_used;
    r->bits_used += n;
    *v = (struct hz_sensor_value){.kind = HZ_BITS, .n = (uint16_t)n, .bit = bit};
    return bit;
}

static struct hz_sensor_value slice(const uint8_t *bit, size_t n)
{
    return (struct hz_sensor_value){.kind = HZ_BITS, .n = (uint16_t)n, .bit = bit};
}

/* ---- bits from bits --------------------------------------------------------------------- */

static struct hz_sensor_value cat(struct hz_run *r, size_t count, const struct hz_sensor_value *v)
{
    struct hz_sensor_value out;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (v[i].kind != HZ_BITS)
            return absent;
        n += v[i].n;
    }
    uint8_t *bit = new_bits(r, n, &out);
    for (size_t i = 0; bit && i < count; bit += v[i++].n)
        memcpy(bit, v[i].bit, v[i].n);
    return bit ? out : absent;
}

/* Every second bit, or all but each ninth. */
static struct hz_sensor_value drop(struct hz_run *r, const struct hz_ins *ins,
                                   struct hz_sensor_value x)
{
    struct hz_sensor_value out;
    uint8_t *bit = new_bits(r, x.n, &out);
    size_t n = 0;
    for (size_t i = 0; bit && i < x.n; i++) {
        const bool keep = ins->a == HZ_CALL_UN9    ? i % 9 != 8
                          : ins->a == HZ_CALL_EVEN ? i % 2 == 0
                                                   : i % 2 == 1;
        if (keep)
            bit[n++] = x.bit[i];
    }
    out.n = (uint16_t)n;
    return bit ? out : absent;
}

static struct hz_sensor_value changed(struct hz_run *r, const struct hz_ins *ins,
                                      struct hz_sensor_value x)
{
    struct hz_sensor_value out;
    const size_t size = ins->a == HZ_CALL_REVN ? (size_t)ins->c : ins->a == HZ_CALL_REV ? x.n : 8;
    if (ins->a == HZ_CALL_EVEN || ins->a == HZ_CALL_ODD || ins->a == HZ_CALL_UN9)
        return drop(r, ins, x);
    if (ins->a == HZ_CALL_UART)
        return x.n % 10 == 0 && new_bits(r, x.n / 10 * 8u, &out) &&
                       hz_bits_uart((uint8_t *)out.bit, x.bit, x.n)
                   ? out
                   : absent;
    uint8_t *bit = new_bits(r, x.n, &out);
    if (!bit || (ins->a != HZ_CALL_INV && (size == 0 || x.n % size != 0)))
        return absent;
    switch (ins->a) {
    case HZ_CALL_INV:
        for (size_t i = 0; i < x.n; i++)
            bit[i] = !x.bit[i];
        break;
    case HZ_CALL_LE:
        hz_bits_order(bit, x.bit, x.n, 8);
        break;
    case HZ_CALL_SWAP:
        for (size_t i = 0; i < x.n; i++)
            bit[i] = x.bit[i ^ 4];
        break;
    default:
        hz_bits_reverse(bit, x.bit, x.n, size);
        break;
    }
    return out;
}

static struct hz_sensor_value as_bits(struct hz_run *r, const struct hz_ins *ins,
                                      struct hz_sensor_value v)
{
    struct hz_sensor_value out;
    int64_t i;
    uint8_t *bit = hz_value_whole(v, &i) ? new_bits(r, (size_t)ins->c, &out) : NULL;
    if (!bit)
        return absent;
    hz_bits_write(bit, (uint64_t)i, (size_t)ins->c);
    return out;
}

static struct hz_sensor_value at(const struct hz_run *r, size_t n, struct hz_sensor_value offset)
{
    int64_t i;
    if (!hz_value_whole(offset, &i) || i < 0 || n > r->n || (uint64_t)i > r->n - n)
        return absent;
    return slice(r->bit + i, n);
}

static struct hz_sensor_value tagged(const struct hz_ins *ins, const struct hz_sensor_value *v)
{
    const size_t size = (size_t)ins->c, n = ins->b;
    int64_t tag;
    if (v[0].kind != HZ_BITS || !hz_value_whole(v[1], &tag))
        return absent;
    for (size_t i = 0; i + size <= v[0].n; i += size) {
        if ((int64_t)hz_bits_number(v[0].bit + i, n) == tag)
            return slice(v[0].bit + i + n, size - n);
    }
    return absent;
}

/* ---- numbers from bits ------------------------------------------------------------------ */

/* Whole numbers behind the bits; those that are not given stay 0. */
static bool numbers(const struct hz_sensor_value *v, size_t n, uint32_t *out)
{
    for (size_t i = 0; i < n; i++) {
        int64_t whole_number;
        if (!hz_value_whole(v[i], &whole_number))
            return false;
        out[i] = (uint32_t)whole_number;
    }
    return true;
}

static struct hz_sensor_value crc(const struct hz_ins *ins, const struct hz_sensor_value *v)
{
    uint32_t arg[3] = {0};
    if (!numbers(v + 1, ins->b - 1u, arg))
        return absent;
    const struct hz_crc c = {(unsigned)ins->c, arg[0], arg[1], arg[2]};
    if (ins->a == HZ_CALL_CRC)
        return whole(hz_crc_plain(&c, v->bit, v->n));
    return v->n % 8 == 0 ? whole(hz_crc_reflected(&c, v->bit, v->n)) : absent;
}

static struct hz_sensor_value digest(const struct hz_ins *ins, const struct hz_sensor_value *v)
{
    uint32_t arg[2];
    const enum hz_digest kind = ins->a == HZ_CALL_DIGEST8R   ? HZ_DIGEST_R
                                : ins->a == HZ_CALL_DIGEST8V ? HZ_DIGEST_V
                                                             : HZ_DIGEST;
    if (!numbers(v + 1, 2, arg) || (kind == HZ_DIGEST_V && v->n % 8 != 0))
        return absent;
    const unsigned width = ins->a == HZ_CALL_DIGEST16 ? 16 : 8;
    return whole(hz_digest(kind, width, v->bit, v->n, arg[0], arg[1]));
}

static struct hz_sensor_value pick(const struct hz_ins *ins, const struct hz_sensor_value *v)
{
    int64_t sum = 0, i;
    if (v->n != ins->b - 1u)
        return absent;
    for (size_t k = 0; k < v->n; k++) {
        if (!hz_value_whole(v[1 + k], &i))
            return absent;
        sum ^= v->bit[k] ? i : 0;
    }
    return whole((uint64_t)sum);
}

static struct hz_sensor_value number_of(const struct hz_ins *ins, const struct hz_sensor_value *v)
{
    uint32_t key;
    uint64_t n;
    switch (ins->a) {
    case HZ_CALL_SUM:
        return whole(hz_bits_sum(v->bit, v->n, (size_t)ins->c));
    case HZ_CALL_XOR:
        return whole(hz_bits_xor(v->bit, v->n, (size_t)ins->c));
    case HZ_CALL_ROLL:
        return numbers(v + 1, 1, &key) ? whole(hz_roll(v->bit, v->n, key)) : absent;
    case HZ_CALL_PICK:
        return pick(ins, v);
    case HZ_CALL_PAR:
        return whole(hz_bits_ones(v->bit, v->n) & 1);
    case HZ_CALL_ONES:
        return whole(hz_bits_ones(v->bit, v->n));
    case HZ_CALL_SIGNED:
        if (v->n == 0 || v->n > 64)
            return absent;
        return whole((uint64_t)hz_bits_signed(hz_bits_number(v->bit, v->n), v->n));
    case HZ_CALL_BCD:
        return v->n <= 72 && hz_bits_bcd(v->bit, v->n, &n) ? whole(n) : absent;
    case HZ_CALL_CRC:
    case HZ_CALL_CRC_R:
        return crc(ins, v);
    default:
        return digest(ins, v);
    }
}

/* ---- numbers from numbers --------------------------------------------------------------- */

static struct hz_sensor_value of_numbers(const struct hz_ins *ins, const struct hz_sensor_value *v)
{
    double x, y;
    uint64_t steps = 0;
    const struct hz_sensor_value *best = v;
    if (!hz_value_real(*v, &x))
        return absent;
    if (ins->a == HZ_CALL_WHOLE) {
        if (v->kind == HZ_INT || !(fabs(x) < 9e18))
            return *v;
        return whole((uint64_t)(int64_t)x);
    }
    if (ins->a == HZ_CALL_ABS) {
        if (v->kind == HZ_INT)
            return whole(v->i < 0 ? 0 - (uint64_t)v->i : (uint64_t)v->i);
        return (struct hz_sensor_value){.kind = HZ_REAL, .d = fabs(x)};
    }
    for (size_t i = 1; i < ins->b; i++) {
        if (!hz_value_real(v[i], &y))
            return absent;
        steps += y < x;
        if (ins->a != HZ_CALL_STEPS && (ins->a == HZ_CALL_MIN ? y < x : y > x)) {
            best = &v[i];
            x = y;
        }
    }
    return ins->a == HZ_CALL_STEPS ? whole(steps) : *best;
}

/* Straight lines between points: pairs of constants, x rising. */
static struct hz_sensor_value table(const struct hz_run *r, const struct hz_ins *ins,
                                    struct hz_sensor_value v)
{
    const struct hz_sensor_value *point = r->code->consts + ins->c;
    double x, x0, y0, x1, y1;
    if (!hz_value_real(v, &x))
        return absent;
    for (size_t i = 0; i < ins->b; i++, point += 2) {
        hz_value_real(point[0], &x1);
        hz_value_real(point[1], &y1);
        if (x == x1)
            return point[1];
        if (x < x1 && i == 0)
            return absent;
        if (x < x1) {
            hz_value_real(point[-2], &x0);
            hz_value_real(point[-1], &y0);
            return (struct hz_sensor_value){.kind = HZ_REAL,
                                            .d = y0 + (y1 - y0) * (x - x0) / (x1 - x0)};
        }
    }
    return absent;
}

/* ---- all of them ------------------------------------------------------------------------ */

struct hz_sensor_value hz_run_call(struct hz_run *r, const struct hz_ins *ins,
                                   const struct hz_sensor_value *v)
{
    struct hz_sensor_value out = *v;
    if (ins->a == HZ_CALL_KNOWN)
        return whole(v->kind != HZ_ABSENT);
    if (ins->a == HZ_CALL_LAST)
        return r->n >= (size_t)ins->c ? slice(r->bit + r->n - ins->c, (size_t)ins->c) : absent;
    if (ins->a == HZ_CALL_UNTIL)
        return r->n >= ins->b + (size_t)ins->c
                   ? slice(r->bit + ins->b, r->n - ins->b - (size_t)ins->c)
                   : absent;
    if (ins->a == HZ_CALL_FORMAT)
        return hz_run_text(r, ins, v);
    if (v->kind == HZ_ABSENT)
        return absent;
    switch (ins->a) {
    case HZ_CALL_CAT:
        return cat(r, ins->b, v);
    case HZ_CALL_BITS:
        return as_bits(r, ins, *v);
    case HZ_CALL_AT:
        return at(r, (size_t)ins->c, *v);
    case HZ_CALL_TAGGED:
        return tagged(ins, v);
    case HZ_CALL_WHOLE:
    case HZ_CALL_ABS:
    case HZ_CALL_MIN:
    case HZ_CALL_MAX:
    case HZ_CALL_STEPS:
        return of_numbers(ins, v);
    case HZ_CALL_TABLE:
        return table(r, ins, *v);
    case HZ_CALL_HEX:
    case HZ_CALL_HEX_UPPER:
    case HZ_CALL_CHR:
    case HZ_CALL_JOIN:
        return hz_run_text(r, ins, v);
    default:
        break;
    }
    if (v->kind != HZ_BITS)
        return absent;
    switch (ins->a) {
    case HZ_CALL_BIN:
    case HZ_CALL_ASCII:
    case HZ_CALL_TRI:
    case HZ_CALL_B4:
        return hz_run_text(r, ins, v);
    case HZ_CALL_LIST:
        out.kind = HZ_LIST;
        out.size = (uint16_t)ins->c;
        return out;
    default:
        return ins->a <= HZ_CALL_UN9 ? changed(r, ins, *v) : number_of(ins, v);
    }
}
