#include "proto/acars/describe.h"

#include "proto/acars/fields.h"

#define TIME    "'type': 'string', 'pattern': '^[0-9]{4}$'"
#define AIRPORT "'type': 'string', 'pattern': '^[A-Z][A-Z0-9]{3}$'"
#define CHAR    "'type': 'string', 'minLength': 1, 'maxLength': 1"

const struct hz_field hz_acars_fields[] = {
    {"mode", "", "2: any ground station; other characters: a ground station's own", CHAR},
    {"label", "", "what the message is about; `_d`: nothing, an acknowledgement",
     "'type': 'string', 'minLength': 2, 'maxLength': 2"},
    {"block_id", "", "0 to 9: sent by an aircraft (downlink); others: to an aircraft (uplink)",
     CHAR},
    {"ack", "", "the block that it acknowledges; false: none", "'type': ['string', 'boolean']"},
    {"tail", "", "registration of the aircraft; missing in squitters of ground stations",
     "'type': 'string'"},
    {"flight", "", "of a downlink: airline and number", "'type': 'string'"},
    {"msgno", "", "of a downlink: number of the message, letter of the block", "'type': 'string'"},
    {"text", "", "of the block; with the last block of several, of the whole message",
     "'type': 'string'"},
    {"blocks", "", "with the last block of several: how many they were",
     "'type': 'integer', 'minimum': 2"},
    {"block_text", "", "with the last block of several: its own text", "'type': 'string'"},
    {"truncated", "", "true: the whole text had more than 3520 characters", "'const': true"},
    {"end", "", "true: the block ends with ETB, others follow (acarsdec's name); else with ETX",
     "'const': true"},
    {"sublabel", "", "of label H1: the part of the avionics", "'type': 'string'"},
    {"mfi", "", "of label H1: message function identifier", "'type': 'string'"},
    {"assstat", "", "the block's place in its message, in libacars' words",
     "'enum': ['skipped', 'in progress', 'complete', 'duplicate', 'out of sequence']"},
    {"error", "", "characters that came with wrong parity, and were corrected",
     "'type': 'integer', 'minimum': 0"},
    {"label_text", "", "what the label means, where that is laid down", "'type': 'string'"},
    {"depa", "", "airport of departure", AIRPORT},
    {"dsta", "", "airport of arrival", AIRPORT},
    {"eta", "UTC", "hhmm: expected arrival", TIME},
    {"gtout", "UTC", "hhmm: out of the gate", TIME},
    {"gtin", "UTC", "hhmm: in the gate", TIME},
    {"wloff", "UTC", "hhmm: off the ground", TIME},
    {"wlin", "UTC", "hhmm: on the ground", TIME},
    {"ground_station", "", "of a squitter: the airport where the ground station is", AIRPORT},
    {"lat", "deg", "of the aircraft, or of the ground station of a squitter",
     "'type': 'number', 'minimum': -90, 'maximum': 90"},
    {"lon", "deg", "east is positive", "'type': 'number', 'minimum': -180, 'maximum': 180"},
    {"alt", "ft", "altitude, or flight level times 100", "'type': 'number'"},
    {0},
};

void hz_acars_describe(const struct hz_acars_block *block, const struct hz_acars_joined *joined,
                       const struct hz_acars_found *found, struct hz_json *j)
{
    hz_acars_write(j, block, joined);
    hz_json_uint(j, "error", found->parity);
    hz_acars_write_contents(j, block, joined);
}
