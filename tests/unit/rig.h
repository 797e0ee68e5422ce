/* A decoder, or a part of one that writes to a sink, under test: pushes samples cut in any way, and
 * gives the messages as fields. Of a decoder's whole test this is all that is not about the signal:
 *
 *     struct rig r = {0};
 *     rig_decode(&r, hz_decoder_find("aprs"), NULL, &samples, 480);
 *     cr_expect_eq(r.n, 1);
 *     cr_expect_str_eq(rig_text(&r.message[0], "from"), "DL1ABC");
 *     rig_free(&r);
 *
 * The same rig may be used again. Failures end the test (cr_assert). */
#ifndef HZ_TESTS_RIG_H
#define HZ_TESTS_RIG_H

#include "proto/decoder.h"

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

struct rig_message {
    struct hz_burst burst; /* as the sink's record has it; raw points into the arena */
    struct hz_about about; /* sender and position */
    const cJSON *own;      /* the protocol's object */
    cJSON *whole;          /* that and the envelope; owned */
    const char *line;      /* the message as JSON text, for comparisons */
};

/* Zeroed before use. */
struct rig {
    struct hz_sink sink; /* sink.count: what was refused */
    struct hz_sink_head head;
    struct rig_message *message;
    size_t n;
    char *arena;
    char *lines; /* all records as text, without opening braces; ends with a zero */
    char *text;  /* of the messages, one behind the other */
    const struct hz_decoder *decoder; /* at work: between rig_start and rig_finish */
    void *state;
};

/* For a part of a decoder: the sink is empty, sample 0 is at 0 s, and messages are those of
 * `protocol`. */
void rig_begin(struct rig *r, const char *protocol, double rate_hz);

/* The next piece of the samples: of `cut` samples, 0: of all sizes. *piece is zeroed before the
 * first one. False: there are no more. */
bool rig_cut(const struct hz_samples *all, size_t cut, struct hz_samples *piece);

/* Reads the messages in the sink's arena into r->message. */
void rig_end(struct rig *r);

/* A decoder that is given its samples in several steps, as when some are lost: r->sink.count is up
 * to date after each, r->message after rig_finish. setup: NULL: rig_setup(d). */
void rig_start(struct rig *r, const struct hz_decoder *d, const struct hz_setup *setup);
void rig_push(struct rig *r, const struct hz_samples *all, size_t cut);
void rig_finish(struct rig *r); /* flush twice, done */

/* All three. */
void rig_decode(struct rig *r, const struct hz_decoder *d, const struct hz_setup *setup,
                const struct hz_samples *all, size_t cut);

/* The decoder's own rate and its first frequency. */
struct hz_setup rig_setup(const struct hz_decoder *d);

/* The same messages, and the same refused. */
void rig_expect_same(const struct rig *a, const struct rig *b);

/* Any cutting of the samples, and any index of the first one, gives what r holds of `all`. */
void rig_expect_cuts(const struct rig *r, const struct hz_decoder *d, const struct hz_setup *setup,
                     const struct hz_samples *all);

/* A decoder refuses a sample rate that it does not take, in words that name it. */
void rig_expect_wrong_rate(const struct hz_decoder *d, double rate_hz, const char *words);

/* A field of the protocol's object, which must be there. */
double rig_number(const struct rig_message *m, const char *field);
const char *rig_text(const struct rig_message *m, const char *field);

void rig_free(struct rig *r);

#endif
