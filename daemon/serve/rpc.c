/* The Unix control socket: JSON-RPC 2.0, one request per line, one answer per line, in order. After
 * "subscribe" (params: the words of a subscription; result: the hello object) the frames of the bus
 * are sent as notifications between the answers:
 *
 *     {"jsonrpc":"2.0","method":"frame","params":{"seq":41,"kind":"message",…}} */
#include "daemon/serve/rpc.h"

#include "daemon/serve/kinds.h"
#include "proto/out/json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    PARSE_ERROR = -32700,
    INVALID_REQUEST = -32600,
    METHOD_NOT_FOUND = -32601,
    INVALID_PARAMS = -32602,
    FAILED = -32000, /* the first code reserved for servers */
    ID_MAX = 256,    /* bytes of an id as JSON */
};

static const char frame_head[] = "{\"jsonrpc\":\"2.0\",\"method\":\"frame\",\"params\":";
static const char frame_tail[] = "}\n";

/* The id as JSON; "null" if there is none. False: its type is not allowed. */
static bool id_text(const cJSON *id, char text[ID_MAX])
{
    struct hz_json j;
    hz_json_init(&j, text, ID_MAX - 1);
    if (cJSON_IsString(id))
        hz_json_str(&j, NULL, id->valuestring);
    else if (cJSON_IsNumber(id) && cJSON_PrintPreallocated((cJSON *)id, text, ID_MAX, 0))
        j.len = strlen(text);
    else
        hz_json_raw(&j, "null", 4);
    bool ok = !j.full && (!id || cJSON_IsString(id) || cJSON_IsNumber(id) || cJSON_IsNull(id));
    snprintf(text + (ok ? j.len : 0), ID_MAX - (ok ? j.len : 0), "%s", ok ? "" : "null");
    return ok;
}

/* What follows is the answer's "result" or "error", then frame_tail. */
static void begin_answer(struct hz_client *c, const char *id)
{
    char head[ID_MAX + 64];
    int n = snprintf(head, sizeof head, "{\"jsonrpc\":\"2.0\",\"id\":%s,", id);
    hz_client_send(c, head, (size_t)n);
}

static void answer(struct hz_client *c, const char *id, const char *result)
{
    static const char member[] = "\"result\":";
    begin_answer(c, id);
    hz_client_send(c, member, sizeof member - 1);
    hz_client_send(c, result, strlen(result));
    hz_client_send(c, frame_tail, 2);
}

static void send_error(struct hz_client *c, const char *id, int code, const char *message)
{
    char text[ID_MAX + 3 * HZ_ERROR_MAX];
    struct hz_json j;
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "jsonrpc", "2.0");
    hz_json_raw(&j, ",\"id\":", 6);
    hz_json_raw(&j, id, strlen(id));
    hz_json_open(&j, "error");
    hz_json_int(&j, "code", code);
    hz_json_str(&j, "message", message);
    hz_json_close(&j);
    hz_json_close(&j);
    hz_json_raw(&j, "\n", 1);
    hz_client_send(c, text, j.full ? 0 : j.len);
}

static void answer_error(struct hz_client *c, const char *id, int code, const char *message)
{
    hz_client_count_bad(c);
    send_error(c, id, code, message);
}

/* The hello object with the acknowledgement in it; NULL: no memory. */
static char *with_ack(struct hz_client *c, const char *hello)
{
    char ack[HZ_ACK_MAX];
    size_t cap = strlen(hello) + hz_client_ack(c, ack) + 32;
    char *text = malloc(cap);
    if (text)
        snprintf(text, cap, "%.*s,\"subscribed\":%s}", (int)strlen(hello) - 1, hello, ack);
    return text;
}

/* Both of these return 0 with a new JSON text in *result, or -errno with one line in err. */
static int call_subscribe(struct hz_client *c, const cJSON *params, char **result, char *err)
{
    struct hz_subscription s = {0};
    char hello[HZ_HELLO_MAX];
    int rc = params ? hz_subscription_from_json(&s, c->door->all->env.decoders, params, err,
                                                HZ_ERROR_MAX)
                    : 0;
    if (rc < 0)
        return rc;
    hz_client_hello(c, hello);
    rc = hz_client_subscribe(c, &s, err, HZ_ERROR_MAX);
    if (rc == 0)
        *result = with_ack(c, hello);
    return rc;
}

static int call_control(struct hz_client *c, const char *method, const cJSON *params, char **result,
                        char *err)
{
    const struct hz_listen_env *env = &c->door->all->env;
    cJSON *tree = NULL;
    int rc = env->calls->control(env->calls_ctx, method, params, &tree, err, HZ_ERROR_MAX);
    if (rc < 0)
        return rc;
    *result = tree ? cJSON_PrintUnformatted(tree) : strdup("null");
    cJSON_Delete(tree);
    return 0;
}

/* As a member of an answer that has begun. */
static void put_error(struct hz_client *c, int code, const char *message)
{
    char text[3 * HZ_ERROR_MAX];
    struct hz_json j;
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_json_int(&j, "code", code);
    hz_json_str(&j, "message", message);
    hz_json_close(&j);
    hz_client_send(c, "\"error\":", 8);
    hz_client_send(c, text, j.len);
}

enum hz_rpc_next hz_rpc_more(struct hz_client *c, struct hz_rpc_long *l)
{
    const char *error = hz_rpc_long_error(l);
    if (*error)
        put_error(c, FAILED, error);
    enum hz_rpc_next next = *error ? HZ_RPC_END : hz_rpc_long_more(c, l);
    if (next == HZ_RPC_END)
        hz_client_send(c, frame_tail, 2);
    return next;
}

static void fail_call(struct hz_client *c, const char *id, int rc, const char *err)
{
    int code = rc == -ENOSYS ? METHOD_NOT_FOUND : rc == -EINVAL ? INVALID_PARAMS : FAILED;
    if (id)
        answer_error(c, id, code, *err ? err : strerror(-rc));
}

/* Frames; and what shows secrets, opens ports and writes files, which a token is not enough for. */
static bool of_socket_only(const char *method)
{
    return strcmp(method, "subscribe") == 0 || strcmp(method, "change") == 0 ||
           strcmp(method, "config") == 0;
}

static void call(struct hz_client *c, const struct hz_rpc_carrier *by, const char *method,
                 const cJSON *params, const char *id)
{
    char err[HZ_ERROR_MAX] = "";
    char *result = NULL;
    int rc;
    struct hz_rpc_long *list = NULL;
    rc = hz_rpc_long_new(c, method, params, &list, err);
    if (rc < 0)
        fail_call(c, id, rc, err);
    if (rc == 0 && id) {
        begin_answer(c, id);
        by->list(c, list, by->ctx);
    } else if (rc == 0) {
        hz_rpc_long_free(list);
    }
    if (rc <= 0)
        return;
    if (of_socket_only(method) && !by->streams) {
        snprintf(err, sizeof err, "%s is of the control socket only%s", method,
                 strcmp(method, "subscribe") == 0 ? ": use /stream" : "");
        fail_call(c, id, -ENOSYS, err);
        return;
    }
    rc = strcmp(method, "subscribe") == 0 ? call_subscribe(c, params, &result, err)
                                          : call_control(c, method, params, &result, err);
    if (rc == 0 && !result)
        rc = -ENOMEM;
    if (rc < 0)
        fail_call(c, id, rc, err);
    else if (id)
        answer(c, id, result);
    free(result);
}

static void request(struct hz_client *c, const struct hz_rpc_carrier *by, const cJSON *json)
{
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(json, "jsonrpc");
    const cJSON *method = cJSON_GetObjectItemCaseSensitive(json, "method");
    const cJSON *params = cJSON_GetObjectItemCaseSensitive(json, "params");
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(json, "id");
    char text[ID_MAX];
    bool id_ok = id_text(id, text);
    const char *wrong = NULL;
    if (cJSON_IsArray(json))
        wrong = "batches are not supported: send one request a line";
    else if (!cJSON_IsObject(json))
        wrong = "expected an object";
    else if (!cJSON_IsString(version) || strcmp(version->valuestring, "2.0") != 0)
        wrong = "expected \"jsonrpc\":\"2.0\"";
    else if (!cJSON_IsString(method))
        wrong = "method: expected a string";
    else if (!id_ok)
        wrong = "id: expected a short string, a number or null";
    else if (params && !cJSON_IsObject(params) && !cJSON_IsArray(params))
        wrong = "params: expected an object or an array";
    if (wrong)
        answer_error(c, text, INVALID_REQUEST, wrong);
    else
        call(c, by, method->valuestring, params, id ? text : NULL);
}

void hz_rpc_request(struct hz_client *c, const struct hz_rpc_carrier *by, const char *text,
                    size_t n)
{
    const char *after = NULL;
    cJSON *json = cJSON_ParseWithLengthOpts(text, n, &after, 0);
    if (json && after == text + n)
        request(c, by, json);
    else
        answer_error(c, "null", PARSE_ERROR, "not JSON: expected one object a line");
    cJSON_Delete(json);
}

/* ---- the transport ---- */

static void list(struct hz_client *c, struct hz_rpc_long *l, void *ctx)
{
    (void)ctx;
    c->proto = l;
    c->unfinished = true;
}

static void rpc_more(struct hz_client *c)
{
    enum hz_rpc_next next = hz_rpc_more(c, c->proto);
    c->waiting = next == HZ_RPC_WAIT;
    if (next != HZ_RPC_END)
        return;
    c->unfinished = false;
    hz_rpc_long_free(c->proto);
    c->proto = NULL;
}

static void rpc_done(struct hz_client *c)
{
    hz_rpc_long_free(c->proto);
}

static size_t rpc_input(struct hz_client *c, const char *data, size_t n)
{
    struct hz_client_line line;
    if (!hz_client_line(c, data, n, &line))
        return line.used;
    const char *text = data + line.at;
    size_t len = line.len;
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    if (len == 0)
        return line.used;
    static const struct hz_rpc_carrier control = {.streams = true, .list = list};
    c->asked = true;
    hz_rpc_request(c, &control, text, len);
    return line.used;
}

static int rpc_open(struct hz_client *c)
{
    (void)c;
    return 0;
}

static size_t rpc_wrap(const struct hz_bus *bus, const struct hz_frame *f, char *out)
{
    (void)bus;
    const size_t head = sizeof frame_head - 1, tail = sizeof frame_tail - 1;
    memcpy(out, frame_head, head);
    memcpy(out + head, f->data, f->len - 1);
    memcpy(out + head + f->len - 1, frame_tail, tail);
    return head + f->len - 1 + tail;
}

static void rpc_say(struct hz_client *c, const char *line, size_t n)
{
    hz_client_send(c, frame_head, sizeof frame_head - 1);
    hz_client_send(c, line, n);
    hz_client_send(c, frame_tail, sizeof frame_tail - 1);
}

static void rpc_bye(struct hz_client *c, enum hz_bye why, const char *reason)
{
    if (why != HZ_BYE_AWAY)
        send_error(c, "null", why == HZ_BYE_BAD ? INVALID_REQUEST : FAILED, reason);
}

static void rpc_timeout(struct hz_client *c)
{
    hz_door_count(c->door, HZ_REFUSAL_TIMEOUT);
    hz_client_fail(c, "no request came, and others want the place");
}

const struct hz_transport hz_transport_rpc = {
    .name = "unix",
    .answers_end = true,
    .open = rpc_open,
    .input = rpc_input,
    .timeout = rpc_timeout,
    .more = rpc_more,
    .wrap = rpc_wrap,
    .say = rpc_say,
    .bye = rpc_bye,
    .done = rpc_done,
};

static void accept_client(struct hz_door *d, int fd, const struct hz_peer *p, const char *refuse)
{
    hz_client_new(d, &hz_transport_rpc, fd, p, refuse);
}

const struct hz_listener_kind hz_kind_rpc = {.name = "unix", .kept = true, .accept = accept_client};
