#include "sim/pocsag.h"

#include "sim/bch.h"

#include <string.h>

static const uint32_t sync_word = 0x7cd215d8, idle_word = 0x7a89c197;

enum { WORDS = 16, BATCHES = 16 };

/* Bit i of the message: characters of 4 or 7 bits, each least significant bit first. */
static uint32_t message_bit(const struct hz_sim_page *page, size_t i)
{
    static const char digits[] = "0123456789*U -)(";
    size_t bits = page->alpha ? 7 : 4, at = i / bits;
    if (at >= strlen(page->text)) {
        return page->alpha ? 0 : 0xcu >> i % bits & 1; /* digits are filled up with spaces */
    }
    const char *digit = page->alpha ? NULL : strchr(digits, page->text[at]);
    uint32_t value = digit != NULL ? (uint32_t)(digit - digits) : (uint32_t)page->text[at];
    return value >> i % bits & 1;
}

/* Writes the codewords of all batches, without sync words. Returns the number of batches. */
static size_t fill_words(const struct hz_sim_page *page, uint32_t words[WORDS * BATCHES])
{
    size_t bits = strlen(page->text) * (page->alpha ? 7 : 4), at = (page->address & 7) * 2;
    for (size_t i = 0; i < WORDS * BATCHES; i++) {
        words[i] = idle_word;
    }
    words[at++] = hz_sim_bch((page->address >> 3) << 2 | page->function);
    for (size_t sent = 0; sent < bits && at < WORDS * BATCHES - 1; sent += 20) {
        uint32_t data = 1;
        for (size_t i = 0; i < 20; i++) {
            data = data << 1 | message_bit(page, sent + i);
        }
        words[at++] = hz_sim_bch(data);
    }
    return at / WORDS + 1; /* at least one idle word ends the message */
}

static size_t put_word(float *symbols, size_t n, uint32_t word)
{
    for (int bit = 31; bit >= 0; bit--) {
        symbols[n++] = word >> bit & 1 ? -1 : 1;
    }
    return n;
}

size_t hz_sim_pocsag(const struct hz_sim_page *page, float symbols[HZ_SIM_POCSAG_MAX])
{
    uint32_t words[WORDS * BATCHES];
    size_t batches = fill_words(page, words), n = 0;
    for (; n < 576; n++) {
        symbols[n] = n % 2 == 0 ? -1 : 1;
    }
    for (size_t i = 0; i < batches * WORDS; i++) {
        if (i % WORDS == 0) {
            n = put_word(symbols, n, sync_word);
        }
        n = put_word(symbols, n, words[i]);
    }
    return n;
}
