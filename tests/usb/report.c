#include "tests/usb/report.h"

#include <string.h>

static double seconds(void)
{
    return (double)(hz_now() - hz_bus.start_ns) * 1e-9;
}

static void begin(const char *event)
{
    fprintf(hz_bus.report, "{\"t\":%.6f,\"event\":\"%s\"", seconds(), event);
}

static void end(void)
{
    fputs("}\n", hz_bus.report);
    fflush(hz_bus.report);
}

/* A string as JSON; names here are ASCII, whatever else becomes a dot. */
static void string(FILE *out, const char *s)
{
    fputc('"', out);
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;
        if (c == '"' || c == '\\')
            fputc('\\', out);
        fputc(c < 0x20 || c > 0x7e ? '.' : c, out);
    }
    fputc('"', out);
}

static const char *truth(bool b)
{
    return b ? "true" : "false";
}

static void settings(FILE *out, const struct hz_settings *s)
{
    fprintf(out,
            "\"rate_hz\":%.3f,\"centre_hz\":%.1f,\"actual_hz\":%.1f,\"lo_hz\":%.1f,"
            "\"if_hz\":%.1f,\"bandwidth_hz\":%.0f,\"ppm\":%d,\"gain_auto\":%s,\"gain_db\":%.1f,"
            "\"agc\":%s,\"test\":%s,\"bias_tee\":%s,\"direct\":%d,\"locked\":%s,\"powered\":%s",
            s->rate_hz, s->centre_hz, s->actual_hz, s->lo_hz, s->if_hz, s->bandwidth_hz, s->ppm,
            truth(s->gain_auto), s->gain_tenths / 10.0, truth(s->agc), truth(s->test),
            truth(s->bias), s->direct, truth(s->locked), truth(s->powered));
}

void hz_report_event(const struct hz_dongle *g, const char *event)
{
    if (!hz_bus.report)
        return;
    begin(event);
    fprintf(hz_bus.report, ",\"dongle\":%d,\"serial\":", g->number);
    string(hz_bus.report, g->serial);
    end();
}

void hz_report_start(const struct hz_plug *p)
{
    if (!hz_bus.report)
        return;
    begin("start");
    fprintf(hz_bus.report, ",\"dongle\":%d,\"at\":%llu,\"monotonic_ns\":%lld", p->dongle->number,
            (unsigned long long)p->stream.base_byte, (long long)p->stream.base_ns);
    end();
}

void hz_report_settings(const struct hz_plug *p, const struct hz_settings *s)
{
    if (!hz_bus.report || memcmp(&p->logged, s, sizeof *s) == 0)
        return;
    begin("set");
    fprintf(hz_bus.report, ",\"dongle\":%d,\"next\":%llu,", p->dongle->number,
            (unsigned long long)p->stream.pipe->next);
    settings(hz_bus.report, s);
    end();
}

static const char *const loss_names[HZ_LOSSES] = {"late", "cut", "fault", "silence"};

void hz_report_loss(const struct hz_plug *p, enum hz_loss kind, uint64_t at, uint64_t bytes)
{
    if (!hz_bus.report)
        return;
    begin("loss");
    fprintf(hz_bus.report, ",\"dongle\":%d,\"kind\":\"%s\",\"at\":%llu,\"bytes\":%llu",
            p->dongle->number, loss_names[kind], (unsigned long long)at, (unsigned long long)bytes);
    end();
}

void hz_report_command(const char *line)
{
    if (!hz_bus.report)
        return;
    begin("command");
    fputs(",\"line\":", hz_bus.report);
    string(hz_bus.report, line);
    end();
}

static void ports(FILE *out, const uint8_t *p, int n, int bus)
{
    fprintf(out, "\"port\":\"%d-", bus);
    for (int i = 0; i < n; i++)
        fprintf(out, "%s%d", i ? "." : "", p[i]);
    fputc('"', out);
}

static int place_of(const struct hz_plug *p)
{
    int i = 0;
    for (const struct hz_plug *q = hz_bus.plugs; q && q != p; q = q->next)
        i++;
    return i;
}

static void counts(FILE *out, const struct hz_dongle *g)
{
    const struct hz_pipe *p = &g->pipe;
    fprintf(out,
            "\"plugs\":%llu,\"opens\":%llu,\"closes\":%llu,\"controls\":%llu,\"transfers\":%llu,"
            "\"bytes\":%llu,\"lost\":{",
            (unsigned long long)g->plugs, (unsigned long long)g->opens,
            (unsigned long long)g->closes, (unsigned long long)g->controls,
            (unsigned long long)p->transfers, (unsigned long long)p->bytes);
    for (int i = 0; i < HZ_LOSSES; i++)
        fprintf(out, "%s\"%s\":%llu", i ? "," : "", loss_names[i], (unsigned long long)p->lost[i]);
    fprintf(out, "},\"freed_in_flight\":%llu,\"closed_in_flight\":%llu",
            (unsigned long long)g->freed_in_flight, (unsigned long long)g->closed_in_flight);
}

static int in_flight(const struct hz_plug *p)
{
    int n = 0;
    for (const struct hz_flight *f = p->stream.head; f; f = f->next)
        n++;
    return n;
}

static void dongle(FILE *out, const struct hz_dongle *g)
{
    const struct hz_plug *p = g->plug;
    fprintf(out, "{\"dongle\":%d,\"serial\":", g->number);
    string(out, g->serial);
    fprintf(out, ",\"index\":%d,", p ? place_of(p) : -1);
    ports(out, g->ports, g->n_ports, g->bus_number);
    fprintf(out, ",\"plugged\":%s,", truth(p));
    if (p) {
        struct hz_settings s;
        hz_rtl2832_settings(&p->chip, g->pipe.crystal_ppm, &s);
        fprintf(out, "\"address\":%d,\"claimed\":%s,\"streaming\":%s,\"in_flight\":%d,", p->address,
                truth(p->claimed), truth(p->claimed && p->stream.running), in_flight(p));
        settings(out, &s);
        fputc(',', out);
    }
    counts(out, g);
    fputc('}', out);
}

static void state(FILE *out)
{
    fprintf(out,
            "\"t\":%.6f,\"contexts\":%d,\"handles\":%d,\"device_refs\":%d,\"transfers\":%d,"
            "\"buffers\":%d,"
            "\"dongles\":[",
            seconds(), hz_bus.n_contexts, hz_bus.n_handles, hz_bus.n_refs, hz_bus.n_transfers,
            hz_bus.n_buffers);
    for (int i = 0; i < hz_bus.n_dongles; i++) {
        if (i > 0)
            fputc(',', out);
        dongle(out, &hz_bus.dongles[i]);
    }
    fputs("]}\n", out);
}

void hz_report_state(FILE *out)
{
    fputc('{', out);
    state(out);
}

void hz_report_answer(FILE *out, const char *error)
{
    fprintf(out, "{\"ok\":%s", truth(!error));
    if (error) {
        fputs(",\"error\":", out);
        string(out, error);
    }
    fputs("}\n", out);
}

void hz_report_end(void)
{
    if (!hz_bus.report)
        return;
    fputs("{\"event\":\"end\",", hz_bus.report);
    state(hz_bus.report);
    fflush(hz_bus.report);
}
