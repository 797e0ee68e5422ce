#include "proto/acars/join.h"

#include <string.h>

const char *const hz_acars_part_name[HZ_ACARS_PARTS] = {
    [HZ_ACARS_ALONE] = "skipped",         [HZ_ACARS_BEGUN] = "in progress",
    [HZ_ACARS_COMPLETE] = "complete",     [HZ_ACARS_REPEATED] = "duplicate",
    [HZ_ACARS_STRAY] = "out of sequence",
};

/* The letter or block id behind this one. The block ids of uplinks go from A to W, then again. */
static char behind(const struct hz_acars_block *b, char place)
{
    return !b->downlink && place == 'W' ? 'A' : (char)(place + 1);
}

static void append(struct hz_acars_message *m, const struct hz_acars_block *b, char place,
                   int64_t ms)
{
    size_t room = HZ_ACARS_WHOLE - m->len, n = b->len < room ? b->len : room;
    memcpy(m->text + m->len, b->text, n);
    m->len += n;
    m->text[m->len] = '\0';
    m->cut = m->cut || n < b->len;
    m->latest = place;
    m->next = behind(b, place);
    m->ms = ms;
    m->blocks++;
}

static bool late(const struct hz_acars_message *m, int64_t ms)
{
    return ms < m->ms || ms - m->ms > HZ_ACARS_KEPT_MS;
}

/* The open message that the block belongs to; NULL: there is none. */
static struct hz_acars_message *find(struct hz_acars_join *j, const struct hz_acars_block *b,
                                     int64_t ms)
{
    for (struct hz_acars_message *m = j->open; m < j->open + HZ_ACARS_OPEN; m++) {
        if (m->blocks > 0 && late(m, ms))
            m->blocks = 0;
        if (m->blocks > 0 && strcmp(m->address, b->address) == 0 &&
            strcmp(m->label, b->label) == 0 && strcmp(m->number, b->number) == 0)
            return m;
    }
    return NULL;
}

static struct hz_acars_message *make_room(struct hz_acars_join *j)
{
    struct hz_acars_message *oldest = j->open;
    for (struct hz_acars_message *m = j->open; m < j->open + HZ_ACARS_OPEN; m++) {
        if (m->blocks == 0)
            return m;
        oldest = m->ms < oldest->ms ? m : oldest;
    }
    return oldest;
}

static void begin(struct hz_acars_join *j, const struct hz_acars_block *b, char place, int64_t ms)
{
    struct hz_acars_message *m = make_room(j);
    memset(m, 0, offsetof(struct hz_acars_message, text) + 1);
    memcpy(m->address, b->address, sizeof m->address);
    memcpy(m->label, b->label, sizeof m->label);
    memcpy(m->number, b->number, sizeof m->number);
    append(m, b, place, ms);
}

static enum hz_acars_part take(struct hz_acars_join *j, const struct hz_acars_block *b, int64_t ms)
{
    char place = b->downlink ? b->sequence : b->id;
    if (!b->has_text || place == '\0' || place == ' ')
        return HZ_ACARS_ALONE;
    struct hz_acars_message *m = find(j, b, ms);
    if (!m && b->downlink && place != 'A')
        return HZ_ACARS_STRAY;
    if (!m && !b->more)
        return HZ_ACARS_ALONE;
    if (!m) {
        begin(j, b, place, ms);
        return HZ_ACARS_BEGUN;
    }
    if (place == m->latest)
        return HZ_ACARS_REPEATED;
    if (place != m->next)
        return HZ_ACARS_STRAY;
    append(m, b, place, ms);
    if (b->more)
        return HZ_ACARS_BEGUN;
    j->whole = *m;
    m->blocks = 0;
    return HZ_ACARS_COMPLETE;
}

struct hz_acars_joined hz_acars_join_block(struct hz_acars_join *j, const struct hz_acars_block *b,
                                           int64_t ms)
{
    struct hz_acars_joined out = {take(j, b, ms), b->text, b->len, 1, false};
    if (out.part == HZ_ACARS_COMPLETE) {
        out.text = j->whole.text;
        out.len = j->whole.len;
        out.blocks = j->whole.blocks;
        out.cut = j->whole.cut;
    }
    return out;
}
