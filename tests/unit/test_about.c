/* Whom and what place a record is about: the frames of tests/golden, whose contents are published.
 */
#include "proto/ais/describe.h"
#include "proto/out/record.h"
#include "proto/packet/ax25/frame.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static char text[16384];
static struct hz_json json;
static struct hz_about about;

static size_t begin(const char *hex, uint8_t *frame)
{
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++) {
        unsigned byte;
        cr_assert_eq(sscanf(hex + 2 * i, "%2x", &byte), 1);
        frame[i] = (uint8_t)byte;
    }
    about = (struct hz_about){.lat = NAN, .lon = NAN};
    hz_json_init(&json, text, sizeof text);
    hz_json_open(&json, NULL);
    json.about = &about;
    return n;
}

Test(about, ais_names_its_mmsi_and_place)
{
    uint8_t payload[64];
    struct hz_ais_state state = {0};
    size_t n = begin("0471db85a1400005cff1fa1b3a2441fe5a9e0246d8", payload);
    hz_ais_describe(&state, payload, 8 * n, &json);
    cr_expect_str_eq(about.id, "477553000");
    cr_expect_float_eq(about.lat, 47.582833, 1e-6);
    cr_expect_float_eq(about.lon, -122.345833, 1e-6);
}

Test(about, aprs_names_its_call_and_place)
{
    uint8_t frame[128];
    size_t n = begin("82a0a4a64040609c60868298987303f021343930332e35304e2f30373230312e3735572d5465"
                     "737420303031323334",
                     frame);
    hz_ax25_describe(frame, n, &json);
    cr_expect_str_eq(about.id, "N0CALL-9");
    cr_expect_float_eq(about.lat, 49.058333, 1e-6);
    cr_expect_float_eq(about.lon, -72.029167, 1e-6);
    n = begin("82a0a4a64040609c60868298987303f03e4e657420436f6e74726f6c2043656e746572", frame);
    hz_ax25_describe(frame, n, &json);
    cr_expect_str_eq(about.id, "N0CALL-9");
    cr_expect(isnan(about.lat) && isnan(about.lon), "a status gives no place");
}
