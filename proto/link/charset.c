#include "proto/link/charset.h"

#include <string.h>

const char *const hz_charset_names[HZ_CHARSETS + 1] = {
    [HZ_CHARSET_US] = "us",           [HZ_CHARSET_BRITISH] = "british",
    [HZ_CHARSET_GERMAN] = "german",   [HZ_CHARSET_FRENCH] = "french",
    [HZ_CHARSET_SWEDISH] = "swedish", [HZ_CHARSET_NORWEGIAN] = "norwegian",
    [HZ_CHARSET_ITALIAN] = "italian", [HZ_CHARSET_SPANISH] = "spanish",
};

/* Characters that the national versions replace, and by what. */
static const char replaced[] = "#$@[\\]^_`{|}~";
static const char *const national[HZ_CHARSETS][sizeof replaced - 1] = {
    {"#", "$", "@", "[", "\\", "]", "^", "_", "`", "{", "|", "}", "~"},
    {"£", "$", "@", "[", "\\", "]", "^", "_", "`", "{", "|", "}", "‾"},
    {"#", "$", "§", "Ä", "Ö", "Ü", "^", "_", "`", "ä", "ö", "ü", "ß"},
    {"£", "$", "à", "°", "ç", "§", "^", "_", "µ", "é", "ù", "è", "¨"},
    {"#", "¤", "@", "Ä", "Ö", "Å", "^", "_", "`", "ä", "ö", "å", "‾"},
    {"#", "$", "@", "Æ", "Ø", "Å", "^", "_", "`", "æ", "ø", "å", "‾"},
    {"£", "$", "§", "°", "ç", "é", "^", "_", "ù", "à", "ò", "è", "ì"},
    {"£", "$", "§", "¡", "Ñ", "¿", "^", "_", "`", "°", "ñ", "ç", "~"},
};

const char *hz_charset_text(enum hz_charset charset, char c)
{
    const char *at = c ? strchr(replaced, c) : NULL;
    return at ? national[charset][at - replaced] : NULL;
}
