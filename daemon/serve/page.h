/* The files of the web page, which the program contains: what `make web` built in web/dist/. The
 * parts that never change are constant data; nothing is allocated. Any thread. */
#ifndef HZ_DAEMON_SERVE_PAGE_H
#define HZ_DAEMON_SERVE_PAGE_H

#include "daemon/serve/http_head.h"

enum { HZ_PAGE_TAG_LEN = 16 };

struct hz_page_file {
    const char *path, *type; /* "/app.js", and its Content-Type */
    const char *tag;         /* HZ_PAGE_TAG_LEN characters that change with its contents */
    const char *plain, *plain_end;
    const char *gzip, *gzip_end; /* the same, compressed */
};

/* The file of a path of a request; NULL: none. */
const struct hz_page_file *hz_page_find(struct hz_http_text path);

#endif
