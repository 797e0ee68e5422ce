#include "daemon/serve/tiles.h"

#include <errno.h>
#include <string.h>

/* Nothing that could end the word in the policy. */
static const char host_chars[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";

static int has(const char *text, size_t n, const char *word)
{
    return memmem(text, n, word, strlen(word)) != NULL;
}

int hz_tiles_origin(const char *tiles, char origin[HZ_TILES_ORIGIN])
{
    size_t scheme = strncmp(tiles, "https://", 8) == 0  ? 8
                    : strncmp(tiles, "http://", 7) == 0 ? 7
                                                        : 0;
    size_t host = strspn(tiles + scheme, host_chars), url = strcspn(tiles, " \t");
    *origin = '\0';
    if (strlen(tiles) > HZ_TILES_MAX || scheme == 0 || host == 0 ||
        scheme + host >= HZ_TILES_ORIGIN || tiles[scheme + host] != '/' ||
        !has(tiles, url, "{z}") || !has(tiles, url, "{x}") || !has(tiles, url, "{y}"))
        return -EINVAL;
    memcpy(origin, tiles, scheme + host);
    origin[scheme + host] = '\0';
    return 0;
}
