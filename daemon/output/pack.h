/* Compresses a file into another one, a piece at a time, so that nobody waits for long. One thread
 * at a time. */
#ifndef HZ_DAEMON_OUTPUT_PACK_H
#define HZ_DAEMON_OUTPUT_PACK_H

#include <stddef.h>

enum hz_pack { HZ_PACK_NONE, HZ_PACK_ZSTD, HZ_PACK_GZIP };

/* ".zst", ".gz"; "" of none. */
const char *hz_pack_ending(enum hz_pack how);

struct hz_packing;

/* Begins: `to` is made anew. how: not none. NULL, with the reason in err. */
struct hz_packing *hz_packing_new(enum hz_pack how, const char *from, const char *to, char *err,
                                  size_t err_len);
/* Compresses the next MiB. 1: there is more; 0: all of it is on the disk, at `to`; -errno with one
 * line in err: it is given up. */
int hz_packing_step(struct hz_packing *p, char *err, size_t err_len);
/* Frees it, and removes `to` if it is not complete. NULL is allowed. */
void hz_packing_free(struct hz_packing *p);

#endif
