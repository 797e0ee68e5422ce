/* Bits and sums that readings are made of, and their waveforms as tables. Internal to sim/. */
#ifndef HZ_SIM_READING_PARTS_H
#define HZ_SIM_READING_PARTS_H

#include "sim/reading.h"

#define HZ_COUNT(type, ...) (sizeof((const type[]){__VA_ARGS__}) / sizeof(type))
#define HZ_SPANS(...)                                                                              \
    {                                                                                              \
        (const float[]){__VA_ARGS__}, HZ_COUNT(float, __VA_ARGS__)                                 \
    }
#define HZ_BITS(...)                                                                               \
    {                                                                                              \
        (const uint8_t[]){__VA_ARGS__}, HZ_COUNT(uint8_t, __VA_ARGS__)                             \
    }

/* Appends the lowest n bits of a value, the highest of them first. */
void hz_sim_put(struct hz_sim_reading *r, unsigned n, uint32_t value);
/* The same, the lowest first. */
void hz_sim_put_reversed(struct hz_sim_reading *r, unsigned n, uint32_t value);

/* n bits from one, the first the highest. */
uint32_t hz_sim_get(const struct hz_sim_reading *r, size_t from, unsigned n);

/* CRC of n bits from one, of that many bits itself: polynomial without its highest term. */
uint32_t hz_sim_sum_crc(const struct hz_sim_reading *r, size_t from, size_t n, unsigned width,
                        uint32_t poly, uint32_t start);
/* Sum of the bytes. */
uint32_t hz_sim_sum_bytes(const struct hz_sim_reading *r, size_t from, size_t n);

extern const struct hz_sim_model hz_sim_models_weather[], hz_sim_models_home[];
extern const size_t hz_sim_models_weather_n, hz_sim_models_home_n;

#endif
