/* The parts of the sample clock that depend on the way the samples took. Private to clock*.c. */
#ifndef HZ_DAEMON_RECEIVE_CLOCK_PATH_H
#define HZ_DAEMON_RECEIVE_CLOCK_PATH_H

#include "daemon/receive/clock.h"

enum { HZ_CLOCK_PPM_MAX = 200 }; /* crystals of dongles are within 100: a steeper line is none */

/* The slack that a block without delay has at that time. */
double hz_clock_line(const struct hz_clock *c, double t_s);

/* Note of one block, and of the end of a window whose floor is c->least. True: a loss. */
void hz_clock_usb_block(struct hz_clock *c, struct hz_clock_point p);
bool hz_clock_usb_window(struct hz_clock *c, struct hz_clock_loss *loss);
void hz_clock_tcp_block(struct hz_clock *c, struct hz_clock_point p);
bool hz_clock_tcp_window(struct hz_clock *c, struct hz_clock_loss *loss);

/* Whether the slope is known well enough to be told. */
bool hz_clock_usb_knows_slope(const struct hz_clock *c);
bool hz_clock_tcp_knows_slope(const struct hz_clock *c);

#endif
