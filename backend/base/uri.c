/* Percent coding (RFC 3986; AWS's UriEncode), splitting of endpoint URLs and s3:// names. Pure; any thread. */
#include "backend/base/uri.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_unreserved(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
           byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

bool uri_encode(const char *bytes, size_t len, bool keep_slash, struct buf *out)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (is_unreserved(byte) || (byte == '/' && keep_slash)) {
            buf_putc(out, (char)byte);
        } else {
            char escape[3] = {'%', digits[byte >> 4], digits[byte & 15]};
            buf_append(out, escape, sizeof escape);
        }
    }
    return !out->failed;
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

bool uri_decode(const char *text, size_t len, bool plus, struct buf *out)
{
    for (size_t i = 0; i < len; i++) {
        char byte = text[i];
        if (byte == '%') {
            int high = i + 2 < len ? hex_value(text[i + 1]) : -1;
            int low = i + 2 < len ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            byte = (char)(high << 4 | low);
            i += 2;
        } else if (byte == '+' && plus) {
            byte = ' ';
        }
        buf_putc(out, byte);
    }
    return !out->failed;
}

static bool parse_port(const char *text, size_t len, int *port)
{
    int value = 0;
    if (len == 0 || len > 5)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        value = value * 10 + (text[i] - '0');
    }
    *port = value;
    return value >= 1 && value <= 65535;
}

static bool is_host_byte(char byte, bool bracketed)
{
    unsigned char c = (unsigned char)byte;
    return bracketed ? isxdigit(c) || c == ':' || c == '.' || c == '%' : is_unreserved(c);
}

/* authority = host [":" port] | "[" IPv6 "]" [":" port]; user:password@ is refused: secrets do not belong in a URL. */
static const char *parse_authority(const char *text, size_t len, struct uri *uri)
{
    if (memchr(text, '@', len))
        return "user names and passwords in a URL are not accepted";
    bool bracketed = len && text[0] == '[';
    const char *host = text + bracketed, *end = text + len;
    const char *host_end = memchr(host, bracketed ? ']' : ':', (size_t)(end - host));
    if (!host_end && bracketed)
        return "']' is missing after the IPv6 address";
    if (!host_end)
        host_end = end;
    size_t host_len = (size_t)(host_end - host);
    if (host_len == 0)
        return "the host is missing";
    if (host_len >= sizeof uri->host)
        return "the host is too long";
    for (size_t i = 0; i < host_len; i++)
        if (!is_host_byte(host[i], bracketed))
            return "the host has a character that a host cannot have";
    memcpy(uri->host, host, host_len);
    const char *rest = host_end + bracketed;
    if (rest == end)
        return NULL;
    if (*rest != ':' || !parse_port(rest + 1, (size_t)(end - rest - 1), &uri->port))
        return "the port must be a number from 1 to 65535";
    return NULL;
}

static const char *parse_uri(const char *text, struct uri *uri)
{
    const char *colon = strstr(text, "://");
    if (!colon)
        return "it must begin with http:// or https://";
    size_t scheme_len = (size_t)(colon - text);
    if (scheme_len == 4 && strncasecmp(text, "http", 4) == 0)
        strcpy(uri->scheme, "http");
    else if (scheme_len == 5 && strncasecmp(text, "https", 5) == 0)
        strcpy(uri->scheme, "https");
    else
        return "it must begin with http:// or https://";
    const char *authority = colon + 3;
    size_t authority_len = strcspn(authority, "/?#");
    const char *problem = parse_authority(authority, authority_len, uri);
    if (problem)
        return problem;
    const char *path = authority + authority_len;
    if (strpbrk(path, "?#"))
        return "a query or fragment is not accepted here";
    if (strlen(path) >= sizeof uri->path)
        return "the path is too long";
    for (const char *c = path; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f)
            return "the path has a space or control character";
    strcpy(uri->path, path);
    return NULL;
}

bool uri_parse(const char *text, struct uri *uri, struct err *err)
{
    *uri = (struct uri){.port = 0};
    const char *problem = parse_uri(text, uri);
    if (!problem)
        return true;
    /* the part before '@' may hold a password */
    const char *shown = strchr(text, '@') ? "URL" : text;
    return err_set(err, ERR_PARSE, "%.120s: %s", shown, problem);
}

bool s3_is_name(const char *text)
{
    return strncmp(text, "s3://", 5) == 0;
}

/* Length and characters as in S3's bucket naming rules; the finer rules are the service's to judge. */
static bool is_bucket(const char *text, size_t len)
{
    if (len < 3 || len > 63)
        return false;
    for (size_t i = 0; i < len; i++)
        if (!is_unreserved((unsigned char)text[i]) || text[i] == '~')
            return false;
    return true;
}

bool s3_name_parse(const char *text, struct s3_name *name, struct err *err)
{
    *name = (struct s3_name){.bucket = ""};
    if (!s3_is_name(text))
        return err_set(err, ERR_PARSE, "%.120s: an object is named s3://BUCKET/KEY", text);
    const char *bucket = text + 5;
    size_t bucket_len = strcspn(bucket, "/");
    const char *key = bucket[bucket_len] ? bucket + bucket_len + 1 : bucket + bucket_len;
    if (!is_bucket(bucket, bucket_len))
        return err_set(err, ERR_PARSE, "%.120s: a bucket's name has 3 to 63 letters, digits, '-', '.' or '_'", text);
    if (strlen(key) >= sizeof name->key)
        return err_set(err, ERR_PARSE, "s3://%.*s: the key is longer than 1024 bytes", (int)bucket_len, bucket);
    memcpy(name->bucket, bucket, bucket_len);
    strcpy(name->key, key);
    return true;
}
