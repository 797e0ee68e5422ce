/* Changes of a running daemon's configuration, one section at a time. Loop thread. */
#ifndef HZ_DAEMON_RUN_CHANGE_H
#define HZ_DAEMON_RUN_CHANGE_H

#include "daemon/run/daemon.h"

enum hz_change_kind { HZ_CHANGE_ADD, HZ_CHANGE_SET, HZ_CHANGE_REMOVE };

struct hz_change {
    enum hz_change_kind kind;
    const char *section; /* "channel" */
    const char *name;    /* "ships"; "" of [hertzd], which can only be SET */
    /* What the section says (ADD), or of it what is new (SET; "": no longer given). Keys of a
     * sensor may repeat. */
    const struct hz_setting *keys;
    size_t n;
};

/* Changes one section, with the checks and the effects of a reload of a file that says so. The
 * files are not read; the change lives until the daemon ends. A channel must lie in the band that
 * its receiver has now. 0; -errno with the errors in err: nothing changed, or, if err says so, it
 * is in force, but its listener waits. */
int hz_daemon_change(struct hz_daemon *d, const struct hz_change *change, char *err,
                     size_t err_len);

#endif
