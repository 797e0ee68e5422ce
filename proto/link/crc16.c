#include "proto/link/crc16.h"

uint16_t hz_crc16(uint16_t poly, uint16_t crc, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        crc ^= (uint16_t)(bytes[i] << 8);
        for (int bit = 0; bit < 8; bit++)
            crc = (uint16_t)(crc & 0x8000 ? crc << 1 ^ poly : crc << 1);
    }
    return crc;
}

uint16_t hz_crc16_reflected(uint16_t poly, uint16_t crc, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (uint16_t)(crc & 1 ? crc >> 1 ^ poly : crc >> 1);
    }
    return crc;
}
