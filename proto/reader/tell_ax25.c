/* AX.25 frames as messages. Their check sequence was proved by who received them; they still must
 * have the form of AX.25. */
#include "proto/packet/ax25/frame.h"
#include "proto/reader/teller.h"

static size_t state_size(void)
{
    return 1;
}

static void init(void *state, double latitude, double longitude)
{
    (void)state, (void)latitude, (void)longitude;
}

static double frequency(const struct hz_unit *u)
{
    (void)u;
    return 0;
}

static enum hz_reason tell(void *state, const struct hz_unit *u, struct hz_burst *burst,
                           int64_t utc_ns, struct hz_sink *sink)
{
    size_t len = u->bits / 8;
    (void)state, (void)utc_ns;
    if (!hz_ax25_plausible(u->data, len, false))
        return HZ_SANITY;
    burst->raw = u->data;
    burst->raw_len = len;
    struct hz_json *j = hz_sink_begin(sink, burst);
    hz_ax25_describe(u->data, len, j);
    hz_sink_end(sink);
    return HZ_MESSAGE;
}

static const char *const protocols[] = {"aprs", "ax25-9600", NULL};

const struct hz_teller hz_teller_ax25 = {protocols, state_size, init, frequency, tell};
