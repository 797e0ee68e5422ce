/* A JSON Lines listener on TCP for the tests of clients and listeners. */
#ifndef HZ_TESTS_LINES_H
#define HZ_TESTS_LINES_H

#include "tests/unit/wire.h"

#define HELLO(seq)                                                                                 \
    "{\"kind\":\"hello\",\"schema\":1,\"version\":\"" HZ_VERSION "\",\"stream\":\"" WIRE_STREAM    \
    "\",\"seq\":" seq "}"

static struct wire w;
static int port;

static inline void open_lines(size_t frames, int max_clients)
{
    wire_open(&w, frames);
    port = wire_listen(&w, HZ_LISTEN_TCP, "json", max_clients, "");
}

static inline void expect(int fd, const char *line)
{
    cr_assert_str_eq(wire_line(&w, fd), line);
}

#endif
