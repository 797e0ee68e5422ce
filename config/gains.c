#include "config/gains.h"

#include <stdio.h>
#include <string.h>

/* The lists are those that librtlsdr gives out for its tuners (rtlsdr_get_tuner_gains). */
static const int16_t e4000[] = {-10, 15, 40, 65, 90, 115, 140, 165, 190, 215, 240, 290, 340, 420};
static const int16_t fc0012[] = {-99, -40, 71, 179, 192};
static const int16_t fc0013[] = {-99, -73, -65, -63, -60, -58, -54, 58,  61,  63,  65, 67,
                                 68,  70,  71,  179, 181, 182, 184, 186, 188, 191, 197};
static const int16_t r82xx[] = {0,   9,   14,  27,  37,  77,  87,  125, 144, 157,
                                166, 197, 207, 229, 254, 280, 297, 328, 338, 364,
                                372, 386, 402, 421, 434, 439, 445, 480, 496};

#define LIST(gains) gains, sizeof gains / sizeof *gains

static const struct {
    const char *tuner;
    const int16_t *gains;
    size_t n;
} tuners[] = {
    {"R820T", LIST(r82xx)},   {"R828D", LIST(r82xx)},   {"E4000", LIST(e4000)},
    {"FC0012", LIST(fc0012)}, {"FC0013", LIST(fc0013)},
};

const int16_t *hz_tuner_gains(const char *device, size_t *n)
{
    char named[32];
    for (size_t i = 0; i < sizeof tuners / sizeof *tuners; i++) {
        snprintf(named, sizeof named, "%s tuner", tuners[i].tuner);
        if (strstr(device, named)) {
            *n = tuners[i].n;
            return tuners[i].gains;
        }
    }
    *n = 0;
    return NULL;
}
