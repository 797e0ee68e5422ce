/* Pictures of a receiver's bands, taken for some seconds: of the one that it has, or, where it
 * hops, of each one while that is tuned. */
#ifndef HZ_CTL_PARTS_H
#define HZ_CTL_PARTS_H

#include "ctl/band.h"
#include "ctl/client.h"

struct hz_ctl_part {
    double centre_hz;
    /* Of a receiver that hops, at the time of the last picture; NAN: there is none, or it does not
     * hop. */
    double clip_percent, noise_dbfs;
    struct hz_ctl_band band;
};

struct hz_ctl_parts {
    struct hz_ctl_part *list;
    size_t n;
    bool hops;
};

/* The bands that an object of the status' `receivers` has now. -ENOMEM: there is nothing to free.
 */
int hz_ctl_parts_init(struct hz_ctl_parts *p, const cJSON *receiver);
void hz_ctl_parts_done(struct hz_ctl_parts *p);

/* Takes pictures for so long, of what is tuned. 0, or -errno with one line in c->err. A receiver
 * that gives none is no error. */
int hz_ctl_parts_look(struct hz_ctl_parts *p, struct hz_ctl_client *c, const cJSON *receiver,
                      double seconds);

/* The part of which most pictures are, among those whose centre an object of the status' `channels`
 * names as its bands; of a receiver that does not hop, its only one. */
const struct hz_ctl_part *hz_ctl_parts_of(const struct hz_ctl_parts *p, const cJSON *channel);

#endif
