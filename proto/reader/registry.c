#include "proto/reader/reader.h"

#include <string.h>

/* All formats, one line each. */
const struct hz_reader *const hz_readers[] = {
    &hz_reader_beast, &hz_reader_avr, &hz_reader_nmea, &hz_reader_kiss, &hz_reader_json, NULL,
};

const struct hz_reader *hz_reader_find(const char *name)
{
    for (const struct hz_reader *const *r = hz_readers; *r; r++) {
        if (strcmp((*r)->name, name) == 0)
            return *r;
    }
    return NULL;
}
