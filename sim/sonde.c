#include "sim/sonde.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Layout and whitening: rs1729/RS, rs41mod, and bazjo/RS41_Decoding. */
static const uint8_t whitening[64] = {
    0x96, 0x83, 0x3e, 0x51, 0xb1, 0x49, 0x08, 0x98, 0x32, 0x05, 0x59, 0x0e, 0xf9, 0x44, 0xc6, 0x26,
    0x21, 0x60, 0xc2, 0xea, 0x79, 0x5d, 0x6d, 0xa1, 0x54, 0x69, 0x47, 0x0c, 0xdc, 0xe8, 0x5c, 0xf1,
    0xf7, 0x76, 0x82, 0x7f, 0x07, 0x99, 0xa2, 0x2c, 0x93, 0x7c, 0x30, 0x63, 0xf5, 0x10, 0x2e, 0x61,
    0xd0, 0xbc, 0xb4, 0xb6, 0x06, 0xaa, 0xf4, 0x23, 0x78, 0x6e, 0x3b, 0xae, 0xbf, 0x7b, 0x4c, 0xc1};
static const uint8_t header[8] = {0x86, 0x35, 0xf4, 0x40, 0x93, 0xdf, 0x1a, 0x60};

/* Calibration: of the temperature sensor R = (f / g - Rb) * cal, T = co0 + co1 R + co2 R^2; the
 * humidity is linear in the capacity, the pressure in the ratio of frequencies. */
static const double r1 = 750, r2 = 1100, c1 = 0, c2 = 47, cal_t = 1.303, co0 = -243.9108,
                    co1 = 0.187654, co2 = 8.2e-6, cal_h0 = 45.9, cal_h1 = 4.97, h00 = -2.5,
                    h10 = 28, p0 = -600, p1 = 1000, p24 = 1.5;
static const double ref1_t = 132000, ref2_t = 187000, ref1_h = 481000, ref2_h = 555000,
                    ref1_p = 301000, ref2_p = 365000;
static const double pi = 3.14159265358979323846;

/* ---- numbers into octets, low one first ---- */

static void put(uint8_t *to, double value, unsigned octets)
{
    uint64_t v = (uint64_t)llround(value);
    for (unsigned i = 0; i < octets; i++)
        to[i] = (uint8_t)(v >> 8 * i);
}

static void put_float(uint8_t *to, double value)
{
    float f = (float)value;
    memcpy(to, &f, 4); /* little-endian, as the machines that this is for */
}

static unsigned crc(const uint8_t *p, size_t n)
{
    unsigned c = 0xffff;
    for (size_t i = 0; i < n; i++) {
        c ^= (unsigned)p[i] << 8;
        for (int k = 0; k < 8; k++)
            c = c & 0x8000 ? (c << 1 ^ 0x1021) & 0xffff : c << 1;
    }
    return c;
}

/* ---- flight ---- */

static void make_pages(struct hz_sim_sonde *s, double mhz)
{
    uint8_t *p = s->page[0];
    unsigned steps = (unsigned)lround((mhz - 400) * 100); /* of 10 kHz */
    memset(s->page, 0, sizeof s->page);
    p[2] = (uint8_t)(steps % 4 << 6);
    p[3] = (uint8_t)(steps / 4);
    memcpy(p + 13, s->serial, 8);
    put(p + 21, 20304, 2);
    put(p + 39, 0xffff, 2);
    put_float(p + 61, r1);
    put_float(p + 65, r2);
    put_float(p + 69, c1);
    put_float(p + 73, c2);
    put_float(p + 77, co0);
    put_float(p + 81, co1);
    put_float(p + 85, co2);
    put_float(p + 89, cal_t);
    put_float(p + 117, cal_h0);
    put_float(p + 121, cal_h1);
    put_float(p + 125, h00);
    put_float(p + 125 + 4 * 6, h10);
    put_float(p + 293, co0);
    put_float(p + 297, co1);
    put_float(p + 301, co2);
    put_float(p + 305, cal_t);
    memcpy(p + 536, "RS41-SGP", 8);
    memcpy(p + 546, "RSM412", 6);
    put_float(p + 606, p0);       /* 0 */
    put_float(p + 606 + 4, p1);   /* 4 */
    put_float(p + 606 + 24, p24); /* 24: the divisor */
    put(p + 800, 0xffff, 2);
    put(p, crc(p + 2, 798), 2);
}

/* The standard atmosphere, with an inversion of the humidity. */
static void feel_air(struct hz_sim_sonde *s)
{
    double h = s->alt_m;
    s->temp_c = h < 11000 ? 15 - 0.0065 * h : h < 20000 ? -56.5 : -56.5 + (h - 20000) * 0.001;
    s->pressure_hpa = h < 11000   ? 1013.25 * pow(1 - 2.25577e-5 * h, 5.25588)
                      : h < 20000 ? 226.32 * exp(-(h - 11000) / 6341.6)
                                  : 54.75 * pow(1 + (h - 20000) / 216650, -34.1632);
    s->humidity = fmax(3, 70 - h / 250 + 15 * sin(h / 900));
}

void hz_sim_sonde_init(struct hz_sim_sonde *s, struct hz_rng *r, double lat, double lon,
                       double alt_m)
{
    memset(s, 0, sizeof *s);
    snprintf(s->serial, sizeof s->serial, "%c%07u", "RSTUV"[hz_rng_below(r, 5)],
             hz_rng_below(r, 10000000));
    s->frame = 500 + hz_rng_below(r, 3000);
    s->lat = lat + hz_rng_between(r, -0.1, 0.1);
    s->lon = lon + hz_rng_between(r, -0.1, 0.1);
    s->alt_m = alt_m;
    s->up = hz_rng_between(r, 4.2, 6);
    s->burst_m = hz_rng_between(r, 28e3, 34e3);
    s->heading = hz_rng_between(r, 0, 2 * pi);
    s->week = 2400 + hz_rng_below(r, 60);
    s->week_s = hz_rng_below(r, 500000);
    s->satellites = 8 + hz_rng_below(r, 5);
    make_pages(s, 403.5);
    hz_sim_sonde_step(s);
}

void hz_sim_sonde_step(struct hz_sim_sonde *s)
{
    double wind = 4 + 30 * exp(-pow((s->alt_m - 11000) / 5000, 2)), turn = s->alt_m / 4000;
    if (s->alt_m > s->burst_m)
        s->up = -50;
    if (s->up < 0) /* under the parachute, slower in thicker air */
        s->up = -5.5 * exp(s->alt_m / 14000);
    s->east = wind * sin(s->heading + turn);
    s->north = wind * cos(s->heading + turn);
    s->alt_m = fmax(s->alt_m + s->up, 20);
    s->lat += s->north / 111200;
    s->lon += s->east / (111200 * cos(s->lat * pi / 180));
    s->week_s = fmod(s->week_s + 1, 604800);
    s->frame = (s->frame + 1) & 0xffff;
    feel_air(s);
}

/* ---- a frame ---- */

/* Positions and velocities from the Earth's centre, in WGS84. */
static void put_place(const struct hz_sim_sonde *s, uint8_t *to)
{
    const double a = 6378137, e2 = 6.69437999014e-3;
    double lat = s->lat * pi / 180, lon = s->lon * pi / 180;
    double n = a / sqrt(1 - e2 * sin(lat) * sin(lat));
    double out = (n + s->alt_m) * cos(lat);
    double away = s->up * cos(lat) - s->north * sin(lat); /* from the axis */
    put(to, 100 * out * cos(lon), 4);
    put(to + 4, 100 * out * sin(lon), 4);
    put(to + 8, 100 * (n * (1 - e2) + s->alt_m) * sin(lat), 4);
    put(to + 12, 100 * (away * cos(lon) - s->east * sin(lon)), 2);
    put(to + 14, 100 * (away * sin(lon) + s->east * cos(lon)), 2);
    put(to + 16, 100 * (s->up * sin(lat) + s->north * cos(lat)), 2);
    to[18] = (uint8_t)s->satellites;
    to[19] = 12;
    to[20] = 15;
}

/* The counts of one sensor and its two references. */
static void put_counts(uint8_t *to, double f, double ref1, double ref2)
{
    put(to, f, 3);
    put(to + 3, ref1, 3);
    put(to + 6, ref2, 3);
}

static double counts_of_temperature(double t)
{
    double resistance = (-co1 + sqrt(co1 * co1 - 4 * co2 * (co0 - t))) / (2 * co2);
    double g = (ref2_t - ref1_t) / (r2 - r1), rb = (ref1_t * r2 - ref2_t * r1) / (ref2_t - ref1_t);
    return g * (resistance / cal_t + rb);
}

static void put_sensors(const struct hz_sim_sonde *s, uint8_t *to)
{
    double c = (s->humidity - h00) / h10, capacity = cal_h0 * (c / cal_h1 + 1);
    double ratio = (s->pressure_hpa - p0) / p1;
    put_counts(to, counts_of_temperature(s->temp_c), ref1_t, ref2_t);
    put_counts(to + 9, ref1_h + (ref2_h - ref1_h) * (capacity - c1) / (c2 - c1), ref1_h, ref2_h);
    put_counts(to + 18, counts_of_temperature(s->temp_c), ref1_t, ref2_t);
    put_counts(to + 27, ref1_p + p24 * (ref2_p - ref1_p) / ratio, ref1_p, ref2_p);
    put(to + 38, 1500, 2);
}

static uint8_t *open_block(uint8_t *at, uint8_t id, uint8_t n)
{
    at[0] = id;
    at[1] = n;
    return at + 2;
}

static uint8_t *close_block(uint8_t *at)
{
    put(at + 2 + at[1], crc(at + 2, at[1]), 2);
    return at + 4 + at[1];
}

static uint8_t field_times(unsigned a, unsigned b)
{
    unsigned sum = 0;
    for (; b; b >>= 1) {
        sum ^= b & 1 ? a : 0;
        a = a & 0x80 ? (a << 1 ^ 0x11d) & 0xff : a << 1;
    }
    return (uint8_t)sum;
}

/* Parity of one of the two words, of every second octet from 56 on: a shift register. */
static void put_parity(uint8_t *frame, unsigned word)
{
    enum { PARITY = 24 };
    uint8_t g[PARITY + 1] = {1}, rest[PARITY] = {0}, root = 1;
    for (unsigned k = 0; k < PARITY; k++, root = field_times(root, 2)) {
        for (unsigned i = k + 1; i > 0; i--)
            g[i] = g[i - 1] ^ field_times(g[i], root);
        g[0] = field_times(g[0], root);
    }
    for (unsigned at = 318 + word; at >= 56; at -= 2) {
        uint8_t top = frame[at] ^ rest[PARITY - 1];
        for (unsigned k = PARITY - 1; k > 0; k--)
            rest[k] = rest[k - 1] ^ field_times(top, g[k]);
        rest[0] = field_times(top, g[0]);
    }
    memcpy(frame + 8 + PARITY * word, rest, PARITY);
}

void hz_sim_sonde_frame(const struct hz_sim_sonde *s, uint8_t frame[HZ_SIM_SONDE_FRAME])
{
    unsigned page = s->frame % HZ_SIM_SONDE_PAGES;
    memset(frame, 0, HZ_SIM_SONDE_FRAME);
    memcpy(frame, header, sizeof header);
    frame[56] = 0x0f;
    uint8_t *at = frame + 57, *in = open_block(at, 0x79, 0x28);
    put(in, s->frame, 2);
    memcpy(in + 2, s->serial, 8);
    in[10] = 27;
    in[13] = s->up < 0 ? 3 : 1;
    in[16] = 20;
    in[21] = 7;
    in[22] = HZ_SIM_SONDE_PAGES - 1;
    in[23] = (uint8_t)page;
    memcpy(in + 24, s->page[page], 16);
    at = close_block(at);
    put_sensors(s, open_block(at, 0x7a, 0x2a));
    at = close_block(at);
    in = open_block(at, 0x7c, 0x1e);
    put(in, s->week, 2);
    put(in + 2, 1000 * s->week_s, 4);
    for (unsigned i = 0; i < 12; i++) {
        in[6 + 2 * i] = i < s->satellites ? (uint8_t)(3 + 2 * i) : 0;
        in[7 + 2 * i] = i < s->satellites ? (uint8_t)(0xa0 + 5 * i) : 0;
    }
    at = close_block(at);
    in = open_block(at, 0x7d, 0x59);
    put(in, 21e6, 4);
    for (unsigned i = 0; i < s->satellites; i++) {
        put(in + 5 + 7 * i, 1e8 * i + 12345.0 * s->frame, 4);
        put(in + 9 + 7 * i, 70000.0 - 12000.0 * i, 3);
    }
    at = close_block(at);
    put_place(s, open_block(at, 0x7b, 0x15));
    at = close_block(at);
    open_block(at, 0x76, 0x11);
    close_block(at);
    put_parity(frame, 0);
    put_parity(frame, 1);
}

void hz_sim_sonde_symbols(const uint8_t frame[HZ_SIM_SONDE_FRAME],
                          float symbols[HZ_SIM_SONDE_SYMBOLS])
{
    size_t n = 0;
    for (; n < HZ_SIM_SONDE_PREAMBLE; n++)
        symbols[n] = n % 2 ? 1 : -1;
    for (unsigned i = 0; i < HZ_SIM_SONDE_FRAME; i++)
        for (unsigned k = 0; k < 8; k++)
            symbols[n++] = (frame[i] ^ whitening[i % 64]) >> k & 1 ? 1 : -1;
    for (; n < HZ_SIM_SONDE_SYMBOLS; n++)
        symbols[n] = n % 2 ? 1 : -1;
}

void hz_sim_sonde_fields(const struct hz_sim_sonde *s, char *out, size_t room)
{
    double heading = atan2(s->east, s->north) * 180 / pi;
    snprintf(out, room,
             "{\"id\":\"%s\",\"frame\":%u,\"lat\":%.5f,\"lon\":%.5f,\"alt\":%.1f,\"vel_h\":%.1f,"
             "\"heading\":%.1f,\"vel_v\":%.1f,\"sats\":%u,\"batt\":2.7,\"temp\":%.1f,"
             "\"humidity\":%.0f,\"pressure\":%.1f}",
             s->serial, s->frame, s->lat, s->lon, s->alt_m, hypot(s->east, s->north),
             heading < 0 ? heading + 360 : heading, s->up, s->satellites, s->temp_c, s->humidity,
             s->pressure_hpa);
}
