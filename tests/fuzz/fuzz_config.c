/* Any bytes as a configuration: no crash, no leak, and either errors or something to print. */
#include "config/config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void values(const uint8_t *data, size_t size)
{
    char text[64];
    double hz;
    int64_t ns;
    size_t n = size < sizeof text - 1 ? size : sizeof text - 1;
    memcpy(text, data, n);
    text[n] = 0;
    if (hz_parse_hz(text, &hz) == 0 && !(hz >= 0))
        abort();
    if (hz_parse_time(text, &ns) == 0 && ns < 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hz_config c;
    struct hz_conf_errors e = {0};
    values(data, size);
    int rc = hz_config_parse(&c, "fuzz.conf", (const char *)data, size, &e);
    if ((rc == 0) != (e.count == 0))
        abort();
    if (rc == 0) {
        char *text = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&text, &len);
        hz_config_print(&c, out);
        fclose(out);
        free(text);
    }
    hz_conf_errors_done(&e);
    hz_config_free(&c);
    return 0;
}
