/* The words of a view, as a query and (first byte odd) as JSON: what is accepted is within its
 * limits, what is refused says why. */
#include "daemon/serve/spectrum_words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int rc, const struct hz_spectrum_words *w, const char *err)
{
    const struct hz_view_want *want = &w->want;
    if (rc != 0) {
        if (!err[0])
            abort();
        return;
    }
    bool whole = isnan(want->from_hz) && isnan(want->to_hz);
    if (want->bins < HZ_VIEW_BINS_MIN || want->bins > HZ_VIEW_BINS_MAX ||
        memchr(w->receiver, 0, sizeof w->receiver) == NULL || w->stop != (want->fps == 0) ||
        (!w->stop && !(want->fps >= HZ_VIEW_FPS_MIN && want->fps <= HZ_VIEW_FPS_MAX)) ||
        !(whole || want->to_hz - want->from_hz >= 640))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hz_spectrum_words w;
    char err[256] = "";
    if (size == 0)
        return 0;
    char *copy = malloc(size);
    memcpy(copy, data + 1, size - 1);
    if (data[0] & 1) {
        cJSON *json = cJSON_ParseWithLength(copy, size - 1);
        if (json)
            check(hz_spectrum_from_json(&w, json, err, sizeof err), &w, err);
        cJSON_Delete(json);
    } else {
        check(hz_spectrum_from_query(&w, copy, size - 1, err, sizeof err), &w, err);
    }
    free(copy);
    return 0;
}
