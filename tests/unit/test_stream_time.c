/* Lost samples by timestamps of a driver, and the gains of stages. */
#include "config/gain.h"
#include "daemon/source/stream_time.h"

#include <criterion/criterion.h>

enum { RATE = 2400000, READ = 1000 };

static uint64_t at(struct hz_stream_time *t, uint64_t sample, double speed)
{
    uint64_t lost = hz_stream_time_at(t, (int64_t)((double)sample * 1e9 / RATE * speed + 0.5));
    hz_stream_time_pass(t, READ);
    return lost;
}

Test(stream_time, a_loss_has_its_size_once_the_timestamps_are_known_to_count)
{
    struct hz_stream_time t;
    uint64_t sample = 0;
    hz_stream_time_init(&t, RATE);
    for (int i = 0; i < 20; i++, sample += READ)
        cr_assert_eq(at(&t, sample, 1), 0);
    cr_assert_eq(t.trust, HZ_STREAM_EXACT);
    cr_assert_eq(at(&t, sample += 777, 1), 777);
    hz_stream_time_overflow(&t);
    cr_assert_eq(at(&t, sample += READ + 123457, 1), 123457);
    cr_assert_eq(at(&t, 0, 1), 0, "the driver's clock was set");
}

Test(stream_time, timestamps_at_twice_the_rate_are_ignored)
{
    struct hz_stream_time t;
    hz_stream_time_init(&t, RATE);
    for (uint64_t i = 0; i < 20; i++)
        cr_assert_eq(at(&t, i * READ, 2), 0);
    cr_assert_eq(t.trust, HZ_STREAM_IGNORED);
}

Test(stream_time, gains_of_stages_are_read_or_refused)
{
    struct hz_gain g;
    cr_assert_eq(hz_parse_gain("LNA=20,VGA 16.5", &g), 0);
    cr_assert_str_eq(g.stages, "LNA 20, VGA 16.5");
    cr_assert_eq(hz_parse_gain("LNA 20,", &g), -22);
    cr_assert_eq(hz_parse_gain("LNA 20, LNA 3", &g), -22);
    cr_assert_eq(hz_parse_gain("", &g), -22);
    cr_assert_eq(hz_parse_gain("best", &g), -22);
}
