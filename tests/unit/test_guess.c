/* The guess of the coding against ../shared/sensor-facts-a.vectors.jsonl: three messages for each
 * of 230 declarations, keyed as declared. What a declaration says must come out of the lengths
 * alone: the symbols, or their inverse. */
#include "config/sensors.h"
#include "proto/sensors/guess.h"
#include "sim/rng.h"
#include "tests/unit/capture.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTHS = 4 * HZ_PULSES_MAX };

/* A transmission as a receiver measures it. */
struct keyed {
    float us[LENGTHS];
    size_t n;
    bool fsk;
};

static void key(struct keyed *k, float us)
{
    bool room = k->n + 2 < LENGTHS;
    if (us != 0 && k->n > 0 && (k->us[k->n - 1] > 0) == (us > 0))
        k->us[k->n - 1] += us;
    else if (us != 0 && room)
        k->us[k->n++] = us;
}

static void key_spans(struct keyed *k, const struct hz_spans *s)
{
    for (size_t i = 0; i < s->n; i++)
        key(k, s->us[i]);
}

static void key_symbols(struct keyed *k, const struct hz_wave *w, const uint8_t *bit, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct hz_spans *s = bit[i] ? &w->one : &w->zero;
        if (w->code == HZ_WAVE_PIWM) {
            bool on = k->n > 0 && k->us[k->n - 1] > 0;
            key(k, on ? -fabsf(s->us[0]) : fabsf(s->us[0]));
        } else {
            key_spans(k, s);
        }
    }
}

/* Between two frames: of tones silence is marked by a length of 0. */
static void key_gap(struct keyed *k, const struct hz_wave *w)
{
    if (!k->fsk) {
        key_spans(k, &w->gap);
    } else if (w->gap.n == 1 && k->n + 3 < LENGTHS) {
        k->us[k->n++] = 0;
        k->us[k->n++] = w->gap.us[0];
    }
}

static void key_frames(struct keyed *k, const struct hz_wave *w, const uint8_t *symbol, size_t n)
{
    int frames = w->sent > 0 ? w->sent : w->repeat > 0 ? w->repeat : 1;
    *k = (struct keyed){.n = 0, .fsk = w->modulation == HZ_WAVE_FSK};
    key_spans(k, &w->lead);
    for (int i = 0; i < frames; i++) {
        if (i > 0)
            key_gap(k, w);
        for (size_t c = 0; c < w->chips.n; c++)
            key(k, (float)(w->chips.bit[c] ? w->chip_us : -w->chip_us));
        key_spans(k, &w->sync);
        key_symbols(k, w, w->preamble.bit, w->preamble.n);
        key_symbols(k, w, symbol, n);
    }
    key_spans(k, &w->tail);
    struct hz_rng rng; /* edges are some microseconds off */
    hz_rng_init(&rng, n, 1);
    for (size_t i = 0; i < k->n; i++) {
        float off = (float)hz_rng_between(&rng, -0.03, 0.03) * fabsf(k->us[i]);
        k->us[i] += k->us[i] != 0 ? fmaxf(fminf(off, 8), -8) : 0;
    }
}

/* Whether the row has the bits one behind the other, as they are or inverted. */
static bool holds(const uint8_t *row, size_t n, const uint8_t *bit, size_t bits)
{
    for (size_t at = 0; at + bits <= n; at++) {
        size_t same = 0;
        for (size_t i = 0; i < bits; i++)
            same += row[at + i] == bit[i];
        if (same == bits || same == 0)
            return true;
    }
    return false;
}

/* Whether what a declaration reads in the transmission is in the bits of the guess. Of differential
 * codes the guess has halves across: their differences. Bits at the ends may be in the silence. */
static bool guessed(const struct hz_sensor *s, const uint8_t *symbol, size_t n, const uint8_t *data,
                    size_t bits)
{
    static struct keyed k;
    static struct hz_pulses p;
    static struct hz_guess g;
    key_frames(&k, &s->wave, symbol, n);
    p = (struct hz_pulses){.modulation = s->wave.modulation};
    if (!hz_pulses_sort(&p, k.us, k.n < HZ_PULSES_MAX ? k.n : HZ_PULSES_MAX))
        return false;
    hz_guess_make(&g, &p);
    for (size_t r = 0; r < g.n_rows; r++) {
        uint8_t differ[HZ_GUESS_BITS], half[2][HZ_GUESS_BITS / 2 + 1];
        const uint8_t *row = g.bit + g.row[r].from;
        size_t m = g.row[r].n;
        for (size_t i = 0; i + 1 < m; i++)
            differ[i] = row[i] != row[i + 1];
        for (size_t i = 0; i < m; i++)
            half[i & 1][i / 2] = row[i];
        if (s->wave.zero.n == 3 && (holds(half[0], m / 2, data + 1, bits - 2) ||
                                    holds(half[1], m / 2, data + 1, bits - 2)))
            return true; /* each bit is sent twice, the second time inverted: two of Manchester */
        if (holds(row, m, data + 1, bits - 2) || holds(row, m, symbol + 1, n - 2) ||
            (m > 0 && holds(differ, m - 1, data + 1, bits - 2)))
            return true;
    }
    return false;
}

struct count {
    unsigned lines, guessed, random, random_guessed;
};

static void try_line(const struct hz_sensor_set *set, const char *line, struct count *c)
{
    static uint8_t data[HZ_SENSOR_DATA_MAX], symbol[HZ_SENSOR_SYMBOLS_MAX];
    cJSON *v = cJSON_Parse(line);
    const char *bits = cJSON_GetObjectItem(v, "bits")->valuestring;
    const struct hz_sensor *s = hz_sensor_find(set, cJSON_GetObjectItem(v, "sensor")->valuestring);
    size_t n = strlen(bits);
    struct hz_rng rng;
    hz_rng_init(&rng, c->lines, 7);
    for (unsigned random = 0; s && random < 2; random++) {
        for (size_t i = 0; i < n; i++)
            data[i] = random ? (uint8_t)hz_rng_below(&rng, 2) : bits[i] == '1';
        uint8_t last = s->wave.preamble.n > 0 ? s->wave.preamble.bit[s->wave.preamble.n - 1] : 0;
        size_t symbols = hz_sensor_symbols(s, data, n, last, symbol);
        bool good = guessed(s, symbol, symbols, data, n);
        c->lines += !random;
        c->guessed += !random && good;
        c->random += random;
        c->random_guessed += random && good;
        if (!good && getenv("HZ_SHOW"))
            printf("# not guessed: %s\n", s->name);
    }
    cJSON_Delete(v);
}

Test(guess, finds_what_the_shipped_sensors_key)
{
    char path[512], err[256], line[4096];
    snprintf(path, sizeof path, "%s/sensor-facts-a.vectors.jsonl", capture_shared());
    FILE *f = fopen(path, "r");
    if (!f)
        cr_skip_test("needs ../shared: %s", path);
    struct hz_sensor_set *set;
    struct count c = {0};
    cr_assert_eq(hz_sensor_set_builtin(&set, err, sizeof err), 0, "%s", err);
    while (fgets(line, sizeof line, f))
        try_line(set, line, &c);
    printf("# guessed: %u of %u messages, %u of %u with random bits\n", c.guessed, c.lines,
           c.random_guessed, c.random);
    cr_expect_geq(c.lines, 600);
    cr_expect_geq(c.guessed * 100, c.lines * 90);
    cr_expect_geq(c.random_guessed * 100, c.random * 90);
    hz_sensor_set_unref(set);
    fclose(f);
}
