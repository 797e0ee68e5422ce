/* Telegrams of meters as chips: wireless M-Bus, modes T1, C1 and S1 of EN 13757-4. Pure: any
 * thread. */
#ifndef HZ_SIM_WMBUS_H
#define HZ_SIM_WMBUS_H

#include <stddef.h>
#include <stdint.h>

enum hz_sim_wmbus_mode {
    HZ_SIM_WMBUS_T1,
    HZ_SIM_WMBUS_C1A, /* frame format A */
    HZ_SIM_WMBUS_C1B, /* frame format B */
    HZ_SIM_WMBUS_S1,
};

/* The longest, of 256 bytes in mode S with a preamble for receivers that are always on. */
enum { HZ_SIM_WMBUS_CHIPS = 4800 };

extern const double hz_sim_wmbus_chips_s[]; /* of each mode */

/* Preamble, sync word and frame with its CRCs of the telegram bytes[n] (its first byte is n - 1).
 * Writes chips, one a byte, 1 the higher tone; returns their number. */
size_t hz_sim_wmbus(enum hz_sim_wmbus_mode mode, const uint8_t *bytes, size_t n,
                    uint8_t chips[HZ_SIM_WMBUS_CHIPS]);

/* A made-up meter, which sends its reading. */
struct hz_sim_meter {
    uint32_t id;    /* eight digits in BCD */
    uint16_t maker; /* as sent: 0x4493 is QDS */
    uint8_t type;   /* 7: water, 6: warm water, 4: heat, 3: gas */
    uint8_t version;
    uint8_t access;   /* counts its telegrams */
    uint32_t reading; /* litres, of heat kWh */
};

/* Its telegram, in clear text; returns the bytes, at most 64. */
size_t hz_sim_meter_telegram(struct hz_sim_meter *m, uint8_t out[64]);

#endif
