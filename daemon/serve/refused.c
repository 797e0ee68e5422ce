/* A socket that systemd passed and no section of the configuration names: its clients are told so,
 * instead of being left to wait. */
#include "daemon/serve/client.h"
#include "daemon/serve/kinds.h"

#include <stdio.h>

static bool admits(const struct hz_door *d, char *reason, size_t len)
{
    snprintf(reason, len, "systemd passed %s, but no [listen] section of hertzd.conf names it",
             d->conf.address);
    return false;
}

static void accept_client(struct hz_door *d, int fd, const struct hz_peer *p, const char *refuse)
{
    hz_client_new(d, &hz_transport_lines, fd, p, refuse);
}

const struct hz_listener_kind hz_kind_refused = {
    .name = "refused",
    .admits = admits,
    .accept = accept_client,
};
