/* What a NATS output keeps of a message until it is acknowledged, in memory and in its spool: the
 * id, the subject and the payload. And what a stream answers. Loop thread. */
#ifndef HZ_DAEMON_OUTPUT_NATS_RECORD_H
#define HZ_DAEMON_OUTPUT_NATS_RECORD_H

#include "daemon/bus/coded.h"
#include "daemon/nats/nats.h"
#include "daemon/output/spool.h"

/* The id is STREAM-SEQ, with STREAM as in the hello line: the same however often and through
 * whatever it is sent, also by a later run. (A log with numbers of its own has its word in it:
 * STREAM-repeat_seq-7; so has a format that is not json.) JSON has no newline at its end.
 * 0, with NULL in *r where the format cannot tell the frame; -ENOMEM. */
int hz_nats_record_make(const struct hz_frame *f, const struct hz_form *form, const char *station,
                        const char *stream, struct hz_spooled **r);

/* Subject, id, data and len, which point into the record. False: it is no such record. */
bool hz_nats_record_read(const struct hz_spooled *r, struct hz_nats_out *out);

struct hz_nats_answer {
    bool stored, duplicate;
    char text[128]; /* stored: the stream that has it; else why it does not */
};
/* Reads the JSON by which JetStream answers. */
void hz_nats_answer_read(const char *data, size_t n, struct hz_nats_answer *a);

#endif
