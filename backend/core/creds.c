/* The credentials chain: asks the sources in their order, keeps what they gave, refreshes before it ends. The sources
 * are in creds_NAME.c; what they share is here. Calls may wait: feed and job threads. */
#include "backend/core/creds.h"
#include "backend/base/digest.h"
#include "backend/base/json.h"
#include "backend/base/log.h"
#include "backend/base/text.h"
#include "backend/core/creds_parts.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Refresh this long before the end (domain-rules F2); after a failed refresh, ask again no sooner than this. */
enum { REFRESH_BEFORE_MS = 5 * 60 * 1000, ASK_AGAIN_MS = 60 * 1000, BODY_MAX = 64 << 10 };

#define X(name) extern const struct creds_source creds_source_##name;
CREDS_SOURCES(X)
#undef X

static const struct creds_source *const sources[] = {
#define X(name) &creds_source_##name,
    CREDS_SOURCES(X)
#undef X
};

enum { SOURCES = sizeof sources / sizeof sources[0] };

struct creds_block {
    struct creds creds; /* first: a pointer to it is one to the block */
    atomic_int refs;
};

static struct creds_block *block_new(void)
{
    struct creds_block *block = calloc(1, sizeof *block);
    if (!block)
        abort();
    atomic_init(&block->refs, 1);
    return block;
}

const struct creds *creds_get(const struct creds *creds)
{
    if (creds)
        atomic_fetch_add(&((struct creds_block *)creds)->refs, 1);
    return creds;
}

void creds_put(const struct creds *creds)
{
    struct creds_block *block = (struct creds_block *)creds;
    if (!block || atomic_fetch_sub(&block->refs, 1) > 1)
        return;
    secret_wipe(block, sizeof *block);
    free(block);
}

static bool copy(char *out, size_t size, const char *text)
{
    size_t len = strlen(text);
    if (len >= size)
        return false;
    memcpy(out, text, len + 1);
    return true;
}

static bool is_empty(const char *text)
{
    return !text || !*text;
}

bool creds_fill(struct creds *out, const struct creds_parts *parts, struct err *err)
{
    *out = (struct creds){0};
    snprintf(out->source, sizeof out->source, "%s", parts->source);
    if (is_empty(parts->access_key) || is_empty(parts->secret_key))
        return err_set(err, ERR_CREDENTIALS, "%.100s: has only a part of the credentials; the %s is missing",
                       parts->source, is_empty(parts->access_key) ? "access key id" : "secret access key");
    if (!copy(out->access_key, sizeof out->access_key, parts->access_key) ||
        !copy(out->secret_key, sizeof out->secret_key, parts->secret_key) ||
        !copy(out->session_token, sizeof out->session_token, parts->token ? parts->token : ""))
        return err_set(err, ERR_CREDENTIALS, "%.100s: a key or token is longer than AWS makes them", parts->source);
    if (!is_empty(parts->expiration) && !text_parse_time(parts->expiration, &out->expires_ms))
        return err_set(err, ERR_CREDENTIALS, "%.100s: the expiration \"%.40s\" is no ISO 8601 time", parts->source,
                       parts->expiration);
    return true;
}

static bool has_required(const json_t *object, const struct creds_json *form)
{
    if (!form->required_key)
        return true;
    const json_t *value = json_object_get(object, form->required_key);
    if (json_is_integer(value))
        return json_integer_value(value) == atoi(form->required_value);
    return strcmp(json_str(object, form->required_key), form->required_value) == 0;
}

bool creds_from_json(const char *text, size_t len, const struct creds_json *form, struct creds *out, struct err *err)
{
    struct err syntax; /* not passed on: it could quote a secret */
    json_t *object = json_parse(text, len, &syntax);
    if (!json_is_object(object)) {
        json_decref(object);
        return err_set(err, ERR_CREDENTIALS, "%.100s: the answer is no JSON object", form->source);
    }
    bool ok = has_required(object, form);
    if (!ok)
        err_set(err, ERR_CREDENTIALS, "%.100s: the answer's %s is not %s", form->source, form->required_key,
                form->required_value);
    struct creds_parts parts = {.access_key = json_str(object, "AccessKeyId"),
                                .secret_key = json_str(object, "SecretAccessKey"),
                                .token = json_str(object, form->token_key),
                                .expiration = json_str(object, "Expiration"),
                                .source = form->source};
    ok = ok && creds_fill(out, &parts, err);
    json_decref(object);
    return ok;
}

void creds_wipe_buf(struct buf *buf)
{
    if (buf->data)
        secret_wipe(buf->data, buf->len);
    buf_done(buf);
}

bool creds_ask(const struct creds_query *query, const char *method, const char *url, const struct pairs *headers,
               int64_t deadline_ms, struct buf *body, struct err *err)
{
    struct http_request req = http_request_init(method, url, "credentials endpoint");
    struct http_answer answer;
    if (headers)
        req.headers = *headers;
    req.deadline_ms = deadline_ms;
    req.max_body = BODY_MAX;
    req.cancel = query->cancel;
    bool ok = http_perform(query->http, &req, &answer);
    if (!ok && err)
        *err = answer.err;
    if (ok && answer.status != 200) {
        ok = err_set(err, ERR_CREDENTIALS, "the credentials endpoint answered with HTTP %d", answer.status);
        if (err)
            err->http_status = answer.status;
    }
    ok = ok && buf_append(body, buf_text(&answer.body), answer.body.len);
    creds_wipe_buf(&answer.body);
    http_answer_done(&answer);
    return ok;
}

const struct creds *creds_static(const char *access_key, const char *secret_key, const char *token, const char *source)
{
    struct creds_block *block = block_new();
    struct creds_parts parts = {.access_key = access_key, .secret_key = secret_key, .token = token, .source = source};
    struct err err;
    if (!creds_fill(&block->creds, &parts, &err))
        log_error(creds, "%s", err.text);
    return &block->creds;
}

struct creds_chain {
    pthread_mutex_t lock; /* held while fetching: others wait for the result */
    struct creds_query query;
    char *profile, *config_file, *credentials_file;
    const struct creds *present;
    int64_t ask_again_ms; /* after a failed refresh */
    int64_t absent_until_ms[SOURCES];
    bool is_fixed;
    atomic_bool is_forgotten;
};

static char *copy_text(const char *text)
{
    char *copied = strdup(text ? text : "");
    if (!copied)
        abort();
    return copied;
}

struct creds_chain *creds_chain_new(const struct creds_query *query)
{
    struct creds_chain *chain = calloc(1, sizeof *chain);
    if (!chain)
        abort();
    pthread_mutex_init(&chain->lock, NULL);
    chain->query = *query;
    chain->query.profile = chain->profile = copy_text(query->profile && *query->profile ? query->profile : "default");
    chain->query.config_file = chain->config_file = copy_text(query->config_file);
    chain->query.credentials_file = chain->credentials_file = copy_text(query->credentials_file);
    if (!chain->query.clock)
        chain->query.clock = &clock_system;
    return chain;
}

struct creds_chain *creds_chain_fixed(const struct creds *creds)
{
    struct creds_chain *chain = creds_chain_new(&(struct creds_query){.profile = "default"});
    chain->present = creds;
    chain->is_fixed = true;
    return chain;
}

void creds_chain_free(struct creds_chain *chain)
{
    if (!chain)
        return;
    creds_put(chain->present);
    pthread_mutex_destroy(&chain->lock);
    free(chain->profile);
    free(chain->config_file);
    free(chain->credentials_file);
    free(chain);
}

void creds_chain_forget(struct creds_chain *chain)
{
    atomic_store(&chain->is_forgotten, true);
}

static bool ask_sources(struct creds_chain *chain, struct creds *out, struct err *err)
{
    struct buf asked = BUF_INIT(200);
    bool found = false, failed = false;
    int64_t now_ms = clock_wall(chain->query.clock);
    for (size_t i = 0; i < SOURCES && !found && !failed; i++) {
        struct err why = ERR_NONE;
        bool is_known_absent = now_ms < chain->absent_until_ms[i];
        enum creds_result result = is_known_absent ? CREDS_ABSENT : sources[i]->find(&chain->query, out, &why);
        if (result == CREDS_ABSENT && !is_known_absent)
            chain->absent_until_ms[i] = now_ms + sources[i]->absent_ms;
        found = result == CREDS_FOUND;
        failed = result == CREDS_ERROR;
        if (failed && err)
            *err = why;
        buf_printf(&asked, "%s%s", asked.len ? ", " : "", sources[i]->name);
        if (result == CREDS_ABSENT)
            log_debug(creds, "%s: none%s%.150s", sources[i]->name, why.text[0] ? ": " : "", why.text);
    }
    if (!found && !failed)
        err_set(err, ERR_CREDENTIALS, "no credentials for profile %.40s; asked: %s; run: weir doctor", chain->profile,
                buf_text(&asked));
    buf_done(&asked);
    return found;
}

static void replace(struct creds_chain *chain, const struct creds *creds)
{
    creds_put(chain->present);
    chain->present = creds;
    chain->ask_again_ms = 0;
    char until[TEXT_SHORT] = "they do not expire";
    if (creds->expires_ms)
        text_time(creds->expires_ms, until);
    log_info(creds, "credentials from %s, until: %s", creds->source, until);
}

static bool lasts(const struct creds *creds, int64_t until_ms)
{
    return creds && (!creds->expires_ms || creds->expires_ms > until_ms);
}

/* With the lock held: fetches when there is nothing, it was forgotten, or it ends soon. False: nothing usable. */
static bool refresh(struct creds_chain *chain, struct err *err)
{
    int64_t now_ms = clock_wall(chain->query.clock);
    bool is_forgotten = atomic_exchange(&chain->is_forgotten, false);
    if (is_forgotten)
        memset(chain->absent_until_ms, 0, sizeof chain->absent_until_ms);
    if (!is_forgotten && lasts(chain->present, now_ms + REFRESH_BEFORE_MS))
        return true;
    if (!is_forgotten && lasts(chain->present, now_ms) && now_ms < chain->ask_again_ms)
        return true;
    struct creds_block *block = block_new();
    struct err failure = ERR_NONE;
    if (ask_sources(chain, &block->creds, &failure)) {
        replace(chain, &block->creds);
        return true;
    }
    creds_put(&block->creds);
    if (!is_forgotten && lasts(chain->present, now_ms)) {
        chain->ask_again_ms = now_ms + ASK_AGAIN_MS;
        log_warn(creds, "refresh failed, the old ones still last: %.180s", failure.text);
        return true;
    }
    if (is_forgotten) {
        creds_put(chain->present);
        chain->present = NULL;
    }
    if (err)
        *err = failure;
    return false;
}

const struct creds *creds_chain_get(struct creds_chain *chain, struct err *err)
{
    pthread_mutex_lock(&chain->lock);
    bool ok = chain->is_fixed || refresh(chain, err);
    const struct creds *creds = ok ? creds_get(chain->present) : NULL;
    pthread_mutex_unlock(&chain->lock);
    return creds;
}
