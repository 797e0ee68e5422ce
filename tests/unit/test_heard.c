/* The table of what is heard where, against the decoders that there are. */
#include "config/heard.h"
#include "proto/registry.h"

#include <criterion/criterion.h>
#include <string.h>

/* What a dongle may be tuned to, and still have a band around. */
#define LOWEST_HZ  24e6
#define HIGHEST_HZ 1766e6

Test(heard, each_row_names_an_interest_and_a_decoder)
{
    for (const struct hz_heard *h = hz_heard; h->interest; h++) {
        const struct hz_interest *i = hz_interests;
        while (i->name && strcmp(i->name, h->interest) != 0)
            i++;
        cr_expect(i->name, "%s", h->interest);
        cr_expect(hz_decoder_find(h->decoder), "%s: %s", h->interest, h->decoder);
        double last = h->first_hz + h->step_hz * (h->count - 1);
        cr_expect(h->count > 0 && h->first_hz > LOWEST_HZ && last < HIGHEST_HZ, "%s", h->interest);
        cr_expect((h->count > 1) == (h->step_hz > 0), "%s: %g", h->interest, h->first_hz);
    }
}

/* One dongle hears 1.92 MHz: an interest that did not fit could never be heard. */
Test(heard, each_interest_fits_a_dongle_in_each_region)
{
    for (const struct hz_interest *i = hz_interests; i->name; i++) {
        int regions = 0;
        for (int r = 0; r < HZ_REGIONS; r++) {
            double low, high;
            if (!hz_heard_span(i->name, (enum hz_region)r, &low, &high))
                continue;
            regions++;
            cr_expect(high >= low && high - low <= 1.92e6, "%s, %s: %g to %g", i->name,
                      hz_region_names[r], low, high);
        }
        cr_expect(regions > 0, "%s", i->name);
    }
}

/* docs of the decoders and national plans name these. */
Test(heard, known_frequencies)
{
    static const struct {
        const char *interest;
        enum hz_region region;
        double low_hz, high_hz;
    } known[] = {
        {"aircraft", HZ_REGION_JAPAN, 1090e6, 1090e6},
        {"ships", HZ_REGION_AMERICA, 161.975e6, 162.025e6},
        {"packet", HZ_REGION_EUROPE, 144.8e6, 144.8e6},
        {"packet", HZ_REGION_AMERICA, 144.39e6, 144.39e6},
        {"speech", HZ_REGION_EUROPE, 446.00625e6, 446.09375e6},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        double low = 0, high = 0;
        cr_expect(hz_heard_span(known[i].interest, known[i].region, &low, &high));
        cr_expect(low == known[i].low_hz && high == known[i].high_hz, "%s: %f to %f",
                  known[i].interest, low, high);
    }
    double low, high;
    cr_expect(!hz_heard_span("meters", HZ_REGION_JAPAN, &low, &high));
}

Test(heard, the_narrowest_band_counts)
{
    static const struct {
        double hz;
        const char *decoder;
    } cases[] = {{98.5e6, "rds"},       {123.4e6, "am"},  {131.55e6, "acars"}, {144.8e6, "aprs"},
                 {145.5e6, "nfm"},      {156.8e6, "nfm"}, {162.025e6, "ais"},  {403.5e6, "rs41"},
                 {433.92e6, "sensors"}, {1090e6, "adsb"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct hz_heard_band *b = hz_heard_band(cases[i].hz);
        cr_assert(b, "%g", cases[i].hz);
        cr_expect_str_eq(b->decoder, cases[i].decoder);
        cr_expect(hz_decoder_find(b->decoder), "%s", b->decoder);
    }
    cr_expect_null(hz_heard_band(1500e6));
}

/* Where a usual frequency lies in a band, its decoder is that of the band, or is heard there too.
 */
Test(heard, no_usual_frequency_lies_outside_of_the_bands)
{
    for (const struct hz_heard *h = hz_heard; h->interest; h++)
        cr_expect(hz_heard_band(h->first_hz), "%s: %g", h->decoder, h->first_hz);
}
