/* HZ_CLONES builds a function twice, for baseline x86-64 and for AVX2; the loader selects one. It
 * must be "avx2" and not an architecture, because gcc's resolver does not select "arch=haswell" on
 * AMD machines. On other machines, and with sanitizers (which start after the resolvers have run),
 * there is one variant. */
#ifndef HZ_DSP_CLONES_H
#define HZ_DSP_CLONES_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HZ_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(undefined_behavior_sanitizer)
#define HZ_SANITIZED 1
#endif
#endif

#if defined(__x86_64__) && defined(__linux__) && !defined(HZ_SANITIZED)
#define HZ_CLONES __attribute__((target_clones("avx2", "default")))
#else
#define HZ_CLONES
#endif

#endif
