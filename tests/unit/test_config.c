#include "config/option.h"
#include "daemon/source/recording.h"
#include "tests/unit/config_text.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The seed of a simulator, which only the table of its options knows where to find. */
static uint64_t seed_of(const struct hz_conf_receiver *r)
{
    const struct hz_option *seed = hz_option_find(r->source->kind.options, "seed");
    uint64_t value;
    cr_assert(seed && seed->type == HZ_OPTION_SEED);
    memcpy(&value, (const char *)r + seed->at, sizeof value);
    return value;
}

#define SKY "[receiver sky]\nsource = sim\n"

Test(config, minimal_has_the_defaults)
{
    cr_assert_eq(parse(SKY "[channel 1090]\ndecoder = adsb\n"), 0, "%s", errors.text);
    cr_assert_eq(conf.n_receivers, 1);
    const struct hz_conf_receiver *r = conf.receivers[0];
    cr_expect_str_eq(r->name, "sky");
    cr_expect_str_eq(r->where.file, "t.conf");
    cr_expect_eq(r->where.line, 1);
    cr_expect_str_eq(r->source->kind.name, "sim");
    cr_expect_str_eq(hz_conf_receiver_input(r), "aircraft");
    cr_expect_eq(seed_of(r), 1);
    cr_expect_eq(r->pace, HZ_PACE_REALTIME);
    cr_expect(isnan(r->latitude) && isnan(r->longitude));
    cr_expect_not(r->loop);
    cr_assert_eq(conf.n_channels, 1);
    cr_expect_str_eq(conf.channels[0].decoder->name, "adsb");
    cr_expect_str_eq(conf.channels[0].receiver, "sky");
    cr_expect_eq(conf.channels[0].freq_hz, 1090e6);
    cr_expect_eq(conf.channels[0].bandwidth_hz, 0);
    cr_expect(isnan(conf.channels[0].squelch_db));
    cr_expect_eq(conf.channels[0].priority, 0);
    cr_expect_eq(conf.daemon.workers, 0);
    cr_expect_eq(conf.daemon.log_level, 6);
    cr_expect_eq(conf.daemon.history, 10000);
    cr_expect_eq(conf.daemon.history_bytes, 32 << 20);
    cr_expect_eq(conf.daemon.history_s, 3600);
    done();
}

Test(config, every_key_reaches_its_field)
{
    cr_assert_eq(parse("[hertzd]\nworkers = 3\nlog_level = debug\nhistory = 77\n"
                       "history_bytes = 64k\nhistory_time = 90s\n"
                       "[receiver a]\nsource = file\npath = x y.cu8\nformat = cs16\nrate = 2400k\n"
                       "centre = 1090M\nstart = @1.5\nloop = yes\npace = max\n"
                       "latitude = -48.25\nlongitude = 11.5\n"
                       "[receiver b]\nsource = sim\nscene = noise\nseed = 18446744073709551615\n"
                       "[channel c]\ndecoder = adsb\nreceiver = a\nfrequency = 1089.5MHz\n"
                       "priority = 7\n"
                       "[listen j]\ntype = tcp\naddress = [::1]:7373\nmax_clients = 5\n"
                       "[listen w]\ntype = http\naddress = localhost:0\n"
                       "allow_origin = http://a http://b\n"
                       "[listen u]\ntype = unix\npath = /tmp/s\n"),
                 0, "%s", errors.text);
    cr_expect_eq(conf.daemon.workers, 3);
    cr_expect_eq(conf.daemon.log_level, 7);
    cr_expect_eq(conf.daemon.history, 77);
    cr_expect_eq(conf.daemon.history_bytes, 64 << 10);
    cr_expect_eq(conf.daemon.history_s, 90);
    const struct hz_conf_receiver *a = conf.receivers[0];
    const struct hz_conf_file *file = (const struct hz_conf_file *)a;
    cr_expect_str_eq(file->path, "x y.cu8");
    cr_expect(a->format.given && a->format.format == HZ_CS16 && !a->format.wav);
    cr_expect_eq(a->rate_hz, 2400000.0);
    cr_expect_eq(a->centre_hz, 1090e6);
    cr_expect_eq(file->start_utc_ns, 1500000000);
    cr_expect(a->loop && a->pace == HZ_PACE_MAX);
    cr_expect_eq(a->latitude, -48.25);
    cr_expect_eq(a->longitude, 11.5);
    cr_expect_str_eq(hz_conf_receiver_input(conf.receivers[1]), "noise");
    cr_expect_eq(seed_of(conf.receivers[1]), UINT64_MAX);
    cr_expect_eq(conf.channels[0].freq_hz, 1089.5e6);
    cr_expect_eq(conf.channels[0].priority, 7);
    cr_expect_eq(conf.listens[0].type, HZ_LISTEN_TCP);
    cr_expect_str_eq(conf.listens[0].address, "[::1]:7373");
    cr_expect_eq(conf.listens[0].max_clients, 5);
    cr_expect_eq(conf.listens[1].type, HZ_LISTEN_HTTP);
    cr_expect_str_eq(conf.listens[1].allow_origin, "http://a http://b");
    cr_expect_eq(conf.listens[2].type, HZ_LISTEN_UNIX);
    cr_expect_str_eq(conf.listens[2].path, "/tmp/s");
    done();
}

Test(config, layout_of_lines_is_free)
{
    cr_assert_eq(parse("\xef\xbb\xbf# first\r\n\r\n  [receiver sky]\r\n\tsource=sim\r\n"
                       "   ; note\r\n  seed =  7  \r\n[channel x]\r\ndecoder: = adsb\n"),
                 -EINVAL);
    done();
    cr_assert_eq(parse("\xef\xbb\xbf# first\r\n\r\n  [receiver sky]\r\n\tsource=sim\r\n"
                       "   ; note\r\n  seed =  7  "),
                 0, "%s", errors.text);
    cr_expect_eq(conf.n_receivers, 1);
    cr_expect_eq(conf.receivers[0]->where.line, 3);
    cr_expect_eq(seed_of(conf.receivers[0]), 7);
    done();
}

Test(config, all_errors_of_a_file_are_told_in_one_go)
{
    char expected[1024], all[512] = "";
    for (const struct hz_decoder *const *d = hz_decoders; *d; d++) {
        size_t n = strlen(all);
        snprintf(all + n, sizeof all - n, "%s%s", n ? ", " : "", (*d)->name);
    }
    snprintf(expected, sizeof expected,
             "t.conf:2: unknown key 'sorce' in [receiver], did you mean 'source'?\n"
             "t.conf:3: pace = 'fast': expected one of max, realtime\n"
             "t.conf:4: unknown section 'chanel': expected hertzd, receiver, channel, listen, "
             "output, event, input, capture, meter, record or sensor; "
             "did you mean 'channel'?\n"
             "t.conf:7: decoder = 'adbs': expected one of %s; did you mean 'adsb'?\n"
             "t.conf:1: [receiver sky] has no 'source': expected source = file, sim, "
             "rtlsdr, rtl_tcp or soapy\n",
             all);
    refused("[receiver sky]\n"
            "sorce = sim\n"
            "pace = fast\n"
            "[chanel x]\n"
            "decoder = nothing\n"
            "[channel y]\n"
            "decoder = adbs\n",
            expected);
}

Test(config, traps_of_the_ini_library_are_errors)
{
    char text[4200] = SKY "scene = ";
    size_t n = strlen(text);
    memset(text + n, 'x', 4000);
    strcpy(text + n + 4000, "\n");
    refused(text, "t.conf:3: the line has 4008 characters: expected at most 4000\n");
    snprintf(text, sizeof text, SKY "sceen  =  %0300d\n", 0); /* longer than libinih's */
    refused(text, "t.conf:3: unknown key 'sceen' in [receiver], did you mean 'scene'?\n");
    refused(SKY "novalue\n", "t.conf:3: 'novalue' has no value: expected KEY = VALUE\n");
    refused(SKY "  = 3\n", "t.conf:3: no key before '=': expected KEY = VALUE\n");
    refused(SKY "seed =\n",
            "t.conf:3: seed = '': expected a whole number from 0 to 18446744073709551615\n");
    refused(SKY "[unclosed\nseed = 1\n",
            "t.conf:3: the heading is not closed: expected [KIND NAME]\n");
    refused(SKY "[channel x] decoder = adsb\n",
            "t.conf:3: text after the heading's ]: expected [KIND NAME] alone on its line\n");
    refused(SKY "scene = a ;b\nseed = 1 # one\n",
            "t.conf:3: a comment behind a value: expected it on a line of its own (a value cannot "
            "hold '#' or ';' after a blank)\n"
            "t.conf:4: a comment behind a value: expected it on a line of its own (a value cannot "
            "hold '#' or ';' after a blank)\n");
    refused(SKY "scene = a\x01\n", "t.conf:3: a control character: expected plain text\n");
    /* An indented line is a line of its own, not a second value of the key above. */
    refused(SKY "scene = noise\n   b = c\n",
            "t.conf:4: unknown key 'b' in [receiver]: expected one of source, latitude, longitude, "
            "scene, plan, seed, crystal, drift, fault, pace, gain, ppm\n");
    errors = (struct hz_conf_errors){0};
    cr_expect_eq(hz_config_parse(&conf, all_kinds(), "t.conf", "[receiver\0 x]\n", 14, &errors),
                 -EINVAL);
    cr_expect_str_eq(errors.text, "t.conf:1: a control character: expected plain text\n");
    done();
}

Test(config, names_and_repetitions)
{
    refused("[]\n", "t.conf:1: unknown section '': expected hertzd, receiver, channel, listen, "
                    "output, event, input, capture, meter, record or sensor\n");
    refused("[receiver]\nsource = sim\n",
            "t.conf:1: [receiver] has no name: expected [receiver NAME]\n");
    refused("[hertzd x]\n", "t.conf:1: [hertzd x]: expected [hertzd] without a name\n");
    refused("[receiver a b]\nsource = sim\n",
            "t.conf:1: [receiver a b]: expected a name of at most 31 letters, digits, '-', '_' "
            "and '.'\n");
    refused("[hertzd]\nworkers = 1\nworkers = 2\n[hertzd]\n",
            "t.conf:3: a second 'workers': the first is at line 2\n"
            "t.conf:4: a second [hertzd]: the first is at t.conf:1\n");
    refused(SKY SKY, "t.conf:3: a second [receiver sky]: the first is at t.conf:1\n");
    refused("seed = 1\n" SKY,
            "t.conf:1: 'seed' stands before any section: expected [KIND NAME] first\n");
    refused("[receiver aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee]\nsource = sim\n",
            "t.conf:1: the heading is too long: expected [KIND NAME] with a name of at most 31 "
            "characters\n");
}

Test(config, receiver_keys_must_suit_the_source)
{
    refused("[receiver r]\nsource = sim\npath = x.cu8\n",
            "t.conf:3: 'path' has no meaning with source = sim: expected only with source = "
            "file\n");
    refused("[receiver r]\nsource = file\nseed = 3\n",
            "t.conf:3: 'seed' has no meaning with source = file: expected only with source = sim\n"
            "t.conf:1: [receiver r] has no 'path': expected path = FILE, or - for standard "
            "input\n");
    refused("[receiver r]\nsource = file\npath = -\nloop = yes\n",
            "t.conf:4: loop = yes with path = -: standard input cannot be read again\n");
    refused("[receiver r]\nsource = sim\nlatitude = 48\n",
            "t.conf:3: latitude and longitude: expected both or neither\n");
    refused("[receiver r]\nsource = sim\nlatitude = 48\nlongitude = 181\n",
            "t.conf:4: longitude = '181': expected decimal degrees from -180 to 180, as in "
            "48.137\n");
    refused("[receiver r]\nsource = file\npath = x\nrate = 0\nformat = mp3\nloop = maybe\n",
            "t.conf:4: rate = '0': expected a number of Hz from 1 to 1e+09, as in 162.025M or "
            "2400k\n"
            "t.conf:5: format = 'mp3': expected cu8, cs8, cs16, cf32 and the like, wav, or audio\n"
            "t.conf:6: loop = 'maybe': expected yes or no (or true, false)\n");
}

Test(config, channel_must_fit_its_receiver)
{
    refused(SKY "[channel x]\n",
            "t.conf:3: [channel x] has no 'decoder': expected decoder = NAME, as `hertzd decoders` "
            "lists them\n");
    refused("[channel x]\ndecoder = adsb\n",
            "t.conf:1: [channel x] has no 'receiver': expected a section [receiver NAME]\n");
    refused(SKY "[receiver two]\nsource = sim\n[channel x]\ndecoder = adsb\n",
            "t.conf:5: [channel x] has no 'receiver': expected receiver = NAME where there are "
            "several\n");
    refused(SKY "[channel x]\ndecoder = adsb\nreceiver = skyy\n",
            "t.conf:5: receiver = 'skyy': there is no [receiver skyy], did you mean 'sky'?\n");
    refused("[receiver r]\nsource = file\npath = x\nrate = 250k\n[channel x]\ndecoder = adsb\n",
            "t.conf:6: decoder = adsb needs 2e+06 to 3.2e+06 samples per second, but receiver r "
            "has 250000\n");
    refused("[receiver r]\nsource = file\npath = x\nrate = 2400k\ncentre = 162M\n"
            "[channel x]\ndecoder = adsb\n",
            "t.conf:6: 1090.000000 MHz is outside the band of receiver r: expected 160.800000 to "
            "163.200000 MHz\n");
    refused("[receiver r]\nsource = file\npath = /x_162M_1536k.cu8\n[channel x]\ndecoder = adsb\n",
            "t.conf:5: decoder = adsb needs 2e+06 to 3.2e+06 samples per second, but receiver r "
            "has 1.536e+06\n"
            "t.conf:4: 1090.000000 MHz is outside the band of receiver r: expected 161.232000 to "
            "162.768000 MHz\n");
    refused("[receiver r]\nsource = file\npath = x\nrate = 2400k\ncentre = 1090M\n"
            "[channel x]\ndecoder = adsb\nfrequency = 1091.3M\n",
            "t.conf:8: 1091.300000 MHz is outside the band of receiver r: expected 1088.800000 to "
            "1091.200000 MHz\n");
}

Test(config, channel_keys_must_suit_the_decoder)
{
    refused(SKY "[channel x]\ndecoder = adsb\nbandwidth = 12.5k\nsquelch = 5\n",
            "t.conf:5: 'bandwidth' has no meaning with decoder = adsb, which takes the whole "
            "band\n"
            "t.conf:6: 'squelch' has no meaning with decoder = adsb, which takes the whole band\n");
    refused(SKY "[channel x]\ndecoder = adsb\nbandwidth = 12\nsquelch = loud\npriority = 101\n",
            "t.conf:5: bandwidth = '12': expected a number of Hz from 100 to 1e+07, as in 162.025M "
            "or 2400k\n"
            "t.conf:6: squelch = 'loud': expected dB from 0 to 60, as in 6.5\n"
            "t.conf:7: priority = '101': expected a whole number from 0 to 100\n"
            "t.conf:5: 'bandwidth' has no meaning with decoder = adsb, which takes the whole "
            "band\n"
            "t.conf:6: 'squelch' has no meaning with decoder = adsb, which takes the whole band\n");
}

Test(config, a_dongle_gets_a_band_for_its_channels)
{
    cr_assert_eq(parse("[receiver r]\nsource = rtlsdr\n[channel x]\ndecoder = adsb\n"), 0, "%s",
                 errors.text);
    cr_expect_eq(conf.receivers[0]->rate_hz, 2.4e6);
    cr_expect_eq(conf.receivers[0]->centre_hz, 1090e6);
    cr_expect(conf.receivers[0]->chosen);
    done();
    cr_assert_eq(parse("[receiver r]\nsource = rtlsdr\nrate = 2M\ncentre = 1090.1M\n"
                       "[channel x]\ndecoder = adsb\n"),
                 0, "%s", errors.text);
    cr_expect_eq(conf.receivers[0]->rate_hz, 2e6);
    cr_expect_eq(conf.receivers[0]->centre_hz, 1090.1e6);
    cr_expect_not(conf.receivers[0]->chosen);
    done();
    refused("[receiver r]\nsource = rtlsdr\n",
            "t.conf:1: [receiver r] has no 'rate', and no channel to choose it for: expected rate "
            "= SAMPLES PER SECOND, as in 2400k\n"
            "t.conf:1: [receiver r] has no 'centre', and no channel to choose it for: expected "
            "centre = FREQUENCY, as in 1090M\n");
    refused("[receiver r]\nsource = rtlsdr\nrate = 2400k\ncentre = 162M\n"
            "[channel x]\ndecoder = adsb\n",
            "t.conf:5: 1090.000000 MHz is outside the band of receiver r: expected 160.800000 to "
            "163.200000 MHz; centre = 1090M would do\n");
    refused("[receiver r]\nsource = rtlsdr\nrate = 1024k\n[channel x]\ndecoder = adsb\n",
            "t.conf:5: decoder = adsb needs 2e+06 to 3.2e+06 samples per second, but receiver r "
            "has 1.024e+06; rate = 2.4M would do\n");
    refused("[receiver r]\nsource = rtlsdr\n[channel x]\ndecoder = adsb\n"
            "[channel y]\ndecoder = adsb\nfrequency = 978M\n",
            "t.conf:3: 1090.000000 MHz has no place in the band of receiver r beside y at 978 MHz: "
            "one dongle takes channels within 1.92 MHz: it needs a second receiver\n");
}

Test(config, listeners_need_a_place_of_their_own)
{
    refused("[listen a]\naddress = 127.0.0.1:1\n",
            "t.conf:1: [listen a] has no 'type': expected type = tcp, http, unix or rtl_tcp\n");
    refused("[listen a]\ntype = tcp\n", "t.conf:1: [listen a] has no 'address': expected address "
                                        "= HOST:PORT, as in 127.0.0.1:7373\n");
    refused("[listen a]\ntype = unix\naddress = 127.0.0.1:1\npath = x\n",
            "t.conf:3: 'address' has no meaning with type = unix: expected only with type = tcp "
            "http rtl_tcp\n");
    refused("[listen a]\ntype = tcp\naddress = 127.0.0.1:1\n"
            "[listen b]\ntype = http\naddress = 127.0.0.1:1\n",
            "t.conf:6: address = '127.0.0.1:1' is taken by [listen a] at t.conf:1\n");
    static const char *const bad[] = {"127.0.0.1",    "127.0.0.1:",     "127.0.0.1:65536",
                                      ":7373",        "example.org:80", "::1:7373",
                                      "[::1:7373",    "127.0.0.1:73a",  "1.2.3:4",
                                      "[1.2.3.4]:80", "127.0.0.1:-1",   "127.0.0.1:000080"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[128];
        snprintf(text, sizeof text, "[listen a]\ntype = tcp\naddress = %s\n", bad[i]);
        cr_expect_eq(parse(text), -EINVAL, "%s", bad[i]);
        cr_expect_eq(errors.count, 1, "%s", bad[i]);
        done();
    }
    char text[300] = "[listen a]\ntype = unix\npath = /";
    size_t n = strlen(text);
    memset(text + n, 'p', 120);
    cr_expect_eq(parse(text), -EINVAL);
    cr_expect(strstr(errors.text, "expected at most 107 characters"));
    done();
}

Test(config, rtl_tcp)
{
#define REMOTE "[receiver a]\nsource = rtl_tcp\nrate = 2400k\ncentre = 1090M\n"
#define SHARE  "[listen s]\ntype = rtl_tcp\naddress = 127.0.0.1:0\n"
    static const char *const good[] = {"attic:1234", "attic.local:1", "10.0.0.1:65535",
                                       "[fe80::1]:1234"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, REMOTE "address = %s\n" SHARE, good[i]);
        cr_assert_eq(parse(text), 0, "%s", errors.text);
        cr_expect_str_eq(hz_conf_receiver_input(conf.receivers[0]), good[i]);
        cr_expect_eq(conf.listens[0].type, HZ_LISTEN_RTL_TCP);
        cr_expect_str_eq(conf.listens[0].receiver, "a");
        cr_expect_eq(conf.listens[0].control, false);
        done();
    }
    refused(REMOTE "address = attic:0\n",
            "t.conf:5: address = 'attic:0': expected HOST:PORT with a name, an IPv4 address or "
            "[IPv6], and a port from 1 to 65535, as in attic.local:1234\n");
    refused(SHARE, "t.conf:1: [listen s] has no 'receiver': expected a section [receiver NAME]\n");
    refused("[listen s]\ntype = tcp\naddress = 127.0.0.1:0\ncontrol = yes\n",
            "t.conf:4: 'control' has no meaning with type = tcp: expected only with type = "
            "http rtl_tcp\n");
}

Test(config, errors_are_bounded)
{
    static char text[64 * 1024];
    for (size_t n = 0; n + 8 < sizeof text; n += 6)
        memcpy(text + n, "[a b]\n", 6);
    cr_expect_eq(parse(text), -EINVAL);
    cr_expect_gt(errors.count, 10000);
    size_t lines = 0;
    for (const char *s = errors.text; (s = strchr(s, '\n')); s++)
        lines++;
    cr_expect_eq(lines, 100);
    cr_expect(strstr(errors.text, "more errors, not shown"));
    done();
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    cr_assert_not_null(f);
    fputs(text, f);
    fclose(f);
}

Test(config, folder_is_read_after_the_file)
{
    char dir[] = "/tmp/hertzd-test-XXXXXX", path[64], extra[80];
    cr_assert_not_null(mkdtemp(dir));
    cr_assert_eq(chdir(dir), 0);
    snprintf(path, sizeof path, "%s/a.conf", dir);
    snprintf(extra, sizeof extra, "%s.d", path);
    errors = (struct hz_conf_errors){0};
    cr_expect_eq(hz_config_load(&conf, all_kinds(), path, &errors), -ENOENT);
    cr_expect(strstr(errors.text, "a.conf: cannot be read: No such file"));
    done();
    cr_expect_eq(hz_config_load(&conf, all_kinds(), dir, &errors), -EISDIR);
    done();
    write_file(path, "[hertzd]\nworkers = 1\nhistory = 50\n" SKY);
    mkdir(extra, 0700);
    write_file("a.conf.d/20.conf", "[hertzd]\nworkers = 4\n");
    write_file("a.conf.d/10.conf", "[hertzd]\nworkers = 2\n[channel x]\ndecoder = adsb\n");
    write_file("a.conf.d/30.conf.bak", "nonsense\n");
    cr_assert_eq(hz_config_load(&conf, all_kinds(), path, &errors), 0, "%s", errors.text);
    cr_expect_eq(conf.daemon.workers, 4);
    cr_expect_eq(conf.daemon.history, 50);
    cr_expect_eq(conf.n_channels, 1);
    cr_expect_eq(conf.text.n_files, 3);
    cr_expect(strstr(conf.channels[0].where.file, "a.conf.d/10.conf"));
    done();
    write_file("a.conf.d/20.conf", "[channel x]\nsquelch = 99\n");
    cr_expect_eq(hz_config_load(&conf, all_kinds(), path, &errors), -EINVAL);
    cr_expect(strstr(errors.text, "20.conf:2: 'squelch' has no meaning"), "%s", errors.text);
    done();
    unlink("a.conf.d/10.conf");
    unlink("a.conf.d/20.conf");
    unlink("a.conf.d/30.conf.bak");
    rmdir("a.conf.d");
    unlink("a.conf");
    rmdir(dir);
}

Test(config, print_shows_what_would_run)
{
    cr_assert_eq(parse("[receiver r]\nsource = file\npath = x\nrate = 2400k\ncentre = 1090.1M\n"
                       "loop = yes\n[receiver live]\nsource = rtlsdr\nrate = 2400k\n"
                       "centre = 1090M\n"
                       "[channel plane]\ndecoder = adsb\nreceiver = r\n"
                       "[listen j]\ntype = tcp\naddress = 127.0.0.1:7373\n"),
                 0);
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    hz_config_print(&conf, out);
    fclose(out);
    cr_expect_str_eq(
        text, "RECEIVER  SOURCE                  RATE      CENTRE      PACE            CPU\n"
              "r         file x                  2.4 Msps  1090.1 MHz  realtime, loop  about "
              "0.5 to 2.9 %\n"
              "live      rtlsdr the first found  2.4 Msps  1090 MHz    live            about "
              "0.0 %\n"
              "\n"
              "CHANNEL  DECODER  RECEIVER  FREQUENCY  OFFSET    WIDTH\n"
              "plane    adsb     r         1090 MHz   -100 kHz  whole band\n"
              "\n"
              "LISTENER  TYPE  ADDRESS         CLIENTS\n"
              "j         tcp   127.0.0.1:7373  at most 1024\n"
              "\n"
              "workers as many as cores, log level info\n"
              "kept for clients that resume: 10000 frames at most, 32768 KiB, 1 h\n");
    free(text);
    done();
}
