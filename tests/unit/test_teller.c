/* What readers found becomes messages by the rules of the decoders. */
#include "proto/adsb/crc.h"
#include "proto/reader/teller.h"
#include "tests/unit/sink_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char arena[65536], text[16384];
static struct hz_sink sink;
static void *state;
static const struct hz_teller *teller;

static void begin_with(const char *protocol, double freq_hz, const char *more)
{
    static struct hz_sink_head head;
    head = (struct hz_sink_head){"club", "club", protocol, freq_hz, more};
    hz_sink_init(&sink, &head, arena, sizeof arena);
    teller = hz_teller_find(protocol);
    state = calloc(1, teller->state_size());
    teller->init(state, NAN, NAN);
}

static size_t unhex(const char *hex, uint8_t *bytes)
{
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)(hz_hex_value((unsigned char)hex[2 * i]) << 4 |
                             hz_hex_value((unsigned char)hex[2 * i + 1]));
    return n;
}

/* At that second. */
static enum hz_reason tell_bits(const uint8_t *frame, size_t bits, int64_t s)
{
    struct hz_unit u = {.kind = HZ_UNIT_MESSAGE, .data = frame, .bits = bits, .channel = 'A'};
    struct hz_burst burst = {
        .end = 1, .rssi_dbfs = -6, .noise_dbfs = NAN, .snr_db = NAN, .offset_hz = NAN};
    int64_t utc = 1795422371000000000 + s * 1000000000;
    hz_sink_rewind(&sink, (struct hz_stamp){.utc_ns = utc, .ns_per_sample = 1000});
    enum hz_reason why = teller->tell(state, &u, &burst, utc, &sink);
    sink_text(&sink, text, sizeof text);
    cr_assert_eq(why == HZ_MESSAGE, *text != '\0');
    return why;
}

/* A frame of which the parity is combined with `overlay`. */
static enum hz_reason tell_mode_s(const char *hex, uint32_t overlay, int64_t s)
{
    uint8_t f[14];
    size_t n = unhex(hex, f);
    f[n - 3] = f[n - 2] = f[n - 1] = 0;
    uint32_t parity = hz_modes_residual(f, n) ^ overlay;
    for (int i = 0; i < 3; i++)
        f[n - 3 + (size_t)i] = (uint8_t)(parity >> (16 - 8 * i));
    return tell_bits(f, 8 * n, s);
}

#define SQUITTER "8d4840d6202cc371c32ce0576098"
#define ALTITUDE "20001838000000"
#define ALL_CALL "5d4840d6000000"

Test(teller, replies_need_an_address_that_was_heard)
{
    begin_with("adsb", 1090e6, "\"input\":\"beast\"");
    cr_assert_eq(tell_mode_s(ALTITUDE, 0x4840d6, 0), HZ_BAD_CRC);
    cr_assert_eq(tell_mode_s(ALL_CALL, 5, 0), HZ_SANITY);
    cr_assert_eq(tell_mode_s(SQUITTER, 0, 0), HZ_MESSAGE);
    cr_assert_str_eq(
        text,
        "\"kind\":\"message\",\"time\":\"2026-11-23T08:26:11.000000000Z\",\"receiver\":\"club\","
        "\"channel\":\"club\",\"protocol\":\"adsb\",\"freq_hz\":1090000000,\"input\":\"beast\","
        "\"rssi_dbfs\":-6,\"fixed_bits\":0,\"raw\":\"8d4840d6202cc371c32ce0576098\",\"adsb\":{"
        "\"hex\":\"4840d6\",\"type\":\"adsb_icao\",\"df\":17,\"airground\":\"airborne\","
        "\"typecode\":4,\"category\":\"A0\",\"flight\":\"KLM1023 \"}}\n");
    cr_assert_eq(tell_mode_s(ALTITUDE, 0x4840d6, 120), HZ_MESSAGE);
    cr_assert(strstr(text, "\"hex\":\"4840d6\",\"type\":\"mode_s\",\"df\":4,"));
    cr_assert_eq(tell_mode_s(ALL_CALL, 79, 120), HZ_MESSAGE);
    cr_assert_eq(tell_mode_s(ALL_CALL, 80, 120), HZ_BAD_CRC);
    cr_assert_eq(tell_mode_s(ALTITUDE, 0x4840d7, 120), HZ_BAD_CRC);
    cr_assert_eq(tell_mode_s(ALTITUDE, 0x4840d6, 121), HZ_BAD_CRC);
    cr_assert_eq(tell_mode_s(ALL_CALL, 0, 122), HZ_MESSAGE); /* is a squitter */
    cr_assert_eq(tell_mode_s(ALTITUDE, 0x4840d6, 123), HZ_MESSAGE);
    free(state);
}

Test(teller, frames_that_are_none_are_refused)
{
    uint8_t f[14];
    begin_with("adsb", 1090e6, "\"input\":\"avr\"");
    cr_assert_eq(tell_mode_s(SQUITTER, 1, 0), HZ_BAD_CRC);
    cr_assert_eq(tell_mode_s("8d000000202cc371c32ce0576098", 0, 0), HZ_SANITY);
    unhex(SQUITTER, f);
    cr_assert_eq(tell_bits(f, 56, 0), HZ_SANITY); /* a long format in a short frame */
    unhex(ALL_CALL "00000000000000", f);
    cr_assert_eq(tell_bits(f, 112, 0), HZ_SANITY);
    free(state);
}

Test(teller, ais_payloads_and_their_sentences)
{
    uint8_t p[64];
    begin_with("ais", 161.975e6, "\"input\":\"nmea\"");
    size_t n = unhex("0471db85a1400005cff1fa1b3a2441fe5a9e0246d8", p);
    cr_assert_eq(tell_bits(p, 8 * n, 0), HZ_MESSAGE);
    cr_assert(strstr(text, "\"freq_hz\":161975000,\"input\":\"nmea\",\"rssi_dbfs\":-6,"
                           "\"fixed_bits\":0,\"raw\":\"0471db85a1400005cff1fa1b3a2441fe5a9e0246d8\""
                           ",\"ais\":{\"type\":1,\"repeat\":0,\"mmsi\":477553000,"));
    cr_assert(strstr(text, "\"nmea\":[\"!AIVDM,1,1,,A,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5F\"]}}"));
    free(state);
}

Test(teller, frames_of_ax25)
{
    uint8_t p[200];
    begin_with("aprs", 0, "\"input\":\"kiss\"");
    size_t n =
        unhex("82a0a4a64040609c60868298987303f021343930332e35304e2f30373230312e3735572d5465737420"
              "303031323334",
              p);
    cr_assert_eq(tell_bits(p, 8 * n, 0), HZ_MESSAGE);
    cr_assert(strstr(text, "\"protocol\":\"aprs\",\"input\":\"kiss\",\"rssi_dbfs\":-6,"));
    cr_assert(strstr(text, "\"srccallsign\":\"N0CALL-9\"") &&
              strstr(text, "\"lat\":49.058333,\"lon\":-72.029167"));
    cr_assert_eq(tell_bits((const uint8_t *)"hello world, no frame", 168, 0), HZ_SANITY);
    cr_assert_eq(tell_bits(p, 8, 0), HZ_SANITY);
    free(state);
}
