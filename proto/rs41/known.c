#include "proto/rs41/known.h"

#include "proto/rs41/sizes.h"

#include <math.h>
#include <string.h>

/* Of the status block, from its data on. */
enum { FRAME = 0, SERIAL = 2, LAST_PAGE = 22, PAGE_NUMBER = 23, PAGE = 24, STATUS_SIZE = 40 };
enum { GAP_S = 60 /* after which frames are not counted on */ };

static unsigned low_first(const uint8_t *p, unsigned octets)
{
    unsigned v = 0;
    for (unsigned i = 0; i < octets; i++)
        v |= (unsigned)p[i] << 8 * i;
    return v;
}

static void expect(struct hz_rs41_hints *h, size_t at, const uint8_t *value, size_t n)
{
    for (size_t i = 0; i < n && at + i < h->len; i++) {
        h->has[at + i] = true;
        h->value[at + i] = value[i];
    }
}

static void expect_number(struct hz_rs41_hints *h, size_t at, unsigned v, unsigned octets)
{
    for (unsigned i = 0; i < octets; i++)
        expect(h, at + i, &(uint8_t){(uint8_t)(v >> 8 * i)}, 1);
}

static bool all_zero(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

/* The layout of the standard frame. */
static void expect_usual(struct hz_rs41_hints *h)
{
    static const uint8_t ids[][2] = {{HZ_RS41_STATUS, 0x28}, {HZ_RS41_SENSORS, 0x2a},
                                     {HZ_RS41_TIME, 0x1e},   {HZ_RS41_RANGES, 0x59},
                                     {HZ_RS41_PLACE, 0x15},  {HZ_RS41_EMPTY, 0x11}};
    uint8_t empty[0x11] = {0};
    size_t at = HZ_RS41_BLOCKS, n = 0;
    h->len = HZ_RS41_STANDARD;
    expect(h, HZ_RS41_TYPE, (const uint8_t[]){0x0f}, 1);
    for (unsigned i = 0; i < sizeof ids / sizeof ids[0]; i++, at += n + 4) {
        n = ids[i][1];
        expect(h, at, ids[i], 2);
    }
    expect(h, at - n - 2, empty, n);
    expect_number(h, at - 2, hz_rs41_crc(empty, n), 2);
}

static void expect_status(struct hz_rs41_hints *h, const struct hz_rs41_sonde *s, size_t at,
                          const uint8_t *was, unsigned seconds)
{
    unsigned last = was[LAST_PAGE], page = (was[PAGE_NUMBER] + seconds) % (last + 1);
    expect(h, at + SERIAL, was + SERIAL, HZ_RS41_SERIAL);
    expect(h, at + LAST_PAGE, was + LAST_PAGE, 1);
    if (seconds == 0)
        return;
    expect_number(h, at + FRAME, low_first(was + FRAME, 2) + seconds, 2);
    if (last != HZ_RS41_PAGES - 1)
        return;
    expect_number(h, at + PAGE_NUMBER, page, 1);
    if (s->have[page])
        expect(h, at + PAGE, s->page + (size_t)page * HZ_RS41_PAGE, HZ_RS41_PAGE);
}

void hz_rs41_expect(const struct hz_rs41_known *k, double at, struct hz_rs41_hints *out)
{
    const struct hz_rs41_sonde *s = &k->sonde[k->latest];
    memset(out, 0, sizeof *out);
    if (!s->serial[0]) {
        expect_usual(out);
        return;
    }
    double passed = (at - s->at) / HZ_RS41_RATE_HZ, whole = nearbyint(passed);
    /* 0: frames are not counted on */
    unsigned seconds =
        whole >= 1 && whole < GAP_S && fabs(passed - whole) < 0.02 ? (unsigned)whole : 0;
    struct hz_rs41_block b;
    size_t next = HZ_RS41_BLOCKS;
    out->len = s->len;
    expect(out, HZ_RS41_TYPE, s->last + HZ_RS41_TYPE, 1);
    for (size_t from = next; hz_rs41_next(s->last, s->len, &next, &b); from = next) {
        expect(out, from, s->last + from, 2);
        if (b.id == HZ_RS41_STATUS && b.n == STATUS_SIZE)
            expect_status(out, s, from + 2, b.data, seconds);
        if (b.id == HZ_RS41_TIME && b.n >= 6 && seconds > 0) {
            expect(out, from + 2, b.data, 2);
            expect_number(out, from + 4, (low_first(b.data + 2, 4) + 1000 * seconds), 4);
        }
        if (b.id == HZ_RS41_EMPTY && all_zero(b.data, b.n))
            expect(out, from + 2, b.data, b.n + 2);
    }
}

/* The sonde of that serial number; else an unused place, or that of the one heard longest ago. */
static unsigned find(struct hz_rs41_known *k, const uint8_t *serial)
{
    unsigned oldest = 0;
    for (unsigned i = 0; i < HZ_RS41_SONDES; i++) {
        if (memcmp(k->sonde[i].serial, serial, HZ_RS41_SERIAL) == 0)
            return i;
        if (!k->sonde[i].serial[0] ||
            (k->sonde[oldest].serial[0] && k->sonde[i].at < k->sonde[oldest].at))
            oldest = i;
    }
    struct hz_rs41_sonde *s = &k->sonde[oldest];
    memset(s, 0, sizeof *s);
    memcpy(s->serial, serial, HZ_RS41_SERIAL);
    return oldest;
}

static bool printable(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] <= ' ' || p[i] > '~')
            return false;
    return true;
}

struct hz_rs41_sonde *hz_rs41_note(struct hz_rs41_known *k, const uint8_t *frame, size_t len,
                                   double at)
{
    struct hz_rs41_block b;
    size_t next = HZ_RS41_BLOCKS;
    bool is = false;
    while (!is && hz_rs41_next(frame, len, &next, &b))
        is = b.right && b.id == HZ_RS41_STATUS && b.n == STATUS_SIZE;
    if (!is || !printable(b.data + SERIAL, HZ_RS41_SERIAL))
        return NULL;
    k->latest = find(k, b.data + SERIAL);
    struct hz_rs41_sonde *s = &k->sonde[k->latest];
    unsigned page = b.data[PAGE_NUMBER];
    s->at = at;
    s->len = len;
    memcpy(s->last, frame, len);
    if (page < HZ_RS41_PAGES) {
        s->have[page] = true;
        memcpy(s->page + (size_t)page * HZ_RS41_PAGE, b.data + PAGE, HZ_RS41_PAGE);
    }
    return s;
}

unsigned hz_rs41_pages(const struct hz_rs41_sonde *s)
{
    unsigned n = 0;
    for (unsigned i = 0; i < HZ_RS41_PAGES; i++)
        n += s->have[i];
    return n;
}

bool hz_rs41_has(const struct hz_rs41_sonde *s, size_t from, size_t n)
{
    for (size_t page = from / HZ_RS41_PAGE; page <= (from + n - 1) / HZ_RS41_PAGE; page++)
        if (!s->have[page])
            return false;
    return true;
}
