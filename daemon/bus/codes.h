/* Frames as they were encoded lately, for readers that want the same ones in the same format: the
 * first of a hundred encodes a frame, the others copy it. Loop thread. */
#ifndef HZ_DAEMON_BUS_CODES_H
#define HZ_DAEMON_BUS_CODES_H

#include "daemon/bus/coded.h"

struct hz_codes;

/* Empty; NULL: no memory. */
struct hz_codes *hz_codes_new(void);
void hz_codes_free(struct hz_codes *c); /* NULL is allowed */
/* As hz_frame_code. */
void hz_codes_put(struct hz_codes *c, const struct hz_frame *f, const struct hz_form *form,
                  struct hz_bytes *out);

#endif
