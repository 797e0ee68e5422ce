/* The scenes at 1090 MHz: the transponders of a fleet, with the rates of DO-260B 2.2.3.3 for
 * squitters and of Annex 10 Vol. IV for acquisition squitters and replies. */
#include "sim/fleet.h"
#include "sim/modes_burst.h"
#include "sim/scene_ops.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum send {
    ACQUISITION,
    POSITION,
    VELOCITY,
    IDENTITY,
    OPERATION,
    TARGET,
    EMERGENCY,
    RADAR,
    TRAFFIC,
    SENDS
};

enum { AIR_MAX = 512 }; /* frames in the air or planned at a time */

static const double bandwidth_hz = 2e6;
static const double skirt_s = 4e-6;

/* One frame on the air, or planned. */
struct sent {
    struct hz_sim_burst burst;
    double snr_db;
    const char *type;
    size_t len;
    uint8_t frame[14];
    struct hz_sim_flight flight; /* the aircraft's state when it was planned */
};

/* The times of an aircraft's next transmissions, in seconds. */
struct schedule {
    double due[SENDS];
    double busy; /* the transmitter is busy until then */
    bool odd;    /* the next position is odd */
    unsigned replies;
};

struct modes {
    struct hz_sim_modes modulator;
    struct hz_rng rng;
    struct hz_sim_fleet fleet;
    struct schedule *schedules;
    double planned; /* seconds up to which everything is planned */
    struct sent air[AIR_MAX];
    size_t in_air;
    bool ladder;
    unsigned rung;
};

static int modes_init(void *state, const struct hz_scene_info *about, int variant, uint64_t seed)
{
    struct modes *b = state;
    size_t n = variant == HZ_MODES_LADDER ? 1 : (size_t)variant;
    hz_sim_modes_init(&b->modulator, about->rate_hz);
    hz_rng_init(&b->rng, seed, 2);
    b->ladder = variant == HZ_MODES_LADDER;
    struct hz_sim_aircraft *aircraft = calloc(n, sizeof *aircraft);
    b->fleet.aircraft = aircraft;
    b->schedules = calloc(n, sizeof *b->schedules);
    if (aircraft == NULL || b->schedules == NULL) {
        return -ENOMEM;
    }
    hz_sim_fleet_init(&b->fleet, aircraft, n, seed);
    for (size_t i = 0; i < n; i++) {
        for (int k = 0; k < SENDS; k++) {
            b->schedules[i].due[k] = hz_rng_between(&b->rng, 0, 1);
        }
    }
    return 0;
}

static void modes_done(void *state)
{
    struct modes *b = state;
    free(b->fleet.aircraft);
    free(b->schedules);
}

/* Interval between transmissions of a kind in seconds; INFINITY: this aircraft does not send it. */
static double interval(const struct hz_sim_aircraft *a, enum send k, struct hz_rng *r)
{
    const struct hz_sim_flight *f = &a->flight;
    bool still = f->on_ground && f->gs_kt < 0.5, car = a->plan == HZ_SIM_VEHICLE;
    bool squitters = a->adsb && (f->version > 0 || k <= IDENTITY);
    if (k != ACQUISITION && k < RADAR && !squitters) {
        return INFINITY;
    }
    if (car && k != POSITION && k != IDENTITY && k != OPERATION) {
        return INFINITY;
    }
    switch (k) {
    case ACQUISITION:
        return hz_rng_between(r, 0.8, 1.2);
    case POSITION:
        return still ? hz_rng_between(r, 4.8, 5.2) : hz_rng_between(r, 0.4, 0.6);
    case VELOCITY:
        return hz_rng_between(r, 0.4, 0.6);
    case IDENTITY:
        return still ? hz_rng_between(r, 9.8, 10.2) : hz_rng_between(r, 4.8, 5.2);
    case OPERATION:
        return still ? hz_rng_between(r, 4.8, 5.2) : hz_rng_between(r, 2.4, 2.6);
    case TARGET:
        return hz_rng_between(r, 1.2, 1.3);
    case EMERGENCY:
        return f->emergency != 0 ? hz_rng_between(r, 0.7, 0.9) : hz_rng_between(r, 4.8, 5.2);
    case RADAR: /* a few replies while the beam passes */
        return hz_rng_chance(r, 0.65) ? hz_rng_between(r, 0.002, 0.012) : hz_rng_between(r, 4, 5);
    default:
        return hz_rng_between(r, 0.7, 2.5);
    }
}

/* Builds an extended squitter of that kind; type is NULL when there is none at the moment. */
static void fill_squitter(struct sent *s, const struct hz_sim_aircraft *a, enum send k, bool odd)
{
    const struct hz_sim_flight *f = &a->flight;
    uint8_t me[7];
    s->type = NULL;
    switch (k) {
    case POSITION:
        (f->on_ground ? hz_sim_me_surface : hz_sim_me_position)(f, odd, me);
        s->type = f->on_ground ? odd ? "surface odd" : "surface even" : odd ? "odd" : "even";
        break;
    case VELOCITY:
        hz_sim_me_velocity(f, me);
        s->type = f->on_ground ? NULL : "velocity";
        break;
    case IDENTITY:
        hz_sim_me_identity(f, me);
        s->type = "ident";
        break;
    case OPERATION:
        hz_sim_me_operation(f, me);
        s->type = "operation";
        break;
    case TARGET:
        hz_sim_me_target(f, me);
        s->type = f->on_ground ? NULL : "target";
        break;
    default:
        hz_sim_me_emergency(f, me);
        s->type = "emergency";
        break;
    }
    s->len = hz_sim_squitter(f, a->plan == HZ_SIM_VEHICLE ? 18 : 17, me, s->frame);
}

/* Builds the reply to the next interrogation of the radars, which ask for registers in rotation. */
static void fill_reply(struct sent *s, const struct hz_sim_flight *f, unsigned turn)
{
    static const struct {
        const char *type;
        unsigned df, bds;
    } asked[] = {{"df4", 4, 0},      {"df20", 20, 0x20}, {"df5", 5, 0},      {"df11", 11, 0},
                 {"df21", 21, 0x40}, {"df20", 20, 0x50}, {"df21", 21, 0x60}, {"df4", 4, 0},
                 {"df20", 20, 0x40}, {"df21", 21, 0x50}, {"df20", 20, 0x60}, {"df5", 5, 0}};
    unsigned i = turn % (sizeof asked / sizeof asked[0]), df = asked[i].df;
    uint8_t mb[7];
    s->type = asked[i].type;
    if (df == 11) {
        s->len = hz_sim_df11(f, 5, s->frame);
        return;
    }
    if (asked[i].bds != 0) {
        hz_sim_register(f, asked[i].bds, mb);
    }
    s->len = hz_sim_reply(f, df, mb, s->frame);
}

/* Builds a frame of that kind. False when the aircraft has none to send. */
static bool fill_frame(struct sent *s, const struct hz_sim_aircraft *a, struct schedule *plan,
                       enum send k)
{
    const struct hz_sim_flight *f = &a->flight;
    switch (k) {
    case ACQUISITION:
        s->type = "df11";
        s->len = hz_sim_df11(f, 0, s->frame);
        break;
    case RADAR:
        fill_reply(s, f, plan->replies++);
        break;
    case TRAFFIC:
        s->type = plan->replies % 4 == 3 ? "df16" : "df0";
        s->len = hz_sim_air_to_air(f, plan->replies % 4 == 3 ? 16 : 0, s->frame);
        return !f->on_ground;
    default:
        fill_squitter(s, a, k, plan->odd);
        plan->odd ^= k == POSITION;
        break;
    }
    return s->type != NULL;
}

/* Inserts the frame into the list of frames on the air, which is ordered by start. False: the list
 * is full. */
static bool launch(struct modes *b, const struct hz_scene_output *out, struct sent *s, double at)
{
    if (b->in_air == AIR_MAX) {
        return false;
    }
    s->burst.start = at * out->span.rate_hz;
    s->burst.phase = hz_rng_between(&b->rng, 0, 1);
    s->burst.power = pow(10, s->snr_db / 10) * out->noise_per_hz * bandwidth_hz;
    size_t i = b->in_air++;
    for (; i > 0 && b->air[i - 1].burst.start > s->burst.start; i--) {
        b->air[i] = b->air[i - 1];
    }
    b->air[i] = *s;
    return true;
}

static void plan_aircraft(struct modes *b, const struct hz_scene_output *out, size_t i,
                          double until)
{
    const struct hz_sim_aircraft *a = &b->fleet.aircraft[i];
    struct schedule *plan = &b->schedules[i];
    for (int k = 0; k < SENDS; k++) {
        while (plan->due[k] < until) {
            double at = fmax(plan->due[k], plan->busy);
            plan->due[k] = at;
            if (at >= until) {
                break;
            }
            double wait = interval(a, (enum send)k, &b->rng);
            struct sent s = {.flight = a->flight};
            s.burst.offset_hz = a->offset_hz;
            s.burst.clock = a->clock;
            s.snr_db = hz_sim_fleet_snr(&b->fleet, a) + hz_rng_between(&b->rng, -0.5, 0.5);
            if (isfinite(wait) && fill_frame(&s, a, plan, (enum send)k)) {
                if (!launch(b, out, &s, at)) {
                    plan->due[k] = until;
                    break;
                }
                plan->busy = at + 250e-6;
            }
            plan->due[k] = at + fmin(wait, 5); /* its state may change, so check again after 5 s */
        }
    }
}

/* Gives the aircraft new values, so that no two frames of the ladder are the same. */
static void change_flight(struct hz_sim_flight *f, struct hz_rng *r)
{
    f->address = 0x400000 + hz_rng_below(r, 0x100000);
    f->lat = hz_rng_between(r, -60, 60);
    f->lon = hz_rng_between(r, -180, 180);
    f->alt_ft = hz_rng_between(r, 1000, 40000);
    f->gs_kt = hz_rng_between(r, 80, 600);
    f->track = hz_rng_between(r, 0, 360);
    snprintf(f->callsign, sizeof f->callsign, "HZ%05u", hz_rng_below(r, 100000));
}

/* Plans a frame every millisecond, with an SNR of 0, 1, ... 25 dB and again from 0. */
static void plan_ladder(struct modes *b, const struct hz_scene_output *out, double until)
{
    struct hz_sim_aircraft *a = &b->fleet.aircraft[0];
    struct schedule *plan = &b->schedules[0];
    static const enum send order[] = {ACQUISITION, POSITION, VELOCITY, POSITION, IDENTITY};
    while (1e-3 * (b->rung + 1.5) < until) {
        if (b->rung % 5 == 0) {
            change_flight(&a->flight, &b->rng);
        }
        struct sent s = {.flight = a->flight};
        s.snr_db = b->rung % 26;
        s.burst.offset_hz = hz_rng_between(&b->rng, -50e3, 50e3);
        s.burst.clock = 1;
        fill_frame(&s, a, plan, order[b->rung % 5]);
        launch(b, out, &s, 1e-3 * (b->rung + 1.2 + hz_rng_between(&b->rng, 0, 0.3)));
        b->rung++;
    }
}

static void report(const struct modes *b, const struct hz_scene_output *out, const struct sent *s)
{
    const struct hz_sim_flight *f = &s->flight;
    char fields[320];
    snprintf(fields, sizeof fields,
             "{\"icao\":\"%06X\",\"callsign\":\"%s\",\"category\":\"%s\",\"squawk\":\"%04x\","
             "\"altitude\":%d,\"lat\":%.6f,\"lon\":%.6f,\"speed\":%.1f,\"track\":%.1f,"
             "\"vrate\":%.0f,\"ground\":%s}",
             f->address, f->callsign, f->category, f->squawk, hz_sim_modes_altitude(f), f->lat,
             f->lon, f->gs_kt, f->track, f->rate_fpm, f->on_ground ? "true" : "false");
    struct hz_scene_truth t = {
        .sample = (uint64_t)floor(s->burst.start + 0.5),
        .type = s->type,
        .snr_db = s->snr_db,
        .level_dbfs = 10 * log10(s->burst.power),
        .raw = s->frame,
        .raw_len = s->len,
        .protocol = "adsb",
        .start = s->burst.start,
        .samples = hz_sim_modes_samples(&b->modulator, s->len),
        .freq_hz = 1090e6,
        .bandwidth_hz = bandwidth_hz,
        .offset_hz = s->burst.offset_hz,
        .fields = fields,
    };
    out->on_truth(out->ctx, &t);
}

static void modes_fill(void *state, const struct hz_scene_output *out)
{
    struct modes *b = state;
    const struct hz_span *span = &out->span;
    double end = (double)(span->first + span->n), until = end / span->rate_hz + skirt_s;
    size_t known = b->in_air;
    hz_sim_fleet_step(&b->fleet, HZ_SCENE_SPAN_S);
    if (b->ladder) {
        plan_ladder(b, out, until);
    } else {
        for (size_t i = 0; i < b->fleet.n; i++) {
            plan_aircraft(b, out, i, until);
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < b->in_air; i++) {
        const struct sent *s = &b->air[i];
        if (i >= known && out->on_truth != NULL) { /* what is planned now starts after all before */
            report(b, out, s);
        }
        hz_sim_modes_add(&b->modulator, s->frame, s->len, &s->burst, span);
        double over = s->burst.start + 130e-6 * span->rate_hz;
        if (over > end) {
            b->air[kept++] = *s;
        }
    }
    b->in_air = kept;
}

const struct hz_scene_ops hz_scene_modes = {
    .size = sizeof(struct modes),
    .init = modes_init,
    .fill = modes_fill,
    .done = modes_done,
};
