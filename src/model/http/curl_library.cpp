// libcurl, loaded when it is first needed. Linking it would cost every start of the program 8 ms of CPU - it brings thirty libraries along
// (Kerberos, LDAP, ...) - and most commands speak to nobody (docs/decisions/0009-libcurl-on-first-use.md).
//
// This file defines the functions of libcurl that we call, under their own names, and passes each call on. Callers include
// <curl/curl.h> and notice nothing. The four variadic ones take exactly one further argument, which is a pointer or an integer of
// its size: that is libcurl's contract on 64-bit systems, where both travel the same way.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>

#include <cstdarg>

#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt
#undef curl_share_setopt

static_assert(sizeof(void*) == 8 && sizeof(long) == 8 && sizeof(curl_off_t) == 8);

namespace {

void* library() {
  // Its own dependencies come with it; it stays loaded, as curl_global_init wants.
  static void* const handle = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  return handle;
}

template <class Function>
Function* find(const char* name) {
  return library() ? reinterpret_cast<Function*>(dlsym(library(), name)) : nullptr;
}

}  // namespace

// FORWARD(result when libcurl is not there, return type, name, (parameters), (arguments))
#define FORWARD(missing, type, name, parameters, arguments)       \
  type name parameters {                                          \
    static auto* const real = find<decltype(::name)>(#name);      \
    if (!real) return missing;                                    \
    return real arguments;                                        \
  }

#if LIBCURL_VERSION_NUM >= 0x080000
using ReadableUrl = const CURLU;
#else
using ReadableUrl = CURLU;
#endif

extern "C" {

FORWARD(CURLE_FAILED_INIT, CURLcode, curl_global_init, (long flags), (flags))
FORWARD(nullptr, CURL*, curl_easy_init, (void), ())
FORWARD(, void, curl_easy_cleanup, (CURL * easy), (easy))
FORWARD(, void, curl_easy_reset, (CURL * easy), (easy))
FORWARD("libcurl.so.4 is not installed", const char*, curl_easy_strerror, (CURLcode code), (code))
FORWARD(, void, curl_free, (void* memory), (memory))
FORWARD(-1, time_t, curl_getdate, (const char* text, const time_t* now), (text, now))
FORWARD(nullptr, CURLM*, curl_multi_init, (void), ())
FORWARD(CURLM_INTERNAL_ERROR, CURLMcode, curl_multi_cleanup, (CURLM * multi), (multi))
FORWARD(CURLM_INTERNAL_ERROR, CURLMcode, curl_multi_add_handle, (CURLM * multi, CURL* easy), (multi, easy))
FORWARD(CURLM_INTERNAL_ERROR, CURLMcode, curl_multi_remove_handle, (CURLM * multi, CURL* easy), (multi, easy))
FORWARD(CURLM_INTERNAL_ERROR, CURLMcode, curl_multi_assign, (CURLM * multi, curl_socket_t socket, void* data), (multi, socket, data))
FORWARD(CURLM_INTERNAL_ERROR, CURLMcode, curl_multi_socket_action, (CURLM * multi, curl_socket_t socket, int events, int* running),
        (multi, socket, events, running))
FORWARD(nullptr, CURLMsg*, curl_multi_info_read, (CURLM * multi, int* left), (multi, left))
FORWARD(nullptr, CURLSH*, curl_share_init, (void), ())
FORWARD(CURLSHE_NOT_BUILT_IN, CURLSHcode, curl_share_cleanup, (CURLSH * share), (share))
FORWARD(nullptr, curl_slist*, curl_slist_append, (curl_slist * list, const char* text), (list, text))
FORWARD(, void, curl_slist_free_all, (curl_slist * list), (list))
FORWARD(nullptr, CURLU*, curl_url, (void), ())
FORWARD(, void, curl_url_cleanup, (CURLU * url), (url))
FORWARD(CURLUE_OUT_OF_MEMORY, CURLUcode, curl_url_get, (ReadableUrl* url, CURLUPart part, char** out, unsigned flags), (url, part, out, flags))
FORWARD(CURLUE_OUT_OF_MEMORY, CURLUcode, curl_url_set, (CURLU * url, CURLUPart part, const char* text, unsigned flags), (url, part, text, flags))
FORWARD("libcurl.so.4 is not installed", const char*, curl_url_strerror, (CURLUcode code), (code))

// NOLINTBEGIN(bugprone-macro-parentheses): a type in parentheses declares nothing
#define FORWARD_ONE_MORE(missing, type, name, handle_type, option_type) \
  type name(handle_type* handle, option_type option, ...) {             \
    static auto* const real = find<decltype(::name)>(#name);            \
    if (!real) return missing;                                          \
    va_list list;                                                       \
    va_start(list, option);                                             \
    void* argument = va_arg(list, void*);                               \
    va_end(list);                                                       \
    return real(handle, option, argument);                              \
  }
// NOLINTEND(bugprone-macro-parentheses)

FORWARD_ONE_MORE(CURLE_FAILED_INIT, CURLcode, curl_easy_setopt, CURL, CURLoption)
FORWARD_ONE_MORE(CURLE_FAILED_INIT, CURLcode, curl_easy_getinfo, CURL, CURLINFO)
FORWARD_ONE_MORE(CURLM_INTERNAL_ERROR, CURLMcode, curl_multi_setopt, CURLM, CURLMoption)
FORWARD_ONE_MORE(CURLSHE_NOT_BUILT_IN, CURLSHcode, curl_share_setopt, CURLSH, CURLSHoption)

}  // extern "C"
