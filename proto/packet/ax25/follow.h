/* How a packet modem follows the transmissions of a channel: the machine that Bell 202 and G3RUH
 * share. It is idle until the modem's gate opens, then searches ("rising"), then follows what was
 * found chunk by chunk to its end, and hands the levels to the frame reader.
 *
 * The work is done in hops on the stream's own index, so the result does not depend on how the
 * samples are cut into pushes. A credit of bit steps, refilled by each hop, bounds it. A modem
 * embeds the struct and supplies the functions of hz_ax25_modem. Memory is allocated in init only.
 * Pure; one thread at a time. */
#ifndef HZ_PROTO_PACKET_AX25_FOLLOW_H
#define HZ_PROTO_PACKET_AX25_FOLLOW_H

#include "dsp/hops.h"
#include "proto/packet/ax25/frames.h"

enum hz_ax25_state { HZ_AX25_IDLE, HZ_AX25_RISING, HZ_AX25_FOLLOWING };

/* A modem's decision about the next chunk, whose levels it has pushed to the frame reader. */
struct hz_ax25_step {
    bool good;      /* a transmission of this kind */
    float fraction; /* signal over all power */
    double half;    /* sample of the chunk's middle */
    double again; /* sample from which to search anew, because this may be another transmission; 0:
                     it is not */
};

/* Why a transmission was left. */
struct hz_ax25_leaving {
    uint64_t searched; /* where the search began that found it */
    bool over;         /* it ended; otherwise the search goes on inside it */
    bool proven;       /* it had frames or two flags in a row */
};

/* One modem's part. Each function gets the detector `of` that was given to init. */
struct hz_ax25_modem {
    struct hz_hops_shape hops;
    unsigned bit;            /* samples */
    bool scrambled;          /* by x^17 + x^12 + 1 */
    double rate_hz;          /* of the samples */
    unsigned credit_hops;    /* credit is kept for so many hops at most */
    unsigned search_hops;    /* hops that a search covers: they are not searched again */
    unsigned unheard;        /* chunks without a good one after which there was no transmission */
    bool unheard_is_refused; /* then HZ_NO_PREAMBLE is counted, and the next search begins in the
                                middle of the last chunk */

    void (*begin)(void *of); /* a stream begins */
    /* The next hop; returns whether the gate is open. */
    bool (*gate)(void *of, const float *iq, struct hz_sink *sink);
    void (*opened)(void *of); /* the gate has opened; f->state is still that of before */
    /* While the state is HZ_AX25_RISING, each hop: searches, and calls hz_ax25_follow_start. */
    void (*rise)(void *of, struct hz_sink *sink);
    double (*needs)(
        const void *of);          /* all samples before this index are needed for the next chunk */
    bool (*over)(const void *of); /* the next chunk begins after the transmission's end */
    struct hz_ax25_step (*step)(void *of, struct hz_sink *sink);
    void (*left)(void *of, const struct hz_ax25_leaving *why);         /* NULL: nothing to do */
    float (*noise)(const void *of, const struct hz_ax25_frame *frame); /* power in the channel */
    void (*found)(void *of, const struct hz_burst *burst, struct hz_sink *sink); /* NULL: written */
    void (*end)(void *of, struct hz_sink *sink); /* the stream has ended; NULL: nothing to do */
};

struct hz_ax25_follow {
    const struct hz_ax25_modem *modem;
    void *of; /* the detector that embeds this */
    struct hz_hops hops;
    struct hz_ax25_frames frames;
    enum hz_ax25_state state;
    bool open;               /* the gate */
    uint64_t search;         /* index at which the next search begins */
    uint64_t opened, silent; /* where the gate last opened and closed */
    double after;            /* a frame that begins before this was reported already */
    unsigned weak;           /* chunks in a row that were not good */
    bool heard;              /* a chunk was good */
    float fraction;          /* of the last good chunk */
    long credit, refill;     /* bit steps; those that each hop adds */
};

/* `refill` bit steps come with each hop. `modem` and `of` are borrowed. 0 or -ENOMEM; zeroed
 * before. */
int hz_ax25_follow_init(struct hz_ax25_follow *f, const struct hz_ax25_modem *modem, void *of,
                        long refill);
void hz_ax25_follow_done(struct hz_ax25_follow *f);

/* HZ_CF32 samples that continue those before; if they do not, the stream begins anew. */
void hz_ax25_follow_push(struct hz_ax25_follow *f, const struct hz_samples *samples,
                         struct hz_sink *sink);

/* Decodes what is held, then forgets it: the end of the stream, or a break in it. */
void hz_ax25_follow_flush(struct hz_ax25_follow *f, struct hz_sink *sink);

/* For the modem's functions: true when so many steps were taken from the credit; otherwise HZ_SHED
 * is counted. */
bool hz_ax25_follow_afford(struct hz_ax25_follow *f, long steps, struct hz_sink *sink);

/* Whether all hops that a search at f->search needs have come. */
bool hz_ax25_follow_is_due(const struct hz_ax25_follow *f);

/* Begins to follow the transmission at the modem's lock. */
void hz_ax25_follow_start(struct hz_ax25_follow *f, struct hz_sink *sink);

#endif
