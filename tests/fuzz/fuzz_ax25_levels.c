/* Any levels of a modem: frames of any length and contents, never a byte outside of memory. */
#include "proto/packet/ax25/frames.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void found(void *ctx, const struct hz_ax25_frame *f, struct hz_sink *sink)
{
    char *text = malloc(65536);
    struct hz_json j;
    hz_json_init(&j, text, 65536);
    hz_json_open(&j, NULL);
    hz_ax25_describe(f->bytes, f->len, &j);
    hz_json_close(&j);
    if (j.full || f->len > HZ_AX25_FRAME_MAX || f->start > f->end)
        abort();
    free(text);
    (void)ctx;
    (void)sink;
}

/* Input: scrambled or not and the credit (1); then for each chunk its strength (1), one event (2)
 * and its levels, eight a byte. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { EACH = 3 + HZ_AX25_CHUNK / 8 };
    struct hz_sink sink = {0};
    if (size < 1)
        return 0;
    struct hz_ax25_frames *f = malloc(sizeof *f);
    long credit = data[0] * 1000L;
    double start = 0;
    hz_ax25_frames_init(f, &(struct hz_ax25_frames_setup){
                               .bit_samples = 20, .scrambled = data[0] & 1, .found = found});
    for (data++, size--; size >= EACH; data += EACH, size -= EACH) {
        struct hz_ax25_chunk c = {.start = start, .signal = 1, .noise = 1, .events = 1};
        c.event[0] = (struct hz_cpm_event){.last = data[1], .mask = data[2] | 1u, .cost = 1};
        for (size_t p = 0; p < HZ_AX25_CHUNK / HZ_AX25_PART; p++)
            c.part[p] = data[0] >> p & 1 ? 1 : -1;
        for (size_t i = 0; i < HZ_AX25_CHUNK; i++)
            c.level[i] = data[3 + i / 8] >> i % 8 & 1;
        start += 20 * HZ_AX25_CHUNK;
        hz_ax25_frames_push(f, &c, &credit, &sink);
    }
    hz_ax25_frames_end(f, &credit, &sink);
    free(f);
    return 0;
}
