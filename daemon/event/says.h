/* What a message says that a person wants to be told. Pure; any thread. */
#ifndef HZ_DAEMON_EVENT_SAYS_H
#define HZ_DAEMON_EVENT_SAYS_H

#include "daemon/event/when.h"
#include "proto/out/field.h"

enum { HZ_REASON_MAX = 400 };

/* What it is that was said: two of one sender are the same event if `same` is, whatever words told
 * it. */
struct hz_says {
    char same[48];
    char reason[HZ_REASON_MAX + 1]; /* for people: "squawk 7700 (emergency)" */
};

/* ADS-B and Mode S: squawk 7500, 7600 or 7700, or the state of emergency that an aircraft sends. */
bool hz_says_emergency(const char *protocol, const struct hz_record *r, struct hz_says *says);
/* AIS: a beacon (MMSI 970 AIS-SART, 972 man overboard, 974 EPIRB), or navigation status 14. APRS:
 * Mic-E with the message `emergency`. A test is told as one. */
bool hz_says_distress(const char *protocol, const struct hz_record *r, struct hz_says *says);
/* Whether the field that the condition names matches. */
bool hz_says_text(const struct hz_when *w, const struct hz_record *r, struct hz_says *says);

#endif
