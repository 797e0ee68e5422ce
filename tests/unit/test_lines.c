#include "tests/unit/lines.h"

#include "daemon/serve/client.h"

#include <sys/resource.h>

enum { BIG = 200000 };

Test(lines, hello_and_then_every_frame_from_there_on)
{
    open_lines(100, 4);
    wire_publish(&w, w.adsb, 0);
    int fd = wire_connect(port);
    expect(fd, HELLO("2"));
    wire_publish(&w, w.adsb, 1);
    wire_publish(&w, w.ais, 2);
    expect(fd, "{\"seq\":2,\"kind\":\"message\",\"n\":1}");
    expect(fd, "{\"seq\":3,\"kind\":\"message\",\"n\":2}");
    close(fd);
    wire_await_clients(&w, 0);
    wire_close(&w);
}

/* RFC 9293, section 3.6: a client that ends its own direction (nc -N) still listens. */
Test(lines, a_half_closed_client_goes_on_until_it_is_gone)
{
    open_lines(100, 4);
    int fd = wire_connect(port);
    expect(fd, HELLO("1"));
    wire_send(&w, fd, "{\"subscribe\":{\"receiver\":[\"yard\",\"roof\"],\"protocol\":\"ais\"}}\n");
    expect(fd, ACK("1"));
    shutdown(fd, SHUT_WR);
    for (int i = 0; i < 10; i++)
        wire_iterate(&w);
    wire_publish(&w, w.adsb, 1);
    wire_publish(&w, w.ais, 2);
    expect(fd, "{\"seq\":2,\"kind\":\"message\",\"n\":2}");
    wire_publish(&w, w.ais, 3);
    expect(fd, "{\"seq\":3,\"kind\":\"message\",\"n\":3}");
    close(fd);
    wire_publish(&w, w.ais, 4);
    wire_await_clients(&w, 0);
    wire_close(&w);
}

Test(lines, a_filter_and_its_replacement)
{
    open_lines(100, 4);
    for (int i = 0; i < 4; i++)
        wire_publish(&w, i % 2 ? w.ais : w.adsb, i);
    int fd = wire_connect(port);
    expect(fd, HELLO("5"));
    wire_send(&w, fd, "\n\r\n{\"subscribe\":{\"receiver\":[\"yard\"],\"since\":0}}\r\n");
    expect(fd, ACK("1"));
    expect(fd, "{\"seq\":2,\"kind\":\"message\",\"n\":1}");
    expect(fd, "{\"seq\":4,\"kind\":\"message\",\"n\":3}");
    wire_send(&w, fd, "{\"subscribe\":{\"channel\":\"1090\",\"since\":0}}\n");
    expect(fd, ACK("1"));
    expect(fd, "{\"seq\":1,\"kind\":\"message\",\"n\":0}");
    expect(fd, "{\"seq\":3,\"kind\":\"message\",\"n\":2}");
    wire_publish(&w, w.ais, 5);
    wire_publish(&w, w.adsb, 6);
    expect(fd, "{\"seq\":6,\"kind\":\"message\",\"n\":6}");
    close(fd);
    wire_close(&w);
}

Test(lines, resume_tells_what_has_left_the_log)
{
    open_lines(5, 4);
    for (int i = 1; i <= 12; i++)
        wire_publish(&w, w.adsb, i);
    int fd = wire_connect(port);
    expect(fd, HELLO("13"));
    wire_send(&w, fd, "{\"subscribe\":{\"stream\":\"" WIRE_STREAM "\",\"since\":10}}\n");
    expect(fd, ACK("11"));
    expect(fd, "{\"seq\":11,\"kind\":\"message\",\"n\":11}");
    expect(fd, "{\"seq\":12,\"kind\":\"message\",\"n\":12}");
    wire_send(&w, fd, "{\"subscribe\":{\"stream\":\"" WIRE_STREAM "\",\"since\":4}}\n");
    expect(fd, ACK("5"));
    expect(fd, "{\"kind\":\"gap\",\"missed\":3}");
    expect(fd, "{\"seq\":8,\"kind\":\"message\",\"n\":8}");
    cr_assert_eq(wire_count(&w, "json", "missed"), 3);
    close(fd);
    wire_close(&w);
}

Test(lines, resume_after_a_restart_tells_that_the_stream_ended_and_sends_all_of_this_one)
{
    open_lines(5, 4);
    for (int i = 1; i <= 7; i++)
        wire_publish(&w, w.adsb, i);
    int fd = wire_connect(port);
    expect(fd, HELLO("8"));
    wire_send(&w, fd, "{\"subscribe\":{\"stream\":\"beef\",\"since\":4000}}\n");
    expect(fd, ACK("3"));
    expect(fd, "{\"kind\":\"gap\",\"missed\":2,\"ended\":\"beef\"}");
    expect(fd, "{\"seq\":3,\"kind\":\"message\",\"n\":3}");
    close(fd);
    wire_close(&w);
}

/* What a client asks for is all that it gets: nothing flows before its line. */
Test(lines, the_stream_begins_with_the_first_line)
{
    open_lines(100, 4);
    int fd = wire_connect(port);
    expect(fd, HELLO("1"));
    wire_publish(&w, w.adsb, 1);
    wire_publish(&w, w.ais, 2);
    for (int i = 0; i < 10; i++)
        wire_iterate(&w);
    wire_send(&w, fd, "{\"subscribe\":{\"protocol\":\"ais\"}}\n");
    expect(fd, ACK("1"));
    expect(fd, "{\"seq\":2,\"kind\":\"message\",\"n\":2}");
    close(fd);
    wire_close(&w);
}

Test(lines, an_empty_line_or_silence_begins_it_with_all_since_the_hello)
{
    open_lines(100, 4);
    int silent = wire_connect(port), ready = wire_connect(port);
    expect(silent, HELLO("1"));
    expect(ready, HELLO("1"));
    wire_publish(&w, w.adsb, 1);
    wire_send(&w, ready, "\n");
    expect(ready, "{\"seq\":1,\"kind\":\"message\",\"n\":1}");
    expect(silent, "{\"seq\":1,\"kind\":\"message\",\"n\":1}");
    close(silent);
    close(ready);
    wire_close(&w);
}

Test(lines, names_that_nobody_has_are_told_and_accepted)
{
    open_lines(100, 4);
    int fd = wire_connect(port);
    expect(fd, HELLO("1"));
    wire_send(&w, fd,
              "{\"subscribe\":{\"channel\":[\"1090\",\"late\"],\"receiver\":[\"barn\","
              "\"roof\"],\"protocol\":[\"adsb\",\"nfm\"]}}\n");
    expect(fd, "{\"kind\":\"subscribed\",\"stream\":\"" WIRE_STREAM "\",\"seq\":1,\"unknown\":{"
               "\"protocol\":[\"nfm\"],\"channel\":[\"late\"],\"receiver\":[\"barn\"]}}");
    struct hz_topic *late = hz_topic_new("roof", "late", "adsb");
    wire_publish(&w, late, 1);
    expect(fd, "{\"seq\":1,\"kind\":\"message\",\"n\":1}");
    hz_topic_unref(late);
    close(fd);
    wire_close(&w);
}

static void refused(const char *bytes, size_t n, const char *answer)
{
    double bad = wire_count(&w, "json", "bad_requests");
    int other = wire_connect(port), fd = wire_connect(port);
    cr_assert_neq(wire_line(&w, other)[0], '\0');
    cr_assert_neq(wire_line(&w, fd)[0], '\0');
    wire_send_bytes(&w, fd, bytes, n);
    expect(fd, answer);
    expect(fd, "");
    cr_assert_eq(wire_count(&w, "json", "bad_requests"), bad + 1);
    wire_publish(&w, w.adsb, 7);
    cr_assert(strstr(wire_line(&w, other), "\"n\":7"), "another client notices nothing");
    close(fd);
    close(other);
    wire_await_clients(&w, 0);
}

#define REFUSED(text, answer) refused(text, strlen(text), answer)

Test(lines, bad_lines_end_the_client_with_the_reason)
{
    open_lines(100, 4);
    REFUSED("{\n", "{\"kind\":\"error\",\"error\":\"not JSON: expected {\\\"subscribe\\\":"
                   "{...}}\"}");
    REFUSED("{\"subscribe\":{\"channel\":\"\xff\"}}\n",
            "{\"kind\":\"error\",\"error\":\"channel \\\"\xef\xbf\xbd\\\": "
            "a name has letters, digits, - _ . only\"}");
    wire_close(&w);
}

Test(lines, more_bad_lines)
{
    open_lines(100, 4);
    REFUSED("{\"subscribe\":{\"stream\":\"" WIRE_STREAM "\",\"since\":9}}\n",
            "{\"kind\":\"error\",\"error\":\"since 9: the last seq of this stream is 0\"}");
    char *big = malloc(BIG);
    memset(big, ' ', BIG);
    refused(big, BIG, "{\"kind\":\"error\",\"error\":\"the line is over 64 KiB\"}");
    free(big);
    wire_close(&w);
}

/* Empty lines are passed over in one piece, so that a flood of them costs next to nothing. */
Test(lines, empty_lines_are_one_piece_of_input)
{
    static char text[HZ_LINE_MAX];
    struct hz_client c = {.state = HZ_CLIENT_OPEN};
    struct hz_client_line line;
    memset(text, '\n', sizeof text);
    cr_expect(!hz_client_line(&c, text, sizeof text, &line));
    cr_expect_eq(line.used, sizeof text);
    memcpy(text + 100, "\r\n\r\nab\r\n\r", 10);
    cr_expect(hz_client_line(&c, text, 109, &line));
    cr_expect(line.at == 104 && line.len == 2 && line.used == 108 && line.ended);
    cr_expect(!hz_client_line(&c, text + 108, 1, &line), "a lone CR may become the end of a line");
    cr_expect_eq(line.used, 0);
    cr_expect(!hz_client_line(&c, text + 99, 6, &line));
    cr_expect_eq(line.used, 5, "what is not complete stays");
}

Test(lines, a_line_without_an_end_is_told)
{
    open_lines(100, 4);
    int fd = wire_connect(port);
    expect(fd, HELLO("1"));
    wire_send(&w, fd, "{\"subscribe\":");
    shutdown(fd, SHUT_WR);
    expect(fd, "{\"kind\":\"error\",\"error\":\"the line has no end\"}");
    expect(fd, "");
    close(fd);
    wire_close(&w);
}

Test(lines, over_the_limit_is_refused_with_the_reason)
{
    open_lines(100, 2);
    int a = wire_connect(port), b = wire_connect(port);
    expect(a, HELLO("1"));
    expect(b, HELLO("1"));
    int c = wire_connect(port);
    expect(c, "{\"kind\":\"error\",\"error\":\"too many clients: 2 of 2 (max_clients of listen "
              "json)\"}");
    expect(c, "");
    cr_assert_eq(wire_count(&w, "json", "refused"), 1);
    cr_assert_eq(wire_count(&w, "json", "accepted"), 2);
    close(a);
    wire_await_clients(&w, 1);
    int d = wire_connect(port);
    cr_assert(strstr(wire_line(&w, d), "\"kind\":\"hello\""));
    close(b);
    close(c);
    close(d);
    wire_close(&w);
}

static void fill_body(char body[1200])
{
    static const char start[] = "\"x\":\"";
    memset(body, 'x', 1200);
    memcpy(body, start, sizeof start - 1);
    body[1199] = '"';
}

/* The socket's own buffers are filled first, then the log overtakes the client. */
Test(lines, a_slow_client_is_told_what_it_missed_and_holds_up_nobody)
{
    enum { N = 40000 };
    open_lines(1000, 4);
    int slow = wire_connect(port), fast = wire_connect(port);
    expect(slow, HELLO("1"));
    expect(fast, HELLO("1"));
    wire_send(&w, slow, "\n");
    wire_send(&w, fast, "\n");
    for (int i = 0; i < 10; i++)
        wire_iterate(&w);
    char body[1200], drop[1 << 16];
    fill_body(body);
    size_t fast_bytes = 0;
    for (int i = 0; i < N; i++) {
        hz_bus_publish_json(w.bus, HZ_KIND_MESSAGE, w.adsb, 0, body, sizeof body);
        if (i % 50 == 49) {
            wire_iterate(&w);
            ssize_t n;
            while ((n = recv(fast, drop, sizeof drop, 0)) > 0)
                fast_bytes += (size_t)n;
        }
    }
    hz_bus_publish_json(w.bus, HZ_KIND_STATE, w.adsb, 0, "", 0);
    uint64_t next = 1, gaps = 0, missed = 0;
    while (next <= N + 1) {
        cJSON *line = cJSON_Parse(wire_line(&w, slow));
        cr_assert_not_null(line);
        const cJSON *seq = cJSON_GetObjectItem(line, "seq");
        if (seq) {
            cr_assert_eq((uint64_t)seq->valuedouble, next, "no frame missing but those told");
            next++;
        } else {
            uint64_t n = (uint64_t)cJSON_GetObjectItem(line, "missed")->valuedouble;
            gaps++;
            missed += n;
            next += n;
        }
        cJSON_Delete(line);
    }
    cr_assert_geq(gaps, 1);
    cr_assert_geq(missed, 1000);
    cr_assert_eq(wire_count(&w, "json", "missed"), (double)missed);
    cr_assert_gt(fast_bytes, (size_t)N * 1200, "the fast one got everything meanwhile");
    cr_assert_eq(wire_count(&w, "json", "closed_slow"), 0);
    close(slow);
    close(fast);
    wire_close(&w);
}

Test(lines, who_is_overtaken_and_takes_nothing_for_10_s_is_closed, .timeout = 30)
{
    open_lines(100, 4);
    int slow = wire_connect(port), idle = wire_connect(port);
    expect(slow, HELLO("1"));
    expect(idle, HELLO("1"));
    wire_send(&w, slow, "\n");
    for (int i = 0; i < 10; i++)
        wire_iterate(&w);
    wire_send(&w, idle, "{\"subscribe\":{\"channel\":\"marine\"}}\n");
    char body[1200];
    fill_body(body);
    for (int i = 0; i < 20000; i++) {
        hz_bus_publish_json(w.bus, HZ_KIND_MESSAGE, w.adsb, 0, body, sizeof body);
        if (i % 20 == 19)
            wire_iterate(&w);
    }
    uint64_t start = uv_hrtime();
    while (wire_count(&w, "json", "closed_slow") != 1 && uv_hrtime() - start < 2 * WIRE_LIMIT) {
        poll(NULL, 0, 20);
        wire_iterate(&w);
    }
    cr_assert_geq(uv_hrtime() - start, 9000000000ull);
    cr_assert_eq(wire_count(&w, "json", "closed_slow"), 1);
    cr_assert_eq(hz_listeners_clients(w.listeners), 1, "who waits for nothing is no slow client");
    wire_publish(&w, w.ais, 1);
    const char *line;
    while (line = wire_line(&w, idle), !strstr(line, "\"n\":1}"))
        cr_assert_neq(line[0], '\0');
    close(slow);
    close(idle);
    wire_close(&w);
}

Test(lines, closing_sends_what_is_left_and_ends_the_stream)
{
    open_lines(10000, 4);
    int fd = wire_connect(port);
    expect(fd, HELLO("1"));
    for (int i = 1; i <= 5000; i++)
        wire_publish(&w, w.adsb, i);
    hz_listeners_close(w.listeners, 5000, wire_done, &w.closed);
    const char *text = wire_rest(&w, fd);
    cr_assert(strstr(text, "\"n\":5000}"));
    close(fd);
    uint64_t start = uv_hrtime();
    while (!w.closed && uv_hrtime() - start < WIRE_LIMIT)
        uv_run(&w.loop, UV_RUN_ONCE);
    cr_assert(w.closed);
    hz_bus_close(w.bus);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    hz_jobs_close(&w.jobs);
    cr_assert_eq(uv_loop_close(&w.loop), 0);
    hz_topic_unref(w.adsb);
    hz_topic_unref(w.ais);
}
