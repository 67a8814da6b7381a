/* Static keys from the shared credentials file, then the config file. Profiles that need another way to log in are told
 * apart from profiles without credentials. */
#include "backend/core/awsprofile.h"
#include "backend/core/creds_parts.h"
#include <stdio.h>

/* Keys that mean a login which is not built yet; botocore follows them before static keys. */
static const char *unsupported_key(const struct awsprofile *profile)
{
    static const char *const keys[] = {
        "role_arn", "web_identity_token_file", "sso_session", "sso_start_url", "login_session", "mfa_serial", NULL};
    for (int i = 0; keys[i]; i++)
        if (awsprofile_get(profile, keys[i]))
            return keys[i];
    return NULL;
}

static enum creds_result take_keys(const struct pairs *keys, const char *source, struct creds *out, struct err *err)
{
    struct creds_parts parts = {.access_key = pairs_get(keys, "aws_access_key_id"),
                                .secret_key = pairs_get(keys, "aws_secret_access_key"),
                                .token = pairs_get(keys, "aws_session_token"),
                                .source = source};
    if (!parts.token)
        parts.token = pairs_get(keys, "aws_security_token");
    if (!parts.access_key && !parts.secret_key)
        return CREDS_ABSENT;
    return creds_fill(out, &parts, err) ? CREDS_FOUND : CREDS_ERROR;
}

static enum creds_result find_in(const struct awsprofile *profile, const char *name, struct creds *out, struct err *err)
{
    char source[160];
    const char *unsupported = unsupported_key(profile);
    if (unsupported) {
        err_set(err, ERR_CREDENTIALS,
                "profile %.40s logs in by %s, which is not supported yet; use a profile with: credential_process = aws "
                "configure export-credentials --profile %.40s",
                name, unsupported, name);
        return CREDS_ERROR;
    }
    snprintf(source, sizeof source, "profile %.100s", name);
    enum creds_result result = take_keys(&profile->credentials, source, out, err);
    /* botocore asks a credential_process before the config file's static keys */
    if (result != CREDS_ABSENT || awsprofile_get(profile, "credential_process"))
        return result;
    return take_keys(&profile->config, source, out, err);
}

static enum creds_result find_profile(const struct creds_query *query, struct creds *out, struct err *err)
{
    struct awsprofile profile;
    if (!awsprofile_read(query->config_file, query->credentials_file, query->profile, &profile, err))
        return CREDS_ERROR;
    enum creds_result result = find_in(&profile, query->profile, out, err);
    awsprofile_done(&profile);
    return result;
}

const struct creds_source creds_source_profile = {.name = "profile", .find = find_profile};
