/* The looks of a hunt: where the mean excess over blocks and groups is more than noise makes it. */
#include "dsp/hunt_own.h"

#include "dsp/clones.h"

#include <math.h>
#include <string.h>

/* The mean excess over so many blocks and groups, and its standard deviation on noise: of one cell
 * it is 0.1 (100 bins); blocks overlap by a fifth, so that a mean over several is less exact. */
struct look {
    int sum, blocks, groups;
    float sigma, least; /* least: the excess that is a hit, 5.2 sigma and more where it is skewed */
};

static const struct look looks[] = {
    {0, 1, 1, 0.100f, 0.60f},
    {0, 1, 2, 0.071f, 0.41f},
    {0, 1, 5, 0.045f, 0.25f},
    {0, 1, 25, 0.020f, 0.112f},
    {1, HZ_HUNT_SHORT, 1, 0.041f, 0.222f},
    {1, HZ_HUNT_SHORT, 2, 0.029f, 0.155f},
    {1, HZ_HUNT_SHORT, 5, 0.018f, 0.098f},
    {2, HZ_HUNT_RING, 1, 0.021f, 0.111f},
    {2, HZ_HUNT_RING, 2, 0.015f, 0.079f},
};

enum { LOOKS = sizeof looks / sizeof *looks };

#define SIGMAS 5.2f
#define NEW    0.0132f /* variance of a floor that one block has made */
#define SHAPE  0.6f    /* and of a new one: the receiver's band is not flat */

/* While the floors are new they are not exact. */
static int32_t least_of(const struct hz_hunt *h, const struct look *l)
{
    float age = (float)(h->age + 1), slack = 0;
    if (h->age < 512) {
        float floors = NEW / (age * (float)l->groups);
        slack = SIGMAS * (sqrtf(l->sigma * l->sigma + floors) - l->sigma) +
                SHAPE / (1 + age * age / 16);
    }
    return (int32_t)((l->least + slack) * (float)(HZ_HUNT_ONE * l->blocks * l->groups));
}

static void add_up(const int32_t *x, size_t n, int32_t *prefix)
{
    int32_t sum = 0;
    for (size_t g = 0; g < n; g++) {
        prefix[g] = sum;
        sum += x[g];
    }
    prefix[n] = sum;
}

HZ_CLONES static int32_t most_in(const int32_t *prefix, size_t n, size_t width)
{
    int32_t most = INT32_MIN;
    for (size_t g = 0; g + width <= n; g++) {
        int32_t sum = prefix[g + width] - prefix[g];
        most = sum > most ? sum : most;
    }
    return most;
}

static bool any_hit(struct hz_hunt *h)
{
    int sum = -1;
    for (size_t i = 0; i < LOOKS; i++) {
        const struct look *l = &looks[i];
        if (l->sum != sum)
            add_up(h->sum[l->sum], h->n, h->prefix);
        sum = l->sum;
        if ((size_t)l->groups <= h->n &&
            most_in(h->prefix, h->n, (size_t)l->groups) > least_of(h, l))
            return true;
    }
    return false;
}

/* Takes what was found out of all sums, so that no wider or longer look finds it again. */
static void take_out(struct hz_hunt *h, int low, int high)
{
    int from = low > 0 ? low - 1 : 0, to = high + 1 < (int)h->n ? high + 1 : (int)h->n - 1;
    for (int k = 0; k < 3; k++) {
        for (int g = from; g <= to; g++)
            h->left[k][g] = h->left[k][g] > 0 ? 0 : h->left[k][g];
    }
}

/* Picks the strongest place of a look. */
static bool pick(struct hz_hunt *h, const struct look *l)
{
    const int32_t *x = h->left[l->sum];
    int32_t most = least_of(h, l), sum = 0;
    int at = -1;
    for (int g = 0; g < (int)h->n; g++) {
        sum += x[g] - (g >= l->groups ? x[g - l->groups] : 0);
        if (g + 1 >= l->groups && sum > most) {
            most = sum;
            at = g + 1 - l->groups;
        }
    }
    if (at < 0)
        return false;
    h->pick[h->picks++] = (struct hz_hunt_pick){
        .low = at,
        .high = at + l->groups - 1,
        .blocks = l->blocks,
        .excess = (float)most / (float)(HZ_HUNT_ONE * l->blocks),
    };
    take_out(h, at, at + l->groups - 1);
    return true;
}

bool hz_hunt_look(struct hz_hunt *h)
{
    h->picks = 0;
    if (!any_hit(h))
        return false;
    for (int k = 0; k < 3; k++)
        memcpy(h->left[k], h->sum[k], h->n * sizeof **h->left);
    for (size_t i = 0; i < LOOKS; i++) {
        while (h->picks < HZ_HUNT_PICKS_MAX && pick(h, &looks[i]))
            ;
    }
    return h->picks > 0;
}
