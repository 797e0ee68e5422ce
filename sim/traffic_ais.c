/* AIS reports in their slots (ITU-R M.1371-5). */
#include "sim/fsk.h"
#include "sim/hdlc.h"
#include "sim/traffic.h"

#include <math.h>
#include <stdio.h>

static const double slot_s = 60.0 / 2250;
static const double channel_hz[2] = {161.975e6, 162.025e6};

/* Seconds between position reports (annex 1, table 1; class B with carrier sense). */
static double report_interval(const struct hz_sim_ship *s)
{
    bool turns = fabs(s->turn_dpm) > 5;
    switch (s->kind) {
    case HZ_SIM_CLASS_A:
        if (s->speed_kt < 3) {
            return 180;
        }
        if (s->speed_kt > 14) {
            return turns || s->speed_kt > 23 ? 2 : 6;
        }
        return turns ? 10.0 / 3 : 10;
    case HZ_SIM_CLASS_B:
        return s->speed_kt > 2 ? 30 : 180;
    case HZ_SIM_SHORE:
        return 10;
    default:
        return 180;
    }
}

static size_t fill_payload(const struct hz_sim_sailing *v, bool report, double second, uint8_t *out)
{
    const struct hz_sim_ship *s = &v->ship;
    if (s->kind == HZ_SIM_SHORE) {
        return hz_sim_ais_shore(s, second, out);
    }
    if (s->kind == HZ_SIM_BUOY) {
        return hz_sim_ais_buoy(s, second, out);
    }
    if (report) {
        return hz_sim_ais_position(s, second, out);
    }
    return s->kind == HZ_SIM_CLASS_A ? hz_sim_ais_static(s, out)
                                     : hz_sim_ais_static_b(s, v->part_b, out);
}

/* Eight bits of power ramp, 24 of training sequence, the frame, four bits of power ramp. */
static int modulate(struct hz_air_sent *s)
{
    static const struct hz_sim_fsk gmsk = {9600, 2400, 0.4, 4};
    uint8_t bit[640]; /* 53 bytes and their check, stuffed, take 570 */
    float symbols[sizeof bit];
    struct hz_sim_bits bits = {bit, 0, sizeof bit};
    hz_sim_bits_put(&bits, 32, 0x55555555);
    hz_sim_hdlc_frame(&bits, s->raw, s->raw_len);
    hz_sim_bits_put(&bits, 4, 0);
    hz_sim_nrzi(&bits, symbols);
    return hz_sim_fsk(&gmsk, symbols, bits.n, &s->track);
}

static void describe(struct hz_air_sent *s, const struct hz_sim_ship *v)
{
    unsigned type = s->raw[0] >> 2;
    snprintf(s->type, sizeof s->type, type == 24 ? "%u%c" : "%u", type,
             s->raw_len == 20 ? 'A' : 'B');
    snprintf(s->fields, sizeof s->fields,
             "{\"type\":%u,\"mmsi\":%u,\"imo\":%u,\"shipname\":\"%s\",\"callsign\":\"%s\","
             "\"destination\":\"%s\",\"shiptype\":%u,\"status\":%u,\"lat\":%.6f,\"lon\":%.6f,"
             "\"speed\":%.1f,\"course\":%.1f,\"heading\":%.0f,\"draught\":%.1f,\"to_bow\":%u,"
             "\"to_stern\":%u,\"to_port\":%u,\"to_starboard\":%u}",
             type, v->mmsi, v->imo, v->name, v->callsign, v->destination, v->type, v->status,
             v->lat, v->lon, v->speed_kt, v->course, v->heading, v->draught_m, v->bow, v->stern,
             v->port, v->starboard);
}

/* Sends in the next free slot of the next channel. False: that slot is still too far away; *due is
 * the time to try again. */
static bool send(struct hz_sim_port *port, struct hz_air *air, const struct hz_sim_sailing *v,
                 bool report, double *due)
{
    const struct hz_sim_ship *ship = &v->ship;
    int channel = port->second_channel;
    uint64_t slot = (uint64_t)ceil(*due / slot_s - 1e-6);
    slot = slot < port->slots[channel] ? port->slots[channel] : slot;
    double at = (double)slot * slot_s + ship->late_s;
    *due = (double)slot * slot_s;
    if (at >= hz_air_until(air)) {
        return false;
    }
    struct hz_air_sent *s = hz_air_prepare(air, "ais", channel_hz[channel], 25e3);
    if (s == NULL) {
        return true;
    }
    s->raw_len = fill_payload(v, report, at, s->raw);
    s->clock = ship->clock;
    s->carrier_hz = ship->offset_hz;
    /* propagation over water with low antennas: 40 dB per decade */
    s->snr_db = fmin(35, 28 - 40 * log10(ship->range_m / 25e3) + ship->power_db);
    describe(s, ship);
    if (modulate(s) == 0) {
        hz_air_launch(air, s, at);
    }
    port->slots[channel] = slot + (s->raw_len > 32 ? 2 : 1);
    port->second_channel = !port->second_channel;
    return true;
}

void hz_sim_port_init(struct hz_sim_port *port, struct hz_rng *r)
{
    for (size_t i = 0; i < HZ_SIM_SHIPS; i++) {
        struct hz_sim_sailing *v = &port->ships[i];
        hz_sim_ship_init(&v->ship, i, r);
        v->position_due = hz_rng_between(r, 0, fmin(report_interval(&v->ship), 30));
        bool names = v->ship.kind == HZ_SIM_CLASS_A || v->ship.kind == HZ_SIM_CLASS_B;
        v->static_due = names ? hz_rng_between(r, 0, 60) : INFINITY;
    }
}

void hz_sim_port_plan(struct hz_sim_port *port, struct hz_air *air)
{
    double until = hz_air_until(air);
    for (size_t i = 0; i < HZ_SIM_SHIPS; i++) {
        struct hz_sim_sailing *v = &port->ships[i];
        hz_sim_ship_step(&v->ship, until, HZ_SCENE_SPAN_S, &air->rng);
        if (v->position_due < until && send(port, air, v, true, &v->position_due)) {
            v->position_due += report_interval(&v->ship) * hz_rng_between(&air->rng, 0.9, 1.1);
        }
        if (v->static_due < until && send(port, air, v, false, &v->static_due)) {
            /* every 6 minutes; a yacht's second part follows the first within the minute */
            v->static_due += v->ship.kind == HZ_SIM_CLASS_B && !v->part_b ? 30 : 330;
            v->part_b = !v->part_b;
        }
    }
}
