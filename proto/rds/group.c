#include "proto/rds/group.h"

#include <math.h>
#include <string.h>

enum {
    GROUP = HZ_RDS_GROUP_BITS,
    BLOCK = HZ_RDS_BLOCK_BITS,
    KEPT = 16 * GROUP, /* bits kept while it is not locked */
    AGREE = 2,         /* groups that tell the same PI until it is known */
    AGAINST = 4,       /* and another one until it is not */
};

/* Evidence of a group lasts for about 30 groups. It is a logarithm: 14 is a chance of a million to
 * one; the second best place must be that much behind. */
static const float lasts = 0.967f, lock_at = 14, ahead_by = 6, unlock_at = -8, most_trust = 25;
/* A block in a fade tells against a place, but not more than this. */
static const float least_evidence = -2.5f;
/* Probability from which a block is sure. */
static const float sure = 0.9f, sure_of_pi = 0.999f;
/* Weight of the groups so far when the next one is added. */
static const float remembers = 0.85f;
/* Sum over groups from which a bit is known. */
static const float sure_of_bit = 14;

void hz_rds_groups_reset(struct hz_rds_groups *g)
{
    memset(g, 0, sizeof *g);
}

void hz_rds_groups_push(struct hz_rds_groups *g, const float *llr, const double *place, size_t n)
{
    memcpy(g->llr + g->n, llr, n * sizeof *llr);
    memcpy(g->place + g->n, place, n * sizeof *place);
    g->n += n;
}

/* Forgets the bits before that one. */
static void drop_to(struct hz_rds_groups *g, uint64_t before)
{
    size_t drop = (size_t)(before - g->first);
    drop = drop < g->n ? drop : g->n;
    g->n -= drop;
    g->first += drop;
    memmove(g->llr, g->llr + drop, g->n * sizeof *g->llr);
    memmove(g->place, g->place + drop, g->n * sizeof *g->place);
}

/* The same, when it is worth the while. */
static void forget(struct hz_rds_groups *g, uint64_t before)
{
    if (before >= g->first + 4 * GROUP)
        drop_to(g, before);
}

/* ---- where groups begin ----------------------------------------------------------------- */

static float both(float a, float b)
{
    return a > b ? a + logf(0.5f + 0.5f * expf(b - a)) : b + logf(0.5f + 0.5f * expf(a - b));
}

static float of_block(const float evidence[HZ_RDS_OFFSETS], unsigned block)
{
    float e = block == HZ_RDS_C ? both(evidence[HZ_RDS_C], evidence[HZ_RDS_C2]) : evidence[block];
    return e > least_evidence ? e : least_evidence;
}

/* Takes the evidence of a block that begins with bit `at`; the bit before it is there. */
static void look(struct hz_rds_groups *g, uint64_t at)
{
    float evidence[HZ_RDS_OFFSETS];
    hz_rds_evidence(&g->trellis, g->llr + (at - 1 - g->first), evidence);
    for (unsigned b = 0; b < HZ_RDS_BLOCKS; b++) {
        float *score = &g->score[(at + GROUP - b * BLOCK) % GROUP];
        *score += of_block(evidence, b);
        if (b == 0)
            *score *= lasts;
    }
}

/* Sums the bits of block A, which every group has, and learns the programme identification. */
static void learn_pi(struct hz_rds_groups *g, const float *llr)
{
    float bits[BLOCK];
    hz_rds_bits_of(llr, bits);
    for (unsigned k = 0; k < BLOCK; k++)
        g->a[k] = remembers * g->a[k] + bits[k];
    struct hz_rds_block a = hz_rds_block_sum(&g->trellis, g->a, HZ_RDS_A);
    if (a.sure >= sure_of_pi) {
        g->known = true;
        g->pi = a.info;
    }
}

/* Sums the bits of block B; those of TP and PTY hardly ever change. Fills in what is known of it.
 */
static void learn_b(struct hz_rds_groups *g, const float bits[BLOCK], struct hz_rds_known *known)
{
    enum { FROM = 5, TO = 11 }; /* bits of a block, the first one being 0 */
    bool sure_of_all = true;
    *known = (struct hz_rds_known){0, 0};
    for (unsigned k = FROM; k < TO; k++) {
        g->b[k] = remembers * g->b[k] + bits[k];
        known->mask |= (uint16_t)(0x8000 >> k);
        known->info |= g->b[k] > 0 ? (uint16_t)(0x8000 >> k) : 0;
        sure_of_all = sure_of_all && fabsf(g->b[k]) > sure_of_bit;
    }
    if (!sure_of_all)
        known->mask = 0;
}

/* All groups that are held tell it before the first of them is decoded. */
static void learn_from_all(struct hz_rds_groups *g)
{
    for (uint64_t at = g->next; at + GROUP <= g->first + g->n; at += GROUP)
        learn_pi(g, g->llr + (at - 1 - g->first));
}

/* Locks onto the best place, if it stands out. */
static void try_to_lock(struct hz_rds_groups *g)
{
    unsigned best = 0;
    float second = -INFINITY;
    for (unsigned i = 1; i < GROUP; i++)
        best = g->score[i] > g->score[best] ? i : best;
    for (unsigned i = 0; i < GROUP; i++)
        if (i != best && g->score[i] > second)
            second = g->score[i];
    if (g->score[best] < lock_at || g->score[best] < second + ahead_by)
        return;
    g->locked = true;
    g->trust = g->score[best];
    /* from the first group that is still held */
    uint64_t from = g->first + 1;
    g->next = from + (best + GROUP - from % GROUP) % GROUP;
    learn_from_all(g);
}

static void search(struct hz_rds_groups *g)
{
    if (g->looked < g->first + 1)
        g->looked = g->first + 1;
    while (!g->locked && g->looked + BLOCK <= g->first + g->n) {
        look(g, g->looked++);
        if (g->looked % BLOCK == 0)
            try_to_lock(g);
    }
    if (!g->locked && g->looked > KEPT)
        forget(g, g->looked - KEPT);
}

/* ---- groups ----------------------------------------------------------------------------- */

static void lose(struct hz_rds_groups *g)
{
    memset(g->score, 0, sizeof g->score);
    g->locked = false;
    /* What came behind the last good group is looked at again, once. */
    uint64_t from = g->good > g->lost_at && g->good > g->first ? g->good : g->next;
    g->lost_at = from;
    drop_to(g, from - 1);
    g->looked = from;
    memset(g->a, 0, sizeof g->a);
    memset(g->b, 0, sizeof g->b);
    g->known = false;
}

static void decode(struct hz_rds_groups *g, struct hz_rds_group *out)
{
    float total = 0;
    const float *llr = g->llr + (g->next - 1 - g->first);
    learn_pi(g, llr);
    struct hz_rds_known pi = {0xffff, g->pi};
    out->sure = 1;
    for (unsigned b = 0; b < HZ_RDS_BLOCKS; b++) {
        float evidence[HZ_RDS_OFFSETS];
        const float *here = llr + (size_t)b * BLOCK;
        hz_rds_evidence(&g->trellis, here, evidence);
        total += of_block(evidence, b);
        enum hz_rds_offset offset = b;
        bool is_b = out->block[1].info >> 11 & 1; /* version B: block C tells the PI */
        if (b == HZ_RDS_C &&
            (out->block[1].sure > sure ? is_b : evidence[HZ_RDS_C2] > evidence[HZ_RDS_C]))
            offset = HZ_RDS_C2;
        bool told = g->known && (b == HZ_RDS_A || offset == HZ_RDS_C2);
        hz_rds_bits_of(here, out->bits[b]);
        out->block[b] = hz_rds_block_read(&g->trellis, here, offset, told ? &pi : NULL);
        if (b == HZ_RDS_B) {
            struct hz_rds_known some;
            learn_b(g, out->bits[b], &some);
            if (out->block[b].sure < sure && some.mask)
                out->block[b] = hz_rds_block_read(&g->trellis, here, offset, &some);
        }
        out->sure *= out->block[b].sure;
        g->errors += ((out->block[b].sure < sure) - g->errors) / 48;
    }
    out->at = g->place[g->next - g->first];
    out->end = g->place[g->next + GROUP - 1 - g->first];
    g->trust = fminf(lasts * g->trust + total, most_trust);
    if (out->sure >= 0.5f)
        g->good = g->next + GROUP;
}

bool hz_rds_groups_next(struct hz_rds_groups *g, struct hz_rds_group *out)
{
    search(g);
    if (!g->locked || g->next + GROUP > g->first + g->n)
        return false;
    decode(g, out);
    g->next += GROUP;
    if (g->trust < unlock_at)
        lose(g);
    forget(g, g->next - 1);
    return true;
}
