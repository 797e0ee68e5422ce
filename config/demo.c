#include "config/config.h"

#include <stdlib.h>
#include <unistd.h>

/* %s: path of the control socket. */
const char hz_demo_config[] = "[receiver sky]\n"
                              "source = sim\n"
                              "scene = aircraft\n"
                              "pace = realtime\n"
                              "\n"
                              "[receiver vhf]\n"
                              "source = sim\n"
                              "scene = mix\n"
                              "pace = realtime\n"
                              "\n"
                              "[channel 1090]\n"
                              "decoder = adsb\n"
                              "receiver = sky\n"
                              "\n"
                              "[channel ais]\n"
                              "decoder = ais\n"
                              "receiver = vhf\n"
                              "\n"
                              "[channel aprs]\n"
                              "decoder = aprs\n"
                              "receiver = vhf\n"
                              "frequency = 162.45M\n"
                              "\n"
                              "[channel packet]\n"
                              "decoder = ax25-9600\n"
                              "receiver = vhf\n"
                              "frequency = 163.2M\n"
                              "\n"
                              "[channel pager]\n"
                              "decoder = pocsag\n"
                              "receiver = vhf\n"
                              "frequency = 162.75M\n"
                              "\n"
                              "[channel pager-slow]\n"
                              "decoder = pocsag\n"
                              "receiver = vhf\n"
                              "frequency = 162.7M\n"
                              "\n"
                              "[channel pager-fast]\n"
                              "decoder = pocsag\n"
                              "receiver = vhf\n"
                              "frequency = 162.8M\n"
                              "\n"
                              "[channel voice]\n"
                              "decoder = nfm\n"
                              "receiver = vhf\n"
                              "frequency = 161.6M\n"
                              "\n"
                              "[channel air]\n"
                              "decoder = am\n"
                              "receiver = vhf\n"
                              "frequency = 161.35M\n"
                              "\n"
                              "[listen json]\n"
                              "type = tcp\n"
                              "address = 127.0.0.1:7373\n"
                              "\n"
                              "[listen web]\n"
                              "type = http\n"
                              "address = 127.0.0.1:7380\n"
                              "\n"
                              "[listen control]\n"
                              "type = unix\n"
                              "path = %s\n";

void hz_demo_socket(char *out, size_t size)
{
    const char *dir = getenv("XDG_RUNTIME_DIR");
    if (dir && *dir)
        snprintf(out, size, "%s/hertzd-demo.sock", dir);
    else
        snprintf(out, size, "/tmp/hertzd-demo-%u.sock", (unsigned)getuid());
}
