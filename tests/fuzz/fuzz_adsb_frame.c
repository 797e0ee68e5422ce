/* Any frames, addresses and times through hz_adsb_describe: always valid JSON, or the writer says
 * that it was full; never a byte outside of its memory. */
#include "proto/adsb/describe.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Input: how much memory (1), then per frame: length and address choice (1), address (3), time
 * step (2), frame (7 or 14). */
static size_t one(struct hz_aircraft_table *t, const uint8_t *d, size_t cap, int64_t *now)
{
    size_t len = d[0] & 1 ? 14 : 7;
    uint32_t address = (uint32_t)d[1] << 16 | (uint32_t)d[2] << 8 | d[3];
    uint64_t step = (uint64_t)(d[4] << 8 | d[5]) << (d[0] >> 2);
    *now = (int64_t)((uint64_t)*now + (d[0] & 2 ? 0 - step : step));
    uint8_t *frame = malloc(len); /* of its own, so that a byte beyond is seen */
    char *text = malloc(cap);
    memcpy(frame, d + 6, len);
    struct hz_json j;
    hz_json_init(&j, text, cap);
    hz_adsb_insane(frame, len);
    hz_json_open(&j, NULL);
    hz_adsb_describe(t, frame, len, address & 0xff0003, *now, &j);
    hz_json_close(&j);
    if (!j.full) {
        cJSON *o = cJSON_ParseWithLength(text, j.len);
        if (!o)
            abort();
        cJSON_Delete(o);
    } else if (cap >= 1024) {
        abort(); /* no message is that long */
    }
    free(frame);
    free(text);
    return 6 + len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct hz_aircraft_table *t;
    if (!t && !(t = malloc(hz_aircraft_table_size())))
        return 0;
    if (size < 1)
        return 0;
    bool known = data[0] & 1;
    hz_aircraft_table_init(t, known ? 48.0 : (double)NAN, known ? 11.0 : (double)NAN);
    size_t cap = data[0] & 2 ? 1024 : 1u + data[0];
    int64_t now = 0;
    for (size_t i = 1; i + 20 <= size;)
        i += one(t, data + i, cap, &now);
    return 0;
}
