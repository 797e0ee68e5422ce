/* Commands of the clients of an rtl_tcp listener: five bytes each, without an answer (the status
 * has the outcome). Private to rtl_tcp.c. Loop thread. */
#ifndef HZ_DAEMON_SERVE_RTL_TCP_COMMANDS_H
#define HZ_DAEMON_SERVE_RTL_TCP_COMMANDS_H

#include "daemon/serve/door.h"

enum {
    HZ_RTL_COMMAND = 5,   /* bytes of a command */
    HZ_RTL_GREETING = 12, /* bytes of the greeting */
};

struct hz_rtl_commands {
    const struct hz_door *door; /* of the listener */
    /* The last request waits here while an earlier change is under way. */
    bool wished[HZ_KNOBS];
    double wish[HZ_KNOBS];
    bool manual;             /* the last gain mode */
    double gain_db;          /* the last gain, which may be sent before the mode; NAN: none yet */
    uint32_t tuner, n_gains; /* of the source, as in the last greeting */
    uint64_t done, ignored;
    char last[160]; /* the last command and its outcome */
};

void hz_rtl_commands_init(struct hz_rtl_commands *c, const struct hz_door *door);
/* Writes "RTL0", the tuner of the source and the number of its gains. */
void hz_rtl_commands_greet(struct hz_rtl_commands *c, uint8_t out[HZ_RTL_GREETING]);
void hz_rtl_commands_take(struct hz_rtl_commands *c, const uint8_t command[HZ_RTL_COMMAND]);
/* Tries again the request that waits. */
void hz_rtl_commands_retry(struct hz_rtl_commands *c);
/* Adds commands_done, commands_ignored and last_command to an object of the status. */
void hz_rtl_commands_describe(const struct hz_rtl_commands *c, cJSON *o);

#endif
