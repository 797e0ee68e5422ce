#include "proto/acars/fields.h"

#include "proto/acars/contents.h"
#include "proto/acars/labels.h"
#include "proto/out/record.h"

#include <string.h>

static void write_char(struct hz_json *j, const char *key, char c)
{
    hz_json_strn(j, key, &c, 1);
}

static void write_told(struct hz_json *j, const char *key, const char *text)
{
    if (*text)
        hz_json_str(j, key, text);
}

/* What only a block with a sender has: a squitter has none. */
static void write_sender(struct hz_json *j, const struct hz_acars_block *b)
{
    char number[sizeof b->number + 1];
    const char *registration = hz_acars_registration(b);
    write_char(j, "block_id", b->id);
    if (b->ack == '!')
        hz_json_bool(j, "ack", false);
    else
        write_char(j, "ack", b->ack);
    hz_json_str(j, "tail", registration);
    hz_about_id(j, registration);
    if (!b->number[0])
        return;
    size_t n = strlen(b->number);
    memcpy(number, b->number, n);
    number[n] = b->sequence;
    hz_json_str(j, "flight", b->flight);
    hz_json_strn(j, "msgno", number, n + 1);
}

void hz_acars_write(struct hz_json *j, const struct hz_acars_block *b,
                    const struct hz_acars_joined *joined)
{
    write_char(j, "mode", b->mode);
    hz_json_str(j, "label", b->label);
    if (b->id != ' ')
        write_sender(j, b);
    if (b->has_text)
        hz_json_strn(j, "text", joined->text, joined->len);
    if (joined->part == HZ_ACARS_COMPLETE) {
        hz_json_uint(j, "blocks", joined->blocks);
        hz_json_strn(j, "block_text", b->text, b->len);
        if (joined->cut)
            hz_json_bool(j, "truncated", true);
    }
    if (b->more)
        hz_json_bool(j, "end", true);
    write_told(j, "sublabel", b->sublabel);
    write_told(j, "mfi", b->mfi);
    hz_json_str(j, "assstat", hz_acars_part_name[joined->part]);
}

void hz_acars_write_libacars(struct hz_json *j, const struct hz_acars_block *b,
                             const struct hz_acars_joined *joined, bool crc_ok)
{
    hz_json_bool(j, "err", false);
    hz_json_bool(j, "crc_ok", crc_ok);
    hz_json_bool(j, "more", b->more);
    hz_json_str(j, "reg", b->address);
    write_char(j, "mode", b->mode);
    hz_json_str(j, "label", b->label);
    write_char(j, "blk_id", b->id);
    write_char(j, "ack", b->ack);
    if (b->downlink) {
        hz_json_str(j, "flight", b->flight);
        hz_json_str(j, "msg_num", b->number);
        if (b->sequence)
            write_char(j, "msg_num_seq", b->sequence);
    }
    write_told(j, "sublabel", b->sublabel);
    write_told(j, "mfi", b->mfi);
    hz_json_strn(j, "msg_text", joined->text, joined->len);
}

void hz_acars_write_contents(struct hz_json *j, const struct hz_acars_block *b,
                             const struct hz_acars_joined *joined)
{
    struct hz_acars_contents c;
    const char *meaning = hz_acars_label(b->label);
    if (meaning)
        hz_json_str(j, "label_text", meaning);
    if (!hz_acars_read(b->label, joined->text, joined->len, &c))
        return;
    write_told(j, "depa", c.departure);
    write_told(j, "dsta", c.arrival);
    write_told(j, "eta", c.eta);
    write_told(j, "gtout", c.out);
    write_told(j, "gtin", c.in);
    write_told(j, "wloff", c.off);
    write_told(j, "wlin", c.on);
    write_told(j, "ground_station", c.station);
    if (c.station[0] && b->id == ' ')
        hz_about_id(j, c.station);
    hz_json_decimals(j, "lat", c.lat, 4);
    hz_json_decimals(j, "lon", c.lon, 4);
    hz_json_decimals(j, "alt", c.alt_ft, 0);
    if (c.lat == c.lat)
        hz_about_position(j, c.lat, c.lon);
}
