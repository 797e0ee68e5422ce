/* Bytes as a telegram of a meter, and as the bits of a frame: the description is JSON whatever they
 * are. The first byte selects which. */
#include "proto/wmbus/describe.h"
#include "proto/wmbus/frame.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void describe(const uint8_t *bytes, size_t n)
{
    static char text[65536];
    static const struct hz_wmbus_way way = {"T1", 'A'};
    static struct hz_meter_key keys[] = {{0x20096221, {1}}, {0, {0}}};
    static struct hz_wmbus_state state;
    struct hz_json j;
    state.keys = (struct hz_meter_keys){.list = keys, .n = 2};
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_wmbus_describe(&state, &way, bytes, n, &j);
    hz_json_close(&j);
    cJSON *o = j.full ? NULL : cJSON_ParseWithLength(text, j.len);
    if (!o)
        abort();
    cJSON_Delete(o);
}

/* A bit of the frame and how sure it is from each byte. */
static void frame(const uint8_t *data, size_t n, char format, enum hz_wmbus_code code)
{
    static uint8_t chip[4096];
    static float sure[4096];
    static struct hz_wmbus_bits bits;
    uint8_t out[HZ_WMBUS_BYTES];
    int fixed;
    n = n < sizeof chip ? n : sizeof chip;
    for (size_t i = 0; i < n; i++) {
        chip[i] = data[i] & 1;
        sure[i] = data[i] >> 1 == 127 ? INFINITY : (float)(data[i] >> 1);
    }
    hz_wmbus_bits_read(code, chip, sure, n, &bits);
    size_t len = hz_wmbus_frame(format, &bits, out, &fixed);
    if (len > 0)
        describe(out, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t bytes[HZ_WMBUS_BYTES];
    if (size < 2)
        return 0;
    if (data[0] & 1) {
        frame(data + 1, size - 1, data[0] & 2 ? 'A' : 'B', (enum hz_wmbus_code)(data[0] >> 2) % 3);
        return 0;
    }
    size_t n = size - 1 < sizeof bytes ? size - 1 : sizeof bytes;
    memcpy(bytes, data + 1, n);
    bytes[0] = (uint8_t)(n - 1);
    describe(bytes, n);
    return 0;
}
