/* type = tcp with listen = yes: other programs connect and send. Loop thread. */
#ifndef HZ_DAEMON_INPUT_TCP_LISTEN_H
#define HZ_DAEMON_INPUT_TCP_LISTEN_H

#include "daemon/input/input.h"
#include "daemon/input/net.h"

enum { HZ_TCP_PEERS_MAX = 32 };

struct hz_tcp_listen;

/* As struct hz_input_ops has them. */
struct hz_tcp_listen *hz_tcp_listen_open(const struct hz_input_env *env,
                                         const struct hz_conf_net_input *conf);
void hz_tcp_listen_close(struct hz_tcp_listen *l, void (*closed)(void *ctx), void *ctx);
void hz_tcp_listen_status(const struct hz_tcp_listen *l, cJSON *o);

#endif
