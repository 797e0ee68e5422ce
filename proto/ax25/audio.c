#include "proto/ax25/audio.h"

#include <math.h>

enum { HOP = HZ_AX25_AUDIO_HOP };

/* Of x[HOP], which is put in another order, by quickselect. */
static float median_of(float *x)
{
    int low = 0, high = HOP - 1;
    while (low < high) {
        float pivot = x[(low + high) / 2];
        int i = low, j = high;
        while (i <= j) {
            while (x[i] < pivot)
                i++;
            while (x[j] > pivot)
                j--;
            if (i <= j) {
                float swap = x[i];
                x[i++] = x[j];
                x[j--] = swap;
            }
        }
        if (HOP / 2 > j && HOP / 2 < i)
            break;
        if (HOP / 2 <= j)
            high = j;
        else
            low = i;
    }
    return x[HOP / 2];
}

void hz_ax25_limit(const float *audio, float times, float *median, float *out)
{
    float sizes[HOP];
    for (int i = 0; i < HOP; i++) {
        out[i] = hz_ax25_sane(audio[i]);
        sizes[i] = fabsf(out[i]);
    }
    float now = median_of(sizes), most = times * fmaxf(now, *median);
    for (int i = 0; i < HOP; i++)
        out[i] = fminf(fmaxf(out[i], -most), most);
    *median = now;
}

void hz_ax25_clock_on(struct hz_ax25_clock *c, double late)
{
    c->at += c->bit + c->pull * late;
    c->bit += c->push * late;
    c->bit = fmin(fmax(c->bit, c->nominal * (1 - c->most)), c->nominal * (1 + c->most));
}
