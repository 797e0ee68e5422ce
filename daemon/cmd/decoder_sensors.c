/* hertzd decoders sensors: the sensors that are known. */
#include "config/sensors.h"
#include "daemon/cmd/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "prologue wins, rubicson": those that win are told in its place. */
static void put_twins(const struct hz_sensor_set *set, const struct hz_sensor *s)
{
    for (size_t i = 0; i < s->n_twins; i++)
        printf("%s%s%s", i == 0 ? "" : ", ", s->twins[i].wins ? "" : "after ",
               set->list[s->twins[i].other].name);
}

static const char *wave_name(const struct hz_sensor *s)
{
    return s->wave.modulation == HZ_WAVE_FSK ? "FSK" : "OOK";
}

static void put_sensor(const struct hz_sensor_set *set, const struct hz_sensor *s)
{
    char bits[32];
    if (s->data_min == s->data_max)
        snprintf(bits, sizeof bits, "%d", s->data_min);
    else
        snprintf(bits, sizeof bits, "%d-%d", s->data_min, s->data_max);
    char checks[40];
    hz_sensor_checks(s, checks, sizeof checks);
    printf("%-30s %-26s %-4s %-8s %8d %6d %-16s %-4s ", s->model, s->name, wave_name(s), bits,
           s->strength, s->wave.repeat > 1 ? s->wave.repeat : 1, *checks ? checks : "-",
           s->off ? "off" : "");
    put_twins(set, s);
    putchar('\n');
}

int hz_cmd_decoder_sensors(void)
{
    struct hz_sensor_set *set = NULL;
    char err[600], *folder = hz_sensors_folder(HZ_DEFAULT_CONFIG);
    int rc = hz_sensor_set_load(&set, folder, false, err, sizeof err);
    if (rc != 0) {
        fprintf(stderr, "hertzd decoders: %s\n", err);
        free(folder);
        return HZ_EXIT_FAILED;
    }
    printf("\n%zu sensors, with those of %s. STRENGTH: bits of a frame that are fixed or checked; "
           "FRAMES: equal ones that a message needs; TWINS read the same bursts.\n\n",
           set->n, folder);
    printf("%-30s %-26s %-4s %-8s %8s %6s %-16s %-4s %s\n", "MODEL", "SECTION", "WAVE", "BITS",
           "STRENGTH", "FRAMES", "CHECKS", "USE", "TWINS");
    for (size_t i = 0; i < set->n; i++)
        put_sensor(set, &set->list[i]);
    hz_sensor_set_unref(set);
    free(folder);
    return HZ_EXIT_OK;
}
