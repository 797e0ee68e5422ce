/* Remotes, door contacts, alarms, tyres and meters. */
#include "sim/reading_parts.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

/* A remote with an encoder of 24 bits: a number and a key. */
static void tell_remote(struct hz_sim_reading *to, uint32_t id, const struct hz_sim_weather *w,
                        struct hz_rng *r)
{
    char pairs[13];
    uint32_t key = hz_rng_below(r, 256);
    (void)w;
    id = 1 + id * 2654435761U % 65534;
    hz_sim_put(to, 16, id);
    hz_sim_put(to, 8, key);
    for (size_t i = 0; i < 12; i++) {
        pairs[i] = "0ZX1"[hz_sim_get(to, 2 * i, 2)];
    }
    pairs[12] = '\0';
    snprintf(to->fields, sizeof to->fields,
             "{\"model\":\"Generic-Remote\",\"id\":%u,\"cmd\":%u,\"tristate\":\"%s\"}", id, key,
             pairs);
}

static uint32_t odd(const struct hz_sim_reading *of, size_t n)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum ^= of->bit[i];
    }
    return sum;
}

/* X10: a contact at a door or window. */
static void tell_contact(struct hz_sim_reading *to, uint32_t id, const struct hz_sim_weather *w,
                         struct hz_rng *r)
{
    bool open = hz_rng_chance(r, 0.5);
    uint32_t low = id * 40503U >> 4 & 255, code = open ? 0x04 : 0x84;
    (void)w;
    id = 1 + id % 254;
    hz_sim_put(to, 8, id);
    hz_sim_put(to, 8, id ^ 15);
    hz_sim_put(to, 8, code);
    hz_sim_put(to, 8, 255 - code);
    hz_sim_put(to, 8, low);
    hz_sim_put(to, 1, odd(to, 40));
    snprintf(to->fields, sizeof to->fields,
             "{\"model\":\"X10-Security\",\"id\":\"%02x%02x\",\"code\":\"%02x\","
             "\"event\":\"DOOR/WINDOW %s\"}",
             id, low, code, open ? "OPEN" : "CLOSED");
}

/* A smoke detector that passes its alarm on to others. */
static void tell_smoke(struct hz_sim_reading *to, uint32_t id, const struct hz_sim_weather *w,
                       struct hz_rng *r)
{
    uint32_t unit = 3 + id % 20;
    (void)w;
    (void)r;
    id = 1 + id * 40503U % 32000;
    hz_sim_put_reversed(to, 5, unit);
    hz_sim_put_reversed(to, 15, id);
    hz_sim_put(to, 4, 3);
    snprintf(to->fields, sizeof to->fields,
             "{\"model\":\"Smoke-GS558\",\"id\":%u,\"unit\":%u,\"learn\":0}", id, unit);
}

/* A car's tyre, warm from the road. */
static void tell_toyota(struct hz_sim_reading *to, uint32_t id, const struct hz_sim_weather *w,
                        struct hz_rng *r)
{
    uint32_t pressure = 140 + hz_rng_below(r, 20);
    int32_t warm = (int32_t)lround(w->temperature_c) + 10;
    id = id * 2654435761U | 1U << 28;
    hz_sim_put(to, 32, id);
    hz_sim_put(to, 1, 1);
    hz_sim_put(to, 8, pressure);
    hz_sim_put(to, 8, (uint32_t)(warm + 40));
    hz_sim_put(to, 7, 1);
    hz_sim_put(to, 8, 255 - pressure);
    hz_sim_put(to, 8, hz_sim_sum_crc(to, 0, 64, 8, 0x07, 0x80));
    snprintf(to->fields, sizeof to->fields,
             "{\"model\":\"Toyota\",\"type\":\"TPMS\",\"id\":\"%08x\",\"status\":129,"
             "\"pressure_PSI\":%.2f,\"temperature_C\":%d.0}",
             id, pressure * 0.25 - 7, warm);
}

static void tell_renault(struct hz_sim_reading *to, uint32_t id, const struct hz_sim_weather *w,
                         struct hz_rng *r)
{
    uint32_t pressure = 290 + hz_rng_below(r, 40);
    int32_t warm = (int32_t)lround(w->temperature_c) + 10;
    id = id * 40503U & 0xFFFFFF;
    hz_sim_put(to, 6, 0x36);
    hz_sim_put(to, 10, pressure);
    hz_sim_put(to, 8, (uint32_t)(warm + 30));
    hz_sim_put(to, 8, id & 255);
    hz_sim_put(to, 8, id >> 8 & 255);
    hz_sim_put(to, 8, id >> 16);
    hz_sim_put(to, 16, 0xFFFF);
    hz_sim_put(to, 8, hz_sim_sum_crc(to, 0, 64, 8, 0x07, 0));
    snprintf(to->fields, sizeof to->fields,
             "{\"model\":\"Renault\",\"type\":\"TPMS\",\"id\":\"%06x\",\"flags\":\"36\","
             "\"pressure_kPa\":%.2f,\"temperature_C\":%d.0}",
             id, pressure * 0.75, warm);
}

/* A clamp around the mains. */
static void tell_efergy(struct hz_sim_reading *to, uint32_t id, const struct hz_sim_weather *w,
                        struct hz_rng *r)
{
    uint32_t current = 8192 + hz_rng_below(r, 24000);
    (void)w;
    id = 1 + id * 40503U % 65534;
    hz_sim_put(to, 8, 0x07);
    hz_sim_put(to, 8, id & 255);
    hz_sim_put(to, 8, id >> 8);
    hz_sim_put(to, 2, 1); /* does not learn, battery good */
    hz_sim_put(to, 2, 1);
    hz_sim_put(to, 4, 0);
    hz_sim_put(to, 16, current);
    hz_sim_put(to, 8, 2);
    hz_sim_put(to, 8, hz_sim_sum_bytes(to, 0, 56));
    snprintf(to->fields, sizeof to->fields,
             "{\"model\":\"Efergy-e2CT\",\"id\":%u,\"battery_ok\":1,\"current\":%.3f,"
             "\"interval\":12,\"learn\":\"NO\"}",
             id, current / 8192.0);
}

/* A utility's meter, standard consumption message. */
static void tell_scm(struct hz_sim_reading *to, uint32_t id, const struct hz_sim_weather *w,
                     struct hz_rng *r)
{
    uint32_t used = hz_rng_below(r, 1 << 24), kind = 4 + hz_rng_below(r, 9);
    (void)w;
    id = id * 2654435761U & 0x3FFFFFF;
    hz_sim_put(to, 21, 0x1F2A60);
    hz_sim_put(to, 2, id >> 24);
    hz_sim_put(to, 1, 0);
    hz_sim_put(to, 2, 1);
    hz_sim_put(to, 4, kind);
    hz_sim_put(to, 2, 2);
    hz_sim_put(to, 24, used);
    hz_sim_put(to, 24, id & 0xFFFFFF);
    hz_sim_put(to, 16, hz_sim_sum_crc(to, 16, 64, 16, 0x6F63, 0));
    snprintf(to->fields, sizeof to->fields,
             "{\"model\":\"ERT-SCM\",\"id\":%u,\"physical_tamper\":1,\"ert_type\":%u,"
             "\"encoder_tamper\":2,\"consumption_data\":%u}",
             id, kind, used);
}

#define MANCHESTER_SYNC 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1

const struct hz_sim_model hz_sim_models_home[] = {
    {"ev1527",
     {.zero = HZ_SPANS(464, -1404),
      .one = HZ_SPANS(1404, -464),
      .sync = HZ_SPANS(464, -14384),
      .tail = HZ_SPANS(464),
      .sent = 6},
     tell_remote},
    {"x10-security",
     {.sync = HZ_SPANS(8976, -4468),
      .zero = HZ_SPANS(572, -552),
      .one = HZ_SPANS(572, -1658),
      .gap = HZ_SPANS(572, -39924),
      .tail = HZ_SPANS(572),
      .sent = 5},
     tell_contact},
    {"smoke-gs558",
     {.sync = HZ_SPANS(436, -11764),
      .zero = HZ_SPANS(436, -1299),
      .one = HZ_SPANS(1202, -526),
      .gap = HZ_SPANS(434, -434),
      .tail = HZ_SPANS(434, -434, 434),
      .sent = 8},
     tell_smoke},
    {"toyota-tpms",
     {.modulation = HZ_WAVE_FSK,
      .deviation_hz = 35e3,
      .preamble = HZ_BITS(0, 1, 0, 1, 0, 1, 0, 0, 1, 1, 1, 1),
      .zero = HZ_SPANS(-52),
      .one = HZ_SPANS(52),
      .tail = HZ_SPANS(52, -52, 52, -52, 52, -52, 52),
      .code = HZ_WAVE_DM,
      .sent = 1},
     tell_toyota},
    {"renault-tpms",
     {.modulation = HZ_WAVE_FSK,
      .deviation_hz = 35e3,
      .preamble = HZ_BITS(MANCHESTER_SYNC),
      .zero = HZ_SPANS(-52, 52),
      .one = HZ_SPANS(52, -52),
      .tail = HZ_SPANS(-52, 52),
      .sent = 1},
     tell_renault},
    {"efergy-e2",
     {.modulation = HZ_WAVE_FSK,
      .deviation_hz = 35e3,
      .sync = HZ_SPANS(500, -64),
      .zero = HZ_SPANS(136, -64),
      .one = HZ_SPANS(64, -136),
      .tail = HZ_SPANS(64),
      .sent = 1},
     tell_efergy},
    {"ert-scm", {.zero = HZ_SPANS(-30, 30), .one = HZ_SPANS(30, -30), .sent = 1}, tell_scm},
};
const size_t hz_sim_models_home_n = sizeof hz_sim_models_home / sizeof hz_sim_models_home[0];
