/* Encoder of AX.25 unnumbered information frames (AX.25 2.2, sections 3 and 6). Pure: any thread.
 */
#ifndef HZ_SIM_AX25_H
#define HZ_SIM_AX25_H

#include <stddef.h>
#include <stdint.h>

enum { HZ_SIM_AX25_MAX = 330 };

/* Converts "SRC-1>DST,DIGI*,DIGI-2:text" to bytes without check sequence; a star marks a digipeater
 * that has repeated the frame. Returns the length, or 0 when the text does not have that form or is
 * too long. */
size_t hz_sim_ax25(const char *text, uint8_t out[HZ_SIM_AX25_MAX]);

#endif
