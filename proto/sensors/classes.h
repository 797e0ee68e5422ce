/* The sensors of a set, sorted by how they sound: those of a class share level stream, search for
 * sync and symbols, and differ only in what their bits mean and in how many there are.
 *
 * Made once, read-only from then on; any number of engines share it. */
#ifndef HZ_PROTO_SENSORS_CLASSES_H
#define HZ_PROTO_SENSORS_CLASSES_H

#include "proto/sensors/coherence.h"
#include "proto/sensors/level.h"
#include "proto/sensors/runs.h"
#include "proto/sensors/set.h"
#include "proto/sensors/shape.h"

struct hz_class {
    struct hz_shape shape;
    struct hz_coherence_band band;
    struct hz_run_lengths lengths;
    uint16_t *member; /* indices of the set's list, ordered by length of frame */
    size_t n;
    size_t family; /* index of the first class with the same symbols, whatever its sync */
};

struct hz_classes {
    const struct hz_sensor_set *set; /* borrowed */
    struct hz_class *list;
    size_t n;
    struct hz_level_table table;
};

/* Of all sensors that are not off. NULL: no memory. The set must live as long. */
struct hz_classes *hz_classes_new(const struct hz_sensor_set *set);
void hz_classes_free(struct hz_classes *c); /* NULL is allowed */

#endif
