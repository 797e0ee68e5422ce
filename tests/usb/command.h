/* The commands that make a dongle misbehave (README.md lists them).
 * The bus's lock is held. */
#ifndef HZ_USB_COMMAND_H
#define HZ_USB_COMMAND_H

#include <stddef.h>

/* Carries one out. 0, or -EINVAL with the reason in error. */
int hz_command(const char *line, char *error, size_t size);

#endif
