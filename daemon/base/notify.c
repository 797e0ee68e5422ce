#include "daemon/base/notify.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* One datagram; '@' stands for the zero byte that abstract addresses begin with. */
static bool send_text(const char *path, const char *text, size_t len)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof to.sun_path)
        return false;
    memcpy(to.sun_path, path, n);
    if (path[0] == '@')
        to.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return false;
    socklen_t to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    ssize_t sent = sendto(fd, text, len, MSG_NOSIGNAL, (const struct sockaddr *)&to, to_len);
    close(fd);
    return sent == (ssize_t)len;
}

bool hz_notify_unwanted(void)
{
    return getenv("NOTIFY_SOCKET") == NULL;
}

bool hz_notify(const char *format, ...)
{
    const char *path = getenv("NOTIFY_SOCKET");
    char text[1024];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (!path || n <= 0)
        return false;
    return send_text(path, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}
