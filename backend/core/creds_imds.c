/* Credentials from the EC2 instance metadata service, version 2 only: a session token first, then the role's name, then
 * its keys. One try of one second each, so that other machines lose little. Source: EC2 User Guide, "Use IMDSv2". */
#include "backend/core/creds_parts.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DEADLINE_MS = 1000, TEXT_MAX = 16 << 10, TOKEN_TTL_S = 21600 };

struct session {
    const struct creds_query *query;
    char base[256];
    struct pairs headers; /* the token */
};

static bool variable_is(const char *name, const char *expected)
{
    const char *value = getenv(name);
    return value && strcasecmp(value, expected) == 0;
}

static void find_base(char base[256])
{
    const char *own = getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    if (!own || !*own)
        own = variable_is("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv6") ? "http://[fd00:ec2::254]"
                                                                            : "http://169.254.169.254";
    snprintf(base, 256, "%s", own);
    for (size_t len = strlen(base); len > 0 && base[len - 1] == '/'; len--)
        base[len - 1] = '\0';
}

static bool fetch(struct session *session, const char *method, const char *path, struct buf *out, struct err *err)
{
    char url[1024];
    snprintf(url, sizeof url, "%s%s", session->base, path);
    return creds_ask(session->query, method, url, &session->headers, DEADLINE_MS, out, err);
}

static bool open_session(struct session *session, struct err *err)
{
    struct buf token = BUF_INIT(TEXT_MAX);
    find_base(session->base);
    pairs_addf(&session->headers, "X-aws-ec2-metadata-token-ttl-seconds", "%d", TOKEN_TTL_S);
    bool ok = fetch(session, "PUT", "/latest/api/token", &token, err);
    pairs_done(&session->headers);
    if (ok)
        pairs_add(&session->headers, "X-aws-ec2-metadata-token", buf_text(&token));
    creds_wipe_buf(&token);
    return ok;
}

static enum creds_result read_role(struct session *session, struct creds *out, struct err *err)
{
    static const char list[] = "/latest/meta-data/iam/security-credentials/";
    static const struct creds_json form = {
        .token_key = "Token", .source = "instance metadata", .required_key = "Code", .required_value = "Success"};
    struct buf role = BUF_INIT(TEXT_MAX), keys = BUF_INIT(TEXT_MAX);
    char path[512];
    enum creds_result result = CREDS_ABSENT; /* no role is attached: 404, or an empty list */
    if (fetch(session, "GET", list, &role, err) && role.len) {
        snprintf(path, sizeof path, "%s%.*s", list, (int)strcspn(role.data, "\r\n"), role.data);
        bool ok =
            fetch(session, "GET", path, &keys, err) && creds_from_json(buf_text(&keys), keys.len, &form, out, err);
        result = ok ? CREDS_FOUND : CREDS_ERROR;
    }
    buf_done(&role);
    creds_wipe_buf(&keys);
    return result;
}

static enum creds_result find_imds(const struct creds_query *query, struct creds *out, struct err *err)
{
    struct session session = {.query = query};
    if (!query->http || variable_is("AWS_EC2_METADATA_DISABLED", "true"))
        return CREDS_ABSENT;
    /* no answer means no EC2 */
    enum creds_result result = open_session(&session, err) ? read_role(&session, out, err) : CREDS_ABSENT;
    pairs_done(&session.headers);
    if (err && err->code == ERR_CANCELLED)
        result = CREDS_ERROR;
    return result;
}

const struct creds_source creds_source_imds = {.name = "instance metadata", .find = find_imds, .absent_ms = 60 * 1000};
