/* What the broker had retained under our topics: the first line is the topic, the rest the payload;
 * several of them are divided by a byte 0. Whatever it is, the devices stay within their limits,
 * and what is published has topics of ours. */
#include "daemon/output/ha.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void adopt(struct hz_ha *ha, const char *text, size_t n)
{
    const char *end = memchr(text, '\n', n);
    size_t topic = end ? (size_t)(end - text) : n;
    char *name = calloc(1, topic + 1), *payload = malloc(n + 1);
    memcpy(name, text, topic);
    size_t len = end ? n - topic - 1 : 0;
    memcpy(payload, text + n - len, len);
    hz_ha_adopt(ha, name, payload, len, 5000, INT64_C(1796000000) * 1000000000);
    free(name);
    free(payload);
}

static bool is_ours(const struct hz_ha_out *out)
{
    return strncmp(out->topic, "homeassistant/device/hertzd_roof_", 33) == 0 ||
           strncmp(out->topic, "hertzd/roof/ha/hertzd_roof_", 27) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hz_ha_conf conf = {.common = {.station = "roof",
                                         .prefix = "homeassistant",
                                         .base = "hertzd/roof/ha",
                                         .availability = "a",
                                         .expire_s = 60},
                              .allow = "sensors/*, pocsag/1*",
                              .deny = "sensors/no*",
                              .after = 1,
                              .max_devices = 3,
                              .forget_s = 60};
    struct hz_ha *ha = hz_ha_new(&conf);
    struct hz_ha_out out;
    const char *p = (const char *)data, *end = p + size;
    while (p < end) {
        const char *next = memchr(p, 0, (size_t)(end - p));
        size_t n = next ? (size_t)(next - p) : (size_t)(end - p);
        adopt(ha, p, n);
        p += n + 1;
    }
    hz_ha_sweep(ha, 5000);
    hz_ha_prune(ha);
    hz_ha_up(ha, 5000);
    while (hz_ha_next(ha, &out)) {
        if (!is_ours(&out))
            abort();
        free(out.payload);
    }
    cJSON *counts = hz_ha_json(ha);
    if (cJSON_GetObjectItem(counts, "heard")->valuedouble > 3)
        abort();
    cJSON_Delete(counts);
    hz_ha_free(ha);
    return 0;
}
