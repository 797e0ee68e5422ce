/* Words for the numbers of AIS fields (ITU-R M.1371-5, tables 48, 53, 74; IALA for aids). NULL
 * where a number has none. Pure. */
#ifndef HZ_PROTO_AIS_NAMES_H
#define HZ_PROTO_AIS_NAMES_H

#include <stdint.h>

const char *hz_ais_status(uint32_t v);
const char *hz_ais_ship_type(uint32_t v);
const char *hz_ais_epfd(uint32_t v);
const char *hz_ais_aid_type(uint32_t v);
const char *hz_ais_station_type(uint32_t v);
const char *hz_ais_trend(uint32_t v);
const char *hz_ais_precipitation(uint32_t v);
const char *hz_ais_ice(uint32_t v);
const char *hz_ais_racon(uint32_t v);
const char *hz_ais_light(uint32_t v);
const char *hz_ais_cones(uint32_t v);
const char *hz_ais_loaded(uint32_t v);
const char *hz_ais_inland_type(uint32_t v);

#endif
