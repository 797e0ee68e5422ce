#include "tests/unit/wire.h"

#include "daemon/serve/listener_own.h"
#include "daemon/serve/listing.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct wire w;
static char dir[32], path[64];

static void open_rpc(size_t frames)
{
    char err[256] = "";
    wire_open(&w, frames);
    snprintf(dir, sizeof dir, "/tmp/hz-rpc-XXXXXX");
    cr_assert_not_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/sock", dir);
    cr_assert_eq(wire_listen_unix(&w, path, err, sizeof err), 0, "%s", err);
}

static void close_rpc(void)
{
    wire_close(&w);
    cr_assert_neq(access(path, F_OK), 0, "the socket file goes with its listener");
    cr_assert_eq(rmdir(dir), 0);
}

static void ask(int fd, const char *line, const char *answer)
{
    wire_send(&w, fd, line);
    cr_assert_str_eq(wire_line(&w, fd), answer);
}

Test(rpc, answers_and_echoes_the_id)
{
    open_rpc(10);
    int fd = wire_connect_unix(path);
    ask(fd, "{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"params\":{\"a\":[1]},\"id\":1}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"a\":[1]}}");
    ask(fd, " {\"id\":\"x\\\"y\",\"jsonrpc\":\"2.0\",\"method\":\"echo\"} \r\n",
        "{\"jsonrpc\":\"2.0\",\"id\":\"x\\\"y\",\"result\":null}");
    ask(fd, "{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"id\":null}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"result\":null}");
    /* A notification is carried out and not answered. */
    ask(fd,
        "\n{\"jsonrpc\":\"2.0\",\"method\":\"echo\"}\n{\"jsonrpc\":\"2.0\",\"method\":\"fail\"}\n"
        "{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"id\":2.5}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":2.5,\"result\":null}");
    close(fd);
    close_rpc();
}

Test(rpc, errors_have_their_codes_and_leave_the_connection_open)
{
    static const struct {
        const char *line;
        int code;
        const char *id, *message;
    } cases[] = {
        {"{", -32700, "null", "not JSON"},
        {"{} {}", -32700, "null", "not JSON"},
        {"\xff", -32700, "null", "not JSON"},
        {"7", -32600, "null", "expected an object"},
        {"[{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"id\":1}]", -32600, "null", "batches"},
        {"{\"method\":\"echo\",\"id\":3}", -32600, "3", "jsonrpc"},
        {"{\"jsonrpc\":\"1.0\",\"method\":\"echo\",\"id\":3}", -32600, "3", "2.0"},
        {"{\"jsonrpc\":\"2.0\",\"id\":3}", -32600, "3", "method"},
        {"{\"jsonrpc\":\"2.0\",\"method\":7,\"id\":3}", -32600, "3", "method"},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"id\":[]}", -32600, "null", "id"},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"params\":7,\"id\":3}", -32600, "3", "params"},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"nope\",\"id\":\"\xff\"}", -32601, "\"\xef\xbf\xbd\"",
         "no such method"},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"wrong\",\"id\":3}", -32602, "3", "no \\\"x\\\""},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"fail\",\"id\":3}", -32000, "3", "receiver roof"},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"subscribe\",\"params\":{\"x\":1},\"id\":3}", -32602,
         "3", "unknown word"},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"subscribe\",\"params\":[],\"id\":3}", -32602, "3",
         "expected an object"},
    };
    open_rpc(10);
    int fd = wire_connect_unix(path);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char begin[128];
        wire_send(&w, fd, cases[i].line);
        wire_send(&w, fd, "\n");
        const char *line = wire_line(&w, fd);
        snprintf(begin, sizeof begin,
                 "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":%d,\"message\":\"",
                 cases[i].id, cases[i].code);
        cr_assert_eq(strncmp(line, begin, strlen(begin)), 0, "%s: %s", cases[i].line, line);
        cr_assert(strstr(line, cases[i].message), "%s: %s", cases[i].line, line);
    }
    cr_assert_eq(wire_count(&w, "control", "bad_requests"), sizeof cases / sizeof *cases);
    close(fd);
    close_rpc();
}

Test(rpc, subscribe_streams_notifications_between_answers)
{
    open_rpc(3);
    for (int i = 1; i <= 5; i++)
        wire_publish(&w, w.adsb, i);
    int fd = wire_connect_unix(path);
    ask(fd,
        "{\"jsonrpc\":\"2.0\",\"method\":\"subscribe\",\"params\":{\"protocol\":\"adsb\","
        "\"since\":1,\"stream\":\"" WIRE_STREAM "\"},\"id\":1}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"kind\":\"hello\",\"schema\":1,\"version\":"
        "\"" HZ_VERSION "\",\"stream\":\"" WIRE_STREAM
        "\",\"seq\":6,\"subscribed\":" ACK("2") "}}");
    static const char *const frames[] = {
        "{\"kind\":\"gap\",\"missed\":1}", "{\"seq\":3,\"kind\":\"message\",\"n\":3}",
        "{\"seq\":4,\"kind\":\"message\",\"n\":4}", "{\"seq\":5,\"kind\":\"message\",\"n\":5}"};
    char line[256];
    for (int i = 0; i < 4; i++) {
        snprintf(line, sizeof line, "{\"jsonrpc\":\"2.0\",\"method\":\"frame\",\"params\":%s}",
                 frames[i]);
        cr_assert_str_eq(wire_line(&w, fd), line);
    }
    ask(fd, "{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"id\":2}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":null}");
    /* Again, without since: another filter, the same place. */
    wire_send(&w, fd,
              "{\"jsonrpc\":\"2.0\",\"method\":\"subscribe\",\"params\":{\"receiver\":\"yard\"},"
              "\"id\":3}\n");
    cr_assert(strstr(wire_line(&w, fd), "\"id\":3,\"result\":{\"kind\":\"hello\""));
    wire_publish(&w, w.adsb, 6);
    wire_publish(&w, w.ais, 7);
    cr_assert(strstr(wire_line(&w, fd), "{\"seq\":7,"));
    close(fd);
    close_rpc();
}

Test(rpc, a_line_over_the_limit_ends_the_client)
{
    enum { BIG = 100000 };
    open_rpc(10);
    int fd = wire_connect_unix(path);
    char *big = malloc(BIG);
    memset(big, ' ', BIG);
    wire_send_bytes(&w, fd, big, BIG);
    free(big);
    cr_assert(strstr(wire_line(&w, fd), "over 64 KiB"));
    cr_assert_str_eq(wire_line(&w, fd), "");
    close(fd);
    close_rpc();
}

Test(rpc, half_a_request_at_the_end_is_answered_too)
{
    open_rpc(10);
    int fd = wire_connect_unix(path);
    wire_send(&w, fd, "{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"id\":1}");
    shutdown(fd, SHUT_WR);
    cr_assert_str_eq(wire_line(&w, fd), "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}");
    cr_assert_str_eq(wire_line(&w, fd), "");
    close(fd);
    close_rpc();
}

/* A thousand requests that nobody reads the answers of: one answer is held, not a thousand. */
Test(rpc, many_big_answers_wait_for_their_reader)
{
    enum { N = 100 };
    open_rpc(10);
    w.answer_size = 300000;
    int fd = wire_connect_unix(path);
    static const char request[] = "{\"jsonrpc\":\"2.0\",\"method\":\"big\",\"id\":1}\n";
    char all[N * (sizeof request - 1)];
    for (int i = 0; i < N; i++)
        memcpy(all + i * (int)(sizeof request - 1), request, sizeof request - 1);
    wire_send_bytes(&w, fd, all, sizeof all);
    for (int i = 0; i < 50; i++)
        wire_iterate(&w);
    double sent = wire_count(&w, "control", "sent_bytes");
    cr_assert_gt(sent, 300000);
    cr_assert_lt(sent, 2000000, "%g bytes made for one who does not read", sent);
    size_t total = 0;
    char drop[65536];
    size_t want = N * (300000 + strlen("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"\"}\n"));
    ssize_t n;
    while (total < want && (n = wire_read(&w, fd, drop, sizeof drop)) > 0)
        total += (size_t)n;
    cr_assert_eq(total, want);
    close(fd);
    close_rpc();
}

Test(rpc, clients_are_listed_with_user_and_process)
{
    open_rpc(10);
    int fd = wire_connect_unix(path);
    wire_send(&w, fd, "{\"jsonrpc\":\"2.0\",\"method\":\"clients\",\"id\":1}\n");
    cJSON *answer = cJSON_Parse(wire_line(&w, fd));
    const cJSON *clients = cJSON_GetObjectItem(answer, "result");
    const cJSON *me = cJSON_GetArrayItem(clients, 0);
    cr_assert_eq(cJSON_GetObjectItem(me, "pid")->valueint, getpid());
    cr_assert_eq(cJSON_GetObjectItem(me, "uid")->valueint, (int)getuid());
    cr_assert_str_eq(cJSON_GetObjectItem(me, "transport")->valuestring, "unix");
    cr_assert_str_eq(cJSON_GetObjectItem(me, "listener")->valuestring, "control");
    const char *since = cJSON_GetObjectItem(me, "since")->valuestring;
    cr_assert_eq(strlen(since), strlen("2026-11-23T08:26:11.123456789Z"));
    cr_assert_eq(since[strlen(since) - 1], 'Z');
    cJSON_Delete(answer);
    close(fd);
    close_rpc();
}

/* The list of many clients is made in pieces of at most 64 KiB and an object. */
static void expect_pieces(void)
{
    struct hz_client *to = w.listeners->doors.clients;
    struct hz_listing *l = hz_listing_new(&w.listeners->doors);
    int pieces = 1;
    while (hz_listing_more(l, to)) {
        cr_expect_lt(to->out_len, 72 * 1024);
        cr_expect_gt(to->out_len, 0);
        to->out_len = 0;
        pieces++;
    }
    to->out_len = 0;
    cr_expect_gt(pieces, 2);
    hz_listing_free(l);
}

Test(rpc, many_clients_are_listed_in_pieces_and_in_order)
{
    enum { MANY = 1000 };
    static int fds[MANY];
    open_rpc(1000);
    int port = wire_listen(&w, HZ_LISTEN_TCP, "json", MANY, "");
    for (int i = 0; i < MANY; i++) {
        fds[i] = wire_connect(port);
        wire_iterate(&w);
    }
    while (!wire_has_clients(&w, MANY))
        wire_iterate(&w);
    expect_pieces();
    int fd = wire_connect_unix(path);
    ask(fd, "{\"jsonrpc\":\"2.0\",\"method\":\"clients\",\"params\":{\"x\":1},\"id\":1}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32602,\"message\":\"clients takes no "
        "params\"}}");
    wire_send(&w, fd, "{\"jsonrpc\":\"2.0\",\"method\":\"subscribe\",\"id\":2}\n");
    cr_assert(strstr(wire_line(&w, fd), "\"hello\""));
    wire_send(&w, fd,
              "{\"jsonrpc\":\"2.0\",\"method\":\"clients\",\"id\":3}\n"
              "{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"id\":4}\n");
    char first;
    while (recv(fd, &first, 1, MSG_PEEK) < 0) /* the first piece is on its way */
        wire_iterate(&w);
    for (int i = 0; i < MANY / 2; i++) /* those whose turn has not come yet go meanwhile */
        close(fds[i]);
    wire_publish(&w, w.adsb, 7); /* a frame must wait until the list is whole */
    static char text[1 << 20];
    size_t n = 0;
    while (!memchr(text, '\n', n)) {
        ssize_t got = recv(fd, text + n, sizeof text - n, 0);
        n += got > 0 ? (size_t)got : 0;
        wire_iterate(&w);
    }
    cJSON *answer = cJSON_Parse(text);
    cr_assert_not_null(answer);
    cr_assert_eq(cJSON_GetObjectItem(answer, "id")->valueint, 3);
    const cJSON *c;
    int count = 0, last = MANY + 2;
    cJSON_ArrayForEach(c, cJSON_GetObjectItem(answer, "result"))
    {
        int id = cJSON_GetObjectItem(c, "id")->valueint;
        cr_assert_lt(id, last, "newest first, each once");
        last = id;
        count++;
    }
    cr_assert_geq(count, MANY / 2 + 1);
    cJSON_Delete(answer);
    /* then the frame and the next answer, in any order */
    char *rest = memchr(text, '\n', n);
    size_t behind = n - (size_t)(rest + 1 - text);
    memmove(text, rest + 1, behind);
    while (!memmem(text, behind, "\"id\":4", 6) || !memmem(text, behind, "\"n\":7", 5)) {
        ssize_t got = recv(fd, text + behind, sizeof text - behind, 0);
        behind += got > 0 ? (size_t)got : 0;
        wire_iterate(&w);
    }
    for (int i = MANY / 2; i < MANY; i++)
        close(fds[i]);
    close(fd);
    close_rpc();
}

/* Who hangs up in the middle of the list leaves nothing behind (the sanitizers look). */
Test(rpc, who_asks_for_the_clients_may_hang_up)
{
    enum { MANY = 400 };
    static int fds[MANY];
    open_rpc(10);
    int port = wire_listen(&w, HZ_LISTEN_TCP, "json", MANY, "");
    for (int i = 0; i < MANY; i++) {
        fds[i] = wire_connect(port);
        wire_iterate(&w);
    }
    while (!wire_has_clients(&w, MANY))
        wire_iterate(&w);
    int fd = wire_connect_unix(path);
    wire_send(&w, fd, "{\"jsonrpc\":\"2.0\",\"method\":\"clients\",\"id\":1}\n");
    char first;
    while (recv(fd, &first, 1, MSG_PEEK) < 0)
        wire_iterate(&w);
    close(fd);
    while (!wire_has_clients(&w, MANY))
        wire_iterate(&w);
    for (int i = 0; i < MANY; i++)
        close(fds[i]);
    close_rpc();
}

/* A descriptor is kept back for it. */
Test(rpc, without_descriptors_it_is_served_all_the_same)
{
    open_rpc(10);
    int port = wire_listen(&w, HZ_LISTEN_TCP, "json", 10, "");
    int other = wire_connect(port), fd = wire_connect_unix(path), fds[2];
    cr_assert_eq(pipe(fds), 0);
    close(fds[1]);
    close(fds[0]);
    struct rlimit old, none;
    getrlimit(RLIMIT_NOFILE, &old);
    none = old;
    none.rlim_cur = (rlim_t)fds[0]; /* no number below this one is free */
    setrlimit(RLIMIT_NOFILE, &none);
    cr_expect_str_eq(wire_line(&w, other), "");
    ask(fd, "{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"id\":1}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}");
    setrlimit(RLIMIT_NOFILE, &old);
    close(other);
    close(fd);
    close_rpc();
}

/* 16 places: who has asked nothing after 2 s goes once 12 of them are taken, and not before. */
Test(rpc, the_silent_make_room_when_places_are_scarce, .timeout = 30)
{
    enum { SILENT = 11 };
    int fds[SILENT];
    open_rpc(10);
    int used = wire_connect_unix(path);
    ask(used, "{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"id\":1}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}");
    for (int i = 0; i < SILENT - 1; i++)
        fds[i] = wire_connect_unix(path);
    uint64_t start = uv_hrtime();
    while (uv_hrtime() - start < 4000000000ull) {
        wire_iterate(&w);
        poll(NULL, 0, 5);
    }
    cr_assert(wire_has_clients(&w, SILENT));
    fds[SILENT - 1] = wire_connect_unix(path);
    for (int i = 0; i < SILENT - 1; i++)
        cr_expect(strstr(wire_rest(&w, fds[i]), "no request came"), "%d", i);
    ask(used, "{\"jsonrpc\":\"2.0\",\"method\":\"echo\",\"id\":2}\n",
        "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":null}");
    for (int i = 0; i < SILENT; i++)
        close(fds[i]);
    close(used);
    close_rpc();
}
