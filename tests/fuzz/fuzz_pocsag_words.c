/* Any soft bits through the codeword repair, the pages and their description: valid JSON or a full
 * writer, never a byte outside of their memory. */
#include "proto/pocsag/batch.h"
#include "proto/pocsag/describe.h"
#include "proto/pocsag/page.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show(const struct hz_pocsag_page *p, unsigned seed)
{
    static char text[16384];
    struct hz_json j;
    struct hz_pocsag_line line = {.baud = seed % HZ_POCSAG_BAUDS};
    size_t cap = seed & 8 ? sizeof text : seed;
    hz_json_init(&j, text, cap);
    hz_json_open(&j, NULL);
    struct hz_pocsag_network network = {seed % HZ_CHARSETS, seed / HZ_CHARSETS % HZ_CONTENTS};
    hz_pocsag_describe(p, &line, &network, &j);
    hz_json_close(&j);
    if (j.full) {
        if (cap == sizeof text)
            abort(); /* no page is that long */
        return;
    }
    cJSON *o = cJSON_ParseWithLength(text, j.len);
    if (!o)
        abort();
    cJSON_Delete(o);
}

/* Input: one byte of choices, then words: 4 bytes, or 4 and what their bits' sureness is made of.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct hz_bch code;
    static struct hz_pocsag_page page, done;
    uint8_t bits[32];
    float sure[32];
    if (size < 1)
        return 0;
    hz_bch_init(&code);
    page.words = 0;
    for (size_t i = 1, n = 0; i + 5 <= size; i += 5, n++) {
        for (unsigned k = 0; k < 32; k++) {
            bits[k] = data[i + k / 8] >> (7 - k % 8) & 1;
            sure[k] = (float)((data[i + 4] * (k + 3)) % 61) * 0.1f;
        }
        struct hz_bch_word w = hz_bch_read(&code, bits, sure, &hz_pocsag_usual);
        if (hz_bch_encode(w.code >> 11) != w.code)
            abort(); /* not a codeword */
        if (hz_pocsag_page_word(&page, &w, n % 16, &done))
            show(&done, data[0]);
    }
    if (hz_pocsag_page_end(&page, &done))
        show(&done, data[0]);
    return 0;
}
