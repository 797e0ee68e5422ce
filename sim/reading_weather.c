/* Thermometers, weather stations, soil and pool. */
#include "sim/reading_parts.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

/* A value in steps, as a whole number. */
static int32_t steps(double value, double step)
{
    return (int32_t)lround(value / step);
}

static uint32_t between(double value, double low, double high)
{
    return (uint32_t)lround(fmin(fmax(value, low), high));
}

/* Signed tenths of a degree in 12 bits. */
static int32_t tenths(const struct hz_sim_weather *w)
{
    return steps(w->temperature_c, 0.1);
}

static void tell_nexus(struct hz_sim_reading *to, uint32_t id, const struct hz_sim_weather *w,
                       struct hz_rng *r)
{
    uint32_t channel = id % 3, humidity = between(w->humidity, 1, 99);
    (void)r;
    id = id & 255;
    hz_sim_put(to, 8, id);
    hz_sim_put(to, 2, 2); /* battery good, no test */
    hz_sim_put(to, 2, channel);
    hz_sim_put(to, 12, (uint32_t)tenths(w));
    hz_sim_put(to, 4, 15);
    hz_sim_put(to, 8, humidity);
    snprintf(to->fields, sizeof to->fields,
             "{\"model\":\"Nexus-TH\",\"id\":%u,\"channel\":%u,\"battery_ok\":1,"
             "\"temperature_C\":%.1f,\"humidity\":%u}",
             id, channel + 1, tenths(w) / 10.0, humidity);
}

/* Oregon Scientific, version 2: nibbles, each with its lowest bit first. */
static void tell_oregon(struct hz_sim_reading *to, uint32_t id, const struct hz_sim_weather *w,
                        struct hz_rng *r)
{
    uint32_t channel = id % 2 + 1, humidity = between(w->humidity, 2, 98), sum = 0;
    int32_t t = tenths(w);
    uint32_t size = (uint32_t)(t < 0 ? -t : t);
    (void)r;
    id = id & 255;
    const uint32_t nibble[15] = {1,
                                 0xD,
                                 2,
                                 0,
                                 channel,
                                 id & 15,
                                 id >> 4,
                                 0,
                                 size % 10,
                                 size / 10 % 10,
                                 size / 100 % 10,
                                 t < 0 ? 8 : 0,
                                 humidity % 10,
                                 humidity / 10,
                                 0};
    for (size_t i = 0; i < 15; i++) {
        hz_sim_put_reversed(to, 4, nibble[i]);
        sum += nibble[i];
    }
    hz_sim_put_reversed(to, 8, sum);
    hz_sim_put(to, 8, 0);
    snprintf(to->fields, sizeof to->fields,
             "{\"model\":\"Oregon-THGR122N\",\"id\":%u,\"channel\":%u,\"battery_ok\":1,"
             "\"temperature_C\":%.1f,\"humidity\":%u}",
             id, channel, t / 10.0, humidity);
}

static void put_with_parity(struct hz_sim_reading *to, uint32_t seven)
{
    uint32_t odd = 0;
    for (unsigned i = 0; i < 7; i++) {
        odd ^= seven >> i & 1;
    }
    hz_sim_put(to, 1, odd);
    hz_sim_put(to, 7, seven);
}

/* Acurite 5-in-1: wind with rain and direction, or wind with temperature, in turn. */
static void tell_5n1(struct hz_sim_reading *to, uint32_t id, const struct hz_sim_weather *w,
                     struct hz_rng *r)
{
    static const double degrees[16] = {315,  247.5, 292.5, 270,   337.5, 225,   0,    202.5,
                                       67.5, 135,   90,    112.5, 45,    157.5, 22.5, 180};
    static const char channels[] = "CBA";
    bool warm = hz_rng_chance(r, 0.5);
    uint32_t channel = id % 2 == 0 ? 3 : 0, at = hz_rng_below(r, 16), wind = 0;
    int32_t fahrenheit = steps(w->temperature_c * 1.8 + 32, 0.1);
    uint32_t rain = between(w->rain_mm / 25.4 * 100, 0, 9999);
    uint32_t humidity = between(w->humidity, 1, 99);
    double km_h = 0;
    id = id & 0xFFF;
    if (w->wind_m_s > 0.5) {
        wind = between((w->wind_m_s * 3.6 - 1) / 0.8278, 1, 255);
        km_h = wind * 0.8278 + 1;
    }
    hz_sim_put(to, 2, channel);
    hz_sim_put(to, 2, 0);
    hz_sim_put(to, 12, id);
    put_with_parity(to, 1 << 6 | (warm ? 0x38 : 0x31));
    put_with_parity(to, wind >> 3);
    uint32_t high = warm ? (uint32_t)(fahrenheit + 400) >> 7 : at;
    put_with_parity(to, (wind & 7) << 4 | (high & 15));
    put_with_parity(to, warm ? (uint32_t)(fahrenheit + 400) & 127 : rain >> 7);
    put_with_parity(to, warm ? humidity : rain & 127);
    hz_sim_put(to, 8, hz_sim_sum_bytes(to, 0, 56));
    char more[100];
    if (warm) {
        snprintf(more, sizeof more, "\"temperature_F\":%.1f,\"humidity\":%u", fahrenheit / 10.0,
                 humidity);
    } else {
        snprintf(more, sizeof more, "\"wind_dir_deg\":%.1f,\"rain_in\":%.2f", degrees[at],
                 rain / 100.0);
    }
    snprintf(to->fields, sizeof to->fields,
             "{\"model\":\"Acurite-5n1\",\"message_type\":%u,\"id\":%u,\"channel\":\"%c\","
             "\"battery_ok\":1,\"wind_avg_km_h\":%.4f,%s}",
             warm ? 0x38 : 0x31, id, channel == 3 ? channels[2] : channels[0], km_h, more);
}

/* The digest of LaCrosse: bytes from the last one, bits from the lowest. */
static uint32_t lacrosse_digest(const struct hz_sim_reading *of)
{
    uint32_t key = 0xF4, sum = 0;
    for (size_t byte = 4; byte-- > 0;) {
        for (size_t bit = 8; bit-- > 0;) {
            sum ^= of->bit[8 * byte + bit] ? key : 0;
            key = (key << 1 ^ (key & 0x80 ? 0x31 : 0)) & 0xFF;
        }
    }
    return sum;
}

static void tell_tx141(struct hz_sim_reading *to, uint32_t id, const struct hz_sim_weather *w,
                       struct hz_rng *r)
{
    uint32_t channel = id % 3, humidity = between(w->humidity, 1, 99);
    (void)r;
    id = 1 + id % 255;
    hz_sim_put(to, 8, id);
    hz_sim_put(to, 2, 0);
    hz_sim_put(to, 2, channel);
    hz_sim_put(to, 12, (uint32_t)(tenths(w) + 500));
    hz_sim_put(to, 8, humidity);
    hz_sim_put(to, 8, lacrosse_digest(to));
    snprintf(to->fields, sizeof to->fields,
             "{\"model\":\"LaCrosse-TX141THBv2\",\"id\":%u,\"channel\":%u,\"battery_ok\":1,"
             "\"temperature_C\":%.1f,\"humidity\":%u}",
             id, channel, tenths(w) / 10.0, humidity);
}

static void tell_609(struct hz_sim_reading *to, uint32_t id, const struct hz_sim_weather *w,
                     struct hz_rng *r)
{
    uint32_t humidity = between(w->humidity, 1, 99);
    (void)r;
    id = id & 255;
    hz_sim_put(to, 8, id);
    hz_sim_put(to, 4, 2); /* battery good */
    hz_sim_put(to, 12, (uint32_t)tenths(w));
    hz_sim_put(to, 8, humidity);
    hz_sim_put(to, 8, hz_sim_sum_bytes(to, 0, 32));
    snprintf(to->fields, sizeof to->fields,
             "{\"model\":\"Acurite-609TXC\",\"id\":%u,\"battery_ok\":1,\"temperature_C\":%.1f,"
             "\"humidity\":%u}",
             id, tenths(w) / 10.0, humidity);
}

static void tell_wh2(struct hz_sim_reading *to, uint32_t id, const struct hz_sim_weather *w,
                     struct hz_rng *r)
{
    uint32_t humidity = between(w->humidity, 1, 99);
    int32_t t = tenths(w);
    (void)r;
    id = id & 255;
    hz_sim_put(to, 4, 4);
    hz_sim_put(to, 8, id);
    hz_sim_put(to, 1, t < 0);
    hz_sim_put(to, 11, (uint32_t)(t < 0 ? -t : t));
    hz_sim_put(to, 8, humidity);
    hz_sim_put(to, 8, hz_sim_sum_crc(to, 0, 32, 8, 0x31, 0));
    snprintf(to->fields, sizeof to->fields,
             "{\"model\":\"Fineoffset-WH2\",\"id\":%u,\"temperature_C\":%.1f,\"humidity\":%u}", id,
             t / 10.0, humidity);
}

static void tell_wh65(struct hz_sim_reading *to, uint32_t id, const struct hz_sim_weather *w,
                      struct hz_rng *r)
{
    uint32_t humidity = between(w->humidity, 1, 99), deg = between(w->wind_deg, 0, 359);
    uint32_t wind = between(w->wind_m_s / 0.06375, 0, 400), uv = hz_rng_below(r, 4000);
    uint32_t gust = between(w->wind_m_s * 1.4 / 0.51, 0, 250);
    uint32_t rain = between(w->rain_mm / 0.254, 0, 65535);
    uint32_t light = between(w->light_lux * 10, 0, 1600000);
    id = id & 255;
    hz_sim_put(to, 8, 0x24);
    hz_sim_put(to, 8, id);
    hz_sim_put(to, 8, deg & 255);
    hz_sim_put(to, 1, deg >> 8);
    hz_sim_put(to, 2, 0);
    hz_sim_put(to, 1, wind >> 8);
    hz_sim_put(to, 1, 0); /* battery good */
    hz_sim_put(to, 11, (uint32_t)(tenths(w) + 400));
    hz_sim_put(to, 8, humidity);
    hz_sim_put(to, 8, wind & 255);
    hz_sim_put(to, 8, gust);
    hz_sim_put(to, 16, rain);
    hz_sim_put(to, 16, uv);
    hz_sim_put(to, 24, light);
    hz_sim_put(to, 8, hz_sim_sum_crc(to, 0, 120, 8, 0x31, 0));
    hz_sim_put(to, 8, hz_sim_sum_bytes(to, 0, 128));
    snprintf(to->fields, sizeof to->fields,
             "{\"model\":\"Fineoffset-WH65B\",\"id\":%u,\"battery_ok\":1,\"temperature_C\":%.1f,"
             "\"humidity\":%u,\"wind_dir_deg\":%u,\"wind_avg_m_s\":%.3f,\"wind_max_m_s\":%.2f,"
             "\"rain_mm\":%.3f,\"uv\":%u,\"light_lux\":%.1f}",
             id, tenths(w) / 10.0, humidity, deg, wind * 0.06375, gust * 0.51, rain * 0.254, uv,
             light / 10.0);
}

/* Soil: moisture in place of the air's humidity. */
static void tell_wh51(struct hz_sim_reading *to, uint32_t id, const struct hz_sim_weather *w,
                      struct hz_rng *r)
{
    uint32_t moisture = between(w->humidity, 0, 100), raw = 70 + moisture * 3;
    (void)r;
    id = 0xD000 | (id & 0xFFF);
    hz_sim_put(to, 8, 0x51);
    hz_sim_put(to, 24, id);
    hz_sim_put(to, 3, 0);
    hz_sim_put(to, 5, 16); /* 1.6 V */
    hz_sim_put(to, 8, 0x7F);
    hz_sim_put(to, 8, moisture);
    hz_sim_put(to, 7, 0x7C);
    hz_sim_put(to, 9, raw);
    hz_sim_put(to, 24, 0xFFFFFF);
    hz_sim_put(to, 8, hz_sim_sum_crc(to, 0, 96, 8, 0x31, 0));
    hz_sim_put(to, 8, hz_sim_sum_bytes(to, 0, 104));
    snprintf(to->fields, sizeof to->fields,
             "{\"model\":\"Fineoffset-WH51\",\"id\":\"%06x\",\"battery_mV\":1600,\"moisture\":%u,"
             "\"ad_raw\":%u}",
             id, moisture, raw);
}

/* CRC-16 with the lowest bit first (Modbus), of 16 bytes. */
static uint32_t inkbird_crc(const struct hz_sim_reading *of)
{
    uint32_t sum = 0x86F4;
    for (size_t byte = 0; byte < 16; byte++) {
        sum ^= hz_sim_get(of, 8 * byte, 8);
        for (int i = 0; i < 8; i++) {
            sum = sum >> 1 ^ (sum & 1 ? 0xA001 : 0);
        }
    }
    return sum;
}

static void put_le16(struct hz_sim_reading *to, uint32_t value)
{
    hz_sim_put(to, 8, value & 255);
    hz_sim_put(to, 8, value >> 8 & 255);
}

/* A pool's thermometer with a second sensor in the water. */
static void tell_inkbird(struct hz_sim_reading *to, uint32_t id, const struct hz_sim_weather *w,
                         struct hz_rng *r)
{
    uint32_t humidity = between(w->humidity * 10, 10, 990);
    int32_t water = steps(20 + w->temperature_c / 10, 0.1);
    (void)r;
    id = id & 0xFFFF;
    hz_sim_put(to, 32, 0xD3910F00);
    hz_sim_put(to, 8, 0);
    hz_sim_put(to, 16, 0x0600);
    hz_sim_put(to, 8, 95); /* per cent of the battery */
    put_le16(to, id);
    put_le16(to, (uint32_t)tenths(w));
    put_le16(to, (uint32_t)water);
    put_le16(to, humidity);
    put_le16(to, inkbird_crc(to));
    hz_sim_put(to, 3, 0);
    snprintf(to->fields, sizeof to->fields,
             "{\"model\":\"Inkbird-ITH20R\",\"id\":%u,\"battery_ok\":0.95,\"sensor_num\":0,"
             "\"temperature_C\":%.1f,\"temperature_2_C\":%.1f,\"humidity\":%.1f}",
             id, tenths(w) / 10.0, water / 10.0, humidity / 10.0);
}

#define AA        1, 0, 1, 0, 1, 0, 1, 0
#define AAAA      AA, AA
#define SYNC_2DD4 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 0

const struct hz_sim_model hz_sim_models_weather[] = {
    {"nexus-th",
     {.sync = HZ_SPANS(500, -4000),
      .zero = HZ_SPANS(500, -1000),
      .one = HZ_SPANS(500, -2000),
      .tail = HZ_SPANS(500),
      .sent = 12},
     tell_nexus},
    {"oregon-thgr122n",
     {.preamble = HZ_BITS(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1),
      .zero = HZ_SPANS(488, -976, 488),
      .one = HZ_SPANS(-488, 976, -488),
      .sent = 1},
     tell_oregon},
    {"acurite-5n1",
     {.sync = HZ_SPANS(620, -596, 620, -596, 620, -596, 620, -596),
      .zero = HZ_SPANS(220, -392),
      .one = HZ_SPANS(408, -204),
      .gap = HZ_SPANS(-2192),
      .tail = HZ_SPANS(220),
      .sent = 3},
     tell_5n1},
    {"lacrosse-tx141th",
     {.sync = HZ_SPANS(833, -833, 833, -833, 833, -833, 833, -833),
      .zero = HZ_SPANS(208, -417),
      .one = HZ_SPANS(417, -208),
      .tail = HZ_SPANS(833, -833, 833),
      .sent = 12},
     tell_tx141},
    {"acurite-609txc",
     {.sync = HZ_SPANS(500, -8900),
      .zero = HZ_SPANS(500, -1000),
      .one = HZ_SPANS(500, -2000),
      .tail = HZ_SPANS(500),
      .sent = 3},
     tell_609},
    {"fineoffset-wh2",
     {.preamble = HZ_BITS(1, 1, 1, 1, 1, 1, 1, 1),
      .zero = HZ_SPANS(1524, -1036),
      .one = HZ_SPANS(544, -1036),
      .sent = 1},
     tell_wh2},
    {"fineoffset-wh65",
     {.modulation = HZ_WAVE_FSK,
      .deviation_hz = 40e3,
      .preamble = HZ_BITS(AAAA, AAAA, AAAA, SYNC_2DD4),
      .zero = HZ_SPANS(-58),
      .one = HZ_SPANS(58),
      .tail = HZ_SPANS(-58, 58, -58, 58, -58, 58, -58, 58, -58, 58, -58, 58),
      .sent = 1},
     tell_wh65},
    {"fineoffset-wh51",
     {.modulation = HZ_WAVE_FSK,
      .deviation_hz = 50e3,
      .preamble = HZ_BITS(AAAA, AAAA, AA, SYNC_2DD4),
      .zero = HZ_SPANS(-58),
      .one = HZ_SPANS(58),
      .tail = HZ_SPANS(58, -58),
      .sent = 1},
     tell_wh51},
    {"inkbird-ith20r",
     {.modulation = HZ_WAVE_FSK,
      .deviation_hz = 35e3,
      .preamble = HZ_BITS(AAAA, AAAA, AAAA, SYNC_2DD4),
      .zero = HZ_SPANS(-100),
      .one = HZ_SPANS(100),
      .sent = 1},
     tell_inkbird},
};
const size_t hz_sim_models_weather_n =
    sizeof hz_sim_models_weather / sizeof hz_sim_models_weather[0];
