#include "daemon/serve/mux.h"

#include "daemon/serve/sound.h"
#include "daemon/serve/spectrum.h"

#include <errno.h>
#include <string.h>

static const struct word {
    const char *name;
    hz_mux_take *take;
} words[] = {
    {"audio", hz_sound_take},
    {"spectrum", hz_spectrum_take},
    {NULL, NULL},
};

static const struct word *find(const cJSON *json)
{
    if (!cJSON_IsObject(json) || !json->child || json->child->next)
        return NULL;
    for (size_t i = 0; words[i].name; i++) {
        if (strcmp(words[i].name, json->child->string) == 0)
            return &words[i];
    }
    return NULL;
}

bool hz_mux(struct hz_client *c, const char *text, size_t n)
{
    const char *end = NULL;
    char err[HZ_ERROR_MAX] = "";
    cJSON *json = cJSON_ParseWithLengthOpts(text, n, &end, 0);
    while (json && end < text + n && strchr(" \t\r\n", *end))
        end++;
    const struct word *word = json && end == text + n ? find(json) : NULL;
    int rc = word ? word->take(c, json->child, err, sizeof err) : 0;
    cJSON_Delete(json);
    if (rc == -EINVAL) {
        hz_client_fail(c, err);
    } else if (rc < 0) {
        hz_client_count_bad(c);
        hz_client_say_error(c, err);
    }
    return word;
}
