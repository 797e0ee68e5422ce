/* `hertzctl top`: what hertzd does now, drawn again every second. */
#ifndef HZ_CTL_TOP_H
#define HZ_CTL_TOP_H

#include "ctl/args.h"

#include <stdint.h>

/* Runs until the user ends it, or until a->count screens were drawn. On a terminal it draws in
 * place, and waits for a daemon that is away. Elsewhere it prints one screen below the other, and
 * fails when the daemon does not answer. `socket` is the path of the control socket. Returns the
 * exit code; an error was printed. */
int hz_ctl_top(const char *socket, const struct hz_ctl_args *a);

#endif
