#include "proto/vdl2/rows.h"

#include <math.h>
#include <string.h>

enum {
    ERASED = 4,  /* octets that may be erased beside those that were not sent */
    NESTED = 40, /* words of a row that are tried for each of a row before it */
};

void hz_vdl2_code(struct hz_rs *rs)
{
    hz_rs_init(rs, 0x187, 120, 1, HZ_VDL2_PARITY);
}

static uint8_t parity_of(size_t octets)
{
    return octets >= 68 ? 6 : octets >= 31 ? 4 : octets >= 3 ? 2 : 0;
}

void hz_vdl2_layout(size_t octets, struct hz_vdl2_layout *l)
{
    l->octets = octets;
    l->rows = (octets + HZ_VDL2_ROW - 1) / HZ_VDL2_ROW;
    l->sent = 0;
    for (size_t row = 0; row < l->rows; row++) {
        size_t rest = octets - row * HZ_VDL2_ROW;
        l->len[row] = (uint8_t)(rest < HZ_VDL2_ROW ? rest : HZ_VDL2_ROW);
        l->parity[row] = parity_of(l->len[row]);
    }
    for (unsigned column = 0; column < HZ_RS_ORDER; column++)
        for (size_t row = 0; row < l->rows; row++) {
            unsigned behind = column < HZ_VDL2_ROW ? 0 : HZ_VDL2_ROW;
            if (column - behind >= (behind ? l->parity[row] : l->len[row]))
                continue;
            l->row[l->sent] = (uint8_t)row;
            l->at[l->sent++] = (uint8_t)(HZ_RS_ORDER - 1 - column);
        }
}

/* ---- events ---- */

struct events {
    struct hz_rslist_event of[HZ_RSLIST_EVENTS]; /* of one row, the likeliest first */
    size_t n;
    uint8_t erased[HZ_VDL2_PARITY]; /* first those that were not sent */
    unsigned unsent, erasures;
};

/* Sets `change` to what step k is xored with when it is `step` instead, behind the header. */
static void add_change(const struct hz_vdl2_layout *l, size_t row, size_t k, unsigned was,
                       unsigned is, struct hz_rslist_event *e)
{
    unsigned bits = hz_vdl2_step_bits(was) ^ hz_vdl2_step_bits(is);
    for (size_t i = 0; i < 3; i++) {
        size_t bit = 3 * k + i;
        if (!(bits >> (2 - i) & 1) || bit < HZ_VDL2_HEADER_BITS)
            continue;
        bit -= HZ_VDL2_HEADER_BITS;
        if (bit / 8 >= l->sent || l->row[bit / 8] != row)
            continue;
        unsigned part = 0;
        while (part < e->n && e->at[part] != l->at[bit / 8])
            part++;
        if (part == HZ_RSLIST_OCTETS)
            continue;
        if (part == e->n) {
            e->at[part] = l->at[bit / 8];
            e->change[part] = 0;
            e->n++;
        }
        e->change[part] ^= (uint8_t)(1u << bit % 8);
    }
}

/* Into the list, sorted by odds, at most HZ_RSLIST_EVENTS. */
static void insert(struct events *list, const struct hz_rslist_event *e)
{
    size_t at = list->n;
    if (list->n == HZ_RSLIST_EVENTS && list->of[list->n - 1].odds <= e->odds)
        return;
    list->n += list->n < HZ_RSLIST_EVENTS;
    at = list->n - 1;
    for (; at > 0 && list->of[at - 1].odds > e->odds; at--)
        list->of[at] = list->of[at - 1];
    list->of[at] = *e;
}

/* What may be wrong in a row. */
static void events_of(const struct hz_vdl2_layout *l, const struct hz_vdl2_symbols *s, size_t row,
                      struct events *list)
{
    static const float quietest = 1e-3f; /* of the noise, where a receiver is not perfect */
    static const float certain = 14;     /* odds of what is not looked at */
    float scale = 1 / fmaxf(s->noise, quietest);
    list->n = 0;
    for (size_t i = HZ_VDL2_PREAMBLE; i < s->n; i++) {
        struct hz_rslist_event e = {.odds = s->doubt[i] * scale};
        size_t k = i - HZ_VDL2_PREAMBLE;
        if (e.odds > certain)
            continue;
        const uint8_t *phase = s->phase + i;
        add_change(l, row, k, (unsigned)(phase[0] - phase[-1]),
                   (unsigned)(s->second[i] - phase[-1]), &e);
        if (i + 1 < s->n)
            add_change(l, row, k + 1, (unsigned)(phase[1] - phase[0]),
                       (unsigned)(phase[1] - s->second[i]), &e);
        if (e.n > 0)
            insert(list, &e);
    }
    list->unsent = (unsigned)(HZ_VDL2_PARITY - l->parity[row]);
    for (unsigned i = 0; i < list->unsent; i++)
        list->erased[i] = (uint8_t)i;
    list->erasures = list->unsent;
    for (size_t i = 0; i < list->n; i++)
        for (unsigned k = 0; k < list->of[i].n; k++)
            if (list->erasures < HZ_VDL2_PARITY && list->erasures < list->unsent + ERASED &&
                !memchr(list->erased, list->of[i].at[k], list->erasures))
                list->erased[list->erasures++] = list->of[i].at[k];
}

/* ---- rows ---- */

/* A run over rows that are not right yet. */
struct run {
    struct hz_vdl2_rows *r;
    const struct hz_rs *rs;
    const struct hz_vdl2_symbols *s;
    hz_vdl2_judge *judge;
    void *ctx;
    size_t todo[HZ_VDL2_ROWS], n, done; /* rows, and how many of them have a word */
    unsigned tries;
};

/* The data: its rows follow each other. */
static void gather(const struct hz_vdl2_rows *r, uint8_t *out)
{
    for (size_t row = 0; row < r->layout.rows; row++)
        for (size_t column = 0; column < r->layout.len[row]; column++)
            out[row * HZ_VDL2_ROW + column] = r->word[row][HZ_RS_ORDER - 1 - column];
}

static bool judged(struct run *run)
{
    gather(run->r, run->r->octet);
    run->r->right = run->judge(run->ctx, run->r->octet, run->r->layout.octets);
    return run->r->right;
}

static bool next_row(struct run *run, unsigned tries);

static bool accept(void *ctx, const uint8_t *word, size_t n)
{
    struct run *run = ctx;
    uint8_t *mine = run->r->word[run->todo[run->done]], was[HZ_RS_ORDER];
    memcpy(was, mine, n);
    memcpy(mine, word, n);
    run->done++;
    bool right = run->done == run->n ? judged(run) : next_row(run, NESTED);
    run->done--;
    if (!right)
        memcpy(mine, was, n);
    return right;
}

/* Tries words for the next row, each with those for the rows behind it. */
static bool next_row(struct run *run, unsigned tries)
{
    struct hz_vdl2_rows *r = run->r;
    size_t row = run->todo[run->done];
    struct events list;
    uint8_t word[HZ_RS_ORDER];
    unsigned tried = 0;
    events_of(&r->layout, run->s, row, &list);
    for (unsigned e = list.unsent; e <= list.erasures; e++) {
        memcpy(word, r->word[row], sizeof word);
        if (r->solved++ >= run->tries)
            return false;
        if (hz_rs_decode(run->rs, word, HZ_RS_ORDER, list.erased, e) >= 0 &&
            accept(run, word, HZ_RS_ORDER))
            return true;
    }
    tries =
        run->tries > r->solved && run->tries - r->solved < tries ? run->tries - r->solved : tries;
    memcpy(word, r->word[row], sizeof word);
    bool found =
        hz_rslist_run(run->rs, word, HZ_RS_ORDER, list.erased, list.unsent, list.of, list.n,
                      r->solved < run->tries ? tries : 0, accept, run, &tried) >= 0;
    r->solved += tried;
    return found;
}

/* What the code alone makes of a row. */
static bool plain(const struct hz_vdl2_rows *r, const struct hz_rs *rs, size_t row, uint8_t *word)
{
    static const uint8_t unsent[HZ_VDL2_PARITY] = {0, 1, 2, 3, 4, 5};
    memcpy(word, r->word[row], HZ_RS_ORDER);
    return hz_rs_decode(rs, word, HZ_RS_ORDER, unsent,
                        (unsigned)(HZ_VDL2_PARITY - r->layout.parity[row])) >= 0;
}

static void count_fixed(struct hz_vdl2_rows *r)
{
    r->fixed = r->fixed_bits = 0;
    for (size_t i = 0; i < r->layout.octets; i++) {
        r->fixed += r->octet[i] != r->heard[i];
        r->fixed_bits += (unsigned)__builtin_popcount(r->octet[i] ^ r->heard[i]);
    }
}

static void take_in(struct hz_vdl2_rows *r, const uint8_t *bit, size_t octets)
{
    hz_vdl2_layout(octets, &r->layout);
    memset(r->word, 0, r->layout.rows * sizeof r->word[0]);
    for (size_t i = 0; i < r->layout.sent; i++) {
        unsigned value = 0;
        for (unsigned k = 0; k < 8; k++)
            value |= (unsigned)bit[8 * i + k] << k;
        r->word[r->layout.row[i]][r->layout.at[i]] = (uint8_t)value;
    }
    gather(r, r->heard);
    r->right = false;
    r->solved = 0;
}

bool hz_vdl2_rows_run(struct hz_vdl2_rows *r, const struct hz_rs *rs,
                      const struct hz_vdl2_symbols *s, const uint8_t *bit, size_t octets,
                      unsigned tries, hz_vdl2_judge *judge, void *ctx)
{
    struct run run = {.r = r, .rs = rs, .s = s, .judge = judge, .ctx = ctx, .tries = tries};
    uint8_t word[HZ_VDL2_ROWS][HZ_RS_ORDER], received[HZ_RS_ORDER];
    bool ok[HZ_VDL2_ROWS];
    take_in(r, bit, octets);
    for (size_t row = 0; row < r->layout.rows; row++) {
        ok[row] = plain(r, rs, row, word[row]);
        if (!ok[row])
            run.todo[run.n++] = row;
    }
    for (size_t row = 0; row < r->layout.rows; row++) {
        memcpy(received, r->word[row], sizeof received);
        if (ok[row])
            memcpy(r->word[row], word[row], sizeof received);
        memcpy(word[row], received, sizeof received);
    }
    if (run.n == 0 && !judged(&run))
        for (size_t row = 0; row < r->layout.rows && !r->right; row++) {
            /* one word is not the one that was sent */
            memcpy(received, r->word[row], sizeof received);
            memcpy(r->word[row], word[row], sizeof received);
            run.n = 1;
            run.todo[0] = row;
            if (!next_row(&run, tries))
                memcpy(r->word[row], received, sizeof received);
        }
    else if (run.n > 0)
        next_row(&run, tries);
    if (!r->right)
        gather(r, r->octet);
    count_fixed(r);
    return r->right;
}
