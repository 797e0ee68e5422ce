/* Reports what the program did as JSON lines: each event and the end to HZ_USB_REPORT, and the
 * whole state on request. The bus's lock is held for every call. */
#ifndef HZ_USB_REPORT_H
#define HZ_USB_REPORT_H

#include "tests/usb/bus.h"

void hz_report_event(const struct hz_dongle *g, const char *event);

/* The stream begins to run, at this position. */
void hz_report_start(const struct hz_plug *p);

/* A line when they differ from those logged last. */
void hz_report_settings(const struct hz_plug *p, const struct hz_settings *s);

/* Bytes of the stream that no transfer will carry: `bytes` from position `at` on. */
void hz_report_loss(const struct hz_plug *p, enum hz_loss kind, uint64_t at, uint64_t bytes);

/* A command was carried out. */
void hz_report_command(const char *line);

/* The whole state, one line. */
void hz_report_state(FILE *out);

/* The answer to a command: {"ok":true}, or {"ok":false,"error":"…"}. */
void hz_report_answer(FILE *out, const char *error);

/* The last line: {"event":"end", …} with the state. */
void hz_report_end(void);

#endif
