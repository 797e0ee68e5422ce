/* Addresses of meters: number, manufacturer, type. */
#include "proto/wmbus/telegram.h"

#include <string.h>

uint32_t hz_wmbus_id(const uint8_t address[HZ_WMBUS_ADDRESS])
{
    return (uint32_t)address[5] << 24 | (uint32_t)address[4] << 16 | (uint32_t)address[3] << 8 |
           address[2];
}

void hz_wmbus_maker(const uint8_t address[HZ_WMBUS_ADDRESS], char maker[4])
{
    unsigned code = (unsigned)address[1] << 8 | address[0];
    for (int i = 0; i < 3; i++)
        maker[i] = (char)('@' + (code >> (10 - 5 * i) & 31));
    maker[3] = '\0';
}

/* Bit 15 tells that the number is unique only together with the type: it is no letter's. */
bool hz_wmbus_maker_good(const uint8_t address[HZ_WMBUS_ADDRESS])
{
    char maker[4];
    hz_wmbus_maker(address, maker);
    for (int i = 0; i < 3; i++)
        if (maker[i] < 'A' || maker[i] > 'Z')
            return false;
    return true;
}

struct name {
    uint8_t type;
    const char *name;
};

/* EN 13757-7, table of device types. */
static const struct name names[] = {
    {0x00, "other"},
    {0x01, "oil"},
    {0x02, "electricity"},
    {0x03, "gas"},
    {0x04, "heat"},
    {0x05, "steam"},
    {0x06, "warm water"},
    {0x07, "water"},
    {0x08, "heat cost allocation"},
    {0x09, "compressed air"},
    {0x0a, "cooling load at outlet"},
    {0x0b, "cooling load at inlet"},
    {0x0c, "heat at inlet"},
    {0x0d, "heat/cooling load"},
    {0x0e, "bus/system"},
    {0x15, "hot water"},
    {0x16, "cold water"},
    {0x17, "hot/cold water"},
    {0x18, "pressure"},
    {0x19, "A/D converter"},
    {0x1a, "smoke detector"},
    {0x1b, "room sensor"},
    {0x1c, "gas detector"},
    {0x20, "breaker"},
    {0x21, "valve"},
    {0x25, "display"},
    {0x28, "waste water"},
    {0x29, "garbage"},
    {0x31, "controller"},
    {0x32, "repeater"},
    {0x33, "repeater"},
    {0x36, "radio converter (system side)"},
    {0x37, "radio converter (meter side)"},
    {0, NULL},
};

/* Techem's, as its meters send them. */
static const struct name techem[] = {
    {0x43, "heat"},
    {0x45, "heat"},
    {0x62, "warm water"},
    {0x72, "cold water"},
    {0x80, "heat cost allocation"},
    {0xc3, "heat"},
    {0xf0, "smoke detector"},
    {0, NULL},
};

static const char *find(const struct name *list, uint8_t type)
{
    for (; list->name; list++)
        if (list->type == type)
            return list->name;
    return NULL;
}

const char *hz_wmbus_type_name(const uint8_t address[HZ_WMBUS_ADDRESS])
{
    char maker[4];
    hz_wmbus_maker(address, maker);
    const char *name = strcmp(maker, "TCH") == 0 ? find(techem, address[7]) : NULL;
    return name ? name : find(names, address[7]);
}
