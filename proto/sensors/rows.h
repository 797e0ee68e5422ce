/* Durations and bits as they stand in a declaration. Pure; any thread. */
#ifndef HZ_PROTO_SENSORS_ROWS_H
#define HZ_PROTO_SENSORS_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "+500 -1000 (+250 -250)x4" → microseconds, at most `max`. False: what was wrong is in err. */
bool hz_row_spans(const char *text, float *us, size_t max, size_t *n, char *err, size_t err_len);
/* "0101 1100", "0xAA2DD4", "{36}8381eef2d", "(01)x16 11" → bits. */
bool hz_row_bits(const char *text, uint8_t *bit, size_t max, size_t *n, char *err, size_t err_len);
/* "ffe1 1d9a (aa)x25" → the bits of bytes in hex. */
bool hz_row_bytes(const char *text, uint8_t *bit, size_t max, size_t *n, char *err, size_t err_len);

#endif
