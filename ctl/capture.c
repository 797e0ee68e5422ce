#include "ctl/capture.h"
#include "ctl/answer.h"
#include "ctl/clock.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LOOK_MS = 50 };

/* Whether one is being taken or written. */
static bool is_busy(const cJSON *row)
{
    const char *state = hz_ctl_text(row, "state");
    return strcmp(state, "taking") == 0 || strcmp(state, "writing") == 0;
}

/* The latest capture of the section that has ended, detached from the answer; *last NULL: none has.
 * -ENOENT: the section in which `number` was begun is no longer there. */
static int look(struct hz_ctl_client *c, const char *name, double number, cJSON **last)
{
    cJSON *all = NULL;
    int rc = hz_ctl_call(c, "captures", NULL, &all);
    if (rc < 0)
        return rc;
    cJSON *row = hz_ctl_row(all, name);
    *last = cJSON_DetachItemFromObjectCaseSensitive(row, "last");
    if (hz_ctl_count(*last, "number") < number && !is_busy(row)) {
        snprintf(c->err, sizeof c->err, "[capture %.40s] was %s meanwhile: its samples are saved",
                 name, row ? "changed" : "removed");
        cJSON_Delete(*last);
        rc = -ENOENT;
    }
    cJSON_Delete(all);
    return rc;
}

static int wait_for(struct hz_ctl_client *c, const char *name, double number, cJSON **last)
{
    for (;;) {
        int rc = look(c, name, number, last);
        if (rc < 0)
            return rc;
        if (hz_ctl_count(*last, "number") >= number)
            break;
        cJSON_Delete(*last);
        hz_ctl_pause_ms(LOOK_MS);
    }
    const char *error = cJSON_GetStringValue(hz_ctl_member(*last, "error"));
    if (hz_ctl_count(*last, "number") == number && !error)
        return 0;
    snprintf(c->err, sizeof c->err, "%s",
             error ? error : "another was taken meanwhile: see hertzctl captures");
    cJSON_Delete(*last);
    *last = NULL;
    return -EIO;
}

int hz_ctl_capture(struct hz_ctl_client *c, const struct hz_ctl_args *a, cJSON **last)
{
    cJSON *result = NULL, *params = cJSON_CreateObject();
    cJSON_AddStringToObject(params, "capture", a->words[0]);
    if (a->seconds > 0)
        cJSON_AddNumberToObject(params, "seconds", (double)a->seconds);
    int rc = hz_ctl_call(c, "capture", params, &result);
    cJSON_Delete(params);
    if (rc < 0)
        return rc;
    double number = hz_ctl_count(result, "number");
    cJSON_Delete(result);
    return wait_for(c, a->words[0], number, last);
}
