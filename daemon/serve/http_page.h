/* The files of the web page over HTTP: what they may load is fixed by a Content-Security-Policy; a
 * browser asks each time whether its copy is still good, so an update of hertzd is seen at once.
 * Loop thread. */
#ifndef HZ_DAEMON_SERVE_HTTP_PAGE_H
#define HZ_DAEMON_SERVE_HTTP_PAGE_H

#include "daemon/serve/client.h"
#include "daemon/serve/http_head.h"

bool hz_http_page_has(struct hz_http_text path);
/* Answers GET or HEAD of a path that the page has. */
void hz_http_page_get(struct hz_client *c, const struct hz_http_head *h);

#endif
