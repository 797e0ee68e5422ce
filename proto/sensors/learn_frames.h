/* Frames of the bursts that are used. Private to the files learn*.c. */
#ifndef HZ_PROTO_SENSORS_LEARN_FRAMES_H
#define HZ_PROTO_SENSORS_LEARN_FRAMES_H

#include "proto/sensors/learn.h"

/* From the rows of the bursts that are used: bits, frame, sync, tail, preamble, rows, repeats.
 * Where nothing is found n_frames is 0. */
void hz_learn_frames(struct hz_learn *l);

#endif
