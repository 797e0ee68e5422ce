#include "tests/usb/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int map(struct hz_recording *r, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    struct stat st;
    int err = fstat(fd, &st) < 0 ? -errno : st.st_size < 2 ? -ENODATA : 0;
    void *data = err ? NULL : mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED)
        err = -errno;
    close(fd);
    if (err)
        return err;
    r->data = data;
    r->size = (size_t)st.st_size & ~(size_t)1; /* whole I/Q pairs */
    return 0;
}

int hz_recording_open(struct hz_recording *r, const char *name)
{
    char path[4096];
    const char *at = strrchr(name, '@');
    size_t n = at ? (size_t)(at - name) : strlen(name);
    if (n >= sizeof path)
        return -ENAMETOOLONG;
    memcpy(path, name, n);
    path[n] = 0;
    r->freq_hz = at ? strtod(at + 1, NULL) : 0;
    return map(r, path);
}

int hz_recording_noise(struct hz_recording *r)
{
    enum { BYTES = 1 << 20 };
    uint8_t *data = malloc(BYTES);
    if (!data)
        return -ENOMEM;
    uint64_t x = 88172645463325252u; /* xorshift64, Marsaglia 2003 */
    for (size_t i = 0; i < BYTES; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        /* four throws of 0..7: near enough to a bell, 4.6 wide, centred on 127.5 */
        uint64_t sum = (x & 7) + (x >> 8 & 7) + (x >> 16 & 7) + (x >> 24 & 7) + (x >> 32 & 1);
        data[i] = (uint8_t)(127 - 14 + sum);
    }
    *r = (struct hz_recording){.data = data, .size = BYTES};
    return 0;
}

void hz_recording_read(const struct hz_recording *r, uint64_t from, uint8_t *out, size_t n)
{
    size_t at = (size_t)(from % r->size);
    while (n > 0) {
        size_t run = r->size - at < n ? r->size - at : n;
        memcpy(out, r->data + at, run);
        out += run;
        n -= run;
        at = 0;
    }
}
