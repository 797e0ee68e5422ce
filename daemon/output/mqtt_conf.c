#include "daemon/output/mqtt_conf.h"

#include "daemon/output/ha_ids.h"
#include "daemon/output/mqtt_topic.h"

#include <stdio.h>
#include <string.h>

static const char *const versions[] = {"3.1.1", "5", NULL};

/* clang-format off */
#define AT(f) .at = offsetof(struct hz_conf_mqtt, f)
#define TEXT(n, f) .name = n, .type = HZ_OPTION_TEXT, AT(f)
#define TIME(n, f) \
    .name = n, .type = HZ_OPTION_PARSED, AT(f), .parse = hz_parse_history_time, .size = sizeof(uint64_t), \
    .expected = "1s to 7d with the unit s, m, h or d, as in 10m"

const struct hz_option hz_mqtt_options[] = {
    {TEXT("url", url), .example = "mqtt://broker.lan", .help = "mqtt://HOST or mqtts://HOST (TLS), with :PORT where it is not 1883 or 8883"},
    {TEXT("topic", topic), .fallback = "hertzd/{receiver}/{protocol}/{id}",
     .help = "where messages are published; words are {station}, {output}, {receiver}, {channel}, {protocol}, {id} and {kind}"},
    {TEXT("topics", topics), .example = "pocsag: pages/{id}, ais: ships/{id}", .help = "the topics of some protocols, where they differ"},
    {.name = "messages", .type = HZ_OPTION_YES, AT(messages), .fallback = "yes", .help = "no: nothing is published but for Home Assistant"},
    {.name = "qos", .type = HZ_OPTION_COUNT, AT(qos), .max = 2, .fallback = "1", .help = "0: at most once; 1: at least once; 2: once, while the connection lasts"},
    {.name = "retain", .type = HZ_OPTION_YES, AT(retain), .fallback = "no", .help = "the broker keeps the last message of each topic"},
    {TIME("expiry", expiry_s), .example = "1m", .help = "version = 5: the broker forgets messages after so long"},
    {.name = "in_flight", .type = HZ_OPTION_COUNT, AT(in_flight), .min = 1, .max = 1000, .fallback = "100", .help = "messages that may wait for the broker's confirmation"},
    {.name = "version", .type = HZ_OPTION_CHOICE, AT(version), .choices = versions, .fallback = "3.1.1", .help = "of MQTT: 3.1.1 or 5"},
    {.name = "keepalive", .type = HZ_OPTION_COUNT, AT(keepalive_s), .min = 5, .max = 3600, .fallback = "30", .unit = "s", .help = "a broker that is silent for about twice as long is given up"},
    {TEXT("client_id", client_id), .example = "hertzd-roof", .help = "must differ from that of every other client; default: hertzd-STATION-OUTPUT"},
    {.name = "station", .type = HZ_OPTION_TEXT, AT(link.station), .example = "roof", .help = "name of this station in topics; default: the host's name"},
    {TEXT("availability", availability), .fallback = "hertzd/{station}/{output}/availability", .help = "topic of `online` and `offline`, retained; the last will too"},
    {TEXT("user", user), .example = "hertzd", .help = "name for the broker's login"},
    {TEXT("password", password), .example = "secret", .help = "its password"},
    {TEXT("password_file", password_file), .example = "/etc/hertzd/mqtt-password", .help = "or the file whose first line is the password"},
    {TEXT("tls_ca", tls_ca), .example = "/etc/hertzd/ca.pem", .help = "CAs that may have signed the broker's certificate; default: those of the system"},
    {TEXT("tls_cert", tls_cert), .example = "/etc/hertzd/client.pem", .help = "certificate by which the broker knows us"},
    {TEXT("tls_key", tls_key), .example = "/etc/hertzd/client.key", .help = "its key"},
    {.name = "home_assistant", .type = HZ_OPTION_YES, AT(home_assistant), .fallback = "no", .help = "announces receivers, counts and sensors to Home Assistant"},
    {TEXT("ha_prefix", ha_prefix), .fallback = "homeassistant", .help = "Home Assistant's discovery prefix"},
    {TEXT("ha_allow", ha_allow), .fallback = "sensors/*", .help = "devices that are announced: GROUP/ID with * and ?; groups are sensors, tyres, wmbus (meters), pocsag and flex (pagers) and aprs (weather stations)"},
    {TEXT("ha_deny", ha_deny), .example = "sensors/Acurite-*", .help = "those that are not, though ha_allow names them"},
    {.name = "ha_after", .type = HZ_OPTION_COUNT, AT(ha_after), .min = 1, .max = 1000, .fallback = "3", .help = "messages after which a sender is announced; one that ha_allow names without * or ? at once"},
    {.name = "ha_devices", .type = HZ_OPTION_COUNT, AT(ha_devices), .min = 0, .max = 1000, .fallback = "100", .help = "how many senders are announced at most"},
    {TIME("ha_interval", ha_interval_s), .fallback = "30s", .help = "how often receivers and counts are published"},
    {TIME("ha_expire", ha_expire_s), .fallback = "1h", .help = "a value of a sensor that is older is shown as unavailable"},
    {.name = "ha_forget", .type = HZ_OPTION_PARSED, AT(ha_forget_s), .parse = hz_parse_keep, .size = sizeof(uint64_t),
     .expected = "1m to 36500d with the unit m, h or d, as in 7d", .fallback = "7d", .help = "a sender that is silent for so long is removed"},
    HZ_KEY_FORMAT,
    HZ_KEY_KIND,
    HZ_KEY_MAX_AGE,
    {0},
};
/* clang-format on */

bool hz_mqtt_url(const char *url, char *host, size_t size, unsigned *port, bool *tls)
{
    static const struct {
        const char *scheme;
        unsigned port;
        bool tls;
    } schemes[] = {{"mqtt://", 1883, false}, {"mqtts://", 8883, true}};
    for (size_t i = 0; i < 2; i++) {
        size_t n = strlen(schemes[i].scheme);
        char text[300];
        bool v6;
        if (strncmp(url, schemes[i].scheme, n) != 0)
            continue;
        *port = schemes[i].port;
        *tls = schemes[i].tls;
        size_t len = strcspn(url + n, "/");
        if (len == 0 || len >= 280 || (url[n + len] == '/' && url[n + len + 1]))
            return false;
        const char *last = url[n] == '[' ? memchr(url + n, ']', len) : url + n;
        if (!last)
            return false;
        bool has_port = memchr(last, ':', (size_t)(url + n + len - last));
        snprintf(text, sizeof text, has_port ? "%.*s" : "%.*s:%u", (int)len, url + n, *port);
        int rc = hz_address_split(text, host, size, &v6);
        *port = (unsigned)rc;
        return rc > 0 && *host && !strpbrk(host, "@? ") && (v6 || !strchr(host, ':'));
    }
    return false;
}

/* ---- checks ----------------------------------------------------------------------------- */

static bool is_decoder(const void *ctx, const char *name)
{
    for (const struct hz_decoder *const *p = ctx; *p; p++) {
        if (strcmp((*p)->name, name) == 0)
            return true;
    }
    return false;
}

static void check_login(const struct hz_check *c, const struct hz_conf_mqtt *m, bool tls)
{
    static const char *const keys[] = {"tls_ca", "tls_cert", "tls_key"};
    for (size_t i = 0; i < 3 && !tls; i++) {
        if (hz_check_gave(c, keys[i]))
            hz_check_error(c, keys[i],
                           "'%s' has no meaning with url = mqtt://…: expected mqtts://HOST",
                           keys[i]);
    }
    if (!*m->tls_cert != !*m->tls_key)
        hz_check_error(c, *m->tls_cert ? "tls_cert" : "tls_key",
                       "expected tls_cert and tls_key, both or neither");
    if (*m->password && *m->password_file)
        hz_check_error(c, "password_file",
                       "'password_file' has no meaning with password: expected one of them");
    if ((*m->password || *m->password_file) && !*m->user && m->version == 0)
        hz_check_error(c, *m->password ? "password" : "password_file",
                       "expected user = NAME with a password (MQTT 3.1.1 has none without)");
}

static void check_topics(const struct hz_check *c, const struct hz_conf_mqtt *m)
{
    char err[300];
    if (!hz_mqtt_topic_check(m->topic, err, sizeof err))
        hz_check_error(c, "topic", "topic = %s", err);
    if (!hz_mqtt_topic_check(m->availability, err, sizeof err))
        hz_check_error(c, "availability", "availability = %s", err);
    if (!hz_mqtt_topics_check(m->topics, is_decoder, hz_check_decoders(c), err, sizeof err))
        hz_check_error(c, "topics", "topics = %s", err);
    if (hz_check_gave(c, "expiry") && m->version == 0)
        hz_check_error(c, "expiry", "'expiry' has no meaning with version = 3.1.1: expected 5");
}

static void check_home_assistant(const struct hz_check *c, const struct hz_conf_mqtt *m)
{
    static const char *const keys[] = {"ha_prefix",  "ha_allow",    "ha_deny",   "ha_after",
                                       "ha_devices", "ha_interval", "ha_expire", "ha_forget"};
    char err[300];
    for (size_t i = 0; i < sizeof keys / sizeof *keys && !m->home_assistant; i++) {
        if (hz_check_gave(c, keys[i]))
            hz_check_error(c, keys[i], "'%s' has no meaning with home_assistant = no", keys[i]);
    }
    if (!m->home_assistant && !m->messages)
        hz_check_error(c, "messages", "messages = no with home_assistant = no: nothing is left");
    if (!hz_mqtt_topic_check(m->ha_prefix, err, sizeof err) || strpbrk(m->ha_prefix, "{ "))
        hz_check_error(c, "ha_prefix", "ha_prefix = '%s': expected a topic, as homeassistant",
                       m->ha_prefix);
    if (!hz_ha_patterns_check(m->ha_allow, err, sizeof err))
        hz_check_error(c, "ha_allow", "ha_allow = %s", err);
    if (!hz_ha_patterns_check(m->ha_deny, err, sizeof err))
        hz_check_error(c, "ha_deny", "ha_deny = %s", err);
}

void hz_mqtt_check(const struct hz_check *c, void *item)
{
    const struct hz_conf_mqtt *m = item;
    const struct hz_config *config = hz_check_config(c);
    char host[256];
    unsigned port;
    bool tls = false;
    hz_link_check(c, item);
    if (!hz_check_needs(c, "url", "url = mqtt://HOST"))
        return;
    if (!hz_mqtt_url(m->url, host, sizeof host, &port, &tls))
        hz_check_error(c, "url",
                       "url = '%s': expected mqtt://HOST or mqtts://HOST, with a :PORT if need be",
                       m->url);
    check_login(c, m, tls);
    check_topics(c, m);
    check_home_assistant(c, m);
    for (size_t i = 0; i < hz_check_index(c) && *m->client_id; i++) {
        const struct hz_conf_mqtt *other = (const struct hz_conf_mqtt *)config->outputs[i];
        if (other->link.output.kind == m->link.output.kind && other->client_id &&
            strcmp(other->client_id, m->client_id) == 0 && strcmp(other->url, m->url) == 0)
            hz_check_error(c, "client_id", "client_id = '%s' is taken by [output %s]", m->client_id,
                           other->link.output.name);
    }
}
