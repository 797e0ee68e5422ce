#include "daemon/cmd/learn_show.h"
#include "config/sensors.h"
#include "daemon/cmd/commands.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 64 * 1024, FIELDS_MAX = 2048, EXAMPLES = 2, NAME_SHOWN = 40 };

/* A frame as its declaration reads it. */
struct reading {
    bool passed;
    char fields[FIELDS_MAX]; /* a JSON object without the model */
};

static void read_frame(const struct hz_sensor *s, const struct hz_learn *l,
                       const struct hz_learn_frame *f, struct reading *r)
{
    uint8_t symbol[HZ_SENSOR_SYMBOLS_MAX];
    uint8_t last = l->n_preamble > 0 ? l->preamble[l->n_preamble - 1] : 0;
    size_t n = hz_sensor_symbols(s, f->bit, l->bits, last, symbol), model;
    char text[FIELDS_MAX];
    struct hz_json j;
    r->passed = hz_sensor_judge(s, symbol, n, NULL);
    hz_json_init(&j, text, sizeof text - 1);
    hz_json_open(&j, NULL);
    hz_sensor_fields(s, symbol, n, &j);
    hz_json_close(&j);
    text[j.full ? 0 : j.len] = '\0';
    /* {"model":"x","id":… */
    model = strlen("{\"model\":\"") + strlen(s->model) + strlen("\"");
    const char *rest = strlen(text) > model ? text + model : "}";
    snprintf(r->fields, sizeof r->fields, "{%s", *rest == ',' ? rest + 1 : rest);
}

static void show_frame(const struct hz_sensor *s, const struct hz_learn *l,
                       const struct hz_learn_frame *f, const char *name)
{
    struct reading r;
    char bits[16 + HZ_LEARN_BITS / 4], value[32] = "-";
    const struct hz_learn_burst *b = &l->burst[f->burst];
    const char *slash = strrchr(name, '/');
    read_frame(s, l, f, &r);
    hz_bits_text(bits, sizeof bits, f->bit, l->bits);
    if (!isnan(b->about.value))
        snprintf(value, sizeof value, "%.10g", b->about.value);
    printf("#   %-*.*s %8s %5u  %s  %s\n", NAME_SHOWN, NAME_SHOWN, slash ? slash + 1 : name, value,
           f->rows, bits, r.passed ? r.fields : "its check fails");
}

/* Lines `example = …` for the first different frames that pass. */
static void add_examples(const struct hz_sensor *s, const struct hz_learn *l, char *text,
                         size_t size)
{
    struct reading r;
    char bits[16 + HZ_LEARN_BITS / 4];
    size_t shown = 0, at = strlen(text);
    for (size_t i = 0; i < l->n_frames && shown < EXAMPLES && at < size; i++) {
        if (l->frame[i].again)
            continue;
        read_frame(s, l, &l->frame[i], &r);
        if (!r.passed)
            continue;
        hz_bits_text(bits, sizeof bits, l->frame[i].bit, l->bits);
        at += (size_t)snprintf(text + at, size - at, "example = %s -> %s\n", bits, r.fields);
        shown++;
    }
}

static int compile(struct hz_sensor_set **set, const char *text)
{
    char err[512];
    if (hz_sensor_set_of(set, "proposal", text, strlen(text), err, sizeof err) == 0)
        return HZ_EXIT_OK;
    fprintf(stderr, "hertzd learn: its own proposal is not understood: %s\n%s", err, text);
    return HZ_EXIT_FAILED;
}

int hz_learn_show(const struct hz_learn *l, const char *name, const char *field,
                  const char *const *names)
{
    struct hz_sensor_set *set;
    char *text = malloc(TEXT_MAX);
    int code = HZ_EXIT_FAILED;
    if (!text || hz_learn_text(l, name, field, text, TEXT_MAX) >= TEXT_MAX ||
        compile(&set, text) != HZ_EXIT_OK) {
        free(text);
        return code;
    }
    add_examples(&set->list[0], l, text, TEXT_MAX);
    hz_sensor_set_unref(set);
    code = compile(&set, text);
    if (code == HZ_EXIT_OK) {
        const struct hz_sensor *s = &set->list[0];
        fputs(text, stdout);
        printf("# What it reads, a line for the equal rows of each burst:\n#   %-*s %8s %5s  BITS  "
               "FIELDS\n",
               NAME_SHOWN, "RECORDING", "VALUE", "ROWS");
        for (size_t i = 0; i < l->n_frames; i++)
            show_frame(s, l, &l->frame[i], names[l->burst[l->frame[i].burst].about.recording]);
        hz_sensor_set_unref(set);
    }
    free(text);
    return code;
}
