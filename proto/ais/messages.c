#include "proto/ais/messages.h"

#include "proto/ais/names.h"
#include "proto/ais/rows.h"

#include <stdio.h>

/* Places, widths and what is not available: ITU-R M.1371-5, annex 8, 3.1 for messages 1 to 3 and
 * 3.(N - 2) for the others. */

/* More short forms: one that is left out when it is 0, tenths, codes with words, and so on. */
#define SOME(name, at, bits)                                                                       \
    {                                                                                              \
        name, at, bits, HZ_AIS_NUMBER, 1, 0, 0, 0, NULL                                            \
    }
#define TENTHS(name, at, bits, hi)                                                                 \
    {                                                                                              \
        name, at, bits, HZ_AIS_NUMBER, 0, hi, 10, 0, NULL                                          \
    }
#define WORD(name, at, bits, text)                                                                 \
    {                                                                                              \
        name, at, bits, HZ_AIS_NUMBER, 0, 0, 0, 0, text                                            \
    }
#define KIND(name, at, bits, hi, text)                                                             \
    {                                                                                              \
        name, at, bits, HZ_AIS_NUMBER, 1, hi, 0, 0, text                                           \
    }
#define PLACE(prefix, at, bits)                                                                    \
    {                                                                                              \
        prefix, at, bits, HZ_AIS_POSITION, 0, 0, 0, 0, NULL                                        \
    }
#define SHIP(at)                                                                                   \
    {                                                                                              \
        "", at, 30, HZ_AIS_DIMENSIONS, 0, 0, 0, 0, NULL                                            \
    }
#define SECOND(at)                                                                                 \
    {                                                                                              \
        "second", at, 6, HZ_AIS_SECOND, 0, 0, 0, 0, NULL                                           \
    }
#define DATA(at)                                                                                   \
    {                                                                                              \
        "data", at, 0, HZ_AIS_DATA, 0, 0, 0, 0, NULL                                               \
    }

/* What speeds and directions are at most; above, they are not available. */
#define SPEED(at)   TENTHS("speed", at, 10, 1022)
#define COURSE(at)  TENTHS("course", at, 12, 3599)
#define HEADING(at) UPTO("heading", at, 9, 359)

static const struct hz_ais_item position[] = {
    WORD("status", 38, 4, hz_ais_status),
    {"turn", 42, 8, HZ_AIS_TURN, 0, 0, 0, 0, NULL},
    SPEED(50),
    YES("accuracy", 60),
    PLACE("", 61, 28),
    COURSE(116),
    HEADING(128),
    SECOND(137),
    {"maneuver", 143, 2, HZ_AIS_NUMBER, 1, 2, 0, 0, NULL},
    YES("raim", 148),
    NUM("radio", 149, 19),
    END,
};
static const struct hz_ais_item station[] = {
    YES("accuracy", 78), PLACE("", 79, 28),     KIND("epfd", 134, 4, 0, hz_ais_epfd),
    YES("raim", 148),    NUM("radio", 149, 19), END,
};
static const struct hz_ais_item voyage[] = {
    NUM("ais_version", 38, 2),
    SOME("imo", 40, 30),
    TEXT("callsign", 70, 42),
    TEXT("shipname", 112, 120),
    KIND("shiptype", 232, 8, 0, hz_ais_ship_type),
    SHIP(240),
    KIND("epfd", 270, 4, 0, hz_ais_epfd),
    {"eta", 274, 20, HZ_AIS_DATE, 0, 0, 0, 0, NULL},
    {"draught", 294, 8, HZ_AIS_NUMBER, 1, 0, 10, 0, NULL},
    TEXT("destination", 302, 120),
    NUM("dte", 422, 1),
    END,
};
static const struct hz_ais_item addressed[] = {
    NUM("seqno", 38, 2), NUM("dest_mmsi", 40, 30), YES("retransmit", 70),
    NUM("dac", 72, 10),  NUM("fid", 82, 6),        END,
};
static const struct hz_ais_item acknowledge[] = {
    UNLESS(40, 30, 0, 2),
    NUM("mmsi1", 40, 30),
    NUM("mmsiseq1", 70, 2),
    UNLESS(72, 30, 0, 2),
    NUM("mmsi2", 72, 30),
    NUM("mmsiseq2", 102, 2),
    UNLESS(104, 30, 0, 2),
    NUM("mmsi3", 104, 30),
    NUM("mmsiseq3", 134, 2),
    UNLESS(136, 30, 0, 2),
    NUM("mmsi4", 136, 30),
    NUM("mmsiseq4", 166, 2),
    END,
};
static const struct hz_ais_item broadcast[] = {NUM("dac", 40, 10), NUM("fid", 50, 6), END};
static const struct hz_ais_item aircraft[] = {
    UPTO("alt", 38, 12, 4094),
    UPTO("speed", 50, 10, 1022),
    YES("accuracy", 60),
    PLACE("", 61, 28),
    COURSE(116),
    SECOND(128),
    NUM("regional", 134, 8),
    NUM("dte", 142, 1),
    YES("assigned", 146),
    YES("raim", 147),
    NUM("radio", 148, 20),
    END,
};
static const struct hz_ais_item inquiry[] = {NUM("dest_mmsi", 40, 30), END};
static const struct hz_ais_item safety_to[] = {
    NUM("seqno", 38, 2), NUM("dest_mmsi", 40, 30), YES("retransmit", 70), TEXT("text", 72, 0), END,
};
static const struct hz_ais_item safety[] = {TEXT("text", 40, 0), END};
static const struct hz_ais_item interrogation[] = {
    NUM("mmsi1", 40, 30),
    NUM("type1_1", 70, 6),
    NUM("offset1_1", 76, 12),
    UNLESS(90, 6, 0, 2),
    NUM("type1_2", 90, 6),
    NUM("offset1_2", 96, 12),
    UNLESS(110, 30, 0, 3),
    NUM("mmsi2", 110, 30),
    NUM("type2_1", 140, 6),
    NUM("offset2_1", 146, 12),
    END,
};
static const struct hz_ais_item assignment[] = {
    NUM("mmsi1", 40, 30), NUM("offset1", 70, 12),  NUM("increment1", 82, 10),  UNLESS(92, 30, 0, 3),
    NUM("mmsi2", 92, 30), NUM("offset2", 122, 12), NUM("increment2", 134, 10), END,
};
static const struct hz_ais_item corrections[] = {PLACE("", 40, 18), DATA(80), END};
static const struct hz_ais_item class_b[] = {
    NUM("reserved", 38, 8),
    SPEED(46),
    YES("accuracy", 56),
    PLACE("", 57, 28),
    COURSE(112),
    HEADING(124),
    SECOND(133),
    NUM("regional", 139, 2),
    YES("cs", 141),
    YES("display", 142),
    YES("dsc", 143),
    YES("band", 144),
    YES("msg22", 145),
    YES("assigned", 146),
    YES("raim", 147),
    NUM("radio", 148, 20),
    END,
};
static const struct hz_ais_item class_b_more[] = {
    NUM("reserved", 38, 8),
    SPEED(46),
    YES("accuracy", 56),
    PLACE("", 57, 28),
    COURSE(112),
    HEADING(124),
    SECOND(133),
    NUM("regional", 139, 4),
    TEXT("shipname", 143, 120),
    KIND("shiptype", 263, 8, 0, hz_ais_ship_type),
    SHIP(271),
    KIND("epfd", 301, 4, 0, hz_ais_epfd),
    YES("raim", 305),
    NUM("dte", 306, 1),
    YES("assigned", 307),
    END,
};
/* A block of reserved slots: offset 0 says that there is none. */
#define SLOTS(i, at)                                                                               \
    UNLESS(at, 12, 0, 4), NUM("offset" i, at, 12), SOME("number" i, (at) + 12, 4),                 \
        SOME("timeout" i, (at) + 16, 3), NUM("increment" i, (at) + 19, 11)

static const struct hz_ais_item slots[] = {
    SLOTS("1", 40), SLOTS("2", 70), SLOTS("3", 100), SLOTS("4", 130), END,
};
static const struct hz_ais_item aid[] = {
    KIND("aid_type", 38, 5, 0, hz_ais_aid_type),
    YES("accuracy", 163),
    PLACE("", 164, 28),
    SHIP(219),
    KIND("epfd", 249, 4, 0, hz_ais_epfd),
    SECOND(253),
    NUM("regional", 260, 8),
    YES("raim", 268),
    YES("virtual_aid", 269),
    YES("assigned", 270),
    END,
};
static const struct hz_ais_item channels[] = {
    NUM("channel_a", 40, 12), NUM("channel_b", 52, 12), NUM("txrx", 64, 4),
    YES("power", 68),         YES("addressed", 139),    YES("band_a", 140),
    YES("band_b", 141),       NUM("zonesize", 142, 3),  END,
};
static const struct hz_ais_item channels_area[] = {
    PLACE("ne_", 69, 18),
    PLACE("sw_", 104, 18),
    END,
};
static const struct hz_ais_item channels_to[] = {
    NUM("dest1", 69, 30),
    NUM("dest2", 104, 30),
    END,
};
static const struct hz_ais_item group[] = {
    PLACE("ne_", 40, 18),
    PLACE("sw_", 75, 18),
    WORD("stationtype", 110, 4, hz_ais_station_type),
    KIND("shiptype", 114, 8, 0, hz_ais_ship_type),
    NUM("txrx", 144, 2),
    NUM("interval", 146, 4),
    NUM("quiet", 150, 4),
    END,
};
static const struct hz_ais_item static_a[] = {TEXT("shipname", 40, 120), END};
static const struct hz_ais_item static_b[] = {
    KIND("shiptype", 40, 8, 0, hz_ais_ship_type),
    TEXT("callsign", 90, 42),
    TEXT("vendorid", 48, 18),
    UNLESS(48, 18, 0, 2), /* all of the unit's 42 bits are 0 where it does not tell */
    NUM("model", 66, 4),
    NUM("serial", 70, 20),
    END,
};
static const struct hz_ais_item static_b_ship[] = {SHIP(132), KIND("epfd", 162, 4, 0, hz_ais_epfd),
                                                   END};
static const struct hz_ais_item static_b_craft[] = {SOME("mothership_mmsi", 132, 30), END};
static const struct hz_ais_item long_range[] = {
    YES("accuracy", 38),
    YES("raim", 39),
    WORD("status", 40, 4, hz_ais_status),
    PLACE("", 44, 18),
    UPTO("speed", 79, 6, 62),
    UPTO("course", 85, 9, 359),
    YES("gnss", 94),
    END,
};

/* Types 4 and 11: UTC of the station, which is left out when any part is not available. */
static void timestamp(const struct hz_ais_in *in)
{
    if (in->bits < 78)
        return;
    unsigned year = hz_ais_bits(in, 38, 14), month = hz_ais_bits(in, 52, 4);
    unsigned day = hz_ais_bits(in, 56, 5), hour = hz_ais_bits(in, 61, 5);
    unsigned minute = hz_ais_bits(in, 66, 6), second = hz_ais_bits(in, 72, 6);
    char text[32];
    if (year == 0 || year > 9999 || month < 1 || month > 12 || day < 1 || hour > 23 ||
        minute > 59 || second > 59)
        return;
    int n = snprintf(text, sizeof text, "%04u-%02u-%02uT%02u:%02u:%02uZ", year, month, day, hour,
                     minute, second);
    hz_json_strn(in->json, "timestamp", text, (size_t)n);
}

/* Type 21: a name of 20 characters, and up to 14 more at the end of the message, which belong to it
 * unless it has ended before. Whether the aid is off its position is valid only beside a second
 * of UTC. */
static void aid_more(const struct hz_ais_in *in)
{
    char name[34];
    if (in->bits < 163)
        return;
    size_t n = hz_ais_chars(in, 43, 120, name);
    unsigned more = in->bits > 272 ? in->bits - 272 : 0;
    if (n == 20 && more >= 6)
        n += hz_ais_chars(in, 272, more > 84 ? 84 : more, name + 20);
    n = hz_ais_trim(name, n);
    if (n > 0)
        hz_json_strn(in->json, "name", name, n);
    if (in->bits >= 260 && hz_ais_bits(in, 253, 6) < 60)
        hz_json_bool(in->json, "off_position", hz_ais_bits(in, 259, 1));
}

/* Type 24: part B of a craft that belongs to a mother ship (MMSI 98…) names that. */
static void static_data(const struct hz_ais_in *in, uint32_t mmsi)
{
    if (in->bits < 40)
        return;
    unsigned part = hz_ais_bits(in, 38, 2);
    hz_json_uint(in->json, "partno", part);
    if (part == 0) {
        hz_ais_items(in, static_a, 0);
    } else if (part == 1) {
        hz_ais_items(in, static_b, 0);
        hz_ais_items(in, mmsi / 10000000 == 98 ? static_b_craft : static_b_ship, 0);
    }
}

/* Types 25 and 26: who it is for, and the application, are there or not. */
static void short_binary(const struct hz_ais_in *in, unsigned radio_bits)
{
    if (in->bits < 40 + radio_bits)
        return;
    bool to = hz_ais_bits(in, 38, 1), structured = hz_ais_bits(in, 39, 1);
    unsigned at = 40, end = in->bits - radio_bits;
    hz_json_bool(in->json, "addressed", to);
    hz_json_bool(in->json, "structured", structured);
    if (to && at + 30 <= end) {
        hz_json_uint(in->json, "dest_mmsi", hz_ais_bits(in, at, 30));
        at += 30;
    }
    if (structured && at + 16 <= end) {
        unsigned dac = hz_ais_bits(in, at, 10), fid = hz_ais_bits(in, at + 10, 6);
        hz_json_uint(in->json, "app_id", hz_ais_bits(in, at, 16));
        hz_json_uint(in->json, "dac", dac);
        hz_json_uint(in->json, "fid", fid);
        hz_ais_binary(in, dac, fid, at + 16, end);
    } else {
        hz_ais_data(in, at, end);
    }
    if (radio_bits)
        hz_json_uint(in->json, "radio", hz_ais_bits(in, end, radio_bits));
}

static void binary(const struct hz_ais_in *in, const struct hz_ais_item *items, unsigned at)
{
    hz_ais_items(in, items, 0);
    if (at <= in->bits)
        hz_ais_binary(in, hz_ais_bits(in, at - 16, 10), hz_ais_bits(in, at - 6, 6), at, in->bits);
}

void hz_ais_message(const struct hz_ais_in *in, unsigned type, uint32_t mmsi)
{
    static const struct hz_ais_item *const plain[28] = {
        [1] = position,       [2] = position,    [3] = position,     [4] = station,
        [5] = voyage,         [7] = acknowledge, [9] = aircraft,     [10] = inquiry,
        [11] = station,       [12] = safety_to,  [13] = acknowledge, [14] = safety,
        [15] = interrogation, [16] = assignment, [17] = corrections, [18] = class_b,
        [19] = class_b_more,  [20] = slots,      [21] = aid,         [22] = channels,
        [23] = group,         [27] = long_range,
    };
    if (type == 4 || type == 11)
        timestamp(in);
    if (type == 21)
        aid_more(in);
    if (type < 28 && plain[type])
        hz_ais_items(in, plain[type], 0);
    if (type == 6)
        binary(in, addressed, 88);
    else if (type == 8)
        binary(in, broadcast, 56);
    else if (type == 22 && in->bits >= 140)
        hz_ais_items(in, hz_ais_bits(in, 139, 1) ? channels_to : channels_area, 0);
    else if (type == 24)
        static_data(in, mmsi);
    else if (type == 25 || type == 26)
        short_binary(in, type == 26 ? 20 : 0);
}
