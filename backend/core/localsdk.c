/* Endpoint rule sets for old AWS clients. One row per service of the embedded cloud. */
#include "backend/core/localsdk.h"
#include "backend/base/buf.h"
#include "backend/base/path.h"
#include <stdio.h>

static const struct {
    const char *folder; /* service name and API version, as botocore's data folders have them */
    bool has_bucket;    /* S3: the bucket is the first part of the path, and paths are signed as sent */
} services[] = {
    {"s3/2006-03-01", true},
    {"sts/2011-06-15", false},
    {"glue/2017-03-31", false},
    {"athena/2017-05-18", false},
};

static void parameter(struct buf *out, const char *name, const char *rest)
{
    buf_printf(out, ",\"%s\":{%s\"documentation\":\"\"}", name, rest);
}

static void rule(struct buf *out, const char *conditions, const char *base, bool has_bucket, const char *path)
{
    buf_printf(
        out,
        "{\"conditions\":[%s],\"type\":\"endpoint\",\"endpoint\":{\"url\":\"%s%s\",\"headers\":{},\"properties\":{",
        conditions, base, path);
    if (has_bucket)
        buf_puts(out, "\"authSchemes\":[{\"name\":\"sigv4\",\"signingName\":\"s3\",\"signingRegion\":\"{Region}\","
                      "\"disableDoubleEncoding\":true}]");
    buf_puts(out, "}}}");
}

/* With an endpoint of the client's own, then ours; for S3 each with and without a bucket. */
static void rule_set(struct buf *out, bool has_bucket, const char *url)
{
    static const char own[] = "{\"fn\":\"isSet\",\"argv\":[{\"ref\":\"Endpoint\"}]}";
    static const char bucket[] = "{\"fn\":\"isSet\",\"argv\":[{\"ref\":\"Bucket\"}]}";
    char both[sizeof own + sizeof bucket + 1];
    static const char text[] = "\"required\":false,\"type\":\"String\",";
    static const char flag[] = "\"required\":true,\"default\":false,\"type\":\"Boolean\",";
    snprintf(both, sizeof both, "%s,%s", own, bucket);
    buf_puts(out, "{\"version\":\"1.0\",\"parameters\":{\"Region\":{\"builtIn\":\"AWS::Region\",\"required\":false,"
                  "\"type\":\"String\",\"documentation\":\"\"}");
    parameter(out, "Endpoint", "\"builtIn\":\"SDK::Endpoint\",\"required\":false,\"type\":\"String\",");
    parameter(out, "UseFIPS", flag);
    parameter(out, "UseDualStack", flag);
    if (has_bucket) {
        static const char *const names[] = {"Bucket", "Key", "Prefix", "CopySource"};
        for (size_t i = 0; i < sizeof names / sizeof *names; i++)
            parameter(out, names[i], text);
    }
    buf_puts(out, "},\"rules\":[");
    if (has_bucket) {
        rule(out, both, "{Endpoint}", true, "/{Bucket}");
        buf_putc(out, ',');
        rule(out, own, "{Endpoint}", true, "");
        buf_putc(out, ',');
        rule(out, bucket, url, true, "/{Bucket}");
    } else {
        rule(out, own, "{Endpoint}", false, "");
    }
    buf_putc(out, ',');
    rule(out, "", url, has_bucket, "");
    buf_puts(out, "]}\n");
}

static bool write_service(const char *dir, size_t i, const char *url, struct err *err)
{
    char folder[PATH_SIZE], file[PATH_SIZE];
    struct buf text = BUF_INIT(64 * 1024);
    rule_set(&text, services[i].has_bucket, url);
    bool ok = path_join(folder, dir, services[i].folder, err) && path_make_dirs(folder, 0700, err) &&
              path_join(file, folder, "endpoint-rule-set-1.json", err) &&
              path_write_atomic(file, buf_text(&text), text.len, 0600, err);
    buf_done(&text);
    return ok;
}

bool localsdk_write(const char *state_dir, const char *url, char path[PATH_SIZE], struct err *err)
{
    if (!path_join(path, state_dir, "sdk", err))
        return false;
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        if (!write_service(path, i, url, err))
            return false;
    return true;
}
