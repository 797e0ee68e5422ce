#include "daemon/bus/gap.h"

#include <math.h>

void hz_gap_publish(struct hz_bus *bus, struct hz_topic *topic, const struct hz_gap *gap)
{
    char buf[512];
    struct hz_json j;
    int64_t ahead = (int64_t)(gap->sample - gap->stamp.sample);
    hz_json_init(&j, buf, sizeof buf);
    int64_t utc_ns = gap->stamp.utc_ns + llround((double)ahead * gap->stamp.ns_per_sample);
    hz_json_time(&j, "time", utc_ns);
    hz_json_str(&j, "receiver", topic->receiver);
    if (*topic->channel)
        hz_json_str(&j, "channel", topic->channel);
    if (*topic->protocol)
        hz_json_str(&j, "protocol", topic->protocol);
    hz_json_uint(&j, "sample", gap->sample);
    hz_json_uint(&j, "samples", gap->samples);
    if (gap->sigma > 0)
        hz_json_decimals(&j, "sigma_samples", gap->sigma, 0);
    hz_json_str(&j, "reason", gap->reason);
    hz_bus_publish_json(bus, HZ_KIND_GAP, topic, utc_ns, j.buf, j.len);
}
