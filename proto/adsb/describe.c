#include "proto/adsb/describe.h"

#include "proto/adsb/altitude.h"
#include "proto/adsb/message.h"
#include "proto/link/bits.h"
#include "proto/out/record.h"

/* DF 24 is every frame that begins with two ones. */
static unsigned format_of(const uint8_t *frame)
{
    unsigned df = frame[0] >> 3;
    return df < 24 ? df : 24;
}

/* The length of a frame in bytes; 0 for a format that is not in use. */
static size_t length_of(unsigned df)
{
    if (df == 0 || df == 4 || df == 5 || df == 11)
        return 7;
    return df >= 16 && df <= 24 && df != 19 && df != 22 && df != 23 ? 14 : 0;
}

/* The kind, name and kind of address of an extended squitter. DF 18 has the kind in its CF field;
 * the kind of address may depend on the IMF bit, whose position differs between messages (DO-260B,
 * 2.2.17.3 for TIS-B and 2.2.18.4 for ADS-R). */
struct sender {
    enum hz_es_kind kind;
    const char *type;
    bool non_icao;
};

static bool imf(const uint8_t *me)
{
    unsigned tc = me[0] >> 3;
    static const uint8_t where[32] = {
        [0] = 8,  [5] = 21, [6] = 21, [7] = 21,  [8] = 21,  [9] = 8,  [10] = 8, [11] = 8,
        [12] = 8, [13] = 8, [14] = 8, [15] = 8,  [16] = 8,  [17] = 8, [18] = 8, [19] = 9,
        [20] = 8, [21] = 8, [22] = 8, [28] = 56, [29] = 51, [31] = 56};
    return where[tc] != 0 && hz_bit(me, where[tc]);
}

static struct sender sender_of(const uint8_t *frame)
{
    if (format_of(frame) == 17)
        return (struct sender){HZ_ES_ADSB, "adsb_icao", false};
    const uint8_t *me = frame + 4;
    switch (hz_bits(frame, 6, 3)) {
    case 0:
        return (struct sender){HZ_ES_ADSB, "adsb_icao_nt", false};
    case 1:
        return (struct sender){HZ_ES_ADSB, "adsb_other", true};
    case 2:
        return imf(me) ? (struct sender){HZ_ES_TISB, "tisb_trackfile", true}
                       : (struct sender){HZ_ES_TISB, "tisb_icao", false};
    case 3:
        return hz_bit(me, 1) ? (struct sender){HZ_ES_OTHER, "tisb_trackfile", true}
                             : (struct sender){HZ_ES_OTHER, "tisb_icao", false};
    case 5:
        return (struct sender){HZ_ES_TISB, "tisb_other", true};
    case 6:
        return imf(me) ? (struct sender){HZ_ES_ADSR, "adsr_other", true}
                       : (struct sender){HZ_ES_ADSR, "adsr_icao", false};
    default: /* 4: management of ground stations; 7: reserved */
        return (struct sender){HZ_ES_OTHER, "unknown", true};
    }
}

bool hz_adsb_insane(const uint8_t *frame, size_t len)
{
    unsigned df = format_of(frame);
    if (len != length_of(df))
        return true;
    uint32_t aa = hz_bits(frame, 9, 24);
    if ((df == 11 || df == 17 || df == 18) && (aa == 0 || aa == 0xffffff))
        return true;
    if (df == 18 && hz_bits(frame, 6, 3) == 7)
        return true;
    if (df == 24 && hz_bit(frame, 3)) /* spare */
        return true;
    uint8_t any = 0;
    for (size_t i = 0; i < len; i++)
        any |= frame[i];
    return any == 0;
}

/* AC field of DF 0, 4, 16, 20. */
static void altitude(const struct hz_message_in *in)
{
    struct hz_aircraft *ac = in->aircraft;
    int feet;
    if (!hz_altitude_ac13(hz_bits(in->frame, 20, 13), &feet))
        return;
    hz_json_int(in->json, "alt_baro", feet);
    ac->alt_baro_ft = feet;
    ac->alt_ns = in->time_ns;
    ac->alt_known = true;
}

/* FS field of DF 4, 5, 20, 21 (ICAO Annex 10, volume IV, 3.1.2.6.5.1). An aircraft that does not
 * know whether it flies sends "airborne", so only "on the ground" is used. The same holds for VS.
 */
static void flight_status(const struct hz_message_in *in)
{
    uint32_t fs = hz_bits(in->frame, 6, 3);
    if (fs == 1 || fs == 3)
        hz_json_str(in->json, "airground", "ground");
    if (fs > 5)
        return;
    hz_json_int(in->json, "alert", fs >= 2 && fs <= 4);
    hz_json_int(in->json, "spi", fs == 4 || fs == 5);
}

/* CA field of DF 11 and 17 (Annex 10, volume IV, 3.1.2.5.2.2.1). */
static void capability(const struct hz_message_in *in)
{
    uint32_t ca = hz_bits(in->frame, 6, 3);
    if (ca == 4 || ca == 5)
        hz_json_str(in->json, "airground", ca == 4 ? "ground" : "airborne");
}

/* DF 24, Comm-D (Annex 10, volume IV, 3.1.2.7.3): 80 bits of an extended length message, or, if KE
 * is 1, the segments of an uplink message that were received (TAS, 3.1.2.7.4). */
static void extended_length(const struct hz_message_in *in)
{
    if (!hz_bit(in->frame, 4)) {
        hz_json_uint(in->json, "elm_segment", hz_bits(in->frame, 5, 4));
        hz_json_hex(in->json, "elm_data", in->frame + 1, 10);
        return;
    }
    hz_json_open_array(in->json, "elm_received");
    for (unsigned k = 0; k < 16; k++)
        if (hz_bit(in->frame, 17 + k))
            hz_json_uint(in->json, NULL, k);
    hz_json_close_array(in->json);
}

static void reply(const struct hz_message_in *in, unsigned df)
{
    if (df == 11)
        capability(in);
    if (df == 4 || df == 5 || df == 20 || df == 21)
        flight_status(in);
    if ((df == 0 || df == 16) && hz_bit(in->frame, 6))
        hz_json_str(in->json, "airground", "ground");
    if (df == 0 || df == 4 || df == 16 || df == 20)
        altitude(in);
    if (df == 5 || df == 21)
        hz_squawk_field(in->json, hz_bits(in->frame, 20, 13));
    if (df == 20 || df == 21)
        hz_register(in);
    if (df == 16 && in->frame[4] == 0x30)
        hz_acas_ra(in->json, in->frame + 4);
    if (df == 24)
        extended_length(in);
}

static void write_hex(struct hz_json *j, uint32_t address, bool non_icao)
{
    static const char digits[] = "0123456789abcdef";
    char text[8] = {'~'};
    for (int i = 0; i < 6; i++)
        text[1 + i] = digits[address >> (20 - 4 * i) & 15];
    hz_json_str(j, "hex", non_icao ? text : text + 1);
    hz_about_id(j, non_icao ? text : text + 1);
}

void hz_adsb_describe(struct hz_aircraft_table *t, const uint8_t *frame, size_t len,
                      uint32_t address, int64_t time_ns, struct hz_json *j)
{
    unsigned df = format_of(frame);
    bool whole = len == length_of(df), squitter = whole && (df == 17 || df == 18);
    struct sender s = squitter ? sender_of(frame) : (struct sender){.type = "mode_s"};
    uint32_t key = (address & 0xffffff) | (s.non_icao ? HZ_NON_ICAO : 0);
    struct hz_message_in in = {.frame = frame,
                               .time_ns = time_ns,
                               .aircraft = hz_aircraft_heard(t, key, time_ns),
                               .antenna = t->antenna_known ? &t->antenna : NULL,
                               .json = j};
    write_hex(j, address, s.non_icao);
    hz_json_str(j, "type", s.type);
    hz_json_uint(j, "df", df);
    if (df == 17)
        capability(&in);
    if (squitter)
        hz_squitter(&in, s.kind);
    else if (whole)
        reply(&in, df);
}
