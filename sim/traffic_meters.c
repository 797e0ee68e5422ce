/* Utility meters by wireless M-Bus (EN 13757-4): water in mode T1, heat in C1, gas in S1. */
#include "sim/fsk.h"
#include "sim/traffic.h"
#include "sim/wmbus.h"

#include <stdio.h>
#include <string.h>

static const struct {
    enum hz_sim_wmbus_mode mode;
    double freq_hz, deviation_hz, snr_db, every_s;
    struct hz_sim_meter meter;
} meters[HZ_SIM_METERS] = {
    {HZ_SIM_WMBUS_T1, 868.95e6, 50e3, 18, 8, {0x20304517, 0x4493, 7, 0x16, 1, 154203}},
    {HZ_SIM_WMBUS_T1, 868.95e6, 45e3, 12, 11, {0x20304518, 0x4493, 7, 0x16, 40, 88120}},
    {HZ_SIM_WMBUS_T1, 868.95e6, 55e3, 9, 13, {0x61187304, 0x4493, 6, 0x16, 77, 31007}},
    {HZ_SIM_WMBUS_C1A, 868.95e6, 45e3, 14, 9, {0x45028811, 0x2C2D, 4, 0x30, 5, 21400}},
    {HZ_SIM_WMBUS_S1, 868.3e6, 50e3, 12, 17, {0x07732209, 0x4493, 3, 0x1A, 9, 613377}},
};

void hz_sim_meters_init(struct hz_sim_metering *m, struct hz_rng *r)
{
    for (int i = 0; i < HZ_SIM_METERS; i++) {
        m->due[i] = hz_rng_between(r, 0.2, meters[i].every_s / 2);
        m->told[i] = 0;
    }
}

static int make(struct hz_air_sent *s, int i, uint32_t told)
{
    uint8_t chips[HZ_SIM_WMBUS_CHIPS];
    static const float tone[2] = {-1, 1};
    float symbols[HZ_SIM_WMBUS_CHIPS];
    struct hz_sim_meter meter = meters[i].meter;
    meter.access = (uint8_t)(meter.access + told);
    meter.reading += told * 3;
    s->raw_len = hz_sim_meter_telegram(&meter, s->raw);
    size_t n = hz_sim_wmbus(meters[i].mode, s->raw, s->raw_len, chips);
    for (size_t k = 0; k < n; k++)
        symbols[k] = tone[chips[k]];
    snprintf(s->type, sizeof s->type, "wmbus");
    snprintf(s->fields, sizeof s->fields, "{\"id\":\"%08x\",\"reading\":%u}", meter.id,
             meter.reading);
    s->snr_db = meters[i].snr_db;
    const struct hz_sim_fsk fsk = {hz_sim_wmbus_chips_s[meters[i].mode], meters[i].deviation_hz, 2,
                                   2};
    return hz_sim_fsk(&fsk, symbols, n, &s->track);
}

void hz_sim_meters_plan(struct hz_sim_metering *m, struct hz_air *air)
{
    for (int i = 0; i < HZ_SIM_METERS; i++) {
        double at = m->due[i];
        if (at >= hz_air_until(air))
            continue;
        m->due[i] += meters[i].every_s * hz_rng_between(&air->rng, 0.9, 1.1);
        struct hz_air_sent *s = hz_air_prepare(air, "wmbus", meters[i].freq_hz, 100e3);
        if (s == NULL)
            continue;
        s->carrier_hz = hz_rng_between(&air->rng, -8e3, 8e3);
        if (make(s, i, m->told[i]++) == 0)
            hz_air_launch(air, s, at);
    }
}
