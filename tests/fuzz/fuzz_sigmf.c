/* Any bytes as SigMF metadata, and as a file's name. */
#include "config/filename.h"
#include "daemon/recording_parse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hz_told t;
    char err[256] = "";
    char name[128];
    size_t n = size < sizeof name - 1 ? size : sizeof name - 1;
    memcpy(name, data, n);
    name[n] = 0;
    struct hz_filename f = hz_filename_parse(name);
    if (f.rate_hz < 0 || f.centre_hz < 0)
        abort();
    hz_told_init(&t);
    int rc = hz_sigmf_parse((const char *)data, size, &t, err, sizeof err);
    if ((rc < 0) != (*err != 0))
        abort();
    if (rc == 0 && (!t.has_format || t.rate_hz < 0 || t.centre_hz < 0 || strchr(t.dataset, '/')))
        abort();
    return 0;
}
