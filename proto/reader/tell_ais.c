/* AIS payloads as messages. Their check sequence was proved by who received them. */
#include "proto/ais/describe.h"
#include "proto/reader/teller.h"

struct ais {
    unsigned sequence; /* of sentences that are written again */
};

static size_t state_size(void)
{
    return sizeof(struct ais);
}

static void init(void *state, double latitude, double longitude)
{
    (void)state, (void)latitude, (void)longitude;
}

static double frequency(const struct hz_unit *u)
{
    return u->channel == 'A' ? 161.975e6 : u->channel == 'B' ? 162.025e6 : 0;
}

static enum hz_reason tell(void *state, const struct hz_unit *u, struct hz_burst *burst,
                           int64_t utc_ns, struct hz_sink *sink)
{
    struct ais *a = state;
    struct hz_ais_state st = {.channel = u->channel, .sequence = a->sequence};
    (void)utc_ns;
    burst->raw = u->data;
    burst->raw_len = (u->bits + 7) / 8;
    struct hz_json *j = hz_sink_begin(sink, burst);
    hz_ais_describe(&st, u->data, u->bits, j);
    hz_sink_end(sink);
    a->sequence = st.sequence;
    return HZ_MESSAGE;
}

static const char *const protocols[] = {"ais", NULL};

const struct hz_teller hz_teller_ais = {protocols, state_size, init, frequency, tell};
