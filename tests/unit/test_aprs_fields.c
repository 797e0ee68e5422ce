/* Each field of APRS at the ends of what the APRS Protocol Reference allows (1.0.1 and its
 * addenda), and just beyond. Where the book leaves something open the value is Ham::APRS::FAP's or
 * Dire Wolf's. */
#include "proto/packet/ax25/frame.h"
#include "sim/ax25.h"

#include <cjson/cJSON.h>
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cJSON *describe(const char *line)
{
    static char text[16384];
    uint8_t frame[HZ_SIM_AX25_MAX];
    struct hz_json j;
    size_t n = hz_sim_ax25(line, frame);
    cr_assert_gt(n, 0, "%s", line);
    hz_json_init(&j, text, sizeof text);
    hz_json_open(&j, NULL);
    hz_ax25_describe(frame, n, &j);
    hz_json_close(&j);
    cJSON *o = cJSON_ParseWithLength(text, j.len);
    cr_assert_not_null(o, "%.*s", (int)j.len, text);
    return o;
}

/* The value at "a.b.2" of o. */
static const cJSON *at(const cJSON *o, const char *path)
{
    while (o && *path) {
        char key[32];
        size_t n = strcspn(path, ".");
        snprintf(key, sizeof key, "%.*s", (int)n, path);
        o = cJSON_IsArray(o) ? cJSON_GetArrayItem(o, atoi(key)) : cJSON_GetObjectItem(o, key);
        path += n + (path[n] == '.');
    }
    return o;
}

/* A packet, and what is at the paths: "path=value path=value", an empty value where there must be
 * none, a blank within a value as ~. */
struct packet {
    const char *line, *want;
};

static bool is(const cJSON *v, const char *want)
{
    char text[64];
    snprintf(text, sizeof text, "%s", want);
    for (char *c = text; *c; c++)
        *c = *c == '~' ? ' ' : *c;
    if (!v || !*text)
        return !v && !*text;
    return cJSON_IsNumber(v) ? fabs(v->valuedouble - atof(text)) < 6e-5
                             : cJSON_IsString(v) && strcmp(v->valuestring, text) == 0;
}

static void expect(const struct packet *p, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cJSON *o = describe(p[i].line);
        for (const char *w = p[i].want; *w;) {
            char path[64], value[64];
            size_t n = strcspn(w, " "), k = strcspn(w, "=");
            snprintf(path, sizeof path, "%.*s", (int)k, w);
            snprintf(value, sizeof value, "%.*s", (int)(n - k - 1), w + k + 1);
            char *got = cJSON_PrintUnformatted(o);
            cr_expect(is(at(o, path), value), "%s: %s, want %s\n%s", p[i].line, path, value, got);
            cJSON_free(got);
            w += n + (w[n] == ' ');
        }
        cJSON_Delete(o);
    }
}

#define EXPECT(packets) expect(packets, sizeof packets / sizeof *packets)
#define AT              "N0CALL>APRS:!4903.50N/07201.75W"

/* Chapter 12: widths are fixed. A comment may begin with a digit. */
Test(aprs_fields, weather)
{
    static const struct packet packets[] = {
        {AT "_220/004g005t077r001p002P003h50b1009212.4V",
         "wx.pressure=1009.2 wx.humidity=50 wx.rain_midnight=0.8 comment=12.4V"},
        {AT "_220/004g005t077b10130h6512.6V",
         "wx.humidity=65 wx.pressure=1013 comment=12.6V wx.soft="},
        {AT "_220/004g005t077b0998624C inside", "wx.pressure=998.6 comment=24C~inside"},
        {AT "_220/004g005t077L5554.2V", "wx.luminosity=555 comment=4.2V"},
        {AT "_220/004g005t077l9993.3V", "wx.luminosity=1999 comment=3.3V"},
        {AT "_220/004g005t077r0123.9V", "wx.rain_1h=3 comment=3.9V"},
        {AT "_220/004g005t077p9993.9V", "wx.rain_24h=253.7 comment=3.9V"},
        {AT "_220/004g005t0777.9V", "wx.temp=25 comment=7.9V"},
        {AT "_220/004g005t-075.1V", "wx.temp=-21.7 comment=5.1V"},
        {AT "_220/004g0055.1V", "wx.wind_gust=2.2 comment=5.1V"},
        {AT "_220/004g005t077s0123.7V", "wx.snow_24h=304.8 comment=3.7V"},
        {AT "_220/004g005t077s1.5h50", "wx.snow_24h=38.1 wx.humidity=50"},
        {AT "_220/004g005t077h00", "wx.humidity=100"},
        {AT "_220/004g005t077h100b09900", "wx.humidity=100 wx.pressure=990"},
        {AT "_220/004g005t077h100.open", "wx.humidity=100 comment=.open"},
        {AT "_220/004g005t077h100.5V", "wx.humidity=10 comment=0.5V"},
        {AT "_220/004g005t077h1005.1V", "wx.humidity=10 comment=05.1V"},
        {AT "_220/004g005t077h..b.....", "wx.humidity= wx.pressure= comment="},
        {AT "_220/004g005t077h5 b9986 ", "wx.humidity=5 wx.pressure=998.6"},
        {AT "_220/004g005t 65b10130", "wx.temp=18.3 wx.pressure=1013"},
        {AT "_361/004g005t077", "wx.wind_direction= wx.wind_speed=1.8"},
        {AT "_360/999g999t999", "wx.wind_direction=360 wx.wind_speed=446.6 wx.temp=537.2"},
        {AT "_   /...g...t077", "wx.wind_direction= wx.wind_speed= wx.temp=25"},
        {AT "_see/web for wx", "wx.wind_speed= comment=see/web~for~wx"},
        {AT "_220/004g005t077h50h21 C", "wx.humidity=50 comment=h21~C"},
        {"N0CALL>APRS:_12312359c360s999g005t077r000p000P000h5010.1V",
         "timestamp=12312359 wx.humidity=50 comment=10.1V"},
        {"N0CALL>APRS:_13010000c220s004g005t077", "timestamp= wx.wind_gust=2.2"},
        {"N0CALL>APRS:_01320000c220s004g005t077", "timestamp= wx.wind_gust=2.2"},
        {"N0CALL>APRS:_01012400c220s004g005t077", "timestamp= wx.wind_gust=2.2"},
        {"N0CALL>APRS:_01010060c220s004g005t077", "timestamp= wx.wind_gust=2.2"},
        {"N0CALL>APRS:$ULTW0031003702CE006900000000000086A00000", "wx.pressure= wx.humidity="},
    };
    EXPECT(packets);
}

/* Chapter 10: the bytes that a degree, a minute and so on may be. */
Test(aprs_fields, mic_e)
{
    static const struct packet packets[] = {
        {"N0CALL>S32U6T:`&&\x1cl  [/", "lat=33.4273 lon=-10.1667 resultcode="},
        {"N0CALL>S32U6T:`\x7f"
         "a\x7fl  [/",
         "lon=-99.1665"},
        {"N0CALL>S32UVT:`&W\x7fl  [/", "lon=-110.9998"},
        {"N0CALL>S32UVT:`kW\x7fl  [/", "lon=-179.9998"},
        {"N0CALL>S32UVT:`lX\x1cl  [/", "lon=-100"},
        {"N0CALL>S32UVT:`vX\x1cl  [/", "lon=0"},
        {"N0CALL>S32UVT:`\x7fX\x1cl  [/", "lon=-9"},
        {"N0CALL>S32U6T:`   l  [/", "lat= lon= resultcode=mice_inv_info type="},
        {"N0CALL>S32UVT:`   l  [/", "lat= lon= resultcode=mice_inv_info"},
        {"N0CALL>S32U6T:`%_fl  [/", "lat= resultcode=mice_inv_info"},
        {"N0CALL>S32UVT:`%_fl  [/", "lat= resultcode=mice_inv_info"},
        {"N0CALL>S32U6T:`(%fl  [/", "lat= resultcode=mice_inv_info"},
        {"N0CALL>S32U6T:`(bfl  [/", "lat= resultcode=mice_inv_info"},
        {"N0CALL>S32U6T:`(_\x1bl  [/", "lat= resultcode=mice_inv_info"},
        {"N0CALL>S32U6T:`(_fl\x7e [/", "lat= resultcode=mice_inv_info"},
        {"N0CALL>S32U6T:`(_f\x1b  [/", "lat= resultcode=mice_inv_info"},
        {"N0CALL>S32U6T:`(_fn\"O[/", "course=251 speed=37.04"},
        {"N0CALL>S3AU6T:`(_fn\"O[/", "lat=33.094 mbits=102"},
        {"N0CALL>S32A6T:`(_fn\"O[/", "lat= resultcode=mice_inv"},
        {"N0CALL>S32UAT:`(_fn\"O[/", "lat= resultcode=mice_inv"},
        {"N0CALL>S32U6K:`(_fn\"O[/", "lat= resultcode=mice_inv"},
        {"N0CALL>S3QLLL:`(_fn\"O[/", "lat=-33.25 lon=12.0833 posambiguity=3"},
        {"N0CALL>S36U6T:`(_fn\"O[/", "lat= resultcode=loc_inv"},
        {"N0CALL>S32U6T:`(_fn\"O[/`\"4T}on air_5",
         "device=Yaesu~FTM-510D comment=on~air altitude=61"},
        {"N0CALL>S32U6T:`(_fn\"O[/'\"4T}on air_0", "device=Yaesu~FT3D comment=on~air"},
        {"N0CALL>S32U6T:`(_fn\"O[/`hi[1", "device=APRSdroid comment=hi"},
    };
    EXPECT(packets);
}

/* Chapters 6 to 9, 11: positions and what stands behind them. */
Test(aprs_fields, positions)
{
    static const struct packet packets[] = {
        {"N0CALL>APRS:!9000.00N/18000.00W-", "lat=90 lon=-180"},
        {"N0CALL>APRS:!9000.01N/07201.75W-", "lat= resultcode=loc_large"},
        {"N0CALL>APRS:!4903.50N/18000.01W-", "lat= resultcode=loc_large"},
        {"N0CALL>APRS:!4960.00N/07201.75W-", "lat= resultcode=loc_inv"},
        {"N0CALL>APRS:!4903.50N/07260.00W-", "lat= resultcode=loc_inv"},
        {"N0CALL>APRS:!4903.50X/07201.75W-", "lat= resultcode=loc_inv"},
        {"N0CALL>APRS:!4903.50N/07201.75X-", "lat= resultcode=loc_inv"},
        {"N0CALL>APRS:!4903.5 N/07201.7 W-", "lat=49.059167 posambiguity=1"},
        {"N0CALL>APRS:!4903.50N/07201.7 W-", "lat= resultcode=loc_inv"},
        {"N0CALL>APRS:!49 3.50N/07201.75W-", "lat= resultcode=loc_inv"},
        {"N0CALL>APRS:!4903.50N/07201.7XW-hi!4903.50N/07201.75W-", "lat= resultcode=loc_inv"},
        {"N0CALL>APRS:=/!!!!!!!!-  s", "lat=90 lon=-180"},
        {"N0CALL>APRS:=/{{{{5L!!-  s", "lat= resultcode=loc_large"},
        {"N0CALL>APRS:=/5L!!<*e7>!!!", "course=360 speed=0 gpsfixstatus=0"},
        {"N0CALL>APRS:=/5L!!<*e7>z!!", "course=356"},
        {"N0CALL>APRS:=/5L!!<*e7> sT088/036hi", "course=88 speed=66.672 comment=hi"},
        {"N0CALL>APRS:=/5L!!<*e7>7P[088/036hi", "course=88 speed=67.102 comment=088/036hi"},
        {"N0CALL>APRS:=/5L!!<*e7# sTPHG2360hi", "phg=2360 comment=hi"},
        {AT ">000/000", "course=0 speed=0"},
        {AT ">360/999", "course=360 speed=1850.148"},
        {AT ">361/036", "course= speed=66.672"},
        {AT "#PHG9:98", "phg=9:98 comment="},
        {AT "#PHG0}00hi", "phg=0}00 comment=hi"},
        {AT "#PHG2360/W2 hi", "phg=2360 comment=W2~hi"},
        {AT "#PHG2360/A=001234hi", "phg=2360 altitude=376.123 comment=hi"},
        {AT "#PHG23x0hi", "phg= comment=PHG23x0hi"},
        {AT "#DFS2A60hi", "dfs=2A60 comment=hi"},
        {AT "#RNG9999", "radiorange=16091.831"},
        {"N0CALL>APRS:@312359z4903.50N/07201.75W-", "timestamp=312359z"},
        {"N0CALL>APRS:@002359z4903.50N/07201.75W-", "timestamp= lat=49.058333"},
        {"N0CALL>APRS:@322359/4903.50N/07201.75W-", "timestamp= lat=49.058333"},
        {"N0CALL>APRS:@235960h4903.50N/07201.75W-", "timestamp= lat=49.058333"},
        {"N0CALL>APRS:)ab!4903.50N/07201.75W-", "lat= resultcode=item_inv"},
        {"N0CALL>APRS:)1234567890!4903.50N/07201.75W-", "lat= resultcode=item_inv"},
        {"N0CALL>APRS:;ABCDEFGHI+092345z4903.50N/07201.75W-", "lat= resultcode=obj_inv"},
        {"N0CALL>APRS:beacon!4903.50N/07201.75W-", "lat=49.058333 type=location"},
    };
    EXPECT(packets);
}

/* Chapters 13 to 16 and NMEA 0183. */
Test(aprs_fields, all_others)
{
    static const struct packet packets[] = {
        {"N0CALL>APRS:T#005,199,000,255,073,123,01101", "telemetry.bits=01101000 comment="},
        {"N0CALL>APRS:T#005,199,000,255,073,123,0110100112V",
         "telemetry.bits=01101001 comment=12V"},
        {"N0CALL>APRS:T#005,199,000,255,073,123,no bits", "telemetry.bits= comment=no~bits"},
        {"N0CALL>APRS:T#005,199,-1.5,text", "telemetry.vals.1=-1.5 comment=text"},
        {"N0CALL>APRS:T#005,text", "telemetry= resultcode=tlm_inv"},
        {"N0CALL>APRS::A/B.C    :hi{12345", "destination=A/B.C message=hi messageid=12345"},
        {"N0CALL>APRS::N0CALL-11:hi{123456", "message=hi{123456 messageid="},
        {"N0CALL>APRS::N0CALL   :ack12345", "messageack=12345 message="},
        {"N0CALL>APRS::N0CALL   :ack123456", "messageack= message=ack123456"},
        {"N0CALL>APRS::N0CALL\x7f  :hi", "message= resultcode=msg_inv"},
        {"N0CALL>APRS::NWS-WARN :hi", "destination=NWS-WARN message=hi"},
        {"N0CALL>APRS:>312359zhi", "timestamp=312359z status=hi"},
        {"N0CALL>APRS:>312359/hi", "timestamp= status=312359/hi"},
        {"N0CALL>APRS:>hi^ZK", "beam_heading=350 beam_erp=7290"},
        {"N0CALL>APRS:>hi^BL", "beam_heading= status=hi^BL"},
        {"N0CALL>GPSMV:$GPRMC,235959,A,3349.4302,n,11700.3721,w,0,0,291099",
         "lat=33.823837 lon=-117.006202 course=360 timestamp=235959"},
        {"N0CALL>GPSMV:$GPRMC,240000,A,3349.4302,N,11700.3721,W,0,,291099",
         "lat=33.823837 course= timestamp="},
        {"N0CALL>GPSMV:$GPRMC,235959,,3349.4302,N,11700.3721,W,0,0,291099",
         "lat= resultcode=nmea_nofix"},
        {"N0CALL>GPSMV:$GPRMC,235959,A,3360.0,N,11700.3721,W,0,0,291099", "lat="},
        {"N0CALL>GPSMV:$GPRMC,235959,A,9000.1,N,11700.3721,W,0,0,291099", "lat="},
        {"N0CALL>GPSMV:$GPRMC,235959,A,3349.4302,N,18000.1,W,0,0,291099", "lat="},
        {"N0CALL>GPSMV:$GPGGA,102705,5157.97,N,00029.32,W,0,04,2.0,75.7,M,47.6,M,,",
         "lat= resultcode=nmea_nofix"},
        {"N0CALL>GPSMV:$GPGGA,102705,5157.97,N,00029.32,W,9,04,2.0,75.7,M,47.6,M,,",
         "altitude=75.7 symbolcode=>"},
        {"N0CALL>SYMC30:$GPGGA,102705,5157.97,N,00029.32,W,1,04,2.0,75.7,F,47.6,M,,",
         "altitude= lat=51.966167 symbolcode=>"},
        {"N0CALL>GPSMVX:$GPGLL,2554.459,N,08020.187,W", "lat=25.90765 symbolcode="},
        {"N0CALL>GPSNVX:$GPGLL,2554.459,N,08020.187,W", "symboltable=X symbolcode=>"},
    };
    EXPECT(packets);
}
