/* AIS payloads (ITU-R M.1371-5, annex 8). */
#include "sim/pack.h"
#include "sim/ships.h"

#include <math.h>
#include <string.h>

static struct hz_sim_pack head(uint8_t *out, size_t bytes, unsigned type, uint32_t mmsi)
{
    struct hz_sim_pack p = hz_sim_pack_begin(out, bytes);
    hz_sim_pack(&p, 6, type);
    hz_sim_pack(&p, 2, 0); /* not a repeat */
    hz_sim_pack(&p, 30, mmsi);
    return p;
}

static uint32_t nearest(double x)
{
    return (uint32_t)(int32_t)floor(x + 0.5);
}

static void pack_text(struct hz_sim_pack *p, const char *text, size_t chars)
{
    for (size_t i = 0; i < chars; i++) {
        char c = i < strlen(text) ? text[i] : '@';
        hz_sim_pack(p, 6, (uint32_t)c & 63); /* the 6-bit set: '@' to '_' as 0 to 31 */
    }
}

/* In 1/10000 of a minute. */
static void pack_place(struct hz_sim_pack *p, const struct hz_sim_ship *s)
{
    hz_sim_pack(p, 1, 1); /* better than 10 m */
    hz_sim_pack(p, 28, nearest(s->lon * 600000));
    hz_sim_pack(p, 27, nearest(s->lat * 600000));
}

static void pack_course(struct hz_sim_pack *p, const struct hz_sim_ship *s, double second)
{
    hz_sim_pack(p, 12, nearest(s->course * 10) % 3600);
    hz_sim_pack(p, 9, nearest(s->heading) % 360);
    hz_sim_pack(p, 6, (uint32_t)fmod(second, 60));
}

static void pack_size(struct hz_sim_pack *p, const struct hz_sim_ship *s)
{
    hz_sim_pack(p, 9, s->bow);
    hz_sim_pack(p, 9, s->stern);
    hz_sim_pack(p, 6, s->port);
    hz_sim_pack(p, 6, s->starboard);
}

/* Rate of turn as its indicator gives it: 4.733 times the root of degrees a minute, signed. */
static uint32_t turn_code(double dpm)
{
    double code = 4.733 * sqrt(fabs(dpm));
    return nearest(dpm < 0 ? -code : code) & 0xff;
}

size_t hz_sim_ais_position(const struct hz_sim_ship *s, double second, uint8_t *out)
{
    bool class_a = s->kind == HZ_SIM_CLASS_A;
    unsigned type = !class_a ? 18 : fabs(s->turn_dpm) > 5 ? 3 : 1;
    struct hz_sim_pack p = head(out, 21, type, s->mmsi);
    if (class_a) {
        hz_sim_pack(&p, 4, s->status);
        hz_sim_pack(&p, 8, turn_code(s->turn_dpm));
    } else {
        hz_sim_pack(&p, 8, 0);
    }
    hz_sim_pack(&p, 10, nearest(s->speed_kt * 10));
    pack_place(&p, s);
    pack_course(&p, s, second);
    if (class_a) {
        hz_sim_pack(&p, 6, 0); /* no manoeuvre, no RAIM */
        hz_sim_pack(&p, 19, (uint32_t)second & 0x3fff);
    } else {
        hz_sim_pack(&p, 9, 0x5c); /* carrier sense unit with DSC, whole band, message 22 */
        hz_sim_pack(&p, 20, 0xe0006);
    }
    return 21;
}

size_t hz_sim_ais_static(const struct hz_sim_ship *s, uint8_t *out)
{
    struct hz_sim_pack p = head(out, 53, 5, s->mmsi);
    hz_sim_pack(&p, 2, 0);
    hz_sim_pack(&p, 30, s->imo);
    pack_text(&p, s->callsign, 7);
    pack_text(&p, s->name, 20);
    hz_sim_pack(&p, 8, s->type);
    pack_size(&p, s);
    hz_sim_pack(&p, 4, 1);                /* GPS */
    hz_sim_pack(&p, 4, 1 + s->mmsi % 12); /* arrives: month, day, hour, minute */
    hz_sim_pack(&p, 5, 1 + s->mmsi % 28);
    hz_sim_pack(&p, 5, s->mmsi % 24);
    hz_sim_pack(&p, 6, s->mmsi % 4 * 15);
    hz_sim_pack(&p, 8, nearest(s->draught_m * 10));
    pack_text(&p, s->destination, 20);
    return 53;
}

size_t hz_sim_ais_static_b(const struct hz_sim_ship *s, bool part_b, uint8_t *out)
{
    struct hz_sim_pack p = head(out, 21, 24, s->mmsi);
    hz_sim_pack(&p, 2, part_b);
    if (!part_b) {
        pack_text(&p, s->name, 20);
        return 20;
    }
    hz_sim_pack(&p, 8, s->type);
    pack_text(&p, "SRT", 3); /* the maker; then model and serial number */
    hz_sim_pack(&p, 4, 1);
    hz_sim_pack(&p, 20, s->mmsi & 0xfffff);
    pack_text(&p, s->callsign, 7);
    pack_size(&p, s);
    return 21;
}

size_t hz_sim_ais_shore(const struct hz_sim_ship *s, double second, uint8_t *out)
{
    struct hz_sim_pack p = head(out, 21, 4, s->mmsi);
    uint32_t whole = (uint32_t)second;
    hz_sim_pack(&p, 14, 2026); /* scenes begin at midnight, new year 2026 */
    hz_sim_pack(&p, 4, 1);
    hz_sim_pack(&p, 5, 1 + whole / 86400 % 31);
    hz_sim_pack(&p, 5, whole / 3600 % 24);
    hz_sim_pack(&p, 6, whole / 60 % 60);
    hz_sim_pack(&p, 6, whole % 60);
    pack_place(&p, s);
    hz_sim_pack(&p, 4, 7); /* surveyed */
    hz_sim_pack(&p, 11, 0);
    hz_sim_pack(&p, 19, 0);
    return 21;
}

size_t hz_sim_ais_buoy(const struct hz_sim_ship *s, double second, uint8_t *out)
{
    struct hz_sim_pack p = head(out, 34, 21, s->mmsi);
    hz_sim_pack(&p, 5, s->type);
    pack_text(&p, s->name, 20);
    pack_place(&p, s);
    pack_size(&p, s);
    hz_sim_pack(&p, 4, 1);
    hz_sim_pack(&p, 6, (uint32_t)fmod(second, 60));
    return 34;
}
