/* The keys of outputs of type = aprs-is. */
#include "daemon/output/aprs_is.h"
#include "daemon/output/filter.h"
#include "daemon/output/service.h"
#include "proto/format/igate.h"

#include <math.h>
#include <string.h>

static const char *aprs_target(const struct hz_conf_output *section)
{
    return ((const struct hz_conf_aprs_is *)section)->address;
}

static void aprs_check(const struct hz_check *c, void *item)
{
    const struct hz_conf_aprs_is *conf = item;
    hz_output_check_filter(c, &conf->link.output);
    hz_link_check_takes(c, &conf->link.output, &hz_form_tnc2);
    hz_link_check_address(c, conf->address);
    if (hz_check_needs(c, "call", "call = CALL-10, your call with a suffix") &&
        !hz_igate_is_call(conf->call))
        hz_check_error(
            c, "call",
            "call = '%s': expected a call in upper case, with a suffix of two letters or "
            "digits at most, as in DL0TST-10",
            conf->call);
    if (isnan(conf->latitude) != isnan(conf->longitude))
        hz_check_error(c, isnan(conf->latitude) ? "longitude" : "latitude",
                       "latitude and longitude: expected both or neither");
    if (strlen(conf->symbol) != 2 || strpbrk(conf->symbol, "\r\n"))
        hz_check_error(c, "symbol",
                       "symbol = '%s': expected two characters, the table and the sign, as in R&",
                       conf->symbol);
}

/* clang-format off */
#define OF(field) .at = offsetof(struct hz_conf_aprs_is, field)
static const struct hz_option options[] = {
    {.name = "address", .type = HZ_OPTION_TEXT, OF(address), .example = "euro.aprs2.net:14580",
     .help = "HOST:PORT of the server"},
    {.name = "call", .type = HZ_OPTION_TEXT, OF(call), .example = "DL0TST-10",
     .help = "call of the gateway, with a suffix"},
    {.name = "passcode", .type = HZ_OPTION_NUMBER, OF(passcode), .min = 0, .max = 32767, .word = "auto",
     .expected = "auto, or a number from 0 to 32767", .fallback = "auto",
     .help = "of the call; `auto`: computed from it"},
    {.name = "filter", .type = HZ_OPTION_TEXT, OF(filter), .example = "r/48.1/11.6/50",
     .help = "what the server is asked to send; it is dropped, so this is seldom needed"},
    {.name = "latitude", .type = HZ_OPTION_NUMBER, OF(latitude), .min = -90, .max = 90, .unit = "degrees",
     .example = "48.137", .help = "of the gateway, to be told as its position; default: no position is told"},
    {.name = "longitude", .type = HZ_OPTION_NUMBER, OF(longitude), .min = -180, .max = 180, .unit = "degrees",
     .example = "11.575", .help = "likewise"},
    {.name = "beacon", .type = HZ_OPTION_PARSED, OF(beacon_s), .parse = hz_parse_history_time,
     .size = sizeof(uint64_t), .expected = "a time from 1s to 7d with the unit s, m, h or d, as in 30m",
     .fallback = "30m", .help = "time between two reports of the position; not below 10m on servers of others"},
    {.name = "symbol", .type = HZ_OPTION_TEXT, OF(symbol), .fallback = "R&",
     .help = "of the position: table or overlay, and sign; R&: a gateway that only receives"},
    {.name = "comment", .type = HZ_OPTION_TEXT, OF(comment), .example = "hertzd, 2 m, vertical",
     .help = "text behind the position"},
    {.name = "max_age", .type = HZ_OPTION_PARSED, HZ_OF_LINK(max_age_s), .parse = hz_link_parse_age,
     .size = sizeof(uint64_t), .expected = "none, or 1s to 7d with the unit s, m, h or d, as in 30s",
     .fallback = "30s", .help = "messages older than this are not sent any more"},
    {.name = "repaired", .type = HZ_OPTION_YES, OF(repaired), .fallback = "no",
     .help = "also frames in which error correction changed bits"},
    HZ_KEY_MARKED(struct hz_conf_aprs_is, marked),
    {0},
};
/* clang-format on */

const struct hz_output_kind hz_output_aprs_is = {
    .kind = {.name = "aprs-is",
             .title = "packets to a server of APRS-IS, as a gateway that only receives",
             .options = options,
             .size = sizeof(struct hz_conf_aprs_is),
             .check = aprs_check},
    .target = aprs_target,
    .carrier = &hz_aprs_is_carrier,
};
