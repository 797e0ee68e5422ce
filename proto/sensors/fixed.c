/* What the checks say about single bits. */
#include "proto/sensors/bitmath.h"
#include "proto/sensors/code.h"

#include <string.h>

/* Whether the check holds only where each of its comparisons does: they are joined by `and` alone.
 */
static bool only_and(const struct hz_ins *ins, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        switch (ins[i].op) {
        case HZ_OP_OR_ELSE:
        case HZ_OP_UNLESS:
        case HZ_OP_JUMP:
        case HZ_OP_FIND:
        case HZ_OP_NOT:
            return false;
        default:
            break;
        }
    }
    return true;
}

/* RANGE == NUMBER at i, which decides what follows. */
static bool is_fixing(const struct hz_ins *ins, size_t n, size_t i)
{
    return i + 2 < n && ins[i].op == HZ_OP_NUMBER &&
           !(ins[i].a & (HZ_RANGE_SIGNED | HZ_RANGE_BCD)) &&
           (ins[i + 1].op == HZ_OP_INT || ins[i + 1].op == HZ_OP_CONST) &&
           ins[i + 2].op == HZ_OP_COMPARE && ins[i + 2].a == HZ_EQ &&
           (i + 3 == n || ins[i + 3].op == HZ_OP_AND_THEN);
}

static void fix(const struct hz_sensor_code *code, const struct hz_ins *range,
                const struct hz_ins *number, uint8_t bit[HZ_SENSOR_DATA_MAX])
{
    uint8_t place[64], from[64], value[64];
    const size_t n = (size_t)range->c;
    int64_t v = number->c;
    if (number->op == HZ_OP_CONST && !hz_value_whole(code->consts[number->c], &v))
        return;
    for (size_t i = 0; i < n; i++)
        place[i] = (uint8_t)i;
    hz_range_order(from, place, n, range->a);
    hz_bits_write(value, (uint64_t)v, n);
    for (size_t i = 0; i < n; i++)
        bit[range->b + from[i]] = value[i];
}

void hz_code_fixed(const struct hz_sensor_code *code, uint8_t bit[HZ_SENSOR_DATA_MAX])
{
    memset(bit, HZ_BIT_FREE, HZ_SENSOR_DATA_MAX);
    for (size_t k = 0; k < code->n_checks; k++) {
        const struct hz_ins *ins = code->ins + code->checks[k].at;
        const size_t n = code->checks[k].n;
        for (size_t i = 0; only_and(ins, n) && i < n; i++) {
            if (is_fixing(ins, n, i))
                fix(code, &ins[i], &ins[i + 1], bit);
        }
    }
}
