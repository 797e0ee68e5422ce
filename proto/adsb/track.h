/* The position of one aircraft, from the CPR frames that it sends: which pairs belong together,
 * and which answers to believe. Pure. */
#ifndef HZ_PROTO_ADSB_TRACK_H
#define HZ_PROTO_ADSB_TRACK_H

#include "proto/adsb/cpr.h"

/* One position message. */
struct hz_cpr_frame {
    struct hz_cpr cpr;
    int64_t time_ns;
    bool odd, surface;
    uint8_t typecode;
    bool altitude; /* a barometric altitude was in the message */
    int altitude_ft;
};

struct hz_track {
    struct hz_cpr_frame half[2]; /* the last even and the last odd frame */
    bool heard[2];
    struct hz_position at; /* last position believed */
    int64_t at_ns;
    bool known;      /* `at` holds a position */
    bool from_pair;  /* it goes back to a pair, not just to the antenna's position */
    bool proven;     /* it is not told before it is: see track.c */
    uint8_t strikes; /* answers in a row that did not agree with it */
    double gs_kt;    /* last ground speed */
    int64_t gs_ns;   /* when; meaningful with gs_known */
    bool gs_known;
};

/* Takes the next frame; true with the position it stands for when that can be told and is
 * plausible. `antenna` may be NULL. */
bool hz_track_push(struct hz_track *t, const struct hz_cpr_frame *frame,
                   const struct hz_position *antenna, struct hz_position *out);

void hz_track_speed(struct hz_track *t, double gs_kt, int64_t time_ns);

/* Time between two moments, whichever came first (frames may be decoded slightly out of order). */
uint64_t hz_between_ns(int64_t a, int64_t b);

#endif
