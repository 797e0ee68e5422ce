/* What is heard where: the usual frequencies of each kind of transmitter, by region, and what the
 * parts of the spectrum are for. For `hertzd setup` and `hertzctl scan`, which know no more of a
 * place than this. Constants of band plans; pure, any thread. */
#ifndef HZ_CONFIG_HEARD_H
#define HZ_CONFIG_HEARD_H

#include <stdbool.h>

enum hz_region {
    HZ_REGION_EUROPE, /* and Africa, the Near East */
    HZ_REGION_AMERICA,
    HZ_REGION_AUSTRALIA,
    HZ_REGION_JAPAN,
    HZ_REGIONS,
};

/* "europe", "america", …; ends with NULL. */
extern const char *const hz_region_names[HZ_REGIONS + 1];

/* What somebody may want to hear. */
struct hz_interest {
    const char *name; /* "aircraft": a word for options, and the name of its channel */
    const char *what; /* "aircraft (ADS-B)" */
};

/* Ends with a NULL name. */
extern const struct hz_interest hz_interests[];

/* Channels of one decoder for one interest: `count` of them, from first_hz on, step_hz apart. */
struct hz_heard {
    const char *interest, *decoder;
    unsigned regions; /* bits 1 << enum hz_region */
    double first_hz, step_hz;
    unsigned count;
};

/* Those of one interest and region lie together; ends with a NULL interest. */
extern const struct hz_heard hz_heard[];

/* The next row of that interest and region behind `after` (NULL: the first); NULL: there is none.
 * interest NULL: of all. */
const struct hz_heard *hz_heard_next(const struct hz_heard *after, const char *interest,
                                     enum hz_region region);

/* The lowest and the highest frequency of an interest there. False: it has none. */
bool hz_heard_span(const char *interest, enum hz_region region, double *low_hz, double *high_hz);

/* A part of the spectrum, and the decoder for an unknown carrier in it. */
struct hz_heard_band {
    double low_hz, high_hz;
    const char *decoder; /* NULL: there is none for it */
    const char *what;
};

/* The narrowest band around that frequency; NULL: none is known. */
const struct hz_heard_band *hz_heard_band(double hz);

#endif
