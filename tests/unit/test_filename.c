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
    cr_expect_not(hz_filename_parse("a.wav/sigmf-meta.cu8").wav);
}
