/* The subcommands of hertzd. Each takes the arguments from its own name on and returns the exit
 * code: 0 done, 1 failed at run time, 2 wrong usage or configuration, 75 try again. */
#ifndef HZ_DAEMON_CMD_COMMANDS_H
#define HZ_DAEMON_CMD_COMMANDS_H

#include "config/kind.h"
#include "ctl/option.h"

#define HZ_DEFAULT_CONFIG "/etc/hertzd/hertzd.conf"

/* `kinds` is what a configuration may name: the decoders, sources, listeners and outputs. */
typedef int hz_cmd(int argc, char **argv, const struct hz_conf_kinds *kinds);

hz_cmd hz_cmd_run;      /* hertzd [-c FILE] */
hz_cmd hz_cmd_check;    /* hertzd check [-c FILE] */
hz_cmd hz_cmd_setup;    /* hertzd setup [options] */
hz_cmd hz_cmd_decode;   /* hertzd decode … FILE|- */
hz_cmd hz_cmd_learn;    /* hertzd learn … FILE… */
hz_cmd hz_cmd_demo;     /* hertzd demo [--seconds N] */
hz_cmd hz_cmd_formats;  /* hertzd formats */
hz_cmd hz_cmd_keys;     /* hertzd keys [SECTION [KIND]] */
hz_cmd hz_cmd_decoders; /* hertzd decoders [NAME [--schema]] [--markdown] */

struct hz_decoder;
/* Prints the JSON Schema of a decoder's object, written from the table of its fields. Exit code: 1
 * with a line on stderr if the table has no types. */
int hz_cmd_decoder_schema(const struct hz_decoder *d);

/* Prints the sensors that are known, for the decoder that wants them. Exit code. */
int hz_cmd_decoder_sensors(void);

#endif
