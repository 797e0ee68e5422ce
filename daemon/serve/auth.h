/* What a client may do: by the token that it gives, where its listener has tokens; else by the
 * listener's section. Wrong tokens are counted, and an address of another machine may give only so
 * many of them a minute. Private to this folder. Loop thread. */
#ifndef HZ_DAEMON_SERVE_AUTH_H
#define HZ_DAEMON_SERVE_AUTH_H

#include "daemon/serve/client.h"

/* Whether clients of the door need a token. */
bool hz_auth_needed(const struct hz_door *d);

/* Sets c->role by the token of n bytes; NULL: it gave none. On a listener without tokens any is
 * good. 0; -EACCES: a token is needed; -EPERM: it is wrong; -EAGAIN: the address has given too many
 * wrong ones, and this one was not looked at. With an error c->role is HZ_ROLE_NONE, one line for
 * the client is in err, and the refusal is counted. */
int hz_auth(struct hz_client *c, const char *token, size_t n, char *err, size_t err_len);

/* The door's section was replaced: clients whose token is no longer in the file, or whose address
 * is no longer allowed, are disconnected. */
void hz_auth_again(struct hz_door *d);

/* Forgets the client's token. */
void hz_auth_done(struct hz_client *c);

#endif
