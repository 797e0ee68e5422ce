#include "proto/vdl2/avlc.h"

void hz_vdl2_address_read(const uint8_t octet[4], struct hz_vdl2_address *a)
{
    uint32_t word = 0;
    for (unsigned i = 0; i < 28; i++)
        word = word << 1 | (octet[i / 7] >> (1 + i % 7) & 1);
    a->status = word >> 27 != 0;
    a->type = word >> 24 & 7;
    a->address = word & 0xffffff;
}

static enum hz_vdl2_kind unnumbered(unsigned control)
{
    static const struct {
        uint8_t control;
        enum hz_vdl2_kind kind;
    } kinds[] = {{0x03, HZ_VDL2_UI},  {0x0f, HZ_VDL2_DM},   {0x43, HZ_VDL2_DISC},
                 {0x63, HZ_VDL2_UA},  {0x87, HZ_VDL2_FRMR}, {0xaf, HZ_VDL2_XID},
                 {0xe3, HZ_VDL2_TEST}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].control == (control & ~0x10u))
            return kinds[i].kind;
    return HZ_VDL2_OTHER;
}

void hz_vdl2_avlc_read(const uint8_t *frame, size_t n, struct hz_vdl2_avlc *a)
{
    unsigned control = frame[8];
    hz_vdl2_address_read(frame, &a->dst);
    hz_vdl2_address_read(frame + 4, &a->src);
    a->on_ground = a->dst.status;
    a->response = a->src.status;
    a->poll = control & 0x10;
    a->received = control >> 5;
    a->sent = control >> 1 & 7;
    a->kind = !(control & 1)   ? HZ_VDL2_I
              : !(control & 2) ? (enum hz_vdl2_kind)(HZ_VDL2_RR + (control >> 2 & 3))
                               : unnumbered(control);
    a->info = frame + 9;
    a->info_len = n - 11;
}

const char *hz_vdl2_type_name(unsigned type)
{
    switch (type) {
    case HZ_VDL2_AIRCRAFT:
        return "Aircraft";
    case HZ_VDL2_GROUND:
    case HZ_VDL2_GROUND_OTHER:
        return "Ground station";
    case HZ_VDL2_ALL:
        return "All stations";
    default:
        return "reserved";
    }
}
