#include "daemon/receive/publish.h"

bool hz_publish(const struct hz_publish *to, const struct hz_sink *sink)
{
    struct hz_record rec;
    size_t at = 0;
    while (hz_sink_next(sink, &at, &rec)) {
        if (to->sightings && !hz_sightings_judge(to->sightings, &rec))
            continue;
        if (rec.kind == HZ_KIND_MESSAGE)
            hz_tally_add(to->tally, &rec);
        if (to->fold && rec.kind == HZ_KIND_MESSAGE)
            hz_fold_publish(to->fold, &to->from, &rec);
        else
            hz_bus_publish(to->bus, hz_frame_new(to->from.topic, &rec, "", 0));
    }
    if (to->fold)
        hz_fold_passed(to->fold, &to->from);
    return at > 0;
}
