/* Masks what looks like a secret: by the name before it, or by its own look. Rather too much than too little. Pure; any
 * thread. */
#include "backend/base/log.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

#define MASK "[redacted]"

/* Names are found anywhere, in any case; '-' here stands for '-', '_', '.' or nothing. `to_line_end`: the value may
 * contain spaces (a header's). */
static const struct secret_name {
    const char *name;
    bool to_line_end;
} secret_names[] = {
    {.name = "authorization-token"}, /* AWS_CONTAINER_AUTHORIZATION_TOKEN */
    {.name = "authorization", .to_line_end = true},
    {.name = "set-cookie", .to_line_end = true},
    {.name = "cookie", .to_line_end = true},
    {.name = "security-token"},
    {.name = "metadata-token"},
    {.name = "session-token"},
    {.name = "access-token"},
    {.name = "refresh-token"},
    {.name = "id-token"},
    {.name = "identity-token"},
    {.name = "signature"},
    {.name = "x-amz-credential"},
    {.name = "secret-access-key"},
    {.name = "secret-key"},
    {.name = "api-key"},
    {.name = "private-key"},
    {.name = "secret"},
    {.name = "password"},
    {.name = "passwd"},
    {.name = "jaas-config", .to_line_end = true},
};

static bool is_joint(char byte)
{
    return byte == '-' || byte == '_' || byte == '.';
}

/* Length of name at text, 0 when it is not there. */
static size_t match_name(const char *name, const char *text)
{
    const char *at = text;
    for (; *name; name++) {
        if (*name == '-') {
            at += is_joint(*at);
        } else {
            if (tolower((unsigned char)*at) != *name)
                return 0;
            at++;
        }
    }
    return (size_t)(at - text);
}

static const char *skip_quotes(const char *at)
{
    return at + strspn(at, " \t\\\"'");
}

/* From behind a name to its value: `: `, `=`, `": "`, `>`. NULL when no value follows. */
static const char *find_value(const char *at)
{
    at = skip_quotes(at);
    if (*at != ':' && *at != '=' && *at != '>')
        return NULL;
    return skip_quotes(at + 1);
}

/* "&name=": the next parameter of a query string or form. */
static bool starts_parameter(const char *at)
{
    if (*at != '&')
        return false;
    size_t len = strcspn(at + 1, "=& \t\"'");
    return len > 0 && at[1 + len] == '=';
}

/* A value in quotes ends at the same quote; in JSON inside a JSON text both quotes are escaped. */
static size_t quoted_length(const char *value, char quote, bool escaped)
{
    const char *at = value;
    for (; *at && *at != quote; at++) {
        if (*at != '\\')
            continue;
        if (escaped && at[1] == quote)
            break;
        at += at[1] != '\0';
    }
    return (size_t)(at - value);
}

static size_t value_length(const char *value, bool to_line_end)
{
    if (value[-1] == '"' || value[-1] == '\'')
        return quoted_length(value, value[-1], value[-2] == '\\');
    if (value[-1] == '>') /* an XML element */
        return strcspn(value, "<");
    const char *at = value;
    for (; *at && !strchr(to_line_end ? "\r\n" : "\r\n \t\"'", *at); at++)
        if (!to_line_end && starts_parameter(at))
            break;
    return (size_t)(at - value);
}

static bool is_word(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_' || byte == '-' || byte == '/' || byte == '+' || byte == '=' ||
           byte == '.' || byte == '~';
}

/* A secret that is known by its own look: Confluent's keys ("cflt..."), a bearer token. */
static size_t bare_secret(const char *text, bool at_word_start, size_t *keep)
{
    static const char bearer[] = "bearer ";
    *keep = 0;
    if (!at_word_start)
        return 0;
    if (strncasecmp(text, bearer, sizeof bearer - 1) == 0)
        *keep = sizeof bearer - 1;
    else if (strncmp(text, "cflt", 4) != 0)
        return 0;
    size_t len = *keep;
    while (is_word(text[len]))
        len++;
    return len - *keep >= 12 ? len : 0;
}

/* "scheme://user:password@": how much of it up to the password's end; *keep up to its start. */
static size_t url_password(const char *text, size_t *keep)
{
    if (strncmp(text, "://", 3) != 0)
        return 0;
    size_t end = 3 + strcspn(text + 3, "/?# \t\"'<>");
    const char *at = memchr(text, '@', end), *colon = memchr(text + 3, ':', end - 3);
    if (!at || !colon || colon > at)
        return 0;
    *keep = (size_t)(colon + 1 - text);
    return (size_t)(at - text);
}

static size_t named_secret(const char *text, size_t *keep)
{
    for (size_t i = 0; i < sizeof secret_names / sizeof *secret_names; i++) {
        size_t name_len = match_name(secret_names[i].name, text);
        const char *value = name_len ? find_value(text + name_len) : NULL;
        if (!value)
            continue;
        *keep = (size_t)(value - text);
        return *keep + value_length(value, secret_names[i].to_line_end);
    }
    return 0;
}

bool log_redact(const char *text, struct buf *out)
{
    const char *plain = text;
    for (const char *at = text; *at;) {
        size_t keep = 0;
        size_t len = named_secret(at, &keep);
        if (!len)
            len = bare_secret(at, at == text || !is_word(at[-1]) || at[-1] == '=', &keep);
        if (!len)
            len = url_password(at, &keep);
        if (len <= keep) {
            at++;
            continue;
        }
        buf_append(out, plain, (size_t)(at - plain) + keep);
        buf_puts(out, MASK);
        plain = at += len;
    }
    return buf_puts(out, plain);
}
