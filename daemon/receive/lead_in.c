#include "daemon/receive/lead_in.h"

#include <stdlib.h>
#include <string.h>

void hz_lead_in_drop(struct hz_lead_in *p)
{
    free((void *)p->held.data);
    *p = (struct hz_lead_in){0};
}

static bool follows(const struct hz_lead_in *p, const struct hz_block *b)
{
    return p->held.n > 0 && b->epoch == p->epoch && b->format == p->held.format &&
           b->first_sample == p->held.first + p->held.n;
}

void hz_lead_in_add(struct hz_lead_in *p, const struct hz_block *b)
{
    if (!follows(p, b)) {
        hz_lead_in_drop(p);
        p->held = (struct hz_samples){.format = b->format, .first = b->first_sample};
        p->epoch = b->epoch;
    }
    size_t each = hz_format_bytes(b->format), have = p->held.n * each, more = b->n * each;
    if (have + more > p->cap) {
        void *bigger = realloc((void *)p->held.data, 2 * (have + more));
        if (!bigger) {
            hz_lead_in_drop(p);
            return;
        }
        p->held.data = bigger;
        p->cap = 2 * (have + more);
    }
    memcpy((char *)p->held.data + have, b->data, more);
    p->held.n += b->n;
}
