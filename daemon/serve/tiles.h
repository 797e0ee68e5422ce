/* The value of a listener's `tiles`: the address of a map server's pictures, which has {z}, {x} and
 * {y}, and behind a blank what to say of their makers. Pure. */
#ifndef HZ_DAEMON_SERVE_TILES_H
#define HZ_DAEMON_SERVE_TILES_H

enum { HZ_TILES_ORIGIN = 280, HZ_TILES_MAX = 1000 /* characters of the value */ };

/* The origin that the pictures come from, "https://tiles.example.org", for the page's policy. 0; or
 * -EINVAL: the value is no such address, and origin is "". */
int hz_tiles_origin(const char *tiles, char origin[HZ_TILES_ORIGIN]);

#endif
