#include "ctl/spectrum.h"
#include "ctl/answer.h"

int hz_ctl_spectrum(struct hz_ctl_client *c, const char *receiver, int bins, int fps, int frames,
                    cJSON **answer)
{
    cJSON *params = cJSON_CreateObject();
    cJSON_AddStringToObject(params, "receiver", receiver);
    cJSON_AddNumberToObject(params, "bins", bins);
    cJSON_AddNumberToObject(params, "fps", fps);
    cJSON_AddNumberToObject(params, "frames", frames);
    int rc = hz_ctl_call(c, "spectrum", params, answer);
    cJSON_Delete(params);
    return rc;
}

size_t hz_ctl_levels(const cJSON *answer, const cJSON *frame, float *db, size_t size)
{
    double least = hz_ctl_number(frame, "db_min"), step = hz_ctl_number(answer, "db_step");
    const cJSON *level;
    size_t n = 0;
    cJSON_ArrayForEach(level, hz_ctl_member(frame, "levels"))
    {
        if (n < size)
            db[n++] = (float)(least + step * level->valuedouble);
    }
    return n;
}
