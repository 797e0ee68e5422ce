/* What `hertzd demo` shows of its messages. On a terminal a screen that stays in its place: the
 * addresses, then for each protocol how much came and the latest of several senders, a row each.
 * Elsewhere lines, a few a second of each protocol. Loop thread. */
#ifndef HZ_DAEMON_CMD_DEMO_VIEW_H
#define HZ_DAEMON_CMD_DEMO_VIEW_H

#include "config/config.h"

struct hz_demo_view;

/* `head`: lines that stay on top, copied. The protocols are those of the configuration's channels.
 * terminal: `out` is one that is high enough. NULL: no memory. */
struct hz_demo_view *hz_demo_view_new(FILE *out, bool terminal, const char *head,
                                      const struct hz_config *conf);
void hz_demo_view_free(struct hz_demo_view *v);

/* A message, as its line of JSON. */
void hz_demo_view_message(struct hz_demo_view *v, const char *json, size_t len);

/* The last state, and how much came of each protocol. */
void hz_demo_view_end(struct hz_demo_view *v);

/* Whether a terminal is high enough for the screen. */
bool hz_demo_view_fits(FILE *out);

#endif
