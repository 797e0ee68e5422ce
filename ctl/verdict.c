#include "ctl/verdict.h"

#include "ctl/signs.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LOST_FRACTION   0.001 /* of the samples; as many messages are lost with them */
#define CLIPPED_PERCENT 1.0   /* of the samples: more distorts */
#define ROUNDING_DB     7.0   /* noise so little over that of rounding: 1 dB of hearing is lost */
#define LOUD_DBFS       -25.0 /* a carrier that may overload a receiver */
#define MOVED_DB        3.0   /* noise that moves by as much is not that of nature */
#define UNEVEN_DB       7.0   /* more than a dongle's own filter in the inner band */
#define PPM_WRONG       10.0
#define LONG_TALK_S     30   /* longer than anybody talks */
#define STRONG_DB       6.0  /* an SNR that each decoder but VDL2's and RDS's can do with */
#define CLEAR_DB        10.0 /* enough for these two as well */

/* ---- words ------------------------------------------------------------------------------ */

struct words {
    char *text;
    size_t size;
};

/* True, so that a rule can end with it. */
__attribute__((format(printf, 2, 3))) static bool say(const struct words *w, const char *what, ...)
{
    va_list args;
    va_start(args, what);
    vsnprintf(w->text, w->size, what, args);
    va_end(args);
    return true;
}

/* ---- rules: each tells whether it holds, and then what it saw ------------------------------ */

static bool wrong_device(const struct hz_evidence *e, const struct words *w)
{
    bool named = strstr(e->reason, "serial number") || strncmp(e->reason, "device ", 7) == 0;
    return !e->streams && named && !strstr(e->reason, "none") && say(w, "%s", e->reason);
}

static bool no_samples(const struct hz_evidence *e, const struct words *w)
{
    if (!e->streams)
        return say(w, "%s is %s: %s", e->receiver, e->state, e->reason);
    return e->samples == 0 && say(w, "no sample came in %.1f s", e->seconds);
}

static bool not_decoded(const struct hz_evidence *e, const struct words *w)
{
    return *e->error && say(w, "%s", e->error);
}

static bool wrong_pace(const struct hz_evidence *e, const struct words *w)
{
    return *e->pace && strcmp(e->pace, "on time") != 0 &&
           say(w, "samples come %s: %.0f per second instead of %.0f", e->pace, e->rate_received_hz,
               e->rate_hz);
}

static bool lost_samples(const struct hz_evidence *e, const struct words *w)
{
    double all = e->samples + e->lost;
    return e->lost > LOST_FRACTION * all &&
           say(w, "%.1f %% of the samples were lost before hertzd had them", e->lost / all * 100);
}

static bool too_slow(const struct hz_evidence *e, const struct words *w)
{
    return e->channel_lost > LOST_FRACTION * e->samples &&
           say(w, "%.1f %% of the samples could not be decoded in time",
               e->channel_lost / e->samples * 100);
}

static bool away(const struct hz_evidence *e, const struct words *w)
{
    return e->hops && e->seconds == 0 &&
           say(w,
               "its receiver hops, and its band was not tuned in %.1f s of looking: it comes back "
               "in %.0f s, and was heard for %.0f %% of the last hour",
               e->looked_s, isnan(e->next_s) ? 0 : e->next_s, e->coverage * 100);
}

static bool clipping(const struct hz_evidence *e, const struct words *w)
{
    return e->clip_percent > CLIPPED_PERCENT &&
           say(w, "%.1f %% of the samples are clipped", e->clip_percent);
}

static bool overload(const struct hz_evidence *e, const struct words *w)
{
    bool moved = (double)e->moved_db >= MOVED_DB;
    if (!e->looked || (double)e->loudest_dbfs < LOUD_DBFS || !(e->products || moved) ||
        e->clip_percent > CLIPPED_PERCENT || (e->whole_band && !e->products))
        return false;
    if (e->products)
        return say(w,
                   "carriers at %.4f and %.4f MHz have products at %.4f and %.4f MHz; the noise "
                   "moves by %.1f dB",
                   e->carrier_hz[0] / 1e6, e->carrier_hz[1] / 1e6, e->product_hz[0] / 1e6,
                   e->product_hz[1] / 1e6, (double)e->moved_db);
    return say(w, "the noise of the whole band moves by %.1f dB beside a carrier of %.1f dBFS",
               (double)e->moved_db, (double)e->loudest_dbfs);
}

static bool low_gain(const struct hz_evidence *e, const struct words *w)
{
    double over = e->noise_dbfs - e->rounding_dbfs;
    return over < ROUNDING_DB &&
           say(w,
               "the noise is %.1f dBFS, and rounding alone makes %.1f dBFS: signals weaker than "
               "that are lost",
               e->noise_dbfs, e->rounding_dbfs);
}

/* Where a decoder takes the whole band, its bursts fill the pictures, and not the noise. */
static bool uneven_band(const struct hz_evidence *e, const struct words *w)
{
    return e->looked && !e->whole_band && (double)e->uneven_db >= UNEVEN_DB && !e->products &&
           say(w, "the noise is %.1f dB or more weaker at %.3f MHz than at %.3f MHz",
               (double)e->uneven_db, e->worst_hz / 1e6, e->best_hz / 1e6);
}

static bool wrong_ppm(const struct hz_evidence *e, const struct words *w)
{
    return fabs(e->ppm_heard) >= PPM_WRONG &&
           say(w, "the carriers that were heard are %.1f ppm too %s: the ppm should be %.1f",
               fabs(e->ppm_heard), e->ppm_heard < 0 ? "high" : "low", e->ppm + e->ppm_heard);
}

static bool squelch_off(const struct hz_evidence *e, const struct words *w)
{
    return e->speech && e->squelch_db == 0 && e->open >= HZ_OPEN && say(w, "the squelch is off");
}

static bool squelch_open(const struct hz_evidence *e, const struct words *w)
{
    if (!e->speech || e->squelch_db == 0 || e->open < HZ_OPEN || !e->seen)
        return false;
    if (e->sign.always_db < HZ_CTL_SEEN_DB)
        return say(
            w,
            "the squelch of %.0f dB was open for all of %.1f s, although there was only noise "
            "at times",
            e->squelch_db, e->seconds);
    return (hz_is_bare(e) || e->seconds >= LONG_TALK_S) &&
           say(w,
               "the squelch of %.0f dB was open for all of %.1f s: something that is never less "
               "than %.0f dB over the noise, %.1f kHz wide%s",
               e->squelch_db, e->seconds, (double)e->sign.always_db,
               (double)e->sign.width_hz / 1000, hz_is_bare(e) ? ", a bare carrier" : "");
}

static bool squelch_closed(const struct hz_evidence *e, const struct words *w)
{
    return e->speech && e->open <= 1 - HZ_OPEN && e->seen && e->sign.over_db >= HZ_CTL_SEEN_DB &&
           say(w,
               "a signal %.0f dB over the noise was there, and the squelch of %.0f dB stayed "
               "closed",
               (double)e->sign.over_db, e->squelch_db);
}

/* Of what is beside a silent channel; of what fails; or of messages, as long as the receiver has
 * not heard enough carriers to tell its ppm. */
static bool off_frequency(const struct hz_evidence *e, const struct words *w)
{
    bool silent = hz_is_silent(e) && hz_is_beside(e);
    bool fails = hz_is_failing(e) && hz_is_off(e);
    bool heard = e->messages > 0 && !e->whole_band && isnan(e->ppm_heard) &&
                 fabs(e->offset_hz) > e->bandwidth_hz / 8;
    double offset = silent ? e->sign.offset_hz : fails ? e->failed_offset_hz : e->offset_hz;
    double ppm = hz_ppm_of(e, offset);
    return (silent || fails || heard) &&
           say(w,
               "the signal is %.1f kHz too %s, as with a crystal that is %.0f ppm wrong: the ppm "
               "would be %.0f",
               fabs(offset) / 1000, offset > 0 ? "high" : "low", fabs(ppm), e->ppm + ppm);
}

static bool crc_level(const struct hz_evidence *e, const struct words *w)
{
    return hz_is_failing(e) && !hz_is_off(e) && e->failed_snr_db < STRONG_DB &&
           say(w,
               "%.0f transmissions failed their check, %.0f did not: they are %.1f dB over the "
               "noise",
               e->failed, e->messages, e->failed_snr_db);
}

static bool collisions(const struct hz_evidence *e, const struct words *w)
{
    return hz_is_failing(e) && !hz_is_off(e) && e->failed_snr_db >= STRONG_DB &&
           say(w,
               "%.0f transmissions failed their check, %.0f did not, although they are %.0f dB "
               "over "
               "the noise and %.1f kHz from the frequency",
               e->failed, e->messages, e->failed_snr_db, fabs(e->failed_offset_hz) / 1000);
}

static bool crc_fails(const struct hz_evidence *e, const struct words *w)
{
    return hz_is_failing_wide(e) &&
           say(w,
               "%.0f transmissions failed their check, %.0f did not; the loudest are %.0f dB "
               "over the noise",
               e->bad_crc, e->messages, (double)e->band_over_db);
}

static bool bare_carrier(const struct hz_evidence *e, const struct words *w)
{
    return hz_is_silent(e) && !e->speech && hz_is_bare(e) &&
           say(w,
               "a carrier %.0f dB over the noise, without modulation (%.1f kHz wide), never stops",
               (double)e->sign.over_db, (double)e->sign.width_hz / 1000);
}

static bool too_weak(const struct hz_evidence *e, const struct words *w)
{
    return hz_is_unread(e) && !e->whole_band && (double)e->sign.over_db < CLEAR_DB &&
           say(w,
               "signals are at most %.0f dB over the noise, in %.0f %% of the time, and none could "
               "be read",
               (double)e->sign.over_db, (double)e->sign.busy * 100);
}

static bool no_preamble(const struct hz_evidence *e, const struct words *w)
{
    if (!hz_is_unread(e) || (!e->whole_band && (double)e->sign.over_db < CLEAR_DB))
        return false;
    if (e->whole_band)
        return say(w, "something is %.0f dB over the noise, and nothing of it looks like %s",
                   (double)e->band_over_db, e->decoder);
    return say(w,
               "signals up to %.0f dB over the noise, %.1f kHz wide, in %.0f %% of the time: none "
               "looks like %s",
               (double)e->sign.over_db, (double)e->sign.width_hz / 1000, (double)e->sign.busy * 100,
               e->decoder);
}

static bool empty_band(const struct hz_evidence *e, const struct words *w)
{
    return hz_is_silent(e) && e->looked && (double)e->band_over_db < HZ_BAND_DB && e->failed == 0 &&
           say(w, "only noise in the whole band: nothing is more than %.1f dB over it",
               (double)e->band_over_db);
}

static bool no_signal(const struct hz_evidence *e, const struct words *w)
{
    return hz_is_silent(e) && e->seen && !hz_is_signal(e) && !hz_is_beside(e) && e->failed == 0 &&
           (double)e->band_over_db >= HZ_BAND_DB &&
           say(w,
               "only noise on this frequency for %.1f s (%.1f dB over it at most), while other "
               "signals in the band are %.0f dB over the noise",
               e->seconds, (double)e->sign.over_db, (double)e->band_over_db);
}

static bool hops(const struct hz_evidence *e, const struct words *w)
{
    char next[48] = "tuned now";
    if (!e->hops)
        return false;
    if (!isnan(e->next_s))
        snprintf(next, sizeof next, "away, back in %.0f s", e->next_s);
    return say(w,
               "its receiver hops: judged by the %.1f of %.1f s in which its band was tuned (%s; "
               "%.0f %% of the last hour)",
               e->seconds, e->looked_s, next, e->coverage * 100);
}

static bool nobody(const struct hz_evidence *e, const struct words *w)
{
    return e->takers == 0 && e->messages_ever > 0 &&
           say(w, "nobody gets its messages: no client, output or event");
}

static bool receives(const struct hz_evidence *e, const struct words *w)
{
    char level[64] = "";
    if (hz_is_silent(e))
        return false;
    if (isfinite(e->snr_db))
        snprintf(level, sizeof level, ", of late %.1f dB over the noise", e->snr_db);
    if (e->messages == 0)
        return say(w, "a transmission was heard for %.0f %% of %.1f s%s", e->open * 100, e->seconds,
                   level);
    return say(w, "%.0f message%s in %.1f s%s; %.0f failed the check", e->messages,
               e->messages == 1 ? "" : "s", e->seconds, level,
               e->whole_band ? e->bad_crc : e->failed);
}

static bool received(const struct hz_evidence *e, const struct words *w)
{
    return hz_is_silent(e) && e->messages_ever > 0 &&
           say(w, "nothing in %.1f s, but %.0f message%s before, the last %.0f s ago", e->seconds,
               e->messages_ever, e->messages_ever == 1 ? "" : "s", e->message_age_s);
}

static bool unknown(const struct hz_evidence *e, const struct words *w)
{
    return hz_is_silent(e) && e->messages_ever == 0 &&
           say(w, "nothing was decoded in %.1f s, and nothing that was measured tells why",
               e->seconds);
}

/* ---- the table -------------------------------------------------------------------------- */

/* In the order in which they are told: what must be put right first is first. */
static const struct rule {
    const char *code;
    enum { RECEIVER, CHANNEL } about;
    enum hz_severity severity;
    bool likely;
    enum { GO_ON, ENDS, IF_NONE } then; /* ENDS: no more rules. IF_NONE: only where none held */
    bool (*holds)(const struct hz_evidence *e, const struct words *w);
    const char *remedy;
} rules[] = {
    {"wrong_device", RECEIVER, HZ_VERDICT_WRONG, false, ENDS, wrong_device,
     "Set `device` of the receiver to the serial number that is there."},
    {"no_samples", RECEIVER, HZ_VERDICT_WRONG, false, ENDS, no_samples,
     "It is opened again by itself. Check that the device, server or file is there, and that no "
     "other program has it: docs/receivers.md."},
    {"not_decoded", CHANNEL, HZ_VERDICT_WRONG, false, ENDS, not_decoded,
     "Change its frequency, or the centre or rate of its receiver."},
    {"wrong_pace", RECEIVER, HZ_VERDICT_WRONG, false, GO_ON, wrong_pace,
     "docs/receivers.md says what a wrong rate means. Over a network, a lower rate helps."},
    {"lost_samples", RECEIVER, HZ_VERDICT_WRONG, false, GO_ON, lost_samples,
     "Use another USB port or cable, a lower rate, or a machine with less to do."},
    {"too_slow", CHANNEL, HZ_VERDICT_WRONG, false, GO_ON, too_slow,
     "This machine is too slow for all channels: take some away, or lower the rate."},
    {"away", CHANNEL, HZ_VERDICT_NOTE, false, ENDS, away,
     "Look for longer than a round of the plan (--seconds), or give its band more time there."},
    {"clipping", RECEIVER, HZ_VERDICT_WRONG, false, GO_ON, clipping,
     "Lower the gain (hertzctl gain), or put a filter or an attenuator at the antenna."},
    {"overload", RECEIVER, HZ_VERDICT_WRONG, true, GO_ON, overload,
     "Strong transmitters overload the receiver: lower the gain (hertzctl gain), or put a filter "
     "for the wanted band before it."},
    {"low_gain", RECEIVER, HZ_VERDICT_WRONG, false, GO_ON, low_gain,
     "Raise the gain (hertzctl gain). If it is at its highest, an amplifier at the antenna helps."},
    {"uneven_band", RECEIVER, HZ_VERDICT_WRONG, true, GO_ON, uneven_band,
     "A filter, an amplifier or an antenna of another band is likely. Take it out, or move the "
     "centre."},
    {"ppm", RECEIVER, HZ_VERDICT_WRONG, false, GO_ON, wrong_ppm, "hertzctl ppm RECEIVER PPM"},
    {"squelch_off", CHANNEL, HZ_VERDICT_NOTE, false, GO_ON, squelch_off,
     "Noise is told as speech. Give the channel a squelch, as squelch = 6."},
    {"squelch_open", CHANNEL, HZ_VERDICT_WRONG, true, GO_ON, squelch_open,
     "If nobody talks all the time, it is an interference: raise the squelch, or look for what "
     "sends it (power supplies, screens, the dongle itself)."},
    {"squelch_closed", CHANNEL, HZ_VERDICT_WRONG, false, GO_ON, squelch_closed,
     "Lower the squelch of the channel (6 dB is usual), or make the signal stronger: gain, "
     "antenna."},
    {"off_frequency", CHANNEL, HZ_VERDICT_WRONG, true, GO_ON, off_frequency,
     "If a transmitter that is known is off by as much: hertzctl ppm RECEIVER PPM. Else correct "
     "the channel's frequency."},
    {"crc_level", CHANNEL, HZ_VERDICT_WRONG, true, GO_ON, crc_level,
     "They are too weak: more gain, a better antenna or place, a shorter or better cable."},
    {"collisions", CHANNEL, HZ_VERDICT_WRONG, true, GO_ON, collisions,
     "Several send at the same time, or it is a mode that this decoder does not know. A directed "
     "antenna hears fewer."},
    {"crc_fails", CHANNEL, HZ_VERDICT_WRONG, true, GO_ON, crc_fails,
     "They are too weak, or too many send at once. Try other gains (hertzctl gain)."},
    {"bare_carrier", CHANNEL, HZ_VERDICT_WRONG, true, GO_ON, bare_carrier,
     "It is an interference, often of the dongle itself or of a power supply. Move the receiver's "
     "centre: if the carrier moves with it, it is the dongle's."},
    {"too_weak", CHANNEL, HZ_VERDICT_WRONG, true, GO_ON, too_weak,
     "More gain, a better antenna or place, a shorter or better cable."},
    {"no_preamble", CHANNEL, HZ_VERDICT_WRONG, true, GO_ON, no_preamble,
     "Something else sends there, or several at once. Check the frequency and the decoder (hertzd "
     "decoders)."},
    {"empty_band", RECEIVER, HZ_VERDICT_WRONG, true, GO_ON, empty_band,
     "Check the antenna, its plug and cable, whether an amplifier has power (hertzctl bias), and "
     "that a filter is for this band."},
    {"no_signal", CHANNEL, HZ_VERDICT_NOTE, true, GO_ON, no_signal,
     "Perhaps nobody sends now. Look for longer (--seconds 60), and check the frequency."},
    {"hops", CHANNEL, HZ_VERDICT_NOTE, false, GO_ON, hops,
     "What is sent while other bands are tuned is not heard: a receiver of its own hears all."},
    {"nobody", CHANNEL, HZ_VERDICT_NOTE, false, GO_ON, nobody,
     "hertzctl watch shows them. docs/outputs.md and docs/events.md say where they can go."},
    {"receives", CHANNEL, HZ_VERDICT_WELL, false, GO_ON, receives, ""},
    {"received", CHANNEL, HZ_VERDICT_WELL, false, GO_ON, received, ""},
    {"unknown", CHANNEL, HZ_VERDICT_NOTE, true, IF_NONE, unknown,
     "Look for longer (--seconds 60). hertzctl channels has all figures."},
};

const char *hz_severity_name(enum hz_severity severity)
{
    static const char *const names[] = {"well", "note", "wrong"};
    return names[severity];
}

size_t hz_verdicts(const struct hz_evidence *e, struct hz_verdict out[HZ_VERDICTS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < sizeof rules / sizeof *rules && n < HZ_VERDICTS_MAX; i++) {
        const struct rule *r = &rules[i];
        struct hz_verdict *v = &out[n];
        const struct words words = {v->what, sizeof v->what};
        if ((r->then == IF_NONE && n > 0) || !r->holds(e, &words))
            continue;
        v->code = r->code;
        v->severity = r->severity;
        v->likely = r->likely;
        v->of_receiver = r->about == RECEIVER;
        v->remedy = r->remedy;
        n++;
        if (r->then == ENDS)
            break;
    }
    return n;
}
