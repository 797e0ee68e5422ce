/* Any line of another hertzd, told in every format: what formats of lines write is lines of UTF-8,
 * those in JSON are objects, and nothing is read or written beyond its end. */
#include "daemon/input/line.h"
#include "proto/format/ais_json.h"
#include "proto/format/sonde.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 65536 };

static bool is_json(const struct hz_form *f)
{
    return f->mime && strcmp(f->mime, "application/json") == 0 && f != &hz_form_json;
}

static void check(const char *text, size_t n)
{
    cJSON *o = cJSON_ParseWithLength(text, n);
    if (!cJSON_IsObject(o) || !hz_json_is_utf8(text, n))
        abort();
    cJSON_Delete(o);
}

static void tell(const struct hz_form_in *in, const struct hz_form *f, size_t room)
{
    char *text = malloc(room);
    struct hz_bytes out = {.p = text, .cap = room};
    f->put(in, &out);
    if (!out.full && out.n > 0 && is_json(f))
        check(text, out.n);
    if (!out.full && out.n > 0 && !f->binary && text[out.n - 1] != '\n')
        abort();
    free(text);
}

/* The objects of uploads. */
static void upload(const struct hz_form_in *in, size_t room)
{
    for (int i = HZ_AIS_FULL; i <= HZ_AIS_APRS_FI + 1; i++) {
        char *text = malloc(room);
        struct hz_json j;
        hz_json_init(&j, text, room);
        hz_json_open(&j, NULL);
        bool any = i > HZ_AIS_APRS_FI ? hz_sondehub_put(in, &j)
                                      : hz_ais_json_put(in, (enum hz_ais_json)i, &j);
        hz_json_close(&j);
        if (any && !j.full)
            check(text, j.len);
        free(text);
    }
}

/* Input: how much memory (1), then the line. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hz_line_as as = {.receiver = "club", .input = "json", .stream = "a", .from = ""};
    struct hz_line line;
    char err[200];
    if (size < 1)
        return 0;
    size_t room = data[0] ? data[0] * 8u : ROOM;
    struct hz_line_reader *r = hz_line_reader_new(hz_decoders);
    if (!r)
        abort();
    if (hz_line_read(r, (const char *)data + 1, size - 1, &as, &line, err, sizeof err) ==
        HZ_LINE_MESSAGE) {
        struct hz_form_in in = {.rec = &line.rec,
                                .receiver = "club",
                                .channel = line.channel,
                                .protocol = line.protocol,
                                .line = "{}",
                                .line_len = 2};
        for (const struct hz_form *const *f = hz_forms; *f; f++)
            tell(&in, *f, room);
        upload(&in, room);
    }
    hz_line_reader_free(r);
    return 0;
}
