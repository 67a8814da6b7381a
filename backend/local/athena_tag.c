/* Tags of Athena's resources, by ARN. Source: Athena API Reference, TagResource, UntagResource, ListTagsForResource. */
#include "backend/local/athena.h"
#include <stdio.h>
#include <string.h>

enum { TAGS_MAX = 50, KEY_MAX = 128, VALUE_MAX = 256, ARN_MAX = 1011, PAGE_MAX = 1000 };

void athena_arn(const struct cloud *cloud, const char *kind, const char *name, char *out, size_t size)
{
    snprintf(out, size, "arn:aws:athena:%s:%s:%s/%s", cloud->region, CLOUD_ACCOUNT, kind, name);
}

bool athena_tags_check(struct awsjson_call *call, const json_t *tags)
{
    size_t i;
    json_t *tag;
    if (json_array_size(tags) > TAGS_MAX)
        return athena_refuse(&call->err, "InvalidRequestException", "A resource has at most %d tags", TAGS_MAX);
    json_array_foreach(tags, i, tag)
    {
        const char *key = json_str(tag, "Key"), *value = json_str(tag, "Value");
        if (!*key || strlen(key) > KEY_MAX || strlen(value) > VALUE_MAX || strncmp(key, "aws:", 4) == 0)
            return athena_refuse(&call->err, "InvalidRequestException", "The tag '%.100s' is not valid", key);
    }
    return true;
}

struct tag_change {
    struct cloud *cloud;
    const json_t *add;    /* [{Key, Value}] */
    const json_t *remove; /* [key] */
};

static bool change_tags(const struct athena_edit *edit, json_t *before, json_t **after, struct err *err)
{
    const struct tag_change *change = edit->context;
    json_t *tags = before ? json_deep_copy(before) : json_object(), *entry;
    size_t i;
    json_array_foreach(change->remove, i, entry) json_object_del(tags, json_string_value(entry));
    json_array_foreach(change->add, i, entry)
        json_object_set_new(tags, json_str(entry, "Key"), json_string(json_str(entry, "Value")));
    *after = json_object_size(tags) ? tags : NULL;
    bool ok = json_object_size(tags) <= TAGS_MAX ||
              athena_refuse(err, "InvalidRequestException", "A resource has at most %d tags", TAGS_MAX);
    if (!*after)
        json_decref(tags);
    return ok;
}

bool athena_tags_put(struct awsjson_call *call, const char *arn, const json_t *tags)
{
    struct tag_change change = {.cloud = call->cloud, .add = tags};
    struct athena_edit edit = {.kind = "tags", .name = arn, .edit = change_tags, .context = &change};
    return json_array_size(tags) == 0 || athena_edit(call->cloud, &edit, &call->err);
}

/* Workgroups are what can have tags here. */
static const char *need_resource(struct awsjson_call *call)
{
    static const struct athena_rule rules[] = {{.key = "ResourceARN", .min = 1, .max = ARN_MAX}};
    char prefix[192];
    if (!ATHENA_CHECK(call, rules))
        return NULL;
    const char *arn = json_str(call->in, "ResourceARN");
    athena_arn(call->cloud, "workgroup", "", prefix, sizeof prefix);
    json_t *workgroup = NULL;
    if (strncmp(arn, prefix, strlen(prefix)) == 0)
        workgroup = athena_get(call->cloud, "workgroup", arn + strlen(prefix), &call->err);
    if (!workgroup && call->err.code == ERR_OK)
        athena_refuse(&call->err, "ResourceNotFoundException", "Resource %.150s was not found", arn);
    json_decref(workgroup);
    return call->err.code == ERR_OK ? arn : NULL;
}

bool athena_op_tag(struct awsjson_call *call)
{
    const char *arn = need_resource(call);
    const json_t *tags = json_object_get(call->in, "Tags");
    if (arn && !json_is_array(tags))
        return athena_refuse(&call->err, "InvalidRequestException", "Tags is missing");
    return arn && athena_tags_check(call, tags) && athena_tags_put(call, arn, tags);
}

bool athena_op_untag(struct awsjson_call *call)
{
    const char *arn = need_resource(call);
    const json_t *keys = arn ? athena_need_list(call, "TagKeys", TAGS_MAX) : NULL;
    struct tag_change change = {.cloud = call->cloud, .remove = keys};
    struct athena_edit edit = {.kind = "tags", .name = arn, .edit = change_tags, .context = &change};
    return keys && athena_edit(call->cloud, &edit, &call->err);
}

bool athena_op_list_tags(struct awsjson_call *call)
{
    const char *arn = need_resource(call), *key;
    json_t *tags = arn ? athena_get(call->cloud, "tags", arn, &call->err) : NULL, *value, *list = json_array();
    json_object_foreach(tags, key, value)
        json_array_append_new(list, json_pack("{s:s, s:O}", "Key", key, "Value", value));
    json_decref(tags);
    if (arn && call->err.code == ERR_OK)
        return athena_page(call, "Tags", list, PAGE_MAX);
    json_decref(list);
    return false;
}
