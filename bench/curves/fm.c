/* curve_fm CHANNEL_HZ WIDTH_HZ IN_HZ OUT_HZ <IN.cu8 >OUT.wav: an FM receiver for decoders that need
 * audio: a channel filter of that width (between its -6 dB points), a plain discriminator, and
 * audio at OUT_HZ. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HALF = 48, /* taps of the channel filter to each side */
    BLOCK = 512,
    NEAR = 16, /* samples to each side that an audio sample is made of */
    STEPS = 200,
};

static const double pi = 3.14159265358979323846;

/* Windowed sinc, t in samples; cutoff over the rate. */
static double tap(double t, double cutoff)
{
    double x = 2 * pi * cutoff * t, window = 0.5 + 0.5 * cos(pi * t / (HALF + 1));
    return 2 * cutoff * (fabs(x) < 1e-9 ? 1 : sin(x) / x) * window;
}

static uint8_t *read_all(size_t *bytes)
{
    size_t room = 1 << 22;
    uint8_t *data = malloc(room);
    *bytes = 0;
    for (size_t n; data != NULL && (n = fread(data + *bytes, 1, room - *bytes, stdin)) > 0;) {
        *bytes += n;
        if (*bytes == room) {
            data = realloc(data, room *= 2);
        }
    }
    if (data == NULL) {
        fprintf(stderr, "curve_fm: no memory\n");
        exit(1);
    }
    return data;
}

/* The channel in the middle, frequency as a share of +-half the rate, one value a sample. */
static float *discriminate(const uint8_t *u8, size_t n, double channel, double cutoff)
{
    float *iq = calloc(2 * (n + 2 * HALF), sizeof *iq), *freq = calloc(n + 1, sizeof *freq);
    float h[2 * HALF + 1];
    if (iq == NULL || freq == NULL) {
        exit(1);
    }
    for (size_t i = 0; i < n; i++) {
        double turns = channel * (double)i, angle = -2 * pi * (turns - floor(turns));
        float a = (float)u8[2 * i] - 127.5f, b = (float)u8[2 * i + 1] - 127.5f;
        float c = (float)cos(angle), s = (float)sin(angle);
        iq[2 * (i + HALF)] = a * c - b * s;
        iq[2 * (i + HALF) + 1] = a * s + b * c;
    }
    for (int k = -HALF; k <= HALF; k++) {
        h[k + HALF] = (float)tap(k, cutoff);
    }
    float last_a = 1, last_b = 0;
    for (size_t at = 0; at < n; at += BLOCK) {
        size_t some = n - at < BLOCK ? n - at : BLOCK;
        float y[2 * BLOCK] = {0};
        for (size_t k = 0; k <= 2 * HALF; k++) {
            for (size_t i = 0; i < 2 * some; i++) {
                y[i] += h[k] * iq[2 * (at + k) + i];
            }
        }
        for (size_t i = 0; i < some; i++) {
            float a = y[2 * i], b = y[2 * i + 1];
            freq[at + i] = atan2f(b * last_a - a * last_b, a * last_a + b * last_b) / (float)pi;
            last_a = a;
            last_b = b;
        }
    }
    free(iq);
    return freq;
}

static void put(uint8_t *to, unsigned bytes, uint32_t value)
{
    for (unsigned i = 0; i < bytes; i++) {
        to[i] = (uint8_t)(value >> 8 * i);
    }
}

static void write_header(uint32_t rate_hz, uint32_t samples)
{
    uint8_t h[44] = {0};
    memcpy(h, "RIFF", 4);
    put(h + 4, 4, 36 + 2 * samples);
    memcpy(h + 8, "WAVEfmt ", 8);
    put(h + 16, 4, 16);
    put(h + 20, 2, 1);
    put(h + 22, 2, 1);
    put(h + 24, 4, rate_hz);
    put(h + 28, 4, 2 * rate_hz);
    put(h + 32, 2, 2);
    put(h + 34, 2, 16);
    memcpy(h + 36, "data", 4);
    put(h + 40, 4, 2 * samples);
    fwrite(h, 1, sizeof h, stdout);
}

/* Interpolation by a windowed sinc, one row for each step between two samples. */
static void fill_rows(float rows[STEPS + 1][2 * NEAR], double cutoff)
{
    for (int step = 0; step <= STEPS; step++) {
        for (int k = 0; k < 2 * NEAR; k++) {
            double t = (double)step / STEPS - (k - NEAR + 1), x = 2 * pi * cutoff * t;
            double window = 0.5 + 0.5 * cos(pi * t / (NEAR + 1));
            rows[step][k] = (float)(2 * cutoff * (fabs(x) < 1e-9 ? 1 : sin(x) / x) * window);
        }
    }
}

/* 12 kHz of deviation is full scale. */
static void write_audio(const float *freq, size_t n, double in_hz, double out_hz)
{
    static float rows[STEPS + 1][2 * NEAR];
    double step = in_hz / out_hz;
    float gain = (float)(32767 * in_hz / 2 / 12000);
    size_t samples = n < 2 * NEAR ? 0 : (size_t)((double)(n - 2 * NEAR) / step);
    fill_rows(rows, step == 1 ? 0.5 : 0.45 * fmin(1, out_hz / in_hz));
    write_header((uint32_t)out_hz, (uint32_t)samples);
    for (size_t i = 0; i < samples; i++) {
        double at = (double)i * step, whole = floor(at);
        const float *row = rows[(int)((at - whole) * STEPS + 0.5)], *x = freq + (size_t)whole;
        float sum = 0;
        for (int k = 0; k < 2 * NEAR; k++) {
            sum += row[k] * x[k];
        }
        sum = fminf(fmaxf(sum * gain, -32767), 32767);
        uint8_t out[2];
        put(out, 2, (uint16_t)(int16_t)sum);
        fwrite(out, 1, 2, stdout);
    }
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: curve_fm CHANNEL_HZ WIDTH_HZ IN_HZ OUT_HZ <IN.cu8 >OUT.wav\n");
        return 2;
    }
    double in_hz = strtod(argv[3], NULL), out_hz = strtod(argv[4], NULL);
    size_t bytes;
    uint8_t *u8 = read_all(&bytes);
    float *freq = discriminate(u8, bytes / 2, strtod(argv[1], NULL) / in_hz,
                               strtod(argv[2], NULL) / 2 / in_hz);
    write_audio(freq, bytes / 2, in_hz, out_hz);
    free(freq);
    free(u8);
    return fflush(stdout) == 0 ? 0 : 1;
}
