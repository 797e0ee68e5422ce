#include "daemon/receive/workload.h"

#include <math.h>
#include <time.h>

double hz_thread_cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct hz_workload hz_workload_of(const struct hz_jobs *jobs, double loop_s)
{
    struct hz_jobs_stats stats = hz_jobs_stats(jobs);
    return (struct hz_workload){
        .jobs = stats, .jobs_s = (double)stats.cpu_ns / 1e9, .loop_s = loop_s, .longest = ""};
}

void hz_workload_add(struct hz_workload *w, const struct hz_receiver *r)
{
    struct hz_band_strand_stats band;
    double share =
        w->jobs.shared_ns > 0 ? (double)w->jobs.cpu_ns / (double)w->jobs.shared_ns / 1e9 : 0;
    size_t n;
    struct hz_channel *const *channels = hz_receiver_channels(r, &n);
    if (hz_receiver_spectra(r, &band)) {
        w->band_s += (double)band.cpu_ns * share;
        w->order_s = fmax(w->order_s, (double)band.order_ns * share);
    }
    for (size_t i = 0; i < n; i++) {
        double cpu_s = (double)hz_channel_stats(channels[i]).cpu_ns * share;
        w->channels_s += cpu_s;
        cpu_s /= hz_channel_at_a_time(channels[i]);
        if (cpu_s < w->longest_s)
            continue;
        w->longest_s = cpu_s;
        w->longest = hz_channel_conf(channels[i])->name;
    }
}

double hz_workload_serial_s(const struct hz_workload *w)
{
    return fmax(fmax(w->order_s, w->longest_s), w->loop_s);
}

double hz_workload_speedup(const struct hz_workload *w, int workers, double first_s)
{
    double all = w->jobs_s + w->loop_s;
    double least = fmax(hz_workload_serial_s(w), all / workers);
    return all > 0 ? (first_s + all) / (first_s + least) : 1;
}
