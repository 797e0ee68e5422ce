/* What one event posts to a web server: one request at a time, in order. What is not taken is tried
 * again, with longer and longer waits; what the server refuses is not. At most HZ_POSTS_MAX wait,
 * for an hour at most. Loop thread. */
#ifndef HZ_DAEMON_EVENT_POST_H
#define HZ_DAEMON_EVENT_POST_H

#include "daemon/base/web.h"
#include "daemon/event/told.h"

#include <cjson/cJSON.h>

enum { HZ_POSTS_MAX = 64 };

struct hz_post;

/* web is borrowed, what it needs of conf is copied. NULL: no memory. */
struct hz_post *hz_post_new(struct hz_web *web, const struct hz_conf_event *conf);
/* Posts an event; frame: its record. When too many wait, the oldest is given up. */
void hz_post_add(struct hz_post *p, const struct hz_told *t, const struct hz_frame *frame);
/* Each second, or oftener: it may be time to try again. */
void hz_post_tick(struct hz_post *p, uint64_t now_ms);
/* Nothing waits, and no request is under way. */
bool hz_post_idle(const struct hz_post *p);
/* Gives up what waits. NULL is allowed. */
void hz_post_free(struct hz_post *p);

/* For status. NULL: no memory. */
cJSON *hz_post_json(const struct hz_post *p, uint64_t now_ms);

/* The posts of sections that are no more, until all was sent. */
struct hz_posts {
    struct hz_post *first;
};
void hz_posts_take(struct hz_posts *all, struct hz_post *p); /* p NULL: nothing to do */
void hz_posts_tick(struct hz_posts *all, uint64_t now_ms);
void hz_posts_free(struct hz_posts *all);

#endif
