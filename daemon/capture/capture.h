/* One section [capture NAME] at work: holds the recent samples of its receiver, and saves them when
 * a trigger comes. Loop thread. */
#ifndef HZ_DAEMON_CAPTURE_CAPTURE_H
#define HZ_DAEMON_CAPTURE_CAPTURE_H

#include "daemon/capture/captures.h"

struct hz_capture;

/* `gone` is called when it has left, and was freed. NULL: no memory. */
struct hz_capture *hz_capture_new(const struct hz_capture_env *env,
                                  const struct hz_conf_capture *conf,
                                  void (*gone)(void *ctx, struct hz_capture *c), void *ctx);
/* It takes nothing any more, writes what it has begun with what there is, and is gone; never
 * within this call. */
void hz_capture_leave(struct hz_capture *c);

/* Takes over the samples, the messages about them and the time of the last one by rule, if both
 * sections hold the same of the same receiver. `from` leaves. */
void hz_capture_inherit(struct hz_capture *c, struct hz_capture *from);

void hz_capture_block(struct hz_capture *c, struct hz_receiver *r, const struct hz_block *b);
void hz_capture_tick(struct hz_capture *c);
/* As hz_captures_ask. */
int hz_capture_ask(struct hz_capture *c, double seconds, uint64_t *number, char *err,
                   size_t err_len);

const struct hz_conf_capture *hz_capture_conf(const struct hz_capture *c);
bool hz_capture_leaves(const struct hz_capture *c);
cJSON *hz_capture_json(const struct hz_capture *c);

#endif
