#include "daemon/serve/feed.h"

#include "daemon/base/put.h"
#include "daemon/serve/client.h"
#include "proto/out/json.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Bytes that the kernel takes beyond what the peer has room for. More would be old when the peer
 * reads again. */
enum { UNSENT_MAX = 16 * 1024 };

/* One client of one feed. */
struct hz_feed_link {
    struct hz_feed *feed;
    struct hz_client *client;
    struct hz_feed_link *next_of_feed, *next_of_client;
    uint64_t sent, dropped;
    size_t first, n;
    struct hz_feed_message *waiting[]; /* a ring of feed->queue */
};

/* ---- messages --------------------------------------------------------------------------- */

struct hz_feed_message *hz_feed_message_new(struct hz_feed *f, size_t head_len, size_t n)
{
    struct hz_feed_message *m = malloc(sizeof *m + HZ_WS_ROOM + head_len + n);
    if (!m)
        return NULL;
    *m = (struct hz_feed_message){.refs = 1, .len = head_len + n, .data = m->room + HZ_WS_ROOM};
    memset(m->data, 0, head_len);
    m->ws_len = hz_ws_header((char *)m->data, HZ_WS_BINARY, m->len);
    m->data[0] = (uint8_t)f->kind->type;
    m->data[1] = HZ_FEED_VERSION;
    hz_put_u16(m->data + 2, (uint16_t)head_len);
    hz_put_u32(m->data + 4, f->seq++);
    f->made++;
    return m;
}

struct hz_feed_message *hz_feed_message_ref(struct hz_feed_message *m)
{
    m->refs++;
    return m;
}

void hz_feed_message_unref(struct hz_feed_message *m)
{
    if (m && --m->refs == 0)
        free(m);
}

/* ---- feeds and clients ------------------------------------------------------------------ */

void hz_feed_init(struct hz_feed *f, const struct hz_feed_kind *kind, const char *name)
{
    *f = (struct hz_feed){.kind = kind, .name = name, .queue = kind->queue};
}

static struct hz_feed_link *find(const struct hz_feed *f, const struct hz_client *c)
{
    struct hz_feed_link *l = c->feeds;
    while (l && l->feed != f)
        l = l->next_of_client;
    return l;
}

struct hz_feed *hz_feed_of(const struct hz_client *c, const struct hz_feed_kind *kind,
                           const char *name)
{
    for (const struct hz_feed_link *l = c->feeds; l; l = l->next_of_client) {
        if (l->feed->kind == kind && strcmp(l->feed->name, name) == 0)
            return l->feed;
    }
    return NULL;
}

/* The kernel then says no soon after the peer stops to read. A Unix socket has no such option. */
static void keep_unsent_small(struct hz_client *c)
{
    uv_os_fd_t fd;
    int bytes = UNSENT_MAX;
    if (uv_fileno(&c->io.handle, &fd) == 0)
        setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &bytes, sizeof bytes);
}

int hz_feed_join(struct hz_feed *f, struct hz_client *c, char *err, size_t err_len)
{
    if (find(f, c))
        return 0;
    if (!c->transport->binary) {
        snprintf(err, err_len, "%s: expected a WebSocket", f->kind->name);
        return -ENOSYS;
    }
    if (c->n_feeds == HZ_FEEDS_MAX) {
        snprintf(err, err_len, "%s of %s: a client may have %d feeds at a time", f->kind->name,
                 f->name, HZ_FEEDS_MAX);
        return -EMFILE;
    }
    struct hz_feed_link *l = calloc(1, sizeof *l + f->queue * sizeof(void *));
    if (!l) {
        snprintf(err, err_len, "no memory");
        return -ENOMEM;
    }
    l->feed = f;
    l->client = c;
    l->next_of_feed = f->links;
    f->links = l;
    f->clients++;
    l->next_of_client = c->feeds;
    c->feeds = l;
    if (c->n_feeds++ == 0)
        keep_unsent_small(c);
    return 0;
}

static struct hz_feed_message *take(struct hz_feed_link *l)
{
    struct hz_feed_message *m = l->waiting[l->first];
    l->first = (l->first + 1) % l->feed->queue;
    l->n--;
    return m;
}

/* Takes the link out of both lists and frees it. */
static void unlink_link(struct hz_feed_link *l)
{
    struct hz_feed_link **p = &l->feed->links;
    while (*p != l)
        p = &(*p)->next_of_feed;
    *p = l->next_of_feed;
    l->feed->clients--;
    p = &l->client->feeds;
    while (*p != l)
        p = &(*p)->next_of_client;
    *p = l->next_of_client;
    l->client->n_feeds--;
    while (l->n > 0)
        hz_feed_message_unref(take(l));
    free(l);
}

void hz_feed_leave(struct hz_feed *f, struct hz_client *c)
{
    struct hz_feed_link *l = find(f, c);
    if (!l)
        return;
    unlink_link(l);
    f->kind->left(f);
}

void hz_feeds_leave_all(struct hz_client *c)
{
    while (c->feeds)
        hz_feed_leave(c->feeds->feed, c);
}

void hz_feed_say(struct hz_feed *f, const char *line, size_t n)
{
    for (struct hz_feed_link *l = f->links, *next; l; l = next) {
        next = l->next_of_feed; /* the client may be closed for want of memory */
        l->client->transport->say(l->client, line, n);
        hz_client_wake(l->client);
    }
}

/* ---- the way of a message --------------------------------------------------------------- */

void hz_feed_push(struct hz_feed *f, struct hz_feed_message *m)
{
    for (struct hz_feed_link *l = f->links; l; l = l->next_of_feed) {
        if (l->n == f->queue) {
            hz_feed_message_unref(take(l));
            l->dropped++;
            f->dropped++;
        }
        l->waiting[(l->first + l->n++) % f->queue] = hz_feed_message_ref(m);
        hz_client_wake(l->client);
    }
    hz_feed_message_unref(m);
}

struct hz_feed_message *hz_feeds_next(struct hz_client *c)
{
    struct hz_feed_link **p = &c->feeds, *l;
    while (*p && (*p)->n == 0)
        p = &(*p)->next_of_client;
    if (!(l = *p))
        return NULL;
    if (l->next_of_client) { /* to the end of the list: each feed has its turn */
        *p = l->next_of_client;
        l->next_of_client = NULL;
        while (*p)
            p = &(*p)->next_of_client;
        *p = l;
    }
    l->sent++;
    l->feed->sent++;
    return take(l);
}

bool hz_feeds_waiting(const struct hz_client *c)
{
    const struct hz_feed_link *l = c->feeds;
    while (l && l->n == 0)
        l = l->next_of_client;
    return l;
}

void hz_feeds_print(const struct hz_client *c, struct hz_json *j)
{
    if (!c->feeds)
        return;
    hz_json_open_array(j, "feeds");
    for (const struct hz_feed_link *l = c->feeds; l; l = l->next_of_client) {
        hz_json_open(j, NULL);
        hz_json_str(j, "kind", l->feed->kind->name);
        hz_json_str(j, "name", l->feed->name);
        hz_json_uint(j, "sent", l->sent);
        hz_json_uint(j, "dropped", l->dropped);
        hz_json_close(j);
    }
    hz_json_close_array(j);
}
