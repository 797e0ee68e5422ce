/* The configurations that ship with the program: the example and the demo. */
#include "config/schema.h"
#include "tests/unit/config_text.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

Test(config, presets_parse)
{
    char text[2048];
    snprintf(text, sizeof text, hz_demo_config, 7373u, 7380u, "/tmp/x.sock");
    cr_expect_eq(parse(text), 0, "%s", errors.text);
    cr_expect_eq(conf.n_listens, 3);
    done();
    cr_expect_eq(hz_config_load(&conf, all_kinds(), "config/hertzd.conf", &errors), 0, "%s",
                 errors.text);
    cr_expect_eq(conf.n_receivers, 1);
    done();
}

/* One key as the example has it: with its default where it has one. */
static void is_explained(const char *text, const struct hz_option *o)
{
    char shown[80], set[80];
    const char *value = o->fallback ? o->fallback : "";
    snprintf(shown, sizeof shown, "\n#%s = %s%s", o->name, value, *value ? "\n" : "");
    snprintf(set, sizeof set, "\n%s = ", o->name);
    cr_expect(strstr(text, shown) || (!o->fallback && strstr(text, set)), "%s", shown);
}

/* Every key stands in the example, with its default where it has one; and all values that it shows
 * are taken when the '#' before them is removed. */
Test(config, example_explains_every_key)
{
    static char text[32768];
    FILE *f = fopen("config/hertzd.conf", "r");
    cr_assert_not_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
    for (enum hz_section s = 0; s < HZ_SECTIONS; s++) {
        for (const struct hz_option *o = hz_sections[s].options; o->name; o++)
            if (s != HZ_SECTION_OUTPUT || all_kinds()->outputs[0])
                is_explained(text, o);
        for (size_t i = 0; hz_choice_at(all_kinds(), s, i).kind; i++) {
            const struct hz_option *o = hz_choice_at(all_kinds(), s, i).options;
            for (; o && o->name; o++)
                is_explained(text, o);
        }
    }
    for (char *s = text; (s = strstr(s, "\n#")); s++) {
        if (s[2] != ' ' && s[2] != '\n')
            s[1] = ' ';
    }
    cr_expect_eq(parse(text), -EINVAL); /* a simulator with a path */
    for (const char *p = errors.text; p && *p; p = strchr(p, '\n') + 1) {
        static const char meaning[] = "has no meaning with";
        static const char absent[] = "'/etc/hertzd/tokens': "; /* on this machine */
        static const char again[] = "a second 'keep'"; /* decoders have choices of their own */
        size_t n = strcspn(p, "\n");
        cr_expect(memmem(p, n, again, strlen(again)) || memmem(p, n, meaning, strlen(meaning)) ||
                      memmem(p, n, absent, strlen(absent)),
                  "%.*s", (int)n, p);
    }
    done();
}
