#include "daemon/receive/publish.h"

#include <string.h>

bool hz_publish(const struct hz_publish *to, const struct hz_sink *sink)
{
    static const char audio_line[] = "\"kind\":\"audio\"";
    const char *p = sink->json.buf, *end = p + sink->json.len;
    bool any = p != end;
    while (p < end) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        size_t len = (size_t)(newline + 1 - p);
        if (strncmp(p, audio_line, sizeof audio_line - 1) == 0)
            hz_bus_publish(to->bus, HZ_KIND_AUDIO, to->from.topic, p, len);
        else if (to->fold)
            hz_fold_publish(to->fold, &to->from, p, len);
        else
            hz_bus_publish(to->bus, HZ_KIND_MESSAGE, to->from.topic, p, len);
        p += len;
    }
    return any;
}
