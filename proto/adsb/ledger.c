#include "proto/adsb/ledger.h"

#include "dsp/level.h"

void hz_adsb_ledger_init(struct hz_adsb_ledger *l, float rate_hz, uint32_t hold,
                         struct hz_aircraft_table *aircraft)
{
    hz_adsb_trust_init(&l->trust, hold);
    l->rate_hz = rate_hz;
    l->aircraft = aircraft;
    l->now = 1;
}

/* True when a repaired frame of the same address with other contents was received before: two
 * random errors do not give the same address. Otherwise notes the frame. */
static bool repeated(struct hz_adsb_ledger *l, const struct hz_adsb_frame *f)
{
    uint32_t check = (uint32_t)f->byte[11] << 16 | (uint32_t)f->byte[12] << 8 | f->byte[13];
    struct hz_adsb_waiting *slot = l->waiting;
    for (int k = 0; k < HZ_ADSB_LEDGER_WAITING; k++) {
        struct hz_adsb_waiting *w = l->waiting + k;
        if (w->tick != 0 && w->address == f->address && l->now - w->tick <= l->trust.hold)
            return w->check != check;
        if (w->tick < slot->tick)
            slot = w;
    }
    *slot = (struct hz_adsb_waiting){f->address, check, l->now};
    return false;
}

/* Also notes a repaired frame that needs no other, since it may confirm one. */
static bool credible(struct hz_adsb_ledger *l, const struct hz_adsb_frame *f)
{
    if (hz_adsb_trust_has(&l->trust, f->address, l->now))
        return true;
    const bool repaired = f->doubt == HZ_ADSB_UNREPEATED || f->corrected > 0;
    const bool again = repaired && f->doubt != HZ_ADSB_UNTRUSTED && repeated(l, f);
    return again || f->doubt == HZ_ADSB_CREDIBLE;
}

static void tell(struct hz_adsb_ledger *l, const struct hz_adsb_found *f, struct hz_sink *sink)
{
    const uint64_t sample = f->sample > 0 ? (uint64_t)f->sample : 0;
    const float floor = 0.1f * f->noise, us = l->rate_hz * 1e-6f;
    struct hz_burst burst = {
        .sample = sample,
        .end = sample + f->samples,
        .rssi_dbfs = hz_db(f->signal > floor ? f->signal : floor),
        .noise_dbfs = hz_db(f->noise * 2.0f / us), /* white noise, in 2 MHz */
        .offset_hz = f->omega / 6.2831853e-6f,
        .fixed_bits = f->frame.corrected,
        .raw = f->frame.byte,
        .raw_len = (size_t)f->frame.bits / 8,
    };
    burst.snr_db = burst.rssi_dbfs - burst.noise_dbfs;
    struct hz_json *j = hz_sink_begin(sink, &burst);
    hz_adsb_describe(l->aircraft, burst.raw, burst.raw_len, f->frame.address,
                     hz_sink_time(sink, burst.sample), j);
    hz_sink_end(sink);
}

void hz_adsb_ledger_enter(struct hz_adsb_ledger *l, const struct hz_adsb_found *f,
                          struct hz_sink *sink)
{
    if (f->frame.certain)
        hz_adsb_trust_add(&l->trust, f->frame.address, l->now);
    if (hz_adsb_recent_has(&l->recent, f))
        return;
    if (credible(l, &f->frame)) {
        hz_adsb_recent_note(&l->recent, f);
        tell(l, f, sink);
    } else if (!f->either) {
        hz_sink_refuse(sink, f->why);
    }
}
