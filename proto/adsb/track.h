/* Tracks the position of one aircraft from its CPR frames: decides which frames form a pair and
 * which positions are plausible. Pure. One thread at a time; the memory is the caller's. */
#ifndef HZ_PROTO_ADSB_TRACK_H
#define HZ_PROTO_ADSB_TRACK_H

#include "proto/adsb/cpr.h"

/* One position message. */
struct hz_cpr_frame {
    struct hz_cpr cpr;
    int64_t time_ns;
    bool odd, surface;
    uint8_t typecode;
    bool altitude; /* the message has a barometric altitude, altitude_ft */
    int altitude_ft;
};

struct hz_track {
    struct hz_cpr_frame half[2]; /* the last even and the last odd frame */
    bool heard[2];               /* half[] is valid */
    struct hz_position at;       /* the last accepted position */
    int64_t at_ns;               /* its time */
    bool known;                  /* `at` is valid */
    bool from_pair;              /* it derives from a pair, not only from the antenna's position */
    bool proven;                 /* a position is output only when it is proven: see track.c */
    uint8_t strikes;             /* consecutive positions that did not agree with `at` */
    double gs_kt;                /* the last ground speed */
    int64_t gs_ns;               /* its time */
    bool gs_known;               /* gs_kt and gs_ns are valid */
};

/* Processes the next position frame. True, with the aircraft's position, when it can be determined
 * and is plausible. antenna: NULL if unknown. */
bool hz_track_push(struct hz_track *t, const struct hz_cpr_frame *frame,
                   const struct hz_position *antenna, struct hz_position *out);

/* Notes the ground speed of the aircraft, which limits how far it can have moved. */
void hz_track_speed(struct hz_track *t, double gs_kt, int64_t time_ns);

/* The time between two moments in either order (frames may be decoded slightly out of order). */
uint64_t hz_between_ns(int64_t a, int64_t b);

#endif
