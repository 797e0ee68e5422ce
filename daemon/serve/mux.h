/* What a WebSocket client may ask beside {"subscribe":{…}}: one object with one word, as
 * {"spectrum":{…}}. A new word is one line of the table in mux.c. Loop thread. */
#ifndef HZ_DAEMON_SERVE_MUX_H
#define HZ_DAEMON_SERVE_MUX_H

#include "daemon/serve/client.h"

/* The object behind a word. It acknowledges by a line {"kind":WORD,…} (transport->say) and returns
 * 0; or -errno with one line in err. After -EINVAL the client is disconnected, after any other the
 * error is said and it stays: an unknown receiver or channel (-ENOENT), a limit (-EMFILE). */
typedef int hz_mux_take(struct hz_client *c, const cJSON *words, char *err, size_t err_len);

/* Takes a text message; NULL: it is no JSON. True: it was one of these, and was answered. False: it
 * is another, which the caller reads. */
bool hz_mux(struct hz_client *c, const cJSON *json);

#endif
