#include "ctl/watch.h"

#include "ctl/msgline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add_list(cJSON *params, const char *key, const char *list)
{
    cJSON *names = cJSON_AddArrayToObject(params, key);
    for (const char *s = list; s; s = strchr(s, ',') ? strchr(s, ',') + 1 : NULL) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(s, ","), s);
        cJSON_AddItemToArray(names, cJSON_CreateString(name));
    }
}

/* {"protocol":["adsb","ais"],"every":"10s"} of "--protocol adsb,ais --every 10s". */
static cJSON *subscription(const struct hz_ctl_args *a)
{
    cJSON *params = cJSON_CreateObject();
    for (int i = 0; i < HZ_CTL_FILTERS; i++) {
        if (a->filter[i] && i < HZ_CTL_LISTS)
            add_list(params, hz_ctl_filters[i], a->filter[i]);
        else if (a->filter[i])
            cJSON_AddStringToObject(params, hz_ctl_filters[i], a->filter[i]);
    }
    return params;
}

static bool is_message(const char *json, size_t len)
{
    cJSON *o = cJSON_ParseWithLength(json, len);
    const char *kind = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "kind"));
    bool is = kind && strcmp(kind, "message") == 0;
    cJSON_Delete(o);
    return is;
}

int hz_ctl_watch(struct hz_ctl_client *c, const struct hz_ctl_args *a)
{
    cJSON *params = subscription(a), *hello = NULL;
    bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    const char *json;
    size_t len;
    struct hz_msgline *m = hz_msgline_new(stdout, colour, 0);
    int rc = m ? hz_ctl_call(c, "subscribe", params, &hello) : -ENOMEM;
    cJSON_Delete(params);
    cJSON_Delete(hello);
    if (rc == 0 && !a->json)
        hz_msgline_header(m);
    for (long n = 0; rc == 0 && (a->count == 0 || n < a->count);) {
        rc = hz_ctl_next_frame(c, &json, &len);
        if (rc < 0)
            continue;
        n += is_message(json, len);
        if (a->json)
            printf("%.*s\n", (int)len, json);
        else
            hz_msgline_print(m, json, len);
        if (fflush(stdout) != 0)
            break;
    }
    hz_msgline_free(m);
    return rc;
}
