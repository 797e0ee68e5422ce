#include "daemon/receive/tally.h"
#include "proto/out/field.h"

#include <math.h>

const char *hz_integrity_name(enum hz_integrity integrity)
{
    static const char *const names[HZ_INTEGRITIES] = {"right", "repaired", "doubtful"};
    return names[integrity];
}

static enum hz_integrity integrity(const struct hz_record *message)
{
    struct hz_value doubt;
    if (hz_record_field(message, "doubtful", &doubt))
        return HZ_DOUBTFUL;
    return message->fixed_bits > 0 ? HZ_REPAIRED : HZ_RIGHT;
}

void hz_tally_add(struct hz_tally *t, const struct hz_record *message)
{
    double snr_db = (double)message->snr_db;
    t->messages[integrity(message)]++;
    if (!isfinite(snr_db))
        return;
    double bin = floor(snr_db) - HZ_TALLY_LOW_DB;
    t->snr[(int)fmin(fmax(bin, 0), HZ_TALLY_BINS - 1)]++;
    t->snr_sum_db += snr_db;
}

void hz_tally_since(struct hz_tally *now, const struct hz_tally *before)
{
    for (int i = 0; i < HZ_INTEGRITIES; i++)
        now->messages[i] -= before->messages[i];
    for (int i = 0; i < HZ_TALLY_BINS; i++)
        now->snr[i] -= before->snr[i];
    now->snr_sum_db -= before->snr_sum_db;
}

uint64_t hz_tally_below(const struct hz_tally *t, int limit_db)
{
    uint64_t n = 0;
    for (int i = 0; i < HZ_TALLY_BINS && i < limit_db - HZ_TALLY_LOW_DB; i++)
        n += t->snr[i];
    return n;
}

uint64_t hz_tally_measured(const struct hz_tally *t)
{
    return hz_tally_below(t, HZ_TALLY_LOW_DB + HZ_TALLY_BINS);
}

double hz_tally_quantile(const struct hz_tally *t, double q)
{
    uint64_t n = hz_tally_measured(t), seen = 0;
    if (n == 0)
        return NAN;
    int i = 0;
    for (; i < HZ_TALLY_BINS - 1; i++) {
        seen += t->snr[i];
        if ((double)seen >= q * (double)n && seen > 0)
            break;
    }
    return HZ_TALLY_LOW_DB + i + 0.5;
}
