/* One screen of `hertzctl top`, made from a status. Pure but for memory. */
#ifndef HZ_CTL_TOP_SCREEN_H
#define HZ_CTL_TOP_SCREEN_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { HZ_TOP_PAST = 64 }; /* statuses that are remembered */

/* The channels of the last statuses, from which messages per minute are computed. Zero it first. */
struct hz_top_past {
    struct {
        double s; /* when, of a clock that is not set */
        cJSON *channels;
    } ring[HZ_TOP_PAST];
    unsigned n; /* statuses so far */
};

void hz_top_past_done(struct hz_top_past *p);

/* Takes note of a status that came at `s` seconds, and adds "per_minute" to each of its channels
 * that was there before: messages over the last 60 s, or since it was first seen. */
void hz_top_past_note(struct hz_top_past *p, cJSON *status, double s);

/* Prints the screen, lines of at most `width` characters (0: any number). */
void hz_top_screen_print(FILE *out, const cJSON *status, int64_t now_ns, int width, bool colour);

#endif
