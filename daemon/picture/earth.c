#include "daemon/picture/earth.h"

#include <math.h>

static const double radius_m = 6371008.8; /* mean radius of the earth */

static double radians(double degrees)
{
    return degrees * (M_PI / 180);
}

double hz_earth_distance(struct hz_place a, struct hz_place b)
{
    double lat = sin(radians(b.lat - a.lat) / 2), lon = sin(radians(b.lon - a.lon) / 2);
    double h = lat * lat + cos(radians(a.lat)) * cos(radians(b.lat)) * lon * lon;
    return 2 * radius_m * asin(fmin(1, sqrt(h)));
}

double hz_earth_bearing(struct hz_place a, struct hz_place b)
{
    double la = radians(a.lat), lb = radians(b.lat), d = radians(b.lon - a.lon);
    double east = sin(d) * cos(lb), north = cos(la) * sin(lb) - sin(la) * cos(lb) * cos(d);
    double degrees = atan2(east, north) * (180 / M_PI);
    return degrees < 0 ? fmod(degrees + 360, 360) : degrees;
}
