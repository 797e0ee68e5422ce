/* Properties of the planner on random channels: whatever is asked for, the plan keeps its rules. */
#include "config/centre.h"
#include "tests/unit/plan_wants.h"

#include <criterion/criterion.h>
#include <math.h>

static uint64_t seed;

static unsigned draw(unsigned below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % below;
}

static void random_wants(void)
{
    static const struct hz_decoder *const all[] = {&voice, &voice, &ships, &wide, &planes};
    static const double spread_hz[] = {50e3, 800e3, 1.9e6, 6e6};
    size_t n = 1 + draw(draw(8) ? 12 : 60);
    double base = draw(3) ? 157e6 + draw(500) * 12.5e3 : 1089.5e6;
    double spread = spread_hz[draw(4)];
    unsigned kinds = draw(4) ? 4 : 5;
    n_wants = 0;
    for (size_t i = 0; i < n; i++) {
        const struct hz_decoder *d = all[draw(kinds)];
        bool named = !d->freqs_hz || draw(3);
        double freq = base + round(draw(10000) / 1e4 * spread / 6250) * 6250;
        struct hz_conf_channel *c = want(d, named ? freq : 0);
        if (d == &voice && draw(4) == 0)
            c->bandwidth_hz = 5000 + draw(15) * 1000;
    }
}

static size_t times_planned(const struct hz_plan_place *list, size_t n, size_t i, double freq)
{
    size_t times = 0;
    for (size_t k = 0; k < n; k++)
        times += list[k].want == i && (freq <= 0 || list[k].freq_hz == freq);
    return times;
}

/* Each channel that is named is planned once, or refused; each that is not has every frequency
 * either in or out, once, and one at least is in, or it is refused. */
static void expect_covered(void)
{
    for (size_t i = 0; i < n_wants; i++) {
        size_t in = times_planned(plan.in, plan.n_in, i, 0);
        cr_expect(refused[i] ? in == 0 : in >= 1, "want %zu in %zu times", i, in);
        const double *f = wants[i]->decoder->freqs_hz;
        if (wants[i]->freq_hz > 0)
            cr_expect_eq(in + refused[i], 1);
        for (; wants[i]->freq_hz <= 0 && f && *f > 0; f++)
            cr_expect_eq(times_planned(plan.in, plan.n_in, i, *f) +
                             times_planned(plan.out, plan.n_out, i, *f),
                         1);
    }
}

static void expect_places(double usable)
{
    for (size_t k = 0; k < plan.n_in; k++) {
        const struct hz_conf_channel *c = wants[plan.in[k].want];
        double half = hz_plan_width(c) / 2, offset = fabs(plan.in[k].freq_hz - plan.centre_hz);
        cr_expect(c->freq_hz <= 0 || plan.in[k].freq_hz == c->freq_hz);
        if (c->decoder == &planes) {
            cr_expect_geq(plan.rate_hz, planes.rate_hz);
            cr_expect_leq(offset, usable / 2);
            continue;
        }
        cr_expect_leq(offset + half, usable / 2 + 0.2);
        cr_expect_geq(offset - half, HZ_CENTRE_CLEAR_HZ - 0.01, "across the centre");
    }
}

/* The next lower rate would not do: by brute force over centres, every 250 Hz. */
static bool fits(double rate)
{
    double first = plan.in[0].freq_hz;
    for (double centre = first - 1.3e6; centre < first + 1.3e6; centre += 250) {
        bool good = true;
        for (size_t k = 0; good && k < plan.n_in; k++) {
            const struct hz_conf_channel *c = wants[plan.in[k].want];
            double half = hz_plan_width(c) / 2, offset = fabs(plan.in[k].freq_hz - centre);
            if (c->decoder == &planes)
                good = false; /* it wants 2.4 Msps, the highest */
            else
                good = offset + half <= rate * HZ_CENTRE_USABLE / 2 &&
                       offset - half >= HZ_CENTRE_CLEAR_HZ;
        }
        if (good)
            return true;
    }
    return false;
}

static void expect_lowest_rate(void)
{
    static const double rates[] = {1.024e6, 1.2e6, 1.536e6, 1.8e6, 2.048e6, 2.4e6};
    size_t i = 0;
    while (i < 6 && rates[i] != plan.rate_hz)
        i++;
    cr_assert_lt(i, 6);
    cr_expect(i == 0 || !fits(rates[i - 1]), "%g would do, not only %g", rates[i - 1],
              plan.rate_hz);
}

Test(plan, properties_of_a_chosen_band)
{
    size_t placed = 0, refusals = 0;
    for (unsigned run = 0; run < 400; run++) {
        seed = run + 1;
        random_wants();
        int rc = choose();
        cr_expect_eq(rc != 0, told[0] != 0);
        expect_covered();
        refusals += rc != 0;
        placed += plan.n_in;
        if (plan.n_in == 0)
            continue;
        expect_places(plan.rate_hz * HZ_CENTRE_USABLE);
        expect_lowest_rate();
        static struct hz_plan first;
        static char first_told[TEXT];
        memcpy(&first, &plan, sizeof first);
        strcpy(first_told, told);
        choose();
        cr_expect_eq(memcmp(&first, &plan, sizeof first), 0);
        cr_expect_str_eq(first_told, told);
    }
    cr_expect_gt(placed, 1000);
    cr_expect(refusals > 50 && refusals < 350, "%zu", refusals); /* both kinds were tried */
}

Test(plan, properties_of_a_given_band)
{
    for (unsigned run = 0; run < 400; run++) {
        seed = run + 1000;
        random_wants();
        struct hz_plan_band band = {.rate_hz = 2.4e6, .centre_hz = 157e6 + draw(6000) * 1e3};
        make(band);
        expect_covered();
        cr_expect_eq(plan.rate_hz, band.rate_hz);
        cr_expect_eq(plan.centre_hz, band.centre_hz);
        for (size_t k = 0; k < plan.n_in; k++)
            cr_expect(hz_plan_inside(&band, wants[plan.in[k].want], plan.in[k].freq_hz));
        for (size_t k = 0; k < plan.n_out; k++)
            cr_expect_not(hz_plan_inside(&band, wants[plan.out[k].want], plan.out[k].freq_hz));
    }
}
