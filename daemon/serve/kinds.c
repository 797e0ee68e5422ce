#include "daemon/serve/kinds.h"

static const struct hz_listener_kind *const kinds[] = {
    [HZ_LISTEN_TCP] = &hz_kind_lines,      [HZ_LISTEN_HTTP] = &hz_kind_http,
    [HZ_LISTEN_UNIX] = &hz_kind_rpc,       [HZ_LISTEN_RTL_TCP] = &hz_kind_rtl_tcp,
    [HZ_LISTEN_REFUSE] = &hz_kind_refused,
};

const struct hz_listener_kind *hz_listener_kind(enum hz_listen_type type)
{
    return kinds[type];
}
