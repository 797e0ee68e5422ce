#include "daemon/input/hub_own.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ANSWER_MS = 5000, /* a server that is not asked again before that */
    AGAIN_MS = 500,
    LATE_MS = 300, /* a server does not always tell that the time of a request is over */
    /* A message that is not acknowledged comes again: so long after the time for copies. */
    ACK_WAIT_S = 5,
};

static uint64_t now_ms(const struct hz_hub *h)
{
    return uv_now(h->env.loop);
}

static void ask(struct hz_hub *h, const char *subject, const char *token, const char *data)
{
    struct hz_nats_out out = {
        .subject = subject, .reply = token, .data = data, .len = strlen(data)};
    hz_nats_send(h->nats, &out); /* no answer will come, and it is tried again */
}

/* ---- consumers -------------------------------------------------------------------------- */

/* The consumer of a bucket may be there: then this changes nothing. */
static void create(struct hz_hub *h, int bucket)
{
    struct hz_pull *p = &h->pulls[bucket];
    char subject[256], token[16], config[512];
    snprintf(subject, sizeof subject, "$JS.API.CONSUMER.DURABLE.CREATE.%s.%s-%d", h->stream,
             h->durable, bucket);
    snprintf(token, sizeof token, "c%d", bucket);
    snprintf(config, sizeof config,
             "{\"stream_name\":\"%s\",\"config\":{\"durable_name\":\"%s-%d\","
             "\"filter_subject\":\"hertzd.*.*.%d\",\"deliver_policy\":\"all\","
             "\"replay_policy\":\"instant\",\"ack_policy\":\"explicit\",\"ack_wait\":%llu,"
             "\"max_ack_pending\":%d}}",
             h->stream, h->durable, bucket, bucket,
             (unsigned long long)(ACK_WAIT_S * 1000 + h->hold_ms) * 1000000, HZ_HUB_PENDING);
    p->state = HZ_PULL_CREATING;
    p->due_ms = now_ms(h) + ANSWER_MS;
    ask(h, subject, token, config);
}

static void request(struct hz_hub *h, int bucket)
{
    struct hz_pull *p = &h->pulls[bucket];
    char subject[256], token[32], text[96];
    snprintf(subject, sizeof subject, "$JS.API.CONSUMER.MSG.NEXT.%s.%s-%d", h->stream, h->durable,
             bucket);
    snprintf(token, sizeof token, "p%d-%u", bucket, ++p->request);
    snprintf(text, sizeof text, "{\"batch\":%d,\"expires\":%llu}", HZ_HUB_BATCH,
             (unsigned long long)HZ_HUB_EXPIRES_S * 1000000000);
    p->state = HZ_PULL_WAITING;
    p->want = HZ_HUB_BATCH;
    p->due_ms = now_ms(h) + HZ_HUB_EXPIRES_S * 1000 + LATE_MS;
    ask(h, subject, token, text);
}

static bool is_ours(const struct hz_hub *h, int bucket)
{
    return h->share.holds >> bucket & 1;
}

static void next_request(struct hz_hub *h, int bucket)
{
    if (is_ours(h, bucket))
        request(h, bucket);
    else
        h->pulls[bucket].state = HZ_PULL_OFF;
}

static void pause_pull(struct hz_hub *h, int bucket)
{
    h->pulls[bucket].state = HZ_PULL_IDLE;
    h->pulls[bucket].due_ms = now_ms(h) + AGAIN_MS;
}

static void on_created(struct hz_hub *h, int bucket, const struct hz_nats_in *m)
{
    cJSON *answer = m->status ? NULL : cJSON_ParseWithLength(m->data, m->len);
    const cJSON *error = cJSON_GetObjectItem(answer, "error");
    const char *what = cJSON_GetStringValue(cJSON_GetObjectItem(error, "description"));
    const cJSON *pending = cJSON_GetObjectItem(answer, "num_pending");
    if (answer && !error) {
        h->error[0] = '\0';
        h->pulls[bucket].pending = cJSON_IsNumber(pending) ? (uint64_t)pending->valuedouble : 0;
        next_request(h, bucket);
    } else {
        if (m->status == 503)
            hz_hub_error(h, "JetStream does not answer: is it enabled on the servers, and are most "
                            "of them there?");
        else
            hz_hub_error(h, "consumer %s-%d of stream %s: %s", h->durable, bucket, h->stream,
                         what ? what : "no answer that can be read");
        /* created again on the next tick that is due */
        h->pulls[bucket].due_ms = now_ms(h) + 2 * AGAIN_MS;
    }
    cJSON_Delete(answer);
}

/* How much waits in the stream; what messages tell of it is not always right. */
void hz_hub_pull_ask(struct hz_hub *h)
{
    char subject[256], token[16];
    for (int b = 0; b < HZ_SHARE_BUCKETS; b++) {
        if (h->pulls[b].state != HZ_PULL_WAITING)
            continue;
        snprintf(subject, sizeof subject, "$JS.API.CONSUMER.INFO.%s.%s-%d", h->stream, h->durable,
                 b);
        snprintf(token, sizeof token, "i%d", b);
        ask(h, subject, token, "");
    }
}

static void on_info(struct hz_hub *h, int bucket, const struct hz_nats_in *m)
{
    cJSON *answer = m->status ? NULL : cJSON_ParseWithLength(m->data, m->len);
    const cJSON *pending = cJSON_GetObjectItem(answer, "num_pending");
    if (cJSON_IsNumber(pending))
        h->pulls[bucket].pending = (uint64_t)pending->valuedouble;
    cJSON_Delete(answer);
}

/* The request of a bucket has ended: all of it came, its time is over, or it was refused. */
static void on_status(struct hz_hub *h, int bucket, const struct hz_nats_in *m)
{
    if (m->status == 404 || m->status == 408 || (m->status == 409 && strstr(m->text, "Batch")))
        next_request(h, bucket);
    else if (m->status == 409 && !strstr(m->text, "Deleted"))
        pause_pull(h, bucket); /* too many are not acknowledged, or the leader has changed */
    else if (is_ours(h, bucket)) {
        pause_pull(h, bucket);
        h->pulls[bucket].state = HZ_PULL_CREATING; /* the consumer may be gone */
    } else
        h->pulls[bucket].state = HZ_PULL_OFF;
}

/* ---- acknowledgements ------------------------------------------------------------------- */

static void note_unacked(struct hz_hub *h, int bucket, const char *reply)
{
    size_t n = strlen(reply) + 1;
    struct hz_unacked *u = malloc(sizeof *u + n);
    if (!u)
        return; /* it will come again */
    *u =
        (struct hz_unacked){.serial = hz_fold_counts(h->env.fold).taken, .bucket = (uint8_t)bucket};
    memcpy(u->reply, reply, n);
    *h->end = u;
    h->end = &u->next;
    h->n_unacked++;
    h->pulls[bucket].unacked++;
}

static void drop_first(struct hz_hub *h)
{
    struct hz_unacked *u = h->first;
    h->first = u->next;
    if (!h->first)
        h->end = &h->first;
    h->n_unacked--;
    h->pulls[u->bucket].unacked--;
    free(u);
}

void hz_hub_pull_ack(struct hz_hub *h, bool all)
{
    uint64_t settled = hz_fold_settled(h->env.fold);
    uint64_t below = all ? settled : h->settled;
    while (h->nats && h->first && h->first->serial < below) {
        struct hz_nats_out ack = {.subject = h->first->reply, .data = "+ACK", .len = 4};
        if (hz_nats_send(h->nats, &ack) != 0)
            break;
        h->counts.acked++;
        drop_first(h);
    }
    h->settled = settled;
}

/* ---- messages --------------------------------------------------------------------------- */

/* What the subject of an acknowledgement tells:
 * $JS.ACK.STREAM.CONSUMER.DELIVERED.SEQ.CSEQ.TIME.PENDING; newer servers have DOMAIN.ACCOUNT before
 * STREAM, and a token at the end. */
static bool read_reply(const struct hz_hub *h, const char *reply, int *bucket, uint64_t *delivered,
                       uint64_t *pending)
{
    const char *tokens[16];
    int n = 0;
    for (const char *p = reply; p && n < 16; p = strchr(p, '.'), p = p ? p + 1 : NULL)
        tokens[n++] = p;
    int at = n == 9 ? 3 : n >= 11 ? 5 : 0;
    size_t durable = strlen(h->durable);
    if (at == 0 || strncmp(reply, "$JS.ACK.", 8) != 0 ||
        strncmp(tokens[at], h->durable, durable) != 0 || tokens[at][durable] != '-')
        return false;
    *bucket = atoi(tokens[at] + durable + 1);
    *delivered = strtoull(tokens[at + 1], NULL, 10);
    *pending = strtoull(tokens[at + 5], NULL, 10);
    return *bucket >= 0 && *bucket < HZ_SHARE_BUCKETS;
}

static void on_stream_message(struct hz_hub *h, const struct hz_nats_in *m)
{
    int bucket;
    uint64_t delivered, pending;
    if (!read_reply(h, m->reply, &bucket, &delivered, &pending))
        return;
    struct hz_pull *p = &h->pulls[bucket];
    h->counts.messages++;
    h->counts.redelivered += delivered > 1;
    p->pending = pending;
    hz_hub_take(h, m);
    note_unacked(h, bucket, m->reply);
    if (p->state == HZ_PULL_WAITING && --p->want <= 0)
        next_request(h, bucket);
}

void hz_hub_pull_in(struct hz_hub *h, const struct hz_nats_in *m)
{
    int bucket = *m->token ? atoi(m->token + 1) : -1;
    unsigned number;
    if (strncmp(m->reply, "$JS.ACK.", 8) == 0) {
        on_stream_message(h, m);
        return;
    }
    if (bucket < 0 || bucket >= HZ_SHARE_BUCKETS)
        return;
    struct hz_pull *p = &h->pulls[bucket];
    if (m->token[0] == 'c' && p->state == HZ_PULL_CREATING)
        on_created(h, bucket, m);
    else if (m->token[0] == 'i')
        on_info(h, bucket, m);
    else if (sscanf(m->token, "p%*d-%u", &number) == 1 && p->state == HZ_PULL_WAITING &&
             number == p->request)
        on_status(h, bucket, m);
}

void hz_hub_pull_tick(struct hz_hub *h, uint64_t holds)
{
    for (int b = 0; b < HZ_SHARE_BUCKETS; b++) {
        struct hz_pull *p = &h->pulls[b];
        bool ours = holds >> b & 1, due = now_ms(h) >= p->due_ms;
        if (p->state == HZ_PULL_OFF ? ours : p->state == HZ_PULL_CREATING && ours && due)
            create(h, b);
        else if (p->state == HZ_PULL_CREATING && !ours)
            p->state = HZ_PULL_OFF;
        else if ((p->state == HZ_PULL_IDLE || p->state == HZ_PULL_WAITING) && due)
            next_request(h, b);
    }
}

uint64_t hz_hub_pull_busy(const struct hz_hub *h)
{
    uint64_t busy = 0;
    for (int b = 0; b < HZ_SHARE_BUCKETS; b++) {
        if (h->pulls[b].state == HZ_PULL_WAITING || h->pulls[b].unacked > 0)
            busy |= (uint64_t)1 << b;
    }
    return busy;
}

void hz_hub_pull_reset(struct hz_hub *h)
{
    while (h->first)
        drop_first(h);
    for (int b = 0; b < HZ_SHARE_BUCKETS; b++) {
        h->pulls[b].state = HZ_PULL_OFF;
        h->pulls[b].want = 0;
    }
}
