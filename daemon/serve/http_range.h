/* The field Range of a request for a file (RFC 9110, section 14). Pure. */
#ifndef HZ_DAEMON_SERVE_HTTP_RANGE_H
#define HZ_DAEMON_SERVE_HTTP_RANGE_H

#include "daemon/serve/http_head.h"

#include <stdint.h>

enum hz_http_range {
    HZ_RANGE_WHOLE, /* no range, several, or none that is understood: the whole file */
    HZ_RANGE_PART,
    HZ_RANGE_NOT, /* it lies behind the end: 416 */
};

/* Of `size` bytes: *first and *n are the part, or the whole. range.p: NULL if there is no field. */
enum hz_http_range hz_http_range(struct hz_http_text range, uint64_t size, uint64_t *first,
                                 uint64_t *n);

#endif
