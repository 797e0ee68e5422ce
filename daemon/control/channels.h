/* Channels added and removed by clients, in addition to those of the configuration. Loop thread. */
#ifndef HZ_DAEMON_CONTROL_CHANNELS_H
#define HZ_DAEMON_CONTROL_CHANNELS_H

#include "daemon/run/daemon.h"

/* params: receiver, name, decoder; may be: frequency (Hz; without it the first of the decoder's
 * that lies in the band), bandwidth (Hz), squelch (dB; 0: always open), priority. It lives until it
 * is removed, a reload brings one of its name, or the daemon ends. 0; -EINVAL with a line in err;
 * -EAGAIN while the receiver's band is not known; -ENOMEM. */
int hz_control_add_channel(struct hz_daemon *d, const cJSON *params, cJSON **result, char *err,
                           size_t err_len);

/* params: channel. One of the configuration comes back at the next start. 0, -EINVAL. */
int hz_control_remove_channel(struct hz_daemon *d, const cJSON *params, cJSON **result, char *err,
                              size_t err_len);

#endif
