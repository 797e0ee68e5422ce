#include "daemon/serve/listing.h"

#include "proto/out/json.h"

#include <stdlib.h>
#include <string.h>

enum {
    SLICE_NS = 500000,       /* of the loop's time for one piece */
    SLICE_BYTES = 64 * 1024, /* and of memory */
    OBJECT_MAX = 8192,       /* bytes of a client's object: a filter has at most 65 names */
};

struct hz_listing {
    struct hz_client_walk walk;
    bool begun;
};

struct hz_listing *hz_listing_new(struct hz_doors *all)
{
    struct hz_listing *l = calloc(1, sizeof *l);
    if (l)
        hz_client_walk_begin(&l->walk, all);
    return l;
}

void hz_listing_free(struct hz_listing *l)
{
    if (l)
        hz_client_walk_end(&l->walk);
    free(l);
}

static void print_filter(struct hz_json *j, const struct hz_subscription *s)
{
    cJSON *filter = hz_subscription_json(s);
    char *text = filter ? cJSON_PrintUnformatted(filter) : NULL;
    hz_json_raw(j, ",\"filter\":", 10);
    hz_json_raw(j, text ? text : "null", text ? strlen(text) : 4);
    cJSON_free(text);
    cJSON_Delete(filter);
}

static void print_client(struct hz_json *j, struct hz_client *c)
{
    hz_json_open(j, NULL);
    hz_json_str(j, "listener", c->door->conf.name);
    hz_json_str(j, "transport", c->transport->name);
    hz_json_str(j, "peer", c->peer.name);
    if (c->peer.is_unix) {
        hz_json_uint(j, "uid", c->peer.uid);
        hz_json_int(j, "pid", c->peer.pid);
    }
    if (c->token)
        hz_json_str(j, "token", c->token->name); /* whose it is, not what it is */
    hz_json_time(j, "since", c->since_utc_ns);
    hz_json_uint(j, "id", c->id);
    hz_json_uint(j, "sent_frames", c->frames);
    hz_json_uint(j, "sent_bytes", c->bytes);
    hz_json_uint(j, "missed", c->missed);
    hz_json_uint(j, "behind", c->streaming ? hz_cursor_behind(&c->cursor) : 0);
    hz_json_bool(j, "streaming", c->streaming);
    print_filter(j, hz_cursor_words(&c->cursor));
    hz_feeds_print(c, j);
    hz_json_close(j);
}

bool hz_listing_more(struct hz_listing *l, struct hz_client *to)
{
    uint64_t start = uv_hrtime();
    size_t bytes = 0;
    while (l->walk.at && bytes < SLICE_BYTES && uv_hrtime() - start < SLICE_NS) {
        char text[OBJECT_MAX];
        struct hz_json j;
        struct hz_client *c = l->walk.at;
        l->walk.at = c->next;
        if (c->refused || c->state > HZ_CLIENT_ENDING)
            continue;
        hz_json_init(&j, text, sizeof text);
        print_client(&j, c);
        if (j.full)
            continue;
        hz_client_send(to, ",", l->begun);
        hz_client_send(to, text, j.len);
        l->begun = true;
        bytes += j.len;
    }
    return l->walk.at != NULL;
}
