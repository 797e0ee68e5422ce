/* Order and bookkeeping of the path source → receiver → channels → bus, with decoders that write a
 * line for each thing done to them and take their time over it. */
#include "daemon/receive/receiver.h"
#include "daemon/source/recording.h"
#include "dsp/samples.h"
#include "proto/decoder.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 1000, BLOCKS = 40 };

/* ---- a decoder that tells what it was given --------------------------------------------- */

struct reporter {
    uint32_t sum;
};

static int reporter_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    (void)state;
    if (setup->rate_hz >= 1e6)
        return 0;
    snprintf(err, err_len, "rate %.0f is too low", setup->rate_hz);
    return -EINVAL;
}

static void report(struct hz_sink *sink, uint64_t sample, const char *what, uint32_t sum)
{
    uint8_t raw[4] = {(uint8_t)(sum >> 24), (uint8_t)(sum >> 16), (uint8_t)(sum >> 8),
                      (uint8_t)sum};
    struct hz_burst b = {.sample = sample, .offset_hz = NAN, .raw = raw, .raw_len = 4};
    hz_json_str(hz_sink_begin(sink, &b), "what", what);
    hz_sink_end(sink);
}

static void reporter_push(void *state, const struct hz_samples *s, struct hz_sink *sink)
{
    struct reporter *t = state;
    const uint8_t *p = s->data;
    /* work that differs from block to block, so that strands overtake each other */
    unsigned rounds = 1 + (unsigned)(s->first / BLOCK * 7 + (uintptr_t)sink / 64) % 50;
    uint32_t sum = 0;
    for (unsigned k = 0; k < rounds; k++) {
        sum = t->sum;
        for (size_t i = 0; i < s->n * hz_format_bytes(s->format); i++)
            sum = sum * 31 + p[i];
    }
    t->sum = sum;
    report(sink, s->first, "push", sum);
}

static void reporter_reset(void *state, struct hz_sink *sink)
{
    (void)state;
    report(sink, 0, "reset", 0);
}

static void reporter_flush(void *state, struct hz_sink *sink)
{
    report(sink, 0, "flush", ((struct reporter *)state)->sum);
}

static const struct hz_decoder teller = {
    .name = "teller",
    .title = "",
    .freqs_hz = (const double[]){100e6, 0},
    .state_size = sizeof(struct reporter),
    .init = reporter_init,
    .push = reporter_push,
    .reset = reporter_reset,
    .flush = reporter_flush,
};

static int narrow_init(void *state, const struct hz_setup *setup, char *err, size_t err_len)
{
    (void)state;
    (void)setup;
    (void)err;
    (void)err_len;
    return 0;
}

static void nothing(void *state)
{
    (void)state;
}

/* The same out of the band's spectra: its sums are over every bit of its samples. */
static const struct hz_decoder narrow = {
    .name = "narrow",
    .title = "",
    .input = HZ_INPUT_BASEBAND,
    .rate_min_hz = 48000,
    .rate_max_hz = 48000,
    .rate_hz = 48000,
    .bandwidth_hz = 25000,
    .freqs_hz = (const double[]){100e6, 0},
    .state_size = sizeof(struct reporter),
    .init = narrow_init,
    .push = reporter_push,
    .reset = reporter_reset,
    .flush = reporter_flush,
    .done = nothing,
};

/* ---- one run ---------------------------------------------------------------------------- */

struct run {
    uv_loop_t loop;
    struct hz_jobs jobs;
    struct hz_bus *bus;
    struct hz_receiver *receiver;
    char path[64];
    char *out; /* all lines */
    size_t len, lines;
    int status;
    char reason[256];
    const struct hz_decoder *decoder; /* NULL: teller */
    bool juggle;                      /* add and remove a channel while it runs */
    bool guest;
    uint64_t juggled;
    size_t removed;
    uv_idle_t idle;
};

static void close_all(struct run *r);

static void on_frame(void *ctx, const struct hz_frame *f)
{
    struct run *r = ctx;
    static const char guest[] = "\"channel\":\"guest\"";
    if (memmem(f->data, f->len, guest, sizeof guest - 1))
        return;
    const char *body = memchr(f->data, (int)',', f->len); /* without the sequence number */
    size_t n = f->len - (size_t)(body - f->data);
    r->out = realloc(r->out, r->len + n + 1);
    memcpy(r->out + r->len, body, n);
    r->len += n;
    r->out[r->len] = '\0';
    r->lines++;
}

/* Between two events of the loop, as a control request would. */
static void on_idle(uv_idle_t *h)
{
    struct run *r = h->data;
    uint64_t blocks = hz_receiver_stats(r->receiver)->blocks;
    if (blocks == r->juggled)
        return;
    r->juggled = blocks;
    struct hz_conf_channel guest = {.name = "guest", .decoder = r->decoder ? r->decoder : &teller};
    guest.freq_hz = 99.5e6 + 1e3 * (double)(blocks % 1000);
    r->guest = !r->guest;
    if (r->guest)
        cr_assert_eq(hz_receiver_add_channel(r->receiver, &guest), 0);
    else
        r->removed += hz_receiver_remove_channel(r->receiver, "guest") == 0;
}

static void on_closed(void *ctx)
{
    (void)ctx;
}

static void on_ended(void *ctx, struct hz_receiver *rx, int status, const char *reason)
{
    (void)rx;
    struct run *r = ctx;
    r->status = status;
    snprintf(r->reason, sizeof r->reason, "%s", reason);
    close_all(r);
}

static void close_all(struct run *r)
{
    hz_receiver_close(r->receiver, on_closed, NULL);
    hz_bus_close(r->bus);
    uv_close((uv_handle_t *)&r->idle, NULL);
}

static void write_file(struct run *r, size_t bytes)
{
    snprintf(r->path, sizeof r->path, "/tmp/hz-test-%d_100M_2400k.cu8", getpid());
    FILE *f = fopen(r->path, "wb");
    for (size_t i = 0; i < bytes; i++)
        fputc((int)((i * 2654435761u) >> 13 & 255), f);
    fclose(f);
}

static void play(struct run *r, int workers, size_t channels, size_t block, size_t bytes)
{
    hz_jobs_size_pool(4);
    write_file(r, bytes);
    uv_loop_init(&r->loop);
    hz_jobs_init(&r->jobs, &r->loop, workers);
    uv_idle_init(&r->loop, &r->idle);
    r->idle.data = r;
    if (r->juggle)
        uv_idle_start(&r->idle, on_idle);
    r->bus = hz_bus_new(&r->loop, 16, 65536, "test");
    hz_bus_tap(r->bus, on_frame, r);
    struct hz_conf_receiver *conf = hz_conf_receiver_new(&hz_file_kind, "rx");
    struct hz_conf_file *file = (struct hz_conf_file *)conf;
    cr_assert(file);
    free(file->path);
    file->path = strdup(r->path);
    conf->pace = HZ_PACE_MAX;
    struct hz_receiver_env env = {.loop = &r->loop,
                                  .jobs = &r->jobs,
                                  .bus = r->bus,
                                  .conf = conf,
                                  .block_samples = block,
                                  .once = true,
                                  .ended = on_ended,
                                  .ctx = r};
    r->receiver = hz_receiver_new(&env);
    hz_conf_receiver_free(conf);
    for (size_t i = 0; i < channels; i++) {
        struct hz_conf_channel c = {.decoder = r->decoder ? r->decoder : &teller};
        snprintf(c.name, sizeof c.name, "c%zu", i);
        cr_assert_eq(hz_receiver_add_channel(r->receiver, &c), 0);
    }
    hz_receiver_start(r->receiver);
    uv_run(&r->loop, UV_RUN_DEFAULT);
    hz_jobs_close(&r->jobs);
    cr_assert_eq(uv_loop_close(&r->loop), 0);
    unlink(r->path);
}

Test(receiver, a_replay_gives_the_same_bytes_with_any_number_of_workers, .timeout = 60)
{
    struct run one = {0}, four = {0};
    play(&one, 1, 5, BLOCK, 2 * BLOCK * BLOCKS);
    play(&four, 4, 5, BLOCK, 2 * BLOCK * BLOCKS);
    cr_assert_eq(one.lines, 5 * (BLOCKS + 1));
    cr_assert_str_eq(one.out, four.out);
    cr_assert_eq(one.status, 0);
    free(one.out);
    free(four.out);
}

/* Three turns and a bit: in each, what the first channel found, then the second, then the third,
 * whatever the blocks were. */
static void turn_then_channel(size_t block)
{
    enum { TURN = 131072, TURNS = 4 };
    struct run r = {0};
    play(&r, 4, 3, block, 2 * (TURN * (TURNS - 1) + 100));
    const char *p = r.out;
    for (size_t turn = 0; turn < TURNS; turn++) {
        size_t lines = turn == TURNS - 1 ? 2 : (TURN + block - 1) / block; /* 2: and the flush */
        for (size_t i = 0; i < 3 * lines; i++, p = strchr(p, '\n') + 1) {
            bool flush = turn == TURNS - 1 && i % lines == 1;
            size_t first = flush ? 0 : turn * TURN + i % lines * block;
            char line[512], expected[100];
            snprintf(line, sizeof line, "%.*s", (int)strcspn(p, "\n"), p);
            snprintf(expected, sizeof expected, "\"channel\":\"c%zu\"", i / lines);
            cr_assert(strstr(line, expected), "%zu %zu: %s", turn, i, line);
            snprintf(expected, sizeof expected, "\"sample\":%zu,", first);
            cr_assert(strstr(line, expected), "%zu %zu: %s", turn, i, line);
            cr_assert(strstr(line, flush ? "flush" : "push"));
        }
    }
    cr_assert_eq(*p, '\0');
    free(r.out);
}

Test(receiver, turn_then_channel_is_the_order, .timeout = 60)
{
    turn_then_channel(131072);
    turn_then_channel(50000);
}

Test(receiver, channels_that_come_and_go_disturb_nobody, .timeout = 60)
{
    struct run quiet = {0}, busy = {.juggle = true};
    play(&quiet, 2, 2, BLOCK, 2 * BLOCK * 1000);
    play(&busy, 2, 2, BLOCK, 2 * BLOCK * 1000);
    cr_assert_gt(busy.removed, 60, "%zu", busy.removed);
    cr_assert_str_eq(quiet.out, busy.out);
    free(quiet.out);
    free(busy.out);
}

/* Some hundred times (blocks come several in one turn of the loop), at other frequencies each time.
 */
Test(receiver, narrow_channels_that_come_and_go_disturb_nobody, .timeout = 120)
{
    struct run quiet = {.decoder = &narrow}, busy = {.decoder = &narrow, .juggle = true};
    play(&quiet, 2, 2, BLOCK, 2 * BLOCK * 4400);
    play(&busy, 2, 2, BLOCK, 2 * BLOCK * 4400);
    cr_assert_gt(busy.removed, 300, "%zu", busy.removed);
    cr_assert_gt(quiet.lines, 80);
    cr_assert_str_eq(quiet.out, busy.out);
    free(quiet.out);
    free(busy.out);
}

Test(receiver, a_recording_without_channels_is_played_to_its_end, .timeout = 60)
{
    struct run r = {0};
    play(&r, 2, 0, BLOCK, 2 * BLOCK * BLOCKS);
    cr_assert_eq(r.status, 0);
    cr_assert_eq(r.lines, 0);
}

Test(receiver, bytes_that_make_no_whole_sample_are_left_out, .timeout = 60)
{
    struct run even = {0}, odd = {0};
    play(&even, 1, 1, BLOCK, 2 * BLOCK * 2);
    play(&odd, 1, 1, BLOCK, 2 * BLOCK * 2 + 1);
    cr_assert_str_eq(even.out, odd.out);
    free(even.out);
    free(odd.out);
}
