#include "proto/rds/names.h"

#include <stdio.h>
#include <string.h>

const char *hz_rds_pty_name(unsigned pty, enum hz_rds_region region)
{
    static const char *const europe[32] = {"No PTY",
                                           "News",
                                           "Current affairs",
                                           "Information",
                                           "Sport",
                                           "Education",
                                           "Drama",
                                           "Culture",
                                           "Science",
                                           "Varied",
                                           "Pop music",
                                           "Rock music",
                                           "Easy listening",
                                           "Light classical",
                                           "Serious classical",
                                           "Other music",
                                           "Weather",
                                           "Finance",
                                           "Children's programmes",
                                           "Social affairs",
                                           "Religion",
                                           "Phone-in",
                                           "Travel",
                                           "Leisure",
                                           "Jazz music",
                                           "Country music",
                                           "National music",
                                           "Oldies music",
                                           "Folk music",
                                           "Documentary",
                                           "Alarm test",
                                           "Alarm"};
    static const char *const america[32] = {"No PTY",
                                            "News",
                                            "Information",
                                            "Sports",
                                            "Talk",
                                            "Rock",
                                            "Classic rock",
                                            "Adult hits",
                                            "Soft rock",
                                            "Top 40",
                                            "Country",
                                            "Oldies",
                                            "Soft",
                                            "Nostalgia",
                                            "Jazz",
                                            "Classical",
                                            "Rhythm and blues",
                                            "Soft rhythm and blues",
                                            "Language",
                                            "Religious music",
                                            "Religious talk",
                                            "Personality",
                                            "Public",
                                            "College",
                                            "Spanish talk",
                                            "Spanish music",
                                            "Hip-hop",
                                            "",
                                            "",
                                            "Weather",
                                            "Emergency test",
                                            "Emergency"};
    return (region == HZ_RDS_AMERICA ? america : europe)[pty & 31];
}

const char *hz_rds_language_name(unsigned code)
{
    static const char *const european[] = {[0x01] = "Albanian",
                                           "Breton",
                                           "Catalan",
                                           "Croatian",
                                           "Welsh",
                                           "Czech",
                                           "Danish",
                                           "German",
                                           "English",
                                           "Spanish",
                                           "Esperanto",
                                           "Estonian",
                                           "Basque",
                                           "Faroese",
                                           "French",
                                           "Frisian",
                                           "Irish",
                                           "Gaelic",
                                           "Galician",
                                           "Icelandic",
                                           "Italian",
                                           "Lappish",
                                           "Latin",
                                           "Latvian",
                                           "Luxembourgian",
                                           "Lithuanian",
                                           "Hungarian",
                                           "Maltese",
                                           "Dutch",
                                           "Norwegian",
                                           "Occitan",
                                           "Polish",
                                           "Portuguese",
                                           "Romanian",
                                           "Romansh",
                                           "Serbian",
                                           "Slovak",
                                           "Slovene",
                                           "Finnish",
                                           "Swedish",
                                           "Turkish",
                                           "Flemish",
                                           "Walloon"};
    static const char *const others[] = {
        /* from 0x45 on */
        "Zulu",        "Vietnamese", "Uzbek",     "Urdu",        "Ukrainian",   "Thai",
        "Telugu",      "Tatar",      "Tamil",     "Tadzhik",     "Swahili",     "Sranan Tongo",
        "Somali",      "Sinhalese",  "Shona",     "Serbo-Croat", "Ruthenian",   "Russian",
        "Quechua",     "Pushtu",     "Punjabi",   "Persian",     "Papiamento",  "Oriya",
        "Nepali",      "Ndebele",    "Marathi",   "Moldavian",   "Malaysian",   "Malagasay",
        "Macedonian",  "Laotian",    "Korean",    "Khmer",       "Kazakh",      "Kannada",
        "Japanese",    "Indonesian", "Hindi",     "Hebrew",      "Hausa",       "Gurani",
        "Gujurati",    "Greek",      "Georgian",  "Fulani",      "Dari",        "Chuvash",
        "Chinese",     "Burmese",    "Bulgarian", "Bengali",     "Belorussian", "Bambora",
        "Azerbaijani", "Assamese",   "Armenian",  "Arabic",      "Amharic"};
    if (code >= 0x45 && code - 0x45 < sizeof others / sizeof *others)
        return others[code - 0x45];
    return code < sizeof european / sizeof *european ? european[code] : NULL;
}

const char *hz_rds_country(uint16_t pi, unsigned ecc)
{
    /* Countries of the codes 1 to F, two letters each; "--": none. */
    static const struct {
        unsigned ecc;
        const char *of;
    } rows[] = {{0xe0, "dedzadilitberupsalathumtde--eg"}, {0xe1, "grcysmchjofilubgdkgiiqgblyrofr"},
                {0xe2, "maczplvasksytn--liismcltrsesno"}, {0xe3, "meietrmk------nllvlbazhrkzseby"},
                {0xe4, "mdeekg----uaksptsiam--ge----ba"}, {0xa0, "usususususususususususus--usus"},
                {0xa1, "--------------------cacacacagl"}, {0xa2, "aiagecfkbbbzkycrcuarbrbmangpbs"},
                {0xa3, "bocojmmqgfpyni--padmdoclgdtcgy"}, {0xa4, "gthnaw--msttpesruyknlcsvhtve--"},
                {0xa5, "--------------------mxvcmxmxmx"}, {0xa6, "----------------------------pm"},
                {0xd0, "cmcfdjmgmlaogqgagnzabfcgtgbjmw"}, {0xd1, "nalrghmrstcvsngmbi--bwkmtzetbg"},
                {0xd2, "slzwmzugszkesonetdgwzrcitzzm--"}, {0xd3, "----eh--rwls--sc--mu--sd------"},
                {0xf0, "aux8saafmmcnkpbhmy------------"}, {0xf1, "kibtbdpkfjomnrirnzsbbnlktwkrhk"},
                {0xf2, "kwqakhwsinmovnphjpsgmvidaenpvu"}, {0xf3, "lathto----------pg--ye----fmmn"}};
    unsigned code = pi >> 12;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && code > 0; i++) {
        if (rows[i].ecc != ecc || strlen(rows[i].of) < 2 * code)
            continue;
        const char *two = rows[i].of + 2 * (code - 1);
        return *two == '-' ? NULL : two;
    }
    return NULL;
}

const char *hz_rds_tag_name(unsigned type)
{
    static const char *const names[64] = {"dummy_class",
                                          "item.title",
                                          "item.album",
                                          "item.tracknumber",
                                          "item.artist",
                                          "item.composition",
                                          "item.movement",
                                          "item.conductor",
                                          "item.composer",
                                          "item.band",
                                          "item.comment",
                                          "item.genre",
                                          "info.news",
                                          "info.news.local",
                                          "info.stockmarket",
                                          "info.sport",
                                          "info.lottery",
                                          "info.horoscope",
                                          "info.daily_diversion",
                                          "info.health",
                                          "info.event",
                                          "info.scene",
                                          "info.cinema",
                                          "info.tv",
                                          "info.date_time",
                                          "info.weather",
                                          "info.traffic",
                                          "info.alarm",
                                          "info.advertisement",
                                          "info.url",
                                          "info.other",
                                          "stationname.short",
                                          "stationname.long",
                                          "programme.now",
                                          "programme.next",
                                          "programme.part",
                                          "programme.host",
                                          "programme.editorial_staff",
                                          "programme.frequency",
                                          "programme.homepage",
                                          "programme.subchannel",
                                          "phone.hotline",
                                          "phone.studio",
                                          "phone.other",
                                          "sms.studio",
                                          "sms.other",
                                          "email.hotline",
                                          "email.studio",
                                          "email.other",
                                          "mms.other",
                                          "chat",
                                          "chat.centre",
                                          "vote.question",
                                          "vote.centre",
                                          "rfu",
                                          "rfu",
                                          "private",
                                          "private",
                                          "private",
                                          "place",
                                          "appointment",
                                          "identifier",
                                          "purchase",
                                          "get_data"};
    return names[type & 63];
}

int hz_rds_dab_block(unsigned khz, char name[4])
{
    static const unsigned first[] = {174928, 181936, 188928, 195936, 202928,
                                     209936, 216928, 223936, 230784};
    if (khz >= 235776 && (khz - 235776) % 1712 == 0 && khz <= 239200)
        return snprintf(name, 4, "13%c", (char)('D' + (khz - 235776) / 1712));
    for (unsigned i = 0; i < sizeof first / sizeof *first; i++)
        if (khz >= first[i] && (khz - first[i]) % 1712 == 0 && (khz - first[i]) / 1712 < 4)
            return snprintf(name, 4, "%u%c", 5 + i, (char)('A' + (khz - first[i]) / 1712));
    return 0;
}

int hz_rds_callsign(uint16_t pi, char name[8])
{
    if (pi >> 12 == 0xa && (pi & 0x0f00) == 0x0f00) /* AFxy: two zeros were moved there */
        pi = (uint16_t)((pi & 0xff) << 8);
    else if (pi >> 12 == 0xa) /* Axyz: a zero was */
        pi = (uint16_t)((pi & 0xf00) << 4 | (pi & 0xff));
    char first = pi >= 0x54a8 ? 'W' : 'K';
    unsigned rest = pi >= 0x54a8 ? pi - 0x54a8u : pi - 0x1000u;
    if (pi < 0x1000 || pi > 0x994f)
        return 0;
    return snprintf(name, 8, "%c%c%c%c", first, (char)('A' + rest / 676),
                    (char)('A' + rest / 26 % 26), (char)('A' + rest % 26));
}
