/* Workgroups: their settings, which every query of theirs takes. `primary` is always there. Source: Athena API
 * Reference, WorkGroup and WorkGroupConfiguration. */
#include "backend/base/uri.h"
#include "backend/local/athena.h"
#include <stdio.h>
#include <string.h>

enum { PAGE_MAX = 50, CUTOFF_MIN = 10000000 };
#define ENGINE "Athena engine version 3"

static const struct athena_rule workgroup_rules[] = {{.key = "Name", .min = 1, .max = 128, .pattern = ATHENA_NAME},
                                                     {.key = "Description", .max = 1024}};
static const struct athena_rule named_rules[] = {{.key = "WorkGroup", .min = 1, .max = 128, .pattern = ATHENA_NAME},
                                                 {.key = "Description", .max = 1024}};

/* ---- the settings */

static json_t *default_configuration(bool is_enforced)
{
    return json_pack("{s:{}, s:b, s:b, s:b, s:{s:s, s:s}, s:b}", "ResultConfiguration", "EnforceWorkGroupConfiguration",
                     (int)is_enforced, "PublishCloudWatchMetricsEnabled", 1, "RequesterPaysEnabled", 0, "EngineVersion",
                     "SelectedEngineVersion", "AUTO", "EffectiveEngineVersion", ENGINE,
                     "EnableMinimumEncryptionConfiguration", 0);
}

static bool refuse(struct awsjson_call *call, const char *code, const char *text)
{
    return athena_refuse(&call->err, code, "%s", text);
}

bool athena_check_results(struct awsjson_call *call, const json_t *results)
{
    const json_t *encryption = json_object_get(results, "EncryptionConfiguration");
    const char *location = json_str(results, "OutputLocation"), *option = json_str(encryption, "EncryptionOption");
    const char *owner = json_str(results, "ExpectedBucketOwner");
    struct s3_name name;
    struct err err = ERR_NONE;
    if (*location && !s3_name_parse(location, &name, &err))
        return refuse(call, "InvalidRequestException", "outputLocation is not a valid S3 path.");
    if (*owner && strcmp(owner, CLOUD_ACCOUNT) != 0)
        return refuse(call, "InvalidRequestException", "The expected bucket owner does not own the output bucket");
    if (!*option)
        return true;
    if (strcmp(option, "CSE_KMS") == 0)
        return refuse(call, "NotImplemented",
                      "The embedded cloud does not encrypt results on the client's side (CSE_KMS)");
    if (strcmp(option, "SSE_S3") != 0 && strcmp(option, "SSE_KMS") != 0)
        return athena_refuse(&call->err, "InvalidRequestException",
                             "1 validation error detected: Value '%.40s' at 'encryptionOption' failed to satisfy "
                             "constraint: Member must satisfy enum value set: [SSE_S3, SSE_KMS, CSE_KMS]",
                             option);
    return strcmp(option, "SSE_S3") == 0 || *json_str(encryption, "KmsKey") ||
           refuse(call, "InvalidRequestException", "KmsKey is required for SSE_KMS");
}

/* Members that change what a query does and are not there. */
static bool refuse_absent(struct awsjson_call *call, const json_t *given)
{
    static const char *const absent[] = {
        "ManagedQueryResultsConfiguration",        "ManagedQueryResultsConfigurationUpdates",
        "QueryResultsS3AccessGrantsConfiguration", "IdentityCenterConfiguration",
        "CustomerContentEncryptionConfiguration",  "EngineConfiguration"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++) {
        const json_t *value = json_object_get(given, absent[i]);
        const json_t *enabled = json_object_get(value, "Enabled");
        if (json_object_size(value) && !json_is_false(enabled))
            return athena_refuse(&call->err, "NotImplemented", "The embedded cloud's workgroups have no %s", absent[i]);
    }
    return true;
}

static bool set_engine(struct awsjson_call *call, json_t *configuration, const json_t *given)
{
    const char *selected = json_str(json_object_get(given, "EngineVersion"), "SelectedEngineVersion");
    if (!*selected)
        return true;
    if (strcmp(selected, "AUTO") != 0 && strcmp(selected, ENGINE) != 0)
        return athena_refuse(&call->err, "InvalidRequestException", "Engine version %.60s is not supported", selected);
    return json_object_set_new(
               configuration, "EngineVersion",
               json_pack("{s:s, s:s}", "SelectedEngineVersion", selected, "EffectiveEngineVersion", ENGINE)) == 0;
}

/* What CreateWorkGroup's Configuration and UpdateWorkGroup's ConfigurationUpdates have alike. */
static bool set_configuration(struct awsjson_call *call, json_t *configuration, json_t *given)
{
    static const char *const flags[] = {"EnforceWorkGroupConfiguration", "PublishCloudWatchMetricsEnabled",
                                        "RequesterPaysEnabled", "EnableMinimumEncryptionConfiguration", NULL};
    static const char *const texts[] = {"AdditionalConfiguration", "ExecutionRole", NULL};
    for (int i = 0; flags[i]; i++)
        if (json_is_boolean(json_object_get(given, flags[i])))
            json_object_set(configuration, flags[i], json_object_get(given, flags[i]));
    for (int i = 0; texts[i]; i++)
        if (*json_str(given, texts[i]))
            json_object_set(configuration, texts[i], json_object_get(given, texts[i]));
    const json_t *cutoff = json_object_get(given, "BytesScannedCutoffPerQuery");
    if (json_bool(given, "RemoveBytesScannedCutoffPerQuery", false))
        json_object_del(configuration, "BytesScannedCutoffPerQuery");
    else if (json_is_integer(cutoff) && json_integer_value(cutoff) < CUTOFF_MIN)
        return athena_refuse(&call->err, "InvalidRequestException",
                             "1 validation error detected: Value '%lld' at 'bytesScannedCutoffPerQuery' failed to "
                             "satisfy constraint: Member must have value greater than or equal to %d",
                             (long long)json_integer_value(cutoff), CUTOFF_MIN);
    else if (json_is_integer(cutoff))
        json_object_set(configuration, "BytesScannedCutoffPerQuery",
                        json_object_get(given, "BytesScannedCutoffPerQuery"));
    return refuse_absent(call, given) && set_engine(call, configuration, given);
}

static void update_results(json_t *results, json_t *updates)
{
    static const char *const members[] = {"OutputLocation", "EncryptionConfiguration", "ExpectedBucketOwner",
                                          "AclConfiguration"};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        char remove[64];
        snprintf(remove, sizeof remove, "Remove%s", members[i]);
        if (json_bool(updates, remove, false))
            json_object_del(results, members[i]);
        else if (json_object_get(updates, members[i]))
            json_object_set(results, members[i], json_object_get(updates, members[i]));
    }
}

/* ---- records */

static json_t *new_workgroup(struct cloud *cloud, const char *name, bool is_enforced)
{
    return json_pack("{s:s, s:s, s:o, s:f}", "Name", name, "State", "ENABLED", "Configuration",
                     default_configuration(is_enforced), "CreationTime", (double)clock_wall(cloud->clock) / 1000.0);
}

static bool keep_first(const struct athena_edit *edit, json_t *before, json_t **after, struct err *err)
{
    (void)err;
    *after = json_incref(before ? before : (json_t *)(uintptr_t)edit->context);
    return true;
}

bool athena_workgroup_start(struct cloud *cloud, struct err *err)
{
    json_t *primary = athena_get(cloud, "workgroup", ATHENA_PRIMARY, err);
    json_decref(primary);
    if (primary || err->code != ERR_OK) /* a start that changes nothing writes nothing */
        return primary != NULL;
    primary = new_workgroup(cloud, ATHENA_PRIMARY, false);
    struct athena_edit edit = {.kind = "workgroup", .name = ATHENA_PRIMARY, .edit = keep_first, .context = primary};
    bool ok = athena_edit(cloud, &edit, err);
    json_decref(primary);
    return ok;
}

json_t *athena_workgroup_get(struct awsjson_call *call, const char *name)
{
    if (!*name)
        name = ATHENA_PRIMARY;
    json_t *document = athena_get(call->cloud, "workgroup", name, &call->err);
    if (!document && call->err.code == ERR_OK)
        athena_refuse(&call->err, "InvalidRequestException", "WorkGroup %.128s is not found.", name);
    return document;
}

/* ---- operations */

static bool insert(const struct athena_edit *edit, json_t *before, json_t **after, struct err *err)
{
    if (before)
        return athena_refuse(err, "InvalidRequestException", "WorkGroup %.128s is already created", edit->name);
    *after = json_incref((json_t *)(uintptr_t)edit->context);
    return true;
}

bool athena_op_create_workgroup(struct awsjson_call *call)
{
    const char *name = json_str(call->in, "Name");
    json_t *given = json_object_get(call->in, "Configuration"),
           *results = json_object_get(given, "ResultConfiguration");
    const json_t *tags = json_object_get(call->in, "Tags");
    if (!ATHENA_CHECK(call, workgroup_rules) || !athena_tags_check(call, tags) || !athena_check_results(call, results))
        return false;
    json_t *document = new_workgroup(call->cloud, name, true);
    json_t *configuration = json_object_get(document, "Configuration");
    if (*json_str(call->in, "Description"))
        json_object_set(document, "Description", json_object_get(call->in, "Description"));
    if (results)
        json_object_set(configuration, "ResultConfiguration", results);
    struct athena_edit edit = {.kind = "workgroup", .name = name, .edit = insert, .context = document};
    char arn[512];
    athena_arn(call->cloud, "workgroup", name, arn, sizeof arn);
    bool ok = set_configuration(call, configuration, given) && athena_edit(call->cloud, &edit, &call->err) &&
              athena_tags_put(call, arn, tags);
    json_decref(document);
    return ok;
}

bool athena_op_get_workgroup(struct awsjson_call *call)
{
    json_t *document =
        ATHENA_CHECK(call, named_rules) ? athena_workgroup_get(call, json_str(call->in, "WorkGroup")) : NULL;
    return document && json_object_set_new(call->out, "WorkGroup", document) == 0;
}

bool athena_op_list_workgroups(struct awsjson_call *call)
{
    static const char *const members[] = {"Name", "State", "Description", "CreationTime"};
    json_t *list = athena_list(call->cloud, "workgroup", NULL, &call->err), *document, *summaries = json_array();
    size_t i;
    json_array_foreach(list, i, document)
    {
        json_t *summary = json_object();
        for (size_t m = 0; m < sizeof members / sizeof *members; m++)
            if (json_object_get(document, members[m]))
                json_object_set(summary, members[m], json_object_get(document, members[m]));
        json_object_set(summary, "EngineVersion",
                        json_object_get(json_object_get(document, "Configuration"), "EngineVersion"));
        json_array_append_new(summaries, summary);
    }
    bool ok = list != NULL;
    json_decref(list);
    if (ok)
        return athena_page(call, "WorkGroups", summaries, PAGE_MAX);
    json_decref(summaries);
    return false;
}

/* The update's context is the call; its err is the store's. */
static bool update(const struct athena_edit *edit, json_t *before, json_t **after, struct err *err)
{
    struct awsjson_call *call = (struct awsjson_call *)(uintptr_t)edit->context;
    json_t *updates = json_object_get(call->in, "ConfigurationUpdates");
    if (!before)
        return athena_refuse(err, "InvalidRequestException", "WorkGroup %.128s is not found.", edit->name);
    *after = json_deep_copy(before);
    json_t *configuration = json_object_get(*after, "Configuration");
    if (json_is_string(json_object_get(call->in, "Description")))
        json_object_set(*after, "Description", json_object_get(call->in, "Description"));
    if (*json_str(call->in, "State"))
        json_object_set(*after, "State", json_object_get(call->in, "State"));
    update_results(json_object_get(configuration, "ResultConfiguration"),
                   json_object_get(updates, "ResultConfigurationUpdates"));
    if (set_configuration(call, configuration, updates))
        return true;
    *err = call->err;
    return false;
}

bool athena_op_update_workgroup(struct awsjson_call *call)
{
    const char *state = json_str(call->in, "State");
    const json_t *updates = json_object_get(call->in, "ConfigurationUpdates");
    if (!ATHENA_CHECK(call, named_rules) ||
        !athena_check_results(call, json_object_get(updates, "ResultConfigurationUpdates")))
        return false;
    if (*state && strcmp(state, "ENABLED") != 0 && strcmp(state, "DISABLED") != 0)
        return athena_refuse(&call->err, "InvalidRequestException",
                             "1 validation error detected: Value '%.40s' at 'state' failed to satisfy constraint: "
                             "Member must satisfy enum value set: [ENABLED, DISABLED]",
                             state);
    struct athena_edit edit = {
        .kind = "workgroup", .name = json_str(call->in, "WorkGroup"), .edit = update, .context = call};
    return athena_edit(call->cloud, &edit, &call->err);
}

/* What a workgroup holds: it is empty without these. Its finished queries go with it in any case. */
static const char *const contents[] = {"named", "prepared"};

static bool check_empty(struct awsjson_call *call, const char *name)
{
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        int64_t count = athena_count(call->cloud, contents[i], name, &call->err);
        if (count < 0)
            return false;
        if (count > 0)
            return athena_refuse(&call->err, "InvalidRequestException", "WorkGroup %.128s is not empty", name);
    }
    int64_t queries = athena_count(call->cloud, "query", name, &call->err);
    return queries == 0 ||
           (queries > 0 && athena_refuse(&call->err, "InvalidRequestException", "WorkGroup %.128s is not empty", name));
}

bool athena_op_delete_workgroup(struct awsjson_call *call)
{
    const char *name = json_str(call->in, "WorkGroup");
    bool is_recursive = json_bool(call->in, "RecursiveDeleteOption", false);
    char arn[512];
    if (!ATHENA_CHECK(call, named_rules))
        return false;
    if (strcmp(name, ATHENA_PRIMARY) == 0)
        return refuse(call, "InvalidRequestException", "Primary workgroup can not be deleted");
    json_t *document = athena_workgroup_get(call, name);
    json_decref(document);
    if (!document || (!is_recursive && !check_empty(call, name)))
        return false;
    if (athena_queue_has(call->cloud, name))
        return athena_refuse(&call->err, "InvalidRequestException", "WorkGroup %.128s has active queries", name);
    athena_arn(call->cloud, "workgroup", name, arn, sizeof arn);
    bool ok = athena_remove_group(call->cloud, "query", name, &call->err);
    for (size_t i = 0; ok && i < sizeof contents / sizeof *contents; i++)
        ok = athena_remove_group(call->cloud, contents[i], name, &call->err);
    return ok && athena_remove(call->cloud, "tags", arn, &call->err) &&
           athena_remove(call->cloud, "workgroup", name, &call->err);
}

bool athena_op_list_engines(struct awsjson_call *call)
{
    return athena_page(call, "EngineVersions",
                       json_pack("[{s:s, s:s}, {s:s, s:s}]", "SelectedEngineVersion", "AUTO", "EffectiveEngineVersion",
                                 ENGINE, "SelectedEngineVersion", ENGINE, "EffectiveEngineVersion", ENGINE),
                       10);
}
