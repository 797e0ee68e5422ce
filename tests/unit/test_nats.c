#include "daemon/bus/bucket.h"
#include "daemon/nats/nats.h"

#include <criterion/criterion.h>
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
