#include "proto/link/ecef.h"

#include <math.h>

static const double degree = 3.14159265358979323846 / 180;
static const double a = 6378137, f = 1 / 298.257223563; /* WGS84 */

/* B. R. Bowring, Survey Review 23, 1976: right to a micrometre up to some 100 km. */
struct hz_ecef_place hz_ecef_place(const double xyz[3])
{
    const double b = a * (1 - f), e2 = f * (2 - f), e2_b = e2 / (1 - e2);
    double p = hypot(xyz[0], xyz[1]), z = xyz[2];
    double t = atan2(z * a, p * b), st = sin(t), ct = cos(t);
    double lat = atan2(z + e2_b * b * st * st * st, p - e2 * a * ct * ct * ct);
    double s = sin(lat), c = cos(lat), n = a / sqrt(1 - e2 * s * s);
    double alt = p * c + z * s - a * a / n; /* without a division by c: also at the poles */
    return (struct hz_ecef_place){lat / degree, atan2(xyz[1], xyz[0]) / degree, alt};
}

struct hz_ecef_motion hz_ecef_motion(const double v[3], const struct hz_ecef_place *at)
{
    double s = sin(at->lat * degree), c = cos(at->lat * degree);
    double sl = sin(at->lon * degree), cl = cos(at->lon * degree);
    double away = v[0] * cl + v[1] * sl; /* from the axis */
    double east = v[1] * cl - v[0] * sl, north = v[2] * c - away * s, up = away * c + v[2] * s;
    double heading = atan2(east, north) / degree;
    return (struct hz_ecef_motion){hypot(east, north), heading < 0 ? heading + 360 : heading, up};
}
