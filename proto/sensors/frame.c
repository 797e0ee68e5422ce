/* A frame's symbols: its data bits, whether its checks hold, and its fields. */
#include "proto/sensors/code.h"

#include <string.h>

enum { DECIMALS = 5 };

static bool halves(const struct hz_sensor *s)
{
    return s->wave.code == HZ_WAVE_DM || s->wave.code == HZ_WAVE_DM1;
}

size_t hz_sensor_data(const struct hz_sensor *s, const uint8_t *symbol, size_t n, uint8_t *data)
{
    if (halves(s)) {
        const uint8_t equal = s->wave.code == HZ_WAVE_DM;
        n /= 2;
        n = n < HZ_SENSOR_DATA_MAX ? n : HZ_SENSOR_DATA_MAX;
        for (size_t i = 0; i < n; i++)
            data[i] = symbol[2 * i] ^ symbol[2 * i + 1] ^ equal;
        return n;
    }
    n = n < HZ_SENSOR_DATA_MAX ? n : HZ_SENSOR_DATA_MAX;
    memcpy(data, symbol, n);
    return n;
}

size_t hz_sensor_symbols(const struct hz_sensor *s, const uint8_t *data, size_t n, uint8_t last,
                         uint8_t *symbol)
{
    if (!halves(s)) {
        memcpy(symbol, data, n);
        return n;
    }
    const uint8_t equal = s->wave.code == HZ_WAVE_DM;
    for (size_t i = 0; i < n; i++) {
        symbol[2 * i] = !last;
        last = symbol[2 * i] ^ (data[i] != equal);
        symbol[2 * i + 1] = last;
    }
    return 2 * n;
}

/* The data bits of a frame for its code: where they are as received, no copy is made. */
static const uint8_t *clear(const struct hz_sensor *s, const uint8_t *symbol, size_t *n,
                            uint8_t data[HZ_SENSOR_DATA_MAX])
{
    const struct hz_bitrow *white = &s->code->whiten;
    if (!halves(s) && white->n == 0)
        return symbol;
    *n = hz_sensor_data(s, symbol, *n, data);
    for (size_t i = 0; i < white->n && i < *n; i++)
        data[i] ^= white->bit[i];
    return data;
}

/* Data bits of the frame; 0: it is none. */
static size_t data_length(const struct hz_sensor *s, struct hz_run *r, const uint8_t *data,
                          size_t n)
{
    int64_t length;
    if (n < (size_t)s->data_min)
        return 0;
    if (s->code->length.n == 0)
        return n < (size_t)s->data_max ? n : (size_t)s->data_max;
    hz_run_init(r, s->code, data, (size_t)s->data_min);
    if (!hz_value_whole(hz_run_piece(r, s->code->length), &length) || length < s->data_min ||
        length > s->data_max)
        return 0;
    return (size_t)length;
}

size_t hz_sensor_length(const struct hz_sensor *s, const uint8_t *symbol, size_t n)
{
    uint8_t data[HZ_SENSOR_DATA_MAX];
    struct hz_run r;
    if (n > HZ_SENSOR_SYMBOLS_MAX)
        n = HZ_SENSOR_SYMBOLS_MAX;
    const uint8_t *bit = clear(s, symbol, &n, data);
    return data_length(s, &r, bit, n) * (halves(s) ? 2 : 1);
}

/* Makes ready for a frame's code. False: it is too short, or has another length. */
static bool begin(const struct hz_sensor *s, struct hz_run *r, const uint8_t *symbol, size_t n,
                  uint8_t data[HZ_SENSOR_DATA_MAX])
{
    if (n > HZ_SENSOR_SYMBOLS_MAX)
        n = HZ_SENSOR_SYMBOLS_MAX;
    const uint8_t *bit = clear(s, symbol, &n, data);
    const size_t length = data_length(s, r, bit, n);
    if (length == 0 || length > n)
        return false;
    hz_run_init(r, s->code, bit, length);
    return true;
}

static bool plausible(struct hz_run *r)
{
    const struct hz_sensor_code *code = r->code;
    for (size_t i = 0; i < code->n_ranges; i++) {
        double v;
        if (hz_value_real(hz_value_to_number(hz_run_field(r, code->ranges[i].field)), &v) &&
            (v < code->ranges[i].low || v > code->ranges[i].high))
            return false;
    }
    return true;
}

bool hz_sensor_judge(const struct hz_sensor *s, const uint8_t *symbol, size_t n,
                     struct hz_verdict *v)
{
    uint8_t data[HZ_SENSOR_DATA_MAX];
    struct hz_run r;
    struct hz_verdict verdict = {.passed = begin(s, &r, symbol, n, data)};
    for (size_t i = 0; verdict.passed && i < s->code->n_checks; i++)
        verdict.passed = hz_value_holds(hz_run_piece(&r, s->code->checks[i]));
    verdict.plausible = verdict.passed && plausible(&r);
    if (v)
        *v = verdict;
    return verdict.plausible;
}

static uint64_t number_at(const uint8_t *bit, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 1 | bit[i];
    return v;
}

static void tell(struct hz_json *out, const char *name, struct hz_sensor_value v)
{
    v = hz_value_to_number(v);
    switch (v.kind) {
    case HZ_INT:
        hz_json_int(out, name, v.i);
        break;
    case HZ_REAL:
        hz_json_decimals(out, name, v.d, DECIMALS);
        break;
    case HZ_TEXT:
        hz_json_strn(out, name, v.text, v.n);
        break;
    case HZ_LIST:
        hz_json_open_array(out, name);
        for (size_t i = 0; i + v.size <= v.n; i += v.size)
            hz_json_uint(out, NULL, number_at(v.bit + i, v.size));
        hz_json_close_array(out);
        break;
    case HZ_ABSENT:
    case HZ_BITS:
        break;
    }
}

void hz_sensor_fields(const struct hz_sensor *s, const uint8_t *symbol, size_t n,
                      struct hz_json *out)
{
    uint8_t data[HZ_SENSOR_DATA_MAX];
    struct hz_run r;
    hz_json_str(out, "model", s->model);
    if (!begin(s, &r, symbol, n, data))
        return;
    for (size_t i = 0; i < s->code->n_fields; i++) {
        if (!s->code->fields[i].hidden)
            tell(out, s->code->fields[i].name, hz_run_field(&r, i));
    }
}
