/* The message that a vector of FLEX points at. Pure; any thread. */
#ifndef HZ_PROTO_FLEX_MESSAGE_H
#define HZ_PROTO_FLEX_MESSAGE_H

#include "proto/flex/page.h"

/* Reads the message of the vector at word `vector`, whose value is in page->vector_value, into the
 * page. trusted: its checksum need not be right. False: it lies outside of the phase, or its
 * checksum is wrong and its words are not sure. */
bool hz_flex_message_read(const struct hz_flex_phase *phase, unsigned vector, bool trusted,
                          struct hz_flex_page *page);

#endif
