#include "daemon/bus/bucket.h"
#include "daemon/nats/nats.h"
#include "daemon/output/nats_record.h"
#include "daemon/output/nats_stream.h"
#include "daemon/output/nats_window.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* The numbers are of the definition of FNV-1a, computed elsewhere. */
Test(nats, bucket_is_that_of_the_id_in_any_case)
{
    struct hz_record r = {.about.id = "4840d6", .raw = (const uint8_t *)"\1\2", .raw_len = 2};
    cr_assert_eq(hz_bucket(&r), 7);
    strcpy(r.about.id, "4840D6");
    cr_assert_eq(hz_bucket(&r), 7);
    strcpy(r.about.id, "DL1ABC-9");
    cr_assert_eq(hz_bucket(&r), 46);
}

Test(nats, bucket_without_an_id_is_that_of_the_frame)
{
    struct hz_record r = {.raw = (const uint8_t *)"\1\2", .raw_len = 2};
    cr_assert_eq(hz_bucket(&r), 10);
    r.raw_len = 0;
    cr_assert_eq(hz_bucket(&r), 5);
}

Test(nats, names_become_tokens_of_a_subject)
{
    char out[16];
    hz_nats_token("roof.north *>\xc3\xa9-1_", out, sizeof out);
    cr_assert_str_eq(out, "roof_north_____");
    hz_nats_token("Pi-4_b", out, sizeof out);
    cr_assert_str_eq(out, "Pi-4_b");
}

Test(nats, target_has_no_password)
{
    char out[80];
    hz_nats_target("nats://me:s3cret@a:4222, tls://b,nats://tok@c:1", out, sizeof out);
    cr_assert_str_eq(out, "nats://a:4222,tls://b,nats://c:1");
    hz_nats_target("", out, sizeof out);
    cr_assert_str_eq(out, "");
}

Test(nats, stream_takes_what_its_subjects_match)
{
    static const struct {
        const char *subject;
        bool takes;
    } cases[] = {{"hertzd.>", true},         {">", true},
                 {"hertzd.roof.>", true},    {"hertzd.*.*.*", true},
                 {"hertzd.roof.*.*", true},  {"hertzd.*.>", true},
                 {"*.roof.*.>", true},       {"hertzd.north.>", false},
                 {"hertzd.*.adsb.*", false}, {"hertzd.*.*", false},
                 {"hertzd.*.*.*.*", false},  {"hertzd.*.*.7", false},
                 {"hertzd", false},          {"", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_eq(hz_nats_stream_takes(cases[i].subject, "hertzd.roof"), cases[i].takes, "%s",
                     cases[i].subject);
}

Test(nats, answers_of_a_stream)
{
    static const struct {
        const char *json, *text;
        bool stored, duplicate;
    } cases[] = {
        {"{\"stream\":\"sky\", \"seq\":7}", "sky", true, false},
        {"{\"stream\":\"sky\",\"seq\":7,\"duplicate\": true}", "sky", true, true},
        {"{\"error\":{\"code\":503,\"description\":\"no space\"},\"stream\":\"sky\",\"seq\":0}",
         "no space", false, false},
        {"{\"error\":{}}", "it gives no reason", false, false},
        {"{\"stream\":3}", "it gives no reason", false, false},
        {"nonsense", "it gives no reason", false, false},
        {"", "it gives no reason", false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hz_nats_answer a;
        hz_nats_answer_read(cases[i].json, strlen(cases[i].json), &a);
        cr_expect_eq(a.stored, cases[i].stored, "%s", cases[i].json);
        cr_expect_eq(a.duplicate, cases[i].duplicate, "%s", cases[i].json);
        cr_expect_str_eq(a.text, cases[i].text);
    }
}

static struct hz_spooled *record(uint64_t number)
{
    struct hz_spooled *r = malloc(sizeof *r + 10);
    *r = (struct hz_spooled){.number = number, .n = 10};
    return r;
}

Test(nats, window_releases_in_order_and_holds_what_must_be_sent_again)
{
    static struct hz_window w;
    hz_window_init(&w);
    uint64_t token[4], t = 0;
    for (uint64_t i = 0; i < 4; i++)
        token[i] = hz_window_add(&w, record(11 + i), 1000 * (i + 1));
    hz_window_ack(&w, token[1], 5000);
    cr_expect_eq(w.released, 0); /* 11 is not done with */
    cr_expect_null(hz_window_find(&w, token[1]));
    hz_window_ack(&w, token[1], 6000); /* once more: nothing */
    cr_expect_eq(w.n, 3);
    cr_expect_eq(hz_window_hold(&w, token[2]), 1);
    cr_expect_eq(hz_window_hold(&w, token[2]), 0);
    cr_expect_eq(hz_window_hold_all(&w, 4000), 1); /* the first; the last was sent at 4000 */
    cr_assert(hz_window_held(&w, &t));
    cr_expect_eq(t, token[0]);
    hz_window_sent(&w, t, 7000);
    cr_assert(hz_window_held(&w, &t));
    cr_expect_eq(t, token[2]);
    cr_expect_eq(w.held, 1);
    hz_window_ack(&w, token[0], 8000);
    cr_expect_eq(w.released, 12);
    hz_window_ack(&w, token[2], 8000); /* an ack of the first sending may still come */
    cr_expect_eq(w.released, 13);
    cr_expect_eq(w.held, 0);
    free(hz_window_remove(&w, token[3]));
    cr_expect_eq(w.n + w.bytes, 0);
    cr_expect(!hz_window_held(&w, &t));
    hz_window_done(&w);
}

Test(nats, window_is_bounded_and_measures)
{
    static struct hz_window w;
    hz_window_init(&w);
    uint64_t first = w.next;
    while (hz_window_room(&w))
        hz_window_add(&w, record(0), 1000000);
    cr_expect_eq(w.n, HZ_WINDOW);
    for (uint64_t i = 0; i < 100; i++)
        hz_window_ack(&w, first + i, 1000000 + (i + 1) * 1000000);
    cr_expect(hz_window_room(&w));
    cr_expect_float_eq(hz_window_time_ms(&w, 0.5), 50, 1.5);
    cr_expect_float_eq(hz_window_time_ms(&w, 0.99), 99, 1.5);
    hz_window_done(&w);
    cr_expect_eq(w.n, 0);
}
