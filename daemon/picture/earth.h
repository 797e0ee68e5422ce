/* Places on the earth, taken as a sphere: distances are right to 0.5 %. Pure; any thread. */
#ifndef HZ_DAEMON_PICTURE_EARTH_H
#define HZ_DAEMON_PICTURE_EARTH_H

/* Degrees, north and east positive; NAN: not known. */
struct hz_place {
    double lat, lon;
};

/* Metres along the surface. */
double hz_earth_distance(struct hz_place a, struct hz_place b);
/* The direction in which b is seen from a: degrees clockwise from north, 0 to below 360. */
double hz_earth_bearing(struct hz_place a, struct hz_place b);

#endif
