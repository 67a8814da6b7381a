/* Credentials from a container's endpoint (ECS, EKS). Source: AWS SDKs and Tools Reference Guide, "Container credential
 * provider": the host of a full URI must be loopback, ECS's or EKS's link-local address, or be reached by https. */
#include "backend/base/path.h"
#include "backend/base/uri.h"
#include "backend/core/creds_parts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DEADLINE_MS = 5000, TOKEN_MAX = 16 << 10 };

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static bool is_allowed(const char *url, struct err *err)
{
    static const char *const hosts[] = {"localhost", "::1", "169.254.170.2", "169.254.170.23", "fd00:ec2::23", NULL};
    struct uri uri;
    if (!uri_parse(url, &uri, err))
        return err_prefix(err, "AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (strcasecmp(uri.scheme, "https") == 0 || strncmp(uri.host, "127.", 4) == 0)
        return true;
    for (int i = 0; hosts[i]; i++)
        if (strcasecmp(uri.host, hosts[i]) == 0)
            return true;
    return err_set(
        err, ERR_CREDENTIALS,
        "AWS_CONTAINER_CREDENTIALS_FULL_URI: %.80s is neither loopback nor ECS's or EKS's address; use https",
        uri.host);
}

/* The Authorization value: from the file, which is read anew each time since it is rotated, else from the variable. */
static bool read_token(struct buf *token, struct err *err)
{
    const char *file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *text = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    if (file && !path_read(file, token, err))
        return err_prefix(err, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    if (!file && text)
        buf_puts(token, text);
    while (file && token->len > 0 && strchr(" \t\r\n", token->data[token->len - 1]))
        token->data[--token->len] = '\0';
    return !token->failed || err_set(err, ERR_CREDENTIALS, "container: the authorization token is too long");
}

static bool ask(const struct creds_query *query, const char *url, struct creds *out, struct err *err)
{
    static const struct creds_json form = {.token_key = "Token", .source = "container"};
    struct buf token = BUF_INIT(TOKEN_MAX), body = BUF_INIT(64 << 10);
    struct pairs headers = {0};
    bool ok = read_token(&token, err);
    if (ok && token.len)
        pairs_add(&headers, "Authorization", token.data);
    ok = ok && creds_ask(query, "GET", url, &headers, DEADLINE_MS, &body, err) &&
         creds_from_json(buf_text(&body), body.len, &form, out, err);
    pairs_done(&headers);
    creds_wipe_buf(&token);
    creds_wipe_buf(&body);
    return ok;
}

static enum creds_result find_container(const struct creds_query *query, struct creds *out, struct err *err)
{
    const char *relative = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    char url[1024];
    if (!query->http || (!relative && !full))
        return CREDS_ABSENT;
    int len = relative ? snprintf(url, sizeof url, "http://169.254.170.2%s", relative)
                       : snprintf(url, sizeof url, "%s", full);
    if (len >= (int)sizeof url) {
        err_set(err, ERR_CREDENTIALS, "container: the credentials URI is too long");
        return CREDS_ERROR;
    }
    return (relative || is_allowed(url, err)) && ask(query, url, out, err) ? CREDS_FOUND : CREDS_ERROR;
}

const struct creds_source creds_source_container = {.name = "container", .find = find_container};
