/* Which values of a field of an AIS message are told, and which mean that it is not known: the
 * highest that means something and the first that does not, of ITU-R M.1371-5 (annex 8), IMO
 * SN/Circ.236 (1/11), SN.1/Circ.289 (1/29 to 1/31), the CCNR's standard (DAC 200) and IALA A-126
 * (235/10). And what messages of unusual form tell. */
#include "proto/ais/describe.h"
#include "proto/ais/judge.h"
#include "proto/ais/sizes.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <string.h>

static const char *const absent = NULL;

struct message {
    uint8_t payload[HZ_AIS_PAYLOAD_MAX];
    unsigned bits;
};

static void put(struct message *m, unsigned at, unsigned n, uint32_t value)
{
    for (unsigned k = 0; k < n; k++) {
        unsigned bit = at + k;
        uint8_t mask = (uint8_t)(0x80 >> bit % 8);
        bool one = value >> (n - 1 - k) & 1;
        m->payload[bit / 8] =
            (uint8_t)(one ? m->payload[bit / 8] | mask : m->payload[bit / 8] & ~mask);
    }
}

/* Six-bit text: capitals and digits, blanks; '@' fills up. */
static void put_text(struct message *m, unsigned at, unsigned chars, const char *text)
{
    size_t n = strlen(text);
    for (unsigned i = 0; i < chars; i++)
        put(m, at + 6 * i, 6, i < n ? (unsigned)text[i] & 63 : 0);
}

static struct message message(unsigned type, unsigned bits)
{
    struct message m = {{0}, bits};
    put(&m, 0, 6, type);
    put(&m, 8, 30, 244660010);
    return m;
}

static cJSON *describe(const struct message *m)
{
    static char text[16384];
    struct hz_json j;
    struct hz_ais_state state = {.channel = 'A'};
    hz_json_init(&j, text, sizeof text - 1);
    hz_json_open(&j, NULL);
    hz_ais_describe(&state, m->payload, m->bits, &j);
    hz_json_close(&j);
    cr_assert_not(j.full);
    text[j.len] = '\0';
    cJSON *o = cJSON_Parse(text);
    cr_assert(o, "%s", text);
    return o;
}

/* The field as JSON text in `out`, or NULL where it is absent. */
static const char *field(const struct message *m, const char *name, char *out, size_t room)
{
    cJSON *o = describe(m), *v = cJSON_GetObjectItem(o, name);
    if (v)
        cr_assert(cJSON_PrintPreallocated(v, out, (int)room, false));
    cJSON_Delete(o);
    return v ? out : NULL;
}

static void expect(const struct message *m, const char *name, const char *want, uint32_t raw)
{
    char text[256];
    const char *is = field(m, name, text, sizeof text);
    cr_expect(want ? is && strcmp(is, want) == 0 : !is, "type %d, %s of %u: %s, expected %s",
              m->payload[0] >> 2, name, raw, is ? is : "absent", want ? want : "absent");
}

Test(ais_contents, values_that_are_told_and_values_that_are_not_available)
{
    static const struct {
        unsigned type, bits, at, n;
        const char *name;
        uint32_t last, none; /* raw */
        const char *told;
    } rows[] = {
        {1, 168, 42, 8, "turn", 126, 128, "709"},
        {1, 168, 50, 10, "speed", 1022, 1023, "102.2"},
        {1, 168, 116, 12, "course", 3599, 3600, "359.9"},
        {1, 168, 116, 12, "course", 0, 4095, "0"},
        {1, 168, 128, 9, "heading", 359, 511, "359"},
        {1, 168, 128, 9, "heading", 0, 360, "0"},
        {1, 168, 137, 6, "second", 63, 60, "63"},
        {1, 168, 143, 2, "maneuver", 2, 0, "2"},
        {1, 168, 143, 2, "maneuver", 1, 3, "1"},
        {1, 168, 61, 28, "lon", 180 * 600000, 181 * 600000, "180"},
        {1, 168, 61, 28, "lon", 0, 180 * 600000 + 1, "0"},
        {1, 168, 89, 27, "lat", 90 * 600000, 91 * 600000, "90"},
        {1, 168, 89, 27, "lat", 0x8000000 - 90 * 600000, 0x8000000 - 90 * 600000 - 1, "-90"},
        {4, 168, 134, 4, "epfd", 15, 0, "15"},
        {5, 424, 40, 30, "imo", 9074729, 0, "9074729"},
        {5, 424, 232, 8, "shiptype", 255, 0, "255"},
        {5, 424, 294, 8, "draught", 255, 0, "25.5"},
        {5, 424, 240, 30, "to_starboard", 1, 0, "1"},
        {9, 168, 38, 12, "alt", 4094, 4095, "4094"},
        {9, 168, 50, 10, "speed", 1022, 1023, "1022"},
        {18, 168, 46, 10, "speed", 1022, 1023, "102.2"},
        {18, 168, 124, 9, "heading", 359, 511, "359"},
        {19, 312, 263, 8, "shiptype", 99, 0, "99"},
        {20, 72, 40, 12, "offset1", 2249, 0, "2249"},
        {21, 272, 38, 5, "aid_type", 31, 0, "31"},
        {21, 272, 253, 6, "second", 59, 60, "59"},
        {27, 96, 79, 6, "speed", 62, 63, "62"},
        {27, 96, 85, 9, "course", 359, 511, "359"},
        {27, 96, 44, 18, "lon", 180 * 600, 181 * 600, "180"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct message m = message(rows[i].type, rows[i].bits);
        put(&m, rows[i].at, rows[i].n, rows[i].last);
        expect(&m, rows[i].name, rows[i].told, rows[i].last);
        put(&m, rows[i].at, rows[i].n, rows[i].none);
        expect(&m, rows[i].name, absent, rows[i].none);
    }
}

/* `at` counts from the contents' first bit. */
Test(ais_contents, values_of_applications_that_are_told_and_that_are_not_available)
{
    static const struct {
        unsigned type, dac, fid, at, n;
        const char *name;
        uint32_t last, none;
        const char *told;
    } rows[] = {
        {8, 1, 11, 65, 7, "wspeed", 120, 127, "120"},
        {8, 1, 11, 72, 7, "wgust", 0, 121, "0"},
        {8, 1, 11, 79, 9, "wdir", 359, 511, "359"},
        {8, 1, 11, 97, 11, "airtemp", 1200, 2047, "60"},
        {8, 1, 11, 97, 11, "airtemp", 0, 1201, "-60"},
        {8, 1, 11, 108, 7, "humidity", 100, 127, "100"},
        {8, 1, 11, 115, 10, "dewpoint", 700, 1023, "50"},
        {8, 1, 11, 125, 9, "pressure", 400, 511, "1200"},
        {8, 1, 11, 125, 9, "pressure", 0, 401, "800"},
        {8, 1, 11, 134, 2, "pressuretend", 2, 3, "2"},
        {8, 1, 11, 136, 8, "visibility", 250, 255, "25"},
        {8, 1, 11, 144, 9, "waterlevel", 400, 511, "30"},
        {8, 1, 11, 155, 8, "cspeed", 250, 255, "25"},
        {8, 1, 11, 189, 5, "cdepth2", 30, 31, "30"},
        {8, 1, 11, 224, 6, "waveperiod", 60, 63, "60"},
        {8, 1, 11, 262, 4, "seastate", 12, 15, "12"},
        {8, 1, 11, 266, 10, "watertemp", 600, 1023, "50"},
        {8, 1, 11, 276, 3, "preciptype", 5, 7, "5"},
        {8, 1, 11, 276, 3, "preciptype", 1, 0, "1"},
        {8, 1, 11, 279, 9, "salinity", 500, 511, "50"},
        {8, 1, 11, 288, 2, "ice", 1, 3, "1"},
        {8, 1, 11, 288, 2, "ice", 0, 2, "0"},
        {8, 1, 31, 66, 7, "wspeed", 126, 127, "126"},
        {8, 1, 31, 80, 9, "wdir", 359, 360, "359"},
        {8, 1, 31, 98, 11, "airtemp", 2048 - 600, 1024, "-60"},
        {8, 1, 31, 98, 11, "airtemp", 600, 601, "60"},
        {8, 1, 31, 109, 7, "humidity", 100, 101, "100"},
        {8, 1, 31, 116, 10, "dewpoint", 500, 501, "50"},
        {8, 1, 31, 126, 9, "pressure", 402, 403, "1201"},
        {8, 1, 31, 138, 7, "visibility", 126, 127, "12.6"},
        {8, 1, 31, 138, 7, "visgreater", 126, 127, "false"},
        {8, 1, 31, 145, 12, "waterlevel", 4000, 4001, "30"},
        {8, 1, 31, 159, 8, "cspeed", 251, 255, "25.1"},
        {8, 1, 31, 167, 9, "cdir", 359, 360, "359"},
        {8, 1, 31, 266, 4, "seastate", 12, 13, "12"},
        {8, 1, 31, 270, 10, "watertemp", 500, 501, "50"},
        {8, 1, 31, 280, 3, "preciptype", 5, 6, "5"},
        {8, 1, 31, 283, 9, "salinity", 501, 510, "50.1"},
        {8, 1, 31, 283, 9, "salinity", 0, 511, "0"},
        {8, 1, 31, 292, 2, "ice", 1, 3, "1"},
        {8, 1, 29, 0, 10, "linkage", 1023, 0, "1023"},
        {6, 1, 30, 0, 10, "linkage", 1, 0, "1"},
        {8, 200, 10, 48, 13, "length", 8000, 0, "800"},
        {8, 200, 10, 48, 13, "length", 1, 8001, "0.1"},
        {8, 200, 10, 61, 10, "beam", 1000, 0, "100"},
        {8, 200, 10, 71, 14, "shiptype", 8370, 0, "8370"},
        {8, 200, 10, 85, 3, "hazard", 4, 5, "4"},
        {8, 200, 10, 88, 11, "draught", 2000, 0, "20"},
        {8, 200, 10, 99, 2, "loaded", 2, 0, "2"},
        {8, 200, 10, 99, 2, "loaded", 1, 3, "1"},
        {8, 200, 55, 0, 8, "crew", 254, 255, "254"},
        {6, 200, 55, 8, 13, "passengers", 8190, 8191, "8190"},
        {6, 235, 10, 0, 10, "ana_int", 720, 0, "36"},
        {6, 250, 10, 10, 10, "ana_ext1", 1, 721, "0.05"},
        {6, 235, 10, 20, 10, "ana_ext2", 274, 0, "13.7"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned at = rows[i].type == 6 ? 88 : 56;
        struct message m = message(rows[i].type, at + 304);
        put(&m, at - 16, 10, rows[i].dac);
        put(&m, at - 6, 6, rows[i].fid);
        put(&m, at + rows[i].at, rows[i].n, rows[i].last);
        expect(&m, rows[i].name, rows[i].told, rows[i].last);
        put(&m, at + rows[i].at, rows[i].n, rows[i].none);
        expect(&m, rows[i].name, absent, rows[i].none);
    }
}

/* Filled up to the slot with zeros, as many transmitters do: what is not said is not there. */
Test(ais_contents, fill_says_nothing)
{
    static const struct {
        unsigned type;
        const char *names[6];
    } rows[] = {
        {7, {"mmsi1", "mmsiseq1", "mmsi2", "mmsiseq2", "mmsi4", "mmsiseq4"}},
        {15, {"type1_2", "offset1_2", "mmsi2", "type2_1", "offset2_1", "mmsi1_3"}},
        {16, {"mmsi2", "offset2", "increment2", "mmsi3", "offset3", "increment3"}},
        {20, {"offset1", "number1", "timeout1", "increment1", "increment2", "increment4"}},
        {24, {"shipname", "vendorid", "model", "serial", "callsign", "name"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct message m = message(rows[i].type, 168);
        put(&m, 38, 2, 1); /* part B of 24 */
        for (size_t k = 0; k < 6; k++)
            expect(&m, rows[i].names[k], absent, 0);
    }
    struct message m = message(20, 168);
    put(&m, 70, 12, 300); /* a reservation that is not repeated */
    expect(&m, "offset2", "300", 0);
    expect(&m, "increment2", "0", 0);
    m = message(7, 168);
    put(&m, 72, 30, 2446600);
    expect(&m, "mmsi2", "2446600", 0);
    expect(&m, "mmsiseq2", "0", 0);
    m = message(24, 168);
    put(&m, 38, 2, 1);
    put_text(&m, 48, 3, "SRT");
    expect(&m, "model", "0", 0);
}

Test(ais_contents, names_of_aids_and_ships)
{
    static const struct {
        const char *first, *more, *name;
    } names[] = {
        {"BREAKWATER NORTH ENT", "RANCE", "\"BREAKWATER NORTH ENTRANCE\""},
        {"INNER HARBOUR, WEST ", "MARK 3", "\"INNER HARBOUR, WEST MARK 3\""},
        {"SHOAL               ", "  17", "\"SHOAL                 17\""},
        {"SHOAL               ", "", "\"SHOAL\""},
        {"ENDS HERE", "NOT", "\"ENDS HERE\""},
        {"", "NOT", NULL},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        unsigned more = (unsigned)strlen(names[i].more);
        struct message m = message(21, 272 + (6 * more + 7) / 8 * 8);
        put_text(&m, 43, 20, names[i].first);
        put_text(&m, 272, more, names[i].more);
        expect(&m, "name", names[i].name, 0);
    }
    struct message m = message(21, 272);
    put(&m, 253, 6, 59);
    put(&m, 259, 1, 1);
    expect(&m, "off_position", "true", 0);
    put(&m, 253, 6, 61); /* valid beside a second only */
    expect(&m, "off_position", absent, 0);
    m = message(8, 168);
    put(&m, 40, 10, 200);
    put(&m, 50, 6, 10);
    put_text(&m, 56, 8, "00000000");
    expect(&m, "vin", absent, 0);
    put_text(&m, 56, 8, "04810070");
    expect(&m, "vin", "\"04810070\"", 0);
}

Test(ais_contents, what_is_odd_is_named)
{
    static const struct {
        unsigned type, bits;
        uint32_t mmsi;
        const char *odd;
    } rows[] = {
        {1, 168, 244660010, NULL},
        {1, 200, 244660010, "[\"length\"]"},
        {27, 168, 244660010, "[\"length\"]"},
        {24, 160, 244660010, NULL},
        {24, 176, 244660010, "[\"length\"]"},
        {28, 168, 244660010, "[\"type\"]"},
        {0, 168, 0, "[\"type\",\"mmsi\"]"},
        {60, 163, 244660010, "[\"type\",\"bits\"]"},
        {14, 101, 1073741823, "[\"bits\",\"mmsi\"]"},
        {5, 168, 123456789, "[\"length\",\"mmsi\"]"},
        {9, 168, 111232511, NULL},
        {4, 168, 2446600, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct message m = message(rows[i].type, rows[i].bits);
        put(&m, 8, 30, rows[i].mmsi);
        expect(&m, "odd", rows[i].odd, rows[i].mmsi);
        cJSON *o = describe(&m);
        cr_expect_eq(cJSON_GetObjectItem(o, "type")->valueint, (int)rows[i].type);
        cr_expect_eq(cJSON_GetObjectItem(o, "mmsi")->valuedouble, rows[i].mmsi);
        cJSON_Delete(o);
    }
    struct message m = message(14, 47); /* "A", one bit more: 8 characters, 1 bit of fill */
    put_text(&m, 40, 1, "A");
    expect(&m, "text", "\"A\"", 0);
    expect(&m, "nmea", "[\"!AIVDM,1,1,,A,>3aDo:P4,1*3E\"]", 0);
}
