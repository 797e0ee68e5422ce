#include "daemon/cmd/setup.h"

#include <math.h>

/* More clipped samples than this distort what is heard. */
#define CLIP_MAX_PERCENT 1.0
/* A crystal is told to be off from here on; below that lies the error of the measurement. By this
 * machine's clock it is larger, and needs a while. */
#define PPM_MIN       1.0
#define PPM_CLOCK_MIN 3.0
#define CLOCK_MIN_S   20.0

const struct hz_setup_trial *hz_setup_best(const struct hz_setup_trial *trials, size_t n)
{
    const struct hz_setup_trial *best = NULL;
    for (size_t i = 0; i < n; i++) {
        double chance = best ? fmax(best->messages * 0.1, 2 * sqrt(best->messages)) : 0;
        if (trials[i].clip_percent <= CLIP_MAX_PERCENT && trials[i].messages > 0 &&
            (!best || trials[i].messages > best->messages + chance))
            best = &trials[i];
    }
    return best;
}

double hz_setup_ppm(double by_carriers, double by_clock, double seconds, double *error,
                    enum hz_setup_ppm_by *by)
{
    bool heard = !isnan(by_carriers), timed = !isnan(by_clock) && seconds >= CLOCK_MIN_S;
    *by = heard ? HZ_PPM_BY_CARRIERS : timed ? HZ_PPM_BY_CLOCK : HZ_PPM_UNKNOWN;
    *error = heard ? by_carriers : timed ? by_clock : 0;
    return fabs(*error) >= (heard ? PPM_MIN : PPM_CLOCK_MIN) ? round(*error) : 0;
}
