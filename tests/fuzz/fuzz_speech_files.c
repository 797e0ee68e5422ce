/* What comes from outside to recordings of speech: the .json beside one, Range of a request, and
 * the pattern of their names. The first byte chooses. */
#include "daemon/output/tape_name.h"
#include "daemon/output/taped.h"
#include "daemon/serve/http_range.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_json(const char *text, size_t n)
{
    struct hz_taped *r = hz_taped_parse(text, n, "tape", "a/b.opus");
    if (r && (!hz_name_ok(r->channel) || !(r->seconds >= 0) || strcmp(r->file, "a/b.opus") != 0))
        abort();
    free(r);
}

static void read_range(const char *text, size_t n)
{
    uint64_t first, count, size = n > 0 ? (uint8_t)text[0] : 0;
    enum hz_http_range kind = hz_http_range((struct hz_http_text){text, n}, size, &first, &count);
    if (first > size || count > size - first || (kind == HZ_RANGE_PART && count == 0))
        abort();
}

static void read_name(const char *text, size_t n)
{
    char *path = strndup(text, n), err[200], name[HZ_TAPE_NAME_MAX + 1],
         pattern[HZ_TAPE_NAME_MAX + 1];
    const struct hz_tape_words w = {
        .channel = "../..", .receiver = "/.", .freq_hz = 446e6, .utc_ns = -1};
    if (path && hz_tape_pattern(path, pattern, err, sizeof err) == 0 &&
        hz_tape_name(pattern, &w, name) == 0) {
        char whole[HZ_TAPE_NAME_MAX + 4];
        snprintf(whole, sizeof whole, "/%s/", name);
        if (strstr(whole, "/../") || strstr(whole, "/./"))
            abort();
    }
    free(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0)
        return 0;
    const char *text = (const char *)data + 1;
    if (data[0] % 3 == 0)
        read_json(text, n - 1);
    else if (data[0] % 3 == 1)
        read_range(text, n - 1);
    else
        read_name(text, n - 1);
    return 0;
}
