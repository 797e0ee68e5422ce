/* Messages that are events in Home Assistant: a page, a button. */
#include "daemon/output/ha_fields.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ROOM = 512 }; /* for all that is not a field */

const char *hz_ha_event_type(const struct hz_ha_field *f)
{
    return strcmp(f->name, "button") == 0 ? "pressed"
           : strcmp(f->name, "cmd") == 0  ? "sent"
                                          : "page";
}

char *hz_ha_event(const struct hz_ha_field *f, const struct hz_record *rec, const char *receiver,
                  const char *channel)
{
    struct hz_value name, value;
    char time[HZ_TIME_TEXT];
    size_t size = ROOM;
    for (size_t i = 0; i < rec->n_fields; i++) {
        hz_record_field_at(rec, i, &name, &value);
        size += name.n + value.n + 4;
    }
    char *text = malloc(size);
    if (!text)
        return NULL;
    hz_time_text(rec->utc_ns, time);
    size_t n = (size_t)snprintf(text, size,
                                "{\"event_type\":\"%s\",\"time\":\"%s\",\"receiver\":\"%s\","
                                "\"channel\":\"%s\"",
                                hz_ha_event_type(f), time, receiver, channel);
    if (!isnan(rec->snr_db))
        n += (size_t)snprintf(text + n, size - n, ",\"snr_db\":%.1f", (double)rec->snr_db);
    if (rec->mark)
        n += (size_t)snprintf(text + n, size - n, ",\"%s\":true", rec->mark);
    for (size_t i = 0; i < rec->n_fields; i++) {
        hz_record_field_at(rec, i, &name, &value);
        n += (size_t)snprintf(text + n, size - n, ",\"%.*s\":%.*s", (int)name.n, name.p,
                              (int)value.n, value.p);
    }
    snprintf(text + n, size - n, "}");
    return text;
}
