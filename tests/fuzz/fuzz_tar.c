/* Any bytes as the head of an entry of a tar, and as what such an entry tells of the next one. */
#include "daemon/source/recording_parse.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t block[HZ_TAR_BLOCK] = {0};
    struct hz_tar_entry e;
    memcpy(block, data, size < sizeof block ? size : sizeof block);
    /* a right sum, so that what lies behind it is reached */
    unsigned sum = 8 * ' ';
    for (size_t i = 0; i < sizeof block; i++)
        sum += i >= 148 && i < 156 ? 0 : block[i];
    for (size_t i = 0; i < 6; i++)
        block[148 + i] = (uint8_t)('0' + (sum >> (3 * (5 - i)) & 7));
    block[154] = 0;
    if (hz_tar_head(block, &e) == 1 &&
        (e.size > INT64_MAX / 2 || !memchr(e.name, 0, sizeof e.name)))
        abort();
    hz_tar_more('x', (const char *)data, size, &e);
    hz_tar_more('L', (const char *)data, size, &e);
    if (!memchr(e.name, 0, sizeof e.name))
        abort();
    return 0;
}
