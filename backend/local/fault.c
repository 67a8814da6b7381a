/* Fault rules: their grammar (one row per word) and the list that requests are matched against; see fault.h. */
#include "backend/local/fault.h"
#include "backend/base/digest.h"
#include "backend/base/text.h"
#include "backend/base/uri.h"
#include "backend/local/server.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A person writes these by hand. */
enum { RULES_MAX = 64, TEXT_MAX = 512, DELAY_MAX_MS = 600000 };
static const int64_t CLOCK_MAX_MS = INT64_C(10) * 365 * 24 * 3600 * 1000;

static bool to_whole(const char *text, int64_t max, int64_t *number)
{
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    long long value = strtoll(text, &end, 10);
    *number = value;
    return *end == '\0' && value <= max;
}

static bool copy_text(const char *text, char *out, size_t size)
{
    return *text && snprintf(out, size, "%s", text) < (int)size;
}

static bool take_rate(struct fault *fault, const char *value)
{
    char *end;
    fault->rate = strtod(value, &end);
    return *value && *end == '\0' && fault->rate >= 0 && fault->rate <= 1;
}

static bool take_count(struct fault *fault, const char *value)
{
    return to_whole(value, INT64_MAX / 2, &fault->count) && fault->count > 0;
}

static bool take_delay(struct fault *fault, const char *value)
{
    return text_parse_duration(value, &fault->delay_ms) && fault->delay_ms >= 0 && fault->delay_ms <= DELAY_MAX_MS;
}

static bool take_cut(struct fault *fault, const char *value)
{
    uint64_t bytes;
    if (!text_parse_bytes(value, &bytes) || bytes > INT64_MAX / 2)
        return false;
    fault->cut = (int64_t)bytes;
    return true;
}

static bool take_status(struct fault *fault, const char *value)
{
    int64_t status = 0;
    bool ok = to_whole(value, 599, &status) && (status >= 400 || status == 301 || status == 307);
    fault->status = (int)status;
    return ok;
}

static bool take_code(struct fault *fault, const char *value)
{
    return copy_text(value, fault->code, sizeof fault->code) &&
           strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == strlen(value);
}

static bool take_prefix(struct fault *fault, const char *value)
{
    return copy_text(value, fault->prefix, sizeof fault->prefix);
}

static bool take_redirect(struct fault *fault, const char *value)
{
    return copy_text(value, fault->region, sizeof fault->region) &&
           strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(value);
}

static bool take_clock(struct fault *fault, const char *value)
{
    bool is_behind = *value == '-';
    value += *value == '-' || *value == '+';
    if (!text_parse_duration(value, &fault->clock_ms) || fault->clock_ms <= 0 || fault->clock_ms > CLOCK_MAX_MS)
        return false;
    fault->clock_ms = is_behind ? -fault->clock_ms : fault->clock_ms;
    return true;
}

static bool take_stall(struct fault *fault, const char *value)
{
    fault->is_stall = true;
    return *value == '\0';
}

static bool take_garbage(struct fault *fault, const char *value)
{
    fault->is_garbage = true;
    return *value == '\0';
}

static const struct word {
    const char *name; /* before '=' */
    bool (*take)(struct fault *fault, const char *value);
    const char *form;
} words[] = {
    {.name = "rate", .take = take_rate, .form = "rate=0..1"},
    {.name = "count", .take = take_count, .form = "count=N, at least 1"},
    {.name = "delay", .take = take_delay, .form = "delay=TIME, as 300ms or 2s, at most 10m"},
    {.name = "cut", .take = take_cut, .form = "cut=BYTES"},
    {.name = "clock", .take = take_clock, .form = "clock=[-]TIME, as 20m or -2h"},
    {.name = "status", .take = take_status, .form = "an HTTP status 400..599, 301 or 307"},
    {.name = "code", .take = take_code, .form = "code=NAME"},
    {.name = "prefix", .take = take_prefix, .form = "prefix=TEXT"},
    {.name = "redirect", .take = take_redirect, .form = "redirect=REGION"},
    {.name = "stall", .take = take_stall, .form = "stall"},
    {.name = "garbage", .take = take_garbage, .form = "garbage"},
};

static bool take_word(struct fault *fault, char *text, struct err *err)
{
    if (*text >= '0' && *text <= '9')
        return take_status(fault, text) ||
               err_set(err, ERR_USAGE, "fault: \"%s\" is not an HTTP status 400..599, 301 or 307", text);
    char *equals = strchr(text, '=');
    size_t len = equals ? (size_t)(equals - text) : strlen(text);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].name) == len && strncmp(words[i].name, text, len) == 0)
            return words[i].take(fault, equals ? equals + 1 : "") ||
                   err_set(err, ERR_USAGE, "fault: \"%s\" should be: %s", text, words[i].form);
    return err_set(err, ERR_USAGE,
                   "fault: \"%s\" is not known; known: an HTTP status, code= delay= rate= count= cut= prefix= "
                   "redirect= clock= stall garbage",
                   text);
}

static bool take_target(struct fault *fault, const char *text, struct err *err)
{
    const char *colon = strchr(text, ':');
    if (!colon || colon == text || !colon[1] || (size_t)(colon - text) >= sizeof fault->service ||
        strlen(colon + 1) >= sizeof fault->operation)
        return err_set(err, ERR_USAGE, "fault: \"%s\" should be SERVICE:OPERATION, as s3:GetObject or s3:*", text);
    snprintf(fault->service, sizeof fault->service, "%.*s", (int)(colon - text), text);
    snprintf(fault->operation, sizeof fault->operation, "%s", colon + 1);
    return true;
}

bool fault_parse(const char *text, struct fault *fault, struct err *err)
{
    char copy[TEXT_MAX], *rest = copy, *word;
    *fault = (struct fault){.cut = -1, .count = -1, .rate = 1};
    if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy)
        return err_set(err, ERR_USAGE, "fault: the rule is longer than %d bytes", TEXT_MAX - 1);
    bool has_target = false;
    while ((word = strsep(&rest, " \t\n")) != NULL) {
        if (!*word)
            continue;
        if (!(has_target ? take_word(fault, word, err) : take_target(fault, word, err)))
            return false;
        has_target = true;
    }
    if (!has_target)
        return err_set(err, ERR_USAGE, "fault: the rule is empty; as in: s3:GetObject 503 rate=0.2");
    bool does_more = fault->status || *fault->code || fault->delay_ms || fault->cut >= 0 || fault->is_stall ||
                     fault->is_garbage || *fault->region;
    if (fault->clock_ms &&
        (does_more || *fault->prefix || fault->count >= 0 || fault->rate < 1 || strcmp(fault->operation, "*") != 0))
        return err_set(err, ERR_USAGE, "fault: clock= is of a whole service and stands alone, as in: s3:* clock=20m");
    if (!does_more && !fault->clock_ms)
        return err_set(err, ERR_USAGE,
                       "fault: \"%s\" says not what happens: an HTTP status, code=, delay=, cut=, stall, garbage, "
                       "redirect= or clock=",
                       text);
    if ((fault->status == 301 || fault->status == 307) && !*fault->region)
        snprintf(fault->region, sizeof fault->region, "%s", FAULT_REGION);
    return true;
}

struct rule {
    int64_t id, seen, applied;
    struct fault fault;
    char text[TEXT_MAX];
};
struct faults {
    pthread_mutex_t lock;
    struct rule rules[RULES_MAX];
    int count;
    int64_t next_id;
};

struct faults *faults_new(void)
{
    struct faults *faults = calloc(1, sizeof *faults);
    if (!faults)
        abort();
    pthread_mutex_init(&faults->lock, NULL);
    faults->next_id = 1;
    return faults;
}

void faults_free(struct faults *faults)
{
    if (!faults)
        return;
    pthread_mutex_destroy(&faults->lock);
    free(faults);
}

int64_t faults_add(struct faults *faults, const char *text, struct err *err)
{
    struct fault fault;
    if (!fault_parse(text, &fault, err))
        return 0;
    int64_t id = 0;
    pthread_mutex_lock(&faults->lock);
    if (faults->count < RULES_MAX) {
        struct rule *rule = &faults->rules[faults->count++];
        *rule = (struct rule){.id = id = faults->next_id++, .fault = fault};
        snprintf(rule->text, sizeof rule->text, "%s", text);
    }
    pthread_mutex_unlock(&faults->lock);
    if (id == 0)
        err_set(err, ERR_USAGE, "fault: there are already %d rules; clear some", RULES_MAX);
    return id;
}

bool faults_clear(struct faults *faults, int64_t id)
{
    pthread_mutex_lock(&faults->lock);
    int kept = 0;
    bool was_there = id == 0;
    for (int i = 0; i < faults->count; i++) {
        if (id == 0 || faults->rules[i].id == id)
            was_there = true;
        else
            faults->rules[kept++] = faults->rules[i];
    }
    faults->count = kept;
    pthread_mutex_unlock(&faults->lock);
    return was_there;
}

json_t *faults_list(struct faults *faults)
{
    json_t *list = json_array();
    pthread_mutex_lock(&faults->lock);
    for (int i = 0; i < faults->count; i++) {
        const struct rule *rule = &faults->rules[i];
        json_array_append_new(list, json_pack("{s:I, s:s, s:I, s:I}", "id", (json_int_t)rule->id, "text", rule->text,
                                              "seen", (json_int_t)rule->seen, "applied", (json_int_t)rule->applied));
    }
    pthread_mutex_unlock(&faults->lock);
    return list;
}

int faults_active(struct faults *faults)
{
    pthread_mutex_lock(&faults->lock);
    int count = faults->count;
    pthread_mutex_unlock(&faults->lock);
    return count;
}

static bool begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* The key is the path's part after the bucket, or the whole path when the bucket is in the host name. */
static bool has_prefix(const struct request *req, const char *prefix)
{
    const char *listed = pairs_get(&req->query, "prefix");
    if (listed && begins(listed, prefix))
        return true;
    struct buf path = BUF_INIT(64 * 1024);
    bool is_there = uri_decode(req->raw_path, strlen(req->raw_path), false, &path);
    const char *key = buf_text(&path) + (buf_text(&path)[0] == '/');
    const char *slash = strchr(key, '/');
    is_there = is_there && (begins(key, prefix) || (slash && begins(slash + 1, prefix)));
    buf_done(&path);
    return is_there;
}

static bool names(const char *pattern, const char *name)
{
    return strcmp(pattern, "*") == 0 || (name && strcasecmp(pattern, name) == 0);
}

static bool draws(double rate)
{
    uint32_t random;
    if (rate >= 1)
        return true;
    random_bytes(&random, sizeof random);
    return random < rate * 4294967296.0;
}

int64_t faults_clock_ms(struct faults *faults, const char *service)
{
    int64_t clock_ms = 0;
    pthread_mutex_lock(&faults->lock);
    for (int i = 0; i < faults->count && !clock_ms; i++) {
        struct rule *rule = &faults->rules[i];
        if (!rule->fault.clock_ms || !names(rule->fault.service, service))
            continue;
        clock_ms = rule->fault.clock_ms;
        rule->seen++;
        rule->applied++;
    }
    pthread_mutex_unlock(&faults->lock);
    return clock_ms;
}

bool faults_match(struct faults *faults, const char *service, const char *operation, const struct request *req,
                  struct fault *fault)
{
    bool is_hit = false;
    pthread_mutex_lock(&faults->lock);
    for (int i = 0; i < faults->count && !is_hit; i++) {
        struct rule *rule = &faults->rules[i];
        const struct fault *want = &rule->fault;
        if (want->clock_ms || want->count == 0 || !names(want->service, service) ||
            !names(want->operation, operation) || (*want->prefix && !has_prefix(req, want->prefix)))
            continue;
        rule->seen++;
        if (!draws(want->rate))
            continue;
        rule->applied++;
        *fault = *want;
        if (want->count > 0)
            rule->fault.count--;
        is_hit = true;
    }
    pthread_mutex_unlock(&faults->lock);
    return is_hit;
}
