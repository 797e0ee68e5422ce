#include "daemon/output/upload.h"

#include "daemon/base/utc.h"
#include "proto/out/json.h"

#include <stdio.h>

void hz_upload_note(struct hz_upload *u, const struct hz_web_answer *a, char *line, size_t size)
{
    struct hz_web_answer text = *a;
    hz_web_line(a, line, size);
    if (hz_web_good(a))
        u->last_ok_ns = hz_utc_now();
    u->last_code = a->code;
    text.code = 0; /* its text alone */
    text.error = a->code ? a->body : a->error;
    hz_web_line(&text, u->last_answer, sizeof u->last_answer);
}

void hz_upload_status(const struct hz_upload *u, cJSON *item)
{
    char time[HZ_TIME_TEXT];
    if (u->last_ok_ns) {
        hz_time_text(u->last_ok_ns, time);
        cJSON_AddStringToObject(item, "last_ok", time);
    }
    cJSON_AddNumberToObject(item, "last_code", u->last_code);
    cJSON_AddStringToObject(item, "last_answer", u->last_answer);
}

bool hz_upload_again(const struct hz_web_answer *a)
{
    return a->code != 400 && a->code != 413 && a->code != 415 && a->code != 422;
}
