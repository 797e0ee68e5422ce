/* Any bytes as SigMF metadata, and the runs that follow from it in a file of some size. */
#include "daemon/source/recording_parse.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_BYTES = 1000003 };

/* Every run holds whole samples, lies in the file, and behind the one before. */
static void check_runs(const struct hz_recording *r)
{
    uint64_t at = 0;
    for (size_t i = 0; i < r->n_runs; i++) {
        const struct hz_run *run = &r->runs[i];
        if (run->offset < at || run->bytes == 0 || run->bytes % hz_format_bytes(r->format) != 0 ||
            run->bytes > FILE_BYTES || run->offset > FILE_BYTES - run->bytes)
            abort();
        at = run->offset + run->bytes;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hz_recording_meta t;
    char err[256] = "";
    hz_recording_meta_init(&t);
    t.audio = size > 0 && data[size - 1] == 'a';
    int rc = hz_sigmf_parse((const char *)data, size, &t, err, sizeof err);
    if ((rc < 0) != (*err != 0))
        abort();
    if (rc == 0 && (!t.has_format || t.rate_hz < 0 || strchr(t.dataset, '/')))
        abort();
    struct hz_recording r = {.format = t.format, .rate_hz = t.rate_hz};
    if (rc == 0 && r.rate_hz >= 1 && r.rate_hz <= 1e9) {
        rc = hz_runs_make(&r, &t, FILE_BYTES, err, sizeof err);
        if ((rc < 0) != (*err != 0))
            abort();
        check_runs(&r);
    }
    hz_recording_done(&r);
    hz_recording_meta_done(&t);
    return 0;
}
