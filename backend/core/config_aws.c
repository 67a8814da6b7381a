/* AWS's part of the configuration: where its shared files are, what the chosen profile sets, and which endpoint a
 * service has. Source: AWS SDKs and Tools Reference Guide ("Service-specific endpoints", "AWS Region"). Main thread at
 * start; config_endpoint on any thread. */
#include "backend/base/uri.h"
#include "backend/core/awsprofile.h"
#include "backend/core/config.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

extern char **environ;

static const char variable_prefix[] = "AWS_ENDPOINT_URL_";

/* Host name's first part -> the name in AWS_ENDPOINT_URL_<NAME>, where it is not the same in upper case. */
static const struct service_name {
    const char *id, *name;
} service_names[] = {
    {"states", "SFN"},           {"apigateway", "API_GATEWAY"},  {"monitoring", "CLOUDWATCH"},
    {"logs", "CLOUDWATCH_LOGS"}, {"api.sagemaker", "SAGEMAKER"}, {"runtime.sagemaker", "SAGEMAKER_RUNTIME"},
};

static void service_name(const char *service, char out[48])
{
    for (size_t i = 0; i < sizeof service_names / sizeof *service_names; i++)
        if (strcmp(service, service_names[i].id) == 0)
            service = service_names[i].name;
    size_t len = 0;
    for (; service[len] && len < 47; len++)
        out[len] = (char)(isalnum((unsigned char)service[len]) ? toupper((unsigned char)service[len]) : '_');
    out[len] = '\0';
}

static const struct config_service_endpoint *find_endpoint(const struct config *config, const char *name)
{
    for (int i = 0; i < config->service_endpoint_count; i++)
        if (strcmp(config->service_endpoints[i].service, name) == 0)
            return &config->service_endpoints[i];
    return NULL;
}

/* Keeps the first of each service: the environment is read before the profile. */
static void add_endpoint(void *context, const char *service, const char *url)
{
    struct config *config = context;
    char name[48];
    service_name(service, name);
    if (!*url || find_endpoint(config, name) || config->service_endpoint_count == CONFIG_ENDPOINTS)
        return;
    struct config_service_endpoint *endpoint = &config->service_endpoints[config->service_endpoint_count++];
    snprintf(endpoint->service, sizeof endpoint->service, "%s", name);
    snprintf(endpoint->url, sizeof endpoint->url, "%s", url);
}

static void read_endpoint_variables(struct config *config)
{
    const char *all = getenv("AWS_ENDPOINT_URL");
    if (all)
        snprintf(config->aws_endpoint, sizeof config->aws_endpoint, "%s", all);
    for (char **at = environ; *at; at++) {
        if (strncmp(*at, variable_prefix, sizeof variable_prefix - 1) != 0)
            continue;
        const char *equals = strchr(*at, '=');
        char name[48];
        if (!equals)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(equals - *at) - (int)sizeof variable_prefix + 1,
                 *at + sizeof variable_prefix - 1);
        add_endpoint(config, name, equals + 1);
    }
}

/* "~/" stands for HOME; an empty path becomes ~/.aws/NAME. */
static void resolve_path(char path[PATH_SIZE], const char *name)
{
    const char *home = getenv("HOME");
    char resolved[2 * PATH_SIZE];
    if (!home || (*path && strncmp(path, "~/", 2) != 0))
        return;
    if (*path)
        snprintf(resolved, sizeof resolved, "%s/%s", home, path + 2);
    else
        snprintf(resolved, sizeof resolved, "%s/.aws/%s", home, name);
    if (strlen(resolved) < PATH_SIZE)
        memcpy(path, resolved, strlen(resolved) + 1);
}

static bool is_true(const char *text)
{
    return text && strcasecmp(text, "true") == 0;
}

/* Sets a still empty field of ours from the profile. */
static void take(const struct awsprofile *profile, const char *key, char *field, size_t size)
{
    const char *value = *field ? NULL : awsprofile_get(profile, key);
    if (value)
        snprintf(field, size, "%s", value);
}

static bool take_attempts(struct config *config, const struct awsprofile *profile, struct err *err)
{
    const char *value = config->max_attempts ? NULL : awsprofile_get(profile, "max_attempts");
    return !value || opt_set(opt_find(config_rows, NULL, "max-attempts"), config, value, err);
}

static bool take_endpoints(struct config *config, const struct awsprofile *profile, struct err *err)
{
    const char *services = awsprofile_get(profile, "services");
    if (*config->aws_endpoint || is_true(awsprofile_get(profile, "ignore_configured_endpoint_urls")))
        return true;
    if (services && !awsprofile_services(config->aws_config, services, add_endpoint, config, err))
        return false;
    take(profile, "endpoint_url", config->aws_endpoint, sizeof config->aws_endpoint);
    return true;
}

static bool read_profile(struct config *config, bool ignores_endpoints, struct err *err)
{
    struct awsprofile profile;
    if (!awsprofile_read(config->aws_config, config->aws_credentials, config->profile, &profile, err))
        return false;
    bool ok = profile.in_config || profile.in_credentials || strcmp(config->profile, "default") == 0 || config->help ||
              config->version;
    if (!ok)
        err_set(err, ERR_CONFIG, "profile \"%.60s\" is neither in %.60s nor in %.60s; see: weir config paths",
                config->profile, config->aws_config, config->aws_credentials);
    take(&profile, "region", config->region, sizeof config->region);
    take(&profile, "ca_bundle", config->ca_bundle, sizeof config->ca_bundle);
    take(&profile, "retry_mode", config->retry_mode, sizeof config->retry_mode);
    ok = ok && take_attempts(config, &profile, err) && (ignores_endpoints || take_endpoints(config, &profile, err));
    awsprofile_done(&profile);
    return ok;
}

static bool check_url(const char *url, const char *what, struct err *err)
{
    struct uri uri;
    return !*url || uri_parse(url, &uri, NULL) ||
           err_set(err, ERR_CONFIG, "%s: \"%.100s\" is no URL; use http://HOST[:PORT] or https://HOST", what, url);
}

static bool check_endpoints(const struct config *config, struct err *err)
{
    char what[80];
    for (int i = 0; i < config->service_endpoint_count; i++) {
        snprintf(what, sizeof what, "%s%s", variable_prefix, config->service_endpoints[i].service);
        if (!check_url(config->service_endpoints[i].url, what, err))
            return false;
    }
    return check_url(config->endpoint, "endpoint", err) && check_url(config->aws_endpoint, "AWS_ENDPOINT_URL", err);
}

bool config_from_aws(struct config *config, struct err *err)
{
    bool ignores_endpoints = is_true(getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"));
    resolve_path(config->aws_config, "config");
    resolve_path(config->aws_credentials, "credentials");
    if (config->local) {
        config->profile[0] = config->endpoint[0] = '\0';
        config->profile_is_named = false;
    } else if (!ignores_endpoints) {
        read_endpoint_variables(config);
    }
    bool has_endpoint = *config->endpoint || *config->aws_endpoint || config->service_endpoint_count;
    if (!*config->profile && has_endpoint)
        strcpy(config->profile, "default");
    if (*config->profile && !read_profile(config, ignores_endpoints, err))
        return false;
    bool is_ours = config_is_embedded(config) || *config->endpoint || *config->aws_endpoint;
    if (!*config->region && is_ours)
        strcpy(config->region, "us-east-1");
    return check_endpoints(config, err);
}

static void copy_url(const char *url, char out[CONFIG_URL])
{
    snprintf(out, CONFIG_URL, "%s", url);
    for (size_t len = strlen(out); len > 0 && out[len - 1] == '/'; len--)
        out[len - 1] = '\0';
}

/* AWS's own host. China's partition has its own suffix ("AWS service endpoints"). */
static bool aws_url(const struct config *config, const char *service, char out[CONFIG_URL], struct err *err)
{
    if (!*config->region)
        return err_set(err, ERR_CONFIG, "profile %.60s names no region; set AWS_REGION or --region", config->profile);
    if (config->region[strspn(config->region, "abcdefghijklmnopqrstuvwxyz0123456789-")])
        return err_set(err, ERR_CONFIG, "\"%.60s\" is no region; set AWS_REGION or --region", config->region);
    snprintf(out, CONFIG_URL, "https://%s.%s.amazonaws.com%s", service, config->region,
             strncmp(config->region, "cn-", 3) == 0 ? ".cn" : "");
    return true;
}

bool config_endpoint(const struct config *config, const char *service, char out[CONFIG_URL], bool *is_custom,
                     struct err *err)
{
    char name[48];
    service_name(service, name);
    const struct config_service_endpoint *own = find_endpoint(config, name);
    const char *url = *config->endpoint ? config->endpoint : own ? own->url : config->aws_endpoint;
    *is_custom = *url;
    if (*url) {
        copy_url(url, out);
        return true;
    }
    if (config_is_embedded(config))
        return err_set(err, ERR_CONFIG, "the embedded cloud has not been started");
    return aws_url(config, service, out, err);
}
