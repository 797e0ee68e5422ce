#include "proto/sensors/coded_tell.h"

#include "proto/sensors/coded.h"

#include <math.h>

static void tell(const struct hz_coded *model, const struct hz_coded_frame *f,
                 const struct hz_carrier *c, const struct hz_engine *e, uint64_t first,
                 struct hz_sink *sink)
{
    bool two = c->modulation == HZ_WAVE_FSK;
    double freq = two ? 0.5 * (c->freq + c->lower) : c->freq;
    struct hz_burst burst = {.sample = first + c->from + (uint64_t)f->begin,
                             .end = first + c->from + (uint64_t)f->end,
                             .rssi_dbfs = NAN,
                             .noise_dbfs = NAN,
                             .snr_db = NAN,
                             .offset_hz = (float)(freq * e->rate_hz),
                             .fixed_bits = f->fixed_bits,
                             .raw = f->bytes,
                             .raw_len = f->n};
    struct hz_json *j = hz_sink_begin(sink, &burst);
    hz_json_str(j, "model", model->model);
    model->fields(f->bytes, f->n, j);
    hz_json_str(j, "mod", two ? "FSK" : "ASK");
    if (two)
        hz_json_decimals(j, "deviation_hz", 0.5 * (c->freq - c->lower) * e->rate_hz, 0);
    hz_sink_end(sink);
}

static float peak_of(const float *iq, size_t n)
{
    float peak = 1e-9f;
    for (size_t i = 0; i < 2 * n; i++)
        peak = fabsf(iq[i]) > peak ? fabsf(iq[i]) : peak;
    return peak;
}

void hz_coded_tell(struct hz_engine *e, const struct hz_engine_burst *b, uint64_t first,
                   double after, struct hz_coded_spans *out, struct hz_sink *sink)
{
    out->n = 0;
    for (size_t i = 0; i < e->n_carriers && out->n < HZ_CODED_SPANS; i++) {
        const struct hz_carrier *c = &e->carrier[i];
        const struct hz_coded *const *m = hz_coded_list;
        size_t len = c->to - c->from;
        bool two = c->modulation == HZ_WAVE_FSK, summed = false;
        for (; *m; m++) {
            if ((*m)->modulation != c->modulation || (double)len > (*m)->longest_s * e->rate_hz)
                continue;
            if (!summed) {
                float peak = peak_of(b->iq + 2 * c->from, len);
                hz_tone_sum(&e->tone[0], b->iq + 2 * c->from, len, c->freq, peak);
                if (two)
                    hz_tone_sum(&e->tone[1], b->iq + 2 * c->from, len, c->lower, peak);
                summed = true;
            }
            struct hz_coded_ear ear = {&e->tone[0], two ? &e->tone[1] : NULL, e->rate_hz, e->ear.v,
                                       e->ear.scratch};
            struct hz_coded_frame f;
            if (!(*m)->hear(&ear, &f))
                continue;
            double begin = (double)c->from + f.begin, end = (double)c->from + f.end;
            if (end <= after || hz_coded_covers(out, begin, end))
                continue;
            out->span[out->n].begin = begin;
            out->span[out->n++].end = end;
            tell(*m, &f, c, e, first, sink);
            break;
        }
    }
}

bool hz_coded_covers(const struct hz_coded_spans *s, double begin, double end)
{
    for (size_t i = 0; i < s->n; i++) {
        double from = fmax(begin, s->span[i].begin), to = fmin(end, s->span[i].end);
        if (to - from > 0.5 * (end - begin))
            return true;
    }
    return false;
}
