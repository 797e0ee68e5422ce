#include "daemon/picture/status.h"

static void add(cJSON *o, const char *name, uint64_t n)
{
    cJSON_AddNumberToObject(o, name, (double)n);
}

cJSON *hz_picture_status(const struct hz_snapshots *s)
{
    struct hz_picture_counts c = hz_picture_counts(s->picture);
    cJSON *o = cJSON_CreateObject();
    for (int i = 0; i < HZ_LISTS; i++) {
        cJSON *list = cJSON_AddObjectToObject(o, hz_lists[i].name);
        add(list, "targets", c.targets[i]);
        add(list, "with_position", c.placed[i]);
        add(list, "bytes", c.bytes[i]);
        add(list, "forget_s", hz_lists[i].forget_ms / 1000);
    }
    add(o, "max_targets", HZ_PICTURE_TARGETS);
    add(o, "max_bytes", HZ_PICTURE_BYTES);
    add(o, "seq", hz_picture_seq(s->picture));
    add(o, "messages", c.messages);
    add(o, "forgotten", c.forgotten);
    add(o, "evicted", c.evicted);
    add(o, "doubted", c.doubted);
    add(o, "fields_cut", c.cut);
    add(o, "missed", c.missed);
    add(o, "failed", c.failed);
    add(o, "snapshots", s->n);
    add(o, "snapshot_bytes", s->bytes);
    add(o, "snapshots_made", s->made);
    add(o, "snapshots_shared", s->shared);
    add(o, "snapshots_refused", s->refused);
    return o;
}
