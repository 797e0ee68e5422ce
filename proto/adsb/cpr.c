#include "proto/adsb/cpr.h"

#include <math.h>
#include <stddef.h>

#define SCALE (1.0 / 131072.0) /* 2^17 steps in a zone */
#define PI    3.14159265358979323846

/* The latitudes at which the number of longitude zones falls from 59 to 58, 57 ... 1:
 * acos(sqrt((1 - cos(pi / 30)) / (1 - cos(2 pi / NL)))) in degrees. */
static const double nl_latitude[58] = {
    10.47047130, 14.82817437, 18.18626357, 21.02939493, 23.54504487, 25.82924707, 27.93898710,
    29.91135686, 31.77209708, 33.53993436, 35.22899598, 36.85025108, 38.41241892, 39.92256684,
    41.38651832, 42.80914012, 44.19454951, 45.54626723, 46.86733252, 48.16039128, 49.42776439,
    50.67150166, 51.89342469, 53.09516153, 54.27817472, 55.44378444, 56.59318756, 57.72747354,
    58.84763776, 59.95459277, 61.04917774, 62.13216659, 63.20427479, 64.26616523, 65.31845310,
    66.36171008, 67.39646774, 68.42322022, 69.44242631, 70.45451075, 71.45986473, 72.45884545,
    73.45177442, 74.43893416, 75.42056257, 76.39684391, 77.36789461, 78.33374083, 79.29428225,
    80.24923213, 81.19801349, 82.13956981, 83.07199445, 83.99173563, 84.89166191, 85.75541621,
    86.53536998, 87.00000000};

int hz_cpr_nl(double lat)
{
    double a = fabs(lat);
    size_t lo = 0, hi = sizeof nl_latitude / sizeof *nl_latitude;
    while (lo < hi) {
        size_t mid = (lo + hi) / 2;
        if (a <= nl_latitude[mid])
            hi = mid;
        else
            lo = mid + 1;
    }
    return 59 - (int)lo;
}

/* The remainder with the sign of the divisor. */
static double modulo(double a, double b)
{
    return a - b * floor(a / b);
}

static double wrap_180(double lon)
{
    return lon >= 180.0 ? lon - 360.0 : lon < -180.0 ? lon + 360.0 : lon;
}

/* The value nearest to ref among x + n step, n any integer. */
static double nearest(double x, double step, double ref)
{
    return x + step * floor((ref - x) / step + 0.5);
}

/* The latitudes of both grids; `span` is 360 in the air and 90 on the ground. */
static void latitudes(struct hz_cpr even, struct hz_cpr odd, double span, double lat[2])
{
    double y0 = even.lat * SCALE, y1 = odd.lat * SCALE;
    double j = floor(59.0 * y0 - 60.0 * y1 + 0.5);
    lat[0] = span / 60.0 * (modulo(j, 60.0) + y0);
    lat[1] = span / 59.0 * (modulo(j, 59.0) + y1);
}

/* The longitude from both grids, from 0 to span. */
static double longitude(struct hz_cpr even, struct hz_cpr odd, bool odd_last, int nl, double span)
{
    double x0 = even.lon * SCALE, x1 = odd.lon * SCALE;
    double n = nl - odd_last > 1 ? nl - odd_last : 1;
    double m = floor(x0 * (nl - 1) - x1 * nl + 0.5);
    return span / n * (modulo(m, n) + (odd_last ? x1 : x0));
}

bool hz_cpr_airborne(struct hz_cpr even, struct hz_cpr odd, bool odd_last, struct hz_position *out)
{
    double lat[2];
    latitudes(even, odd, 360.0, lat);
    for (int i = 0; i < 2; i++) {
        if (lat[i] >= 270.0)
            lat[i] -= 360.0;
        if (fabs(lat[i]) > 90.0)
            return false;
    }
    int nl = hz_cpr_nl(lat[odd_last]);
    if (hz_cpr_nl(lat[!odd_last]) != nl)
        return false;
    out->lat = lat[odd_last];
    out->lon = wrap_180(longitude(even, odd, odd_last, nl, 360.0));
    return true;
}

bool hz_cpr_surface(struct hz_cpr even, struct hz_cpr odd, bool odd_last, struct hz_position ref,
                    struct hz_position *out)
{
    double lat[2];
    latitudes(even, odd, 90.0, lat);
    for (int i = 0; i < 2; i++) {
        lat[i] = nearest(lat[i], 90.0, ref.lat);
        if (fabs(lat[i]) > 90.0)
            return false;
    }
    int nl = hz_cpr_nl(lat[odd_last]);
    if (hz_cpr_nl(lat[!odd_last]) != nl)
        return false;
    out->lat = lat[odd_last];
    out->lon = wrap_180(nearest(longitude(even, odd, odd_last, nl, 90.0), 90.0, ref.lon));
    return true;
}

bool hz_cpr_local(struct hz_cpr cpr, bool odd, bool surface, struct hz_position ref,
                  struct hz_position *out)
{
    double span = surface ? 90.0 : 360.0;
    double zone = span / (odd ? 59.0 : 60.0);
    double lat = nearest(cpr.lat * SCALE * zone, zone, ref.lat);
    if (fabs(lat) > 90.0)
        return false;
    int n = hz_cpr_nl(lat) - odd;
    zone = span / (n > 1 ? n : 1);
    out->lat = lat;
    out->lon = wrap_180(nearest(cpr.lon * SCALE * zone, zone, ref.lon));
    return true;
}

double hz_distance_nm(struct hz_position a, struct hz_position b)
{
    double rad = PI / 180.0;
    double s = sin((b.lat - a.lat) * rad / 2.0), t = sin((b.lon - a.lon) * rad / 2.0);
    double h = s * s + cos(a.lat * rad) * cos(b.lat * rad) * t * t;
    return 2.0 * asin(sqrt(h < 1.0 ? h : 1.0)) * 60.0 / rad;
}
