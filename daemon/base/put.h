/* Numbers as little-endian bytes. Any thread. */
#ifndef HZ_DAEMON_BASE_PUT_H
#define HZ_DAEMON_BASE_PUT_H

#include <stdint.h>

void hz_put_u16(uint8_t *p, uint16_t v);
void hz_put_u32(uint8_t *p, uint32_t v);
void hz_put_u64(uint8_t *p, uint64_t v);
void hz_put_f32(uint8_t *p, float v);
void hz_put_f64(uint8_t *p, double v);

#endif
