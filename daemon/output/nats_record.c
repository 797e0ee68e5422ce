#include "daemon/output/nats_record.h"

#include "daemon/bus/bucket.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 256 };

static size_t print_id(const struct hz_frame *f, const struct hz_form *form, const char *stream,
                       char *id)
{
    bool seq = strcmp(f->number, "seq") == 0, json = form == &hz_form_json;
    return (size_t)snprintf(id, NAME_BYTES, "%s-%s%s%" PRIu64 "%s%s", stream, seq ? "" : f->number,
                            seq ? "" : "-", f->seq, json ? "" : "-", json ? "" : form->name);
}

static size_t print_subject(const struct hz_frame *f, const char *station, char *subject)
{
    char protocol[HZ_NAME_MAX + 1];
    hz_nats_token(*f->topic->protocol ? f->topic->protocol : hz_kind_name(f->rec.kind), protocol,
                  sizeof protocol);
    return (size_t)snprintf(subject, NAME_BYTES, "hertzd.%s.%s.%u", station, protocol,
                            hz_bucket(&f->rec));
}

/* Each with a 0 behind it but the payload. */
int hz_nats_record_make(const struct hz_frame *f, const struct hz_form *form, const char *station,
                        const char *stream, struct hz_spooled **r)
{
    char id[NAME_BYTES], subject[NAME_BYTES], text[HZ_CODED_MAX];
    struct hz_bytes out = {.p = text, .cap = sizeof text};
    *r = NULL;
    hz_frame_code(f, form, &out);
    if (out.n == 0)
        return 0;
    if (form == &hz_form_json)
        out.n--;
    size_t a = print_id(f, form, stream, id) + 1, b = print_subject(f, station, subject) + 1;
    struct hz_spooled *made = malloc(sizeof *made + a + b + out.n);
    if (!made)
        return -ENOMEM;
    *made = (struct hz_spooled){.n = a + b + out.n};
    memcpy(made->data, id, a);
    memcpy(made->data + a, subject, b);
    memcpy(made->data + a + b, text, out.n);
    *r = made;
    return 0;
}

bool hz_nats_record_read(const struct hz_spooled *r, struct hz_nats_out *out)
{
    const char *end = memchr(r->data, 0, r->n);
    const char *last = end ? memchr(end + 1, 0, r->n - (size_t)(end + 1 - r->data)) : NULL;
    if (!last)
        return false;
    out->id = r->data;
    out->subject = end + 1;
    out->data = last + 1;
    out->len = r->n - (size_t)(last + 1 - r->data);
    return true;
}

/* {"stream":…,"seq":…,"duplicate":true} or {"error":{"code":…,"description":…}} */
void hz_nats_answer_read(const char *data, size_t n, struct hz_nats_answer *a)
{
    cJSON *answer = cJSON_ParseWithLength(data, n);
    const cJSON *error = cJSON_GetObjectItemCaseSensitive(answer, "error");
    const char *stream = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "stream"));
    const char *why = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(error, "description"));
    a->stored = !error && stream;
    a->duplicate = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "duplicate"));
    snprintf(a->text, sizeof a->text, "%s", a->stored ? stream : why ? why : "it gives no reason");
    cJSON_Delete(answer);
}
