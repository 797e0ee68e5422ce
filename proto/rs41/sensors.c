#include "proto/rs41/sensors.h"

#include <math.h>
#include <string.h>

/* Where the constants are, counted from page 0: floats of 32 bits. */
enum {
    REF_R1 = 61,
    REF_R2 = 65,
    REF_C1 = 69,
    REF_C2 = 73,
    TEMP = 77,       /* co[3], then cal[3] at + 12 */
    HUMID_CAL = 117, /* cal[2], then the matrix[7][6] at + 8 */
    HUMID_TEMP = 293,
    PRESSURE = 606, /* 18 of them */
    HUMID_P = 678,  /* h[3] */
    HUMID_PT = 698, /* [3][4] */
    OWN_TEMP = 38,  /* of the pressure sensor, in the block */
};

/* A sensor's count, and those of its two references. */
struct counts {
    double f, f1, f2;
};

static double number(const struct hz_rs41_sonde *s, size_t at, size_t i)
{
    const uint8_t *p = s->page + at + 4 * i;
    uint32_t bits =
        (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

static double count24(const uint8_t *p)
{
    return (double)(p[0] | (unsigned)p[1] << 8 | (unsigned)p[2] << 16);
}

static struct counts counts_at(const uint8_t *data)
{
    return (struct counts){count24(data), count24(data + 3), count24(data + 6)};
}

/* A resistor's temperature: the references are resistors. */
static double temperature(const struct hz_rs41_sonde *s, struct counts c, size_t at)
{
    double r1 = number(s, REF_R1, 0), r2 = number(s, REF_R2, 0);
    if (c.f <= 0 || c.f2 == c.f1 || r1 == r2)
        return NAN;
    double gain = (c.f2 - c.f1) / (r2 - r1), offset = (c.f1 * r2 - c.f2 * r1) / (c.f2 - c.f1);
    double r = (c.f / gain - offset) * number(s, at, 3);
    double t = number(s, at, 0) + number(s, at, 1) * r + number(s, at, 2) * r * r;
    t = (t + number(s, at, 4)) * (1 + number(s, at, 5));
    return t > -120 && t < 80 ? t : NAN;
}

/* Vapour pressure over water in Pa (R. W. Hyland and A. Wexler, ASHRAE Transactions 89, 1983). */
static double saturation(double celsius)
{
    double t = celsius + 273.15;
    return exp(-5800.2206 / t + 1.3914993 - 0.048640239 * t + 4.1764768e-5 * t * t -
               1.4452093e-8 * t * t * t + 6.5459673 * log(t));
}

static double standard_pressure(double h)
{
    return h < 11000   ? 1013.25 * pow(1 - 2.25577e-5 * h, 5.25588)
           : h < 20000 ? 226.32 * exp(-(h - 11000) / 6341.62)
                       : 54.749 * pow(1 + (h - 20000) / 216650, -34.1632);
}

/* The correction of the normalised capacity for the air's pressure. */
static double by_pressure(const struct hz_rs41_sonde *s, double c, double t, double hpa)
{
    double p = hpa / 1000, sum = 0;
    for (unsigned j = 0; j < 3; j++) {
        double h = number(s, HUMID_P, j), of_t = 0;
        for (unsigned k = 4; k-- > 0;)
            of_t = of_t * t + number(s, HUMID_PT, 4 * j + k);
        sum += h * (p / (1 + h * p) - pow(c, j) / (1 + h)) * of_t;
    }
    return sum;
}

/* temp: of the air; own: of the sensor itself, which is heated. */
static double humidity(const struct hz_rs41_sonde *s, struct counts n, double temp, double own,
                       double hpa)
{
    double c1 = number(s, REF_C1, 0), c2 = number(s, REF_C2, 0), rh = 0;
    if (n.f <= 0 || n.f2 == n.f1 || isnan(temp) || isnan(own) || number(s, HUMID_CAL, 0) == 0)
        return NAN;
    double capacity = c1 + (c2 - c1) * (n.f - n.f1) / (n.f2 - n.f1);
    double c = (capacity / number(s, HUMID_CAL, 0) - 1) * number(s, HUMID_CAL, 1);
    double t = (own - 20) / 180;
    if (!isnan(hpa))
        c -= by_pressure(s, c, t, hpa);
    for (unsigned j = 7; j-- > 0;) {
        double row = 0;
        for (unsigned k = 6; k-- > 0;)
            row = row * t + number(s, HUMID_CAL, 2 + 6 * j + k);
        rh = rh * c + row;
    }
    rh *= saturation(own) / saturation(temp);
    return isfinite(rh) ? fmin(fmax(rh, 0), 100) : NAN;
}

/* The coefficients are sent in the order of k, then j: of a^j b^k, j = 0 to 5 (6: the divisor). */
static double pressure(const struct hz_rs41_sonde *s, struct counts c, double b)
{
    static const uint8_t order[18] = {0, 4, 8, 12, 16, 20, 24, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11};
    double coefficient[25] = {0}, p = 0;
    for (unsigned i = 0; i < 18; i++)
        coefficient[order[i]] = number(s, PRESSURE, i);
    if (c.f <= 0 || c.f == c.f1 || c.f1 == c.f2)
        return NAN;
    double a = coefficient[24] / ((c.f - c.f1) / (c.f2 - c.f1));
    for (unsigned j = 6; j-- > 0;) {
        double row = 0;
        for (unsigned k = 4; k-- > 0;)
            row = row * b + coefficient[4 * j + k];
        p = p * a + row;
    }
    return p > 0 && p < 1200 ? p : NAN;
}

void hz_rs41_air(const struct hz_rs41_sonde *s, const uint8_t *data, size_t n, double altitude_m,
                 struct hz_rs41_air *out)
{
    *out = (struct hz_rs41_air){.temp = NAN, .humidity = NAN, .pressure = NAN};
    if (n < 27)
        return;
    struct counts p = {0};
    bool references = hz_rs41_has(s, REF_R1, 16);
    out->no_temp = !references || !hz_rs41_has(s, TEMP, 24);
    if (n >= HZ_RS41_SENSORS_SIZE)
        p = counts_at(data + 27);
    bool has_pressure = p.f > 0 && p.f1 != p.f2;
    out->no_pressure = has_pressure && !hz_rs41_has(s, PRESSURE, 72);
    if (has_pressure && !out->no_pressure) {
        int own = (int16_t)(data[OWN_TEMP] | data[OWN_TEMP + 1] << 8);
        out->pressure = pressure(s, p, own * 0.01);
    }
    out->no_humidity = out->no_temp || out->no_pressure || !hz_rs41_has(s, HUMID_CAL, 8 + 168) ||
                       !hz_rs41_has(s, HUMID_TEMP, 24) || !hz_rs41_has(s, HUMID_P, 12) ||
                       !hz_rs41_has(s, HUMID_PT, 48);
    if (!out->no_temp)
        out->temp = temperature(s, counts_at(data), TEMP);
    if (out->no_humidity)
        return;
    double own = temperature(s, counts_at(data + 18), HUMID_TEMP);
    double hpa = isnan(out->pressure) ? standard_pressure(altitude_m) : out->pressure;
    out->humidity = humidity(s, counts_at(data + 9), out->temp, own, hpa);
}
