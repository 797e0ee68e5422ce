/* Bytes as blocks of ACARS, one behind the other, that are joined: the description is JSON whatever
 * they are; and bytes as soft bits that are repaired. The first byte selects which. */
#include "proto/acars/describe.h"
#include "proto/acars/fields.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_json(const struct hz_json *j)
{
    cJSON *o = j->full ? NULL : cJSON_ParseWithLength(j->buf, j->len);
    if (!o)
        abort();
    cJSON_Delete(o);
}

static void describe(const struct hz_acars_block *b, const struct hz_acars_joined *joined)
{
    static char text[65536];
    const struct hz_acars_found found = {.parity = 1};
    struct hz_json j;
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_acars_describe(b, joined, &found, &j);
    hz_json_close(&j);
    must_be_json(&j);
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_acars_write_libacars(&j, b, joined, true);
    hz_json_close(&j);
    must_be_json(&j);
}

/* Each block ends where it says; between them is the time that passes. */
static void blocks(const uint8_t *data, size_t size)
{
    static struct hz_acars_join join;
    struct hz_acars_block b;
    int64_t ms = 0;
    memset(&join, 0, sizeof join);
    while (size > 1) {
        ms += 512 * (int64_t)data[0];
        data++;
        size--;
        int n = hz_acars_parse(data, size, &b);
        if (n < 0)
            return;
        struct hz_acars_joined joined = hz_acars_join_block(&join, &b, ms);
        describe(&b, &joined);
        data += n;
        size -= (size_t)n;
    }
}

static void soft_bits(const uint8_t *data, size_t size, bool list)
{
    static float soft[HZ_ACARS_BITS];
    struct hz_acars_found found;
    struct hz_acars_block b;
    memset(soft, 0, sizeof soft);
    for (size_t i = 0; i < size && i < HZ_ACARS_BITS; i++)
        soft[i] = (float)(int8_t)data[i];
    if (hz_acars_repair(soft, HZ_ACARS_BITS, list, &found) != HZ_ACARS_FOUND)
        return;
    if (hz_acars_crc(found.bytes, found.len + 2) != HZ_ACARS_CRC_GOOD)
        abort();
    hz_acars_parse(found.bytes, found.len, &b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    if (data[0] & 1)
        soft_bits(data + 1, size - 1, data[0] & 2);
    else
        blocks(data + 1, size - 1);
    return 0;
}
