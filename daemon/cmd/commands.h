/* The subcommands of hertzd. Each takes the arguments from its own name on and returns the exit
 * code: 0 done, 1 failed at run time, 2 wrong usage or configuration, 75 try again. */
#ifndef HZ_DAEMON_CMD_COMMANDS_H
#define HZ_DAEMON_CMD_COMMANDS_H

#include "ctl/option.h"

#define HZ_DEFAULT_CONFIG "/etc/hertzd/hertzd.conf"

int hz_cmd_run(int argc, char **argv);      /* hertzd [-c FILE] */
int hz_cmd_check(int argc, char **argv);    /* hertzd check [-c FILE] */
int hz_cmd_decode(int argc, char **argv);   /* hertzd decode … FILE|- */
int hz_cmd_demo(int argc, char **argv);     /* hertzd demo [--seconds N] */
int hz_cmd_decoders(int argc, char **argv); /* hertzd decoders [--markdown] */

#endif
