/* What the shipped sensors key: for each one a line of JSON with its section's name, its model, how
 * it is modulated, the fields of its first example and the durations in microseconds (on above 0)
 * of a transmission of these bits. For tests that give them to another program.
 *
 *     sensor_pulses [NAME...] */
#include "config/sensors.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Durations as they are keyed; neighbours of one sign become one. */
struct keyed {
    double last;
    bool any;
};

static void key(struct keyed *k, double us)
{
    if (us == 0) {
        return;
    }
    if ((k->last > 0) == (us > 0) && k->last != 0) {
        k->last += us;
        return;
    }
    if (k->last != 0 && (k->any || k->last > 0)) { /* it begins with a pulse */
        printf("%s%.0f", k->any ? "," : "", k->last);
        k->any = true;
    }
    k->last = us;
}

static void key_spans(struct keyed *k, const struct hz_spans *s)
{
    for (size_t i = 0; i < s->n; i++) {
        key(k, (double)s->us[i]);
    }
}

static void key_symbols(struct keyed *k, const struct hz_wave *w, const uint8_t *bit, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct hz_spans *s = bit[i] ? &w->one : &w->zero;
        if (w->code == HZ_WAVE_PIWM) {
            key(k, k->last > 0 ? -fabs((double)s->us[0]) : fabs((double)s->us[0]));
        } else {
            key_spans(k, s);
        }
    }
}

static void key_frame(struct keyed *k, const struct hz_wave *w, const uint8_t *symbol, size_t n)
{
    for (size_t i = 0; i < w->chips.n; i++) {
        key(k, w->chips.bit[i] ? w->chip_us : -w->chip_us);
    }
    key_spans(k, &w->sync);
    key_symbols(k, w, w->preamble.bit, w->preamble.n);
    key_symbols(k, w, symbol, n);
}

static void transmission(const struct hz_sensor *s)
{
    static uint8_t symbol[HZ_SENSOR_SYMBOLS_MAX];
    const struct hz_wave *w = &s->wave;
    const struct hz_bitrow *data = &s->examples[0].data;
    uint8_t last = w->preamble.n ? w->preamble.bit[w->preamble.n - 1] : 0;
    size_t n = hz_sensor_symbols(s, data->bit, data->n, last, symbol);
    struct keyed k = {0};
    key_spans(&k, &w->lead);
    int frames = w->sent > w->repeat ? w->sent : w->repeat;
    for (int i = 0; i < (frames ? frames : 1); i++) {
        if (i) {
            key_spans(&k, &w->gap);
        }
        key_frame(&k, w, symbol, n);
    }
    key_spans(&k, &w->tail);
    key(&k, k.last > 0 ? -1 : 1); /* the last one */
}

int main(int argc, char **argv)
{
    char err[256];
    struct hz_sensor_set *set;
    if (hz_sensor_set_builtin(&set, err, sizeof err)) {
        fprintf(stderr, "%s\n", err);
        return 1;
    }
    for (size_t i = 0; i < set->n; i++) {
        const struct hz_sensor *s = &set->list[i];
        bool wanted = argc == 1;
        for (int a = 1; a < argc; a++) {
            wanted = wanted || strcmp(argv[a], s->name) == 0;
        }
        if (!wanted || !s->n_examples) {
            continue;
        }
        printf("{\"sensor\":\"%s\",\"model\":\"%s\",\"modulation\":\"%s\",\"fields\":%s,\"us\":[",
               s->name, s->model, s->wave.modulation == HZ_WAVE_FSK ? "fsk" : "ook",
               s->examples[0].fields);
        transmission(s);
        printf("]}\n");
    }
    hz_sensor_set_unref(set);
    return 0;
}
