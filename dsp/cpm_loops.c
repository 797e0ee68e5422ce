/* The loops of hz_cpm_follow: tracking of timing and carrier along the best survivor. */
#include "dsp/cpm_run.h"

#include <math.h>
#include <string.h>

static const float two_pi = 6.28318530717958647692f;
static const float most_late = 0.3f; /* bits: a larger error in one bit is noise */

const struct hz_cpm_gains hz_cpm_usual_gains = {0.01f, 3e-5f, 0.001f};

void hz_cpm_follow(struct hz_cpm *c, const struct hz_cpm_gains *gains)
{
    if (!c->looped)
        memset(c->late, 0, c->bits * sizeof *c->late);
    c->looped = true;
    c->loops.gains = gains ? *gains : (struct hz_cpm_gains){0, 0, 0};
    float sum = 0;
    for (unsigned p = 0; p < 8; p++)
        sum += c->cycles[p] * c->cycles[p];
    c->loops.power = sum / 8;
}

void hz_cpm_place(const struct hz_cpm *c, struct hz_cpm_place *out)
{
    const struct hz_cpm_loops *l = &c->loops;
    double bit = c->mode.samples_per_bit;
    out->at = c->start + ((double)c->bits + (double)(l->late + l->rate)) * bit;
    out->samples_per_bit = bit * (1 + (double)l->rate);
    out->freq = (double)l->step / ((double)two_pi * bit);
}

/* First lane by lane, which takes a third of the time of a plain loop. */
unsigned hz_cpm_best(const struct hz_cpm *c, const float *metric)
{
    float most[4] = {metric[0], metric[1], metric[2], metric[3]};
    unsigned at[4] = {0, 1, 2, 3};
    for (unsigned s = 4; s < c->states; s += 4)
        for (unsigned l = 0; l < 4; l++) {
            at[l] = metric[s + l] > most[l] ? s + l : at[l];
            most[l] = metric[s + l] > most[l] ? metric[s + l] : most[l];
        }
    unsigned low = most[1] > most[0], high = 2 + (most[3] > most[2]);
    return at[most[high] > most[low] ? high : low];
}

/* The pattern of the branch into state s whose oldest bit was j. */
static unsigned pattern_into(const struct hz_cpm *c, unsigned s, unsigned j)
{
    unsigned bits = c->mode.states_log2;
    unsigned newest = s >> (bits - 1) & 1, middle = s >> (bits - 2) & 1;
    unsigned oldest = bits > 2 ? s >> (bits - 3) & 1 : j;
    return oldest << 2 | middle << 1 | newest;
}

void hz_cpm_loops_on(struct hz_cpm *c, const struct hz_cpm_branches *b)
{
    struct hz_cpm_loops *l = &c->loops;
    unsigned s = hz_cpm_best(c, b->metric), from = hz_cpm_before(c, c->bits, s, false);
    unsigned pattern = pattern_into(c, s, from & 1);
    float re = b->sum_re[pattern], im = b->sum_im[pattern];
    float ref_re = b->ref_re[from], ref_im = b->ref_im[from];
    float size = sqrtf((re * re + im * im) * (ref_re * ref_re + ref_im * ref_im));
    float sine = size > 0 ? (im * ref_re - re * ref_im) / size : 0;
    float cycles = c->cycles[pattern], more = cycles - l->cycles;
    float late = l->power > 0 ? -sine * more / (two_pi * l->power) : 0;
    late = fminf(fmaxf(late, -most_late), most_late);
    l->late += l->gains.timing * late + l->rate;
    l->rate += l->gains.rate * late;
    l->step += l->gains.carrier * sine;
    l->angle += l->step;
    l->angle -= l->angle > two_pi / 2 ? two_pi : l->angle < -two_pi / 2 ? -two_pi : 0;
    l->cycles += (1 - c->mode.memory) * more;
}
