#include "proto/rds/repeats.h"

#include <math.h>
#include <string.h>

enum { END = 0x0d };

/* Probability that a segment is right: of a single group, and of a sum over several. */
static const float sure_alone = 0.995f, sure_of_sum = 0.98f;
/* The likeness of a repeat's bits to the sum, below which it is another text. */
static const float same_text = 0.1f;
/* A sum this large is as sure as it need be; more would outlive its text. */
static const float most = 24;

void hz_rds_repeats_clear(struct hz_rds_repeats *r)
{
    memset(r->sum, 0, sizeof r->sum);
    memset(r->times, 0, sizeof r->times);
    r->got = 0;
    r->latest = -1;
    r->top = r->turns = 0;
}

static float likeness(const float *sum, const float *bits)
{
    float same = 0, all = 1e-9f;
    for (unsigned k = 0; k < HZ_RDS_BLOCK_BITS; k++) {
        float x = sum[k] * bits[k];
        same += x;
        all += fabsf(x);
    }
    return same / all;
}

static void add(float *sum, const float *bits)
{
    for (unsigned k = 0; k < HZ_RDS_BLOCK_BITS; k++)
        sum[k] = fmaxf(-most, fminf(most, sum[k] + bits[k]));
}

/* Takes the blocks of a segment. Returns whether it is sure now. */
static bool take_segment(struct hz_rds_repeats *r, struct hz_rds_trellis *t,
                         const struct hz_rds_group *group, unsigned segment, unsigned blocks)
{
    bool sure = true;
    uint16_t info[2] = {0, 0};
    unsigned first = 2 - blocks;
    bool same = true;
    for (unsigned b = first; b < 2; b++)
        same = (r->times[segment] == 0 ||
                likeness(r->sum[segment][b], group->bits[2 + b]) >= same_text) &&
               same;
    if (!same) /* all of it is another one */
        memset(r->sum[segment], 0, sizeof r->sum[segment]);
    r->times[segment] = same ? (uint8_t)(r->times[segment] < 200 ? r->times[segment] + 1 : 200) : 1;
    for (unsigned b = first; b < 2; b++) {
        add(r->sum[segment][b], group->bits[2 + b]);
        const struct hz_rds_block *alone = &group->block[2 + b];
        struct hz_rds_block sum =
            hz_rds_block_sum(t, r->sum[segment][b], b == 0 ? HZ_RDS_C : HZ_RDS_D);
        bool good = r->times[segment] > 1 ? sum.sure >= sure_of_sum : alone->sure >= sure_alone;
        info[b] = r->times[segment] > 1 ? sum.info : alone->info;
        sure = sure && good;
    }
    unsigned bit = 1u << segment;
    if (!sure)
        return r->got & bit && same;
    if (r->got & bit && memcmp(info, r->info[segment], sizeof info) != 0) {
        /* another text, without a sign that it begins: what is known of the others is of the old
         * one */
        r->got = 0;
        r->top = r->turns = 0;
    }
    memcpy(r->info[segment], info, sizeof info);
    r->got |= bit;
    return true;
}

static uint8_t character(const struct hz_rds_repeats *r, unsigned blocks, unsigned i)
{
    unsigned each = 2 * blocks, segment = i / each, at = i % each + (blocks == 1 ? 2 : 0);
    uint16_t info = r->info[segment][at / 2];
    return (uint8_t)(at % 2 == 0 ? info >> 8 : info);
}

/* Length of the text in characters, if it is whole; 0: it is not. */
static unsigned whole(const struct hz_rds_repeats *r, unsigned blocks, unsigned segments)
{
    unsigned each = 2 * blocks;
    for (unsigned s = 0; s < segments; s++) {
        if (!(r->got >> s & 1)) /* the end may be that the next segment never comes */
            return s > 0 && segments > 4 && s == r->top && r->turns > 0 ? s * each : 0;
        for (unsigned i = s * each; segments > 4 && i < (s + 1) * each; i++)
            if (character(r, blocks, i) == END)
                return i;
    }
    return segments * each;
}

bool hz_rds_repeats_take(struct hz_rds_repeats *r, struct hz_rds_trellis *t,
                         const struct hz_rds_group *group, unsigned segment, unsigned blocks,
                         unsigned segments)
{
    unsigned before = r->got;
    if (!take_segment(r, t, group, segment, blocks))
        return false;
    if (before != 0 && r->got == 1u << segment)
        r->latest = -1;
    if ((int)segment <= r->latest && segment == 0)
        r->turns++;
    r->latest = (int)segment;
    if (segment + 1 > r->top) {
        r->top = segment + 1;
        r->turns = 0;
    }
    unsigned n = whole(r, blocks, segments);
    if (n == 0)
        return false;
    uint8_t text[HZ_RDS_TEXT] = {0};
    for (unsigned i = 0; i < n; i++)
        text[i] = character(r, blocks, i);
    if (n == r->len && memcmp(text, r->text, n) == 0)
        return false;
    memcpy(r->text, text, sizeof text);
    r->len = n;
    return true;
}

void hz_rds_repeats_partial(const struct hz_rds_repeats *r, unsigned blocks, unsigned segments,
                            uint8_t text[HZ_RDS_TEXT], unsigned *n)
{
    unsigned each = 2 * blocks;
    *n = segments > 4 ? r->top * each : segments * each;
    for (unsigned i = 0; i < *n; i++)
        text[i] = r->got >> (i / each) & 1 ? character(r, blocks, i) : ' ';
}
