/* A SigMF archive (.sigmf): an uncompressed tar with FOLDER/NAME.sigmf-meta, FOLDER/NAME.sigmf-data
 * and perhaps more of both. */
#include "daemon/source/recording_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Limit of the entries that are searched; the archive of one recording has 2 or 3. */
enum { ENTRIES_MAX = 10000, MORE_MAX = 65536 };

struct search {
    const struct hz_file_error *e;
    struct hz_tar_entry entry; /* the last entry found */
    uint64_t at, next;         /* offsets of its contents and of the next header */
    int left;                  /* number of entries that may still be searched */
};

/* Reads an entry with more about the next one. */
static int take_more(struct search *s, const struct hz_tar_entry *more, struct hz_tar_entry *next)
{
    char *text = NULL;
    size_t len = 0, size = more->size < MORE_MAX ? (size_t)more->size : MORE_MAX;
    int rc = hz_file_read(s->e, s->e->path, s->at, size, &text, &len);
    if (rc == 0)
        hz_tar_more(more->type, text, len, next);
    free(text);
    return rc;
}

/* Finds the next file of the archive. 1; 0: no more. */
static int next_file(struct search *s)
{
    struct hz_tar_entry more = {.size = UINT64_MAX};
    while (s->left-- > 0) {
        char *block = NULL;
        size_t len = 0;
        int rc = hz_file_read(s->e, s->e->path, s->next, HZ_TAR_BLOCK, &block, &len);
        if (rc < 0)
            return rc;
        rc = len < HZ_TAR_BLOCK ? 0 : hz_tar_head((const uint8_t *)block, &s->entry);
        free(block);
        if (rc <= 0)
            return rc < 0 ? hz_file_fail(s->e, -EBADMSG,
                                         "is no archive: expected a tar, as a "
                                         "SigMF archive is")
                          : 0;
        s->at = s->next + HZ_TAR_BLOCK;
        bool about_next = s->entry.type == 'L' || s->entry.type == 'x';
        if (about_next && (rc = take_more(s, &s->entry, &more)) < 0)
            return rc;
        if (!about_next && *more.name)
            memcpy(s->entry.name, more.name, sizeof more.name);
        if (!about_next && more.size < INT64_MAX / 2)
            s->entry.size = more.size;
        s->next = s->at + (s->entry.size + HZ_TAR_BLOCK - 1) / HZ_TAR_BLOCK * HZ_TAR_BLOCK;
        if (s->entry.type == '0')
            return 1;
        if (!about_next)
            more = (struct hz_tar_entry){.size = UINT64_MAX};
    }
    return 0;
}

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n > m && strcmp(name + n - m, end) == 0;
}

/* The name of the file with the samples, in the folder of the metadata. */
static void data_name(const char *meta, const struct hz_recording_meta *t, char *out, size_t size)
{
    const char *slash = strrchr(meta, '/');
    int folder = slash ? (int)(slash - meta) + 1 : 0;
    if (*t->dataset)
        snprintf(out, size, "%.*s%s", folder, meta, t->dataset);
    else
        snprintf(out, size, "%.*s-data", (int)(strlen(meta) - strlen("-meta")), meta);
}

static int read_meta(struct search *s, struct hz_recording_meta *t)
{
    char *json = NULL;
    size_t len = 0;
    if (s->entry.size >= HZ_SIGMF_MAX)
        return hz_file_fail(s->e, -EBADMSG, "%s in it is 16 MiB or longer: expected SigMF metadata",
                            s->entry.name);
    int rc = hz_file_read(s->e, s->e->path, s->at, (size_t)s->entry.size + 1, &json, &len);
    if (rc < 0)
        return rc;
    len = len > s->entry.size ? (size_t)s->entry.size : len;
    rc = hz_sigmf_parse(json, len, t, s->e->text, s->e->size);
    free(json);
    return rc < 0 ? hz_file_fail_parse(s->e) : 0;
}

/* The first bytes of other archives. */
static bool is_compressed(const char *p, size_t n)
{
    return n >= 6 && (memcmp(p, "\x1f\x8b", 2) == 0 || memcmp(p, "BZh", 3) == 0 ||
                      memcmp(p,
                             "\xfd"
                             "7zXZ",
                             5) == 0 ||
                      memcmp(p, "PK\x03\x04", 4) == 0 || memcmp(p, "\x28\xb5\x2f\xfd", 4) == 0);
}

static int check_kind(const struct hz_file_error *e)
{
    char *head = NULL;
    size_t len = 0;
    int rc = hz_file_read(e, e->path, 0, 6, &head, &len);
    if (rc == 0 && is_compressed(head, len))
        rc = hz_file_fail(e, -EBADMSG,
                          "is a compressed archive: expected a plain tar, as a SigMF archive is; "
                          "decompress it first");
    free(head);
    return rc;
}

int hz_archive_look(const struct hz_file_error *e, struct hz_recording *r,
                    struct hz_recording_meta *t)
{
    struct search s = {.e = e, .left = ENTRIES_MAX};
    char wanted[512] = "", meta[256] = "";
    int others = 0, rc = check_kind(e), more = rc;
    while (rc == 0 && (more = next_file(&s)) > 0) {
        if (!ends_with(s.entry.name, ".sigmf-meta"))
            continue;
        if (*meta) {
            others++;
            continue;
        }
        memcpy(meta, s.entry.name, sizeof meta);
        rc = read_meta(&s, t);
        data_name(meta, t, wanted, sizeof wanted);
    }
    if (rc < 0 || more < 0)
        return rc < 0 ? rc : more;
    if (!*meta)
        return hz_file_fail(e, -EBADMSG, "is an archive without a .sigmf-meta: expected one");
    s = (struct search){.e = e, .left = ENTRIES_MAX};
    while ((more = next_file(&s)) > 0 && strcmp(s.entry.name, wanted) != 0)
        ;
    if (more <= 0)
        return more < 0 ? more
                        : hz_file_fail(e, -ENOENT,
                                       "the samples are missing in the archive: "
                                       "expected them in %s",
                                       wanted);
    t->offset = s.at;
    t->bytes = s.entry.size > t->trailing_bytes ? s.entry.size - t->trailing_bytes : 0;
    t->trailing_bytes = 0;
    hz_recording_warn(r, "an archive: %s in it is read%s", wanted,
                      others > 0 ? ", and nothing of the other recordings in it" : "");
    return 0;
}
