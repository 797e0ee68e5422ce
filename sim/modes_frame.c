#include "sim/modes_frame.h"

#include "sim/pack.h"

#include <math.h>
#include <string.h>

static uint32_t to_nearest(double x)
{
    return (uint32_t)(int32_t)floor(x + 0.5);
}

static double limited(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* Degrees in units of 360 / 2^n, 0 to 2^n - 1. */
static uint32_t turn_steps(double degrees, unsigned n)
{
    return to_nearest(degrees / 360 * (1 << n)) & ((1u << n) - 1);
}

/* Writes a status bit (set), a sign bit and n bits of two's complement. */
static void put_signed(struct hz_sim_pack *b, unsigned n, double steps)
{
    double most = (double)(1u << n) - 1;
    int32_t value = (int32_t)to_nearest(limited(steps, -most, most));
    hz_sim_pack(b, 1, 1);
    hz_sim_pack(b, n + 1, (uint32_t)value & ((2u << n) - 1));
}

/* ---- Altitude and identity codes (Annex 10 Vol. IV, 3.1.2.6.5.4 and 3.1.2.6.7.1) ---- */

/* Reflected (Gray) code of an altitude from -1200 ft on in 500 and 100 ft, in the order C1 A1 C2 A2
 * C4 A4 M B1 Q B2 D2 B4 D4. */
static uint32_t gillham(int alt_ft)
{
    unsigned hundreds = (unsigned)(alt_ft + 1300) / 100;
    unsigned big = (hundreds - 1) / 5, small = (hundreds - 1) % 5 + 1;
    if (big & 1) {
        small = 6 - small;
    }
    unsigned a = big ^ big >> 1; /* D2 D4 A1 A2 A4 B1 B2 B4 */
    unsigned c = small == 5 ? 4 : small ^ small >> 1;
    return (c >> 2 & 1) << 12 | (a >> 5 & 1) << 11 | (c >> 1 & 1) << 10 | (a >> 4 & 1) << 9 |
           (c & 1) << 8 | (a >> 3 & 1) << 7 | (a >> 2 & 1) << 5 | (a >> 1 & 1) << 3 |
           (a >> 7 & 1) << 2 | (a & 1) << 1 | (a >> 6 & 1);
}

int hz_sim_modes_altitude(const struct hz_sim_flight *f)
{
    int step = f->gillham ? 100 : 25;
    return (int)floor(f->alt_ft / step + 0.5) * step;
}

static uint32_t altitude13(const struct hz_sim_flight *f)
{
    int alt = hz_sim_modes_altitude(f);
    if (f->gillham) {
        return gillham(alt);
    }
    uint32_t n = (uint32_t)(alt + 1000) / 25;
    return (n >> 5) << 7 | (n >> 4 & 1) << 5 | 1u << 4 | (n & 15);
}

/* The altitude code without its bit M, for squitters. */
static uint32_t altitude12(uint32_t code13)
{
    return (code13 >> 7) << 6 | (code13 & 63);
}

/* Digits A B C D, each with bits 4, 2, 1, in the order C1 A1 C2 A2 C4 A4 X B1 D1 B2 D2 B4 D4. */
static uint32_t identity13(unsigned squawk)
{
    unsigned a = squawk >> 12, b = squawk >> 8, c = squawk >> 4, d = squawk, code = 0;
    for (unsigned i = 0; i < 3; i++) {
        code |= (c >> i & 1) << (12 - 2 * i) | (a >> i & 1) << (11 - 2 * i);
        code |= (b >> i & 1) << (5 - 2 * i) | (d >> i & 1) << (4 - 2 * i);
    }
    return code;
}

/* ---- Compact position reporting (DO-260B, A.1.7) ---- */

/* Number of longitude zones at a latitude. */
static int zones(double lat)
{
    const double pi = 3.14159265358979323846;
    if (fabs(lat) >= 87) {
        return fabs(lat) > 87 ? 1 : 2;
    }
    double c = cos(pi / 180 * lat);
    return (int)floor(2 * pi / acos(1 - (1 - cos(pi / 30)) / (c * c)));
}

static double modulo(double x, double y)
{
    return x - y * floor(x / y);
}

/* 17 bits each; circle is 360 degrees in the air, 90 on the ground. */
static void put_position(struct hz_sim_pack *b, const struct hz_sim_flight *f, bool odd,
                         double circle)
{
    double dlat = circle / (60 - odd);
    double yz = floor(0x1p17 * modulo(f->lat, dlat) / dlat + 0.5);
    double rlat = dlat * (yz / 0x1p17 + floor(f->lat / dlat));
    int n = zones(rlat) - odd;
    double dlon = circle / (n > 1 ? n : 1);
    double xz = floor(0x1p17 * modulo(f->lon, dlon) / dlon + 0.5);
    hz_sim_pack(b, 1, odd);
    hz_sim_pack(b, 17, (uint32_t)yz & 0x1ffff);
    hz_sim_pack(b, 17, (uint32_t)xz & 0x1ffff);
}

/* ---- Extended squitters (Doc 9871, tables of registers 0,5 to 0,9, 6,1, 6,2, 6,5) ---- */

void hz_sim_me_position(const struct hz_sim_flight *f, bool odd, uint8_t me[7])
{
    struct hz_sim_pack b = hz_sim_pack_begin(me, 7);
    struct hz_sim_flight gnss = *f;
    gnss.alt_ft += f->gnss_height ? f->geoid_ft : 0;
    hz_sim_pack(&b, 5, f->gnss_height ? 21 : 11); /* containment within 0.1 NM */
    hz_sim_pack(&b, 2, 0);                        /* no alert */
    hz_sim_pack(&b, 1, 0);
    hz_sim_pack(&b, 12, altitude12(altitude13(&gnss)));
    hz_sim_pack(&b, 1, 0); /* not tied to UTC */
    put_position(&b, f, odd, 360);
}

/* Ground speed code of the surface position: steps grow with speed. */
static uint32_t movement(double kt)
{
    static const struct {
        double from_kt, step_kt;
        int code;
    } steps[] = {{100, 5, 109}, {70, 2, 94}, {15, 1, 39}, {2, 0.5, 13}, {1, 0.25, 9}};
    if (kt >= 175) {
        return 124;
    }
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (kt >= steps[i].from_kt) {
            return (uint32_t)(steps[i].code + (int)((kt - steps[i].from_kt) / steps[i].step_kt));
        }
    }
    return kt < 0.125 ? 1 : 2 + (uint32_t)((kt - 0.125) / 0.125);
}

void hz_sim_me_surface(const struct hz_sim_flight *f, bool odd, uint8_t me[7])
{
    struct hz_sim_pack b = hz_sim_pack_begin(me, 7);
    hz_sim_pack(&b, 5, 7); /* containment within 0.1 NM */
    hz_sim_pack(&b, 7, movement(f->gs_kt));
    hz_sim_pack(&b, 1, 1); /* track is valid */
    hz_sim_pack(&b, 7, turn_steps(f->track, 7));
    hz_sim_pack(&b, 1, 0);
    put_position(&b, f, odd, 90);
}

/* Sign bit and magnitude + 1 in n bits. */
static void put_speed(struct hz_sim_pack *b, unsigned n, double value)
{
    uint32_t most = (1u << n) - 1, steps = to_nearest(fabs(value)) + 1;
    hz_sim_pack(b, 1, value < 0);
    hz_sim_pack(b, n, steps < most ? steps : most);
}

void hz_sim_me_velocity(const struct hz_sim_flight *f, uint8_t me[7])
{
    const double rad = 3.14159265358979323846 / 180;
    struct hz_sim_pack b = hz_sim_pack_begin(me, 7);
    hz_sim_pack(&b, 5, 19);
    hz_sim_pack(&b, 3, f->airspeed ? 3 : 1);
    hz_sim_pack(&b, 2, 0);
    hz_sim_pack(&b, 3, 2); /* NACv: within 3 m/s */
    if (f->airspeed) {
        hz_sim_pack(&b, 1, 1);
        hz_sim_pack(&b, 10, turn_steps(f->heading, 10));
        hz_sim_pack(&b, 1, 0); /* indicated airspeed */
        hz_sim_pack(&b, 10, to_nearest(limited(f->ias_kt, 0, 1021)) + 1);
    } else {
        put_speed(&b, 10, f->gs_kt * sin(f->track * rad)); /* sign set: to the west */
        put_speed(&b, 10, f->gs_kt * cos(f->track * rad)); /* sign set: to the south */
    }
    hz_sim_pack(&b, 1, 1); /* the rate is barometric */
    put_speed(&b, 9, f->rate_fpm / 64);
    hz_sim_pack(&b, 2, 0);
    put_speed(&b, 7, f->geoid_ft / 25);
}

void hz_sim_me_identity(const struct hz_sim_flight *f, uint8_t me[7])
{
    struct hz_sim_pack b = hz_sim_pack_begin(me, 7);
    hz_sim_pack(&b, 5, (uint32_t)('E' - f->category[0])); /* set A is type 4, set D type 1 */
    hz_sim_pack(&b, 3, (uint32_t)(f->category[1] - '0'));
    for (size_t i = 0; i < 8; i++) {
        char c = i < strlen(f->callsign) ? f->callsign[i] : ' ';
        hz_sim_pack(&b, 6, (uint32_t)c & 63); /* the 6-bit set is ASCII without its top bits */
    }
}

void hz_sim_me_emergency(const struct hz_sim_flight *f, uint8_t me[7])
{
    struct hz_sim_pack b = hz_sim_pack_begin(me, 7);
    hz_sim_pack(&b, 5, 28);
    hz_sim_pack(&b, 3, 1);
    hz_sim_pack(&b, 3, f->emergency);
    hz_sim_pack(&b, 13, identity13(f->squawk));
}

void hz_sim_me_target(const struct hz_sim_flight *f, uint8_t me[7])
{
    struct hz_sim_pack b = hz_sim_pack_begin(me, 7);
    hz_sim_pack(&b, 5, 29);
    hz_sim_pack(&b, 2, 1);
    hz_sim_pack(&b, 2, 0); /* SIL per hour; altitude from the mode control panel */
    hz_sim_pack(&b, 11, to_nearest(limited(f->selected_ft, 0, 65472) / 32) + 1);
    hz_sim_pack(&b, 9, to_nearest((limited(f->qnh_mb, 800, 1208) - 800) / 0.8) + 1);
    hz_sim_pack(&b, 1, 1);
    hz_sim_pack(&b, 9, turn_steps(f->heading, 9)); /* two's complement of half turns */
    hz_sim_pack(&b, 4, 9);                         /* NACp: within 30 m */
    hz_sim_pack(&b, 1, 1);
    hz_sim_pack(&b, 2, 3);
    hz_sim_pack(&b, 1, 1); /* the modes below are valid */
    hz_sim_pack(&b, 5,
                fabs(f->rate_fpm) < 64 ? 0x14 : 0x18); /* autopilot; holds altitude or VNAV */
    hz_sim_pack(&b, 1, 1);                             /* collision avoidance works */
    hz_sim_pack(&b, 1, 1);                             /* LNAV */
}

void hz_sim_me_operation(const struct hz_sim_flight *f, uint8_t me[7])
{
    struct hz_sim_pack b = hz_sim_pack_begin(me, 7);
    hz_sim_pack(&b, 5, 31);
    hz_sim_pack(&b, 3, f->on_ground);
    hz_sim_pack(&b, 16,
                f->on_ground ? 0x0022 : 0x2300); /* air: TCAS, ARV, TS; ground: NACv 1, size 2 */
    hz_sim_pack(&b, 16, 0x0200);                 /* SDA 2 */
    hz_sim_pack(&b, 3, f->version);
    hz_sim_pack(&b, 1, 0);                    /* NIC supplement A */
    hz_sim_pack(&b, 4, 9);                    /* NACp */
    hz_sim_pack(&b, 2, f->on_ground ? 0 : 2); /* GVA */
    hz_sim_pack(&b, 2, 3);                    /* SIL */
    hz_sim_pack(&b, 1, 1);                    /* NIC baro; on the ground: track, not heading */
}

/* ---- Comm-B registers (Doc 9871, tables A-2-32, A-2-64, A-2-80, A-2-96) ---- */

static void put_unsigned(struct hz_sim_pack *b, unsigned n, double steps)
{
    hz_sim_pack(b, 1, 1);
    hz_sim_pack(b, n, to_nearest(limited(steps, 0, (double)(1u << n) - 1)));
}

void hz_sim_register(const struct hz_sim_flight *f, unsigned bds, uint8_t mb[7])
{
    double heading = f->heading > 180 ? f->heading - 360 : f->heading;
    double track = f->track > 180 ? f->track - 360 : f->track;
    struct hz_sim_pack b;
    switch (bds) {
    case 0x20:
        hz_sim_me_identity(f, mb);
        mb[0] = 0x20;
        return;
    case 0x40:
        b = hz_sim_pack_begin(mb, 7);
        put_unsigned(&b, 12, f->selected_ft / 16);
        put_unsigned(&b, 12, f->selected_ft / 16); /* as the flight management system has it */
        put_unsigned(&b, 12, (f->qnh_mb - 800) / 0.1);
        return;
    case 0x50:
        b = hz_sim_pack_begin(mb, 7);
        put_signed(&b, 9, f->roll * 256 / 45);
        put_signed(&b, 10, track * 512 / 90);
        put_unsigned(&b, 10, f->gs_kt / 2);
        put_signed(&b, 9, f->turn * 256 / 8);
        put_unsigned(&b, 10, f->tas_kt / 2);
        return;
    default:
        b = hz_sim_pack_begin(mb, 7);
        put_signed(&b, 10, heading * 512 / 90);
        put_unsigned(&b, 10, f->ias_kt);
        put_unsigned(&b, 10, f->mach * 512 / 2.048);
        put_signed(&b, 9, f->rate_fpm / 32);
        put_signed(&b, 9, f->rate_fpm / 32);
        return;
    }
}

/* ---- Frames (Annex 10 Vol. IV, 3.1.2.8 and parity 3.1.2.3.3) ---- */

/* Computes the parity with the generator 0x1fff409 (x^24 + ...) and writes it, xor `overlay`, to
 * the last three bytes. */
static size_t seal(uint8_t *frame, size_t len, uint32_t overlay)
{
    uint32_t remainder = 0;
    for (size_t bit = 0; bit < (len - 3) * 8; bit++) {
        uint32_t in = frame[bit / 8] >> (7 - bit % 8) & 1;
        uint32_t out = remainder >> 23 & 1;
        remainder = (remainder << 1 & 0xffffff) ^ (in ^ out ? 0xfff409 : 0);
    }
    remainder ^= overlay;
    frame[len - 3] = (uint8_t)(remainder >> 16);
    frame[len - 2] = (uint8_t)(remainder >> 8);
    frame[len - 1] = (uint8_t)remainder;
    return len;
}

static unsigned capability(const struct hz_sim_flight *f)
{
    return f->on_ground ? 4 : 5;
}

size_t hz_sim_df11(const struct hz_sim_flight *f, unsigned interrogator, uint8_t *out)
{
    struct hz_sim_pack b = hz_sim_pack_begin(out, 7);
    hz_sim_pack(&b, 5, 11);
    hz_sim_pack(&b, 3, capability(f));
    hz_sim_pack(&b, 24, f->address);
    return seal(out, 7, interrogator);
}

size_t hz_sim_squitter(const struct hz_sim_flight *f, unsigned df, const uint8_t me[7],
                       uint8_t *out)
{
    struct hz_sim_pack b = hz_sim_pack_begin(out, 14);
    hz_sim_pack(&b, 5, df);
    hz_sim_pack(&b, 3, df == 17 ? capability(f) : 0);
    hz_sim_pack(&b, 24, f->address);
    memcpy(out + 4, me, 7);
    return seal(out, 14, 0);
}

size_t hz_sim_reply(const struct hz_sim_flight *f, unsigned df, const uint8_t mb[7], uint8_t *out)
{
    size_t len = df >= 16 ? 14 : 7;
    struct hz_sim_pack b = hz_sim_pack_begin(out, len);
    bool alert = f->emergency != 0;
    hz_sim_pack(&b, 5, df);
    hz_sim_pack(&b, 3, (uint32_t)f->on_ground + (alert ? 2 : 0)); /* flight status */
    hz_sim_pack(&b, 11, 0);                                       /* no downlink request */
    hz_sim_pack(&b, 13, df % 2 == 0 ? altitude13(f) : identity13(f->squawk));
    if (len == 14) {
        memcpy(out + 4, mb, 7);
    }
    return seal(out, len, f->address);
}

size_t hz_sim_air_to_air(const struct hz_sim_flight *f, unsigned df, uint8_t *out)
{
    size_t len = df == 16 ? 14 : 7;
    struct hz_sim_pack b = hz_sim_pack_begin(out, len);
    hz_sim_pack(&b, 5, df);
    hz_sim_pack(&b, 1, f->on_ground);
    hz_sim_pack(&b, 2, df == 0 ? 2 : 0); /* cross-link */
    hz_sim_pack(&b, 3, 7);               /* sensitivity level */
    hz_sim_pack(&b, 2, 0);
    hz_sim_pack(&b, 4, df == 0 ? 12 : 3); /* fast airliner; or resolves conflicts vertically */
    hz_sim_pack(&b, 2, 0);
    hz_sim_pack(&b, 13, altitude13(f));
    if (len == 14) {
        out[4] = 0x30; /* no resolution advisory */
    }
    return seal(out, len, f->address);
}
