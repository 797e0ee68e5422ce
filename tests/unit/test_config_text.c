/* A configuration as text: files that go on with each other's sections, differences, and what is
 * printed. */
#include "config/text.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct hz_text made_of(const char *first, const char *second)
{
    struct hz_text t = {0};
    cr_assert_eq(hz_text_read(&t, "a.conf", first, strlen(first)), 0);
    if (second)
        cr_assert_eq(hz_text_read(&t, "b.conf", second, strlen(second)), 0);
    hz_text_sweep(&t);
    return t;
}

static void prints(const struct hz_text *t, const char *expected)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    hz_text_print(t, out);
    fclose(out);
    cr_expect_str_eq(text, expected);
    free(text);
}

/* What a file has to say that leads from one text to the other, which is then tried. */
static void leads(const char *from, const char *to, const char *expected)
{
    struct hz_text a = made_of(from, NULL), b = made_of(to, NULL);
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    cr_expect_eq(hz_text_print_diff(&a, &b, out), 0);
    fclose(out);
    cr_expect_str_eq(text, expected);
    struct hz_text both = made_of(from, text);
    cr_expect(hz_text_same(&both, &b), "of\n%s", text);
    free(text);
    hz_text_done(&a);
    hz_text_done(&b);
    hz_text_done(&both);
}

Test(config_text, a_later_file_changes_sections)
{
    struct hz_text t = made_of("[receiver a]\nsource = sim\nseed = 2\n[channel x]\ndecoder = ais\n",
                               "[channel  x]\nsquelch = 3\n[receiver a]\nseed =\nppm =\n"
                               "[channel y]\ndecoder = nfm\n");
    prints(&t, "[receiver a]\nsource = sim\n\n[channel x]\ndecoder = ais\nsquelch = 3\n\n"
               "[channel y]\ndecoder = nfm\n");
    const struct hz_text_section *x = hz_text_find(&t, "channel x");
    cr_expect_str_eq(x->file, "a.conf");
    cr_expect_str_eq(x->lines[1].file, "b.conf");
    cr_expect_eq(x->lines[1].line, 2);
    hz_text_done(&t);
}

Test(config_text, a_section_that_is_off_is_left_out)
{
    struct hz_text t = made_of("[channel x]\ndecoder = ais\noff = yes\n[channel y]\noff = no\n"
                               "[channel z]\ndecoder = ais\n",
                               "[channel z]\noff = true\n[channel nobody]\noff = yes\n");
    prints(&t, "[channel y]\n");
    hz_text_done(&t);
}

Test(config_text, within_one_file_nothing_is_joined)
{
    struct hz_text t =
        made_of("[channel x]\na = 1\n[channel x]\na = 2\n", "[channel x]\na = 3\na = 4\n");
    prints(&t, "[channel x]\na = 3\na = 4\n\n[channel x]\na = 2\n");
    hz_text_done(&t);
}

Test(config_text, a_record_is_an_output_and_a_sensor_replaces_one)
{
    struct hz_text t = made_of("[record speech]\nchannels = x\n[sensor s]\n.a = 1 # 2\n.a = 3\n",
                               "[output speech]\nkeep = 5d\n[sensor s]\n.a = 4\n");
    cr_expect_str_eq(hz_text_value(hz_text_find(&t, "output speech"), "type"), "record");
    cr_expect_str_eq(hz_text_value(hz_text_find(&t, "output speech"), "channel"), "x");
    cr_expect_str_eq(hz_text_value(hz_text_find(&t, "output speech"), "keep"), "5d");
    cr_expect_eq(t.n, 2);
    hz_text_done(&t);
}

Test(config_text, a_sensor_is_changed_or_replaced)
{
    static const char *const cases[][3] = {
        {"[sensor s]\n.a = 1\n.a = 3\n", "[sensor s]\nuse = no\n",
         "[sensor s]\n.a = 1\n.a = 3\nuse = no\n"},
        {"[sensor s]\n.a = 1\nuse = no\n", "[sensor s]\nuse = yes\nprefer = b\n",
         "[sensor s]\n.a = 1\nuse = yes\nprefer = b\n"},
        {"[sensor s]\n.a = 1\n", "[sensor s]\nuse = no\n.b = 1\n",
         "[sensor s]\nuse = no\n.b = 1\n"},
        {"[sensor s]\n.a = 1\n", "[sensor s]\noff = yes\n", ""},
        {"[sensor s]\nuse = no\n[sensor s]\n.a = 1\n", NULL,
         "[sensor s]\nuse = no\n\n[sensor s]\n.a = 1\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hz_text t = made_of(cases[i][0], cases[i][1]);
        prints(&t, cases[i][2]);
        hz_text_done(&t);
    }
}

Test(config_text, differences_as_a_file)
{
    leads("[a x]\nk = 1\n", "[a x]\nk = 1\n", "");
    leads("[sensor s]\n.a = 1\n.a = 2\n", "[sensor s]\n.a = 2\n.a = 1\n[a x]\nk = 1\n",
          "[sensor s]\n.a = 2\n.a = 1\n\n[a x]\nk = 1\n");
    leads("[sensor s]\n.a = 1\n", "[a x]\nk = 1\n", "[sensor s]\noff = yes\n\n[a x]\nk = 1\n");
    leads("[a x]\nk = 1\nl = 2\n", "[a x]\nk = 3\n", "[a x]\nk = 3\nl=\n");
    leads("[a x]\nk = 1\n[b y]\nk = 1\n", "[b y]\nk = 1\n[c z]\nm = n o\n",
          "[a x]\noff = yes\n\n[c z]\nm = n o\n");
    leads("", "[a x]\nk=;1\n", "[a x]\nk=;1\n");
}

/* from → to are the changes by hand, from → now those of the files. */
static void carries(const char *from, const char *to, const char *now, const char *expected)
{
    struct hz_text a = made_of(from, NULL), b = made_of(to, NULL), c = made_of(now, NULL);
    cr_expect_eq(hz_text_carry(&c, &a, &b), 0);
    prints(&c, expected);
    hz_text_done(&a);
    hz_text_done(&b);
    hz_text_done(&c);
}

Test(config_text, changes_are_carried_but_where_the_file_changed_too)
{
    static const char from[] = "[a x]\nk = 1\nl = 1\n";
    carries(from, "[a x]\nk = 2\nl = 1\n", from, "[a x]\nk = 2\nl = 1\n");
    carries(from, "[a x]\nk = 2\nl = 2\n", "[a x]\nk = 3\nl = 1\n", "[a x]\nk = 3\nl = 2\n");
    carries(from, "[a x]\nl = 1\n", "[a x]\nk = 3\nl = 1\n", "[a x]\nk = 3\nl = 1\n");
    carries(from, "", from, "");
    carries(from, "", "[a x]\nk = 1\nl = 2\n", "[a x]\nk = 1\nl = 2\n");
    carries(from, "[a x]\nk = 2\nl = 1\n", "", "");
    carries("", "[a x]\nk = 1\nl = 1\n", "", "[a x]\nk = 1\nl = 1\n");
    carries("", "[a x]\nk = 1\nl = 1\n", "[a x]\nk = 2\n", "[a x]\nk = 2\n");
    static const char sensor[] = "[sensor s]\n.a = 1\n.a = 2\n", other[] = "[sensor s]\n.a = 3\n";
    carries("", sensor, "", sensor);
    carries(sensor, other, sensor, other);
    carries(sensor, "", sensor, "");
    carries(sensor, other, "[sensor s]\n.b = 1\n", "[sensor s]\n.b = 1\n");
    carries(sensor, sensor, other, other);
}
