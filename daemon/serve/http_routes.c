/* What there is over HTTP: a line for each resource. */
#include "daemon/serve/http.h"

/* clang-format off */
const struct hz_http_route hz_http_routes[] = {
    /* path       query  methods        role           function */
    {"/stream",   true,  HZ_HTTP_GET,   HZ_ROLE_READ,  hz_http_stream},
    {"/status",   false, HZ_HTTP_READ,  HZ_ROLE_READ,  hz_http_status},
    {"/healthz",  false, HZ_HTTP_READ,  HZ_ROLE_NONE,  hz_http_healthz},
    {"/",         false, HZ_HTTP_READ,  HZ_ROLE_NONE,  hz_http_page}, /* all others: files of the page */
    {NULL},
};
