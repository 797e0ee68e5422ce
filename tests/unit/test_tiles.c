/* The address of a map server's pictures, and what of it goes into the page's policy. */
#include "daemon/serve/tiles.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

static void is_good(const char *tiles, const char *expected)
{
    char origin[HZ_TILES_ORIGIN];
    cr_expect_eq(hz_tiles_origin(tiles, origin), 0, "%s", tiles);
    cr_expect_str_eq(origin, expected);
}

static void is_bad(const char *tiles)
{
    char origin[HZ_TILES_ORIGIN];
    cr_expect_eq(hz_tiles_origin(tiles, origin), -EINVAL, "%s", tiles);
    cr_expect_str_eq(origin, "");
}

Test(tiles, origins)
{
    is_good("https://tile.example.org/{z}/{x}/{y}.png", "https://tile.example.org");
    is_good("http://127.0.0.1:8080/a/{z}/{y}/{x} somebody, 2026", "http://127.0.0.1:8080");
    is_good("http://[::1]:8080/{z}/{x}/{y}?key=1;2", "http://[::1]:8080");
}

Test(tiles, what_is_refused)
{
    char is_long[HZ_TILES_MAX + 60] = "https://a.example/{z}/{x}/{y}/";
    memset(is_long + strlen(is_long), 'a', HZ_TILES_MAX);
    is_bad(is_long);
    is_bad("");
    is_bad("yes");
    is_bad("ftp://a.example/{z}/{x}/{y}");
    is_bad("https://a.example/{z}/{x}");
    is_bad("https://a.example/ {z}/{x}/{y}"); /* the address ends at the blank */
    is_bad("https:///{z}/{x}/{y}");
    is_bad("https://{s}.example/{z}/{x}/{y}");
    is_bad("https://*/{z}/{x}/{y}");
    is_bad("https://a.example; script-src *;/{z}/{x}/{y}");
    is_bad("https://a.example' 'unsafe-inline/{z}/{x}/{y}");
}
