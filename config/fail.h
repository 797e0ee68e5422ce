/* Reports an error as one line of text. Any thread. */
#ifndef HZ_CONFIG_FAIL_H
#define HZ_CONFIG_FAIL_H

#include <stddef.h>

/* Writes the line into err (of err_len bytes) and returns -EINVAL. */
__attribute__((format(printf, 3, 4))) int hz_fail(char *err, size_t err_len, const char *format,
                                                  ...);

/* The same, but returns rc. */
__attribute__((format(printf, 4, 5))) int hz_fail_as(int rc, char *err, size_t err_len,
                                                     const char *format, ...);

#endif
