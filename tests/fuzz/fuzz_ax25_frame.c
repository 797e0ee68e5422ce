/* Any bytes as an AX.25 frame: always valid JSON, or the writer says that it was full; never a byte
 * outside of its memory. Half of the inputs get addresses in front, so that APRS is reached. */
#include "proto/packet/ax25/frame.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Input: how much memory (1), what is in front (1), then the frame or, behind six characters of the
 * destination, its information field. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 8 || size > HZ_AX25_FRAME_MAX)
        return 0;
    size_t cap = data[0] & 1 ? 65536 : 1u + data[0] * 4u, n = 0;
    uint8_t *frame = malloc(size + 16);
    char *text = malloc(cap);
    if (data[1] & 1) {
        static const uint8_t rest[] = {0xe0,     'N' << 1, '0' << 1, ' ' << 1, ' ' << 1,
                                       ' ' << 1, ' ' << 1, 0x61,     0x03,     0xf0};
        for (; n < 6; n++)
            frame[n] = (uint8_t)(data[2 + n] << 1);
        memcpy(frame + n, rest, sizeof rest);
        n += sizeof rest;
        memcpy(frame + n, data + 8, size - 8);
        n += size - 8;
    } else {
        memcpy(frame, data + 2, size - 2);
        n = size - 2;
    }
    frame = realloc(frame, n); /* no more than it, so that a byte beyond is seen */
    struct hz_json j;
    hz_json_init(&j, text, cap);
    hz_json_open(&j, NULL);
    hz_ax25_plausible(frame, n, true);
    hz_ax25_describe(frame, n, &j);
    hz_json_close(&j);
    if (!j.full) {
        cJSON *o = cJSON_ParseWithLength(text, j.len);
        if (!o || !hz_json_is_utf8(text, j.len))
            abort();
        cJSON_Delete(o);
    } else if (cap == 65536) {
        abort(); /* no message is that long */
    }
    free(frame);
    free(text);
    return 0;
}
