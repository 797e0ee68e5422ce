/* Any bytes as the head of a WAV, as an auxi chunk, and as the head of SDRangel's files. */
#include "daemon/source/recording_parse.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void wav(const uint8_t *data, size_t size, bool audio)
{
    struct hz_recording_meta t;
    char err[256] = "";
    hz_recording_meta_init(&t);
    t.audio = audio;
    int rc = hz_wav_parse(data, size, &t, err, sizeof err);
    if ((rc < 0) != (*err != 0))
        abort();
    if (rc == 0 && (!t.has_format || t.format >= HZ_FORMATS || t.offset > size || t.centre_hz < 0))
        abort();
    if (rc == 0 && hz_format_is_iq(t.format) == audio)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hz_recording_meta t;
    char err[256] = "";
    wav(data, size, false);
    wav(data, size, true);
    hz_wav_is_chunk(data, size, size);
    hz_recording_meta_init(&t);
    hz_auxi_parse(data, size, &t);
    if (t.centre_hz <= 0 || (t.start_utc_ns < 0 && t.start_utc_ns != INT64_MIN))
        abort();
    hz_recording_meta_init(&t);
    int rc = hz_sdriq_parse(data, size, &t, err, sizeof err);
    if ((rc < 0) != (*err != 0) || (rc == 0 && t.offset > size))
        abort();
    return 0;
}
