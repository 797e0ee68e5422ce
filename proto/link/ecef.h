/* From coordinates around the Earth's centre to latitude, longitude and height of the WGS84
 * ellipsoid, and velocities to speed, heading and climb. Pure; any thread. */
#ifndef HZ_PROTO_LINK_ECEF_H
#define HZ_PROTO_LINK_ECEF_H

struct hz_ecef_place {
    double lat, lon, alt; /* degrees, metres over the ellipsoid */
};

/* xyz in metres. */
struct hz_ecef_place hz_ecef_place(const double xyz[3]);

struct hz_ecef_motion {
    double speed, heading, climb; /* m/s over ground, degrees from north, m/s upwards */
};

/* v in m/s, at that place. */
struct hz_ecef_motion hz_ecef_motion(const double v[3], const struct hz_ecef_place *at);

#endif
