/* Percent coding, URL pieces and s3:// names. Pure. */
#ifndef WEIR_BASE_URI_H
#define WEIR_BASE_URI_H
#include "backend/base/buf.h"
#include "backend/base/err.h"
#include <stdbool.h>
#include <stddef.h>

/* RFC 3986 unreserved stay; everything else is %XX upper case; '/' stays when keep_slash. AWS's UriEncode. */
bool uri_encode(const char *bytes, size_t len, bool keep_slash, struct buf *out);
/* Decodes %XX (and + as a space when plus). False on a bad escape. */
bool uri_decode(const char *text, size_t len, bool plus, struct buf *out);

struct uri {
    char scheme[8];  /* "http", "https" */
    char host[256];  /* IPv6 without brackets */
    int port;        /* 0: the scheme's own */
    char path[1024]; /* "" or "/..." */
};
bool uri_parse(const char *text, struct uri *uri, struct err *err);

struct s3_name { /* s3://bucket/key */
    char bucket[64];
    char key[1025]; /* "" names the bucket itself */
};
bool s3_name_parse(const char *text, struct s3_name *name, struct err *err);
bool s3_is_name(const char *text); /* starts with s3:// */
#endif
