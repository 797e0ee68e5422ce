#include "daemon/source/dongle.h"
#include "daemon/source/rtl_tuner.h"

#include <errno.h>
#include <libusb.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DONGLES_MAX = 32 };

int hz_dongle_count(void)
{
    return (int)rtlsdr_get_device_count();
}

/* The vendors and products of librtlsdr 0.6.0's list; the same are in systemd/hertzd.udev. */
bool hz_usb_is_dongle(uint16_t vendor, uint16_t product)
{
    static const struct {
        uint16_t vendor, products[12];
    } known[] = {
        {0x0bda, {0x2832, 0x2838}},
        {0x0413, {0x6680, 0x6f0f}},
        {0x0458, {0x707f}},
        {0x0ccd,
         {0x00a9, 0x00b3, 0x00b4, 0x00b5, 0x00b7, 0x00b8, 0x00b9, 0x00c0, 0x00c6, 0x00d3, 0x00d7,
          0x00e0}},
        {0x1554, {0x5020}},
        {0x15f4, {0x0131, 0x0133}},
        {0x185b, {0x0620, 0x0650, 0x0680}},
        {0x1b80, {0xd393, 0xd394, 0xd395, 0xd397, 0xd398, 0xd39d, 0xd3a4, 0xd3a8, 0xd3af, 0xd3b0}},
        {0x1d19, {0x1101, 0x1102, 0x1103, 0x1104}},
        {0x1f4d, {0xa803, 0xb803, 0xc803, 0xd286, 0xd803}},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        for (size_t k = 0; k < 12 && known[i].products[k]; k++) {
            if (known[i].vendor == vendor && known[i].products[k] == product)
                return true;
        }
    }
    return false;
}

/* ---- selection -------------------------------------------------------------------------- */

/* "1-2.3": bus, then the ports from the root hub on, as Linux writes it. */
static void port_path(libusb_device *dev, char *out, size_t len)
{
    uint8_t ports[8];
    int n = libusb_get_port_numbers(dev, ports, sizeof ports);
    int used = snprintf(out, len, "%d", libusb_get_bus_number(dev));
    for (int i = 0; i < n && used > 0 && (size_t)used < len; i++)
        used += snprintf(out + used, len - (size_t)used, "%c%d", i ? '.' : '-', ports[i]);
}

/* Where the dongles are, without asking them anything. librtlsdr does not report port paths. It
 * numbers dongles in the order of libusb's device list, so the port of an index is that of the next
 * device in that list with a supported vendor and product. */
static size_t list_places(struct hz_dongle_seen *seen, size_t max)
{
    libusb_context *usb = NULL;
    libusb_device **list = NULL;
    size_t found = 0;
    if (libusb_init(&usb) != 0)
        return 0;
    ssize_t n = libusb_get_device_list(usb, &list);
    for (ssize_t i = 0; i < n && found < max; i++) {
        struct libusb_device_descriptor d;
        if (libusb_get_device_descriptor(list[i], &d) != 0 ||
            !hz_usb_is_dongle(d.idVendor, d.idProduct))
            continue;
        struct hz_dongle_seen *s = &seen[found++];
        *s = (struct hz_dongle_seen){.bus = libusb_get_bus_number(list[i]),
                                     .address = libusb_get_device_address(list[i])};
        port_path(list[i], s->port, sizeof s->port);
    }
    if (n >= 0)
        libusb_free_device_list(list, 1);
    libusb_exit(usb);
    return found;
}

/* A text of the device, which may be anything, as printable ASCII. */
static void copy_text(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text);
    for (; *out; out++)
        *out = *out < 0x20 || *out > 0x7e ? '?' : *out;
}

size_t hz_dongle_list(struct hz_dongle_seen *seen, size_t max)
{
    size_t n = list_places(seen, max);
    for (size_t i = 0; i < n; i++) {
        char name[256] = "", serial[256] = "";
        rtlsdr_get_device_usb_strings((uint32_t)i, NULL, name, serial);
        copy_text(seen[i].name, sizeof seen[i].name, name);
        copy_text(seen[i].serial, sizeof seen[i].serial, serial);
    }
    return n;
}

static int index_of_port(const char *port)
{
    struct hz_dongle_seen seen[DONGLES_MAX];
    size_t n = list_places(seen, DONGLES_MAX);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(seen[i].port, port) == 0)
            return (int)i;
    }
    return -1;
}

static int no_permission(const char *serial, char *err, size_t err_len)
{
    snprintf(err, err_len,
             "no permission to open dongle %s: install hertzd's udev rules and join the group "
             "plugdev (sudo usermod -aG plugdev $USER), then plug it in again",
             serial);
    return -EACCES;
}

static int index_of_serial(const char *serial, char *err, size_t err_len)
{
    int found = -1, same = 0, denied = 0, count = hz_dongle_count();
    char all[256] = "";
    for (int i = 0; i < count; i++) {
        char s[256] = "";
        size_t used = strlen(all);
        if (rtlsdr_get_device_usb_strings((uint32_t)i, NULL, NULL, s) != 0) {
            snprintf(s, sizeof s, "(no access)");
            denied++;
        }
        snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", s);
        if (strcmp(s, serial) != 0)
            continue;
        found = i;
        same++;
    }
    if (found < 0)
        snprintf(err, err_len, "no dongle with serial number \"%s\" is plugged in; there %s %s",
                 serial, count == 1 ? "is" : "are", count ? all : "none");
    if (found < 0 && denied > 0)
        return no_permission(serial, err, err_len);
    if (same > 1) {
        snprintf(err, err_len,
                 "%d dongles have the serial number \"%s\": name one by port, as device = 1-2.3 "
                 "(lsusb -t), or give them numbers of their own with rtl_eeprom -s",
                 same, serial);
        return -ENOTUNIQ;
    }
    return found < 0 ? -ENODEV : found;
}

/* The librtlsdr index of the configured dongle, or -errno. It must exist before it is opened:
 * librtlsdr leaks memory when it opens an index that does not exist. */
static int find(const char *device, char *err, size_t err_len)
{
    int count = hz_dongle_count();
    int index;
    if (count == 0) {
        snprintf(err, err_len, "no RTL-SDR dongle is plugged in");
        return -ENODEV;
    }
    if (!*device)
        return 0;
    if (sscanf(device, "index:%d", &index) == 1) {
        if (index >= 0 && index < count)
            return index;
        snprintf(err, err_len, "device %s: there %s %d dongle%s", device, count == 1 ? "is" : "are",
                 count, count == 1 ? "" : "s");
        return -ENODEV;
    }
    if (strchr(device, '-')) {
        index = index_of_port(device);
        if (index >= 0 && index < count)
            return index;
    }
    return index_of_serial(device, err, err_len);
}

/* ---- opening and setting up ------------------------------------------------------------- */

static int open_failed(int rc, const char *serial, char *err, size_t err_len)
{
    switch (rc) {
    case LIBUSB_ERROR_ACCESS:
        return no_permission(serial, err, err_len);
    case LIBUSB_ERROR_BUSY:
        snprintf(err, err_len,
                 "dongle %s is in use by another program or by the kernel's TV driver: stop the "
                 "program, or sudo rmmod dvb_usb_rtl28xxu (hertzd's modprobe file keeps it away)",
                 serial);
        return -EBUSY;
    case LIBUSB_ERROR_NO_DEVICE:
        snprintf(err, err_len, "dongle %s went away while it was opened", serial);
        return -ENODEV;
    default:
        snprintf(err, err_len, "dongle %s cannot be opened: %s", serial, libusb_strerror(rc));
        return -EIO;
    }
}

/* librtlsdr "opens" a device that does not answer, after 25 s, without a tuner; also one that the
 * kernel's driver does not let go. */
static int no_tuner(const char *serial, char *err, size_t err_len)
{
    snprintf(err, err_len,
             "dongle %s has no tuner that answers: unplug it and plug it in again; if the kernel's "
             "TV driver has it: sudo rmmod dvb_usb_rtl28xxu",
             serial);
    return -EIO;
}

/* The step of the tuner nearest to the requested gain, in tenths of a dB. */
static int nearest_gain(rtlsdr_dev_t *dev, double gain_db)
{
    int gains[64], best = 0;
    int n = rtlsdr_get_tuner_gains(dev, NULL);
    if (n <= 0 || n > 64 || rtlsdr_get_tuner_gains(dev, gains) != n)
        return (int)lround(gain_db * 10);
    for (int i = 0; i < n; i++) {
        if (i == 0 || fabs(gains[i] - gain_db * 10) < fabs(best - gain_db * 10))
            best = gains[i];
    }
    return best;
}

static int failed(char *err, size_t err_len, const char *what, double value)
{
    snprintf(err, err_len, "the dongle refused %s %.9g", what, value);
    return -EIO;
}

static int set_gain(rtlsdr_dev_t *dev, double gain_db)
{
    if (isnan(gain_db))
        return rtlsdr_set_tuner_gain_mode(dev, 0);
    int rc = rtlsdr_set_tuner_gain_mode(dev, 1);
    return rc != 0 ? rc : rtlsdr_set_tuner_gain(dev, nearest_gain(dev, gain_db));
}

/* librtlsdr accepts whole ppm, and returns -2 if the value is already set. */
static int set_ppm(rtlsdr_dev_t *dev, double ppm)
{
    int rc = rtlsdr_set_freq_correction(dev, (int)lround(ppm));
    return rc == -2 ? 0 : rc;
}

int hz_dongle_apply(rtlsdr_dev_t *dev, const struct hz_tuning *was, const struct hz_tuning *now,
                    char *err, size_t err_len)
{
    bool gain_differs =
        was->gain_db != now->gain_db && !(isnan(was->gain_db) && isnan(now->gain_db));
    if (was->ppm != now->ppm && set_ppm(dev, now->ppm) != 0)
        return failed(err, err_len, "ppm", now->ppm);
    if (was->centre_hz != now->centre_hz &&
        rtlsdr_set_center_freq(dev, (uint32_t)llround(now->centre_hz)) != 0)
        return failed(err, err_len, "the centre frequency", now->centre_hz);
    if (gain_differs && set_gain(dev, now->gain_db) != 0)
        return failed(err, err_len, "the gain", now->gain_db);
    if (was->bias_tee != now->bias_tee && rtlsdr_set_bias_tee(dev, now->bias_tee) != 0)
        return failed(err, err_len, "bias tee", now->bias_tee);
    return 0;
}

static int set_up(rtlsdr_dev_t *dev, const struct hz_conf_dongle *conf,
                  const struct hz_tuning *tuning, struct hz_dongle_info *info, char *err,
                  size_t err_len)
{
    /* impossible values, so that everything is set */
    const struct hz_tuning none = {.gain_db = -1};
    if (rtlsdr_set_sample_rate(dev, (uint32_t)llround(conf->receiver.rate_hz)) != 0)
        return failed(err, err_len, "the sample rate", conf->receiver.rate_hz);
    info->rate_hz = rtlsdr_get_sample_rate(dev);
    if (conf->tuner_bandwidth_hz > 0 &&
        rtlsdr_set_tuner_bandwidth(dev, (uint32_t)llround(conf->tuner_bandwidth_hz)) != 0)
        return failed(err, err_len, "the tuner bandwidth", conf->tuner_bandwidth_hz);
    if (conf->direct_sampling != HZ_DIRECT_OFF &&
        rtlsdr_set_direct_sampling(dev, (int)conf->direct_sampling) != 0)
        return failed(err, err_len, "direct sampling", (double)conf->direct_sampling);
    return hz_dongle_apply(dev, &none, tuning, err, err_len);
}

int hz_dongle_open(rtlsdr_dev_t **dev, const struct hz_conf_dongle *conf,
                   const struct hz_tuning *tuning, struct hz_dongle_info *info, char *err,
                   size_t err_len)
{
    char name[256] = "", serial[256] = "";
    *info = (struct hz_dongle_info){0};
    int index = find(conf->device, err, err_len);
    if (index < 0)
        return index;
    rtlsdr_get_device_usb_strings((uint32_t)index, NULL, name, serial);
    snprintf(info->serial, sizeof info->serial, "%.63s", serial);
    snprintf(info->name, sizeof info->name, "%.63s", name);
    int rc = rtlsdr_open(dev, (uint32_t)index);
    if (rc != 0)
        return open_failed(rc, serial, err, err_len);
    info->tuner = rtlsdr_get_tuner_type(*dev);
    if (!hz_rtl_tuner(info->tuner) && conf->direct_sampling == HZ_DIRECT_OFF) {
        rc = no_tuner(serial, err, err_len);
    } else {
        rc = set_up(*dev, conf, tuning, info, err, err_len);
    }
    if (rc != 0) {
        rtlsdr_close(*dev);
        *dev = NULL;
    }
    return rc;
}

int hz_dongle_try(size_t index, char *err, size_t err_len)
{
    rtlsdr_dev_t *dev = NULL;
    char serial[256] = "";
    rtlsdr_get_device_usb_strings((uint32_t)index, NULL, NULL, serial);
    int rc = rtlsdr_open(&dev, (uint32_t)index);
    if (rc != 0)
        return open_failed(rc, serial, err, err_len);
    if (!hz_rtl_tuner(rtlsdr_get_tuner_type(dev)))
        rc = no_tuner(serial, err, err_len);
    rtlsdr_close(dev);
    return rc;
}
