/* libcurl, loaded when it is needed. It brings 30 libraries with it, which take as long to load as
 * all else in the program together, and most runs of hertzd make no request.
 *
 * Any thread. Once loaded the library stays; to load it again costs some microseconds. */
#ifndef HZ_DAEMON_BASE_CURL_H
#define HZ_DAEMON_BASE_CURL_H

#include <curl/curl.h>

#define HZ_CURL_FUNCTIONS(F)                                                                       \
    F(easy_cleanup)                                                                                \
    F(easy_getinfo)                                                                                \
    F(easy_init)                                                                                   \
    F(easy_setopt)                                                                                 \
    F(easy_strerror)                                                                               \
    F(free)                                                                                        \
    F(global_init)                                                                                 \
    F(multi_add_handle)                                                                            \
    F(multi_assign)                                                                                \
    F(multi_cleanup)                                                                               \
    F(multi_info_read)                                                                             \
    F(multi_init)                                                                                  \
    F(multi_remove_handle)                                                                         \
    F(multi_setopt)                                                                                \
    F(multi_socket_action)                                                                         \
    F(slist_append)                                                                                \
    F(slist_free_all)                                                                              \
    F(url)                                                                                         \
    F(url_cleanup)                                                                                 \
    F(url_get)                                                                                     \
    F(url_set)                                                                                     \
    F(version_info)

/* Its functions, without curl_ before their names. */
struct hz_curl {
#define F(name) __typeof__(curl_##name) *name;
    HZ_CURL_FUNCTIONS(F)
#undef F
};

/* 0; or -ENOENT, which is logged: the library, or a function, is not there. */
int hz_curl_load(struct hz_curl *c);

#endif
