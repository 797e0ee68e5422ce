/* Decides which web pages may read from this server. A browser sends two fields that a page cannot
 * change: Host, the server's name in the URL, and Origin, the origin of the page. Pure: any thread.
 */
#ifndef HZ_DAEMON_SERVE_HTTP_ORIGIN_H
#define HZ_DAEMON_SERVE_HTTP_ORIGIN_H

#include "daemon/serve/http_head.h"

/* Whether a Host (NAME[:PORT]) is certain to mean this machine. The owner of evil.example can let
 * that name resolve to 127.0.0.1 after its page was loaded (DNS rebinding). For the browser this
 * server then has the origin of that page, but Host has its name. So only names are accepted that a
 * stranger cannot own: a numeric address, localhost, a name without a dot, names that end with
 * .localhost, .local, .home.arpa or .internal (RFC 6761, 6762, 8375), and those in `allow_host`,
 * separated by blanks; "*": all. */
bool hz_http_host_ok(struct hz_http_text host, const char *allow_host);

/* Whether a page with this Origin may read: it was served by `host` itself, or allow_origin
 * contains its origin (a list separated by blanks; "localhost": all pages of this machine; "*":
 * all). */
bool hz_http_origin_ok(struct hz_http_text origin, struct hz_http_text host,
                       const char *allow_origin);

#endif
