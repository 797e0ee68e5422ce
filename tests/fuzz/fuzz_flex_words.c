/* Words of FLEX phases, right and wrong ones, to messages and their text. */
#include "proto/flex/describe.h"
#include "proto/out/json.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(const struct hz_flex_message *m, const struct hz_flex_frame *f)
{
    char text[65536];
    struct hz_json j;
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_flex_describe(m, f, HZ_CHARSET_GERMAN, &j);
    hz_json_close(&j);
    if (m->len > sizeof m->text || m->words > HZ_FLEX_JOINED_WORDS)
        abort();
}

/* Each frame is a mode, and five bytes for a word: 21 bits, the quality of its bits. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct hz_flex_join join;
    static struct hz_flex_message message;
    memset(&join, 0, sizeof join);
    uint64_t frame = 0;
    while (size > 1) {
        struct hz_flex_frame f = {.mode = data[0] & 3, .number = data[1] & 127, .informed = true};
        struct hz_flex_phase *p = &f.phase[0];
        data += 2;
        size -= 2;
        p->whole = f.mode == 3;
        for (unsigned w = 0; w < HZ_FLEX_WORDS && size >= 4; w++, data += 4, size -= 4) {
            uint32_t info = (uint32_t)(data[0] | data[1] << 8 | (data[2] & 31) << 16);
            p->word[w].code = hz_bch_encode(info);
            p->word[w].second = hz_bch_encode(info ^ data[3]);
            p->word[w].quality = p->word[w].margin = (float)data[3] / 255;
        }
        struct hz_flex_walk walk;
        struct hz_flex_page page;
        if (hz_flex_walk_begin(&walk, p))
            while (hz_flex_walk_next(&walk, &page))
                if (hz_flex_join_page(&join, &page, 'A', frame, f.number, &message))
                    show(&message, &f);
        frame += 1 + f.number;
        while (hz_flex_join_expired(&join, frame, &message))
            show(&message, &f);
        if (size < 2)
            break;
    }
    return 0;
}
