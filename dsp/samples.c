#include "dsp/samples.h"

#include <errno.h>
#include <string.h>

static const struct {
    const char *name;
    size_t bytes;
} formats[HZ_FORMATS] = {
    [HZ_CU8] = {"cu8", 2}, [HZ_CS8] = {"cs8", 2}, [HZ_CS16] = {"cs16", 4}, [HZ_CF32] = {"cf32", 8},
    [HZ_F32] = {"f32", 4}, [HZ_S16] = {"s16", 2}, [HZ_U8] = {"u8", 1},
};

bool hz_format_is_iq(enum hz_format format)
{
    return format < HZ_F32;
}

size_t hz_format_bytes(enum hz_format format)
{
    return formats[format].bytes;
}

const char *hz_format_name(enum hz_format format)
{
    return formats[format].name;
}

int hz_format_parse(const char *name, enum hz_format *format)
{
    for (int f = 0; f < HZ_FORMATS; f++) {
        if (strcmp(formats[f].name, name) == 0) {
            *format = (enum hz_format)f;
            return 0;
        }
    }
    return -EINVAL;
}

void hz_samples_pass(struct hz_samples *s, size_t n)
{
    s->data = (const char *)s->data + n * hz_format_bytes(s->format);
    s->first += n;
    s->n -= n;
}
