/* The lines of kind `stats`: what a receiver and its channels did since the last such lines. Loop
 * thread. */
#ifndef HZ_DAEMON_RECEIVE_TELL_STATS_H
#define HZ_DAEMON_RECEIVE_TELL_STATS_H

#include "daemon/receive/receiver.h"

/* Publishes one line of the receiver and one of each of its channels; those of single bursts are in
 * their host's. seconds: since the last call, as the lines tell it. */
void hz_receiver_tell_stats(struct hz_receiver *r, double seconds);

#endif
