/* First byte even: the triggers of a [capture] section; odd: the pattern of its files' names,
 * filled. What is refused says why; a name is in its folder, and not hidden. */
#include "daemon/capture/name.h"
#include "daemon/capture/trigger.h"
#include "proto/registry.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void triggers(const char *text)
{
    static struct hz_triggers t;
    static const struct hz_decoder *const none[] = {NULL};
    char err[300] = "";
    if (hz_triggers_parse(&t, text, none, err, sizeof err) != 0) {
        if (!err[0])
            abort();
        return;
    }
    if (t.n == 0 || t.n > HZ_TRIGGERS_MAX)
        abort();
}

static void name(const char *text)
{
    const struct hz_capture_words words = {
        .name = "box", .receiver = "roof", .centre_hz = 1e9, .rate_hz = 1e6, .format = HZ_CF32};
    char err[300] = "", samples[HZ_CAPTURE_NAME_MAX + 1], meta[HZ_CAPTURE_NAME_MAX + 1];
    if (hz_capture_name_check(text, err, sizeof err) != 0) {
        if (!err[0])
            abort();
        return;
    }
    for (int i = 1; i < 3; i++) {
        if (hz_capture_name(text, &words, i, samples, meta) == 0 &&
            (strchr(samples, '/') || *samples == '.' || strcmp(samples, meta) == 0))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    char *text = calloc(1, size);
    memcpy(text, data + 1, size - 1);
    if (data[0] & 1)
        name(text);
    else
        triggers(text);
    free(text);
    return 0;
}
