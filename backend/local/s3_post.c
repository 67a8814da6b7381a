/* PostObject: a browser's multipart/form-data upload, its fields taken as the headers of a PutObject. Who may is
 * s3_post_policy.c's. ("POST Object" and "Browser-based uploads using POST", S3 API Reference.) */
#include "backend/local/s3_post.h"
#include "backend/base/uri.h"
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FIELD_MAX = 64 * 1024, BOUNDARY_MAX = 200 };

/* The form as bytes: the request's buffer, or its file mapped. */
static bool open_form(struct s3_call *call, struct s3_form *form)
{
    const struct request *req = call->req;
    form->size = (size_t)req->body_len;
    if (!req->body_file[0]) {
        form->bytes = buf_text(&req->body);
        return true;
    }
    int fd = open(req->body_file, O_RDONLY | O_CLOEXEC);
    void *map = fd >= 0 && form->size ? mmap(NULL, form->size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    if (fd >= 0)
        close(fd);
    form->is_mapped = map != MAP_FAILED;
    form->bytes = form->is_mapped ? map : "";
    return form->is_mapped || s3_fail(call, S3_MALFORMED_POST);
}

static void close_form(struct s3_form *form)
{
    if (form->is_mapped)
        munmap((void *)(uintptr_t)form->bytes, form->size);
    pairs_done(&form->fields);
}

static bool find_boundary(struct s3_call *call, char out[BOUNDARY_MAX + 8])
{
    const char *type = s3_call_header(call, "content-type");
    const char *at = type ? strcasestr(type, "boundary=") : NULL;
    if (!at)
        return s3_fail(call, S3_MALFORMED_POST);
    at += strlen("boundary=");
    bool quoted = *at == '"';
    at += quoted;
    size_t len = strcspn(at, quoted ? "\"" : "; ");
    if (len == 0 || len > BOUNDARY_MAX)
        return s3_fail(call, S3_MALFORMED_POST);
    snprintf(out, BOUNDARY_MAX + 8, "\r\n--%.*s", (int)len, at);
    return true;
}

/* A quoted parameter of a part's Content-Disposition into the arena; NULL when absent. */
static const char *parameter(struct s3_call *call, const char *head, const char *name)
{
    char key[24];
    snprintf(key, sizeof key, "%s=\"", name);
    size_t len = strlen(key);
    for (const char *at = strcasestr(head, key); at; at = strcasestr(at + 1, key)) {
        if (at > head && (isalnum((unsigned char)at[-1]) || at[-1] == '*'))
            continue; /* the tail of "filename" is not "name" */
        return arena_strndup(call->arena, at + len, strcspn(at + len, "\""));
    }
    return NULL;
}

static bool take_part(struct s3_call *call, struct s3_form *form, const char *head, const char *value, size_t len)
{
    const char *name = parameter(call, head, "name");
    if (!name || !*name)
        return s3_fail(call, S3_MALFORMED_POST);
    if (strcasecmp(name, "file") == 0) {
        form->file = value;
        form->file_len = len;
        form->file_name = parameter(call, head, "filename");
        const char *type = strcasestr(head, "content-type:");
        if (type)
            form->file_type = arena_strndup(call->arena, type + 13 + strspn(type + 13, " "),
                                            strcspn(type + 13 + strspn(type + 13, " "), "\r"));
        return true;
    }
    if (len > FIELD_MAX)
        return s3_fail_text(call, S3_MALFORMED_POST, "The field %.64s is longer than its maximum.", name);
    return pairs_add(&form->fields, name, arena_strndup(call->arena, value, len)) || s3_fail(call, S3_MALFORMED_POST);
}

/* Reads the parts up to the file; what follows it is ignored, as AWS does. */
static bool parse_form(struct s3_call *call, struct s3_form *form)
{
    char boundary[BOUNDARY_MAX + 8];
    if (!find_boundary(call, boundary))
        return false;
    size_t mark = strlen(boundary);
    const char *at = form->bytes, *end = at + form->size;
    /* the first boundary has no line end in front of it */
    if (form->size < mark || memcmp(at, boundary + 2, mark - 2) != 0)
        return s3_fail(call, S3_MALFORMED_POST);
    at += mark - 2;
    while (!form->file && end - at > 2 && memcmp(at, "--", 2) != 0) {
        const char *head = memmem(at, (size_t)(end - at), "\r\n", 2);
        const char *value = head ? memmem(head, (size_t)(end - head), "\r\n\r\n", 4) : NULL;
        const char *next = value ? memmem(value + 2, (size_t)(end - value - 2), boundary, mark) : NULL;
        if (!next || value - head > FIELD_MAX)
            return s3_fail(call, S3_MALFORMED_POST);
        value += 4;
        const char *head_text = arena_strndup(call->arena, head, (size_t)(value - head));
        if (!take_part(call, form, head_text, value, next > value ? (size_t)(next - value) : 0))
            return false;
        at = next + mark;
    }
    return true;
}

/* The key with ${filename} filled in. */
static bool take_key(struct s3_call *call, const struct s3_form *form)
{
    const char *key = pairs_get(&form->fields, "key");
    if (!key || !*key)
        return s3_fail_argument(call,
                                "Bucket POST must contain a field named 'key'.  If it is specified, please check "
                                "the order of the fields.",
                                "key", "");
    if (!form->file)
        return s3_fail_argument(call, "POST requires exactly one file upload per request.", "file", "0");
    const char *hole = strstr(key, "${filename}");
    const char *name = form->file_name ? form->file_name : "";
    const char *slash = strrchr(name, '/');
    name = slash ? slash + 1 : name; /* old browsers send the whole path */
    call->key = hole ? arena_printf(call->arena, "%.*s%s%s", (int)(hole - key), key, name, hole + strlen("${filename}"))
                     : arena_strdup(call->arena, key);
    if (!*call->key || !s3_text_is_utf8(call->key))
        return s3_fail(call, S3_INVALID_URI);
    return strlen(call->key) <= S3_KEY_MAX || s3_fail(call, S3_KEY_TOO_LONG);
}

/* The form's fields under their header names, so that a PutObject's readers find them. */
static bool as_headers(struct s3_call *call, struct s3_form *form)
{
    const char *acl = pairs_get(&form->fields, "acl");
    if (acl && !pairs_set(&form->fields, "x-amz-acl", acl))
        return s3_fail(call, S3_MALFORMED_POST);
    if (!pairs_get(&form->fields, "content-type") && form->file_type)
        pairs_set(&form->fields, "content-type", form->file_type);
    for (size_t i = 0; i < form->fields.count; i++) {
        if (strncasecmp(form->fields.items[i].name, "x-amz-meta-", 11) == 0 &&
            strpbrk(form->fields.items[i].value, "\r\n"))
            return s3_fail_argument(call, "Header value cannot be represented", form->fields.items[i].name, "");
    }
    return true;
}

struct post {
    struct s3_call *call;
    struct s3_object object;
    struct s3_body body;
};

static bool post_work(struct db *db, void *context, struct err *err)
{
    struct post *post = context;
    return s3_object_commit(post->call, db, &post->object, &post->body, err);
}

static bool read_tags(struct s3_call *call, const struct s3_form *form, const char **tags)
{
    const char *text = pairs_get(&form->fields, "tagging");
    struct err err = ERR_NONE;
    if (!text)
        return true;
    struct xml_node *root = xml_parse(call->arena, text, strlen(text), &err);
    return root ? s3_tags_from_xml(call, root, 10, tags) : s3_fail(call, S3_MALFORMED_XML);
}

static bool check_sent_checksum(struct s3_call *call, const struct s3_checksum_ask *ask, const struct s3_sums *sums)
{
    char found[DIGEST_BASE64];
    if (!ask->value)
        return true;
    base64_encode(sums->value[ask->kind], digest_size(ask->kind), found);
    return strcmp(found, ask->value) == 0 ||
           s3_fail_text(call, S3_BAD_DIGEST, "The %s you specified did not match the calculated checksum.",
                        s3_checksum_upper(ask->kind));
}

/* Stores the file part; call->req's headers are the form's fields by now. */
static bool store_file(struct s3_call *call, const struct s3_form *form, struct post *post)
{
    struct s3_checksum_ask ask;
    s3_checksum_ask(call->req, &ask);
    struct s3_sums sums = {.mask = 1u << DIGEST_MD5 | 1u << ask.kind};
    struct s3_piece piece = {.bytes = form->file, .size = (int64_t)form->file_len};
    struct s3_object *object = &post->object;
    object->key = call->key;
    if (!s3_headers_take(call, object, NULL) || !read_tags(call, form, &object->tags) ||
        !s3_acl_from_headers(call, &object->acl) || !s3_lock_from_headers(call, object) ||
        !s3_body_build(call, &piece, 1, &post->body, &sums))
        return false;
    object->etag = s3_etag_hex(call, sums.value[DIGEST_MD5]);
    object->checksum = s3_checksum_pack(call, ask.kind, "FULL_OBJECT", sums.value[ask.kind], 0);
    if (check_sent_checksum(call, &ask, &sums) && s3_write(call, post_work, post))
        return true;
    s3_body_discard(call, &post->body);
    return false;
}

static const char *location_of(struct s3_call *call)
{
    struct buf place = BUF_INIT(8192);
    buf_printf(&place, "http://%s/%s/", call->req->host ? call->req->host : "localhost", call->bucket_name);
    uri_encode(call->key, strlen(call->key), true, &place);
    const char *text = arena_strdup(call->arena, buf_text(&place));
    buf_done(&place);
    return text;
}

static bool redirect(struct s3_call *call, const char *url, const char *etag)
{
    struct buf to = BUF_INIT(16384);
    buf_printf(&to, "%s%cbucket=%s&key=", url, strchr(url, '?') ? '&' : '?', call->bucket_name);
    uri_encode(call->key, strlen(call->key), true, &to);
    buf_printf(&to, "&etag=%%22%s%%22", etag);
    s3_add(call, "Location", buf_text(&to));
    buf_done(&to);
    return s3_empty(call, 303);
}

static bool send_answer(struct s3_call *call, const struct s3_form *form, const struct s3_object *object)
{
    const char *url = pairs_get(&form->fields, "success_action_redirect");
    const char *status = pairs_get(&form->fields, "success_action_status");
    if (!url)
        url = pairs_get(&form->fields, "redirect"); /* its old name */
    s3_addf(call, "ETag", "\"%s\"", object->etag);
    s3_add(call, "x-amz-version-id", object->version);
    if (url && (strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0) && !strpbrk(url, "\r\n"))
        return redirect(call, url, object->etag);
    s3_add(call, "Location", location_of(call));
    if (status && strcmp(status, "200") == 0)
        return s3_empty(call, 200);
    if (!status || strcmp(status, "201") != 0)
        return s3_empty(call, 204);
    struct buf *out = s3_xml_open(call, "PostResponse");
    xml_write_element(out, "Location", location_of(call));
    xml_write_element(out, "Bucket", call->bucket_name);
    xml_write_element(out, "Key", call->key);
    s3_xml_etag(out, object->etag);
    call->answer->status = 201;
    return s3_xml_close(call, "PostResponse");
}

static bool post_form(struct s3_call *call, struct s3_form *form)
{
    struct post post = {.call = call};
    if (!open_form(call, form) || !parse_form(call, form) || !take_key(call, form) || !s3_post_allowed(call, form) ||
        !as_headers(call, form))
        return false;
    struct request *wire = call->req, fields = *call->req;
    fields.headers = form->fields;
    call->req = &fields;
    bool ok = store_file(call, form, &post) && send_answer(call, form, &post.object);
    call->req = wire;
    return ok;
}

bool s3_op_post_object(struct s3_call *call)
{
    struct s3_form form = {0};
    const char *type = s3_call_header(call, "content-type");
    if (!type || strncasecmp(type, "multipart/form-data", 19) != 0)
        return s3_fail_text(call, S3_PRECONDITION, "Bucket POST must be of the enclosure-type multipart/form-data");
    bool ok = post_form(call, &form);
    close_form(&form);
    return ok;
}
