/* For the benches with clients on loopback: listeners, connections, clocks and what sorts times. */
#ifndef HZ_BENCH_LOOPBACK_H
#define HZ_BENCH_LOOPBACK_H

#include "daemon/serve/listener.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static inline double now_s(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* For qsort() of double. */
static inline int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* A listener on a port that the kernel chooses; its name is "bench". */
static inline struct hz_conf_listen loopback_conf(enum hz_listen_type type, int max_clients)
{
    return (struct hz_conf_listen){.name = "bench",
                                   .type = type,
                                   .address = (char *)"127.0.0.1:0",
                                   .path = (char *)"",
                                   .allow_origin = (char *)"",
                                   .allow_host = (char *)"",
                                   .format = (char *)"",
                                   .tokens = (char *)"",
                                   .allow = (char *)"",
                                   .max_per_address = 1,
                                   .max_clients = max_clients};
}

/* Returns the descriptor; -1: it fails. */
static inline int loopback_connect(int port)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons((uint16_t)port),
                            .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) < 0 ? -1 : fd;
}

/* As many descriptors as this process may have. */
static inline void allow_descriptors(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

#endif
