// libcurl for Swift: its options are variadic there, and here one function for each type.
#ifndef BOURSE_CCURL_SHIM_H
#define BOURSE_CCURL_SHIM_H

#include <curl/curl.h>
#include <stdio.h>

static inline CURLcode bourse_curl_number(CURL *curl, CURLoption option, long value) {
  return curl_easy_setopt(curl, option, value);
}
static inline CURLcode bourse_curl_text(CURL *curl, CURLoption option, const char *value) {
  return curl_easy_setopt(curl, option, value);
}
static inline CURLcode bourse_curl_list(CURL *curl, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(curl, option, value);
}

// What is uploaded comes from a file, such as one in memory.
static inline CURLcode bourse_curl_upload(CURL *curl, FILE *file, long size) {
  curl_easy_setopt(curl, CURLOPT_READDATA, file);
  curl_easy_setopt(curl, CURLOPT_INFILESIZE, size);
  return curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
}

// Nobody reads what the other side answers, and more than this is not waited for.
#define BOURSE_CURL_ANSWER 65536
static size_t bourse_curl_forget(char *data, size_t size, size_t count, void *seen) {
  (void)data;
  *(size_t *)seen += size * count;
  return *(size_t *)seen > BOURSE_CURL_ANSWER ? 0 : size * count;
}
// Ends the transfer when the number that it is given is not 0 any more.
static int bourse_curl_look(void *stop, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
  (void)a, (void)b, (void)c, (void)d;
  return __atomic_load_n((const int *)stop, __ATOMIC_RELAXED);
}
static inline void bourse_curl_stop(int *stop) { __atomic_store_n(stop, 1, __ATOMIC_RELAXED); }
static inline void bourse_curl_watch(CURL *curl, size_t *seen, int *stop) {
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, bourse_curl_forget);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, seen);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, bourse_curl_look);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, stop);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
}

static inline long bourse_curl_status(CURL *curl) {
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

#endif
