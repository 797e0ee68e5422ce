#include "daemon/serve/page.h"

/* A file of web/dist/, and what make has made of it in build/web/, as symbols. The paths are from
 * the root of the project, where the compiler runs. */
#define EMBED(symbol, name)                                                                        \
    __asm__(".section .rodata\n"                                                                   \
            "hz_page_" #symbol ": .incbin \"web/dist/" name "\"\n"                                 \
            "hz_page_" #symbol "_end: .byte 0\n"                                                   \
            "hz_page_" #symbol "_gz: .incbin \"build/web/" name ".gz\"\n"                          \
            "hz_page_" #symbol "_gz_end: .byte 0\n"                                                \
            "hz_page_" #symbol "_tag: .incbin \"build/web/" name ".tag\"\n"                        \
            ".previous\n");                                                                        \
    extern const char hz_page_##symbol[] __attribute__((visibility("hidden")));                    \
    extern const char hz_page_##symbol##_end[] __attribute__((visibility("hidden")));              \
    extern const char hz_page_##symbol##_gz[] __attribute__((visibility("hidden")));               \
    extern const char hz_page_##symbol##_gz_end[] __attribute__((visibility("hidden")));           \
    extern const char hz_page_##symbol##_tag[] __attribute__((visibility("hidden")));

#define FILE_AT(path, symbol, type)                                                                \
    {                                                                                              \
        path, type, hz_page_##symbol##_tag, hz_page_##symbol, hz_page_##symbol##_end,              \
            hz_page_##symbol##_gz, hz_page_##symbol##_gz_end                                       \
    }

/* A new file of web/dist/ has a line here and one below. */
EMBED(index, "index.html")
EMBED(app_js, "app.js")
EMBED(opus_js, "opus.js")
EMBED(app_css, "app.css")
EMBED(icon, "icon.svg")
EMBED(land, "land.bin")
EMBED(land_near, "land-near.bin")
EMBED(notices, "NOTICES.txt")

static const struct hz_page_file files[] = {
    FILE_AT("/", index, "text/html; charset=utf-8"),
    FILE_AT("/app.js", app_js, "text/javascript; charset=utf-8"),
    FILE_AT("/opus.js", opus_js, "text/javascript; charset=utf-8"),
    FILE_AT("/app.css", app_css, "text/css; charset=utf-8"),
    FILE_AT("/icon.svg", icon, "image/svg+xml"),
    FILE_AT("/land.bin", land, "application/octet-stream"),
    FILE_AT("/land-near.bin", land_near, "application/octet-stream"),
    FILE_AT("/NOTICES.txt", notices, "text/plain; charset=utf-8"),
};

const struct hz_page_file *hz_page_find(struct hz_http_text path)
{
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (hz_http_is(path, files[i].path))
            return &files[i];
    }
    return NULL;
}
