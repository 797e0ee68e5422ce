/* Tells of the frames of coded models (proto/sensors/coded.h) in a burst. Pure. */
#ifndef HZ_PROTO_SENSORS_CODED_TELL_H
#define HZ_PROTO_SENSORS_CODED_TELL_H

#include "proto/out/sink.h"
#include "proto/sensors/engine.h"

enum { HZ_CODED_SPANS = 8 };

/* Where such frames were, in samples of the burst. */
struct hz_coded_spans {
    struct {
        double begin, end;
    } span[HZ_CODED_SPANS];
    size_t n;
};

/* Listens at the carriers that hz_engine_run(e, b) has found, and writes the messages of frames
 * that end behind sample `after` of the burst. `first` is the index of the burst's first sample in
 * the decoder's input. */
void hz_coded_tell(struct hz_engine *e, const struct hz_engine_burst *b, uint64_t first,
                   double after, struct hz_coded_spans *out, struct hz_sink *sink);

/* Whether so many of these samples are those of a frame that it is what was heard there. */
bool hz_coded_covers(const struct hz_coded_spans *s, double begin, double end);

#endif
