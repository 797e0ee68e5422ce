/* National versions of the 7-bit character set (ISO/IEC 646), which have letters in place of some
 * ASCII characters. A transmission does not state its version. Pure: any thread. */
#ifndef HZ_PROTO_LINK_CHARSET_H
#define HZ_PROTO_LINK_CHARSET_H

enum hz_charset {
    HZ_CHARSET_US,        /* ASCII */
    HZ_CHARSET_BRITISH,   /* BS 4730 */
    HZ_CHARSET_GERMAN,    /* DIN 66003 */
    HZ_CHARSET_FRENCH,    /* NF Z 62-010 */
    HZ_CHARSET_SWEDISH,   /* SEN 850200 B, Finland too */
    HZ_CHARSET_NORWEGIAN, /* NS 4551-1, Denmark too */
    HZ_CHARSET_ITALIAN,   /* UNI 0204-70 */
    HZ_CHARSET_SPANISH,   /* registered as ISO-IR 17 */
    HZ_CHARSETS
};

/* "us", "british", ... in that order, then NULL. */
extern const char *const hz_charset_names[HZ_CHARSETS + 1];

/* What stands in place of ASCII's character c, as UTF-8; NULL: c itself. */
const char *hz_charset_text(enum hz_charset charset, char c);

#endif
