#include "daemon/output/nats_stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_MS = 5000 };

bool hz_nats_stream_takes(const char *subject, const char *prefix)
{
    char whole[512];
    snprintf(whole, sizeof whole, "%s.\1.\1", prefix); /* \1: any token */
    const char *s = subject, *p = whole;
    while (*s && *p) {
        size_t n = strcspn(s, "."), m = strcspn(p, ".");
        if (n == 1 && *s == '>')
            return true;
        bool any = n == 1 && *s == '*';
        if (!any && (n != m || memcmp(s, p, n) != 0))
            return false;
        s += n + (s[n] == '.');
        p += m + (p[m] == '.');
    }
    return !*s && !*p;
}

static int check(const struct hz_nats_stream *s, const jsStreamInfo *info, char *err,
                 size_t err_len)
{
    const jsStreamConfig *c = info->Config;
    for (int i = 0; i < c->SubjectsLen; i++) {
        if (hz_nats_stream_takes(c->Subjects[i], s->prefix))
            return 0;
    }
    snprintf(err, err_len, "stream %s takes %.80s%s: add the subject %s.> to it", s->name,
             c->SubjectsLen > 0 ? c->Subjects[0] : "no subjects", c->SubjectsLen > 1 ? ", …" : "",
             s->prefix);
    return -EINVAL;
}

static natsStatus create(const struct hz_nats_stream *s, jsCtx *js, jsStreamInfo **info,
                         jsErrCode *code)
{
    jsStreamConfig c;
    natsStatus status = jsStreamConfig_Init(&c);
    if (status != NATS_OK)
        return status;
    const char *subjects[] = {"hertzd.>"};
    c.Name = s->name;
    c.Subjects = subjects;
    c.SubjectsLen = 1;
    c.Replicas = s->replicas;
    c.MaxBytes = s->max_bytes;
    c.Duplicates = (int64_t)s->duplicates_s * 1000000000;
    return js_AddStream(info, js, &c, NULL, code);
}

static int explain(const struct hz_nats_stream *s, natsStatus status, jsErrCode code, char *err,
                   size_t err_len)
{
    natsStatus last;
    const char *text = nats_GetLastError(&last);
    text = text && *text ? text : natsStatus_GetText(status);
    if (code == JSStreamNotFoundErr) {
        snprintf(err, err_len,
                 "stream %.60s does not exist: create it (docs/nats.md), or set create = yes",
                 s->name);
        return -ENOENT;
    }
    if (code == JSNotEnabledForAccountErr || code == JSNotEnabledErr ||
        (status == NATS_NO_RESPONDERS && code == 0))
        snprintf(err, err_len,
                 "the server has no JetStream for this user, or its cluster has no leader: %.80s",
                 text);
    else if (code == JSClusterNotAvailErr || status == NATS_TIMEOUT)
        snprintf(err, err_len,
                 "JetStream does not answer (%.80s): are most servers of the cluster running?",
                 text);
    else
        snprintf(err, err_len, "stream %.60s: %.120s", s->name, text);
    return -EIO;
}

int hz_nats_stream_setup(void *job, natsConnection *nc, char *err, size_t err_len)
{
    const struct hz_nats_stream *s = job;
    jsCtx *js = NULL;
    jsOptions options;
    jsStreamInfo *info = NULL;
    jsErrCode code = 0;
    nats_GetLastError(NULL);
    jsOptions_Init(&options);
    options.Wait = WAIT_MS;
    natsStatus status = natsConnection_JetStream(&js, nc, &options);
    if (status == NATS_OK)
        status = js_GetStreamInfo(&info, js, s->name, NULL, &code);
    if (status != NATS_OK && code == JSStreamNotFoundErr && s->create)
        status = create(s, js, &info, &code);
    int rc =
        status == NATS_OK ? check(s, info, err, err_len) : explain(s, status, code, err, err_len);
    jsStreamInfo_Destroy(info);
    jsCtx_Destroy(js);
    return rc;
}
