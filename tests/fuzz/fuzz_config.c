/* Any bytes as a configuration: no crash, no leak, and either errors or a plan to print, in which
 * every channel has a place. */
#include "config/plan.h"
#include "daemon/run/kinds.h"

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

/* What runs passes the check that a channel added at run time has to pass. */
static void channels_fit(const struct hz_config *c)
{
    for (size_t i = 0; i < c->n_channels; i++) {
        const struct hz_conf_channel *ch = &c->channels[i];
        for (size_t k = 0; k < c->n_receivers; k++) {
            struct hz_plan_band b = {.receiver = c->receivers[k]->name};
            char err[400];
            hz_conf_band(c->receivers[k], &b.rate_hz, &b.centre_hz);
            if (strcmp(b.receiver, ch->receiver) == 0 && b.rate_hz > 0 && b.centre_hz > 0 &&
                hz_plan_channel_check(&b, ch, NULL, 0, err, sizeof err) != 0)
                abort();
        }
        if (!(ch->freq_hz > 0) && !hz_plan_anywhere(ch))
            abort();
    }
}

/* Printed and read again, it says the same; and a file of differences leads to it. */
static void printed_again(const struct hz_text *t)
{
    char *text = NULL;
    size_t len = 0;
    struct hz_text again = {0}, none = {0}, empty = {0};
    FILE *out = open_memstream(&text, &len);
    hz_text_print(t, out);
    fclose(out);
    if (hz_text_read(&again, "again", text, len) == 0 && !hz_text_same(t, &again))
        abort();
    if (hz_text_carry(&none, &empty, t) == 0 && !hz_text_same(&none, t))
        abort();
    free(text);
    hz_text_done(&again);
    hz_text_done(&none);
}

static void parse(const char *text, size_t size)
{
    struct hz_config c;
    struct hz_conf_errors e = {0};
    struct hz_registry decoders;
    if (hz_registry_init(&decoders) < 0)
        return;
    const struct hz_conf_kinds kinds = hz_kinds_with(&decoders);
    int rc = hz_config_parse(&c, &kinds, "fuzz.conf", text, size, &e);
    if ((rc == 0) != (e.count == 0))
        abort();
    if (rc == 0) {
        char *printed = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&printed, &len);
        channels_fit(&c);
        printed_again(&c.text);
        hz_config_print(&c, out);
        fclose(out);
        free(printed);
    }
    hz_conf_errors_done(&e);
    hz_config_free(&c);
    hz_registry_done(&decoders);
}

/* The same bytes once more behind what most inputs would not come upon. */
static void parse_behind(const uint8_t *data, size_t size)
{
    static const char head[] = "[receiver r]\nsource = rtlsdr\n[channel a]\ndecoder = adsb\n"
                               "receiver = r\n[channel b]\nreceiver = r\ndecoder = a";
    char *text = malloc(sizeof head + size);
    if (!text)
        return;
    memcpy(text, head, sizeof head - 1);
    memcpy(text + sizeof head - 1, data, size);
    parse(text, sizeof head - 1 + size);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    values(data, size);
    parse((const char *)data, size);
    parse_behind(data, size);
    return 0;
}
