#include "daemon/capture/sigmf.h"

#include "proto/out/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    PIECE_MAX = 1024,
    SURE_NS = 1000000000, /* another epoch with the same index is further away */
};

bool hz_sigmf_datatype(enum hz_format format, char *out, size_t size)
{
    /* "cs16_be": c, the sort of number, its bits, the order of bytes */
    const char *name = hz_format_name(format);
    int bits = atoi(name + 2);
    const char *order = bits == 8 || strstr(name, "_be") ? "" : "_le";
    snprintf(out, size, "c%c%s%s", name[1] == 's' ? 'i' : name[1], name + 2, order);
    enum hz_format same;
    return bits != 24 && hz_format_parse(out, &same) == 0 && same == format;
}

/* ---- where a message is ---- */

bool hz_sigmf_place(const struct hz_sigmf *s, const struct hz_note *note, uint64_t *at)
{
    for (size_t i = 0; i < s->n_spans; i++) {
        const struct hz_capture_span *span = &s->spans[i];
        if (note->sample < span->first || note->sample - span->first >= span->n)
            continue;
        double into_ns = (double)(note->sample - span->first) / s->rate_hz * 1e9;
        double off_ns = (double)(note->utc_ns - span->utc_ns) - into_ns;
        if (fabs(off_ns) > SURE_NS)
            continue;
        *at = span->at + (note->sample - span->first);
        return true;
    }
    return false;
}

static uint64_t total(const struct hz_sigmf *s)
{
    const struct hz_capture_span *last = s->n_spans > 0 ? &s->spans[s->n_spans - 1] : NULL;
    return last ? last->at + last->n : 0;
}

/* ---- annotations ---- */

struct mark {
    uint64_t at;
    const struct hz_note *note; /* NULL: samples are missing before this one */
    uint64_t missing;           /* 0: it is not known how many */
};

static int by_place(const void *a, const void *b)
{
    const struct mark *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return (x->note > y->note) - (x->note < y->note);
}

/* The number of samples of a message, as far as they are in the file; 0: not known. */
static uint64_t length(const struct hz_sigmf *s, const struct mark *m)
{
    if (m->note->end_ns <= m->note->utc_ns)
        return 0;
    double n = (double)(m->note->end_ns - m->note->utc_ns) * 1e-9 * s->rate_hz;
    uint64_t rest = total(s) - m->at, count = n < 1 ? 1 : (uint64_t)llround(n);
    return count < rest ? count : rest;
}

static void put_message(struct hz_json *j, const struct hz_sigmf *s, const struct mark *m)
{
    const struct hz_note *note = m->note;
    char label[2 * HZ_NAME_MAX + 16];
    uint64_t count = length(s, m);
    if (count > 0)
        hz_json_uint(j, "core:sample_count", count);
    hz_json_decimals(j, "core:freq_lower_edge", note->low_hz, 1);
    hz_json_decimals(j, "core:freq_upper_edge", note->high_hz, 1);
    snprintf(label, sizeof label, "%s%s%s", note->protocol,
             note->undecoded ? " undecoded"
             : *note->id     ? " "
                             : "",
             note->undecoded ? "" : note->id);
    hz_json_str(j, "core:label", label);
    hz_json_str(j, "core:generator", "hertzd " HZ_VERSION);
    hz_json_str(j, "hertzd:protocol", note->protocol);
    if (*note->id)
        hz_json_str(j, "hertzd:id", note->id);
    if (note->raw_len > 0 && note->raw_len <= sizeof note->raw)
        hz_json_hex(j, "hertzd:raw", note->raw, note->raw_len);
}

static void put_gap(struct hz_json *j, const struct mark *m)
{
    char text[80];
    if (m->missing > 0)
        snprintf(text, sizeof text, "%" PRIu64 " samples are missing before this one", m->missing);
    else
        snprintf(text, sizeof text, "samples before this one are of another time or centre");
    hz_json_uint(j, "core:sample_count", 0);
    hz_json_str(j, "core:label", "gap");
    hz_json_str(j, "core:comment", text);
    hz_json_str(j, "core:generator", "hertzd " HZ_VERSION);
}

static size_t find_gaps(const struct hz_sigmf *s, struct mark *marks)
{
    size_t n = 0;
    for (size_t i = 1; i < s->n_spans; i++) {
        const struct hz_capture_span *a = &s->spans[i - 1], *b = &s->spans[i];
        uint64_t missing = a->epoch == b->epoch ? b->first - a->first - a->n : 0;
        marks[n++] = (struct mark){.at = b->at, .missing = missing};
    }
    return n;
}

static void put_annotations(FILE *out, const struct hz_sigmf *s)
{
    struct mark *marks = calloc(s->n_spans + s->n_notes + 1, sizeof *marks);
    size_t n = marks ? find_gaps(s, marks) : 0;
    uint64_t at;
    for (size_t i = 0; marks && i < s->n_notes; i++) {
        if (hz_sigmf_place(s, &s->notes[i], &at))
            marks[n++] = (struct mark){.at = at, .note = &s->notes[i]};
    }
    if (n > 0)
        qsort(marks, n, sizeof *marks, by_place);
    fputs(" \"annotations\":[", out);
    for (size_t i = 0; i < n; i++) {
        char text[PIECE_MAX];
        struct hz_json j;
        hz_json_init(&j, text, sizeof text);
        hz_json_open(&j, NULL);
        hz_json_uint(&j, "core:sample_start", marks[i].at);
        if (marks[i].note)
            put_message(&j, s, &marks[i]);
        else
            put_gap(&j, &marks[i]);
        hz_json_close(&j);
        fprintf(out, "%s\n  %.*s", i > 0 ? "," : "", (int)j.len, text);
    }
    fputs("]\n", out);
    free(marks);
}

/* ---- the whole ---- */

static void put_global(FILE *out, const struct hz_sigmf *s, const char *data)
{
    char text[2 * PIECE_MAX], type[16] = "";
    struct hz_json j;
    const char *ending = strrchr(data, '.');
    hz_sigmf_datatype(s->format, type, sizeof type);
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_json_str(&j, "core:datatype", type);
    hz_json_decimals(&j, "core:sample_rate", s->rate_hz, 3);
    hz_json_str(&j, "core:version", "1.2.0");
    if (!ending || strcmp(ending, ".sigmf-data") != 0)
        hz_json_str(&j, "core:dataset", data);
    hz_json_str(&j, "core:recorder", "hertzd " HZ_VERSION);
    if (*s->device)
        hz_json_str(&j, "core:hw", s->device);
    hz_json_open_array(&j, "core:extensions");
    hz_json_open(&j, NULL);
    hz_json_str(&j, "name", "hertzd");
    hz_json_str(&j, "version", HZ_VERSION);
    hz_json_bool(&j, "optional", true);
    hz_json_close(&j);
    hz_json_close_array(&j);
    hz_json_str(&j, "hertzd:capture", s->name);
    hz_json_str(&j, "hertzd:receiver", s->receiver);
    hz_json_str(&j, "hertzd:trigger", s->trigger);
    hz_json_time(&j, "hertzd:trigger_time", s->trigger_utc_ns);
    if (s->forgotten > 0)
        hz_json_uint(&j, "hertzd:not_annotated", s->forgotten);
    hz_json_close(&j);
    fprintf(out, "{\"global\":%.*s,\n", (int)j.len, text);
}

/* The index in the stream is told for the first epoch only, since every epoch counts from 0; after
 * it readers go by the time. */
static void put_captures(FILE *out, const struct hz_sigmf *s)
{
    fputs(" \"captures\":[", out);
    for (size_t i = 0; i < s->n_spans; i++) {
        const struct hz_capture_span *span = &s->spans[i];
        char text[PIECE_MAX];
        struct hz_json j;
        hz_json_init(&j, text, sizeof text);
        hz_json_open(&j, NULL);
        hz_json_uint(&j, "core:sample_start", span->at);
        if (span->epoch == s->spans[0].epoch)
            hz_json_uint(&j, "core:global_index", span->first);
        if (span->centre_hz > 0)
            hz_json_decimals(&j, "core:frequency", span->centre_hz, 3);
        hz_json_time(&j, "core:datetime", span->utc_ns);
        hz_json_close(&j);
        fprintf(out, "%s\n  %.*s", i > 0 ? "," : "", (int)j.len, text);
    }
    fputs("],\n", out);
}

void hz_sigmf_write(FILE *out, struct hz_sigmf *s, const char *data)
{
    put_global(out, s, data);
    put_captures(out, s);
    put_annotations(out, s);
    fputs("}\n", out);
}
