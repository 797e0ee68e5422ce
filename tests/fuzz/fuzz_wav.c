/* Any bytes as the head of a WAV. */
#include "daemon/recording_parse.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hz_told t;
    char err[256] = "";
    hz_told_init(&t);
    int rc = hz_wav_parse(data, size, &t, err, sizeof err);
    if ((rc < 0) != (*err != 0))
        abort();
    if (rc == 0 && (!t.has_format || t.offset > size))
        abort();
    return 0;
}
