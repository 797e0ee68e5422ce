#include "proto/sensors/burst.h"

#include <math.h>
#include <string.h>

static const double beside_hz = 8000; /* a candidate is found in steps of 4 kHz */

enum { LONGEST_US = 3000000 }; /* longer than any burst */
enum { BITS_TEXT = 16 + HZ_GUESS_BITS / 4 };

/* ---- telling ---------------------------------------------------------------------------- */

static void put_classes(struct hz_json *j, const char *key, const struct hz_pulse_class *c,
                        size_t n)
{
    hz_json_open_array(j, key);
    for (size_t i = 0; i < n; i++) {
        hz_json_open(j, NULL);
        hz_json_decimals(j, "us", (double)c[i].us, 0);
        hz_json_uint(j, "n", c[i].n);
        hz_json_close(j);
    }
    hz_json_close_array(j);
}

static void put_symbol(struct hz_json *j, const char *key, const float *us, size_t n)
{
    hz_json_open_array(j, key);
    for (size_t i = 0; i < n; i++)
        hz_json_int(j, NULL, lroundf(us[i]));
    hz_json_close_array(j);
}

static void put_guess(struct hz_json *j, const struct hz_guess *g)
{
    char text[BITS_TEXT];
    unsigned repeats;
    size_t common = hz_guess_common(g, &repeats);
    hz_json_str(j, "coding", hz_coding_name(g->coding));
    if (g->coding == HZ_CODING_NONE || common == g->n_rows)
        return;
    put_symbol(j, "zero", g->zero, g->n_zero);
    put_symbol(j, "one", g->one, g->n_one);
    hz_bits_text(text, sizeof text, g->bit + g->row[common].from, g->row[common].n);
    hz_json_str(j, "bits", text);
    hz_json_uint(j, "repeats", repeats);
}

static void put_burst(struct hz_json *j, const struct hz_pulses *p, const struct hz_guess *g,
                      const struct hz_setup *setup)
{
    bool fsk = p->modulation == HZ_WAVE_FSK;
    if (setup->centre_hz > 0)
        hz_json_decimals(j, "carrier_hz", setup->centre_hz + p->carrier_hz, 0);
    hz_json_str(j, "modulation", fsk ? "FSK" : "OOK");
    if (fsk)
        hz_json_decimals(j, "deviation_hz", p->deviation_hz, 0);
    hz_json_decimals(j, "duration_ms", (double)(p->end - p->first) / setup->rate_hz * 1e3, 2);
    put_classes(j, "pulses", p->on, p->n_on);
    put_classes(j, "gaps", p->off, p->n_off);
    hz_json_uint(j, "rows", p->n_rows);
    put_guess(j, g);
}

/* Whether the carrier, of FSK one of its tones, is where the burst was found. */
static bool is_found_here(const struct hz_pulses *p, const struct hz_setup *setup)
{
    double low = setup->burst_low_hz - beside_hz, high = setup->burst_high_hz + beside_hz;
    if (setup->burst_low_hz == 0 && setup->burst_high_hz == 0) /* exact: not known */
        return true;
    return p->carrier_hz + p->deviation_hz >= low && p->carrier_hz - p->deviation_hz <= high;
}

bool hz_burst_tell(struct hz_burst_look *look, const float *iq, size_t n,
                   const struct hz_setup *setup, uint64_t first, struct hz_sink *sink)
{
    struct hz_pulses *p = &look->pulses;
    uint8_t packed[HZ_BURST_PACKED_MAX];
    if (!hz_pulses_find(p, iq, n, setup->rate_hz) || !is_found_here(p, setup))
        return false;
    hz_guess_make(&look->guess, p);
    struct hz_burst b = {.sample = first + p->first,
                         .end = first + p->end,
                         .rssi_dbfs = p->rssi_dbfs,
                         .noise_dbfs = p->noise_dbfs,
                         .snr_db = p->rssi_dbfs - p->noise_dbfs,
                         .offset_hz = (float)p->carrier_hz,
                         .raw = packed,
                         .raw_len = hz_burst_pack(p, packed, sizeof packed)};
    struct hz_json *j = hz_sink_begin_burst(sink, &b);
    put_burst(j, p, &look->guess, setup);
    hz_sink_end_burst(sink);
    return true;
}

/* ---- lengths as bytes ------------------------------------------------------------------- */

static size_t put_number(uint8_t *out, size_t at, size_t max, float us)
{
    uint32_t v = us < 1e9f ? (uint32_t)(us + 0.5f) : 1000000000;
    for (; v > 127 && at < max; v >>= 7)
        out[at++] = (uint8_t)(v | 128);
    if (at < max)
        out[at++] = (uint8_t)v;
    return at;
}

size_t hz_burst_pack(const struct hz_pulses *p, uint8_t *out, size_t max)
{
    size_t at = 0;
    if (max == 0)
        return 0;
    out[at++] = (uint8_t)((p->modulation == HZ_WAVE_FSK ? 2 : 0) | (p->n > 0 && p->us[0] > 0));
    for (size_t r = 0; r < p->n_rows; r++) {
        const float *us = p->us + p->row[r].from;
        if (r > 0) {
            /* behind it the row begins with a length of its own sign */
            at = put_number(out, at, max, 0);
            at = put_number(out, at, max, p->row[r].before_us);
            at = put_number(out, at, max, us[0] > 0 ? 1 : 0);
        }
        for (size_t i = 0; i < p->row[r].n; i++)
            at = put_number(out, at, max, fmaxf(fabsf(us[i]), 1));
    }
    return at;
}

/* The next number; false: there is none, or none that a burst has. */
static bool take_number(const uint8_t *in, size_t n, size_t *at, uint32_t *v)
{
    *v = 0;
    for (unsigned shift = 0; *at < n && shift < 35; shift += 7) {
        uint8_t byte = in[(*at)++];
        if (shift == 28 && byte > 15)
            return false;
        *v |= (uint32_t)(byte & 127) << shift;
        if (byte < 128)
            return *v <= LONGEST_US;
    }
    return false;
}

/* The lengths since the last row are one, and the next begins after that silence. */
static void end_row(struct hz_pulses *p, struct hz_pulse_row *row, float silence_us)
{
    row->n = p->n - row->from;
    if (row->n > 0 && p->n_rows < HZ_PULSE_ROWS)
        p->row[p->n_rows++] = *row;
    *row = (struct hz_pulse_row){p->n, 0, silence_us};
}

bool hz_burst_unpack(struct hz_pulses *p, const uint8_t *in, size_t n)
{
    size_t at = 1;
    uint32_t v, silence, on;
    struct hz_pulse_row row = {0};
    *p = (struct hz_pulses){0};
    if (n < 2)
        return false;
    p->modulation = in[0] & 2 ? HZ_WAVE_FSK : HZ_WAVE_OOK;
    bool is_on = in[0] & 1;
    while (take_number(in, n, &at, &v)) {
        if (v == 0) {
            if (!take_number(in, n, &at, &silence) || !take_number(in, n, &at, &on))
                break;
            end_row(p, &row, (float)silence);
            is_on = on;
        } else if (p->n < HZ_PULSES_MAX) {
            p->us[p->n++] = is_on ? (float)v : -(float)v;
            is_on = !is_on;
        } else {
            p->cut = true;
        }
    }
    end_row(p, &row, 0);
    hz_pulses_classify(p);
    return p->n_rows > 0;
}
