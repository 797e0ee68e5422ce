/* Octets of a VDL2 transmission: frames between flags, and frames of any contents whose check
 * sequence is right; the description of each is JSON. The first octet says how often the input is
 * one frame, and how often many. */
#include "proto/link/hdlc.h"
#include "proto/vdl2/describe.h"
#include "proto/vdl2/frames.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct hz_acars_join join;

static void tell(const uint8_t *frame, size_t n, int64_t ms)
{
    static char text[65536];
    struct hz_json j;
    const struct hz_vdl2_heard heard = {.burst_octets = (unsigned)n, .ms = ms, .join = &join};
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_vdl2_describe(frame, n, &heard, &j);
    hz_json_close(&j);
    cJSON *o = j.full ? NULL : cJSON_ParseWithLength(text, j.len);
    if (!o)
        abort();
    cJSON_Delete(o);
}

static void tell_frames(const uint8_t *octets, size_t bits)
{
    static struct hz_vdl2_frames f;
    hz_vdl2_frames(octets, bits, &f);
    for (size_t i = 0; i < f.n; i++) {
        if (f.len[i] < HZ_VDL2_FRAME_MIN || f.at[i] + f.len[i] > sizeof f.octet)
            abort();
        tell(f.octet + f.at[i], f.len[i], 100);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t buffer[HZ_VDL2_OCTETS_MAX + 1] = {0};
    memset(&join, 0, sizeof join);
    if (size < 2)
        return 0;
    unsigned how = *data++;
    size = --size < HZ_VDL2_OCTETS_MAX - 2 ? size : HZ_VDL2_OCTETS_MAX - 2;
    memcpy(buffer, data, size);
    size_t bits = 8 * size - how % 8;
    tell_frames(buffer, bits < HZ_VDL2_BITS_MAX ? bits : HZ_VDL2_BITS_MAX);
    if (size < HZ_VDL2_FRAME_MIN - 2)
        return 0;
    unsigned crc = hz_hdlc_crc(buffer, size);
    buffer[size] = (uint8_t)crc;
    buffer[size + 1] = (uint8_t)(crc >> 8);
    tell(buffer, size + 2, 0);
    /* as blocks of one message, each a part of it */
    for (size_t n = HZ_VDL2_FRAME_MIN; how & 8 && n < size; n += 37)
        tell(buffer, n, (int64_t)n);
    return 0;
}
