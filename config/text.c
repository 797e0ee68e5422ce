#include "config/text.h"
#include "config/config.h"
#include "config/reader.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 1 << 20 };

/* What lines of no file are said to be from. */
static const char a_change[] = "a live change";

/* ---- sections and lines ----------------------------------------------------------------- */

static void line_done(struct hz_text_line *l)
{
    free(l->key);
    free(l->value);
}

static void section_done(struct hz_text_section *s)
{
    for (size_t i = 0; i < s->n; i++)
        line_done(&s->lines[i]);
    free(s->lines);
    free(s->heading);
}

void hz_text_done(struct hz_text *t)
{
    for (size_t i = 0; i < t->n; i++)
        section_done(&t->sections[i]);
    for (size_t i = 0; i < t->n_files; i++)
        free(t->files[i]);
    free(t->sections);
    free(t->files);
    *t = (struct hz_text){0};
}

/* The text's own copy of a file's name; NULL: no memory. */
static const char *file_name(struct hz_text *t, const char *file)
{
    for (size_t i = 0; i < t->n_files; i++) {
        if (strcmp(t->files[i], file) == 0)
            return t->files[i];
    }
    char *copy = strdup(file);
    char **more = realloc(t->files, (t->n_files + 1) * sizeof *more);
    t->files = more ? more : t->files;
    if (!copy || !more) {
        free(copy);
        return NULL;
    }
    return more[t->n_files++] = copy;
}

static struct hz_text_section *add_section(struct hz_text *t, const char *heading, const char *file,
                                           int line)
{
    char *copy = heading ? strdup(heading) : NULL;
    struct hz_text_section *more = realloc(t->sections, (t->n + 1) * sizeof *more);
    t->sections = more ? more : t->sections;
    if (!more || (heading && !copy)) {
        free(copy);
        return NULL;
    }
    more[t->n] = (struct hz_text_section){.heading = copy, .file = file, .line = line};
    return &more[t->n++];
}

/* At `at`, one of the lines, or behind the last. */
static int put_line(struct hz_text_section *s, size_t at, const struct hz_text_line *like)
{
    struct hz_text_line new = *like;
    new.key = like->key ? strdup(like->key) : NULL;
    new.value = strdup(like->value);
    struct hz_text_line *more = at < s->n ? s->lines : realloc(s->lines, (s->n + 1) * sizeof *more);
    s->lines = more ? more : s->lines;
    if (!more || !new.value || (like->key && !new.key)) {
        line_done(&new);
        return -ENOMEM;
    }
    if (at < s->n)
        line_done(&more[at]);
    more[at] = new;
    s->n += at == s->n;
    return 0;
}

static void drop_line(struct hz_text_section *s, size_t at)
{
    line_done(&s->lines[at]);
    s->n--;
    memmove(&s->lines[at], &s->lines[at + 1], (s->n - at) * sizeof *s->lines);
}

/* Index of a key among the first n lines; n: it is not there. */
static size_t find_line(const struct hz_text_section *s, size_t n, const char *key)
{
    size_t i = 0;
    while (i < n && (!s->lines[i].key || strcmp(s->lines[i].key, key) != 0))
        i++;
    return i;
}

struct hz_text_section *hz_text_find(const struct hz_text *t, const char *heading)
{
    for (size_t i = 0; i < t->n; i++) {
        if (t->sections[i].heading && strcmp(t->sections[i].heading, heading) == 0)
            return &t->sections[i];
    }
    return NULL;
}

const char *hz_text_value(const struct hz_text_section *s, const char *key)
{
    size_t i = s ? find_line(s, s->n, key) : 0;
    return s && i < s->n ? s->lines[i].value : NULL;
}

struct hz_text_section *hz_text_want(struct hz_text *t, const char *heading)
{
    struct hz_text_section *s = hz_text_find(t, heading);
    const char *file = s ? NULL : file_name(t, a_change);
    return file ? add_section(t, heading, file, 0) : s;
}

static int put_change(struct hz_text *t, struct hz_text_section *s, size_t at, const char *key,
                      const char *value)
{
    const struct hz_text_line like = {file_name(t, a_change), 0, (char *)(uintptr_t)key,
                                      (char *)(uintptr_t)value};
    return like.file ? put_line(s, at, &like) : -ENOMEM;
}

int hz_text_set(struct hz_text *t, struct hz_text_section *s, const char *key, const char *value)
{
    size_t at = find_line(s, s->n, key);
    if (value)
        return put_change(t, s, at, key, value);
    if (at < s->n)
        drop_line(s, at);
    return 0;
}

int hz_text_add(struct hz_text *t, struct hz_text_section *s, const char *key, const char *value)
{
    return put_change(t, s, s->n, key, value);
}

void hz_text_drop(struct hz_text_section *s, const char *key)
{
    size_t at;
    while ((at = find_line(s, s->n, key)) < s->n)
        drop_line(s, at);
}

void hz_text_remove(struct hz_text *t, struct hz_text_section *s)
{
    section_done(s);
    t->n--;
    memmove(s, s + 1, (size_t)(&t->sections[t->n] - s) * sizeof *s);
}

int hz_text_double(struct hz_text *t, const char *heading, const char *as)
{
    struct hz_text_section *to = hz_text_want(t, as);
    const struct hz_text_section *from = hz_text_find(t, heading);
    int rc = to ? 0 : -ENOMEM;
    for (size_t i = 0; from && i < from->n && rc == 0; i++)
        rc = put_line(to, to->n, &from->lines[i]);
    return rc;
}

bool hz_text_is_sensor(const struct hz_text_section *s)
{
    return s->heading && strncmp(s->heading, "sensor", 6) == 0;
}

void hz_text_sweep(struct hz_text *t)
{
    for (size_t i = t->n; i-- > 0;) {
        struct hz_text_section *s = &t->sections[i];
        const char *off = s->heading ? hz_text_value(s, "off") : NULL;
        if (off && (strcmp(off, "yes") == 0 || strcmp(off, "true") == 0))
            hz_text_remove(t, s);
        else if (off && (strcmp(off, "no") == 0 || strcmp(off, "false") == 0))
            drop_line(s, find_line(s, s->n, "off"));
    }
}

int hz_text_append(struct hz_text *t, const struct hz_text_section *like)
{
    const char *file = file_name(t, like->file);
    struct hz_text_section *made = file ? add_section(t, like->heading, file, like->line) : NULL;
    int rc = made ? 0 : -ENOMEM;
    for (size_t i = 0; i < like->n && rc == 0; i++) {
        struct hz_text_line line = like->lines[i];
        line.file = file_name(t, line.file);
        rc = line.file ? put_line(made, i, &line) : -ENOMEM;
    }
    return rc;
}

int hz_text_copy(struct hz_text *to, const struct hz_text *from)
{
    int rc = 0;
    for (size_t i = 0; i < from->n && rc == 0; i++)
        rc = hz_text_append(to, &from->sections[i]);
    if (rc < 0)
        hz_text_done(to);
    return rc;
}

/* ---- reading ---------------------------------------------------------------------------- */

struct reading {
    struct hz_text *t;
    const char *file;
    size_t earlier; /* that many sections are from files that were read before */
    size_t at;      /* the section that takes lines; t->n: none yet */
    bool records;   /* it is a [record NAME] */
    bool failed;    /* no memory */
};

static struct hz_text_line line_of(const struct reading *r, int line, const char *key,
                                   const char *value)
{
    return (struct hz_text_line){r->file, line, (char *)(uintptr_t)key, (char *)(uintptr_t)value};
}

static void take(struct reading *r, const struct hz_text_line *l)
{
    struct hz_text *t = r->t;
    if (r->at == t->n && !add_section(t, NULL, r->file, 0)) {
        r->failed = true;
        return;
    }
    struct hz_text_section *s = &t->sections[r->at];
    if (l->key && r->at < r->earlier) { /* it goes on: what it says now counts */
        size_t at = find_line(s, s->earlier, l->key);
        if (at < s->earlier) {
            drop_line(s, at);
            s->earlier--;
        }
        if (!*l->value)
            return;
    }
    r->failed |= put_line(s, s->n, l) < 0;
}

/* "  record   speech" → "record speech". */
static void tidy(const char *heading, char *out, size_t size)
{
    const char *kind = heading + strspn(heading, " \t");
    size_t n = strcspn(kind, " \t");
    const char *name = kind + n + strspn(kind + n, " \t");
    snprintf(out, size, "%.*s%s%s", (int)n, kind, *name ? " " : "", name);
}

static void on_section(void *ctx, int line, const char *heading)
{
    static const char record[] = "record";
    struct reading *r = ctx;
    struct hz_text *t = r->t;
    char tidied[80], text[sizeof tidied + 8];
    tidy(heading ? heading : "", tidied, sizeof tidied);
    const size_t n = sizeof record - 1;
    r->records = strncmp(tidied, record, n) == 0 && (tidied[n] == ' ' || !tidied[n]);
    snprintf(text, sizeof text, "%s%s", r->records ? "output" : "", tidied + (r->records ? n : 0));
    const struct hz_text_section *s = heading ? hz_text_find(t, text) : NULL;
    if (s && s - t->sections < (ptrdiff_t)r->earlier && !hz_text_is_sensor(s))
        r->at = (size_t)(s - t->sections);
    else if (add_section(t, heading ? text : NULL, r->file, line))
        r->at = t->n - 1;
    else
        r->failed = true;
    const struct hz_text_line type = line_of(r, line, "type", record);
    if (r->records && !r->failed)
        take(r, &type);
}

static void on_key(void *ctx, int line, const char *key, const char *value)
{
    struct reading *r = ctx;
    const bool channels = r->records && strcmp(key, "channels") == 0;
    const struct hz_text_line l = line_of(r, line, channels ? "channel" : key, value);
    take(r, &l);
}

static void on_error(void *ctx, int line, const char *what)
{
    struct reading *r = ctx;
    const struct hz_text_line l = line_of(r, line, NULL, what);
    take(r, &l);
}

/* Whether a section of a sensor only changes one that is declared elsewhere. */
static bool only_changes(const struct hz_text_section *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const char *key = s->lines[i].key;
        if (!key || (strcmp(key, "use") != 0 && strcmp(key, "prefer") != 0))
            return false;
    }
    return s->n > 0;
}

/* The section of an earlier file of the same heading as section i; NULL: there is none. */
static struct hz_text_section *of_earlier_file(const struct hz_text *t, size_t i)
{
    const struct hz_text_section *s = &t->sections[i];
    while (i-- > 0) {
        struct hz_text_section *other = &t->sections[i];
        if (other->heading && strcmp(other->heading, s->heading) == 0)
            return other->file == s->file ? NULL : other;
    }
    return NULL;
}

/* A sensor's section takes the place of that of an earlier file, or changes it. */
static int join_sensors(struct hz_text *t)
{
    int rc = 0;
    for (size_t i = t->n; i-- > 0 && rc == 0;) {
        struct hz_text_section *s = &t->sections[i];
        struct hz_text_section *other = hz_text_is_sensor(s) ? of_earlier_file(t, i) : NULL;
        if (!other)
            continue;
        const bool changes = only_changes(s);
        for (size_t k = 0; changes && k < s->n && rc == 0; k++)
            rc = put_line(other, find_line(other, other->n, s->lines[k].key), &s->lines[k]);
        if (!changes) {
            section_done(other);
            *other = *s;
            *s = (struct hz_text_section){0};
        }
        hz_text_remove(t, s);
    }
    return rc;
}

int hz_text_read(struct hz_text *t, const char *file, const char *text, size_t len)
{
    const struct hz_ini_events events = {on_section, on_key, on_error};
    struct reading r = {.t = t, .file = file_name(t, file), .earlier = t->n, .at = t->n};
    if (!r.file)
        return -ENOMEM;
    for (size_t i = 0; i < t->n; i++)
        t->sections[i].earlier = t->sections[i].n;
    if (hz_ini_read(text, len, &events, &r) < 0 || r.failed)
        return -ENOMEM;
    return join_sensors(t);
}

/* ---- files ------------------------------------------------------------------------------ */

static int no_memory(struct hz_conf_errors *errors, const char *file)
{
    hz_conf_error(errors, file, 0, "out of memory");
    return -ENOMEM;
}

static int load_file(struct hz_text *t, const char *path, struct hz_conf_errors *errors)
{
    int rc = 0;
    FILE *f = fopen(path, "re");
    char *text = malloc(FILE_MAX + 1);
    size_t len = 0;
    if (f && text) {
        errno = 0;
        len = fread(text, 1, FILE_MAX + 1, f);
    }
    if (!f || !text || ferror(f)) {
        rc = errno ? -errno : -EIO;
        hz_conf_error(errors, path, 0, "cannot be read: %s", strerror(-rc));
    } else if (len > FILE_MAX) {
        hz_conf_error(errors, path, 0, "is longer than 1 MiB: expected a configuration");
    } else if (hz_text_read(t, path, text, len) < 0) {
        rc = no_memory(errors, path);
    }
    if (f)
        fclose(f);
    free(text);
    return rc;
}

static int is_conf(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return n > 5 && e->d_name[0] != '.' && strcmp(e->d_name + n - 5, ".conf") == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

/* That there is no such folder is usual. */
static int load_folder(struct hz_text *t, const char *folder, const char *skip,
                       struct hz_conf_errors *errors)
{
    struct dirent **names = NULL;
    int rc = 0, n = scandir(folder, &names, is_conf, by_bytes);
    if (n < 0 && errno != ENOENT && errno != ENOTDIR) {
        rc = -errno;
        hz_conf_error(errors, folder, 0, "cannot be read: %s", strerror(errno));
    }
    for (int i = 0; i < n; i++) {
        char *path = NULL;
        int one = 0;
        if (asprintf(&path, "%s/%s", folder, names[i]->d_name) < 0) {
            one = no_memory(errors, folder);
        } else {
            if (!skip || strcmp(path, skip) != 0)
                one = load_file(t, path, errors);
            free(path);
        }
        rc = rc < 0 ? rc : one;
        free(names[i]);
    }
    free(names);
    return rc;
}

int hz_text_load(struct hz_text *t, const char *file, const char *skip,
                 struct hz_conf_errors *errors)
{
    char *folder = NULL;
    int rc = load_file(t, file, errors);
    if (rc < 0)
        return rc;
    if (asprintf(&folder, "%s.d", file) < 0)
        return no_memory(errors, file);
    rc = load_folder(t, folder, skip, errors);
    free(folder);
    hz_text_sweep(t);
    return rc;
}
