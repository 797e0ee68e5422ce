/* Frames of an RS41, one behind the other, of any blocks whose checks are right: the description is
 * JSON, and what is expected of the next frame lies within it. The first octet of an input says
 * which frames are extended, each bit for one. */
#include "proto/rs41/describe.h"
#include "proto/rs41/known.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FRAMES = 8 };

struct input {
    const uint8_t *data;
    size_t size;
};

static uint8_t take(struct input *in)
{
    if (in->size == 0)
        return 0;
    in->size--;
    return *in->data++;
}

/* Blocks as long as there is room for them; the last one may be cut. */
static void fill(struct input *in, uint8_t *frame, size_t len)
{
    size_t at = HZ_RS41_BLOCKS;
    memset(frame, 0, len);
    while (at + 4 < len && in->size > 0) {
        uint8_t id = take(in), n = at == HZ_RS41_BLOCKS ? 0x28 : take(in);
        frame[at] = at == HZ_RS41_BLOCKS ? HZ_RS41_STATUS : id;
        frame[at + 1] = n;
        for (size_t i = 0; i < n && at + 2 + i < len; i++)
            frame[at + 2 + i] = take(in);
        if (at + 4 + n > len)
            return;
        unsigned crc = hz_rs41_crc(frame + at + 2, n);
        frame[at + 2 + n] = (uint8_t)crc;
        frame[at + 3 + n] = (uint8_t)(crc >> 8);
        at += 4 + n;
    }
}

static void tell(const uint8_t *frame, size_t len, const struct hz_rs41_sonde *s)
{
    static char text[16384];
    struct hz_json j;
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_rs41_describe(frame, len, s, &j);
    hz_json_close(&j);
    cJSON *o = j.full ? NULL : cJSON_ParseWithLength(text, j.len);
    if (!o)
        abort();
    cJSON_Delete(o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, size};
    struct hz_rs41_known known = {0};
    struct hz_rs41_hints hints;
    unsigned longer = take(&in);
    for (unsigned i = 0; i < FRAMES && in.size > 0; i++) {
        uint8_t frame[HZ_RS41_EXTENDED];
        size_t len = longer >> i & 1 ? HZ_RS41_EXTENDED : HZ_RS41_STANDARD;
        fill(&in, frame, len);
        const struct hz_rs41_sonde *s = hz_rs41_note(&known, frame, len, 24000.0 * i);
        hz_rs41_expect(&known, 24000.0 * (i + 1), &hints);
        if (hints.len != HZ_RS41_STANDARD && hints.len != HZ_RS41_EXTENDED)
            abort();
        if (s)
            tell(frame, len, s);
    }
    return 0;
}
