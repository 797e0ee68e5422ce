/* The structure shared by hunt.c (cells and floors), hunt_looks.c (what is over them) and
 * hunt_track.c (candidates). Inside dsp/ only. */
#ifndef HZ_DSP_HUNT_OWN_H
#define HZ_DSP_HUNT_OWN_H

#include "dsp/hunt.h"

enum {
    HZ_HUNT_RING = 32,      /* blocks of the longest look */
    HZ_HUNT_SHORT = 8,      /* of the middle one */
    HZ_HUNT_ONE = 4096,     /* an excess of 1 (twice the floor), as an integer: sums are exact */
    HZ_HUNT_PICKS_MAX = 48, /* hits of one block that are followed */
};

/* What a look found: groups, both inclusive. */
struct hz_hunt_pick {
    int low, high;
    int blocks;   /* of the look */
    float excess; /* power of a block over the floor of a group, in floors */
};

struct hz_hunt_candidate {
    uint32_t id; /* 0: none */
    int low, high;
    uint64_t from, last; /* first block, and the last one in which a look found it */
    uint64_t found;      /* block in which it was found */
    uint64_t cell;       /* last block in which a single cell was enough, plus 1; 0: none */
    bool told;           /* that it began */
    bool sudden;         /* found by a single cell: it began when it was found */
    float excess;        /* strongest */
};

/* What stands in `still` for a group in this block. */
enum hz_hunt_still { HZ_HUNT_MOVES, HZ_HUNT_STILL, HZ_HUNT_PEAK };

struct hz_hunt {
    double low_hz;   /* lower edge of group 0, from the receiver's centre */
    size_t n;        /* groups */
    size_t below;    /* groups below the middle of the spectra */
    bool has_centre; /* the spectra have the receiver's centre at bin 0 */
    float scale;     /* from power to full scale 1 */
    /* by group */
    float *power, *floor;
    float *ratio;                /* of the two */
    float *level;                /* mean power over some blocks */
    uint8_t *still;              /* enum hz_hunt_still */
    uint64_t *held;              /* block up to which a carrier's level is the floor */
    uint32_t *hold;              /* for how many blocks that was, the last time */
    uint32_t *gone;              /* blocks since that carrier was there */
    int16_t *ring[HZ_HUNT_RING]; /* excess of the last blocks */
    int32_t *sum[3], *left[3];   /* over 1, 8 and 32 blocks; for a pick to take from */
    int32_t *prefix;             /* [n + 1] */
    uint64_t block;              /* the next one */
    unsigned age;                /* blocks since the floors were new */
    unsigned levels; /* blocks in a row in which the whole band was raised, or lowered */
    bool up;         /* raised */
    bool begun;
    struct hz_hunt_candidate open[HZ_HUNT_OPEN_MAX];
    struct hz_hunt_pick pick[HZ_HUNT_PICKS_MAX];
    size_t picks;
    uint32_t ids;
    struct hz_hunt_stats stats;
};

/* Fills in the picks of this block; false: there are none. */
bool hz_hunt_look(struct hz_hunt *h);
/* Follows the candidates with the picks of block b: events, as hz_hunt_push. */
size_t hz_hunt_track(struct hz_hunt *h, uint64_t b, struct hz_hunt_event *events);
/* Ends all candidates before block b. */
size_t hz_hunt_end_all(struct hz_hunt *h, uint64_t b, struct hz_hunt_event *events);
/* Forgets what the means over several blocks hold of these groups. */
void hz_hunt_forget(struct hz_hunt *h, int low, int high);

#endif
