/* A dongle whose capture thread cannot be made: opening fails with the reason, and leaves nothing
 * behind. */
#include "daemon/source/source.h"

#include <criterion/criterion.h>
#include <string.h>
#include <sys/resource.h>

static void on_event(void *ctx)
{
    (void)ctx;
    cr_expect(false, "a source that did not open has no events");
}

static void on_end(void *ctx, int status, const char *reason)
{
    (void)status;
    (void)reason;
    on_event(ctx);
}

Test(rtlsdr, without_a_thread_does_not_open, .timeout = 60)
{
    const struct hz_source_events events = {.started = on_event, .ended = on_end};
    struct hz_conf_receiver *conf = hz_conf_receiver_new(&hz_rtlsdr_kind, "rx");
    struct hz_source *src = NULL;
    struct rlimit limit;
    uv_loop_t loop;
    char err[200] = "";
    cr_assert(conf);
    uv_loop_init(&loop);
    conf->rate_hz = 2.4e6;
    /* libuv gives a thread a stack of this size: more than there are addresses */
    cr_assert_eq(getrlimit(RLIMIT_STACK, &limit), 0);
    limit.rlim_cur = (rlim_t)1 << 60;
    if (setrlimit(RLIMIT_STACK, &limit) != 0)
        cr_skip_test("the limit of the stack cannot be raised here");
    struct hz_source env = {.ops = &hz_source_rtlsdr,
                            .conf = conf,
                            .tuning = hz_tuning_of(conf),
                            .loop = &loop,
                            .events = &events};
    int rc = hz_source_rtlsdr.open(&src, &env, err, sizeof err);
    cr_expect_lt(rc, 0, "%d", rc);
    cr_expect_null(src);
    cr_expect_neq(strstr(err, "thread"), NULL, "%s", err);
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_expect_eq(uv_loop_close(&loop), 0);
    hz_conf_receiver_free(conf);
}
