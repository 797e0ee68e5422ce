/* Names are looked up beside the loop, and one that is given up is nobody's business any more. */
#include "daemon/base/lookup.h"

#include <criterion/criterion.h>
#include <netinet/in.h>
#include <string.h>

struct answer {
    int calls, status;
    struct addrinfo *found;
};

static void on_done(void *ctx, int status, struct addrinfo *found)
{
    struct answer *a = ctx;
    a->calls++;
    a->status = status;
    a->found = found;
}

Test(lookup, gives_addresses_or_the_reason)
{
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct answer good = {0}, bad = {0};
    cr_assert_not_null(hz_lookup_start(&loop, "127.0.0.1", "1234", on_done, &good));
    cr_assert_not_null(hz_lookup_start(&loop, "127.0.0.1", "no such port", on_done, &bad));
    uv_run(&loop, UV_RUN_DEFAULT); /* returns when both are gone */
    cr_assert_eq(good.calls, 1);
    cr_assert_eq(good.status, 0);
    const struct sockaddr_in *in = (const void *)good.found->ai_addr;
    cr_assert_eq(in->sin_family, AF_INET);
    cr_assert_eq(ntohs(in->sin_port), 1234);
    freeaddrinfo(good.found);
    cr_assert_eq(bad.calls, 1);
    cr_assert_eq(bad.status, EAI_SERVICE);
    cr_assert_null(bad.found);
    cr_assert_eq(uv_loop_close(&loop), 0);
}

Test(lookup, one_that_is_given_up_says_nothing)
{
    uv_loop_t loop;
    uv_loop_init(&loop);
    struct answer a = {0};
    for (int i = 0; i < 50; i++) /* now before, now after the thread has its answer */
        hz_lookup_give_up(hz_lookup_start(&loop, "127.0.0.1", "1234", on_done, &a));
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_assert_eq(a.calls, 0);
    cr_assert_eq(uv_loop_close(&loop), 0);
}
