/* Any bytes sent to an rtl_tcp listener whose clients may tune: the greeting is all that they are
 * answered, and the client is gone in the end. The first byte says how often samples come between.
 */
#include "tests/fuzz/talk.h"

#include "daemon/source/block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct talk *t;
    uint8_t samples[4] = {0};
    struct hz_block block = {.n = 2, .format = HZ_CU8, .data = samples};
    if (!t)
        t = talk_new(&hz_kind_rtl_tcp);
    if (size == 0)
        return 0;
    for (size_t at = 1; at < size;) {
        size_t n = size - at < (size_t)data[0] + 1 ? size - at : (size_t)data[0] + 1;
        size_t len = talk(t, data + at, n);
        if (len != 0 && (len != 12 || memcmp(t->answer, "RTL0", 4) != 0))
            abort();
        t->door.kind->block(&t->door, &block); /* what had to wait is asked for again */
        at += n;
    }
    if (t->door.n_clients != 0)
        abort();
    return 0;
}
