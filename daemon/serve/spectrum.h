/* Spectrum feeds: frames of a receiver's band (daemon/receive/scope.h) as binary messages. Equal
 * viewers share a view, and each frame is made once. Loop thread. */
#ifndef HZ_DAEMON_SERVE_SPECTRUM_H
#define HZ_DAEMON_SERVE_SPECTRUM_H

#include "daemon/serve/mux.h"
#include "daemon/serve/spectrum_words.h"

/* Gives a client the view that it asks for, instead of the one that it has of that receiver, and
 * says the acknowledgement; or takes it (words->stop). 0, or -errno with one line in err: -ENOENT
 * (no such receiver), -EMFILE (a limit), -ENOMEM. */
int hz_spectrum_show(struct hz_client *c, const struct hz_spectrum_words *words, char *err,
                     size_t err_len);

/* {"spectrum":{…}} of a client. */
hz_mux_take hz_spectrum_take;

#endif
