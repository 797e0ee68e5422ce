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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct daemon *d;
    static const char reload[] = "{\"id\":1,\"method\":\"reload\"}";
    static unsigned runs;
    if (!d)
        d = daemon_new(conf);
    daemon_ask(d, data, size);
    if (runs++ % 256 == 0) /* tuning that was asked for goes back to what the file has */
        daemon_ask(d, reload, sizeof reload - 1);
    return 0;
}
