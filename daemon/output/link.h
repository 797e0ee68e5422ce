/* Outputs over the network. A link is one state machine for all of them; what moves the bytes is a
 * carrier: one file with a struct hz_carrier_ops (tcp.c, udp.c, …).
 *
 *     WAITING ──next try──▶ CONNECTING ──hz_link_up──▶ UP
 *        ▲                       └──────hz_link_down────┘
 *        └── the wait doubles with each failure, HZ_LINK_WAIT_MAX_MS at most
 *
 * The queue of a link is the bus's log: while it is not up its cursor stands, and goes on from
 * there when it is up again. What has left the log by then is counted as missed, what is older than
 * the key `max_age` as expired. A carrier has only a few frames in flight. A link sends for at most
 * 1 ms in one turn of the loop. Loop thread: everything here. */
#ifndef HZ_DAEMON_OUTPUT_LINK_H
#define HZ_DAEMON_OUTPUT_LINK_H

#include "daemon/bus/coded.h"
#include "daemon/output/output.h"

struct hz_link;

enum {
    HZ_LINK_DRAIN_MS = 1000,     /* for what is unsent when the daemon stops */
    HZ_LINK_WAIT_MAX_MS = 60000, /* the longest back-off */
};

/* The section of a link. That of a carrier begins with it. */
struct hz_conf_link {
    struct hz_conf_output output;
    char *format;
    char *station;      /* NULL where the carrier has no such key */
    uint64_t max_age_s; /* UINT64_MAX: no limit; 0: not given */
};

/* The keys that all links have, for a carrier's table. */
/* clang-format off */
#define HZ_OF_LINK(field) .at = offsetof(struct hz_conf_link, field)
#define HZ_KEY_FORMAT \
    {.name = "format", .type = HZ_OPTION_TEXT, HZ_OF_LINK(format), .fallback = "json", \
     .help = "what is sent, as `hertzd formats` lists it"}
#define HZ_KEY_STATION \
    {.name = "station", .type = HZ_OPTION_TEXT, HZ_OF_LINK(station), .example = "XX-ROOF", \
     .help = "what formats that name the station call it, as acars-json does; default: the receiver's name"}
#define HZ_KEY_KIND \
    {.name = "kind", .type = HZ_OPTION_TEXT, HZ_OF_LINK(output.kinds), .example = "message, gap", \
     .help = "of format = json, only lines of these kinds; default: all but audio and repeat"}
#define HZ_KEY_MAX_AGE \
    {.name = "max_age", .type = HZ_OPTION_PARSED, HZ_OF_LINK(max_age_s), .parse = hz_link_parse_age, \
     .size = sizeof(uint64_t), .expected = "none, or 1s to 7d with the unit s, m, h or d, as in 30s", \
     .example = "30s", \
     .help = "messages older than this are not sent any more; default: 30s for formats without a time, else none"}
/* clang-format on */

/* For HZ_KEY_MAX_AGE. */
int hz_link_parse_age(const char *text, void *seconds);
/* For hz_conf_kind.check: the filter, and that the format is known and can tell what passes. */
void hz_link_check(const struct hz_check *c, void *item);
/* Likewise for a carrier that has no key `format`, or has checked it: whether that format can tell
 * messages of the section's protocols; told at key `protocol`. */
void hz_link_check_takes(const struct hz_check *c, const struct hz_conf_output *conf,
                         const struct hz_form *form);

/* Likewise: the key `address` is HOST:PORT, of a name too. */
void hz_link_check_address(const struct hz_check *c, const char *address);

struct hz_carrier_env {
    uv_loop_t *loop;
    const struct hz_output_env *outputs;
    struct hz_link *link;
    const struct hz_conf_output *conf;
};

/* What a carrier does. Everything is called on the loop and never blocks. It may call the functions
 * below at any time between open and the end of close, also from within its own functions. */
struct hz_carrier_ops {
    /* bits 1u << enum hz_kind that it reads; 0: those of key `kind` with format = json, else
     * messages */
    unsigned kinds;
    /* It takes frames also while it is not up, and keeps them (on disk). */
    bool stores;
    /* Makes the state, without I/O. NULL, with one line in err: tried again. */
    void *(*open)(const struct hz_carrier_env *env, char *err, size_t err_len);
    /* Begins. It ends, at once or later, in hz_link_up or hz_link_down. */
    void (*connect)(void *state);
    /* It takes a frame now; else it calls hz_link_ready when it can again. */
    bool (*room)(void *state);
    /* Takes one frame, whose line is printed. References it to keep it. Every frame must be counted
     * later with hz_link_count, but for those that its format cannot tell (hz_link_code). */
    void (*send)(void *state, struct hz_frame *f);
    /* No further frame comes in this turn, or the link ends; NULL: nothing to do. */
    void (*flush)(void *state);
    /* All that was sent is written or acknowledged (or stored): what a drain waits for. */
    bool (*idle)(void *state);
    /* The time for a drain is over: frames that now come, as long as there is room, it can only
     * store. NULL: it stores none. */
    void (*last)(void *state);
    void (*tick)(void *state); /* each second, whether it is up or not; NULL: nothing to do */
    /* Frees it; calls closed, at once or later, when the loop has let go of it. What is still in
     * flight is counted as lost before. */
    void (*close)(void *state, void (*closed)(void *ctx), void *ctx);
    /* Adds its own members to the output's status, with "in_flight", the frames that it has not
     * counted yet; NULL: none, and it has none in flight. */
    void (*status)(void *state, cJSON *item);
};

/* It is connected. */
void hz_link_up(struct hz_link *l);
/* It is not, or not any more. `why`: one line with the reason and what to do; copied. The carrier
 * has counted what it lost, and has let go of the connection or does so until connect is called
 * again. */
void hz_link_down(struct hz_link *l, const char *why);
/* After hz_link_down: the next try is not before that time. */
void hz_link_wait(struct hz_link *l, unsigned seconds);
/* Whether it ends when everything is sent: nothing is gathered any more. */
bool hz_link_ends(const struct hz_link *l);
/* It is up, but something is wrong, as one line; "": nothing is. Copied. */
void hz_link_warn(struct hz_link *l, const char *what);
/* There is room again, or it is idle. */
void hz_link_ready(struct hz_link *l);
/* Frames that were delivered, and that were given up. */
void hz_link_count(struct hz_link *l, uint64_t sent, uint64_t lost);
/* Bytes that were sent. */
void hz_link_count_bytes(struct hz_link *l, uint64_t bytes);

/* The format of its section; NULL: it has none. */
const struct hz_form *hz_link_form(const struct hz_link *l);
/* hz_frame_code with the section's name of the station; without one, a frame is encoded once for
 * all links that have the format. */
void hz_link_code(const struct hz_link *l, const struct hz_form *form, const struct hz_frame *f,
                  struct hz_bytes *out);

#endif
