#include "proto/wmbus/receive.h"

#include "dsp/clones.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MARGIN = 4,   /* chips around the pattern that its timing is looked for in, and may end in */
    RUN_OUT = 2,  /* chips behind the last one wanted: the detector is sure of none at its end */
    C_WORD = 16,  /* chips behind the sync word that tell mode C, and which format */
    C_ERRORS = 2, /* of them that may be wrong; the two words differ in four */
    TIMES = 9,    /* begins that are tried, in eighths of a chip around the place */
    PIECE = 8,    /* chips of the pattern over which the carrier's phase holds */
    CLOCKS = 7,   /* chip rates that are tried around the place's */
};

static const double two_pi = 6.28318530717958647692;
static const double tone_step_hz = 5e3;
static const double least_shift_hz = 30e3; /* between the tones: a deviation of 15 kHz */
static const float memory = 0.8f;          /* of the carrier's phase, per chip */
static const float strong = 0.35f;         /* r of a place that is a telegram's */
/* The clock is known within some tenths of a percent from the pattern, and a telegram has up to
 * 4,640 chips. */
static const struct hz_cpm_gains gains = {0.03f, 3e-4f, 0.001f};

/* ---- memory ------------------------------------------------------------------------------ */

static void make_turns(struct hz_wmbus_receive *r)
{
    for (size_t n = 0; n < HZ_WMBUS_LONG_CHIP; n++)
        for (size_t f = 0; f < HZ_WMBUS_TONES; f++) {
            double hz = ((double)f - HZ_WMBUS_TONES / 2) * tone_step_hz;
            double angle = two_pi * hz / r->rate_hz * (double)n;
            r->turn[(2 * n) * HZ_WMBUS_TONES + f] = (float)cos(angle);
            r->turn[(2 * n + 1) * HZ_WMBUS_TONES + f] = (float)sin(angle);
        }
}

int hz_wmbus_receive_init(struct hz_wmbus_receive *r, const struct hz_wmbus_mode *mode,
                          double rate_hz)
{
    double longest = rate_hz / mode->chips_s / mode->clocks[0]; /* of a chip but for clock_off */
    enum hz_wmbus_code code = mode == &hz_wmbus_s ? HZ_WMBUS_MANCHESTER : HZ_WMBUS_THREE_OF_SIX;
    struct hz_cpm_mode how = {
        .samples_per_bit = longest, .h = 1, .bt = 1000, .states_log2 = 2, .memory = memory};
    memset(r, 0, sizeof *r);
    r->mode = mode;
    r->rate_hz = rate_hz;
    r->max_chips = mode->chips + hz_wmbus_chips(code, HZ_WMBUS_FRAME) + RUN_OUT;
    longest *= 1 + mode->clock_off;
    r->samples = (size_t)ceil((double)(r->max_chips + 2 * MARGIN) * longest);
    r->sums = (size_t)ceil((double)(mode->chips + 2 * MARGIN) * longest * 1.05) + 2;
    r->cpm = hz_cpm_new(&how, r->max_chips);
    r->iq = malloc(2 * r->samples * sizeof *r->iq);
    r->turn = malloc(2 * HZ_WMBUS_LONG_CHIP * HZ_WMBUS_TONES * sizeof *r->turn);
    r->chip = malloc(r->max_chips);
    r->sure = malloc(r->max_chips * sizeof *r->sure);
    for (int i = 0; i < 2; i++)
        r->sum[i] = malloc(2 * r->sums * sizeof *r->sum[i]);
    if (!r->cpm || !r->iq || !r->turn || !r->chip || !r->sure || !r->sum[0] || !r->sum[1]) {
        hz_wmbus_receive_done(r);
        return -ENOMEM;
    }
    make_turns(r);
    return 0;
}

void hz_wmbus_receive_done(struct hz_wmbus_receive *r)
{
    hz_cpm_free(r->cpm);
    free(r->iq);
    free(r->turn);
    free(r->chip);
    free(r->sure);
    free(r->sum[0]);
    free(r->sum[1]);
    memset(r, 0, sizeof *r);
}

/* ---- tones, timing, clock ----------------------------------------------------------------- */

/* What is known of a telegram before its chips are read. Samples from iq[0] of the caller's. */
struct line {
    double begin, chip; /* of the pattern; samples of a chip */
    double tone[2];     /* of chips of 0 and of 1, cycles per sample */
};

/* Adds the energy of one chip's samples at each tone. */
HZ_CLONES static void add_energy(const float *x, size_t n, const float *turn, float *energy)
{
    float re[HZ_WMBUS_TONES] = {0}, im[HZ_WMBUS_TONES] = {0};
    for (size_t i = 0; i < n; i++, x += 2, turn += 2 * HZ_WMBUS_TONES)
        for (size_t f = 0; f < HZ_WMBUS_TONES; f++) {
            re[f] += x[0] * turn[f] + x[1] * turn[HZ_WMBUS_TONES + f];
            im[f] += x[1] * turn[f] - x[0] * turn[HZ_WMBUS_TONES + f];
        }
    for (size_t f = 0; f < HZ_WMBUS_TONES; f++)
        energy[f] += re[f] * re[f] + im[f] * im[f];
}

/* The peak in cycles per sample. */
static double peak(const struct hz_wmbus_receive *r, const float *energy)
{
    size_t best = 1;
    for (size_t f = 1; f + 1 < HZ_WMBUS_TONES; f++)
        best = energy[f] > energy[best] ? f : best;
    double low = (double)energy[best - 1], mid = (double)energy[best],
           high = (double)energy[best + 1];
    double bend = low - 2 * mid + high, off = bend < 0 ? 0.5 * (low - high) / bend : 0;
    off = fmin(fmax(off, -0.5), 0.5);
    return ((double)best + off - HZ_WMBUS_TONES / 2) * tone_step_hz / r->rate_hz;
}

static void find_tones(const struct hz_wmbus_receive *r, const float *iq, struct line *l)
{
    float energy[2][HZ_WMBUS_TONES] = {{0}};
    for (size_t k = 0; k < r->mode->chips; k++) {
        size_t from = (size_t)ceil(l->begin + (double)k * l->chip);
        size_t end = (size_t)ceil(l->begin + (double)(k + 1) * l->chip);
        size_t n = end - from < HZ_WMBUS_LONG_CHIP ? end - from : HZ_WMBUS_LONG_CHIP;
        add_energy(iq + 2 * from, n, r->turn, energy[r->mode->pattern[k]]);
    }
    l->tone[0] = peak(r, energy[0]);
    l->tone[1] = peak(r, energy[1]);
}

struct rotor {
    double re, im;
};

/* Prefix sums of the samples at one tone: sum[i] of the samples before i. */
static void add_up(const float *x, size_t n, double tone, float *sum)
{
    double turn_re = cos(two_pi * tone), turn_im = -sin(two_pi * tone);
    double re = 1, im = 0, sum_re = 0, sum_im = 0;
    for (size_t i = 0; i < n; i++) {
        sum[2 * i] = (float)sum_re;
        sum[2 * i + 1] = (float)sum_im;
        sum_re += (double)x[2 * i] * re - (double)x[2 * i + 1] * im;
        sum_im += (double)x[2 * i] * im + (double)x[2 * i + 1] * re;
        double next = re * turn_re - im * turn_im;
        im = re * turn_im + im * turn_re;
        re = next;
    }
}

/* The prefix sum at a fractional sample. */
static void at(const float *sum, double t, double out[2])
{
    size_t i = (size_t)t;
    double part = t - (double)i;
    for (int c = 0; c < 2; c++) {
        double low = (double)sum[2 * i + (size_t)c], high = (double)sum[2 * i + 2 + (size_t)c];
        out[c] = low + part * (high - low);
    }
}

static struct rotor times(struct rotor a, struct rotor b)
{
    return (struct rotor){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

static struct rotor turned(double cycles)
{
    return (struct rotor){cos(two_pi * cycles), sin(two_pi * cycles)};
}

/* The sum over pieces of the pattern of |sum of x(n) exp(-j phi(n))|, where phi is the phase of the
 * pattern sent so. With the sums S_k of a chip at its own tone, phase continuity at the border
 * n_k of chips k - 1 and k turns S_k by (f_(k-1) - f_k) n_k cycles more than S_(k-1). */
static double agreement(const struct hz_wmbus_receive *r, const struct line *l, double begin,
                        double chip)
{
    double apart = l->tone[1] - l->tone[0], sum = 0, from[2], to[2];
    struct rotor border = turned(apart * begin), step = turned(apart * chip);
    struct rotor angle = {1, 0}, piece = {0, 0};
    for (size_t k = 0; k < r->mode->chips; k++, border = times(border, step)) {
        const uint8_t *now = r->mode->pattern + k;
        if (k > 0 && now[0] != now[-1])
            angle = times(angle, (struct rotor){border.re, now[0] ? border.im : -border.im});
        at(r->sum[*now], begin + (double)k * chip, from);
        at(r->sum[*now], begin + (double)(k + 1) * chip, to);
        struct rotor s = times((struct rotor){to[0] - from[0], to[1] - from[1]}, angle);
        piece.re += s.re;
        piece.im += s.im;
        if ((k + 1) % PIECE == 0 || k + 1 == r->mode->chips) {
            sum += hypot(piece.re, piece.im);
            piece = (struct rotor){0, 0};
        }
    }
    return sum;
}

/* Begin and clock together; the pattern's middle stays where it is while the clock changes. */
static void find_timing(struct hz_wmbus_receive *r, const float *iq, struct line *l)
{
    const double half = (double)r->mode->chips / 2;
    double chip = l->chip, middle = l->begin + half * chip, best = -1;
    for (int i = 0; i < 2; i++) {
        r->sum_tone[i] = l->tone[i];
        add_up(iq, r->sums, l->tone[i], r->sum[i]);
    }
    for (int c = 0; c < CLOCKS; c++) {
        double length = chip * (1 + r->mode->clock_off * (2.0 * c / (CLOCKS - 1) - 1));
        for (int t = 0; t < TIMES; t++) {
            double begin = middle - half * length + chip * (t - TIMES / 2) / 8;
            double now = agreement(r, l, begin, length);
            if (now > best) {
                best = now;
                l->begin = begin;
                l->chip = length;
            }
        }
    }
}

/* The pattern's chips, each as its sum at its tone, turned back by the phase that the line has in
 * the chip's middle: what is left tells the errors of the line. */
static void rotate_chips(const struct hz_wmbus_receive *r, const struct line *l,
                         struct rotor out[HZ_WMBUS_PATTERN])
{
    double from[2], to[2], phase = 0; /* of the line at the chip's begin, cycles */
    for (size_t k = 0; k < r->mode->chips; k++) {
        uint8_t bit = r->mode->pattern[k];
        double turn = l->tone[bit] * l->chip, begin = l->begin + (double)k * l->chip;
        double middle = r->sum_tone[bit] * (begin + l->chip / 2) - (phase + turn / 2);
        at(r->sum[bit], begin, from);
        at(r->sum[bit], begin + l->chip, to);
        out[k] = times((struct rotor){to[0] - from[0], to[1] - from[1]}, turned(middle));
        phase += turn;
    }
}

/* The carrier's error by the turn from piece to piece, which may be large. */
static void refine_carrier(const struct hz_wmbus_receive *r, struct line *l)
{
    struct rotor chip[HZ_WMBUS_PATTERN], sum[HZ_WMBUS_PATTERN / PIECE] = {0};
    size_t pieces = r->mode->chips / PIECE;
    double re = 0, im = 0;
    rotate_chips(r, l, chip);
    for (size_t k = 0; k < pieces * PIECE; k++) {
        sum[k / PIECE].re += chip[k].re;
        sum[k / PIECE].im += chip[k].im;
    }
    for (size_t i = 1; i < pieces; i++) {
        struct rotor turn = times(sum[i], (struct rotor){sum[i - 1].re, -sum[i - 1].im});
        re += turn.re;
        im += turn.im;
    }
    double off = atan2(im, re) / (two_pi * PIECE * l->chip);
    l->tone[0] += off;
    l->tone[1] += off;
}

enum { UNKNOWNS = 5 };

/* Solves the normal equations m x = m[][UNKNOWNS] in place: x is in the last column. */
static void solve(double m[UNKNOWNS][UNKNOWNS + 1])
{
    for (int c = 0; c < UNKNOWNS; c++)
        for (int row = 0; row < UNKNOWNS; row++) {
            double k = row == c || m[c][c] == 0 ? 0 : m[row][c] / m[c][c];
            for (int col = 0; col <= UNKNOWNS; col++)
                m[row][col] -= k * m[c][col];
        }
    for (int c = 0; c < UNKNOWNS; c++)
        m[c][UNKNOWNS] = m[c][c] != 0 ? m[c][UNKNOWNS] / m[c][c] : 0;
}

/* All that is left, by least squares from the phases y_k of the chips. With s_k = +-1 the chip's
 * sign, R_k the sum of s up to its middle, d half the tones' distance in cycles per sample, a late
 * begin turns a chip by -s_k d per sample, and k times a wrong length likewise:
 *     y_k = y + f T k - s_k d (t + t' k) + d' T R_k   (cycles; T a chip, unknown y f t t' d'). */
static void refine_all(const struct hz_wmbus_receive *r, struct line *l)
{
    struct rotor chip[HZ_WMBUS_PATTERN], all = {0, 0};
    double m[UNKNOWNS][UNKNOWNS + 1] = {{0}}, sum = 0, half = (double)r->mode->chips / 2;
    double d = (l->tone[1] - l->tone[0]) / 2;
    rotate_chips(r, l, chip);
    for (size_t k = 0; k < r->mode->chips; k++) {
        all.re += chip[k].re;
        all.im += chip[k].im;
    }
    all.im = -all.im;
    for (size_t k = 0; k < r->mode->chips; k++) {
        double s = r->mode->pattern[k] ? 1 : -1, at_k = (double)k + 0.5 - half;
        struct rotor c = times(chip[k], all);
        double x[UNKNOWNS] = {1, at_k, s, s * at_k, sum + s / 2};
        double y = atan2(c.im, c.re) / two_pi, weight = c.re * c.re + c.im * c.im;
        sum += s;
        for (int i = 0; i < UNKNOWNS; i++) {
            for (int j = 0; j < UNKNOWNS; j++)
                m[i][j] += weight * x[i] * x[j];
            m[i][UNKNOWNS] += weight * x[i] * y;
        }
    }
    solve(m);
    double off = m[1][UNKNOWNS] / l->chip, more = m[4][UNKNOWNS] / l->chip;
    double late = -m[2][UNKNOWNS] / d, longer = -m[3][UNKNOWNS] / d;
    longer = fmin(fmax(longer, -0.01 * l->chip), 0.01 * l->chip);
    late = fmin(fmax(late, -0.3 * l->chip), 0.3 * l->chip);
    l->begin += late - half * longer;
    l->chip += longer;
    l->tone[0] += off - more;
    l->tone[1] += off + more;
}

/* Noise may give any line, or none. */
static bool plausible(const struct hz_wmbus_receive *r, const struct line *l)
{
    double shift = l->tone[1] - l->tone[0], chip = r->rate_hz / r->mode->chips_s;
    return shift * r->rate_hz >= least_shift_hz && shift < 0.9 && fabs(l->tone[0]) < 0.5 &&
           fabs(l->tone[1]) < 0.5 && l->begin >= 0 && l->begin < MARGIN * 2 * chip &&
           l->chip > 0.8 * chip && l->chip < 1.25 * chip;
}

/* ---- chips ------------------------------------------------------------------------------- */

/* Detects the pattern's chips, which are known, and `wanted` behind it. */
static void detect(struct hz_wmbus_receive *r, const float *iq, size_t n, const struct line *l,
                   size_t wanted)
{
    size_t from = (size_t)l->begin, chips = r->mode->chips + wanted + RUN_OUT;
    size_t samples = (size_t)ceil((double)(chips + MARGIN) * l->chip * 1.01);
    struct hz_cpm_offset carrier = {.freq = (l->tone[0] + l->tone[1]) / 2};
    samples = samples < r->samples ? samples : r->samples;
    samples = samples < n - from ? samples : n - from;
    chips = chips < r->max_chips ? chips : r->max_chips;
    hz_cpm_mix(iq + 2 * from, samples, &carrier, r->iq);
    hz_cpm_shape(r->cpm, (l->tone[1] - l->tone[0]) * l->chip, l->chip, NULL);
    hz_cpm_begin(r->cpm, r->iq, samples, l->begin - (double)from);
    hz_cpm_follow(r->cpm, &gains);
    hz_cpm_run(r->cpm, r->mode->pattern, r->mode->chips);
    hz_cpm_run(r->cpm, NULL, chips - r->mode->chips);
    hz_cpm_trace(r->cpm, r->chip);
    hz_cpm_sureness(r->cpm, r->sure);
}

/* A way to read what is behind the pattern. */
struct reading {
    const char *mode;
    char format;
    enum hz_wmbus_code code;
    size_t skip; /* chips before the frame */
};

static const struct reading readings[] = {
    {"T1", 'A', HZ_WMBUS_THREE_OF_SIX, 0},
    {"C1", 'A', HZ_WMBUS_NRZ, C_WORD},
    {"C1", 'B', HZ_WMBUS_NRZ, C_WORD},
    {"S1", 'A', HZ_WMBUS_MANCHESTER, 0},
};

/* How many of the chips differ from those of a word. */
static int errors(const uint8_t *chip, unsigned word)
{
    int n = 0;
    for (int i = 0; i < C_WORD; i++)
        n += chip[i] != (word >> (C_WORD - 1 - i) & 1);
    return n;
}

static const struct reading *which(const struct hz_wmbus_receive *r)
{
    const uint8_t *chip = r->chip + r->mode->chips;
    if (r->mode == &hz_wmbus_s)
        return &readings[3];
    if (errors(chip, 0x54cd) <= C_ERRORS)
        return &readings[1];
    return errors(chip, 0x543d) <= C_ERRORS ? &readings[2] : &readings[0];
}

static void read_bits(struct hz_wmbus_receive *r, const struct reading *how)
{
    size_t from = r->mode->chips + how->skip, n = hz_cpm_bits(r->cpm) - RUN_OUT;
    hz_wmbus_bits_read(how->code, r->chip + from, r->sure + from, n > from ? n - from : 0,
                       &r->bits);
}

/* Bytes of the whole frame by its first ones; 0: they are no frame's. */
static size_t frame_bytes(struct hz_wmbus_receive *r, const struct reading *how)
{
    int fixed = 0;
    unsigned length = 0;
    if (how->format == 'A' && !hz_wmbus_head(&r->bits, &fixed))
        return 0;
    for (int i = 0; i < 8; i++)
        length = length << 1 | r->bits.bit[i];
    return hz_wmbus_frame_bytes(how->format, (uint8_t)length);
}

enum hz_reason hz_wmbus_receive_run(struct hz_wmbus_receive *r, const float *iq, size_t before,
                                    size_t n, const struct hz_wmbus_place *place,
                                    struct hz_wmbus_found *out)
{
    struct line l = {.chip = r->rate_hz / r->mode->chips_s / place->clock};
    double margin = ceil(MARGIN * l.chip);
    size_t origin = (size_t)fmin(margin, (double)(before + place->at)); /* before the place */
    const float *x = iq + 2 * ((ptrdiff_t)place->at - (ptrdiff_t)origin);
    size_t room = n - place->at + origin;
    l.begin = (double)origin;
    if (room < r->sums)
        return HZ_TOO_SHORT;
    for (int i = 0; i < 2; i++) { /* a begin that is late mixes the tones */
        find_tones(r, x, &l);
        find_timing(r, x, &l);
    }
    refine_carrier(r, &l);
    for (int i = 0; i < 2; i++)
        refine_all(r, &l);
    if (!plausible(r, &l))
        return HZ_NO_PREAMBLE;
    detect(r, x, room, &l,
           C_WORD +
               hz_wmbus_chips(r->mode == &hz_wmbus_s ? HZ_WMBUS_MANCHESTER : HZ_WMBUS_THREE_OF_SIX,
                              HZ_WMBUS_HEAD));
    const struct reading *how = which(r);
    read_bits(r, how);
    size_t bytes = frame_bytes(r, how);
    if (bytes == 0)
        return place->r > strong ? HZ_BAD_CRC : HZ_NO_PREAMBLE;
    size_t chips = how->skip + hz_wmbus_chips(how->code, bytes);
    double end = l.begin + (double)(r->mode->chips + chips) * l.chip;
    if (end > (double)room)
        return HZ_TOO_SHORT;
    detect(r, x, room, &l, chips);
    read_bits(r, how);
    out->n = hz_wmbus_frame(how->format, &r->bits, out->bytes, &out->fixed);
    if (out->n == 0)
        return HZ_BAD_CRC;
    out->mode = how->mode;
    out->format = how->format;
    out->begin = (double)place->at - (double)origin + l.begin;
    out->end = out->begin + end - l.begin;
    out->carrier = (l.tone[0] + l.tone[1]) / 2;
    return HZ_MESSAGE;
}
