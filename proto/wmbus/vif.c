/* Value information: EN 13757-3, tables 10 to 16, as far as meters are known to send it. */
#include "proto/wmbus/record.h"

#include <stddef.h>

/* VIFs from first to last: 10^(exponent + VIF - first). */
struct row {
    uint8_t first, last;
    struct hz_vif what;
};

/* clang-format off */
#define NUMBER(name, unit, exponent) {name, unit, HZ_VIF_NUMBER, exponent}
#define DIGITS(name) {name, "", HZ_VIF_DIGITS, 0}

static const struct row plain[] = {
    {0x00, 0x07, NUMBER("energy", "kWh", -6)},
    {0x08, 0x0f, NUMBER("energy", "MJ", -6)},
    {0x10, 0x17, NUMBER("volume", "m3", -6)},
    {0x18, 0x1f, NUMBER("mass", "kg", -3)},
    {0x28, 0x2f, NUMBER("power", "kW", -6)},
    {0x30, 0x37, NUMBER("power", "MJ/h", -6)},
    {0x38, 0x3f, NUMBER("volume_flow", "m3/h", -6)},
    {0x40, 0x47, NUMBER("volume_flow", "m3/min", -7)},
    {0x48, 0x4f, NUMBER("volume_flow", "m3/s", -9)},
    {0x50, 0x57, NUMBER("mass_flow", "kg/h", -3)},
    {0x58, 0x5b, NUMBER("flow_temperature", "C", -3)},
    {0x5c, 0x5f, NUMBER("return_temperature", "C", -3)},
    {0x60, 0x63, NUMBER("temperature_difference", "K", -3)},
    {0x64, 0x67, NUMBER("external_temperature", "C", -3)},
    {0x68, 0x6b, NUMBER("pressure", "bar", -3)},
    {0x6c, 0x6c, {"date", "", HZ_VIF_DATE, 0}},
    {0x6d, 0x6d, {"datetime", "", HZ_VIF_TIME, 0}},
    {0x6e, 0x6e, NUMBER("heat_cost", "hca", 0)},
    {0x78, 0x78, DIGITS("fabrication_number")},
    {0x79, 0x79, DIGITS("enhanced_identification")},
    {0x7a, 0x7a, DIGITS("bus_address")},
    {0, 0, {0}},
};

/* Durations: the unit is in the two low bits of the VIF. */
static const struct row durations[] = {
    {0x20, 0x23, NUMBER("on_time", "", 0)},
    {0x24, 0x27, NUMBER("operating_time", "", 0)},
    {0x70, 0x73, NUMBER("averaging_duration", "", 0)},
    {0x74, 0x77, NUMBER("actuality_duration", "", 0)},
    {0, 0, {0}},
};

/* Behind FB. */
static const struct row table_fb[] = {
    {0x00, 0x01, NUMBER("energy", "kWh", 2)},
    {0x08, 0x09, NUMBER("energy", "MJ", 2)},
    {0x10, 0x11, NUMBER("volume", "m3", 2)},
    {0x18, 0x19, NUMBER("mass", "kg", 5)},
    {0x1a, 0x1b, NUMBER("relative_humidity", "%", -1)},
    {0x28, 0x29, NUMBER("power", "kW", 2)},
    {0x2c, 0x2f, NUMBER("frequency", "Hz", -3)},
    {0x30, 0x31, NUMBER("power", "MJ/h", 2)},
    {0, 0, {0}},
};

/* Behind FD. */
static const struct row table_fd[] = {
    {0x08, 0x08, NUMBER("access_number", "", 0)},
    {0x09, 0x09, DIGITS("medium")},
    {0x0a, 0x0a, DIGITS("manufacturer")},
    {0x0b, 0x0b, DIGITS("parameter_set")},
    {0x0c, 0x0c, DIGITS("model_version")},
    {0x0d, 0x0d, DIGITS("hardware_version")},
    {0x0e, 0x0e, DIGITS("firmware_version")},
    {0x0f, 0x0f, DIGITS("software_version")},
    {0x10, 0x10, DIGITS("customer_location")},
    {0x11, 0x11, DIGITS("customer")},
    {0x17, 0x17, NUMBER("error_flags", "", 0)},
    {0x18, 0x18, NUMBER("error_mask", "", 0)},
    {0x1a, 0x1a, NUMBER("digital_output", "", 0)},
    {0x1b, 0x1b, NUMBER("digital_input", "", 0)},
    {0x3a, 0x3a, NUMBER("count", "", 0)},
    {0x40, 0x4f, NUMBER("voltage", "V", -9)},
    {0x50, 0x5f, NUMBER("current", "A", -12)},
    {0x60, 0x60, NUMBER("reset_counter", "", 0)},
    {0x61, 0x61, NUMBER("cumulation_counter", "", 0)},
    {0x74, 0x74, NUMBER("remaining_battery_life", "d", 0)},
    {0, 0, {0}},
};

static const struct row durations_fd[] = {
    {0x2c, 0x2f, NUMBER("duration_since_readout", "", 0)},
    {0, 0, {0}},
};

/* What extends a VIF. */
static const struct { uint8_t vife; const char *name; } qualifiers[] = {
    {0x13, "inverse_compact_profile"}, {0x1f, "compact_profile"}, {0x20, "per_second"}, {0x21, "per_minute"},
    {0x22, "per_hour"}, {0x23, "per_day"}, {0x24, "per_week"}, {0x25, "per_month"}, {0x26, "per_year"},
    {0x27, "per_revolution"}, {0x39, "start"}, {0x3a, "uncorrected"}, {0x3b, "forward"}, {0x3c, "backward"},
};
/* clang-format on */

static bool find(const struct row *table, uint8_t vif, bool duration, struct hz_vif *what)
{
    static const char *const units[] = {"s", "min", "h", "d"};
    for (; table->what.quantity; table++) {
        if (vif < table->first || vif > table->last)
            continue;
        *what = table->what;
        if (duration)
            what->unit = units[vif & 3];
        else if (what->kind == HZ_VIF_NUMBER)
            what->exponent += vif - table->first;
        return true;
    }
    return false;
}

/* One extension; factors 10^-6 to 10 are taken into the exponent. */
static bool extend(uint8_t vife, struct hz_vif *what, const char **qualifier)
{
    if ((vife & 0x78) == 0x70 && what->kind == HZ_VIF_NUMBER) {
        what->exponent += (vife & 7) - 6;
        return true;
    }
    for (size_t i = 0; i < sizeof qualifiers / sizeof *qualifiers && !*qualifier; i++)
        if (qualifiers[i].vife == vife) {
            *qualifier = qualifiers[i].name;
            return true;
        }
    return false;
}

void hz_vif_find(const uint8_t *vif, size_t n, struct hz_vif *what, const char **qualifier,
                 bool *odd)
{
    uint8_t first = n > 0 ? vif[0] & 0x7f : 0x7f, second = n > 1 ? vif[1] & 0x7f : 0xff;
    bool table_b = n > 1 && vif[0] == 0xfb, table_d = n > 1 && vif[0] == 0xfd;
    bool known;
    *what = (struct hz_vif){NULL, "", HZ_VIF_UNKNOWN, 0};
    *qualifier = NULL;
    *odd = false;
    if (table_b)
        known = find(table_fb, second, false, what);
    else if (table_d)
        known = find(table_fd, second, false, what) || find(durations_fd, second, true, what);
    else
        known = find(plain, first, false, what) || find(durations, first, true, what);
    if (!known)
        return;
    for (size_t i = table_b || table_d ? 2 : 1; i < n; i++)
        *odd |= !extend(vif[i] & 0x7f, what, qualifier);
}
