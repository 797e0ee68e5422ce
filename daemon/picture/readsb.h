/* The files that readsb writes for tar1090, graphs1090 and others, of the same names and fields
 * (its README-json): aircraft.json, receiver.json and stats.json. Loop thread. */
#ifndef HZ_DAEMON_PICTURE_READSB_H
#define HZ_DAEMON_PICTURE_READSB_H

#include "daemon/picture/format.h"

enum { HZ_READSB_REFRESH_MS = 1000 /* how often aircraft.json changes */ };

/* aircraft.json, by a snapshot. */
extern const struct hz_picture_format hz_format_readsb;

/* Both are new texts, to be freed, and their length. NULL: no memory. history: the number of files
 * history_N.json that can be read; 0: none. */
char *hz_readsb_receiver(const struct hz_picture *p, unsigned history, size_t *len);
char *hz_readsb_stats(const struct hz_picture *p, size_t *len);

#endif
