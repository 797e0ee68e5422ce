/* One burst, one winner: of the readings that explain the same frames, the one that is told. */
#ifndef HZ_PROTO_SENSORS_COMPETE_H
#define HZ_PROTO_SENSORS_COMPETE_H

#include "proto/sensors/engine.h"

/* Leaves the winners in list[*n], in the order of time, with the twins that they won over. */
void hz_compete(const struct hz_sensor_set *set, struct hz_found *list, size_t *n);

#endif
