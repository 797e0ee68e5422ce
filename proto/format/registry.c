#include "proto/format/format.h"

#include <string.h>

/* All formats, one line each. */
const struct hz_form *const hz_forms[] = {
    &hz_form_json,       &hz_form_beast,     &hz_form_avr,       &hz_form_avrmlat,
    &hz_form_sbs,        &hz_form_nmea,      &hz_form_nmea_tag,  &hz_form_ais_json,
    &hz_form_kiss,       &hz_form_tnc2,      &hz_form_multimon,  &hz_form_multimon_json,
    &hz_form_acars_json, &hz_form_vdl2_json, &hz_form_rs41_json, &hz_form_rtl433,
    &hz_form_rtl_wmbus,  &hz_form_csv,       &hz_form_influx,    NULL,
};

const struct hz_form *hz_form_find(const char *name)
{
    for (const struct hz_form *const *f = hz_forms; *f; f++) {
        if (strcmp((*f)->name, name) == 0)
            return *f;
    }
    return NULL;
}

bool hz_form_takes(const struct hz_form *f, const char *protocol)
{
    for (const char *const *p = f->protocols; p && *p; p++) {
        if (strcmp(*p, protocol) == 0)
            return true;
    }
    return f->protocols == NULL;
}
