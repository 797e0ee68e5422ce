/* What a reader of the bus gets, and what it is told that it missed. */
#include "daemon/bus/cursor.h"
#include "proto/registry.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static uv_loop_t loop;
static struct hz_bus *bus;
static struct hz_topic *adsb, *ais, *voice;
static struct hz_cursor cursor;
static char err[256];

static void begin(size_t frames)
{
    uv_loop_init(&loop);
    bus = hz_bus_new(&loop, frames, 1 << 20, "0123456789abcdef");
    adsb = hz_topic_new("roof", "1090", "adsb");
    ais = hz_topic_new("roof", "marine", "ais");
    voice = hz_topic_new("roof", "repeater", "nfm");
    hz_cursor_init(&cursor, bus);
}

static void end(void)
{
    hz_cursor_done(&cursor);
    hz_bus_close(bus);
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_assert_eq(uv_loop_close(&loop), 0);
    hz_topic_unref(adsb);
    hz_topic_unref(ais);
    hz_topic_unref(voice);
}

static void tell(struct hz_topic *topic)
{
    hz_bus_publish_json(bus, HZ_KIND_MESSAGE, topic, 0, "\"n\":1", 5);
}

static void speak(void)
{
    static const uint8_t pcm[3200];
    struct hz_record r = {.kind = HZ_KIND_AUDIO,
                          .rate_hz = 16000,
                          .raw = pcm,
                          .raw_len = sizeof pcm,
                          .json = "\"n\":1",
                          .json_len = 5};
    hz_bus_publish(bus, hz_frame_new(voice, &r, "", 0));
}

static void subscribe(const char *words)
{
    struct hz_subscription s;
    cr_assert_eq(hz_subscription_from_query(&s, hz_decoders, words, strlen(words), err, sizeof err),
                 0, "%s", err);
    cr_assert_eq(hz_cursor_subscribe(&cursor, &s, err, sizeof err), 0, "%s", err);
}

/* Reads all; returns how many, with the seq of the first and last. */
static size_t read_all(uint64_t *first, uint64_t *last)
{
    size_t n = 0;
    int looks = 1000000;
    struct hz_frame *f;
    while ((f = hz_cursor_next(&cursor, &looks))) {
        *first = n++ ? *first : f->seq;
        *last = f->seq;
    }
    return n;
}

static uint64_t missed(enum hz_log log)
{
    struct hz_cursor_gap gap;
    hz_cursor_gap(&cursor, &gap);
    return gap.missed[log];
}

/* Twenty minutes of a busy sky do not push out the ships of this night. */
Test(cursor, a_protocol_with_many_messages_does_not_push_out_one_with_few)
{
    uint64_t first = 0, last = 0;
    begin(100);
    for (int i = 0; i < 5000; i++) {
        tell(adsb);
        if (i % 125 == 0)
            tell(ais);
    }
    cr_expect_eq(hz_bus_counts(bus).frames, 100);
    subscribe("protocol=ais&since=0");
    cr_expect_eq(missed(HZ_LOG_MESSAGES), 0);
    cr_expect_eq(read_all(&first, &last), 40);
    cr_expect_eq(first, 2);
    subscribe("since=0");
    cr_expect_eq(missed(HZ_LOG_MESSAGES), 5040 - 100);
    cr_expect_eq(read_all(&first, &last), 100);
    cr_expect_eq(last, 5040);
    end();
}

/* A client that gets no speech can check by seq that nothing is missing. */
Test(cursor, speech_pushes_out_nothing_and_leaves_no_hole)
{
    uint64_t first = 0, last = 0;
    begin(100);
    tell(ais);
    for (int i = 0; i < 2000; i++)
        speak();
    tell(ais);
    subscribe("since=0");
    cr_expect_eq(missed(HZ_LOG_MESSAGES), 0);
    cr_expect_eq(read_all(&first, &last), 2);
    cr_expect_eq(first, 1);
    cr_expect_eq(last, 2);
    end();
}

Test(cursor, speech_is_numbered_by_itself_and_its_loss_is_told_apart)
{
    struct hz_cursor_gap gap;
    char text[HZ_GAP_LINE_MAX];
    int looks = 10;
    begin(100);
    subscribe("kind=message,audio");
    tell(ais);
    for (int i = 0; i < 2000; i++)
        speak();
    cr_assert(hz_cursor_gap(&cursor, &gap));
    cr_expect_eq(gap.missed[HZ_LOG_MESSAGES], 0);
    cr_expect_gt(gap.missed[HZ_LOG_AUDIO], 1000);
    text[hz_cursor_gap_line(&cursor, &gap, text)] = '\0';
    cr_expect(strstr(text, "\"missed\":0,\"missed_audio\":1"), "%s", text);
    uint64_t gone = gap.missed[HZ_LOG_AUDIO];
    cr_assert_not(hz_cursor_gap(&cursor, &gap), "told once");
    struct hz_frame *f = hz_cursor_next(&cursor, &looks);
    cr_expect_eq(f->rec.kind, HZ_KIND_MESSAGE, "in the order of publication");
    f = hz_cursor_next(&cursor, &looks);
    cr_assert_null(f->data, "no text before somebody wants it");
    cr_assert(hz_frame_print(f));
    snprintf(text, sizeof text, "{\"audio_seq\":%llu,\"kind\":\"audio\",\"n\":1,\"data\":\"AAAA",
             (unsigned long long)f->seq);
    cr_expect_eq(strncmp(f->data, text, strlen(text)), 0, "%.80s", f->data);
    cr_expect_eq(f->seq, gone + 1);
    end();
}

Test(cursor, who_reads_slowly_is_told_exactly_what_it_missed)
{
    uint64_t first = 0, last = 0, got = 0, gone = 0;
    begin(50);
    for (int round = 0; round < 40; round++) {
        for (int i = 0; i < 7 + 5 * round; i++)
            tell(i % 3 ? adsb : ais);
        gone += missed(HZ_LOG_MESSAGES);
        got += read_all(&first, &last);
    }
    cr_expect_gt(gone, 0);
    cr_expect_eq(got + gone, hz_bus_next(bus) - 1);
    end();
}

Test(cursor, a_new_filter_goes_on_from_where_the_old_one_was)
{
    uint64_t first = 0, last = 0;
    begin(100);
    subscribe("protocol=ais");
    tell(adsb);
    tell(ais);
    cr_expect_eq(read_all(&first, &last), 1);
    tell(ais);
    tell(adsb);
    cr_expect_eq(hz_cursor_seq(&cursor), 3);
    subscribe("protocol=adsb");
    cr_expect_eq(read_all(&first, &last), 1);
    cr_expect_eq(first, 4, "not the one that came before");
    subscribe("since=1&stream=0123456789abcdef");
    cr_expect_eq(hz_cursor_seq(&cursor), 2);
    cr_expect_eq(read_all(&first, &last), 3);
    end();
}

Test(cursor, copies_have_numbers_of_their_own)
{
    uint64_t first = 0, last = 0;
    begin(100);
    tell(ais);
    hz_bus_publish_json(bus, HZ_KIND_REPEAT, ais, 0, "\"n\":1", 5);
    hz_bus_publish_json(bus, HZ_KIND_REPEAT, ais, 0, "\"n\":1", 5);
    tell(ais);
    cr_expect_eq(read_all(&first, &last), 2);
    cr_expect_eq(last, 2);
    subscribe("kind=repeat&since=0");
    cr_expect_eq(read_all(&first, &last), 2);
    cr_expect_eq(last, 2);
    end();
}

Test(cursor, many_protocols_share_what_there_is)
{
    uint64_t first = 0, last = 0;
    begin(1000);
    for (int i = 0; i < 60; i++) {
        char name[16];
        snprintf(name, sizeof name, "p%d", i);
        struct hz_topic *t = hz_topic_new("roof", name, name);
        tell(t);
        hz_topic_unref(t);
    }
    speak();
    cr_expect_leq(hz_bus_parts(bus), HZ_BUS_PARTS);
    cr_expect_eq(read_all(&first, &last), 60);
    end();
}

Test(cursor, what_nobody_announced_is_not_known)
{
    begin(10);
    cr_expect_not(hz_bus_knows(bus, HZ_WORD_CHANNEL, "marine"));
    hz_bus_announce(bus, ais);
    cr_expect(hz_bus_knows(bus, HZ_WORD_CHANNEL, "marine"));
    cr_expect(hz_bus_knows(bus, HZ_WORD_PROTOCOL, "ais"));
    cr_expect_not(hz_bus_knows(bus, HZ_WORD_RECEIVER, "yard"));
    hz_bus_withdraw(ais);
    cr_expect_not(hz_bus_knows(bus, HZ_WORD_CHANNEL, "marine"));
    hz_bus_announce(bus, ais); /* closed with it */
    end();
}
