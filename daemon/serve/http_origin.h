/* Which web pages may read what is served here. A browser sends two things that a page cannot
 * change: the Host that it believes to speak with, and the Origin of the page. Pure: any thread. */
#ifndef HZ_DAEMON_SERVE_HTTP_ORIGIN_H
#define HZ_DAEMON_SERVE_HTTP_ORIGIN_H

#include "daemon/serve/http_head.h"

/* Whether that Host (NAME[:PORT]) can only be this machine. A page of evil.example may let its name
 * lead to 127.0.0.1 once it is loaded (DNS rebinding): to the browser we are then of its origin,
 * but Host has its name. So a name passes only where no stranger can have it: an address in
 * numbers, localhost, a name without a dot, one that ends with .localhost, .local, .home.arpa or
 * .internal (RFC 6761, 6762, 8375), and those of `allow_host`, separated by blanks; "*": all. */
bool hz_http_host_ok(struct hz_http_text host, const char *allow_host);

/* Whether a page of that Origin may read: it comes from `host` itself, or `allow_origin` has it,
 * separated by blanks; "localhost" stands for all pages of this machine, "*" for all. */
bool hz_http_origin_ok(struct hz_http_text origin, struct hz_http_text host,
                       const char *allow_origin);

#endif
