/* Runs commands: by the clock of a script, at a position of a stream, or as they arrive on the
 * control socket. Uses one thread, which exists only while there are commands. */
#ifndef HZ_USB_SCRIPT_H
#define HZ_USB_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

/* Reads HZ_USB_SCRIPT, opens HZ_USB_CONTROL, starts the thread. What is due at 0 is done on
 * return. 0, or negative errno with the reason in error. */
int hz_script_start(char *error, size_t size);

/* A dongle's stream has been delivered up to this byte: carries out what waited for it. With the
 * bus's lock. */
void hz_script_reached(int dongle, uint64_t byte);

#endif
