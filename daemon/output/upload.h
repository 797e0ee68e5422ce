/* What outputs that send requests over HTTP tell of the last one in their status. Loop thread. */
#ifndef HZ_DAEMON_OUTPUT_UPLOAD_H
#define HZ_DAEMON_OUTPUT_UPLOAD_H

#include "daemon/base/web.h"

#include <cjson/cJSON.h>
#include <stdint.h>

/* All zero: nothing was sent yet. */
struct hz_upload {
    int64_t last_ok_ns; /* UTC; 0: never */
    int last_code;      /* 0: none came */
    char last_answer[200];
};

/* Notes an answer, and in `line` what to say of it if it is not good. */
void hz_upload_note(struct hz_upload *u, const struct hz_web_answer *a, char *line, size_t size);
/* Adds last_ok (once something was taken), last_code and last_answer. */
void hz_upload_status(const struct hz_upload *u, cJSON *item);

/* Whether it is of use to send the same once more: there was no answer, the server has a problem or
 * does not let us in; not where it did not like what it got. */
bool hz_upload_again(const struct hz_web_answer *a);

#endif
