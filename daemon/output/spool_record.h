/* A record in the file of a spool: its number and data behind a CRC, so that a torn or damaged one
 * is noticed. Pure; any thread. */
#ifndef HZ_DAEMON_OUTPUT_SPOOL_RECORD_H
#define HZ_DAEMON_OUTPUT_SPOOL_RECORD_H

#include <stddef.h>
#include <stdint.h>

enum {
    HZ_SPOOL_RECORD_MAX = 128 * 1024,
    HZ_SPOOL_HEAD = 16, /* bytes of a record before its data */
};

/* Writes the head of record `number` with n bytes of data, which the caller puts behind it. */
void hz_spool_record_write(uint8_t *head, uint64_t number, const void *data, size_t n);
/* Reads the record at p, of which `size` bytes are there: its data. NULL: it is not whole, or not
 * the record of that number. */
const uint8_t *hz_spool_record_read(const uint8_t *p, size_t size, uint64_t number, size_t *n);

#endif
