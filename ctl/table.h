/* Text tables made from JSON. A column names the value that it shows and its format. */
#ifndef HZ_CTL_TABLE_H
#define HZ_CTL_TABLE_H

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>

/* How a value is written; "-" when it is not there. */
enum hz_cell {
    HZ_CELL_TEXT,
    HZ_CELL_COUNT,    /* 1234567 as "1,234,567" */
    HZ_CELL_BYTES,    /* "12.3 MB" */
    HZ_CELL_MHZ,      /* Hz as "1090 MHz" */
    HZ_CELL_MHZ_LIST, /* an array of Hz as "161.975, 162.025 MHz" */
    HZ_CELL_RATE,     /* samples per second as "2.4 Msps" */
    HZ_CELL_SPAN,     /* seconds as "3 min" */
    HZ_CELL_AGO,      /* seconds as "3 min ago" */
    HZ_CELL_DEGREES,  /* "53.7609" */
    HZ_CELL_KM,       /* metres as "12.3 km" */
    HZ_CELL_BEARING,  /* degrees as "045" */
    HZ_CELL_SINCE,    /* a time in UTC as "3 min ago" */
    HZ_CELL_MS,       /* "1.25 ms" */
    HZ_CELL_NS,       /* "1.25 ns" */
    HZ_CELL_SECONDS,  /* "12.3 s" */
    HZ_CELL_PERCENT,  /* "12.3 %" */
    HZ_CELL_PPM,      /* "+1.2 ppm" */
    HZ_CELL_DB,       /* "40.2 dB" */
    HZ_CELL_DBFS,     /* "-20.5 dBFS" */
    HZ_CELL_FILTER    /* {"protocol":["adsb"]} as "protocol=adsb"; "all" when empty */
};

struct hz_column {
    const char *title;
    const char *path; /* members on the way to the value, as "candidates.bad_crc" */
    enum hz_cell cell;
    /* if there is no room for all columns, those of highest rank are left out first; 0: never
     * left out */
    int rank;
};

enum { HZ_CELL_MAX = 336 }; /* bytes of a cell, the zero included */

/* Writes one value. `now_ns` is the UTC that ages count from. */
void hz_cell_write(const cJSON *value, enum hz_cell cell, int64_t now_ns, char out[HZ_CELL_MAX]);

/* An array of objects, a row each, under titles, in at most `width` characters (0: any number):
 * columns are left out by their rank, then texts are cut. `none` when there is no row. Columns end
 * with a NULL title; one without any value is left out. */
void hz_table_print(FILE *out, const struct hz_column *columns, const cJSON *rows, int64_t now_ns,
                    int width, const char *none);

/* One object, a line for each column that has a value: title, value. */
void hz_facts_print(FILE *out, const struct hz_column *columns, const cJSON *object,
                    int64_t now_ns);

#endif
