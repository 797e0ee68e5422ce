#include "daemon/base/json_line.h"

#include <string.h>

cJSON *hz_json_line(const char *text, size_t n)
{
    const char *end = NULL;
    cJSON *json = cJSON_ParseWithLengthOpts(text, n, &end, 0);
    while (json && end < text + n && strchr(" \t\r\n", *end))
        end++;
    if (json && end == text + n)
        return json;
    cJSON_Delete(json);
    return NULL;
}
