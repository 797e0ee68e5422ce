/* APRS: what an information field says (APRS Protocol Reference 1.0.1, addenda 1.1 and 1.2).
 * Inside proto/ax25 only. Pure; any thread. */
#ifndef HZ_PROTO_PACKET_APRS_APRS_H
#define HZ_PROTO_PACKET_APRS_APRS_H

#include "proto/packet/ax25/address.h"
#include "proto/packet/ax25/text.h"

/* Writes the fields of one information field into the object that is open in j; where it is not
 * whole, `resultcode` alone, which says why. `inner`: it was carried by a third party already. */
void hz_aprs_describe(const struct hz_ax25_header *header, struct hz_text info, bool inner,
                      struct hz_json *j);

/* What one kind of packet is parsed from. */
struct hz_aprs_packet {
    const struct hz_ax25_header *header;
    struct hz_text info; /* whole: the data type identifier is its first byte */
    bool inner;
};

/* One kind of packet: writes its fields and returns NULL, or writes nothing and returns the
 * resultcode. */
typedef const char *hz_aprs_parser(const struct hz_aprs_packet *p, struct hz_json *j);
hz_aprs_parser hz_aprs_position, hz_aprs_object, hz_aprs_item, hz_aprs_mice, hz_aprs_nmea,
    hz_aprs_weather, hz_aprs_ultimeter, hz_aprs_telemetry, hz_aprs_message, hz_aprs_status,
    hz_aprs_grid, hz_aprs_query, hz_aprs_capabilities, hz_aprs_user_defined;

/* Telemetry values of a T# packet, a comment or Mic-E. */
struct hz_aprs_telemetry {
    int seq;  /* -1: none */
    int bits; /* eight binary inputs, the first one most significant; -1: none */
    size_t n;
    double vals[5]; /* NAN: left out */
};
void hz_aprs_telemetry_json(const struct hz_aprs_telemetry *t, struct hz_json *j);

/* PARM., UNIT., EQNS. or BITS. of a message: writes the fields. False: it is none of them. */
bool hz_aprs_telemetry_names(struct hz_text text, struct hz_json *j);

/* Weather, in the units it goes out in. */
enum {
    HZ_WX_DIRECTION,
    HZ_WX_SPEED,
    HZ_WX_GUST,
    HZ_WX_TEMP,
    HZ_WX_TEMP_IN,
    HZ_WX_HUMIDITY,
    HZ_WX_HUMIDITY_IN,
    HZ_WX_PRESSURE,
    HZ_WX_RAIN_1H,
    HZ_WX_RAIN_24H,
    HZ_WX_RAIN_MIDNIGHT,
    HZ_WX_SNOW_24H,
    HZ_WX_LUMINOSITY,
    HZ_WX_FIELDS
};
struct hz_aprs_wx {
    double v[HZ_WX_FIELDS]; /* NAN: not said */
    struct hz_text soft;    /* software and kind of unit; n 0: none */
};
void hz_aprs_wx_init(struct hz_aprs_wx *wx);

/* Reads weather from the beginning of text, behind direction/speed where it has them `with_wind`.
 * What follows it. */
struct hz_text hz_aprs_wx_read(struct hz_aprs_wx *wx, struct hz_text text, bool with_wind);

/* Writes the object `wx`, where anything is known. */
void hz_aprs_wx_json(const struct hz_aprs_wx *wx, struct hz_json *j);

/* A place and all that is said with it. */
struct hz_aprs_place {
    const char *format;
    double lat, lon, resolution_m;
    int ambiguity;    /* digits left out; -1: the format has none */
    char table, code; /* symbol; 0: none */
    double course, speed_kmh, altitude_m, range_km, bearing; /* NAN: not said */
    int fix;                      /* 1: the GPS fix is current, 0: it is old; -1: not said */
    struct hz_text phg, dfs, nrq; /* as sent; n 0: none */
    char datum;                   /* of DAO; 0: none */
    bool has_telemetry, has_wx;
    struct hz_aprs_telemetry telemetry;
    struct hz_aprs_wx wx;
    char comment[HZ_AX25_FRAME_MAX]; /* what is left of it: spans above point elsewhere */
    size_t comment_n;
};
void hz_aprs_place_init(struct hz_aprs_place *place, const char *format);
void hz_aprs_place_json(const struct hz_aprs_place *place, struct hz_json *j);

/* Resolution in metres of a position with so many decimals of minutes (-1: tens of minutes). */
double hz_aprs_resolution(int decimals);

/* Reads a comment: altitude, telemetry and DAO are taken out of it, the rest is kept. */
void hz_aprs_comment(struct hz_aprs_place *place, struct hz_text text);

/* Reads what stands behind a plain or compressed position: data extension or weather, and the
 * comment. */
void hz_aprs_tail(struct hz_aprs_place *place, struct hz_text text);

/* True when c may be the symbol table, or the overlay, of a position that is not compressed. */
bool hz_aprs_is_table(char c);

/* True when c may be a symbol's code (APRS 1.0.1, appendix 2). */
bool hz_aprs_is_symbol(char c);

/* Writes `timestamp` where t begins with one: 6 digits and z, / or h. */
void hz_aprs_timestamp(struct hz_text t, struct hz_json *j);

#endif
