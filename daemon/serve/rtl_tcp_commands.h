/* What clients of an rtl_tcp listener ask of the receiver: five bytes a command, without an answer
 * (status has what came of it). Private to rtl_tcp.c. Loop thread. */
#ifndef HZ_DAEMON_SERVE_RTL_TCP_COMMANDS_H
#define HZ_DAEMON_SERVE_RTL_TCP_COMMANDS_H

#include "daemon/serve/door.h"

enum {
    HZ_RTL_COMMAND = 5,   /* bytes of a command */
    HZ_RTL_GREETING = 12, /* bytes of the greeting */
};

struct hz_rtl_commands {
    const struct hz_door *door; /* of the listener */
    /* The latest wish waits here while the change before is under way. */
    bool wished[HZ_KNOBS];
    double wish[HZ_KNOBS];
    bool manual;             /* the gain mode that clients chose last */
    double gain_db;          /* and the gain, which may come before it; NAN: none yet */
    uint32_t tuner, n_gains; /* of the source, as clients were greeted last */
    uint64_t done, ignored;
    char last[160]; /* the latest command, and what came of it */
};

void hz_rtl_commands_init(struct hz_rtl_commands *c, const struct hz_door *door);
/* "RTL0", the tuner of the source and how many gains it has. */
void hz_rtl_commands_greet(struct hz_rtl_commands *c, uint8_t out[HZ_RTL_GREETING]);
void hz_rtl_commands_take(struct hz_rtl_commands *c, const uint8_t command[HZ_RTL_COMMAND]);
/* Asks again for what had to wait. */
void hz_rtl_commands_retry(struct hz_rtl_commands *c);
/* Adds commands_done, commands_ignored and last_command. */
void hz_rtl_commands_describe(const struct hz_rtl_commands *c, cJSON *o);

#endif
