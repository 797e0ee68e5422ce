/* Files that records are appended to, so that they hold whole records only. Any thread. */
#ifndef HZ_DAEMON_OUTPUT_APPEND_H
#define HZ_DAEMON_OUTPUT_APPEND_H

#include <stddef.h>

/* What is done with a last line that a crash has torn. */
enum hz_torn {
    HZ_TORN_LEAVE, /* the file does not hold lines */
    HZ_TORN_CUT,   /* it is cut off; a file without any line is refused, as it may be something else
                    */
    HZ_TORN_OURS,  /* it is cut off, also if it is all that there is */
};

/* Opens the file, which is made if it does not exist; a device and a FIFO with a reader work too.
 * flags: further ones of open(2). Returns the descriptor; or -errno with one line in err. */
int hz_append_open(const char *path, int flags, enum hz_torn torn, char *err, size_t err_len);
/* Writes all of it; what was written in part is taken back. 0 or -errno. */
int hz_append(int fd, const void *data, size_t n);

#endif
