/* What the files of the embedded Glue service share: the calls' tools and the handlers named in glue_ops.h. Nothing
 * outside backend/local/glue*.c includes this. Handlers run on the connection's own thread. Source: AWS Glue API
 * Reference (2017-03-31). */
#ifndef WEIR_LOCAL_GLUE_H
#define WEIR_LOCAL_GLUE_H
#include "backend/local/awsjson.h"
#include "backend/local/glue_ops.h"
#include "backend/local/glue_store.h"

enum { GLUE_BODY_MAX = 8 << 20, GLUE_ANSWER_MAX = 64 << 20 };

/* ---- glue_call.c */
/* Refuses with Glue's error name. Returns false. */
bool glue_fail(struct awsjson_call *call, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A member that must be there; NULL after ValidationException. member as the message names it ("databaseName"). */
const char *glue_need_text(struct awsjson_call *call, const char *key, const char *member);
const json_t *glue_need_object(struct awsjson_call *call, const char *key, const char *member);
/* An array of at most max entries (of at least one). */
const json_t *glue_need_array(struct awsjson_call *call, const char *key, const char *member, size_t max);
/* An option that this Glue does not have: refused as NotImplemented when it is there and neither null, false, "" nor
 * empty. */
bool glue_refuse_option(struct awsjson_call *call, const char *key);
/* NextToken and MaxResults into *page; max is the API's largest page and the default. */
bool glue_page_open(struct awsjson_call *call, struct glue_page *page, int max);
/* NextToken into the answer, and the page's memory freed. */
void glue_page_close(struct awsjson_call *call, struct glue_page *page);
/* Puts value (reference taken over) under key; false when it is NULL. */
bool glue_put(struct awsjson_call *call, const char *key, json_t *value);

/* ---- glue_tag.c: tags of databases and crawlers, by ARN */
bool glue_tag_start(struct cloud *cloud, struct err *err);
/* arn:aws:glue:REGION:ACCOUNT:kind/name */
void glue_arn(const struct cloud *cloud, const char *kind, const char *name, char *out, size_t size);
/* The request's Tags (a map of strings); refused before anything is made. */
bool glue_tags_check(struct awsjson_call *call, const char *key);
bool glue_tags_put(struct awsjson_call *call, const char *key, const char *kind, const char *name);
void glue_tags_drop(struct awsjson_call *call, const char *kind, const char *name);

/* ---- glue_statistics.c: column statistics that clients put */
bool glue_statistics_start(struct cloud *cloud, struct err *err);

/* ---- glue_classifier.c: custom classifiers */
bool glue_classifier_start(struct cloud *cloud, struct err *err);
/* A classifier as GetClassifier answers it, a new reference; NULL after EntityNotFoundException. */
json_t *glue_classifier_get(struct cloud *cloud, const char *name, struct err *err);

/* ---- glue_crawler.c, glue_crawler_run.c */
bool glue_crawler_start(struct cloud *cloud, struct err *err); /* schema; crawls that a crash cut short have failed */
void glue_crawler_stop(struct cloud *cloud);                   /* stops and joins what runs */
bool glue_crawler_run(struct cloud *cloud, const char *name, struct err *err); /* StartCrawler, without waiting */
/* Changes a crawler's definition, running or not; edit refuses with *err. */
bool glue_crawler_edit(struct cloud *cloud, const char *name,
                       bool (*edit)(json_t *crawler, const void *context, struct err *err), const void *context,
                       struct err *err);

/* ---- glue_schedule.c: crawlers that start by themselves */
bool glue_schedule_start(struct cloud *cloud, struct err *err);
void glue_schedule_stop(struct cloud *cloud);
void glue_schedule_changed(struct cloud *cloud); /* after a crawler's schedule came, changed or went */
bool glue_schedule_check(struct awsjson_call *call, const char *expression); /* "" is none */

/* ---- handlers */
#define X(operation, handler, state, missing) awsjson_handler handler;

GLUE_OPERATIONS(X)
#undef X
#endif
