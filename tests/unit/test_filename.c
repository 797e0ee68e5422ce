#include "config/filename.h"

#include <criterion/criterion.h>
#include <math.h>

Test(filename, tells_format_rate_and_centre)
{
    static const struct {
        const char *name;
        int format; /* -1: not told */
        double rate, centre;
    } good[] = {
        {"x_1090M_2400k.cu8", HZ_CU8, 2400e3, 1090e6},
        {"/tmp/7M_1k/g001_433.92M_250k.cu8", HZ_CU8, 250e3, 433.92e6},
        {"rsadsb_1641427457780_1090M_2400k.cs16", HZ_CS16, 2400e3, 1090e6},
        {"auriol_04__gfile002_H13726A_Temp_event_33.2C_44H_433.92M_250k.cu8", HZ_CU8, 250e3,
         433.92e6},
        {"vdl2_model_136.975M_1050k.cs16", HZ_CS16, 1050e3, 136.975e6},
        {"a-868.3MHz-1.6Msps.cf32", HZ_CF32, 1.6e6, 868.3e6},
        {"a 100kHz 48ksps.cs8", HZ_CS8, 48e3, 100e3},
        {"a_1GHz_2000000sps.cu8", HZ_CU8, 2e6, 1e9},
        {"SDR_20160101_120000Z_433920000Hz_IQ.WAV", -1, NAN, 433.92e6},
        {"dmr_call_48k.cf32", HZ_CF32, 48e3, NAN},
        {"rtl_noise_a.cu8", HZ_CU8, NAN, NAN},
        {"ops_sat.f32", -1, NAN, NAN},
        {"no extension 7k", -1, 7e3, NAN},
        {"1.2.3M.4k", -1, NAN, NAN},
        {"..M_.k.", -1, NAN, NAN},
        {"2026-01-31_23-59-59_250000SPS_433920000Hz.cs16", HZ_CS16, 250e3, 433.92e6},
        {"2026-01-31_23-59-59_250000SPS_433920000Hz.f32", HZ_CF32, 250e3, 433.92e6},
        {"gqrx_20260131_235959_433920000_1800000_fc.raw", HZ_CF32, 1.8e6, 433.92e6},
        {"baseband_433920000Hz_23-59-59_31-01-2026.wav", -1, NAN, 433.92e6},
        {"SDRconnect_IQ_20260131_235959_433920000HZ.wav", -1, NAN, 433.92e6},
        {"31-Jan-2026 235959.123 433.920MHz 000.wav", -1, NAN, 433.92e6},
        {"HDSDR_20260131_235959Z_7100kHz_RF.wav", -1, NAN, 7.1e6},
        {"x_433920000Hz_250000Hz.CU8", HZ_CU8, 250e3, 433.92e6},
        {"HackRF-20260131_235959-433.92MHz-2MSps-1MHz.complex16s", HZ_CS8, 2e6, 433.92e6},
        {"X_162MHZ_96KSPS.CF32", HZ_CF32, 96e3, 162e6},
        {"x_433.92mhz_2.4msps.cfile", HZ_CF32, 2.4e6, 433.92e6},
        {"x_144M_48k.ci16_be", HZ_CS16_BE, 48e3, 144e6},
        {"x_48000sps.s16", -1, 48e3, NAN},
        {"", -1, NAN, NAN},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct hz_filename t = hz_filename_parse(good[i].name);
        cr_expect_eq(t.has_format, good[i].format >= 0, "%s", good[i].name);
        if (good[i].format >= 0)
            cr_expect_eq((int)t.format, good[i].format, "%s", good[i].name);
        cr_expect(isnan(good[i].rate) ? isnan(t.rate_hz) : t.rate_hz == good[i].rate, "%s: %g",
                  good[i].name, t.rate_hz);
        cr_expect(isnan(good[i].centre) ? isnan(t.centre_hz) : t.centre_hz == good[i].centre,
                  "%s: %g", good[i].name, t.centre_hz);
    }
}

Test(filename, tells_where_to_look)
{
    cr_expect(hz_filename_parse("a.WAV").wav);
    cr_expect(hz_filename_parse("/b/a.sigmf-meta").sigmf);
    cr_expect(hz_filename_parse("a.sigmf-data").sigmf);
    cr_expect(hz_filename_parse("A.SIGMF-META").sigmf);
    cr_expect(hz_filename_parse("a.sigmf").archive);
    cr_expect(hz_filename_parse("a.sdriq").sdriq);
    cr_expect(hz_filename_parse("audio_145000000Hz_12-00-00_01-05-2026.wav").says_audio);
    cr_expect(hz_filename_parse("SDRSharp_20260131_235959Z_145000000Hz_AF.wav").says_audio);
    cr_expect_not(hz_filename_parse("SDRSharp_20260131_235959Z_145000000Hz_IQ.wav").says_audio);
    cr_expect_not(hz_filename_parse("a.wav/sigmf-meta.cu8").wav);
}

Test(filename, tells_when_it_began)
{
    static const struct {
        const char *name;
        int64_t ms; /* since 2026-01-31T23:59:59Z */
        bool local;
    } good[] = {
        {"gqrx_20260131_235959_433920000_1800000_fc.raw", 0, false},
        {"SDRSharp_20260131_235959Z_433920000Hz_IQ.wav", 0, false},
        {"SDRuno_20260131_235959Z_88110kHz.wav", 0, false},
        {"2026-01-31_23-59-59_250000SPS_433920000Hz.cs16", 0, false},
        {"rec0_2026-01-31T23_59_59_250.sdriq", 250, false},
        {"baseband_433920000Hz_23-59-59_31-01-2026.wav", 0, true},
        {"31-Jan-2026 235959.123 433.920MHz 000.wav", 123, true},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct hz_filename t = hz_filename_parse(good[i].name);
        cr_expect_eq(t.start_utc_ns, 1769903999000000000 + good[i].ms * 1000000, "%s",
                     good[i].name);
        cr_expect_eq(t.local_time, good[i].local, "%s", good[i].name);
    }
    static const char *const none[] = {"x_20261331_235959_1M.cu8", "x_120260131_235959.cu8",
                                       "rsadsb_1641427457780_1090M_2400k.cs16", "2026.cu8"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        cr_expect_eq(hz_filename_parse(none[i]).start_utc_ns, INT64_MIN, "%s", none[i]);
}
