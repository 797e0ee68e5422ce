#include "sim/reading_parts.h"

#include <stdbool.h>
#include <string.h>

void hz_sim_put(struct hz_sim_reading *r, unsigned n, uint32_t value)
{
    while (n-- > 0 && r->n < HZ_SIM_READING_BITS) {
        r->bit[r->n++] = value >> n & 1;
    }
}

void hz_sim_put_reversed(struct hz_sim_reading *r, unsigned n, uint32_t value)
{
    for (unsigned i = 0; i < n; i++) {
        hz_sim_put(r, 1, value >> i);
    }
}

uint32_t hz_sim_get(const struct hz_sim_reading *r, size_t from, unsigned n)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < n; i++) {
        value = value << 1 | r->bit[from + i];
    }
    return value;
}

uint32_t hz_sim_sum_crc(const struct hz_sim_reading *r, size_t from, size_t n, unsigned width,
                        uint32_t poly, uint32_t start)
{
    uint32_t sum = start, top = 1U << (width - 1), mask = top | (top - 1);
    for (size_t i = from; i < from + n; i++) {
        bool one = (sum & top) != 0;
        sum = sum << 1 & mask;
        sum ^= one != (r->bit[i] != 0) ? poly : 0;
    }
    return sum;
}

uint32_t hz_sim_sum_bytes(const struct hz_sim_reading *r, size_t from, size_t n)
{
    uint32_t sum = 0;
    for (size_t i = from; i < from + n; i += 8) {
        sum += hz_sim_get(r, i, 8);
    }
    return sum;
}

struct hz_sim_weather hz_sim_weather_draw(struct hz_rng *r)
{
    return (struct hz_sim_weather){.temperature_c = hz_rng_between(r, -20, 40),
                                   .humidity = hz_rng_between(r, 5, 95),
                                   .wind_m_s = hz_rng_between(r, 0, 15),
                                   .wind_deg = hz_rng_between(r, 0, 360),
                                   .rain_mm = hz_rng_between(r, 0, 600),
                                   .light_lux = hz_rng_between(r, 0, 90000)};
}

const struct hz_sim_model *hz_sim_model_at(size_t i)
{
    if (i < hz_sim_models_weather_n) {
        return &hz_sim_models_weather[i];
    }
    i -= hz_sim_models_weather_n;
    return i < hz_sim_models_home_n ? &hz_sim_models_home[i] : NULL;
}

const struct hz_sim_model *hz_sim_model_find(const char *name)
{
    const struct hz_sim_model *m = NULL;
    for (size_t i = 0; (m = hz_sim_model_at(i)) != NULL && strcmp(m->name, name) != 0; i++) {
    }
    return m;
}
