#include "proto/flex/join.h"

#include <string.h>

enum { CYCLE = 128, FIRST = 3 };

/* Adds the text and words of a fragment. What finds no room is cut. */
static void append(struct hz_flex_message *m, const struct hz_flex_page *page)
{
    size_t room = sizeof m->text - m->len, n = page->len < room ? page->len : room;
    memcpy(m->text + m->len, page->text, n);
    m->len += n;
    m->truncated = m->truncated || n < page->len;
    for (size_t i = 0; i < page->words && m->words < HZ_FLEX_JOINED_WORDS; i++)
        m->raw[m->words++] = page->raw[i];
    m->fragments++;
    m->last = page->fragment;
}

static void begin(struct hz_flex_message *m, const struct hz_flex_page *page, char phase)
{
    memset(m, 0, sizeof *m);
    m->page = *page;
    m->phase = phase;
    append(m, page);
    m->truncated = page->fragment != FIRST; /* those before were not received */
}

static void go_on(struct hz_flex_message *m, const struct hz_flex_page *page)
{
    unsigned due = m->last == FIRST ? 0 : (m->last + 1) % 3;
    m->truncated = m->truncated || page->fragment != due;
    m->page.fixed += page->fixed;
    m->page.checked = m->page.checked && page->checked;
    m->page.unchecked = m->page.unchecked || page->unchecked;
    m->page.quality = page->quality < m->page.quality ? page->quality : m->page.quality;
    append(m, page);
}

/* The open message that the page goes on with; NULL: there is none. */
static struct hz_flex_message *find(struct hz_flex_join *j, const struct hz_flex_page *page,
                                    char phase)
{
    for (struct hz_flex_message *m = j->open; m < j->open + HZ_FLEX_OPEN; m++)
        if (m->fragments > 0 && m->page.capcode == page->capcode && m->phase == phase &&
            m->page.kind == page->kind && m->page.number == page->number)
            return m;
    return NULL;
}

/* A free place, or that of the message that waits longest, which then is in *out. */
static struct hz_flex_message *make_room(struct hz_flex_join *j, struct hz_flex_message *out,
                                         bool *told)
{
    struct hz_flex_message *oldest = j->open;
    for (struct hz_flex_message *m = j->open; m < j->open + HZ_FLEX_OPEN; m++) {
        if (m->fragments == 0)
            return m;
        oldest = m->frame < oldest->frame ? m : oldest;
    }
    *out = *oldest;
    out->truncated = true;
    *told = true;
    return oldest;
}

/* ---- groups ----------------------------------------------------------------------------- */

static void join_group(struct hz_flex_join *j, const struct hz_flex_page *page, uint64_t frame,
                       unsigned number)
{
    struct hz_flex_group *g = &j->group[page->group];
    unsigned ahead = (page->group_frame + CYCLE - number) % CYCLE;
    if (g->until < frame)
        g->members = 0;
    g->until = frame + (ahead > 0 ? ahead : CYCLE);
    if (g->members < HZ_FLEX_MEMBERS)
        g->member[g->members++] = page->capcode;
}

/* Tells who the message to a group is for. The group is over with it. */
static void tell_group(struct hz_flex_join *j, struct hz_flex_message *m, uint64_t frame)
{
    if (m->page.is_long || m->page.capcode < HZ_FLEX_GROUP ||
        m->page.capcode >= HZ_FLEX_GROUP + HZ_FLEX_GROUPS)
        return;
    struct hz_flex_group *g = &j->group[m->page.capcode - HZ_FLEX_GROUP];
    if (g->members == 0 || g->until < frame)
        return;
    memcpy(m->member, g->member, sizeof m->member);
    m->members = g->members;
    g->members = 0;
}

/* ---- pages ------------------------------------------------------------------------------ */

bool hz_flex_join_page(struct hz_flex_join *j, const struct hz_flex_page *page, char phase,
                       uint64_t frame, unsigned number, struct hz_flex_message *out)
{
    if (page->joins)
        join_group(j, page, frame, number);
    struct hz_flex_message *m = page->fragment == FIRST ? NULL : find(j, page, phase);
    if (!page->more) {
        if (m) {
            go_on(m, page);
            *out = *m;
            m->fragments = 0;
        } else {
            begin(out, page, phase);
            tell_group(j, out, frame);
        }
        return true;
    }
    bool told = false;
    if (m) {
        go_on(m, page);
    } else {
        m = make_room(j, out, &told);
        begin(m, page, phase);
        tell_group(j, m, frame);
    }
    m->frame = frame;
    return told;
}

bool hz_flex_join_expired(struct hz_flex_join *j, uint64_t frame, struct hz_flex_message *out)
{
    for (struct hz_flex_message *m = j->open; m < j->open + HZ_FLEX_OPEN; m++) {
        if (m->fragments == 0 || (frame != UINT64_MAX && m->frame + HZ_FLEX_FRAMES_KEPT >= frame))
            continue;
        *out = *m;
        out->truncated = true;
        m->fragments = 0;
        return true;
    }
    return false;
}
