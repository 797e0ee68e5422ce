#include "daemon/serve/spectrum_words.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <string.h>

static int from_query(struct hz_spectrum_words *w, const char *query, char err[256])
{
    *err = '\0';
    return hz_spectrum_from_query(w, query, strlen(query), err, 256);
}

static int from_json(struct hz_spectrum_words *w, const char *text, char err[256])
{
    *err = '\0';
    cJSON *json = cJSON_Parse(text);
    cr_assert(json, "%s", text);
    int rc = hz_spectrum_from_json(w, json, err, 256);
    cJSON_Delete(json);
    return rc;
}

Test(spectrum_words, both_ways_say_the_same)
{
    struct hz_spectrum_words w;
    char err[256];
    cr_assert_eq(from_query(&w, "", err), 0);
    cr_expect(w.want.bins == 1024 && w.want.fps == 20 && !w.stop && !*w.receiver);
    cr_expect(isnan(w.want.from_hz) && isnan(w.want.to_hz));
    cr_assert_eq(from_query(&w, "receiver=sky&bins=16&fps=0.5&from=162M&to=162000640", err), 0);
    cr_expect(w.want.bins == 16 && w.want.fps == 0.5 && strcmp(w.receiver, "sky") == 0);
    cr_expect(w.want.from_hz == 162e6 && w.want.to_hz == 162000640);
    cr_assert_eq(from_json(&w,
                           "{\"receiver\":\"sky\",\"bins\":8192,\"fps\":50,\"from\":1e6,"
                           "\"to\":2e6}",
                           err),
                 0);
    cr_expect(w.want.bins == 8192 && w.want.fps == 50 && strcmp(w.receiver, "sky") == 0);
    cr_expect(w.want.from_hz == 1e6 && w.want.to_hz == 2e6);
    cr_assert_eq(from_json(&w, "{\"fps\":0}", err), 0);
    cr_expect(w.stop);
}

Test(spectrum_words, wrong_ones_say_what_was_expected)
{
    static const struct {
        const char *query, *text;
    } queries[] = {
        {"bins=15", "bins 15: expected a whole number, 16 to 8192"},
        {"bins=8193", "bins 8193: expected"},
        {"bins=20.5", "bins 20.5: expected"},
        {"bins=", "bins \"\": expected a number"},
        {"fps=0", "fps 0: expected 0.1 to 50"},
        {"fps=50.1", "fps 50.1: expected 0.1 to 50"},
        {"fps=nan", "fps \"nan\": expected a number"},
        {"from=1M", "from without to: expected both"},
        {"to=1M", "to without from: expected both"},
        {"from=1M&to=1000639", "expected at least 640 Hz"},
        {"from=x&to=1M", "from \"x\": expected a frequency"},
        {"from=-1&to=1M", "from \"-1\": expected a frequency"},
        {"from=0&to=2e12", "to 2e+12: expected a frequency"},
        {"receiver=", "receiver \"\": expected the name"},
        {"receiver=an-extraordinarily-long-name-of-it", "expected the name"},
        {"size=1", "unknown word \"size\": expected receiver, bins, fps, from, to"},
        {"bins", "expected receiver, bins, fps, from, to as NAME=VALUE"},
        {"bins=%zz", "expected receiver, bins, fps, from, to as NAME=VALUE"},
    };
    static const char *const objects[][2] = {
        {"[]", "expected an object"},
        {"{\"bins\":\"64\"}", "bins: expected a number"},
        {"{\"receiver\":7}", "receiver: expected a string"},
        {"{\"size\":7}", "unknown word"},
        {"{\"fps\":-1}", "fps -1: expected 0.1 to 50"},
        {"{\"from\":1e6,\"to\":1e5}", "expected at least 640 Hz"},
    };
    struct hz_spectrum_words w;
    char err[256];
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        cr_expect_eq(from_query(&w, queries[i].query, err), -EINVAL, "%s", queries[i].query);
        cr_expect(strstr(err, queries[i].text), "%s: %s", queries[i].query, err);
    }
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        cr_expect_eq(from_json(&w, objects[i][0], err), -EINVAL, "%s", objects[i][0]);
        cr_expect(strstr(err, objects[i][1]), "%s: %s", objects[i][0], err);
    }
}
