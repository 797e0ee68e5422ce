#include "daemon/picture/minutes.h"

#include <math.h>
#include <sys/resource.h>

static const int64_t minute_ns = INT64_C(60000000000);
static const double strong = 0.5011872336272722; /* -3 dBFS */

static uint64_t cpu_ms(int who)
{
    struct rusage u;
    getrusage(who, &u);
    return (uint64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 +
           (uint64_t)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
}

void hz_minutes_init(struct hz_minutes *m, int64_t utc_ns)
{
    *m = (struct hz_minutes){.past = {.start_ns = utc_ns, .end_ns = utc_ns},
                             .latest = {.start_ns = utc_ns, .end_ns = utc_ns}};
}

void hz_minutes_hear(struct hz_minutes *m, const struct hz_record *rec)
{
    struct hz_minute *now = &m->latest;
    m->mark = rec->mark ? rec->mark : m->mark;
    now->accepted[rec->fixed_bits < HZ_FIXED_MAX ? rec->fixed_bits : HZ_FIXED_MAX]++;
    now->positions += isfinite(rec->about.lat) ? 1 : 0;
    if (!isnan(rec->rssi_dbfs)) {
        double power = pow(10, (double)rec->rssi_dbfs / 10);
        now->signal += power;
        now->signals++;
        now->peak = fmax(now->peak, power);
        now->strong += power > strong;
    }
    if (!isnan(rec->noise_dbfs)) {
        now->noise += pow(10, (double)rec->noise_dbfs / 10);
        now->noises++;
    }
}

/* Adds what follows to what was before. */
static void add(struct hz_minute *sum, const struct hz_minute *m)
{
    for (int i = 0; i <= HZ_FIXED_MAX; i++)
        sum->accepted[i] += m->accepted[i];
    sum->end_ns = m->end_ns;
    sum->positions += m->positions;
    sum->strong += m->strong;
    sum->signal += m->signal;
    sum->noise += m->noise;
    sum->signals += m->signals;
    sum->noises += m->noises;
    sum->peak = fmax(sum->peak, m->peak);
    sum->tracks += m->tracks;
    sum->single += m->single;
    sum->max_m = fmax(sum->max_m, m->max_m);
    sum->loop_ms += m->loop_ms;
    sum->others_ms += m->others_ms;
}

void hz_minutes_tick(struct hz_minutes *m, int64_t utc_ns)
{
    struct hz_minute *now = &m->latest;
    uint64_t loop = cpu_ms(RUSAGE_THREAD), all = cpu_ms(RUSAGE_SELF);
    uint64_t others = all > loop ? all - loop : 0;
    now->loop_ms += loop - m->loop_ms;
    now->others_ms += others > m->others_ms ? others - m->others_ms : 0;
    m->loop_ms = loop;
    m->others_ms = others > m->others_ms ? others : m->others_ms;
    int64_t lasts = utc_ns - now->start_ns;
    if (lasts >= 0 && lasts < minute_ns)
        return;
    now->end_ns = utc_ns;
    add(&m->past, now);
    m->ring[m->next] = *now;
    m->next = (m->next + 1) % HZ_MINUTES;
    m->n += m->n < HZ_MINUTES;
    *now = (struct hz_minute){.start_ns = utc_ns, .end_ns = utc_ns};
}

struct hz_minute hz_minutes_sum(const struct hz_minutes *m, unsigned n, bool latest, int64_t utc_ns)
{
    int64_t begins = m->latest.start_ns;
    struct hz_minute sum = {.start_ns = begins, .end_ns = begins}, now = m->latest;
    if (n == 0)
        sum = m->past;
    now.end_ns = utc_ns;
    if (n > m->n)
        n = m->n;
    for (unsigned i = 0; i < n; i++) {
        const struct hz_minute *one = &m->ring[(m->next + HZ_MINUTES - n + i) % HZ_MINUTES];
        if (i == 0)
            sum = *one;
        else
            add(&sum, one);
    }
    if (latest)
        add(&sum, &now);
    return sum;
}

uint64_t hz_minute_messages(const struct hz_minute *m)
{
    uint64_t n = 0;
    for (int i = 0; i <= HZ_FIXED_MAX; i++)
        n += m->accepted[i];
    return n;
}
