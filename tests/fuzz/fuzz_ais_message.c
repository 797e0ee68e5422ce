/* Bits of an AIS message, any of them: the description is JSON whatever they are. */
#include "proto/ais/describe.h"
#include "proto/ais/sizes.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char text[32768];
    struct hz_ais_state state;
    struct hz_json j;
    if (size < 5 || size > HZ_AIS_PAYLOAD_MAX)
        return 0;
    size_t bits = size * 8 - (size > 5 ? data[1] >> 5 : 0); /* not always whole bytes */
    hz_ais_state_init(&state, data[4] & 1 ? 161.975e6 : 162.025e6);
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_ais_describe(&state, data, bits, &j);
    hz_json_close(&j);
    cJSON *o = j.full ? NULL : cJSON_ParseWithLength(text, j.len);
    if (!o)
        abort();
    cJSON_Delete(o);
    return 0;
}
