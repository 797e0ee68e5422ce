/* Any bytes to the control socket of a daemon that runs: whatever is asked, every answer is a line
 * of JSON, and it goes on answering. */
#include "tests/fuzz/daemon.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Receivers that nothing delivers samples to, so that channels can be added to them. */
static const char conf[] =
    "[receiver roof]\nsource = rtl_tcp\naddress = 127.0.0.1:1\nrate = 2400k\n"
    "centre = 1090M\n[channel a]\nreceiver = roof\ndecoder = adsb\n"
    "[receiver port]\nsource = rtl_tcp\naddress = 127.0.0.1:1\nrate = 1536k\n"
    "centre = 162M\n[channel b]\nreceiver = port\ndecoder = ais\n";

/* Sections with paths and addresses, outside of the fuzzer's folder: fuzz_reload.c has them. */
static bool reaches_out(const uint8_t *data, size_t size)
{
    static const char *const words[] = {"output", "input", "listen", "event", "receiver "};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (memmem(data, size, words[i], strlen(words[i])))
            return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct daemon *d;
    static const char reload[] = "{\"id\":1,\"method\":\"reload\"}";
    static unsigned runs;
    if (!d)
        d = daemon_new(conf);
    if (reaches_out(data, size))
        return 0;
    daemon_ask(d, data, size);
    if (runs++ % 256 == 0) /* tuning that was asked for goes back to what the file has */
        daemon_ask(d, reload, sizeof reload - 1);
    return 0;
}
