#include "config/tokens.h"
#include "tests/unit/config_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define GOOD "0123456789abcdef"

static char err[256];

static struct hz_tokens *parsed(const char *text)
{
    struct hz_tokens *t = NULL;
    cr_assert_eq(hz_tokens_parse(&t, text, strlen(text), err, sizeof err), 0, "%s", err);
    return t;
}

static void wrong(const char *text, const char *words)
{
    struct hz_tokens *t = NULL;
    cr_expect_eq(hz_tokens_parse(&t, text, strlen(text), err, sizeof err), -EINVAL, "%s", text);
    cr_expect(strstr(err, words), "%s: %s", text, err);
    cr_expect(!strstr(err, GOOD) && !strstr(err, "secret"), "%s", err); /* never repeated */
}

Test(tokens, each_has_a_role_and_a_name)
{
    struct hz_tokens *t = parsed("# comment\n\n ; another\r\nread kitchen " GOOD
                                 "\n\tcontrol\tme.2  A-._~+/=bcdefghijkl \r\nread last " GOOD "g");
    cr_expect_eq(hz_tokens_count(t), 3);
    const struct hz_token *a = hz_tokens_find(t, GOOD, 16);
    cr_assert(a && a->role == HZ_ROLE_READ);
    cr_expect_str_eq(a->name, "kitchen");
    const struct hz_token *b = hz_tokens_find(t, "A-._~+/=bcdefghijkl", 19);
    cr_assert(b && b->role == HZ_ROLE_CONTROL);
    cr_expect_str_eq(b->name, "me.2");
    cr_expect_str_eq(hz_tokens_find(t, GOOD "g", 17)->name, "last");
    hz_tokens_unref(t);
}

Test(tokens, only_the_whole_token_is_found)
{
    struct hz_tokens *t = parsed("read a " GOOD "0123456789\n");
    static const char *const others[] = {"",
                                         "0",
                                         GOOD,
                                         GOOD "012345678",
                                         GOOD "01234567890",
                                         GOOD "012345678A",
                                         "1123456789abcdef0123456789"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        cr_expect_null(hz_tokens_find(t, others[i], strlen(others[i])), "%s", others[i]);
    cr_expect_null(hz_tokens_find(t, GOOD "0123456789\0", 27)); /* a NUL is no padding */
    char longest[HZ_TOKEN_MAX + 2];
    memset(longest, 'x', sizeof longest);
    cr_expect_null(hz_tokens_find(t, longest, sizeof longest));
    hz_tokens_unref(t);
    char line[200];
    snprintf(line, sizeof line, "read a %.*s", HZ_TOKEN_MAX, longest);
    t = parsed(line);
    cr_expect(hz_tokens_find(t, longest, HZ_TOKEN_MAX));
    cr_expect_null(hz_tokens_find(t, longest, HZ_TOKEN_MAX - 1));
    cr_expect_null(hz_tokens_find(t, longest, HZ_TOKEN_MAX + 1));
    hz_tokens_unref(t);
}

Test(tokens, wrong_lines_are_told_without_what_is_in_them)
{
    wrong("", "no token in it");
    wrong("# nothing\n", "no token in it");
    wrong(GOOD, "line 1: expected ROLE NAME TOKEN");
    wrong("read a\n", "line 1: expected ROLE NAME TOKEN");
    wrong("\n\nwrite a " GOOD "\n", "line 3: expected ROLE");
    wrong("Read a " GOOD "\n", "line 1: expected ROLE");
    wrong("read a " GOOD " more\n", "line 1: expected ROLE");
    wrong("read a/b " GOOD "\n", "line 1: NAME");
    wrong("read a23456789012345678901234567890123 " GOOD "\n", "line 1: NAME");
    wrong("read a 0123456789abcde\n", "line 1: TOKEN: expected 16 to 128");
    wrong("read a secret,9876543210\n", "line 1: TOKEN");
    wrong("read a secret9876543210\xc3\xa4\n", "line 1: TOKEN");
    wrong("read a " GOOD "\nread b " GOOD "\n", "line 2: another line has the same token");
    wrong("read a " GOOD "\ncontrol a " GOOD "x\n", "line 2: another line has the same name");
    char many[16384] = "";
    for (int i = 0; i <= HZ_TOKENS_MAX; i++)
        snprintf(many + strlen(many), 64, "read n%d 0123456789abcdef%d\n", i, i);
    wrong(many, "line 257: more than 256 tokens");
}

Test(tokens, a_reference_keeps_the_list)
{
    struct hz_tokens *t = parsed("read a " GOOD), *again = hz_tokens_ref(t);
    hz_tokens_unref(t);
    cr_expect(hz_tokens_find(again, GOOD, 16));
    hz_tokens_unref(again);
    hz_tokens_unref(NULL);
    cr_expect_null(hz_tokens_ref(NULL));
}

/* ---- the file ---- */

static char path[] = "/tmp/hertzd-tokens-XXXXXX";

static void write_file(const char *text, mode_t mode)
{
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    cr_assert_eq(fchmod(fd, mode), 0);
    close(fd);
}

Test(tokens, nobody_else_may_read_the_file)
{
    struct hz_tokens *t = NULL;
    write_file("read a " GOOD "\n", 0600);
    cr_expect_eq(hz_tokens_read(&t, path, err, sizeof err), 0, "%s", err);
    hz_tokens_unref(t);
    static const mode_t open_to_others[] = {0640, 0604, 0620, 0602, 0610, 0601, 0644, 0777};
    for (size_t i = 0; i < sizeof open_to_others / sizeof *open_to_others; i++) {
        chmod(path, open_to_others[i]);
        cr_expect_eq(hz_tokens_read(&t, path, err, sizeof err), -EPERM);
        cr_expect(strstr(err, "expected 0600"), "%s", err);
    }
    chmod(path, 0400);
    cr_expect_eq(hz_tokens_read(&t, path, err, sizeof err), 0, "%s", err);
    hz_tokens_unref(t);
    unlink(path);
    cr_expect_eq(hz_tokens_read(&t, path, err, sizeof err), -ENOENT);
    cr_expect_eq(mkfifo(path, 0600), 0);
    cr_expect_eq(hz_tokens_read(&t, path, err, sizeof err), -EINVAL);
    cr_expect(strstr(err, "regular file"), "%s", err);
    unlink(path);
    cr_expect_eq(hz_tokens_read(&t, "/", err, sizeof err), -EINVAL);
}

/* Only root can give a file away. */
Test(tokens, the_file_belongs_to_us_or_root)
{
    struct hz_tokens *t = NULL;
    if (geteuid() != 0)
        cr_skip_test("needs root");
    write_file("read a " GOOD "\n", 0600);
    cr_assert_eq(seteuid(12345), 0);
    cr_expect_eq(hz_tokens_read(&t, path, err, sizeof err), -EACCES);
    cr_expect(strstr(err, "the user that hertzd runs as"), "%s", err);
    cr_assert_eq(seteuid(0), 0);
    unlink(path);
}

Test(tokens, of_a_section)
{
    char text[512];
#define HEAD "[listen a]\ntype = http\naddress = 192.0.2.1:80\n"
    write_file("read a " GOOD "\ncontrol b " GOOD "x\n", 0600);
    snprintf(text, sizeof text, HEAD "tokens = %s\n", path);
    cr_assert_eq(parse(text), 0, "%s", errors.text);
    cr_expect_eq(hz_tokens_count(conf.listens[0].token_list), 2);
    struct hz_conf_listen copy;
    cr_assert_eq(hz_conf_listen_copy(&copy, &conf.listens[0]), 0);
    done();
    cr_expect(hz_tokens_find(copy.token_list, GOOD, 16));
    hz_conf_listen_done(&copy);
    unlink(path);
    cr_expect_eq(parse(text), -EINVAL);
    cr_expect(strstr(errors.text, "t.conf:4: tokens = '/tmp/hertzd-tokens-"), "%s", errors.text);
    done();
}

Test(tokens, where_other_machines_come_in_somebody_has_to_be_kept_out)
{
    static const char *const places[] = {"0.0.0.0:80",          "192.0.2.1:80", "[::]:80",
                                         "[2001:db8::1]:80",    "10.0.0.1:0",   "[fe80::1]:80",
                                         "[::ffff:10.1.2.3]:80"};
    static const char *const own[] = {"127.0.0.1:80", "127.255.0.9:80", "[::1]:80", "localhost:80",
                                      "[::ffff:127.0.0.1]:80"};
    static const char *const types[] = {"tcp", "http"};
    char text[256];
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
            int n = snprintf(text, sizeof text, "[listen a]\ntype = %s\naddress = %s\n", types[k],
                             places[i]);
            cr_expect_eq(parse(text), -EINVAL, "%s", text);
            cr_expect(strstr(errors.text, "t.conf:3: address = '") &&
                          strstr(errors.text, "can be reached by other machines: expected tokens"),
                      "%s", errors.text);
            done();
            snprintf(text + n, sizeof text - (size_t)n, "insecure = yes\n");
            cr_expect_eq(parse(text), 0, "%s", errors.text);
            done();
            snprintf(text + n, sizeof text - (size_t)n, "allow = 10.0.0.0/8\n");
            cr_expect_eq(parse(text), 0, "%s", errors.text);
            done();
        }
        for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
            snprintf(text, sizeof text, "[listen a]\ntype = %s\naddress = %s\n", types[k], own[i]);
            cr_expect_eq(parse(text), 0, "%s", errors.text);
            done();
        }
    }
    refused("[listen a]\ntype = http\naddress = 0.0.0.0:80\ninsecure = yes\ncontrol = yes\n",
            "t.conf:5: control = yes on 0.0.0.0:80, which other machines reach: expected tokens = "
            "FILE with a token of the role control\n");
    refused(
        "[listen a]\ntype = http\naddress = 0.0.0.0:80\nallow = 10.0.0.1/8\n",
        "t.conf:4: allow = '10.0.0.1/8': expected networks as in 192.168.0.0/16, fd00::/8, whose "
        "bits behind the slash's are 0, or addresses\n");
    cr_expect_eq(parse("[listen a]\ntype = http\naddress = 0.0.0.0:80\nallow = \n"), -EINVAL);
    cr_expect(strstr(errors.text, "t.conf:4: allow = '': expected some text"), "%s", errors.text);
    done();
}
