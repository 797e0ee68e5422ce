/* The sample index and time of a receiver's blocks, and the gaps between them. */
#include "daemon/bus/gap.h"
#include "daemon/receive/receiver_parts.h"

#include <math.h>
#include <stdio.h>

static void lost_samples(struct hz_receiver *r, uint64_t first, uint64_t samples, double sigma,
                         const char *reason)
{
    struct hz_gap gap = {.stamp = r->count.stamp,
                         .sample = first,
                         .samples = samples,
                         .sigma = sigma,
                         .reason = reason};
    hz_gap_publish(r->env.bus, r->topic, &gap);
    r->stats.gaps++;
    r->stats.lost_samples += samples;
}

void hz_receiver_begin_epoch(struct hz_receiver *r)
{
    const double step_ns = 1e9 / r->src->rate_hz;
    r->count.epoch++;
    r->count.next_sample = 0;
    r->count.uncounted = 0;
    r->count.stamp = (struct hz_stamp){.utc_ns = r->src->start_utc_ns, .ns_per_sample = step_ns};
    if (!r->ops->live) {
        r->count.stamp.count_ns = r->src->start_utc_ns;
        r->count.stamp.count_step_ns = step_ns;
    }
    r->count.pace = HZ_CLOCK_ON_TIME;
    hz_clock_start(&r->count.clock, r->src->rate_hz, r->src->path);
}

static const char not_recorded[] = "they are missing in the recording";

void hz_receiver_count(struct hz_receiver *r, struct hz_block *b)
{
    if (b->epoch != r->count.source_epoch) { /* retuned: the count starts again */
        if (b->gap_before > 0 && !r->ops->live)
            lost_samples(r, r->count.next_sample, b->gap_before, 0, not_recorded);
        r->count.source_epoch = b->epoch;
        hz_receiver_begin_epoch(r);
        b->gap_before = 0;
    }
    if (b->gap_before > 0)
        lost_samples(r, r->count.next_sample + r->count.uncounted, b->gap_before, 0,
                     b->gap_reason  ? b->gap_reason
                     : r->ops->live ? "hertzd could not take them in time"
                                    : not_recorded);
    b->gap_before += r->count.uncounted;
    r->count.uncounted = 0;
    b->epoch = r->count.epoch;
    b->first_sample = r->count.next_sample + b->gap_before;
    r->count.next_sample = b->first_sample + b->n;
    r->stats.blocks++;
    r->stats.samples += b->n;
}

/* Reports a server whose rate differs from the requested one, or a network that is too slow for it.
 */
static void report_pace(struct hz_receiver *r)
{
    static const char *const names[] = {
        [HZ_CLOCK_ON_TIME] = "samples come at their rate again",
        [HZ_CLOCK_FAST] = "samples come faster than their rate",
        [HZ_CLOCK_SLOW] = "samples come slower than their rate: the server or the network is slow"};
    double received = 0;
    enum hz_clock_pace pace = hz_clock_pace(&r->count.clock, &received);
    if (pace == r->count.pace)
        return;
    r->count.pace = pace;
    char text[160];
    if (pace == HZ_CLOCK_ON_TIME)
        snprintf(text, sizeof text, "%s", names[pace]);
    else
        snprintf(text, sizeof text, "%s: %.0f a second, expected %.0f", names[pace], received,
                 r->src->rate_hz);
    hz_receiver_set_state(r, r->life.state, text);
}

void hz_receiver_stamp(struct hz_receiver *r, struct hz_stamp now)
{
    now.count_ns = r->count.stamp.count_ns;
    now.count_step_ns = r->count.stamp.count_step_ns;
    if (now.count_step_ns == 0 && now.utc_ns != 0) { /* the first of a live source */
        now.count_step_ns = 1e9 / r->src->rate_hz;
        now.count_ns = now.utc_ns - llround((double)now.sample * now.count_step_ns);
    }
    r->count.stamp = now;
}

void hz_receiver_clock(struct hz_receiver *r, const struct hz_block *b)
{
    struct hz_clock_loss loss;
    if (hz_clock_block(&r->count.clock, r->count.next_sample, b->arrival_mono_ns, b->arrival_utc_ns,
                       &loss)) {
        lost_samples(r, loss.sample, loss.samples, loss.sigma,
                     "they were lost on the way, which the clock shows");
        r->count.uncounted = loss.samples;
    }
    hz_receiver_stamp(r, hz_clock_stamp(&r->count.clock, b->first_sample));
    report_pace(r);
}
