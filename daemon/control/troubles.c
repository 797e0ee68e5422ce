#include "daemon/control/troubles.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define CLIPPED_PERCENT 1.0 /* more than this distorts: a sign of too much gain */
#define QUIET_S         60  /* without a message: an aircraft or a ship sends more often */

static const char *text(const cJSON *o, const char *name)
{
    const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));
    return s ? s : "";
}

/* 0 if it is not there. */
static double number(const cJSON *o, const char *name)
{
    const cJSON *n = cJSON_GetObjectItemCaseSensitive(o, name);
    return cJSON_IsNumber(n) ? n->valuedouble : 0;
}

static bool is_one_of(const char *word, const char *const *list)
{
    while (*list && strcmp(*list, word) != 0)
        list++;
    return *list != NULL;
}

struct list {
    cJSON *array;
    const char *severity; /* those that are added; others are left out */
};

__attribute__((format(printf, 6, 7))) static void add(const struct list *l, const char *severity,
                                                      const char *about, const char *name,
                                                      const char *remedy, const char *what, ...)
{
    char line[512];
    va_list args;
    if (strcmp(l->severity, severity) != 0)
        return;
    va_start(args, what);
    vsnprintf(line, sizeof line, what, args);
    va_end(args);
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "severity", severity);
    cJSON_AddStringToObject(o, "about", about);
    cJSON_AddStringToObject(o, "name", name);
    cJSON_AddStringToObject(o, "what", line);
    cJSON_AddStringToObject(o, "remedy", remedy);
    cJSON_AddItemToArray(l->array, o);
}

/* ---- receivers -------------------------------------------------------------------------- */

static const char *remedy_of_source(const char *source)
{
    static const struct {
        const char *source, *remedy;
    } remedies[] = {
        {"rtlsdr", "It is opened again by itself. Check that the dongle is plugged in, that no "
                   "other program uses it (also the kernel's TV driver), and that hertzd may open "
                   "it: README, \"With a dongle\"."},
        {"rtl_tcp", "It is connected again by itself. Check the address, and that the server runs "
                    "and has no other client."},
        {"soapy",
         "It is opened again by itself. Check that the radio is plugged in, that its driver "
         "is installed (SoapySDRUtil --find), and that no other program uses it."},
        {"file", "It is opened again by itself. Check the path, and that hertzd may read it."},
    };
    for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++) {
        if (strcmp(remedies[i].source, source) == 0)
            return remedies[i].remedy;
    }
    return "It is opened again by itself.";
}

static void look_at_receiver(const struct list *l, const cJSON *r)
{
    static const char *const failing[] = {"backoff", "lost", "stalled", NULL};
    const char *name = text(r, "name"), *state = text(r, "state");
    const char *reason = *text(r, "last_error") ? text(r, "last_error") : text(r, "reason");
    if (is_one_of(state, failing) || (strcmp(state, "opening") == 0 && number(r, "failures") > 0))
        add(l, "error", "receiver", name, remedy_of_source(text(r, "source")), "%s: %s", state,
            reason);
    if (strcmp(state, "streaming") != 0)
        return;
    if (number(r, "clip_percent") > CLIPPED_PERCENT)
        add(l, "warning", "receiver", name,
            "Lower the gain (hertzctl gain), or put a filter or an attenuator at the antenna.",
            "%.1f %% of the samples are clipped", number(r, "clip_percent"));
    if (*text(r, "pace") && strcmp(text(r, "pace"), "on time") != 0)
        add(l, "warning", "receiver", name,
            "docs/receivers.md says what a wrong rate means. Over a network, a lower rate helps.",
            "samples arrive %s: %.0f per second instead of %.0f", text(r, "pace"),
            number(r, "rate_received_hz"), number(r, "rate_hz"));
}

/* Whether the receiver has channels, and none of them has decoded anything. */
static bool heard_nothing(const cJSON *status, const char *receiver)
{
    const cJSON *c;
    bool any = false;
    cJSON_ArrayForEach(c, cJSON_GetObjectItemCaseSensitive(status, "channels"))
    {
        if (strcmp(text(c, "receiver"), receiver) != 0)
            continue;
        if (number(c, "messages") > 0)
            return false;
        any = true;
    }
    return any;
}

static void look_for_silence(const struct list *l, const cJSON *status, const cJSON *r)
{
    if (strcmp(text(r, "state"), "streaming") == 0 && number(r, "state_age_s") >= QUIET_S &&
        heard_nothing(status, text(r, "name")))
        add(l, "note", "receiver", text(r, "name"),
            "Check the antenna and its cable, the gain (hertzctl gain), and that transmitters are "
            "in range. hertzctl channels shows the level and the noise of each channel.",
            "no message yet, after %.0f s of samples", number(r, "state_age_s"));
}

/* ---- the others ------------------------------------------------------------------------- */

static void look_at_channel(const struct list *l, const cJSON *c)
{
    if (*text(c, "error"))
        add(l, "error", "channel", text(c, "name"),
            "Change its frequency, or the centre or rate of its receiver.", "%s", text(c, "error"));
}

static void look_at_listener(const struct list *l, const cJSON *o)
{
    if (*text(o, "error"))
        add(l, "error", "listener", text(o, "name"),
            "It is tried again every second. Check whether another program has that address, and "
            "whether this machine has it.",
            "%s", text(o, "error"));
}

static void look_at_output(const struct list *l, const cJSON *o)
{
    bool link = cJSON_HasObjectItem(o, "connects");
    if (*text(o, "error"))
        add(l, "error", "output", text(o, "name"),
            link
                ? "It is tried again by itself. Check what [output] names (address, password), and "
                  "that the other side runs and can be reached: docs/outputs.md."
                : "It goes on trying. Check that hertzd may write there, and that there is room.",
            "%s", text(o, "error"));
}

static void look_at_input(const struct list *l, const cJSON *o)
{
    if (*text(o, "error"))
        add(l, "error", "input", text(o, "name"),
            "It is tried again until it works. Check that the other program runs, and its address.",
            "%s", text(o, "error"));
}

static void look_at_event(const struct list *l, const cJSON *o)
{
    const cJSON *post = cJSON_GetObjectItemCaseSensitive(o, "post");
    if (*text(post, "error"))
        add(l, "error", "event", text(o, "name"),
            "Events wait for an hour, 64 of them. Check the URL, and what the server asks for.",
            "%s: %s", text(post, "target"), text(post, "error"));
}

static void look_at_capture(const struct list *l, const cJSON *o)
{
    if (*text(o, "error"))
        add(l, "error", "capture", text(o, "name"),
            "The next one is tried all the same. Check that hertzd may write to its folder, that "
            "there is room, and its quota.",
            "%s", text(o, "error"));
}

static void look_at_daemon(const struct list *l, const cJSON *status)
{
    if (cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(status, "inputs")) > 0 &&
        cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(status, "receivers")) == 0)
        return; /* it lives on messages of other programs */
    if (cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(status, "receivers")) == 0)
        add(l, "error", "daemon", "", "Add a [receiver] section to the configuration.",
            "there is no receiver");
    else if (cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(status, "channels")) == 0)
        add(l, "error", "daemon", "",
            "Add a [channel] section to the configuration, or one with hertzctl add.",
            "there is no channel, so nothing is decoded");
}

static void look_at_all(const struct list *l, const cJSON *status)
{
    const cJSON *o;
    look_at_daemon(l, status);
    cJSON_ArrayForEach(o, cJSON_GetObjectItemCaseSensitive(status, "receivers"))
    {
        look_at_receiver(l, o);
        look_for_silence(l, status, o);
    }
    cJSON_ArrayForEach(o, cJSON_GetObjectItemCaseSensitive(status, "channels"))
        look_at_channel(l, o);
    cJSON_ArrayForEach(o, cJSON_GetObjectItemCaseSensitive(status, "listeners"))
        look_at_listener(l, o);
    cJSON_ArrayForEach(o, cJSON_GetObjectItemCaseSensitive(status, "inputs")) look_at_input(l, o);
    cJSON_ArrayForEach(o, cJSON_GetObjectItemCaseSensitive(status, "events")) look_at_event(l, o);
    cJSON_ArrayForEach(o, cJSON_GetObjectItemCaseSensitive(status, "outputs")) look_at_output(l, o);
    cJSON_ArrayForEach(o, cJSON_GetObjectItemCaseSensitive(status, "captures"))
        look_at_capture(l, o);
}

cJSON *hz_troubles(const cJSON *status)
{
    static const char *const severities[] = {"error", "warning", "note"};
    struct list l = {.array = cJSON_CreateArray()};
    for (size_t i = 0; l.array && i < sizeof severities / sizeof *severities; i++) {
        l.severity = severities[i];
        look_at_all(&l, status);
    }
    return l.array;
}
