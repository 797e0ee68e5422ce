/* The sensors of a configuration: the shipped ones, those of a folder, and its own sections. */
#include "config/schema.h"
#include "config/sensors.h"

#include <errno.h>
#include <stdlib.h>

static void tell(void *ctx, const char *file, int line, const char *text)
{
    hz_conf_error(ctx, file, line, "%s", text);
}

static void no_memory(struct hz_conf_parser *p)
{
    hz_conf_error(p->errors, p->file, 0, "out of memory");
}

void hz_config_sensor_section(struct hz_conf_parser *p, int line, const char *name)
{
    if (!p->sensors)
        p->sensors = hz_sensor_drafts_new(tell, p->errors);
    p->in_sensor = p->sensors != NULL;
    if (p->in_sensor)
        hz_sensor_drafts_section(p->sensors, p->file, line, name);
    else
        no_memory(p);
}

void hz_config_sensors_done(struct hz_conf_parser *p)
{
    hz_sensor_drafts_free(p->sensors);
    p->sensors = NULL;
}

static bool wanted(const struct hz_conf_parser *p)
{
    bool any = p->sensors != NULL;
    for (size_t i = 0; i < p->config->n_channels; i++)
        any = any || p->config->channels[i].decoder->wants_sensors;
    return any;
}

void hz_config_sensors(struct hz_conf_parser *p, const char *file)
{
    struct hz_config *c = p->config;
    if (p->errors->count > 0 && !p->sensors)
        return; /* a channel may have no decoder */
    if (p->errors->count == 0 && !wanted(p))
        return;
    struct hz_sensor_drafts *d = hz_sensor_drafts_new(tell, p->errors);
    char *folder = file ? hz_sensors_folder(file) : NULL;
    if (!d || (file && !folder)) {
        no_memory(p);
    } else {
        const int before = p->errors->count;
        hz_sensors_read_shipped(d, tell, p->errors);
        if (folder)
            hz_sensors_read_folder(d, folder, false, tell, p->errors);
        int rc = 0;
        if (p->sensors)
            rc = hz_sensor_drafts_add(d, p->sensors);
        if (rc == 0 && p->errors->count == before)
            rc = hz_sensor_drafts_compile(d, &c->sensors);
        if (rc == -ENOMEM)
            no_memory(p);
    }
    hz_sensor_drafts_free(d);
    free(folder);
    for (size_t i = 0; i < c->n_channels && p->errors->count == 0; i++) {
        if (c->channels[i].decoder->wants_sensors)
            c->channels[i].sensors = c->sensors;
    }
}
