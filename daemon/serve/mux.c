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

bool hz_mux(struct hz_client *c, const cJSON *json)
{
    char err[HZ_ERROR_MAX] = "";
    const struct word *word = find(json);
    int rc = word ? word->take(c, json->child, err, sizeof err) : 0;
    if (rc == -EINVAL) {
        hz_client_fail(c, err);
    } else if (rc < 0) {
        hz_client_count_bad(c);
        hz_client_say_error(c, err);
    }
    return word;
}
