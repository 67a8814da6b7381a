/* Custom classifiers: kept of every kind; crawlers use those for CSV (glue_crawl_sample.c). Source: AWS Glue API
 * Reference, Classifier. */
#include "backend/local/glue.h"
#include "backend/local/glue_rows.h"
#include "backend/local/store.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char schema[] =
    "create table if not exists glue_classifier(name text primary key, document text not null) "
    "without rowid;";

/* The four kinds: the member of GetClassifier's answer, and what a new one must have. */
static const struct kind {
    const char *member;
    const char *required[3];
} kinds[] = {
    {.member = "GrokClassifier", .required = {"Classification", "GrokPattern", NULL}},
    {.member = "XMLClassifier", .required = {"Classification", NULL}},
    {.member = "JsonClassifier", .required = {"JsonPath", NULL}},
    {.member = "CsvClassifier", .required = {NULL}},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

bool glue_classifier_start(struct cloud *cloud, struct err *err)
{
    return store_schema(cloud->store, schema, err);
}

/* The one kind that the request has. */
static const struct kind *request_of(struct awsjson_call *call, const json_t **given)
{
    *given = NULL;
    const struct kind *found = NULL;
    for (size_t i = 0; i < KINDS; i++) {
        const json_t *value = json_object_get(call->in, kinds[i].member);
        if (!value || json_is_null(value))
            continue;
        if (found) {
            glue_fail(call, "InvalidInputException", "Only one classifier can be given");
            return NULL;
        }
        found = &kinds[i];
        *given = value;
    }
    if (!found)
        glue_fail(call, "InvalidInputException", "No classifier is given");
    return found;
}

static bool is_symbol(const json_t *given, const char *key)
{
    return !json_object_get(given, key) || strlen(json_str(given, key)) == 1;
}

static bool check_csv(struct awsjson_call *call, const json_t *given)
{
    const char *header = json_str(given, "ContainsHeader");
    const char *serde = json_str(given, "Serde");
    if (!is_symbol(given, "Delimiter") || !is_symbol(given, "QuoteSymbol"))
        return glue_fail(call, "InvalidInputException", "Delimiter and QuoteSymbol are one character each");
    if (*json_str(given, "Delimiter") && strcmp(json_str(given, "Delimiter"), json_str(given, "QuoteSymbol")) == 0)
        return glue_fail(call, "InvalidInputException", "QuoteSymbol must differ from Delimiter");
    if (*header && strcmp(header, "UNKNOWN") != 0 && strcmp(header, "PRESENT") != 0 && strcmp(header, "ABSENT") != 0)
        return glue_fail(
            call, "ValidationException",
            "1 validation error detected: Value '%.40s' at 'csvClassifier.containsHeader' failed to satisfy "
            "constraint: Member must satisfy enum value set: [UNKNOWN, PRESENT, ABSENT]",
            header);
    return !*serde || strcmp(serde, "None") == 0 || strcmp(serde, "OpenCSVSerDe") == 0 ||
           strcmp(serde, "LazySimpleSerDe") == 0 ||
           glue_fail(call, "InvalidInputException", "Serde %.60s is not known", serde);
}

static bool check_request(struct awsjson_call *call, const struct kind *kind, const json_t *given, bool is_update)
{
    char folded[GLUE_NAME_MAX + 1];
    if (!glue_fold_name(json_str(given, "Name"), "name", folded, &call->err))
        return false;
    for (size_t i = 0; !is_update && kind->required[i]; i++)
        if (!*json_str(given, kind->required[i]))
            return glue_fail(call, "InvalidInputException", "%s.%s is required", kind->member, kind->required[i]);
    return strcmp(kind->member, "CsvClassifier") != 0 || check_csv(call, given);
}

/* ---- rows */

struct work {
    struct cloud *cloud;
    const struct kind *kind;
    const json_t *given;
    const char *name;
    bool is_update;
};

static json_t *find_row(struct db *db, const char *name, struct err *err)
{
    struct db_row *row = db_query(db, err, "select document from glue_classifier where name=?", "t", name);
    json_t *document = row && db_step(row, err) ? glue_row_document(row, 0, err) : NULL;
    return glue_end(row, err) ? document : NULL;
}

static bool missing(const char *name, struct err *err)
{
    return glue_refuse(err, "EntityNotFoundException", "Classifier with name %.150s could not be found", name);
}

static bool put_row(struct db *db, void *context, struct err *err)
{
    const struct work *work = context;
    json_t *old = find_row(db, work->name, err), *before = json_object_get(old, work->kind->member);
    bool ok = err->code == ERR_OK;
    if (ok && old && !work->is_update)
        ok = glue_refuse(err, "AlreadyExistsException", "Classifier with name %.150s already exists", work->name);
    if (ok && work->is_update && !before)
        ok = missing(work->name, err);
    json_t *document = json_object(), *entry = before ? json_deep_copy(before) : json_object();
    json_object_update(entry, (json_t *)(uintptr_t)work->given);
    if (!before)
        json_object_set_new(entry, "CreationTime", json_integer(glue_now_s(work->cloud)));
    json_object_set_new(entry, "LastUpdated", json_integer(glue_now_s(work->cloud)));
    json_object_set_new(entry, "Version", json_integer(json_int(before, "Version", 0) + 1));
    json_object_set_new(document, work->kind->member, entry);
    char *text = ok ? glue_document_text(document, err) : NULL;
    ok = text && db_run(db, err, "insert or replace into glue_classifier values(?,?)", "tt", work->name, text);
    free(text);
    json_decref(document);
    json_decref(old);
    return ok;
}

static bool write_classifier(struct awsjson_call *call, bool is_update)
{
    struct work work = {.cloud = call->cloud, .is_update = is_update};
    work.kind = request_of(call, &work.given);
    if (!work.kind || !check_request(call, work.kind, work.given, is_update))
        return false;
    work.name = json_str(work.given, "Name");
    return store_write(call->cloud->store, put_row, &work, &call->err);
}

bool glue_op_create_classifier(struct awsjson_call *call)
{
    return write_classifier(call, false);
}

bool glue_op_update_classifier(struct awsjson_call *call)
{
    return write_classifier(call, true);
}

json_t *glue_classifier_get(struct cloud *cloud, const char *name, struct err *err)
{
    struct db *db = glue_reader(cloud, err);
    json_t *document = db ? find_row(db, name, err) : NULL;
    if (db)
        store_reader_done(cloud->store, db);
    if (!document && err->code == ERR_OK)
        missing(name, err);
    return document;
}

bool glue_op_get_classifier(struct awsjson_call *call)
{
    const char *name = glue_need_text(call, "Name", "name");
    return name && glue_put(call, "Classifier", glue_classifier_get(call->cloud, name, &call->err));
}

bool glue_op_get_classifiers(struct awsjson_call *call)
{
    struct glue_page page;
    json_t *list = json_array();
    char last[GLUE_NAME_MAX + 1] = "";
    struct db *db = glue_page_open(call, &page, 1000) ? glue_reader(call->cloud, &call->err) : NULL;
    struct db_row *row = db ? db_query(db, &call->err,
                                       "select document, name from glue_classifier where name>? order by "
                                       "name",
                                       "t", page.after ? page.after : "")
                            : NULL;
    while (row && db_step(row, &call->err)) {
        if ((int)json_array_size(list) == page.max) {
            glue_page_next(&page, last);
            break;
        }
        json_t *document = glue_row_document(row, 0, &call->err);
        if (!document)
            break;
        json_array_append_new(list, document);
        snprintf(last, sizeof last, "%s", db_text(row, 1));
    }
    if (row)
        glue_end(row, &call->err);
    if (db)
        store_reader_done(call->cloud->store, db);
    glue_page_close(call, &page);
    json_object_set_new(call->out, "Classifiers", list);
    return call->err.code == ERR_OK;
}

static bool delete_row(struct db *db, void *context, struct err *err)
{
    return db_run(db, err, "delete from glue_classifier where name=?", "t", context) &&
           (db_changes(db) > 0 || missing(context, err));
}

bool glue_op_delete_classifier(struct awsjson_call *call)
{
    const char *name = glue_need_text(call, "Name", "name");
    return name && store_write(call->cloud->store, delete_row, (void *)(uintptr_t)name, &call->err);
}
