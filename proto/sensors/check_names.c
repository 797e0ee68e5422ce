/* What the checks of a sensor compute, in words. */
#include "proto/sensors/code.h"

#include <stdio.h>
#include <string.h>

/* The name of a function that checks; false: it does not. */
static bool name_of(const struct hz_ins *ins, char out[16])
{
    const char *plain = NULL, *sized = NULL;
    switch (ins->a) {
    case HZ_CALL_CRC:
    case HZ_CALL_CRC_R:
        sized = "crc";
        break;
    case HZ_CALL_SUM:
        sized = "sum";
        break;
    case HZ_CALL_XOR:
        sized = "xor";
        break;
    case HZ_CALL_DIGEST8:
    case HZ_CALL_DIGEST8R:
    case HZ_CALL_DIGEST8V:
        plain = "digest8";
        break;
    case HZ_CALL_DIGEST16:
        plain = "digest16";
        break;
    case HZ_CALL_ROLL:
        plain = "roll";
        break;
    case HZ_CALL_PICK:
        plain = "pick";
        break;
    case HZ_CALL_PAR:
        plain = "par";
        break;
    default:
        return false;
    }
    if (plain)
        snprintf(out, 16, "%s", plain);
    else
        snprintf(out, 16, "%s%d%s", sized, ins->c, ins->a == HZ_CALL_CRC_R ? "r" : "");
    return true;
}

static bool is_there(const char *list, const char *name)
{
    const size_t n = strlen(name);
    for (const char *s = list; (s = strstr(s, name)); s += n) {
        if ((s == list || s[-1] == ' ') && (s[n] == 0 || s[n] == ' '))
            return true;
    }
    return false;
}

void hz_sensor_checks(const struct hz_sensor *s, char *out, size_t size)
{
    char name[16];
    size_t used = 0;
    out[0] = 0;
    for (size_t k = 0; k < s->code->n_checks; k++) {
        const struct hz_ins *ins = s->code->ins + s->code->checks[k].at;
        for (size_t i = 0; i < s->code->checks[k].n; i++) {
            if (ins[i].op != HZ_OP_CALL || !name_of(&ins[i], name) || is_there(out, name) ||
                used + strlen(name) + 2 > size)
                continue;
            used += (size_t)snprintf(out + used, size - used, "%s%s", used ? " " : "", name);
        }
    }
}
