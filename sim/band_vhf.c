/* A VHF band: ships on the AIS channels, voice, and for tests packets and pagers beside them. The
 * receiver's crystal is a little off, as crystals are. */
#include "sim/afsk.h"
#include "sim/ax25.h"
#include "sim/band.h"
#include "sim/fsk.h"
#include "sim/hdlc.h"
#include "sim/pocsag.h"
#include "sim/ships.h"
#include "sim/voice.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { SHIPS = 24, AIR_MAX = 48, TALKS = 3, VOICES_MAX = 3, PACKETERS = 2, PAGERS = 3 };
enum { RAW_MAX = HZ_SIM_AX25_MAX, SYMBOLS_MAX = HZ_SIM_POCSAG_MAX };

static const double crystal = 2.5e-6; /* of the receiver, over nominal */
static const double slot_s = 60.0 / 2250;
static const double ais_hz[2] = {161.975e6, 162.025e6};

/* One transmission that is on the air or planned. */
struct sent {
    const struct hz_sim_track *track;
    struct hz_sim_track own; /* freed when it is over; empty where the track is a voice's */
    struct hz_burst burst;
    bool told;
    const char *protocol;
    char type[16], fields[400];
    double freq_hz, bandwidth_hz, snr_db, clock, tx_offset_hz;
    uint8_t raw[RAW_MAX];
    size_t raw_len;
};

struct voice {
    const char *protocol;
    double freq_hz, ctcss_hz, snr_db, due;
    double depth; /* of AM; FM has a deviation of 2.5 kHz */
    struct hz_sim_track talks[TALKS];
};

struct sailing {
    struct hz_sim_ship ship;
    double position_due, static_due;
    bool part_b; /* what comes next of a yacht's two parts */
};

struct band {
    struct hz_rng rng;
    double now;
    struct sailing ships[SHIPS];
    uint64_t slots[2]; /* the first free one of each channel */
    bool second_channel;
    struct voice voices[VOICES_MAX];
    size_t n_voices;
    bool mix;
    double packet_due[PACKETERS], page_due[PAGERS];
    struct sent air[AIR_MAX];
    size_t in_air;
    float symbols[SYMBOLS_MAX];
};

/* ---- Onto the air ---- */

/* The next free place in the list, cleared; NULL when the band is full (nothing is sent then). */
static struct sent *prepare(struct band *b, const char *protocol, double freq_hz,
                            double bandwidth_hz)
{
    if (b->in_air == AIR_MAX) {
        return NULL;
    }
    struct sent *s = &b->air[b->in_air];
    memset(s, 0, sizeof *s);
    s->protocol = protocol;
    s->freq_hz = freq_hz;
    s->bandwidth_hz = bandwidth_hz;
    s->clock = 1;
    return s;
}

/* Puts what prepare gave on the air at that time, seen through the receiver's crystal, which runs
 * both its tuner and its sample clock. */
static void launch(struct band *b, const struct hz_band_air *air, struct sent *s, double at)
{
    double rate = air->span.rate_hz;
    s->burst.start = at * rate * (1 + crystal);
    s->burst.clock = s->clock / (1 + crystal);
    s->burst.offset_hz = s->freq_hz + s->tx_offset_hz - air->centre_hz - crystal * s->freq_hz;
    s->burst.phase = hz_rng_between(&b->rng, 0, 1);
    s->burst.power = pow(10, s->snr_db / 10) * air->noise_per_hz * s->bandwidth_hz;
    b->in_air++;
}

static void tell(const struct hz_band_air *air, struct sent *s)
{
    const struct hz_sim_track *track = s->track != NULL ? s->track : &s->own;
    struct hz_scene_truth t = {
        .sample = (uint64_t)floor(s->burst.start + 0.5),
        .type = s->type,
        .snr_db = s->snr_db,
        .level_dbfs = 10 * log10(s->burst.power),
        .raw = s->raw,
        .raw_len = s->raw_len,
        .protocol = s->protocol,
        .start = s->burst.start,
        .samples = hz_sim_track_samples(track, &s->burst, air->span.rate_hz),
        .freq_hz = s->freq_hz,
        .bandwidth_hz = s->bandwidth_hz,
        .offset_hz = s->burst.offset_hz - (s->freq_hz - air->centre_hz),
        .fields = s->fields,
    };
    air->tell(air->ctx, &t);
}

/* Tells of all that is new, in order of start. */
static void tell_new(struct band *b, const struct hz_band_air *air)
{
    for (;;) {
        struct sent *first = NULL;
        for (size_t i = 0; i < b->in_air; i++) {
            struct sent *s = &b->air[i];
            if (!s->told && (first == NULL || s->burst.start < first->burst.start)) {
                first = s;
            }
        }
        if (first == NULL) {
            return;
        }
        first->told = true;
        if (air->tell != NULL) {
            tell(air, first);
        }
    }
}

static void add_all(struct band *b, const struct hz_band_air *air)
{
    double end = (double)(air->span.first + air->span.n);
    size_t kept = 0;
    for (size_t i = 0; i < b->in_air; i++) {
        struct sent *s = &b->air[i];
        const struct hz_sim_track *track = s->track != NULL ? s->track : &s->own;
        hz_sim_track_add(track, &s->burst, &air->span);
        double over = s->burst.start + hz_sim_track_samples(track, &s->burst, air->span.rate_hz);
        if (over <= end) {
            hz_sim_track_done(&s->own);
        } else if (kept++ != i) {
            b->air[kept - 1] = *s;
        }
    }
    b->in_air = kept;
}

/* ---- AIS ---- */

/* Seconds between position reports (M.1371-5, annex 1, table 1; class B carrier sense). */
static double report_interval(const struct hz_sim_ship *s)
{
    switch (s->kind) {
    case HZ_SIM_CLASS_A:
        return s->speed_kt < 3         ? 180
               : s->speed_kt > 23      ? 2
               : s->speed_kt > 14      ? (fabs(s->turn_dpm) > 5 ? 2 : 6)
               : fabs(s->turn_dpm) > 5 ? 10.0 / 3
                                       : 10;
    case HZ_SIM_CLASS_B:
        return s->speed_kt > 2 ? 30 : 180;
    case HZ_SIM_SHORE:
        return 10;
    default:
        return 180;
    }
}

static size_t fill_report(const struct sailing *v, bool report, double second, uint8_t *out)
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

/* Eight bits for the transmitter to rise, 24 of training, the frame, four to fall. */
static int modulate_ais(struct band *b, struct sent *s)
{
    static const struct hz_sim_fsk gmsk = {9600, 2400, 0.4, 4};
    uint8_t bit[1024];
    struct hz_sim_bits bits = {bit, 0, sizeof bit};
    hz_sim_bits_put(&bits, 32, 0x55555555);
    hz_sim_hdlc_frame(&bits, s->raw, s->raw_len);
    hz_sim_bits_put(&bits, 4, 0);
    hz_sim_nrzi(&bits, b->symbols);
    return hz_sim_fsk(&gmsk, b->symbols, bits.n, &s->own);
}

static void describe_ship(struct sent *s, const struct hz_sim_ship *v)
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

/* In the next free slot of the channel whose turn it is; false: that slot is not near yet, and
 * *due says when it is. */
static bool send_ais(struct band *b, const struct hz_band_air *air, struct sailing *v, bool report,
                     double *due, double until)
{
    const struct hz_sim_ship *ship = &v->ship;
    int channel = b->second_channel;
    uint64_t slot = (uint64_t)ceil(*due / slot_s - 1e-6);
    slot = slot < b->slots[channel] ? b->slots[channel] : slot;
    double at = (double)slot * slot_s + ship->late_s;
    *due = (double)slot * slot_s;
    if (at >= until) {
        return false;
    }
    struct sent *s = prepare(b, "ais", ais_hz[channel], 25e3);
    if (s == NULL) {
        return true;
    }
    s->raw_len = fill_report(v, report, at, s->raw);
    s->clock = ship->clock;
    s->tx_offset_hz = ship->offset_hz;
    double snr = 28 - 40 * log10(ship->range_m / 25e3) + ship->power_db;
    s->snr_db = fmin(snr, 35);
    describe_ship(s, ship);
    if (modulate_ais(b, s) == 0) {
        launch(b, air, s, at);
    }
    b->slots[channel] = slot + (s->raw_len > 32 ? 2 : 1);
    b->second_channel = !b->second_channel;
    return true;
}

static void plan_ships(struct band *b, const struct hz_band_air *air, double until)
{
    for (size_t i = 0; i < SHIPS; i++) {
        struct sailing *v = &b->ships[i];
        hz_sim_ship_step(&v->ship, b->now, HZ_BAND_SPAN_S, &b->rng);
        if (v->position_due < until && send_ais(b, air, v, true, &v->position_due, until)) {
            v->position_due += report_interval(&v->ship) * hz_rng_between(&b->rng, 0.9, 1.1);
        }
        if (v->static_due < until && send_ais(b, air, v, false, &v->static_due, until)) {
            /* every 6 minutes; a yacht's second part follows the first within the minute */
            v->static_due += v->ship.kind == HZ_SIM_CLASS_B && !v->part_b ? 30 : 330;
            v->part_b = !v->part_b;
        }
    }
}

static void init_ships(struct band *b)
{
    for (size_t i = 0; i < SHIPS; i++) {
        struct sailing *v = &b->ships[i];
        hz_sim_ship_init(&v->ship, i, &b->rng);
        double wait = fmin(report_interval(&v->ship), 30);
        v->position_due = hz_rng_between(&b->rng, 0, wait);
        bool has_static = v->ship.kind == HZ_SIM_CLASS_A || v->ship.kind == HZ_SIM_CLASS_B;
        v->static_due = has_static ? hz_rng_between(&b->rng, 0, 60) : INFINITY;
    }
}

/* ---- Voice ---- */

static int init_voice(struct band *b, const char *protocol, double freq_hz, double ctcss_hz,
                      double depth)
{
    struct voice *v = &b->voices[b->n_voices++];
    v->protocol = protocol;
    v->freq_hz = freq_hz;
    v->ctcss_hz = ctcss_hz;
    v->depth = depth;
    v->snr_db = hz_rng_between(&b->rng, 15, 30);
    v->due = hz_rng_between(&b->rng, 0.2, 3);
    int err = 0;
    for (int i = 0; i < TALKS && err == 0; i++) {
        double seconds = hz_rng_between(&b->rng, 1.5, 4.5);
        err = depth > 0 ? hz_sim_am(seconds, depth, &b->rng, &v->talks[i])
                        : hz_sim_nfm(seconds, 2500, ctcss_hz, &b->rng, &v->talks[i]);
    }
    return err;
}

static void plan_voices(struct band *b, const struct hz_band_air *air, double until)
{
    for (size_t i = 0; i < b->n_voices; i++) {
        struct voice *v = &b->voices[i];
        if (v->due >= until) {
            continue;
        }
        const struct hz_sim_track *talk = &v->talks[hz_rng_below(&b->rng, TALKS)];
        struct sent *s = prepare(b, v->protocol, v->freq_hz, v->depth > 0 ? 8330 : 12500);
        double at = v->due;
        v->due += (double)talk->n / talk->rate_hz + hz_rng_between(&b->rng, 1, 8);
        if (s == NULL) {
            continue;
        }
        s->track = talk;
        s->snr_db = v->snr_db;
        snprintf(s->type, sizeof s->type, "speech");
        snprintf(s->fields, sizeof s->fields,
                 v->depth > 0 ? "{\"depth\":%.2f}" : "{\"ctcss\":%.1f,\"deviation\":2500}",
                 v->depth > 0 ? v->depth : v->ctcss_hz);
        launch(b, air, s, at);
    }
}

/* ---- Packets and pagers ---- */

static void make_packet(struct band *b, char *text, size_t room)
{
    struct hz_rng *r = &b->rng;
    unsigned lat = hz_rng_below(r, 6000), lon = hz_rng_below(r, 6000),
             number = hz_rng_below(r, 999);
    switch (hz_rng_below(r, 3)) {
    case 0:
        snprintf(text, room,
                 "DL%uHZ-9>APRS,WIDE1-1,WIDE2-1:!53%02u.%02uN/008%02u.%02uE>on the road %u",
                 number % 10, lat / 100, lat % 100, lon / 100, lon % 100, number);
        break;
    case 1:
        snprintf(text, room, "DB0HZ>APRS,DB0XY*,WIDE2-1:>status of the digipeater %u", number);
        break;
    default:
        snprintf(text, room, "OZ1HZ-5>APRS::DL1HZ-9  :hello number %u{%u", number, number);
        break;
    }
}

/* Flags while the transmitter settles, the frame, a few flags; scrambled at 9600 baud. */
static int modulate_packet(struct band *b, struct sent *s, bool fast)
{
    static const struct hz_sim_fsk g3ruh = {9600, 3000, 0.6, 8};
    uint8_t bit[8192];
    struct hz_sim_bits bits = {bit, 0, sizeof bit};
    for (int i = 0; i < (fast ? 60 : 30); i++) {
        hz_sim_bits_put(&bits, 8, 0x7e);
    }
    hz_sim_hdlc_frame(&bits, s->raw, s->raw_len);
    hz_sim_bits_put(&bits, 16, 0x7e7e);
    if (fast) {
        hz_sim_scramble_g3ruh(&bits);
    }
    hz_sim_nrzi(&bits, b->symbols);
    return fast ? hz_sim_fsk(&g3ruh, b->symbols, bits.n, &s->own)
                : hz_sim_afsk1200(b->symbols, bits.n, 3000, &s->own);
}

static void plan_packets(struct band *b, const struct hz_band_air *air, double until)
{
    for (size_t i = 0; i < PACKETERS; i++) {
        bool fast = i == 1;
        if (b->packet_due[i] >= until) {
            continue;
        }
        struct sent *s =
            fast ? prepare(b, "ax25-9600", 163.2e6, 25e3) : prepare(b, "aprs", 162.45e6, 12.5e3);
        double at = b->packet_due[i];
        b->packet_due[i] += hz_rng_between(&b->rng, 1.5, 3);
        if (s == NULL) {
            continue;
        }
        char text[160];
        make_packet(b, text, sizeof text);
        s->raw_len = hz_sim_ax25(text, s->raw);
        s->snr_db = hz_rng_between(&b->rng, 14, 26);
        s->tx_offset_hz = hz_rng_between(&b->rng, -300, 300);
        snprintf(s->type, sizeof s->type, "ui");
        snprintf(s->fields, sizeof s->fields, "{\"tnc2\":\"%s\"}", text);
        if (modulate_packet(b, s, fast) == 0) {
            launch(b, air, s, at);
        }
    }
}

static void make_page(struct band *b, struct hz_sim_page *page, char *text, size_t room)
{
    page->address = hz_rng_below(&b->rng, 1 << 21);
    page->alpha = hz_rng_chance(&b->rng, 0.6);
    page->function = page->alpha ? 3 : 0;
    page->text = text;
    unsigned a = hz_rng_below(&b->rng, 100000), c = hz_rng_below(&b->rng, 1000);
    snprintf(text, room, page->alpha ? "Pump %u reports level %u cm, call back" : "%u-%u", a, c);
}

static void plan_pages(struct band *b, const struct hz_band_air *air, double until)
{
    static const struct {
        const char *protocol;
        struct hz_sim_fsk fsk;
        double freq_hz;
    } pagers[PAGERS] = {{"pocsag512", {512, 4500, 3, 2}, 162.7e6},
                        {"pocsag1200", {1200, 4500, 2, 2}, 162.75e6},
                        {"pocsag2400", {2400, 4500, 1, 2}, 162.8e6}};
    for (size_t i = 0; i < PAGERS; i++) {
        if (b->page_due[i] >= until) {
            continue;
        }
        struct sent *s = prepare(b, pagers[i].protocol, pagers[i].freq_hz, 12.5e3);
        double at = b->page_due[i];
        b->page_due[i] += 1500 / pagers[i].fsk.baud + hz_rng_between(&b->rng, 0.5, 4);
        if (s == NULL) {
            continue;
        }
        struct hz_sim_page page;
        char text[80];
        make_page(b, &page, text, sizeof text);
        size_t n = hz_sim_pocsag(&page, b->symbols);
        s->snr_db = hz_rng_between(&b->rng, 12, 25);
        snprintf(s->type, sizeof s->type, page.alpha ? "alpha" : "numeric");
        snprintf(s->fields, sizeof s->fields, "{\"address\":%u,\"function\":%u,\"text\":\"%s\"}",
                 page.address, page.function, text);
        s->raw_len = (size_t)snprintf((char *)s->raw, sizeof s->raw, "%u:%u:%s", page.address,
                                      page.function, text);
        if (hz_sim_fsk(&pagers[i].fsk, b->symbols, n, &s->own) == 0) {
            launch(b, air, s, at);
        }
    }
}

/* ---- The band ---- */

static int vhf_init(void *state, const struct hz_scene_info *about, int variant, uint64_t seed)
{
    (void)about;
    struct band *b = state;
    hz_rng_init(&b->rng, seed, 3);
    init_ships(b);
    b->mix = variant == HZ_VHF_MIX;
    for (int i = 0; i < PACKETERS; i++) {
        b->packet_due[i] = hz_rng_between(&b->rng, 0, 1);
    }
    for (int i = 0; i < PAGERS; i++) {
        b->page_due[i] = hz_rng_between(&b->rng, 0, 1);
    }
    int err = init_voice(b, "nfm", 161.6e6, 88.5, 0);
    if (err == 0) {
        err = b->mix ? init_voice(b, "am", 161.35e6, 0, 0.7) : init_voice(b, "nfm", 161.45e6, 0, 0);
    }
    return err;
}

static void vhf_done(void *state)
{
    struct band *b = state;
    for (size_t i = 0; i < b->in_air; i++) {
        hz_sim_track_done(&b->air[i].own);
    }
    for (size_t i = 0; i < b->n_voices; i++) {
        for (int k = 0; k < TALKS; k++) {
            hz_sim_track_done(&b->voices[i].talks[k]);
        }
    }
}

static void vhf_fill(void *state, const struct hz_band_air *air)
{
    struct band *b = state;
    double end = (double)(air->span.first + air->span.n);
    double until = end / air->span.rate_hz / (1 + crystal);
    b->now = until;
    plan_ships(b, air, until);
    plan_voices(b, air, until);
    if (b->mix) {
        plan_packets(b, air, until);
        plan_pages(b, air, until);
    }
    tell_new(b, air);
    add_all(b, air);
}

const struct hz_band hz_band_vhf = {
    .size = sizeof(struct band),
    .init = vhf_init,
    .fill = vhf_fill,
    .done = vhf_done,
};
