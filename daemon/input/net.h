/* The keys of inputs over the network, tcp and udp. */
#ifndef HZ_DAEMON_INPUT_NET_H
#define HZ_DAEMON_INPUT_NET_H

#include "config/kind.h"
#include "proto/reader/reader.h"

#include <sys/socket.h>

enum hz_counter { HZ_COUNTER_12MHZ, HZ_COUNTER_GPS, HZ_COUNTER_NONE };

struct hz_conf_net_input {
    struct hz_conf_input input;
    char *address; /* HOST:PORT, of the peer or of our own socket */
    char *format, *protocol, *allow, *token;
    bool listen;
    enum hz_counter counter;
    double freq_hz; /* 0: not given */
};

/* "12MHz", "gps", "none". */
extern const char *const hz_counter_names[];

/* Lines of the tables of both. */
/* clang-format off */
#define HZ_OF_NET(field) .at = offsetof(struct hz_conf_net_input, field)
#define HZ_KEYS_NET \
    {.name = "address", .type = HZ_OPTION_TEXT, HZ_OF_NET(address), .example = "127.0.0.1:30005", \
     .help = "host and port: of the program that is connected to, or our own"}, \
    {.name = "format", .type = HZ_OPTION_TEXT, HZ_OF_NET(format), .example = "beast", \
     .help = "what comes: json (lines of another hertzd), beast, avr, nmea or kiss"}, \
    {.name = "protocol", .type = HZ_OPTION_TEXT, HZ_OF_NET(protocol), .example = "ax25-9600", \
     .help = "of format = kiss, what its packets are: aprs or ax25-9600; default: aprs"}, \
    {.name = "frequency", .type = HZ_OPTION_FREQUENCY, HZ_OF_NET(freq_hz), .min = 1, \
     .max = HZ_RADIO_MAX_HZ, .unit = "Hz", .example = "144.8M", \
     .help = "what the other program receives, where its format does not tell"}, \
    {.name = "counter", .type = HZ_OPTION_CHOICE, HZ_OF_NET(counter), .choices = hz_counter_names, \
     .fallback = "12MHz", \
     .help = "what the counter of beast and avr is: 12MHz, gps (as a Radarcape sends), or none (it is not looked at)"}, \
    {.name = "allow", .type = HZ_OPTION_TEXT, HZ_OF_NET(allow), .example = "192.168.0.0/16", \
     .help = "networks that may send to us, beside this machine"}
/* clang-format on */

/* For hz_conf_kind.check: all but the address and `allow`. */
void hz_net_check(const struct hz_check *c, const struct hz_conf_net_input *in);
/* The address is that of our own socket: a number, and others reach it only if `allow` is there. */
void hz_net_check_own(const struct hz_check *c, const struct hz_conf_net_input *in);

/* An address of our own as the system takes it. -EINVAL. */
int hz_net_address(const char *address, struct sockaddr_storage *out);
/* "127.0.0.1:30005", "[::1]:30005". */
enum { HZ_NET_TEXT = 64 };
void hz_net_text(const struct sockaddr *a, char text[HZ_NET_TEXT]);
/* Whether that peer may send: it is on this machine, or `allow` has it. */
bool hz_net_admits(const struct hz_conf_net_input *in, const struct sockaddr *peer);

#endif
