#include "proto/pocsag/batch.h"

#include <stddef.h>

/* Largest mean fraction of overruled reliability in a batch. Sixteen words of noise have 0.045 on
 * average, hardly ever below 0.035. */
static const float most_overruled = 0.025f, no_doubt = 0.01f;

/* Largest fraction of the sync word's reliability against it. Random bits and the preamble have a
 * half; noise at a place that the search found has a quarter. */
static const float sync_there = 0.12f, sync_damaged = 0.35f;

/* Most words between messages are idle. */
const struct hz_bch_usual hz_pocsag_usual = {HZ_POCSAG_IDLE, 0.06f};

static float sum(const float *sure, size_t n)
{
    float all = 0;
    for (size_t i = 0; i < n; i++)
        all += sure[i];
    return all;
}

static void cap(struct hz_pocsag_soft *soft)
{
    float most = 2 * sum(soft->sure, HZ_POCSAG_BATCH_BITS) / HZ_POCSAG_BATCH_BITS;
    for (size_t i = 0; i < HZ_POCSAG_BATCH_BITS; i++)
        soft->sure[i] = soft->sure[i] < most ? soft->sure[i] : most;
}

float hz_pocsag_batch_sync(const struct hz_pocsag_soft *soft)
{
    float wrong = 0, all = 0;
    for (unsigned i = 0; i < HZ_BCH_BITS; i++) {
        wrong += soft->bit[i] == (HZ_POCSAG_SYNC << i >> 31) ? 0 : soft->sure[i];
        all += soft->sure[i];
    }
    return all > 0 ? wrong / all : 1;
}

void hz_pocsag_batch_read(const struct hz_bch *c, struct hz_pocsag_soft *soft,
                          struct hz_pocsag_batch *out)
{
    cap(soft);
    out->sync = hz_pocsag_batch_sync(soft);
    out->overruled = 0;
    out->plain = true;
    for (unsigned w = 0; w < HZ_POCSAG_WORDS; w++) {
        size_t at = (w + 1) * HZ_BCH_BITS;
        out->word[w] = hz_bch_read(c, soft->bit + at, soft->sure + at, &hz_pocsag_usual);
        out->overruled += out->word[w].overruled / HZ_POCSAG_WORDS;
        out->plain = out->plain && out->word[w].plain;
    }
    float mean = sum(soft->sure, HZ_POCSAG_BATCH_BITS) / (1 + HZ_POCSAG_WORDS);
    for (unsigned w = 0; w < HZ_POCSAG_WORDS; w++) {
        float here = sum(soft->sure + (w + 1) * HZ_BCH_BITS, HZ_BCH_BITS);
        out->word[w].quality =
            hz_bch_quality(&out->word[w], mean > 0 ? here / mean : 0, out->overruled, out->plain);
    }
}

/* An unmodulated carrier gives sixteen codewords too, but equal ones. */
static bool varied(const struct hz_pocsag_batch *b)
{
    for (unsigned w = 0; w < HZ_POCSAG_WORDS; w++)
        if (b->word[w].code != b->word[0].code || b->word[w].code == HZ_POCSAG_IDLE)
            return true;
    return false;
}

bool hz_pocsag_batch_silent(const struct hz_pocsag_batch *b, unsigned place)
{
    return b->word[place].code == 0 &&
           ((place > 0 && b->word[place - 1].code == 0) ||
            (place + 1 < HZ_POCSAG_WORDS && b->word[place + 1].code == 0));
}

bool hz_pocsag_batch_good(const struct hz_pocsag_batch *b)
{
    return b->sync < sync_there && (b->plain || b->overruled < most_overruled) && varied(b);
}

bool hz_pocsag_batch_follows(const struct hz_pocsag_batch *b)
{
    return hz_pocsag_batch_good(b) ||
           (b->sync < sync_damaged && b->overruled < no_doubt && varied(b));
}
