/* What the files of hear.h share: one part of a carrier's time, its streams at a clock, and how
 * well frames fit to them. */
#ifndef HZ_PROTO_SENSORS_HEAR_OWN_H
#define HZ_PROTO_SENSORS_HEAR_OWN_H

#include "proto/sensors/hear.h"

/* A^2 of a strong burst; and of one so strong that each look at it is right. */
#define HZ_A2_ENOUGH 10.0f
#define HZ_A2_SURE   60.0f

/* One part of a carrier's time, heard with one class. */
struct hz_part {
    struct hz_hear *e;
    const struct hz_classes *classes;
    const struct hz_shape *shape;
    const struct hz_hearing *h;
    size_t family;
    size_t from, to;           /* samples */
    struct hz_level_grid grid; /* at the clock that `clock` tells */
    struct hz_level_stats level;
    float shorter; /* windows of a strong burst, by this factor */
    float clock;   /* of the grid and the costs; 0: no costs were made */
    bool ends; /* frames are whole: what follows is their end. A clock is tried on a part of them */
    uint64_t *work;
};

/* The level stream at this clock. */
void hz_part_stream(struct hz_part *p, float clock);
/* The same, and what each symbol costs at each step; nothing to do where p->clock is that already.
 */
void hz_part_costs(struct hz_part *p, float clock);
struct hz_dp_costs hz_part_dp_costs(const struct hz_part *p);
/* The step at which the data begins that the search found at `peak`, on the grid of a clock. */
int hz_part_start(const struct hz_part *p, const struct hz_sync_peak *peak, float clock);
/* How well the n symbols of the frame explain the stream along the path that was traced last. */
float hz_part_fit(const struct hz_part *p, const struct hz_frame *f, int n);

#endif
