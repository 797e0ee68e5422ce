/* What the bursts of a channel told before: a transmission that was heard twice, and senders that
 * are doubted no longer. */
#include "daemon/receive/sightings.h"
#include "proto/out/sink.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct rig {
    struct hz_sink_head head;
    struct hz_sink sink;
    struct hz_sightings *seen;
    struct hz_record rec;
};

static void init(struct rig *r)
{
    *r = (struct rig){.head = {"rx", "sensors", "sensors", 433.92e6, NULL}};
    hz_sink_init(&r->sink, &r->head, malloc(65536), 65536);
    r->sink.scale = 1;
    r->seen = calloc(1, sizeof *r->seen);
}

static void done(struct rig *r)
{
    free(r->sink.arena);
    free(r->seen);
}

/* A message of 0.1 s at that second; whether it is published. */
static bool tell(struct rig *r, double at_s, int id, int value, bool doubted)
{
    uint8_t raw[] = {(uint8_t)id, (uint8_t)value};
    struct hz_stamp stamp = {.utc_ns = 1000000000, .ns_per_sample = 1e6};
    struct hz_burst b = {.sample = (uint64_t)(at_s * 1000),
                         .end = (uint64_t)(at_s * 1000) + 100,
                         .rssi_dbfs = -20,
                         .noise_dbfs = -40,
                         .snr_db = 20,
                         .raw = raw,
                         .raw_len = sizeof raw};
    hz_sink_rewind(&r->sink, stamp);
    struct hz_json *j = hz_sink_begin(&r->sink, &b);
    hz_json_str(j, "model", "Thermo");
    hz_json_int(j, "id", id);
    if (doubted)
        hz_json_bool(j, "confirmed", false);
    hz_json_int(j, "value", value);
    hz_sink_end(&r->sink);
    size_t at = 0;
    cr_assert(hz_sink_next(&r->sink, &at, &r->rec));
    return hz_sightings_judge(r->seen, &r->rec);
}

static bool doubted(const struct rig *r)
{
    struct hz_value v;
    double value;
    cr_assert(hz_record_field(&r->rec, "value", &v) && hz_value_number(v, &value));
    cr_expect_eq(r->rec.json[r->rec.json_len - 1], '}');
    cr_assert(hz_record_field(&r->rec, "model", &v) && hz_value_is(v, "\"Thermo\""));
    bool text = memmem(r->rec.json, r->rec.json_len, "confirmed", 9);
    cr_expect_eq(text, hz_record_field(&r->rec, "confirmed", &v));
    return text;
}

Test(sightings, a_sender_that_was_heard_in_the_last_hour_is_doubted_no_longer)
{
    struct rig r;
    init(&r);
    cr_expect(tell(&r, 1, 17, 3, true) && doubted(&r));
    cr_expect(tell(&r, 31, 18, 3, true) && doubted(&r), "another sender");
    cr_expect(tell(&r, 61, 17, 4, true) && !doubted(&r));
    cr_expect(tell(&r, 61.05, 18, 5, true) && !doubted(&r));
    cr_expect(tell(&r, 61.08, 19, 5, false) && !doubted(&r));
    cr_expect(tell(&r, 5000, 17, 4, true) && doubted(&r), "an hour later");
    cr_expect(tell(&r, 5000.05, 17, 5, true) && doubted(&r), "the same transmission");
    for (int i = 0; i < HZ_SIGHTINGS_SENDERS; i++)
        tell(&r, 5010 + i, 1000 + i, 5, true);
    cr_expect(tell(&r, 5300, 17, 4, true) && doubted(&r), "forgotten");
    done(&r);
}

Test(sightings, a_transmission_that_two_bursts_held_is_told_once)
{
    struct rig r;
    init(&r);
    cr_expect(tell(&r, 1, 17, 3, false));
    cr_expect_not(tell(&r, 1.02, 17, 3, false));
    cr_expect_not(tell(&r, 0.95, 17, 3, false));
    cr_expect(tell(&r, 1.02, 17, 4, false), "another value");
    cr_expect(tell(&r, 1.02, 18, 3, false), "another sender");
    cr_expect(tell(&r, 1.5, 17, 3, false), "another time");
    cr_expect_eq(r.seen->again, 2);
    done(&r);
}
