#include "daemon/output/service.h"

#include <string.h>

bool hz_service_is_repaired(const struct hz_frame *f)
{
    static const char key[] = "\"fixed_bits\":";
    const struct hz_record *r = &f->rec;
    const char *at = memmem(r->json, r->json_len, key, sizeof key - 1);
    return at && at + sizeof key - 1 < r->json + r->json_len && at[sizeof key - 1] != '0';
}
