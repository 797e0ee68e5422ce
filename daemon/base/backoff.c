#include "daemon/base/backoff.h"

#include <uv.h>

uint64_t hz_backoff_next(struct hz_backoff *b, uint64_t limit_ms)
{
    uint64_t next = b->next_ms ? b->next_ms : HZ_BACKOFF_MIN_MS;
    uint64_t wait = next < limit_ms ? next : limit_ms;
    b->next_ms = wait * 2;
    return wait - wait / 8 + uv_hrtime() / 1000 % (wait / 4 + 1);
}

void hz_backoff_reset(struct hz_backoff *b)
{
    b->next_ms = 0;
}

bool hz_backoff_failing(const struct hz_backoff *b)
{
    return b->next_ms != 0;
}
