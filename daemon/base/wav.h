/* The head of a WAV file of 16-bit mono PCM. Pure. */
#ifndef HZ_DAEMON_BASE_WAV_H
#define HZ_DAEMON_BASE_WAV_H

#include <stddef.h>
#include <stdint.h>

enum { HZ_WAV_HEAD = 44 };

/* `bytes` of PCM follow; UINT32_MAX: as many as come, for a stream. */
void hz_wav_head(uint8_t head[HZ_WAV_HEAD], unsigned rate_hz, uint32_t bytes);

#endif
