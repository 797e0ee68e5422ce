#include "proto/sensors/fail.h"

#include <stdarg.h>
#include <stdio.h>

bool hz_sensor_fail(char *err, size_t err_len, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(err, err_len, format, args);
    va_end(args);
    return false;
}
