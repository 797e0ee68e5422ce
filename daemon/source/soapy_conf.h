/* [receiver] with source = soapy. */
#ifndef HZ_DAEMON_SOURCE_SOAPY_CONF_H
#define HZ_DAEMON_SOURCE_SOAPY_CONF_H

#include "daemon/source/source.h"

enum hz_soapy_format { HZ_SOAPY_NATIVE, HZ_SOAPY_CS8, HZ_SOAPY_CS16, HZ_SOAPY_CF32 };

struct hz_conf_soapy {
    struct hz_conf_receiver receiver;
    char *device; /* SoapySDR's arguments, "driver=hackrf,serial=…"; "": the first device */
    int rx_channel;
    char *antenna;               /* "": as the driver has it */
    enum hz_soapy_format format; /* of the samples on their way from the driver */
    double tuner_bandwidth_hz;   /* 0: as the driver chooses it */
    char *settings;              /* of the driver, "biastee=true" */
    char *stream;                /* arguments of the stream, "buffers=32" */
};

#endif
