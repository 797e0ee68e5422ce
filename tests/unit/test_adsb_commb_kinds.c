/* No register's contents may be taken for another's, in more than one of 10,000: 200,000 replies of
 * each kind, half of them with what is known of the aircraft. The contents are those that an
 * aircraft in flight makes (commb_contents.h). */
#include "commb_contents.h"

#include <criterion/criterion.h>

enum { EACH = 200000 };

struct kind {
    const char *name;
    void (*make)(struct flight *f, uint8_t *mb);
    enum hz_register is; /* its name, UNKNOWN for those that are not told */
    double told;         /* share that is to be told without and with knowledge of the aircraft */
    double told_known;
};

static struct hz_commb_known knowledge(struct flight *f)
{
    return (struct hz_commb_known){.altitude = true,
                                   .speed = true,
                                   .track = true,
                                   .position = true,
                                   .ground = f->ground,
                                   .alt_baro_ft = (int)(f->alt_ft + normal(f, 15.0)),
                                   .gs_kt = fabs(f->gs + normal(f, 3.0)),
                                   .track_deg = degrees_of(f->track + normal(f, 1.5)),
                                   .at = {f->lat + normal(f, 0.005), f->lon + normal(f, 0.005)}};
}

static void hold(const struct kind *k)
{
    static const struct hz_commb_known nothing;
    struct flight f = {.seed = 42};
    int told[2] = {0}, wrong = 0;
    for (int i = 0; i < EACH; i++) {
        uint8_t mb[7] = {0};
        fly(&f);
        k->make(&f, mb);
        struct hz_commb_known known = knowledge(&f);
        enum hz_register r = hz_commb_infer(mb, i % 2 ? &known : &nothing);
        told[i % 2] += r == k->is && r != HZ_BDS_UNKNOWN;
        bool false_name = r != HZ_BDS_UNKNOWN && r != k->is;
        wrong += false_name;
    }
    cr_expect_lt(wrong, EACH / 10000, "%s: %d with a false name", k->name, wrong);
    cr_expect_geq(told[0] * 2.0 / EACH, k->told, "%s: %g", k->name, told[0] * 2.0 / EACH);
    cr_expect_geq(told[1] * 2.0 / EACH, k->told_known, "%s: %g", k->name, told[1] * 2.0 / EACH);
}

Test(commb_kinds, told)
{
    static const struct kind kinds[] = {
        {"1,0", r10, HZ_BDS_10, 0.995, 0.999},
        {"1,7", r17, HZ_BDS_17, 0.97, 0.98},
        {"2,0", r20, HZ_BDS_20, 1.0, 1.0},
        {"3,0", r30, HZ_BDS_30, 0.9999, 0.9999},
        {"4,0", r40, HZ_BDS_40, 0.9995, 0.9998},
        {"4,0 altitudes", r40_two_altitudes, HZ_BDS_40, 0.996, 0.998},
        {"4,0 no panel", r40_no_panel, HZ_BDS_40, 0.9998, 0.9998},
        {"4,0 panel only", r40_panel_only, HZ_BDS_40, 0.97, 0.97},
        {"4,0 pressure", r40_pressure_only, HZ_BDS_40, 0.0, 0.0},
        {"5,0", r50, HZ_BDS_50, 0.9985, 0.9999},
        {"5,0 no airspeed", r50_no_airspeed, HZ_BDS_50, 0.75, 0.99},
        {"5,0 no turn", r50_no_turn, HZ_BDS_50, 0.88, 0.995},
        {"5,0 no roll", r50_no_roll, HZ_BDS_50, 0.999, 0.999},
        {"5,0 no track", r50_no_track, HZ_BDS_50, 0.0, 0.0},
        {"6,0", r60, HZ_BDS_60, 0.9965, 0.9999},
        {"6,0 one rate", r60_one_rate, HZ_BDS_60, 0.84, 0.99},
        {"6,0 no Mach", r60_no_mach, HZ_BDS_60, 0.0, 0.0},
        {"6,0 no rates", r60_no_rates, HZ_BDS_60, 0.0, 0.0},
        {"6,0 no heading", r60_no_heading, HZ_BDS_60, 0.99, 0.999},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        hold(&kinds[i]);
}

Test(commb_kinds, not_told)
{
    static const struct kind kinds[] = {
        {.name = "0,5", .make = r05}, {.name = "0,6", .make = r06}, {.name = "0,7", .make = r07},
        {.name = "0,8", .make = r08}, {.name = "0,9", .make = r09}, {.name = "2,1", .make = r21},
        {.name = "4,1", .make = r41}, {.name = "4,2", .make = r42}, {.name = "4,3", .make = r43},
        {.name = "4,4", .make = r44}, {.name = "4,5", .make = r45}, {.name = "5,1", .make = r51},
        {.name = "5,2", .make = r52}, {.name = "5,3", .make = r53}, {.name = "5,4", .make = r54},
        {.name = "6,1", .make = r61}, {.name = "6,2", .make = r62}, {.name = "6,5", .make = r65},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        hold(&kinds[i]);
}
