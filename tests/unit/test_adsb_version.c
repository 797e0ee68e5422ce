/* What the versions of ADS-B say with the same bits, through hz_adsb_describe. Tables: DO-260B,
 * appendix N, and DO-260C. Frames are made here from their bits; the check at their end is not
 * looked at. */
#include "adsb_frames.h"
#include "proto/adsb/version.h"

static struct hz_aircraft_table *table;

static void begin(void)
{
    table = new_table((double)NAN, (double)NAN);
}

static void end(void)
{
    free(table);
}

TestSuite(adsb_version, .init = begin, .fini = end);

enum { UNKNOWN = -1 };

/* n bits from bit `first` (from 1) of the ME field. */
static void put(uint8_t frame[14], unsigned first, unsigned n, uint32_t value)
{
    for (unsigned i = 0; i < n; i++) {
        unsigned at = 32 + first - 1 + i;
        frame[at / 8] &= (uint8_t) ~(0x80 >> at % 8);
        frame[at / 8] |= (uint8_t)((value >> (n - 1 - i) & 1) * (0x80u >> at % 8));
    }
}

/* A squitter of aircraft `address` with that type code. */
static void squitter(uint8_t frame[14], uint32_t address, unsigned typecode)
{
    memset(frame, 0, 14);
    frame[0] = 0x8d;
    frame[1] = (uint8_t)(address >> 16);
    frame[2] = (uint8_t)(address >> 8);
    frame[3] = (uint8_t)address;
    put(frame, 1, 5, typecode);
}

static cJSON *say(const uint8_t frame[14], int64_t time_ns)
{
    char hex[29];
    for (int i = 0; i < 14; i++)
        snprintf(hex + 2 * i, 3, "%02x", frame[i]);
    return describe(table, hex, time_ns);
}

/* An operational status in the air with NIC supplement A; nothing for UNKNOWN. */
static void status(uint32_t address, int version, unsigned nic_a)
{
    uint8_t f[14];
    if (version == UNKNOWN)
        return;
    squitter(f, address, 31);
    put(f, 41, 3, (uint32_t)version);
    put(f, 44, 1, nic_a);
    cJSON *o = say(f, 0);
    cr_assert_eq(number(o, "version"), version);
    cJSON_Delete(o);
}

Test(adsb_version, integrity)
{
    static const struct {
        int version;
        unsigned a, b, tc;
        double nic, rc; /* rc 0: absent */
    } rows[] = {
        {0, 0, 0, 7, 8, 186},    {1, 1, 0, 7, 9, 75},         {2, 1, 0, 7, 9, 75},
        {3, 1, 0, 7, 9, 75},     {1, 1, 0, 8, 0, 0},          {2, 1, 0, 8, 6, 556},
        {0, 0, 1, 11, 8, 186},   {1, 1, 0, 11, 9, 75},        {2, 1, 0, 11, 8, 186},
        {2, 1, 1, 11, 9, 75},    {3, 1, 1, 11, 9, 75},        {UNKNOWN, 0, 1, 11, 8, 186},
        {0, 0, 1, 13, 6, 926},   {1, 0, 1, 13, 6, 926},       {1, 1, 1, 13, 6, 1112},
        {2, 0, 1, 13, 6, 556},   {2, 1, 1, 13, 6, 1112},      {UNKNOWN, 0, 0, 13, 6, 1112},
        {0, 0, 0, 16, 1, 18520}, {1, 0, 0, 16, 2, 14816},     {1, 1, 0, 16, 3, 7408},
        {2, 1, 1, 16, 3, 7408},  {2, 1, 0, 16, 2, 14816},     {UNKNOWN, 0, 1, 16, 1, 18520},
        {0, 0, 0, 20, 11, 8},    {1, 0, 0, 20, 11, 8},        {2, 1, 1, 20, 11, 8},
        {3, 1, 1, 20, 8, 186},   {UNKNOWN, 0, 0, 20, 8, 186}, {0, 0, 0, 21, 10, 25},
        {2, 0, 0, 21, 10, 25},   {3, 0, 0, 21, 7, 371},       {0, 0, 0, 22, 0, 0},
        {3, 0, 0, 22, 0, 0},     {UNKNOWN, 0, 0, 12, 7, 371}, {3, 0, 0, 18, 0, 0},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t f[14];
        status(i + 1, rows[i].version, rows[i].a);
        squitter(f, i + 1, rows[i].tc);
        if (rows[i].tc > 8)
            put(f, 8, 1, rows[i].b);
        put(f, 23, 17, 1234);
        cJSON *o = say(f, SECOND);
        cr_expect_eq(number(o, "nic"), rows[i].nic, "row %u: %g", i, number(o, "nic"));
        cr_expect_eq(has(o, "rc") ? number(o, "rc") : 0, rows[i].rc, "row %u", i);
        cJSON_Delete(o);
    }
}

/* Version 3 grades type codes 20 and 22 by two bits of a velocity that has no difference. */
Test(adsb_version, supplement_d)
{
    static const double nic[2][4] = {{8, 9, 10, 11}, {0, 4, 5, 6}};
    static const double rc[2][4] = {{186, 75, 25, 8}, {0, 3704, 1852, 1112}};
    for (unsigned d = 0; d < 4; d++) {
        uint8_t f[14];
        status(7, 3, 0);
        squitter(f, 7, 19);
        put(f, 6, 3, 1);
        put(f, 47, 2, d);
        cJSON_Delete(say(f, 0));
        for (unsigned k = 0; k < 2; k++) {
            squitter(f, 7, 20 + 2 * k);
            put(f, 23, 17, 1);
            cJSON *o = say(f, 0);
            cr_expect_eq(number(o, "nic"), nic[k][d], "%u %u", d, k);
            cr_expect_eq(has(o, "rc") ? number(o, "rc") : 0, rc[k][d]);
            cJSON_Delete(o);
        }
    }
}

/* Supplement C comes with a status on the ground, where its capabilities have format 0. */
Test(adsb_version, supplement_c)
{
    for (unsigned format = 0; format < 4; format++) {
        uint8_t f[14];
        squitter(f, 5, 31);
        put(f, 6, 3, 1);
        put(f, 9, 2, format);
        put(f, 17, 3, 2);
        put(f, 20, 1, 1);
        put(f, 25, 2, 3 - format);
        put(f, 31, 2, 2);
        put(f, 41, 3, 2);
        cJSON *o = say(f, 0);
        cr_expect_eq(has(o, "nac_v"), format == 0);
        cr_expect_eq(has(o, "sda"), format == 3);
        cJSON_Delete(o);
        squitter(f, 5, 8);
        put(f, 23, 17, 1);
        o = say(f, 0);
        cr_expect_eq(number(o, "nic"), 6, "C as said by format 0, and kept");
        cr_expect_eq(number(o, "rc"), 1112);
        cJSON_Delete(o);
    }
}

Test(adsb_version, emergencies)
{
    static const char *const words[5][8] = {
        {"none", "general", "", "minfuel", "nordo", "unlawful", "", ""},
        {"none", "general", "lifeguard", "minfuel", "nordo", "unlawful", "reserved", "reserved"},
        {"none", "general", "lifeguard", "minfuel", "nordo", "unlawful", "downed", "reserved"},
        {"none", "general", "lifeguard", "minfuel", "nordo", "unlawful", "downed", "reserved"},
        {"none", "general", "lostlink", "minfuel", "nordo", "unlawful", "distress_automatic",
         "distress_manual"}};
    for (int version = UNKNOWN; version <= 3; version++) {
        status((uint32_t)version + 9, version, 0);
        for (unsigned code = 0; code < 8; code++) {
            uint8_t f[14];
            squitter(f, (uint32_t)version + 9, 28);
            put(f, 6, 3, 1);
            put(f, 9, 3, code);
            put(f, 12, 13, 0x0808);
            cJSON *o = say(f, 0);
            cr_expect_str_eq(text(o, "emergency"), words[version + 1][code], "%d %u", version,
                             code);
            cr_expect_eq(has(o, "squawk"), version != 0 && version != 1, "%d", version);
            cJSON_Delete(o);
        }
    }
}

/* The broadcast of an advisory came with version 2. */
Test(adsb_version, advisories)
{
    for (int version = UNKNOWN; version <= 3; version++) {
        uint8_t f[14];
        status((uint32_t)version + 9, version, 0);
        squitter(f, (uint32_t)version + 9, 28);
        put(f, 6, 3, 2);
        put(f, 9, 2, 3);
        cJSON *o = say(f, 0);
        cr_expect_eq(has(o, "acas_ra"), version != 0 && version != 1, "%d", version);
        cJSON_Delete(o);
    }
}

/* Lower ends of the steps in knots; NAN: not said. */
Test(adsb_version, movement)
{
    static const struct {
        unsigned code;
        double unknown, old, new;
    } rows[] = {{1, 0, 0, 0},           {2, NAN, 0.125, 0},     {3, NAN, 0.25, 0.125},
                {4, NAN, 0.375, 0.271}, {6, NAN, 0.625, 0.563}, {8, NAN, 0.875, 0.854},
                {9, 1, 1, 1},           {13, 2, 2, 2},          {38, 14.5, 14.5, 14.5},
                {39, 15, 15, 15},       {94, 70, 70, 70},       {123, 170, 170, 170},
                {124, 175, 175, 175},   {0, NAN, NAN, NAN},     {125, NAN, NAN, NAN}};
    for (int version = UNKNOWN; version <= 3; version++) {
        status((uint32_t)version + 9, version, 0);
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            uint8_t f[14];
            squitter(f, (uint32_t)version + 9, 7);
            put(f, 6, 7, rows[i].code);
            cJSON *o = say(f, 0);
            double want = version == UNKNOWN ? rows[i].unknown
                          : version < 2      ? rows[i].old
                                             : rows[i].new;
            cr_expect_eq(has(o, "gs"), !isnan(want), "%d %u", version, rows[i].code);
            if (!isnan(want))
                cr_expect_float_eq(number(o, "gs"), want, 1e-9, "%d %u", version, rows[i].code);
            cJSON_Delete(o);
        }
    }
}

/* Type code 29: subtype 0 with a 1 in bit 11 is of version 0 and says nothing here, with a 0 it is
 * of version 1; subtype 1 is of versions 2 and 3. */
Test(adsb_version, target_states)
{
    for (int version = UNKNOWN; version <= 3; version++) {
        status((uint32_t)version + 9, version, 0);
        for (unsigned kind = 0; kind < 4; kind++) {
            uint8_t f[14];
            squitter(f, (uint32_t)version + 9, 29);
            put(f, 6, 2, kind == 1 ? 1 : kind == 3 ? 2 : 0);
            put(f, 11, 1, kind == 2);
            put(f, 12, 5, 21);
            put(f, 40, 4, 9);
            put(f, 44, 1, 1);
            put(f, 45, 2, 3);
            cJSON *o = say(f, 0);
            bool v1 = kind == 0 && (version == UNKNOWN || version == 1);
            bool v2 = kind == 1 && (version == UNKNOWN || version >= 2);
            cr_expect_eq(has(o, "nac_p"), v1 || v2, "%d %u", version, kind);
            cr_expect_eq(has(o, "emergency"), v1, "%d %u", version, kind);
            cr_expect_eq(has(o, "nav_altitude_mcp"), v2, "%d %u", version, kind);
            cr_expect_eq(has(o, "nic_baro"), (v1 && version == 1) || (v2 && version == 2), "%d %u",
                         version, kind);
            cJSON_Delete(o);
        }
    }
}

/* Version 0 has data where versions 2 and 3 have reserved bits. */
Test(adsb_version, target_state_of_unknown_version)
{
    uint8_t f[14];
    squitter(f, 1, 29);
    put(f, 6, 2, 1);
    put(f, 10, 11, 100);
    put(f, 55, 2, 2);
    cJSON *o = say(f, 0);
    cr_expect_not(has(o, "nav_altitude_mcp"));
    cr_expect_not(has(o, "nac_p"));
    cJSON_Delete(o);
}

/* Version 3: no NICbaro in the air, no airspeed in velocities; numbers to come are read as 3. */
Test(adsb_version, version_3)
{
    for (unsigned v = 3; v < 8; v++) {
        uint8_t f[14];
        squitter(f, v, 31);
        put(f, 41, 3, v);
        put(f, 45, 4, 12); /* reserved */
        put(f, 53, 2, 3);
        cJSON *o = say(f, 0);
        cr_expect_eq(number(o, "version"), v);
        cr_expect_not(has(o, "nic_baro"));
        cr_expect_not(has(o, "nac_p"));
        cr_expect(has(o, "gva"));
        cJSON_Delete(o);
        squitter(f, v, 19);
        put(f, 6, 3, 3);
        put(f, 14, 1, 1);
        put(f, 26, 10, 300);
        o = say(f, 0);
        cr_expect_not(has(o, "ias"));
        cr_expect_not(has(o, "mag_heading"));
        cJSON_Delete(o);
    }
}

/* Difference of the altitudes: in steps of 25 ft before version 3, then of 12.5 and 100 ft
 * (DO-260C, table 2-27). */
Test(adsb_version, geometric_altitudes)
{
    static const struct {
        int version;
        unsigned seven, high, low; /* bits 50 to 56; 10, 47 and 48; 9 */
        double want;               /* over 30,000 ft; NAN: not said */
    } rows[] = {{2, 2, 0, 1, 25},     {2, 127, 0, 0, 3150}, {2, 0, 0, 1, NAN}, {3, 1, 0, 0, 0},
                {3, 1, 0, 1, 13},     {3, 2, 0, 0, 25},     {3, 2, 0, 1, 38},  {3, 127, 0, 0, 3150},
                {3, 127, 1, 0, 3350}, {3, 127, 7, 1, 4650}, {3, 0, 3, 0, NAN}, {3, 9, 1, 0, NAN}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (unsigned sign = 0; sign < 2; sign++) {
            uint8_t f[14];
            status(40 + i, rows[i].version, 0);
            squitter(f, 40 + i, 11);
            put(f, 9, 12, 0x9b8); /* 30,000 ft */
            cJSON_Delete(say(f, 0));
            squitter(f, 40 + i, 19);
            put(f, 6, 3, 1);
            put(f, 9, 1, rows[i].low);
            put(f, 10, 1, rows[i].high >> 2);
            put(f, 47, 2, rows[i].high & 3);
            put(f, 49, 1, sign);
            put(f, 50, 7, rows[i].seven);
            cJSON *o = say(f, 0);
            double want = sign ? -floor(rows[i].want) : rows[i].want; /* halves go up */
            cr_expect_eq(has(o, "alt_geom"), !isnan(want), "row %u", i);
            if (!isnan(want))
                cr_expect_float_eq(number(o, "alt_geom"), 30000 + want, 1.0, "row %u: %g", i,
                                   number(o, "alt_geom"));
            cJSON_Delete(o);
        }
    }
}

/* DO-260B, 2.2.17.3.4: a velocity that a ground station tells. */
Test(adsb_version, tisb_velocity)
{
    uint8_t f[14];
    squitter(f, 0x4b1900, 19);
    f[0] = 0x92;
    put(f, 6, 3, 1);
    put(f, 10, 4, 8);
    put(f, 15, 10, 301);
    put(f, 26, 10, 401);
    put(f, 37, 1, 1);
    put(f, 38, 9, 13);
    put(f, 47, 1, 1);
    put(f, 48, 3, 1);
    put(f, 51, 2, 3);
    cJSON *o = say(f, 0);
    cr_expect_float_eq(number(o, "gs"), 500, 1e-9);
    cr_expect_eq(number(o, "vert_rate"), -768);
    cr_expect_eq(number(o, "nac_p"), 8);
    cr_expect_eq(number(o, "nac_v"), 1);
    cr_expect_eq(number(o, "sil"), 3);
    cr_expect_str_eq(text(o, "sil_type"), "unknown");
    cr_expect_not(has(o, "geom_rate"));
    cJSON_Delete(o);
    put(f, 36, 1, 1); /* the last bits are a difference now */
    o = say(f, 0);
    cr_expect_eq(number(o, "nac_p"), 8);
    cr_expect_not(has(o, "nac_v"));
    cr_expect_not(has(o, "sil"));
    cJSON_Delete(o);
}

/* In ADS-R the eighth bit of a position says whose address it is, not its integrity. */
Test(adsb_version, rebroadcast)
{
    uint8_t f[14];
    status(0x4b1901 | 0, 2, 1);
    squitter(f, 0x4b1901, 11);
    f[0] = 0x96;
    put(f, 8, 1, 1);
    put(f, 23, 17, 1);
    cJSON *o = say(f, 0);
    cr_expect_str_eq(text(o, "type"), "adsr_other");
    cr_expect_eq(number(o, "nic"), 8);
    cJSON_Delete(o);
}

/* An alert hides whether ident was pressed (DO-260B, 2.2.3.2.3.2). */
Test(adsb_version, surveillance_status)
{
    for (unsigned s = 0; s < 4; s++) {
        uint8_t f[14];
        squitter(f, 3, 11);
        put(f, 6, 2, s);
        cJSON *o = say(f, 0);
        cr_expect_eq(number(o, "alert"), s == 1 || s == 2);
        cr_expect_eq(has(o, "spi"), s == 0 || s == 3);
        if (has(o, "spi"))
            cr_expect_eq(number(o, "spi"), s == 3);
        cJSON_Delete(o);
    }
}

/* Riddle's pair with what a broken encoder sends in between. */
Test(adsb_version, positions_of_broken_encoders)
{
    static const struct {
        unsigned tc, lat;
        bool odd, told;
    } rows[] = {{15, 0x1f000, false, false},
                {15, 0x01000, true, false},
                {11, 0, false, false},
                {11, 0, true, false},
                {14, 0x1f000, true, true}};
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t f[14];
        cJSON_Delete(describe_as(table, "8D40621D58C386435CC412692AD6", 100 + i, 0));
        squitter(f, 100 + i, rows[i].tc);
        put(f, 22, 1, rows[i].odd);
        put(f, 23, 17, rows[i].lat);
        cJSON *o = say(f, SECOND);
        cr_expect_eq(has(o, "nic"), rows[i].told, "row %u", i);
        cr_expect_not(has(o, "lat"), "row %u", i);
        cJSON_Delete(o);
        o = describe_as(table, "8D40621D58C382D690C8AC2863A7", 100 + i, 2 * SECOND);
        cr_expect(rows[i].told || has(o, "lat"), "row %u", i);
        cJSON_Delete(o);
    }
}
