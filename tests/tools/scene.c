/* scene NAME SEED SECONDS [--truth FILE.jsonl] > FILE.cu8: a scene as a recording, with what was
 * sent beside it, one JSON object a line. */
#include "sim/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct truth {
    FILE *to;
    double rate_hz;
};

static void write_truth(void *ctx, const struct hz_scene_truth *t)
{
    const struct truth *truth = ctx;
    double start_s = t->start / truth->rate_hz;
    fprintf(truth->to,
            "{\"protocol\":\"%s\",\"tx\":\"%s\",\"freq\":%.0f,\"t\":%.9f,\"end\":%.9f,"
            "\"snr\":%.2f,\"level\":%.2f,\"bw\":%.0f,\"foff\":%.1f,\"type\":\"%s\","
            "\"sample\":%llu,\"hex\":\"",
            t->protocol, t->protocol, t->freq_hz, start_s, start_s + t->samples / truth->rate_hz,
            t->snr_db, t->level_dbfs, t->bandwidth_hz, t->offset_hz, t->type,
            (unsigned long long)t->sample);
    for (size_t i = 0; i < t->raw_len; i++) {
        fprintf(truth->to, "%02X", t->raw[i]);
    }
    fprintf(truth->to, "\",\"fields\":%s}\n", t->fields);
}

static int write_samples(struct hz_scene *s, double seconds)
{
    const struct hz_scene_info *about = hz_scene_about(s);
    static unsigned char block[1 << 16];
    size_t bytes = hz_format_bytes(about->format), room = sizeof block / bytes;
    for (double left = seconds * about->rate_hz; left >= 1;) {
        size_t n = left < (double)room ? (size_t)left : room;
        hz_scene_read(s, block, n);
        if (fwrite(block, bytes, n, stdout) != n) {
            perror("scene: standard output");
            return 1;
        }
        left -= (double)n;
    }
    return fflush(stdout) == 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    struct hz_scene *scene;
    if (argc != 4 && !(argc == 6 && strcmp(argv[4], "--truth") == 0)) {
        fprintf(stderr, "usage: scene NAME SEED SECONDS [--truth FILE.jsonl] > FILE.cu8\n");
        for (const struct hz_scene_info *s = hz_scenes; s->name != NULL; s++) {
            fprintf(stderr, "  %-10s %s\n", s->name, s->title);
        }
        return 2;
    }
    if (hz_scene_new(argv[1], strtoull(argv[2], NULL, 0), &scene) != 0) {
        fprintf(stderr, "scene: there is no scene '%s'\n", argv[1]);
        return 2;
    }
    struct truth truth = {argc == 6 ? fopen(argv[5], "w") : NULL, hz_scene_about(scene)->rate_hz};
    if (argc == 6 && truth.to == NULL) {
        perror(argv[5]);
        hz_scene_free(scene);
        return 1;
    }
    if (truth.to != NULL) {
        hz_scene_on_truth(scene, write_truth, &truth);
    }
    int failed = write_samples(scene, strtod(argv[3], NULL));
    failed |= truth.to != NULL && fclose(truth.to) != 0;
    hz_scene_free(scene);
    return failed;
}
