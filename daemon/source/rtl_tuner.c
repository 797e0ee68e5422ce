#include "daemon/source/rtl_tuner.h"

/* librtlsdr.c, rtlsdr_get_tuner_gains. */
static const int16_t e4000[] = {-10, 15, 40, 65, 90, 115, 140, 165, 190, 215, 240, 290, 340, 420};
static const int16_t fc0012[] = {-99, -40, 71, 179, 192};
static const int16_t fc0013[] = {-99, -73, -65, -63, -60, -58, -54, 58,  61,  63,  65, 67,
                                 68,  70,  71,  179, 181, 182, 184, 186, 188, 191, 197};
static const int16_t fc2580[] = {0};
static const int16_t r82xx[] = {0,   9,   14,  27,  37,  77,  87,  125, 144, 157,
                                166, 197, 207, 229, 254, 280, 297, 328, 338, 364,
                                372, 386, 402, 421, 434, 439, 445, 480, 496};

#define GAINS(list) list, sizeof(list) / sizeof *(list)
static const struct hz_rtl_tuner tuners[] = {
    {"E4000", GAINS(e4000)},   {"FC0012", GAINS(fc0012)}, {"FC0013", GAINS(fc0013)},
    {"FC2580", GAINS(fc2580)}, {"R820T", GAINS(r82xx)},   {"R828D", GAINS(r82xx)},
};

const struct hz_rtl_tuner *hz_rtl_tuner(uint32_t type)
{
    return type >= 1 && type <= sizeof tuners / sizeof *tuners ? &tuners[type - 1] : NULL;
}
