#include "proto/wmbus/describe.h"

#include "proto/out/record.h"
#include "proto/wmbus/record.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
const struct hz_field hz_wmbus_fields[] = {
    {"mode", "", "how it was sent: T1, C1 or S1 (EN 13757-4)", "'enum': ['T1', 'C1', 'S1']"},
    {"format", "", "of the frame: A or B", "'enum': ['A', 'B']"},
    {"id", "", "the meter's number, 8 digits", "'type': 'string', 'pattern': '^[0-9a-f]{8}$'"},
    {"link_id", "", "that of the radio, where the meter behind it has another", "'type': 'string', 'pattern': '^[0-9a-f]{8}$'"},
    {"manufacturer", "", "three letters (FLAG)", "'type': 'string'"},
    {"version", "", "of the meter", "'type': 'integer', 'minimum': 0, 'maximum': 255"},
    {"type", "", "what it measures, as `water`; a number where the name is not known", "'type': 'string'"},
    {"type_code", "", "the same as sent", "'type': 'integer', 'minimum': 0, 'maximum': 255"},
    {"control", "", "C field of the link layer: 68 (44h) is the usual, sent without being asked", "'type': 'integer', 'minimum': 0, 'maximum': 255"},
    {"ci", "", "which application protocol the data are: 114 and 122 (72h, 7ah) with records", "'type': 'integer', 'minimum': 0, 'maximum': 255"},
    {"access", "", "access number: another one for each new telegram", "'type': 'integer', 'minimum': 0, 'maximum': 255"},
    {"status", "", "byte of flags, 0: all is well", "'type': 'integer', 'minimum': 0, 'maximum': 255"},
    {"status_text", "", "what its standard bits say: busy, error, alarm, power_low, permanent_error, temporary_error", "'type': 'array', 'items': {'type': 'string'}"},
    {"encrypted", "", "the data could not be deciphered: `no_key`, `wrong_key`; absent where they are told", "'enum': ['no_key', 'wrong_key']"},
    {"security", "", "mode of encryption that was used: 5, 7; 1 with the extended link layer", "'type': 'integer', 'minimum': 0, 'maximum': 31"},
    {"authentic", "", "true: a check that only the key's owner could make was right", "'const': true"},
    {"total_m3", "m3", "the meter's reading, of volume now", "'type': 'number'"},
    {"target_m3", "m3", "the reading that it stored, as at the end of a year (`target_date`)", "'type': 'number'"},
    {"total_energy_consumption_kwh", "kWh", "the meter's reading, of energy now", "'type': 'number'"},
    {"target_energy_consumption_kwh", "kWh", "the reading that it stored", "'type': 'number'"},
    {"current_consumption_hca", "", "heat cost units now", "'type': 'number'"},
    {"consumption_at_set_date_hca", "", "heat cost units stored", "'type': 'number'"},
    {"power_kw", "kW", "power now", "'type': 'number'"},
    {"volume_flow_m3h", "m3/h", "flow now", "'type': 'number'"},
    {"flow_temperature_c", "C", "temperature of the flow now", "'type': 'number'"},
    {"return_temperature_c", "C", "temperature of the return now", "'type': 'number'"},
    {"external_temperature_c", "C", "temperature outside, or in the room, now", "'type': 'number'"},
    {"relative_humidity_rh", "%", "humidity now", "'type': 'number'"},
    {"meter_datetime", "", "the meter's clock, local time", "'type': 'string'"},
    {"target_date", "", "day of the stored reading", "'type': 'string'"},
    {"records", "", "the telegram's data records: docs/messages.md", "'type': 'array', 'items': {'type': 'object', 'required': ['quantity']}"},
    {"signature", "", "of a compact frame whose full one was not heard yet: its values are not told", "'type': 'string'"},
    {"data", "", "application data that are no records (the maker's own), hexadecimal", "'type': 'string'"},
    {0},
};

/* Names for what is sure: values now, of the first tariff; and those stored first. */
static const struct common {
    const char *quantity, *unit, *name;
    unsigned storage;
    int decimals;
} commons[] = {
    {"volume", "m3", "total_m3", 0, 6},
    {"volume", "m3", "target_m3", 1, 6},
    {"energy", "kWh", "total_energy_consumption_kwh", 0, 6},
    {"energy", "kWh", "target_energy_consumption_kwh", 1, 6},
    {"heat_cost", "hca", "current_consumption_hca", 0, 0},
    {"heat_cost", "hca", "consumption_at_set_date_hca", 1, 0},
    {"power", "kW", "power_kw", 0, 6},
    {"volume_flow", "m3/h", "volume_flow_m3h", 0, 6},
    {"flow_temperature", "C", "flow_temperature_c", 0, 3},
    {"return_temperature", "C", "return_temperature_c", 0, 3},
    {"external_temperature", "C", "external_temperature_c", 0, 3},
    {"relative_humidity", "%", "relative_humidity_rh", 0, 1},
    {"datetime", "", "meter_datetime", 0, 0},
    {"date", "", "target_date", 1, 0},
};
/* clang-format on */

enum { COMMONS = sizeof commons / sizeof *commons };

static void id_text(const uint8_t *address, char text[9])
{
    snprintf(text, 9, "%08x", hz_wmbus_id(address));
}

static void put_type(const uint8_t *address, struct hz_json *j)
{
    const char *name = hz_wmbus_type_name(address);
    char number[8];
    snprintf(number, sizeof number, "%d", address[7]);
    hz_json_str(j, "type", name ? name : number);
    hz_json_uint(j, "type_code", address[7]);
}

static void put_status(int status, struct hz_json *j)
{
    static const char *const low[] = {NULL, "busy", "error", "alarm"};
    static const char *const bits[] = {"power_low", "permanent_error", "temporary_error"};
    hz_json_int(j, "status", status);
    if ((status & 0x1f) == 0)
        return;
    hz_json_open_array(j, "status_text");
    if (status & 3)
        hz_json_str(j, NULL, low[status & 3]);
    for (int i = 0; i < 3; i++)
        if (status & 4 << i)
            hz_json_str(j, NULL, bits[i]);
    hz_json_close_array(j);
}

static void put_head(const struct hz_wmbus_telegram *t, struct hz_json *j)
{
    char id[9], link[9], maker[4];
    id_text(t->meter, id);
    id_text(t->link, link);
    hz_wmbus_maker(t->meter, maker);
    hz_json_str(j, "id", id);
    hz_about_id(j, id);
    if (strcmp(id, link) != 0)
        hz_json_str(j, "link_id", link);
    hz_json_str(j, "manufacturer", maker);
    hz_json_uint(j, "version", t->meter[6]);
    put_type(t->meter, j);
    hz_json_uint(j, "control", t->control);
    if (t->ci >= 0)
        hz_json_int(j, "ci", t->ci);
    if (t->access >= 0)
        hz_json_int(j, "access", t->access);
    if (t->status >= 0)
        put_status(t->status, j);
    if (t->secrecy == HZ_WMBUS_ENCRYPTED)
        hz_json_str(j, "encrypted", "no_key");
    if (t->secrecy == HZ_WMBUS_WRONG_KEY)
        hz_json_str(j, "encrypted", "wrong_key");
    if (t->security > 0)
        hz_json_int(j, "security", t->security);
    if (t->secrecy == HZ_WMBUS_DECIPHERED && t->checked)
        hz_json_bool(j, "authentic", true);
}

/* ---- records ------------------------------------------------------------------------------ */

static int decimals(const struct hz_meter_record *r)
{
    int places = r->coding == 5 ? 6 : 0; /* a float */
    places -= r->what.exponent;
    return places < 0 ? 0 : places > 9 ? 9 : places;
}

static void put_value(const struct hz_meter_record *r, const char *key, int places,
                      struct hz_json *j)
{
    if (r->what.kind == HZ_VIF_NUMBER)
        hz_json_decimals(j, key, r->value, places);
    else
        hz_json_str(j, key, r->text);
}

/* The first record with a common name is told by it. */
static void put_common(const struct hz_meter_record *r, bool told[COMMONS], struct hz_json *j)
{
    for (size_t i = 0; i < COMMONS; i++) {
        const struct common *c = &commons[i];
        if (told[i] || c->storage != r->storage || strcmp(c->quantity, r->what.quantity) != 0 ||
            strcmp(c->unit, r->what.unit) != 0)
            continue;
        told[i] = true;
        put_value(r, c->name, decimals(r), j);
    }
}

static bool plain(const struct hz_meter_record *r)
{
    return r->what.quantity && r->has_value && r->function == HZ_FUNCTION_NOW && r->tariff == 0 &&
           r->subunit == 0 && !r->qualifier && !r->odd && r->what.kind != HZ_VIF_UNKNOWN;
}

static void put_commons(const uint8_t *data, size_t n, struct hz_json *j)
{
    bool told[COMMONS] = {false};
    struct hz_meter_record r;
    for (size_t at = 0; hz_meter_record_next(data, n, &at, &r);)
        if (plain(&r))
            put_common(&r, told, j);
}

static void put_record(const struct hz_meter_record *r, struct hz_json *j)
{
    static const char *const functions[] = {NULL, "max", "min", "error"};
    hz_json_open(j, NULL);
    hz_json_str(j, "quantity", r->what.quantity ? r->what.quantity : "unknown");
    if (r->has_value)
        put_value(r, "value", decimals(r), j);
    if (r->has_value && r->what.unit[0] && r->what.kind == HZ_VIF_NUMBER)
        hz_json_str(j, "unit", r->what.unit);
    if (r->storage > 0)
        hz_json_uint(j, "storage", r->storage);
    if (r->tariff > 0)
        hz_json_uint(j, "tariff", r->tariff);
    if (r->subunit > 0)
        hz_json_uint(j, "subunit", r->subunit);
    if (functions[r->function])
        hz_json_str(j, "function", functions[r->function]);
    if (r->qualifier)
        hz_json_str(j, "qualifier", r->qualifier);
    if (!r->what.quantity || r->odd)
        hz_json_hex(j, "vif", r->vif, r->vif_n);
    hz_json_close(j);
}

static void put_records(const uint8_t *data, size_t n, struct hz_json *j)
{
    struct hz_meter_record r;
    size_t at = 0;
    put_commons(data, n, j);
    hz_json_open_array(j, "records");
    while (hz_meter_record_next(data, n, &at, &r))
        put_record(&r, j);
    hz_json_close_array(j);
    if (at < n) /* behind a record that is broken */
        hz_json_hex(j, "data", data + at, n - at);
}

static bool is_compact(int ci)
{
    return ci == 0x79 || ci == 0x7b || ci == 0x73;
}

static bool has_records(int ci)
{
    return ci == 0x72 || ci == 0x7a || ci == 0x78;
}

static void put_compact(struct hz_wmbus_state *st, const struct hz_wmbus_telegram *t,
                        struct hz_json *j)
{
    uint8_t full[HZ_WMBUS_BYTES];
    char signature[5];
    size_t n = hz_wmbus_compact_expand(&st->compact, t->data, t->n, full);
    if (n > 0) {
        put_records(full, n, j);
    } else if (t->n >= 2) {
        snprintf(signature, sizeof signature, "%02x%02x", t->data[1], t->data[0]);
        hz_json_str(j, "signature", signature);
    }
}

bool hz_wmbus_describe(struct hz_wmbus_state *st, const struct hz_wmbus_way *way,
                       const uint8_t *bytes, size_t n, struct hz_json *j)
{
    struct hz_wmbus_telegram t;
    char format[2] = {way->format, '\0'};
    if (!hz_wmbus_telegram_read(&t, bytes, n, &st->keys))
        return false;
    hz_json_str(j, "mode", way->mode);
    hz_json_str(j, "format", format);
    put_head(&t, j);
    if (t.secrecy == HZ_WMBUS_ENCRYPTED || t.secrecy == HZ_WMBUS_WRONG_KEY)
        return true;
    if (is_compact(t.ci)) {
        put_compact(st, &t, j);
    } else if (has_records(t.ci)) {
        hz_wmbus_compact_learn(&st->compact, t.data, t.n);
        put_records(t.data, t.n, j);
    } else if (t.n > 0) {
        hz_json_hex(j, "data", t.data, t.n);
    }
    return true;
}
