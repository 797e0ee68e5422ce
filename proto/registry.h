/* The decoders that there are: those that are built in, and what is added to them at start. */
#ifndef HZ_PROTO_REGISTRY_H
#define HZ_PROTO_REGISTRY_H

#include "proto/decoder.h"

/* Those that are built in, in the order of the documentation; ends with NULL. */
extern const struct hz_decoder *const hz_decoders[];

/* One of them by name; NULL when there is none. */
const struct hz_decoder *hz_decoder_find(const char *name);

/* The decoders of a process. Made once, before anything else is started, by one thread; whoever is
 * handed it only reads, from any thread. */
struct hz_registry {
    const struct hz_decoder **list; /* ends with NULL */
    size_t n;
};

/* Holds those that are built in. -ENOMEM: nothing to undo. */
int hz_registry_init(struct hz_registry *r);
void hz_registry_done(struct hz_registry *r);

/* One more, which is borrowed: it must outlive the registry. Several may have the same functions
 * and differ in `spec`. -EEXIST: the name is taken; -EINVAL: something in it is impossible, as a
 * name that no channel could be given; -ENOMEM; each with a line in err. */
int hz_registry_add(struct hz_registry *r, const struct hz_decoder *d, char *err, size_t err_len);

/* By name; NULL when there is none. */
const struct hz_decoder *hz_registry_find(const struct hz_registry *r, const char *name);

#endif
