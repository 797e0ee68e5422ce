/* The parts of the sample clock that differ between USB and TCP. Private to clock*.c. */
#ifndef HZ_DAEMON_RECEIVE_CLOCK_PATH_H
#define HZ_DAEMON_RECEIVE_CLOCK_PATH_H

#include "daemon/receive/clock.h"

enum { HZ_CLOCK_PPM_MAX = 200 }; /* limit of the slope: crystals of dongles are within 100 ppm */

/* The slack of a block without delay at time t: the line. */
double hz_clock_line(const struct hz_clock *c, double t_s);

/* Process one block, and the end of a window whose floor is c->least. True: a loss was found. */
void hz_clock_usb_block(struct hz_clock *c, struct hz_clock_point p);
bool hz_clock_usb_window(struct hz_clock *c, struct hz_clock_loss *loss);
void hz_clock_tcp_block(struct hz_clock *c, struct hz_clock_point p);
bool hz_clock_tcp_window(struct hz_clock *c, struct hz_clock_loss *loss);

/* Whether the slope is known well enough to be reported. */
bool hz_clock_usb_knows_slope(const struct hz_clock *c);
bool hz_clock_tcp_knows_slope(const struct hz_clock *c);

#endif
