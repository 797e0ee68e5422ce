/* Mode S frames as messages: by their parity, and where that holds the address, by addresses that
 * were heard in squitters in the two minutes before. */
#include "proto/adsb/describe.h"
#include "proto/adsb/judge.h"
#include "proto/reader/teller.h"

#include <string.h>

enum { TRUST_S = 120, ROOM = 16 };

struct adsb {
    struct hz_adsb_judge judge; /* its tick is a second */
    int64_t first_ns;           /* time of its tick 1; 0: nothing was heard */
};

/* The table of aircraft lies behind it. */
static size_t place_of_table(void)
{
    return (sizeof(struct adsb) + ROOM - 1) / ROOM * ROOM;
}

static size_t state_size(void)
{
    return place_of_table() + hz_aircraft_table_size();
}

static struct hz_aircraft_table *table(struct adsb *a)
{
    return (struct hz_aircraft_table *)(void *)((char *)a + place_of_table());
}

static void init(void *state, double latitude, double longitude)
{
    struct adsb *a = state;
    hz_adsb_judge_init(&a->judge, TRUST_S);
    hz_aircraft_table_init(table(a), latitude, longitude);
}

/* Time never goes back for the judge. */
static void set_tick(struct adsb *a, int64_t utc_ns)
{
    if (a->first_ns == 0)
        a->first_ns = utc_ns;
    int64_t s = (utc_ns - a->first_ns) / 1000000000 + 1;
    if (s > (int64_t)a->judge.now && s < UINT32_MAX)
        a->judge.now = (uint32_t)s;
}

static enum hz_reason tell(void *state, const struct hz_unit *u, struct hz_burst *burst,
                           int64_t utc_ns, struct hz_sink *sink)
{
    struct adsb *a = state;
    struct hz_adsb_frame f = {.bits = (int)u->bits};
    memcpy(f.byte, u->data, u->bits / 8);
    set_tick(a, utc_ns);
    enum hz_reason why = hz_adsb_judge_bits(&a->judge, &f);
    if (why != HZ_MESSAGE)
        return why;
    burst->raw = f.byte;
    burst->raw_len = (size_t)f.bits / 8;
    struct hz_json *j = hz_sink_begin(sink, burst);
    hz_adsb_describe(table(a), f.byte, burst->raw_len, f.address, utc_ns, j);
    hz_sink_end(sink);
    return HZ_MESSAGE;
}

static double frequency(const struct hz_unit *u)
{
    (void)u;
    return 1090e6;
}

static const char *const protocols[] = {"adsb", NULL};

const struct hz_teller hz_teller_adsb = {protocols, state_size, init, frequency, tell};
