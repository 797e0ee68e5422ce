#include "dsp/opus.h"

#include <opus.h>
#include <stdlib.h>
#include <string.h>

enum {
    BITS_PER_SECOND = 16000,
    COMPLEXITY = 5, /* of 0 to 10: 10 takes three times as long and is not heard */
    FRAME_MAX = 960,
};

struct hz_opus {
    unsigned rate_hz;
    OpusEncoder *encoder;
};

const char *hz_opus_version(void)
{
    return opus_get_version_string();
}

struct hz_opus *hz_opus_new(unsigned rate_hz)
{
    struct hz_opus *o = calloc(1, sizeof *o);
    int error = OPUS_OK;
    if (!o)
        return NULL;
    o->rate_hz = rate_hz;
    o->encoder = opus_encoder_create((opus_int32)rate_hz, 1, OPUS_APPLICATION_VOIP, &error);
    if (error == OPUS_OK)
        error = opus_encoder_ctl(o->encoder, OPUS_SET_BITRATE(BITS_PER_SECOND));
    if (error == OPUS_OK)
        error = opus_encoder_ctl(o->encoder, OPUS_SET_COMPLEXITY(COMPLEXITY));
    if (error == OPUS_OK)
        error = opus_encoder_ctl(o->encoder, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
    if (error == OPUS_OK)
        error = opus_encoder_ctl(o->encoder, OPUS_SET_MAX_BANDWIDTH(OPUS_BANDWIDTH_MEDIUMBAND));
    if (error == OPUS_OK)
        return o;
    hz_opus_free(o);
    return NULL;
}

void hz_opus_free(struct hz_opus *o)
{
    if (o && o->encoder)
        opus_encoder_destroy(o->encoder);
    free(o);
}

unsigned hz_opus_rate(const struct hz_opus *o)
{
    return o->rate_hz;
}

void hz_opus_reset(struct hz_opus *o)
{
    opus_encoder_ctl(o->encoder, OPUS_RESET_STATE);
}

size_t hz_opus_code(struct hz_opus *o, const int16_t *pcm, size_t n,
                    uint8_t packet[HZ_OPUS_PACKET_MAX])
{
    opus_int16 frame[FRAME_MAX] = {0};
    size_t want = o->rate_hz / 50;
    memcpy(frame, pcm, (n < want ? n : want) * sizeof *frame);
    opus_int32 len = opus_encode(o->encoder, frame, (int)want, packet, HZ_OPUS_PACKET_MAX);
    return len > 0 ? (size_t)len : 0;
}
