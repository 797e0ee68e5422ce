/* Any text as a file's name, as the number, time and format of an option. */
#include "config/config.h"
#include "config/filename.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hz_conf_format r = {0};
    char text[256];
    size_t n = size < sizeof text - 1 ? size : sizeof text - 1;
    double hz;
    int64_t utc;
    memcpy(text, data, n);
    text[n] = 0;
    struct hz_filename f = hz_filename_parse(text);
    if (f.rate_hz < 0 || f.centre_hz < 0 || (f.has_format && !hz_format_is_iq(f.format)) ||
        (f.has_audio && hz_format_is_iq(f.format)))
        abort();
    if (f.start_utc_ns < 0 && f.start_utc_ns != INT64_MIN)
        abort();
    if (hz_parse_hz(text, &hz) == 0 && !(hz >= 0))
        abort();
    if (hz_parse_time(text, &utc) == 0 && utc < 0)
        abort();
    if (hz_parse_format(text, &r) == 0 && r.given && r.audio == hz_format_is_iq(r.format))
        abort();
    return 0;
}
