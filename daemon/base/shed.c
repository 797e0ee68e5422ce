#include "daemon/base/shed.h"

bool hz_shed(struct hz_shed *s, size_t used, size_t limit)
{
    if (s->dropping && used <= limit / 2)
        s->dropping = false;
    if (!s->dropping && used < limit)
        return false;
    s->times += !s->dropping;
    s->dropping = true;
    return true;
}
