/* Any bytes sent to the control socket, or (first byte odd) to a TCP listener: every answer is a
 * line of JSON, and the client is gone in the end. */
#include "proto/registry.h"
#include "tests/fuzz/talk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct talk *rpc, *lines;
    if (!rpc) {
        rpc = talk_new(&hz_kind_rpc);
        lines = talk_new(&hz_kind_lines);
    }
    if (size == 0)
        return 0;
    struct talk *t = data[0] & 1 ? lines : rpc;
    talk_check_lines(t, talk(t, data + 1, size - 1));

    /* Alone and in memory of its own, so that a byte read beyond is seen. */
    struct hz_subscription s;
    char err[HZ_ERROR_MAX], *line = malloc(size);
    memcpy(line, data, size);
    if (hz_subscription_from_line(&s, hz_decoders, line, size, err, sizeof err) < 0 && !err[0])
        abort();
    free(line);
    return 0;
}
