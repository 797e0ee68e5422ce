#include "daemon/capture/undecoded.h"

#include "daemon/receive/channel.h"

enum { SETTLE_MS = 1500 /* from the end of a signal to its message, the folding of copies too */ };

static struct hz_squelch_seen *find(struct hz_undecoded *u, uint64_t number)
{
    for (size_t i = 0; i < u->n; i++) {
        if (u->seen[i].number == number)
            return &u->seen[i];
    }
    if (u->n == HZ_UNDECODED_CHANNELS)
        u->n = 0; /* channels were removed and added: they are learnt again */
    struct hz_squelch_seen *s = &u->seen[u->n++];
    *s = (struct hz_squelch_seen){.number = number};
    return s;
}

/* Whether a signal that ended a while ago gave no message. */
static bool look(struct hz_squelch_seen *s, const struct hz_channel_stats *stats, uint64_t now_ms)
{
    if (stats->open && !s->open && s->closed_ms == 0)
        s->messages = stats->count[HZ_MESSAGE];
    if (s->open && !stats->open)
        s->closed_ms = now_ms;
    s->open = stats->open;
    if (s->open || s->closed_ms == 0 || now_ms - s->closed_ms < SETTLE_MS)
        return false;
    s->closed_ms = 0;
    return stats->count[HZ_MESSAGE] == s->messages;
}

const char *hz_undecoded_look(struct hz_undecoded *u, const struct hz_receiver *r, uint64_t now_ms)
{
    size_t n;
    const char *found = NULL;
    struct hz_channel *const *channels = hz_receiver_channels(r, &n);
    for (size_t i = 0; i < n; i++) {
        const struct hz_channel *c = channels[i];
        if (!hz_channel_narrow(c) || hz_channel_hosts(c) || hz_channel_host(c))
            continue; /* what hears bursts tells of those that it cannot explain */
        struct hz_channel_stats stats = hz_channel_stats(c);
        if (look(find(u, hz_channel_number(c)), &stats, now_ms))
            found = hz_channel_conf(c)->name;
    }
    return found;
}
