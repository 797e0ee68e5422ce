/* What a declaration says about the transmitter: everything but its checks and fields. */
#include "proto/nearest.h"
#include "proto/sensors/code.h"
#include "proto/sensors/draft.h"
#include "proto/sensors/rows.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SPANS_MAX = 2048, FREQS_MAX = 16, VARIES_MAX = 16, PREAMBLE_ENOUGH = 8 };

struct declaring {
    struct hz_sensor_drafts *drafts;
    const struct hz_draft_section *section;
    const struct hz_draft_key *keys;
    size_t n;
    struct hz_arena *arena;
    struct hz_sensor *out;
    bool bad;
};

static const struct hz_draft_key *key_of(const struct declaring *d, enum hz_key key)
{
    return hz_draft_find(d->keys, d->n, key);
}

__attribute__((format(printf, 3, 4))) static void
wrong(struct declaring *d, const struct hz_draft_key *k, const char *format, ...)
{
    char text[300];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    d->bad = true;
    hz_draft_error(d->drafts, k->file, k->line, "%s = %.60s: %s", k->name, k->value, text);
}

static void *kept(struct declaring *d, const void *from, size_t n)
{
    void *to = hz_arena_copy(d->arena, from, n);
    if (!to)
        d->bad = d->drafts->no_memory = true;
    return to;
}

/* ---- values ----------------------------------------------------------------------------- */

static void read_spans(struct declaring *d, enum hz_key key, struct hz_spans *out)
{
    const struct hz_draft_key *k = key_of(d, key);
    float us[SPANS_MAX];
    char err[200];
    if (!k)
        return;
    if (!hz_row_spans(k->value, us, SPANS_MAX, &out->n, err, sizeof err))
        wrong(d, k, "%s", err);
    else
        out->us = kept(d, us, out->n * sizeof *us);
}

static void read_bits(struct declaring *d, const struct hz_draft_key *k, size_t max, bool bytes,
                      struct hz_bitrow *out)
{
    uint8_t bit[HZ_SENSOR_SYMBOLS_MAX];
    char err[200];
    if (!k)
        return;
    if (!(bytes ? hz_row_bytes : hz_row_bits)(k->value, bit, max, &out->n, err, sizeof err))
        wrong(d, k, "%s", err);
    else
        out->bit = kept(d, bit, out->n);
}

/* "36", "24..104". */
static bool read_range(const char *text, long low, long high, long *from, long *to)
{
    char *end;
    *from = *to = strtol(text, &end, 10);
    if (end == text)
        return false;
    if (strncmp(end, "..", 2) == 0) {
        const char *second = end + 2;
        *to = strtol(second, &end, 10);
        if (end == second)
            return false;
    }
    return *end == 0 && *from >= low && *to >= *from && *to <= high;
}

static long read_whole(struct declaring *d, enum hz_key key, long low, long high, long otherwise)
{
    const struct hz_draft_key *k = key_of(d, key);
    long v = otherwise, same;
    if (k && (!read_range(k->value, low, high, &v, &same) || v != same)) {
        wrong(d, k, "expected a whole number from %ld to %ld", low, high);
        return otherwise;
    }
    return v;
}

static bool read_yes(struct declaring *d, enum hz_key key, bool otherwise)
{
    const struct hz_draft_key *k = key_of(d, key);
    if (!k)
        return otherwise;
    if (strcmp(k->value, "yes") != 0 && strcmp(k->value, "no") != 0)
        wrong(d, k, "expected yes or no");
    return strcmp(k->value, "yes") == 0;
}

/* "433.92M", "35k"; *end is behind it. */
static bool read_hz(const char *text, double *hz, const char **end)
{
    char *at;
    *hz = strtod(text, &at); /* no locale is ever set */
    if (at == text)
        return false;
    const double unit = *at == 'k' ? 1e3 : *at == 'M' ? 1e6 : *at == 'G' ? 1e9 : 1;
    at += unit != 1;
    if (strncmp(at, "Hz", 2) == 0)
        at += 2;
    *hz *= unit;
    *end = at;
    return true;
}

static int read_word(struct declaring *d, enum hz_key key, const char *const *words, int otherwise)
{
    const struct hz_draft_key *k = key_of(d, key);
    if (!k)
        return otherwise;
    char list[100] = "";
    size_t n = 0;
    for (int i = 0; words[i]; i++) {
        if (strcmp(words[i], k->value) == 0)
            return i;
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s",
                              i == 0         ? ""
                              : words[i + 1] ? ", "
                                             : " or ",
                              words[i]);
    }
    const char *near = hz_nearest(k->value, words);
    wrong(d, k, "expected %s%s%s%s", list, near ? "; did you mean '" : "", near ? near : "",
          near ? "'?" : "");
    return otherwise;
}

/* ---- the wave --------------------------------------------------------------------------- */

static void read_freqs(struct declaring *d)
{
    const struct hz_draft_key *k = key_of(d, HZ_KEY_FREQ);
    double hz[FREQS_MAX];
    size_t n = 0;
    const char *s = k ? k->value : "";
    while (*s) {
        if (n == FREQS_MAX || !read_hz(s, &hz[n], &s) || hz[n] < 1e6 || hz[n] > 1e11 ||
            (*s && *s != ' ' && strncmp(s, "..", 2) != 0)) {
            wrong(d, k, "expected frequencies with their unit, as 433.92M 868.3M or 300M..318M");
            return;
        }
        n++;
        s += *s == '.' ? 2 : strspn(s, " \t");
    }
    d->out->wave.n_freqs = n;
    d->out->wave.freqs_hz = kept(d, hz, n * sizeof *hz);
}

static void read_modulation(struct declaring *d)
{
    static const char *const modulations[] = {"ook", "fsk", NULL};
    static const char *const codes[] = {"plain", "dm", "dm1", "piwm", NULL};
    struct hz_wave *w = &d->out->wave;
    const struct hz_draft_key *k = key_of(d, HZ_KEY_DEVIATION);
    const char *end = NULL;
    w->modulation =
        (enum hz_wave_modulation)read_word(d, HZ_KEY_MODULATION, modulations, HZ_WAVE_OOK);
    w->code = (enum hz_wave_code)read_word(d, HZ_KEY_CODE, codes, HZ_WAVE_PLAIN);
    if (k && (!read_hz(k->value, &w->deviation_hz, &end) || *end || w->deviation_hz < 500 ||
              w->deviation_hz > 500e3))
        wrong(d, k, "expected 500 to 500k Hz from the carrier to a tone, as 35k");
    else if (k && w->modulation != HZ_WAVE_FSK)
        wrong(d, k, "means nothing with modulation = ook: expected it with fsk");
}

static bool same_spans(const struct hz_spans *a, const struct hz_spans *b)
{
    return a->n == b->n && memcmp(a->us, b->us, a->n * sizeof *a->us) == 0;
}

static void read_symbols(struct declaring *d)
{
    struct hz_wave *w = &d->out->wave;
    read_spans(d, HZ_KEY_ZERO, &w->zero);
    read_spans(d, HZ_KEY_ONE, &w->one);
    read_spans(d, HZ_KEY_LEAD, &w->lead);
    read_spans(d, HZ_KEY_TAIL, &w->tail);
    read_spans(d, HZ_KEY_SYNC, &w->sync);
    read_spans(d, HZ_KEY_GAP, &w->gap);
    read_bits(d, key_of(d, HZ_KEY_PREAMBLE), HZ_SENSOR_DATA_MAX, false, &w->preamble);
    read_bits(d, key_of(d, HZ_KEY_CHIPS), HZ_SENSOR_DATA_MAX, false, &w->chips);
    const struct hz_draft_key *one = key_of(d, HZ_KEY_ONE), *chips = key_of(d, HZ_KEY_CHIPS),
                              *chip = key_of(d, HZ_KEY_CHIP);
    if (!d->bad && one && w->zero.n > 0 && same_spans(&w->zero, &w->one))
        wrong(d, one, "the same as zero: expected other durations");
    if (!d->bad && one && w->code == HZ_WAVE_PIWM && (w->zero.n != 1 || w->one.n != 1))
        wrong(d, one, "expected a single duration each for zero and one with code = piwm");
    if (chips && !chip)
        wrong(d, chips, "expected chip = MICROSECONDS too");
    if (chip && !chips)
        wrong(d, chip, "means nothing without chips = BITS");
    w->chip_us = (double)read_whole(d, HZ_KEY_CHIP, 1, 100000, 0);
}

static void read_frames(struct declaring *d)
{
    struct hz_sensor *out = d->out;
    const struct hz_draft_key *bits = key_of(d, HZ_KEY_BITS), *period = key_of(d, HZ_KEY_PERIOD),
                              *tolerance = key_of(d, HZ_KEY_TOLERANCE);
    long from = 0, to = 0;
    if (bits && !read_range(bits->value, 1, HZ_SENSOR_DATA_MAX, &from, &to))
        wrong(d, bits, "expected data bits, 1 to %d, as 36 or 24..104", HZ_SENSOR_DATA_MAX);
    const int symbols = out->wave.code == HZ_WAVE_DM || out->wave.code == HZ_WAVE_DM1 ? 2 : 1;
    out->data_min = (int)from;
    out->data_max = (int)to;
    out->wave.bits_min = symbols * out->data_min;
    out->wave.bits_max = symbols * out->data_max;
    out->wave.sent = (int)read_whole(d, HZ_KEY_SENT, 1, 1000, 0);
    out->wave.repeat = (int)read_whole(d, HZ_KEY_REPEAT, 1, 100, 0);
    if (period && !read_range(period->value, 100, 100000000, &from, &to))
        wrong(d, period, "expected microseconds, as 41000 or 41000..90000");
    else if (period) {
        out->period_min_us = (double)from;
        out->period_max_us = (double)to;
    }
    if (tolerance) {
        char *end;
        const double percent = strtod(tolerance->value, &end);
        end += strspn(end, " ");
        if (end == tolerance->value || strcmp(end, "%") != 0 || percent < 0.1 || percent > 20)
            wrong(d, tolerance, "expected 0.1 to 20 percent, as 5 %%");
        out->wave.tolerance = percent / 100;
    }
    if (!d->bad && bits && out->data_min == out->data_max && key_of(d, HZ_KEY_LENGTH))
        wrong(d, key_of(d, HZ_KEY_LENGTH), "expected it where bits is a range, as bits = 24..104");
}

static void read_varies(struct declaring *d)
{
    struct hz_sensor_varies list[VARIES_MAX];
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++) {
        const struct hz_draft_key *k = &d->keys[i];
        const char *s = k->value;
        while (k->key == HZ_KEY_VARIES && *s) {
            char *end;
            const unsigned long at = strtoul(s, &end, 10);
            const unsigned long length = *end == ':' ? strtoul(end + 1, &end, 10) : 0;
            if (n == VARIES_MAX || length < 1 || at > HZ_SENSOR_DATA_MAX ||
                length > HZ_SENSOR_DATA_MAX || at + length > (unsigned long)d->out->data_max ||
                (*end && *end != ' ')) {
                wrong(d, k, "expected ranges OFFSET:LENGTH within the %d bits", d->out->data_max);
                return;
            }
            list[n++] = (struct hz_sensor_varies){(uint16_t)at, (uint16_t)length};
            s = end + strspn(end, " \t");
        }
    }
    d->out->varies = kept(d, list, n * sizeof *list);
    d->out->n_varies = n;
}

/* "BITS -> {FIELDS}". */
static void read_examples(struct declaring *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++)
        n += d->keys[i].key == HZ_KEY_EXAMPLE;
    struct hz_sensor_example *list = hz_arena_alloc(d->arena, (n + 1) * sizeof *list);
    for (size_t i = 0; list && i < d->n; i++) {
        const struct hz_draft_key *k = &d->keys[i];
        if (k->key != HZ_KEY_EXAMPLE)
            continue;
        const char *arrow = strstr(k->value, "->");
        if (!arrow) {
            wrong(d, k, "expected BITS -> {\"FIELD\": VALUE, …}");
            continue;
        }
        struct hz_sensor_example *e = &list[d->out->n_examples];
        const char *fields = arrow + 2 + strspn(arrow + 2, " \t");
        char *bits = kept(d, k->value, (size_t)(arrow - k->value) + 1);
        if (!bits)
            return;
        bits[arrow - k->value] = 0;
        const struct hz_draft_key part = {k->key, k->name, bits, k->file, k->line, k->own};
        read_bits(d, &part, HZ_SENSOR_DATA_MAX, false, &e->data);
        e->fields = kept(d, fields, strlen(fields) + 1);
        e->line = k->line;
        d->out->n_examples++;
    }
    d->out->examples = list;
}

static void need(struct declaring *d, enum hz_key key, const char *what)
{
    if (key_of(d, key))
        return;
    d->bad = true;
    hz_draft_error(d->drafts, d->section->file, d->section->line,
                   "[sensor %s] has no %s: expected %s", d->section->name, hz_key_names[key], what);
}

/* The first symbols of the data, where every frame has the same: for those whose beginning nothing
 * else tells. (Others would only leave the class of those who sound alike.) */
static void know_first(struct declaring *d)
{
    uint8_t bit[HZ_SENSOR_DATA_MAX], symbol[HZ_SENSOR_SYMBOLS_MAX];
    struct hz_wave *w = &d->out->wave;
    const struct hz_bitrow *white = &d->out->code->whiten;
    const bool halves = w->code == HZ_WAVE_DM || w->code == HZ_WAVE_DM1;
    size_t n = 0;
    if (w->sync.n > 0 || w->chips.n > 0 || w->preamble.n >= PREAMBLE_ENOUGH ||
        (halves && w->preamble.n == 0 && w->modulation == HZ_WAVE_FSK))
        return; /* it depends on a level that is not known */
    hz_code_fixed(d->out->code, bit);
    for (; n < (size_t)d->out->data_min && bit[n] != HZ_BIT_FREE; n++)
        bit[n] ^= n < white->n ? white->bit[n] : 0;
    const int before = hz_wave_symbol_before(w);
    const uint8_t last = before > 0;
    w->known.n = hz_sensor_symbols(d->out, bit, n, last, symbol);
    w->known.bit = kept(d, symbol, w->known.n);
}

bool hz_declare(struct hz_sensor_drafts *drafts, const struct hz_draft_section *section,
                const struct hz_draft_key *keys, size_t n, struct hz_arena *arena,
                struct hz_sensor *out)
{
    struct declaring d = {drafts, section, keys, n, arena, out, false};
    *out = (struct hz_sensor){.name = kept(&d, section->name, strlen(section->name) + 1),
                              .file = kept(&d, section->file, strlen(section->file) + 1),
                              .line = section->line};
    need(&d, HZ_KEY_MODEL, "model = NAME");
    need(&d, HZ_KEY_ZERO, "zero = DURATIONS, as +500 -1000");
    need(&d, HZ_KEY_ONE, "one = DURATIONS, as +500 -2000");
    need(&d, HZ_KEY_BITS, "bits = NUMBER, as 36");
    const struct hz_draft_key *model = key_of(&d, HZ_KEY_MODEL);
    out->model = model ? kept(&d, model->value, strlen(model->value) + 1) : "";
    read_modulation(&d);
    read_symbols(&d);
    read_frames(&d);
    read_freqs(&d);
    read_varies(&d);
    read_examples(&d);
    out->off = !read_yes(&d, HZ_KEY_USE, true);
    read_yes(&d, HZ_KEY_PREFER, false);
    out->strength = (int)read_whole(&d, HZ_KEY_STRENGTH, 0, 1000, -1);
    const bool code = out->data_max > 0 && hz_declare_code(drafts, keys, n, arena, out);
    if (code && !d.bad)
        know_first(&d);
    return code && !d.bad;
}
