#include "config/schema.h"
#include "proto/sensors/set.h"
#include "proto/wmbus/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void hz_config_init(struct hz_config *c)
{
    *c = (struct hz_config){0};
    hz_section_init(HZ_SECTION_DAEMON, NULL, &c->daemon); /* no text in it: cannot fail */
}

void hz_config_free(struct hz_config *c)
{
    for (size_t i = 0; i < c->n_receivers; i++)
        hz_conf_receiver_free(c->receivers[i]);
    for (size_t i = 0; i < c->n_listens; i++)
        hz_conf_listen_done(&c->listens[i]);
    for (size_t i = 0; i < c->n_outputs; i++)
        hz_conf_output_free(c->outputs[i]);
    for (size_t i = 0; i < c->n_events; i++)
        hz_conf_event_free(c->events[i]);
    for (size_t i = 0; i < c->n_captures; i++)
        hz_conf_capture_free(c->captures[i]);
    for (size_t i = 0; i < c->n_inputs; i++)
        hz_conf_input_free(c->inputs[i]);
    hz_text_done(&c->text);
    hz_sensor_set_unref(c->sensors);
    if (c->n_meters > 0)
        explicit_bzero(c->meters, c->n_meters * sizeof *c->meters);
    free(c->meters);
    hz_meter_keys_unref(c->keys);
    free(c->receivers);
    free(c->channels);
    free(c->outside);
    free(c->listens);
    free(c->outputs);
    free(c->events);
    free(c->captures);
    free(c->inputs);
    hz_config_init(c);
}

static void no_memory(struct hz_conf_parser *p)
{
    hz_conf_error(p->errors, p->file, 0, "out of memory");
}

/* One more item of `size` bytes at the end of an array; NULL: no memory, nothing changed. */
static void *append(void *array, size_t n, size_t size)
{
    char *grown = realloc(*(void **)array, (n + 1) * size);
    if (!grown)
        return NULL;
    *(void **)array = grown;
    memset(grown + n * size, 0, size);
    return grown + n * size;
}

/* A struct of its own in an array of pointers, as big as its kind wants; NULL: no memory. */
static void *append_own(void *array, size_t *n, size_t size)
{
    void **slot = append(array, *n, sizeof(void *));
    if (slot && (*slot = calloc(1, size)))
        ++*n;
    return slot ? *slot : NULL;
}

/* A zeroed struct of the config for a section of that kind; NULL: no memory. */
static void *add_item(struct hz_config *c, enum hz_section s, size_t size, size_t *index)
{
    size_t *n = s == HZ_SECTION_RECEIVER  ? &c->n_receivers
                : s == HZ_SECTION_CHANNEL ? &c->n_channels
                : s == HZ_SECTION_LISTEN  ? &c->n_listens
                : s == HZ_SECTION_OUTPUT  ? &c->n_outputs
                : s == HZ_SECTION_INPUT   ? &c->n_inputs
                : s == HZ_SECTION_METER   ? &c->n_meters
                : s == HZ_SECTION_CAPTURE ? &c->n_captures
                                          : &c->n_events;
    void *item = NULL;
    *index = *n;
    if (s == HZ_SECTION_RECEIVER)
        return append_own(&c->receivers, n, size);
    if (s == HZ_SECTION_OUTPUT)
        return append_own(&c->outputs, n, size);
    if (s == HZ_SECTION_EVENT)
        return append_own(&c->events, n, size);
    if (s == HZ_SECTION_INPUT)
        return append_own(&c->inputs, n, size);
    if (s == HZ_SECTION_CAPTURE)
        return append_own(&c->captures, n, size);
    if (s == HZ_SECTION_CHANNEL)
        item = append(&c->channels, *n, size);
    else if (s == HZ_SECTION_METER)
        item = append(&c->meters, *n, size);
    else
        item = append(&c->listens, *n, size);
    *n += item != NULL;
    return item;
}

static void on_wrong(void *ctx, size_t setting, const char *text)
{
    struct hz_conf_parser *p = ctx;
    struct hz_draft *d = &p->drafts[p->n_drafts - 1];
    d->bad = true;
    const struct hz_where *at = &d->settings[setting].where;
    hz_conf_error(p->errors, at->file, at->line, "%s", text);
}

/* All keys of a section are there: it gets its struct. */
static int make_item(struct hz_conf_parser *p, struct hz_draft *d)
{
    const struct hz_section_info *info = &hz_sections[d->section];
    const struct hz_settings s = {.kinds = p->kinds,
                                  .section = d->section,
                                  .list = d->settings,
                                  .n = d->n_settings,
                                  .tell = on_wrong,
                                  .ctx = p};
    struct hz_choice choice = {0};
    bool known = hz_settings_choose(&s, &choice);
    void *item = &p->config->daemon;
    if (d->section != HZ_SECTION_DAEMON) {
        item = add_item(p->config, d->section, choice.kind ? choice.size : info->size, &d->index);
        if (!item || hz_section_init(d->section, &choice, item) < 0)
            return -ENOMEM;
        memcpy(item, d->name, sizeof d->name); /* it begins with its name */
        memcpy((char *)item + offsetof(struct hz_conf_receiver, where), &d->where, sizeof d->where);
    }
    return hz_settings_read(&s, known ? &choice : NULL, item);
}

/* The section that was read so far is complete. */
static int end_section(struct hz_conf_parser *p)
{
    if (!p->open)
        return 0;
    p->open = false;
    struct hz_draft *d = &p->drafts[p->n_drafts - 1];
    int rc = make_item(p, d);
    if (rc == 0)
        return 0;
    hz_draft_done(d); /* it has no struct, so nobody may see it */
    p->n_drafts--;
    no_memory(p);
    return rc;
}

/* [sensor NAME] declares a sensor; [record NAME] has become an output (config/text.h). */
static const char record[] = "record", sensor[] = "sensor";
enum { SENSOR = HZ_SECTIONS }; /* beside enum hz_section: it has keys of another language */

/* Splits "receiver roof" into kind and name; *name is "" when there is none. -1: unknown kind. */
static int heading_kind(struct hz_conf_parser *p, int line, char *word, const char **name)
{
    char *end = word + strcspn(word, " ");
    *name = end + (*end != 0);
    *end = 0;
    const char *names[HZ_SECTIONS + 3] = {NULL};
    if (strcmp(word, sensor) == 0)
        return SENSOR;
    for (int k = 0; k < HZ_SECTIONS; k++) {
        names[k] = hz_sections[k].name;
        if (strcmp(names[k], word) == 0)
            return k;
    }
    names[HZ_SECTIONS] = record;
    names[HZ_SECTIONS + 1] = sensor;
    const char *near = hz_nearest(word, names);
    hz_conf_error(p->errors, p->file, line,
                  "unknown section '%s': expected hertzd, receiver, channel, listen, output, "
                  "event, input, capture, meter, "
                  "record or sensor%s%s%s",
                  word, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
    return -1;
}

/* Complains about a heading's name that is missing, malformed or taken. */
static void check_name(struct hz_conf_parser *p, int line, enum hz_section kind, const char *name)
{
    const char *kind_name = hz_sections[kind].name;
    if (kind == HZ_SECTION_DAEMON && *name)
        hz_conf_error(p->errors, p->file, line, "[hertzd %s]: expected [hertzd] without a name",
                      name);
    if (kind != HZ_SECTION_DAEMON && !*name)
        hz_conf_error(p->errors, p->file, line, "[%s] has no name: expected [%s NAME]", kind_name,
                      kind_name);
    else if (kind != HZ_SECTION_DAEMON && !hz_name_ok(name))
        hz_conf_error(p->errors, p->file, line,
                      "[%s %s]: expected a name of at most %d letters, digits, '-', '_' and '.'",
                      kind_name, name, HZ_NAME_MAX);
    for (size_t i = 0; i < p->n_drafts; i++) {
        const struct hz_draft *d = &p->drafts[i];
        if (d->section != kind || strcmp(d->name, name) != 0 ||
            (kind != HZ_SECTION_DAEMON && !*name))
            continue;
        hz_conf_error(p->errors, p->file, line, "a second [%s%s%s]: the first is at %s:%d",
                      kind_name, *name ? " " : "", name, d->where.file, d->where.line);
        return;
    }
}

static void begin_section(struct hz_conf_parser *p, int line, const char *heading)
{
    char text[96];
    const char *name;
    const bool was_lost = p->lost;
    end_section(p);
    p->lost = true; /* until it is good */
    p->in_sensor = false;
    if (!heading)
        return;
    snprintf(text, sizeof text, "%s", heading);
    int found = heading_kind(p, line, text, &name);
    if (found < 0)
        return;
    p->lost = was_lost;
    if (found == SENSOR) {
        hz_config_sensor_section(p, line, name);
        return;
    }
    enum hz_section kind = (enum hz_section)found;
    const int before = p->errors->count;
    check_name(p, line, kind, name);
    const bool bad = p->errors->count > before;
    struct hz_where where = {p->file, line};
    struct hz_draft *d = append(&p->drafts, p->n_drafts, sizeof *d);
    if (!d) {
        no_memory(p);
        return;
    }
    p->n_drafts++;
    *d = (struct hz_draft){.section = kind, .where = where, .bad = bad};
    snprintf(d->name, sizeof d->name, "%s", name);
    p->open = true;
}

/* All named sections begin alike, which make_item relies on. */
_Static_assert(
    offsetof(struct hz_conf_receiver, name) == 0 && offsetof(struct hz_conf_channel, name) == 0 &&
        offsetof(struct hz_conf_listen, name) == 0 && offsetof(struct hz_conf_output, name) == 0 &&
        offsetof(struct hz_conf_event, name) == 0 && offsetof(struct hz_conf_input, name) == 0 &&
        offsetof(struct hz_conf_capture, name) == 0 && offsetof(struct hz_conf_meter, name) == 0,
    "name first");
_Static_assert(
    offsetof(struct hz_conf_receiver, where) == offsetof(struct hz_conf_channel, where) &&
        offsetof(struct hz_conf_receiver, where) == offsetof(struct hz_conf_listen, where) &&
        offsetof(struct hz_conf_receiver, where) == offsetof(struct hz_conf_output, where) &&
        offsetof(struct hz_conf_receiver, where) == offsetof(struct hz_conf_event, where) &&
        offsetof(struct hz_conf_receiver, where) == offsetof(struct hz_conf_input, where) &&
        offsetof(struct hz_conf_receiver, where) == offsetof(struct hz_conf_capture, where) &&
        offsetof(struct hz_conf_receiver, where) == offsetof(struct hz_conf_meter, where),
    "then where");

static void take_key(struct hz_conf_parser *p, const struct hz_text_line *l)
{
    if (p->in_sensor) {
        hz_sensor_drafts_key(p->sensors, l->line, l->key, l->value);
        return;
    }
    if (!p->open) {
        if (p->n_drafts == 0 && p->errors->count == 0)
            hz_conf_error(p->errors, l->file, l->line,
                          "'%s' stands before any section: expected [KIND NAME] first", l->key);
        return;
    }
    struct hz_draft *d = &p->drafts[p->n_drafts - 1];
    if (hz_draft_gave(d, l->key)) {
        d->bad = true;
        hz_conf_error(p->errors, l->file, l->line, "a second '%s': the first is at line %d", l->key,
                      hz_draft_where(d, l->key).line);
        return;
    }
    if (hz_draft_add(d, l) < 0) {
        d->bad = true;
        no_memory(p);
    }
}

static void take_error(struct hz_conf_parser *p, const struct hz_text_line *l)
{
    if (p->open)
        p->drafts[p->n_drafts - 1].bad = true;
    hz_conf_error(p->errors, l->file, l->line, "%s", l->value);
}

static void parse_section(struct hz_conf_parser *p, const struct hz_text_section *s)
{
    p->file = s->file;
    p->in_sensor = false;
    if (s->heading || s->line > 0)
        begin_section(p, s->line, s->heading);
    for (size_t i = 0; i < s->n; i++) {
        if (s->lines[i].key)
            take_key(p, &s->lines[i]);
        else
            take_error(p, &s->lines[i]);
    }
    end_section(p);
}

/* Checks the whole, and empties the config when anything was wrong. */
static int finish(struct hz_conf_parser *p, const char *file)
{
    hz_config_check(p);
    hz_config_plan(p);
    hz_config_sensors(p, file);
    hz_config_keys(p);
    int rc = p->errors->count > 0 ? -EINVAL : 0;
    if (rc < 0)
        hz_config_free(p->config);
    for (size_t i = 0; i < p->n_drafts; i++)
        hz_draft_done(&p->drafts[i]);
    free(p->drafts);
    hz_config_sensors_done(p);
    return rc;
}

int hz_config_make(struct hz_config *c, const struct hz_conf_kinds *kinds, const char *file,
                   struct hz_text *text, const struct hz_config *before,
                   struct hz_conf_errors *errors)
{
    struct hz_conf_parser p = {
        .config = c, .kinds = kinds, .before = before, .errors = errors, .file = file ? file : ""};
    hz_config_init(c);
    c->text = *text;
    *text = (struct hz_text){0};
    for (size_t i = 0; i < c->text.n; i++)
        parse_section(&p, &c->text.sections[i]);
    return finish(&p, file);
}

int hz_config_load(struct hz_config *c, const struct hz_conf_kinds *kinds, const char *file,
                   struct hz_conf_errors *errors)
{
    struct hz_text text = {0};
    int rc = hz_text_load(&text, file, NULL, errors);
    if (rc == 0)
        return hz_config_make(c, kinds, file, &text, NULL, errors);
    hz_text_done(&text);
    hz_config_init(c);
    return rc;
}

int hz_config_parse(struct hz_config *c, const struct hz_conf_kinds *kinds, const char *file,
                    const char *text, size_t len, struct hz_conf_errors *errors)
{
    struct hz_text read = {0};
    if (hz_text_read(&read, file, text, len) < 0)
        hz_conf_error(errors, file, 0, "out of memory");
    hz_text_sweep(&read);
    return hz_config_make(c, kinds, NULL, &read, NULL, errors);
}
