#include "config/fail.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int hz_fail(char *err, size_t err_len, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err, err_len, format, args);
    va_end(args);
    return -EINVAL;
}

int hz_fail_as(int rc, char *err, size_t err_len, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err, err_len, format, args);
    va_end(args);
    return rc;
}
