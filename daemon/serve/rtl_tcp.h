/* Re-shares a receiver's raw samples to ordinary rtl_tcp clients: the part of a listener with
 * `type = rtl_tcp`. Each block is copied once, into the last half second that all its clients read
 * from; a client that falls further behind is skipped ahead by whole blocks. So no client holds
 * blocks of the source, and none delays it. Private to the listeners. Loop thread. */
#ifndef HZ_DAEMON_SERVE_RTL_TCP_H
#define HZ_DAEMON_SERVE_RTL_TCP_H

#include "daemon/serve/client.h"
#include "daemon/source/block.h"

struct hz_share;

/* For that listener, which it refers to until it is gone. NULL: no memory. */
struct hz_share *hz_share_new(struct hz_listener *l);

/* Takes over a connected socket. It is counted among the listener's clients. */
void hz_share_client(struct hz_share *s, int fd);

/* A block of that receiver as it came; ignored when it is another's. */
void hz_share_block(struct hz_share *s, const char *receiver, const struct hz_block *b);

/* Adds receiver, control, skipped_blocks, commands_done, commands_ignored and last_command to the
 * listener's object. */
void hz_share_describe(const struct hz_share *s, cJSON *o);

/* Closes all clients, and itself once they are gone. */
void hz_share_close(struct hz_share *s);

#endif
