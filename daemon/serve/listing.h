/* The list of all clients as JSON, made piece by piece: with 10,000 clients it is 3 MB, which in
 * one go would hold the loop for 0.2 s. Loop thread. */
#ifndef HZ_DAEMON_SERVE_LISTING_H
#define HZ_DAEMON_SERVE_LISTING_H

#include "daemon/serve/client.h"

struct hz_listing;

/* Lists clients, beginning with the newest. Clients that are added later, or removed before they
 * are listed, are not in it. NULL: no memory. */
struct hz_listing *hz_listing_new(struct hz_doors *all);
void hz_listing_free(struct hz_listing *l); /* NULL is allowed */

/* Sends a client the next piece, some hundred of the objects of the array (a comma before each but
 * the first of all). False: that was the last. */
bool hz_listing_more(struct hz_listing *l, struct hz_client *to);

#endif
