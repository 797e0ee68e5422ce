/* What there is over HTTP: a line for each resource. */
#include "daemon/serve/http.h"

/* clang-format off */
const struct hz_http_route hz_http_routes[] = {
    /* path               query  methods       role             function */
    {"/stream",            true,  HZ_HTTP_GET,  HZ_ROLE_READ,    hz_http_stream},
    {"/status",            false, HZ_HTTP_READ, HZ_ROLE_READ,    hz_http_status},
    {"/whoami",            false, HZ_HTTP_READ, HZ_ROLE_READ,    hz_http_whoami},
    {"/rpc",               false, HZ_HTTP_POST, HZ_ROLE_CONTROL, hz_http_rpc},
    {"/healthz",           false, HZ_HTTP_READ, HZ_ROLE_NONE,    hz_http_healthz},
    {"/metrics",           false, HZ_HTTP_READ, HZ_ROLE_READ,    hz_http_metrics},
    {"/aircraft",          true,  HZ_HTTP_READ, HZ_ROLE_READ,    hz_http_aircraft},
    {"/ships",             true,  HZ_HTTP_READ, HZ_ROLE_READ,    hz_http_ships},
    {"/stations",          true,  HZ_HTTP_READ, HZ_ROLE_READ,    hz_http_stations},
    {"/geojson",           false, HZ_HTTP_READ, HZ_ROLE_READ,    hz_http_geojson},
    {"/aircraft/geojson",  false, HZ_HTTP_READ, HZ_ROLE_READ,    hz_http_aircraft_geojson},
    {"/ships/geojson",     false, HZ_HTTP_READ, HZ_ROLE_READ,    hz_http_ships_geojson},
    {"/stations/geojson",  false, HZ_HTTP_READ, HZ_ROLE_READ,    hz_http_stations_geojson},
    {"/kml",               false, HZ_HTTP_READ, HZ_ROLE_READ,    hz_http_kml},
    {"/coverage",          false, HZ_HTTP_READ, HZ_ROLE_READ,    hz_http_coverage},
    {"/data/aircraft.json", true, HZ_HTTP_READ, HZ_ROLE_READ,    hz_http_readsb_aircraft}, /* query: of no meaning */
    {"/data/receiver.json", true, HZ_HTTP_READ, HZ_ROLE_READ,    hz_http_readsb_receiver},
    {"/data/stats.json",   true,  HZ_HTTP_READ, HZ_ROLE_READ,    hz_http_readsb_stats},
    {"/audio/",            false, HZ_HTTP_READ, HZ_ROLE_READ,    hz_http_audio},
    {"/spectrum",          true,  HZ_HTTP_GET,  HZ_ROLE_READ,    hz_http_spectrum},
    {"/events",            true,  HZ_HTTP_GET,  HZ_ROLE_READ,    hz_http_events},
    {"/recordings",        true,  HZ_HTTP_READ, HZ_ROLE_READ,    hz_http_recordings},
    {"/recordings/",       false, HZ_HTTP_READ, HZ_ROLE_READ,    hz_http_recording},
    {"/",                  true,  HZ_HTTP_READ, HZ_ROLE_NONE,    hz_http_page}, /* all others: its files */
    {0},
};
/* clang-format on */
