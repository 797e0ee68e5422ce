#include "proto/wmbus/mode.h"

/* The standard lets meters be 10 % off in mode T; a pattern of 42 chips holds for 1.7 % around a
 * clock. */
static const double clocks_tc[] = {0.904, 0.936, 0.968, 1, 1.032, 1.064, 1.096};
/* 1.5 to 2 % in mode S; some are worse. */
static const double clocks_s[] = {0.96, 1, 1.04};

/* `least`: in noise r is about Gaussian, with a deviation of 0.055 in mode T and 0.035 in mode S
 * (noise of 300 kHz at 400 ksps). A deviation of 25 kHz at 1 dB in 300 kHz gives 0.2. */
const struct hz_wmbus_mode hz_wmbus_tc = {
    .chips_s = 100e3,
    .pattern = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0,
                1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1, 0, 1},
    .chips = 42,
    .pairs_log2 = 4,
    .least = 0.2f,
    .clocks = clocks_tc,
    .n_clocks = 7,
    .clock_off = 0.02,
};

const struct hz_wmbus_mode hz_wmbus_s = {
    .chips_s = 32768,
    .pattern = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0,
                0, 0, 1, 1, 1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 1, 0},
    .chips = 34,
    .pairs_log2 = 3,
    .least = 0.15f,
    .clocks = clocks_s,
    .n_clocks = 3,
    .clock_off = 0.025,
};
