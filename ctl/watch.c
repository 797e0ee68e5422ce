#include "ctl/watch.h"

#include "ctl/msgline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* {"protocol":["adsb","ais"]} of "--protocol adsb,ais". */
static cJSON *subscription(const struct hz_ctl_args *a)
{
    cJSON *params = cJSON_CreateObject();
    for (int i = 0; i < HZ_CTL_FILTERS; i++) {
        cJSON *names = a->filter[i] ? cJSON_AddArrayToObject(params, hz_ctl_filters[i]) : NULL;
        for (const char *s = a->filter[i]; s; s = strchr(s, ',') ? strchr(s, ',') + 1 : NULL) {
            char name[64];
            snprintf(name, sizeof name, "%.*s", (int)strcspn(s, ","), s);
            cJSON_AddItemToArray(names, cJSON_CreateString(name));
        }
    }
    return params;
}

/* Whether the list "4840d6,KLM1023" has `text`, without regard to case and the blanks that pad it.
 */
static bool in_list(const char *list, const char *text)
{
    size_t n = strlen(text);
    while (n > 0 && text[n - 1] == ' ')
        n--;
    for (const char *s = list; s; s = strchr(s, ',') ? strchr(s, ',') + 1 : NULL) {
        if (n > 0 && strcspn(s, ",") == n && strncasecmp(s, text, n) == 0)
            return true;
    }
    return false;
}

/* Whether a message is of one of those that --id names. */
static bool is_of(const cJSON *message, const char *ids)
{
    static const char *const fields[] = {"hex",      "flight",      "mmsi",   "shipname",
                                         "callsign", "srccallsign", "address"};
    const char *protocol =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(message, "protocol"));
    const cJSON *own = protocol ? cJSON_GetObjectItemCaseSensitive(message, protocol) : NULL;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        const cJSON *v = cJSON_GetObjectItemCaseSensitive(own, fields[i]);
        char number[32];
        snprintf(number, sizeof number, "%.10g", cJSON_IsNumber(v) ? v->valuedouble : 0);
        const char *text = cJSON_IsNumber(v) ? number : cJSON_GetStringValue(v);
        if (text && in_list(ids, text))
            return true;
    }
    return false;
}

/* Whether the frame is to be shown; *message: whether it is a message. */
static bool wanted(const struct hz_ctl_args *a, const char *json, size_t len, bool *message)
{
    cJSON *o = cJSON_ParseWithLength(json, len);
    const char *kind = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "kind"));
    *message = kind && strcmp(kind, "message") == 0;
    bool shown = !a->id || (*message && is_of(o, a->id));
    cJSON_Delete(o);
    return shown;
}

int hz_ctl_watch(struct hz_ctl_client *c, const struct hz_ctl_args *a)
{
    cJSON *params = subscription(a), *hello = NULL;
    bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR"), message;
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
        if (rc < 0 || !wanted(a, json, len, &message))
            continue;
        n += message;
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
