#include "daemon/output/spool_record.h"

#include <endian.h>
#include <string.h>
#include <zlib.h>

static uint32_t check_of(const uint8_t *head, const void *data, size_t n)
{
    uint8_t clear[HZ_SPOOL_HEAD];
    memcpy(clear, head, sizeof clear);
    memset(clear + 4, 0, 4);
    uLong crc = crc32(0, clear, sizeof clear);
    return (uint32_t)(n > 0 ? crc32(crc, data, (uInt)n) : crc); /* NULL would begin anew */
}

/* 4 bytes of length, 4 of CRC-32 over all the rest, 8 of number; all little-endian. */
void hz_spool_record_write(uint8_t *head, uint64_t number, const void *data, size_t n)
{
    uint32_t length = htole32((uint32_t)n);
    number = htole64(number);
    memcpy(head, &length, 4);
    memcpy(head + 8, &number, 8);
    uint32_t check = htole32(check_of(head, data, n));
    memcpy(head + 4, &check, 4);
}

const uint8_t *hz_spool_record_read(const uint8_t *p, size_t size, uint64_t number, size_t *n)
{
    uint32_t length, check;
    uint64_t its;
    if (size < HZ_SPOOL_HEAD)
        return NULL;
    memcpy(&length, p, 4);
    memcpy(&check, p + 4, 4);
    memcpy(&its, p + 8, 8);
    *n = le32toh(length);
    if (*n > HZ_SPOOL_RECORD_MAX || *n > size - HZ_SPOOL_HEAD || le64toh(its) != number ||
        le32toh(check) != check_of(p, p + HZ_SPOOL_HEAD, *n))
        return NULL;
    return p + HZ_SPOOL_HEAD;
}
