/* What a NATS output reads of others: answers of a stream, subjects of its configuration, and the
 * records of a spool that may be damaged. */
#include "daemon/output/nats_record.h"
#include "daemon/output/nats_stream.h"
#include "daemon/output/spool_record.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hz_nats_answer a;
    struct hz_nats_out out;
    size_t n;
    hz_nats_answer_read((const char *)data, size, &a);
    struct hz_spooled *r = malloc(sizeof *r + size);
    char *text = calloc(1, size + 1);
    if (!r || !text)
        abort();
    *r = (struct hz_spooled){.n = size};
    memcpy(r->data, data, size);
    memcpy(text, data, size);
    if (hz_nats_record_read(r, &out) && strlen(out.id) + strlen(out.subject) + 2 + out.len != size)
        abort();
    hz_nats_stream_takes(text, "hertzd.roof");
    uint64_t number = 0;
    if (size >= HZ_SPOOL_HEAD)
        memcpy(&number, data + 8, 8);
    const uint8_t *at = hz_spool_record_read(data, size, number, &n);
    if (at && n > size - HZ_SPOOL_HEAD)
        abort();
    free(text);
    free(r);
    return 0;
}
