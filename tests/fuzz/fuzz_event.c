/* First byte even: the conditions of an [event] section, which are then held against what follows
 * the first NUL; odd: a template, filled with it. What is refused says why; what is filled fits. */
#include "daemon/event/template.h"
#include "daemon/event/when.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void conditions(const char *text, const char *subject)
{
    static struct hz_whens w;
    char err[200] = "";
    if (hz_whens_parse(&w, text, err, sizeof err) != 0) {
        if (!err[0] || w.n > 0)
            abort();
        return;
    }
    for (size_t i = 0; i < w.n; i++) {
        const struct hz_when *when = &w.list[i];
        if (!when->words[0] || (when->kind == HZ_WHEN_SILENT && when->after_ms < 1000))
            abort();
        if (when->kind == HZ_WHEN_TEXT)
            hz_when_matches(when, subject);
        if (when->kind == HZ_WHEN_ENTERS && hz_area_has(&when->area, (struct hz_place){NAN, 0}))
            abort();
    }
    hz_whens_done(&w);
}

static void value(void *ctx, const char *name, char *text, size_t size)
{
    if (!*name || strlen(name) > HZ_TEMPLATE_NAME_MAX)
        abort();
    snprintf(text, size, "%s", (const char *)ctx);
}

static void fill(const char *text, char *subject)
{
    char err[200] = "", out[100];
    if (hz_template_check(text, err, sizeof err) != 0 && !err[0])
        abort();
    for (enum hz_escape e = HZ_ESCAPE_RAW; e <= HZ_ESCAPE_HEADER; e++) {
        size_t n = hz_template_fill(text, e, value, subject, out, sizeof out);
        if (n >= sizeof out || out[n])
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    char *copy = calloc(1, size + 1);
    memcpy(copy, data + 1, size - 1);
    size_t n = strlen(copy);
    char *subject = copy + n + (n + 1 < size);
    if (data[0] & 1)
        fill(copy, subject);
    else
        conditions(copy, subject);
    free(copy);
    return 0;
}
