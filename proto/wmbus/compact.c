#include "proto/wmbus/compact.h"

#include "proto/link/crc16.h"
#include "proto/wmbus/record.h"

#include <string.h>

static uint16_t crc(const uint8_t *bytes, size_t n)
{
    return (uint16_t)~hz_crc16(HZ_WMBUS_POLY, 0, bytes, n);
}

static unsigned word(const uint8_t *p)
{
    return p[0] | (unsigned)p[1] << 8;
}

static struct hz_compact_model *find(struct hz_wmbus_compact *c, unsigned signature)
{
    for (size_t i = 0; i < HZ_COMPACT_MODELS; i++)
        if (c->model[i].n > 0 && c->model[i].signature == signature)
            return &c->model[i];
    return NULL;
}

static struct hz_compact_model *oldest(struct hz_wmbus_compact *c)
{
    struct hz_compact_model *m = &c->model[0];
    for (size_t i = 1; i < HZ_COMPACT_MODELS; i++)
        if (c->model[i].used < m->used)
            m = &c->model[i];
    return m;
}

void hz_wmbus_compact_learn(struct hz_wmbus_compact *c, const uint8_t *data, size_t n)
{
    uint8_t heads[HZ_COMPACT_HEADS];
    size_t at = 0, len = 0;
    while (at < n) {
        int value;
        if (data[at] == 0x2f) { /* filler */
            at++;
            continue;
        }
        size_t head = hz_meter_record_head(data, n, at, &value);
        if (head == 0 || value < 0 || head > sizeof heads - len || (size_t)value > n - at - head)
            return;
        memcpy(heads + len, data + at, head);
        len += head;
        at += head + (size_t)value;
    }
    if (len == 0)
        return;
    struct hz_compact_model *m = find(c, crc(heads, len));
    if (!m) {
        m = oldest(c);
        m->signature = crc(heads, len);
        m->n = len;
        memcpy(m->heads, heads, len);
    }
    m->used = ++c->clock;
}

size_t hz_wmbus_compact_expand(struct hz_wmbus_compact *c, const uint8_t *data, size_t n,
                               uint8_t out[HZ_WMBUS_BYTES])
{
    struct hz_compact_model *m = n >= 4 ? find(c, word(data)) : NULL;
    if (!m)
        return 0;
    size_t len = 0, at = 4;
    for (size_t h = 0; h < m->n;) {
        int value;
        size_t head = hz_meter_record_head(m->heads, m->n, h, &value);
        if (head == 0 || (size_t)value > n - at || head + (size_t)value > HZ_WMBUS_BYTES - len)
            return 0;
        memcpy(out + len, m->heads + h, head);
        memcpy(out + len + head, data + at, (size_t)value);
        len += head + (size_t)value;
        h += head;
        at += (size_t)value;
    }
    if (crc(out, len) != word(data + 2))
        return 0;
    m->used = ++c->clock;
    return len;
}
