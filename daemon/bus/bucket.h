/* The bucket of a message: a number that all messages of one sender share, so that several programs
 * can divide the senders among them (NATS subjects, docs/nats.md). Pure; any thread. */
#ifndef HZ_DAEMON_BUS_BUCKET_H
#define HZ_DAEMON_BUS_BUCKET_H

#include "proto/out/record.h"

enum { HZ_BUCKETS = 64 };

/* 0 to HZ_BUCKETS - 1: FNV-1a, 32 bits, of the sender's id in lower case; without an id, of the raw
 * frame. The same for equal messages of all stations, and in all versions: buckets are part of
 * subjects that others subscribe to. */
unsigned hz_bucket(const struct hz_record *r);

#endif
