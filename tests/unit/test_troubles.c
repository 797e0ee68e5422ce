/* What is wrong, found in a status. */
#include "daemon/control/troubles.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const char *text(const cJSON *o, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));
}

/* The troubles of a status; members given without braces. */
static cJSON *of(const char *members)
{
    char all[4096];
    snprintf(all, sizeof all, "{%s}", members);
    cJSON *status = cJSON_Parse(all);
    cr_assert_not_null(status, "%s", all);
    cJSON *troubles = hz_troubles(status);
    cJSON_Delete(status);
    return troubles;
}

#define CHANNEL(messages)                                                                          \
    "{\"name\":\"1090\",\"receiver\":\"roof\",\"error\":\"\",\"messages\":" messages "}"
#define STREAMING(age, more)                                                                       \
    "{\"name\":\"roof\",\"source\":\"rtlsdr\",\"state\":\"streaming\",\"state_age_s\":" age more "}"
#define OF(receiver, channel) "\"receivers\":[" receiver "],\"channels\":[" channel "]"

Test(troubles, none)
{
    cJSON *t =
        of(OF(STREAMING("3600", ",\"clip_percent\":0.9,\"pace\":\"on time\""), CHANNEL("1")));
    cr_assert_eq(cJSON_GetArraySize(t), 0);
    cJSON_Delete(t);
}

/* One trouble, of that severity, about that, with these words. */
static void expect(const char *members, const char *severity, const char *about, const char *name,
                   const char *what)
{
    cJSON *t = of(members);
    cr_assert_eq(cJSON_GetArraySize(t), 1, "%s", members);
    const cJSON *first = t->child;
    cr_assert_str_eq(text(first, "severity"), severity);
    cr_assert_str_eq(text(first, "about"), about);
    cr_assert_str_eq(text(first, "name"), name);
    cr_assert_not_null(strstr(text(first, "what"), what), "%s", text(first, "what"));
    cr_assert(strlen(text(first, "remedy")) > 10);
    cJSON_Delete(t);
}

Test(troubles, each)
{
    expect(OF("{\"name\":\"roof\",\"source\":\"rtlsdr\",\"state\":\"backoff\",\"reason\":\"wait\","
              "\"last_error\":\"no dongle\"}",
              CHANNEL("0")),
           "error", "receiver", "roof", "backoff: no dongle");
    expect(OF("{\"name\":\"roof\",\"source\":\"rtl_tcp\",\"state\":\"opening\",\"failures\":2,"
              "\"reason\":\"\",\"last_error\":\"refused\"}",
              CHANNEL("0")),
           "error", "receiver", "roof", "opening: refused");
    expect(OF(STREAMING("5", ",\"clip_percent\":1.1"), CHANNEL("1")), "warning", "receiver", "roof",
           "1.1 %");
    expect(OF(STREAMING("5", ",\"pace\":\"slow\",\"rate_hz\":2400000,\"rate_received_hz\":2300000"),
              CHANNEL("1")),
           "warning", "receiver", "roof", "slow: 2300000 per second instead of 2400000");
    expect(OF(STREAMING("60", ""), CHANNEL("0")), "note", "receiver", "roof", "no message yet");
    expect(OF(STREAMING("5", ""), "{\"name\":\"x\",\"receiver\":\"roof\",\"error\":\"outside\"}"),
           "error", "channel", "x", "outside");
    expect(OF(STREAMING("5", ""),
              CHANNEL("0")) ",\"listeners\":[{\"name\":\"json\",\"error\":\"in use\"}]",
           "error", "listener", "json", "in use");
    expect(
        OF(STREAMING("5", ""), CHANNEL("0")) ",\"outputs\":[{\"name\":\"log\",\"error\":\"full\"}]",
        "error", "output", "log", "full");
    expect(OF("", ""), "error", "daemon", "", "no receiver");
    expect(OF(STREAMING("5", ""), ""), "error", "daemon", "", "no channel");
}

/* A first opening is no trouble, nor a minute without messages that is not over. */
Test(troubles, patience)
{
    cJSON *t = of(OF("{\"name\":\"roof\",\"state\":\"opening\",\"failures\":0}", CHANNEL("0")));
    cr_assert_eq(cJSON_GetArraySize(t), 0);
    cJSON_Delete(t);
    t = of(OF(STREAMING("59.9", ""), CHANNEL("0")));
    cr_assert_eq(cJSON_GetArraySize(t), 0);
    cJSON_Delete(t);
}

Test(troubles, worst_first)
{
    cJSON *t = of(OF(STREAMING("99", ",\"clip_percent\":50"),
                     CHANNEL("0")) ",\"listeners\":[{\"name\":\"json\",\"error\":\"in use\"}]");
    cr_assert_eq(cJSON_GetArraySize(t), 3);
    cr_assert_str_eq(text(cJSON_GetArrayItem(t, 0), "severity"), "error");
    cr_assert_str_eq(text(cJSON_GetArrayItem(t, 1), "severity"), "warning");
    cr_assert_str_eq(text(cJSON_GetArrayItem(t, 2), "severity"), "note");
    cJSON_Delete(t);
}
