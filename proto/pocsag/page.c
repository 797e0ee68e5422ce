#include "proto/pocsag/page.h"

/* The quality of a page is that of its worst word. */
static void doubt(struct hz_pocsag_page *p, const struct hz_bch_word *w)
{
    p->quality = w->quality < p->quality ? w->quality : p->quality;
}

static void add(struct hz_pocsag_page *p, const struct hz_bch_word *w)
{
    p->word[p->words++] = w->code;
    p->fixed += w->fixed;
    doubt(p, w);
}

bool hz_pocsag_page_end(struct hz_pocsag_page *p, struct hz_pocsag_page *done)
{
    if (p->words == 0)
        return false;
    *done = *p;
    done->truncated = true;
    p->words = 0;
    return true;
}

bool hz_pocsag_page_word(struct hz_pocsag_page *p, const struct hz_bch_word *w, unsigned place,
                         struct hz_pocsag_page *done)
{
    bool message = w->code >> 31 & 1, full = p->words == HZ_POCSAG_PAGE_WORDS;
    if (message && !full) {
        if (p->words > 0)
            add(p, w);
        return false;
    }
    doubt(p, w); /* the word that ended the page may be wrong */
    bool ended = hz_pocsag_page_end(p, done);
    done->truncated = message;
    if (!message && w->code != HZ_POCSAG_IDLE) {
        *p = (struct hz_pocsag_page){.quality = 1,
                                     .address = (w->code >> 13 & 0x3ffff) << 3 | place / 2,
                                     .function = w->code >> 11 & 3};
        add(p, w);
    }
    return ended;
}
