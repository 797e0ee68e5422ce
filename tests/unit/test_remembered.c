/* What a receiver keeps for the next start (daemon/receive/remembered.h): real files. */
#include "daemon/receive/remembered.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64];

static void make_folder(void)
{
    snprintf(folder, sizeof folder, "/tmp/hz-remembered-XXXXXX");
    cr_assert(mkdtemp(folder));
}

static void write_text(const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/roof.tuning.json", folder);
    FILE *out = fopen(path, "w");
    cr_assert(out);
    fputs(text, out);
    fclose(out);
}

static void remove_folder(void)
{
    char path[400];
    DIR *dir = opendir(folder);
    for (struct dirent *e; (e = readdir(dir));) {
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (e->d_name[0] != '.')
            unlink(path);
    }
    closedir(dir);
    cr_expect_eq(rmdir(folder), 0, "a file is left over");
}

TestSuite(remembered, .init = make_folder, .fini = remove_folder);

Test(remembered, comes_back)
{
    struct hz_remembered m = {"a dongle", 40.2, -12.34, 0.25}, back;
    uv_loop_t loop;
    uv_loop_init(&loop);
    hz_remembered_save(&loop, folder, "roof", &m);
    uv_run(&loop, UV_RUN_DEFAULT);
    cr_expect_eq(uv_loop_close(&loop), 0);
    cr_assert(hz_remembered_load(folder, "roof", &back));
    cr_expect_str_eq(back.device, "a dongle");
    cr_expect_float_eq(back.gain_db, 40.2, 1e-9);
    cr_expect_float_eq(back.ppm, -12.34, 1e-9);
    cr_expect_float_eq(back.ppm_sigma, 0.25, 1e-9);
    cr_expect_not(hz_remembered_load(folder, "cellar", &back));
    cr_expect_not(hz_remembered_load("", "roof", &back));
}

Test(remembered, a_broken_file_is_as_none)
{
    static const char *const texts[] = {"", "{", "[]", "7", "{\"device\":7,\"ppm\":3}"};
    struct hz_remembered m;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_text(texts[i]);
        cr_expect_not(hz_remembered_load(folder, "roof", &m), "%s", texts[i]);
        cr_expect(isnan(m.gain_db) && isnan(m.ppm));
    }
}

Test(remembered, impossible_values_are_not_taken)
{
    struct hz_remembered m;
    write_text("{\"device\":\"d\",\"gain_db\":1e9,\"ppm\":5000,\"ppm_sigma\":1}");
    cr_expect(hz_remembered_load(folder, "roof", &m));
    cr_expect(isnan(m.gain_db) && isnan(m.ppm) && isnan(m.ppm_sigma));
    write_text("{\"device\":\"d\",\"gain_db\":\"12\",\"ppm\":5,\"ppm_sigma\":-1}");
    cr_expect(hz_remembered_load(folder, "roof", &m));
    cr_expect(isnan(m.gain_db) && isnan(m.ppm));
}
