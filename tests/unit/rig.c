#include "tests/unit/rig.h"

#include "config/option.h"
#include "tests/unit/fields_agree.h"
#include "tests/unit/sink_text.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA = 16 << 20 };

void rig_free(struct rig *r)
{
    for (size_t i = 0; i < r->n; i++)
        cJSON_Delete(r->message[i].whole);
    free(r->message);
    free(r->text);
    free(r->lines);
    free(r->arena);
    *r = (struct rig){0};
}

void rig_begin(struct rig *r, const char *protocol, double rate_hz)
{
    rig_free(r);
    r->head = (struct hz_sink_head){
        .receiver = "rig", .channel = "channel", .protocol = protocol, .freq_hz = 100e6};
    r->arena = malloc(ARENA);
    cr_assert_not_null(r->arena);
    hz_sink_init(&r->sink, &r->head, r->arena, ARENA);
    r->sink.stamp.ns_per_sample = 1e9 / rate_hz;
}

bool rig_cut(const struct hz_samples *all, size_t cut, struct hz_samples *piece)
{
    size_t at = piece->data ? (size_t)(piece->first - all->first) + piece->n : 0;
    if (at >= all->n)
        return false;
    size_t size = cut ? cut : 1 + (at * 2654435761u >> 12) % 4001;
    *piece =
        (struct hz_samples){.format = all->format,
                            .data = (const char *)all->data + at * hz_format_bytes(all->format),
                            .n = size < all->n - at ? size : all->n - at,
                            .first = all->first + at};
    return true;
}

/* The message of a record, and its text, which is written to *text. */
static void read_message(struct rig *r, const struct hz_record *rec, char **text, char *end)
{
    struct rig_message *m = &r->message[r->n++];
    struct hz_json j;
    hz_json_init(&j, *text, (size_t)(end - *text));
    hz_json_open(&j, NULL);
    hz_record_print(rec, &j);
    hz_json_close(&j);
    cr_assert_lt(j.len, (size_t)(end - *text));
    j.buf[j.len] = 0;
    m->line = *text;
    m->about = rec->about;
    *text += j.len + 1;
    m->whole = cJSON_Parse(m->line);
    cr_assert(m->whole, "no JSON: %s", m->line);
    m->own = cJSON_GetObjectItem(m->whole, r->head.protocol);
    cr_assert(fields_agree(rec, m->own), "fields: %s", m->line);
    const cJSON *fixed = cJSON_GetObjectItem(m->whole, "fixed_bits");
    m->burst = (struct hz_burst){.sample = rec->sample,
                                 .rssi_dbfs = rec->rssi_dbfs,
                                 .noise_dbfs = rec->noise_dbfs,
                                 .snr_db = rec->snr_db,
                                 .offset_hz = rec->offset_hz,
                                 .fixed_bits = fixed ? fixed->valueint : 0,
                                 .raw = rec->raw,
                                 .raw_len = rec->raw_len};
}

void rig_end(struct rig *r)
{
    struct hz_record rec;
    size_t records = 0, most = 2 * r->sink.len + 1; /* speech takes a third more as text */
    cr_assert_eq(r->sink.dropped, 0, "the rig's arena is full");
    for (size_t at = 0; hz_sink_next(&r->sink, &at, &rec);)
        records++;
    r->lines = malloc(most);
    r->text = malloc(most);
    r->message = calloc(records + 1, sizeof *r->message);
    cr_assert(r->lines && r->text && r->message);
    sink_text(&r->sink, r->lines, most);
    char *text = r->text;
    for (size_t at = 0; hz_sink_next(&r->sink, &at, &rec);)
        if (rec.kind == HZ_KIND_MESSAGE)
            read_message(r, &rec, &text, r->text + most);
}

struct hz_setup rig_setup(const struct hz_decoder *d)
{
    double freq = d->freqs_hz ? d->freqs_hz[0] : 0;
    return (struct hz_setup){.rate_hz = d->rate_hz,
                             .centre_hz = freq,
                             .freq_hz = freq,
                             .latitude = NAN,
                             .longitude = NAN};
}

void rig_start(struct rig *r, const struct hz_decoder *d, const struct hz_setup *setup)
{
    _Alignas(max_align_t) unsigned char options[HZ_OPTIONS_SIZE] = {0};
    struct hz_setup own = setup ? *setup : rig_setup(d);
    const size_t size = (d->state_size + 63) / 64 * 64; /* aligned as a channel's is */
    char err[128] = "";
    if (d->options && !own.options) { /* as a channel that gives none */
        hz_options_init(d->options, options);
        own.options = options;
    }
    setup = &own;
    rig_begin(r, d->name, setup->rate_hz);
    r->decoder = d;
    r->state = aligned_alloc(64, size);
    cr_assert_not_null(r->state);
    memset(r->state, 0, size);
    cr_assert_eq(d->init(r->state, setup, err, sizeof err), 0, "%s", err);
}

void rig_push(struct rig *r, const struct hz_samples *all, size_t cut)
{
    struct hz_samples piece = {0};
    while (rig_cut(all, cut, &piece))
        r->decoder->push(r->state, &piece, &r->sink);
}

void rig_finish(struct rig *r)
{
    r->decoder->flush(r->state, &r->sink);
    r->decoder->flush(r->state, &r->sink);
    if (r->decoder->done)
        r->decoder->done(r->state);
    free(r->state);
    rig_end(r);
}

void rig_decode(struct rig *r, const struct hz_decoder *d, const struct hz_setup *setup,
                const struct hz_samples *all, size_t cut)
{
    rig_start(r, d, setup);
    rig_push(r, all, cut);
    rig_finish(r);
}

void rig_expect_same(const struct rig *a, const struct rig *b)
{
    cr_expect_eq(a->n, b->n, "%zu messages, %zu", a->n, b->n);
    cr_expect_arr_eq(a->sink.count, b->sink.count, sizeof a->sink.count);
    for (size_t i = 0; i < a->n && i < b->n; i++)
        cr_expect_str_eq(a->message[i].line, b->message[i].line);
}

void rig_expect_cuts(const struct rig *r, const struct hz_decoder *d, const struct hz_setup *setup,
                     const struct hz_samples *all)
{
    static const size_t cuts[] = {0, 1, 777, 1 << 16};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct rig again = {0};
        rig_decode(&again, d, setup, all, cuts[i]);
        rig_expect_same(r, &again);
        rig_free(&again);
    }
}

void rig_expect_wrong_rate(const struct hz_decoder *d, double rate_hz, const char *words)
{
    struct hz_setup setup = rig_setup(d);
    void *state = calloc(1, d->state_size);
    char err[128] = "";
    setup.rate_hz = rate_hz;
    int rc = d->init(state, &setup, err, sizeof err);
    cr_expect_lt(rc, 0);
    cr_expect_not_null(strstr(err, words), "%s", err);
    free(state);
}

static const cJSON *field(const struct rig_message *m, const char *name)
{
    const cJSON *item = cJSON_GetObjectItem(m->own, name);
    cr_assert(item, "no \"%s\" in %s", name, m->line);
    return item;
}

double rig_number(const struct rig_message *m, const char *name)
{
    return field(m, name)->valuedouble;
}

const char *rig_text(const struct rig_message *m, const char *name)
{
    return field(m, name)->valuestring;
}
